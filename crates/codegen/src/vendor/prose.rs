//! The texts and examples that differ between our document and the vendor's. They are no facts,
//! because no client depends on them, and are compared only if that is asked for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::facts::{METHODS, properties, resolve, text};
use crate::diff::Prose;

/// The deepest level of properties without a named type.
const DEEPEST: usize = 32;

/// The texts of a document: each by its place, as a fact has it, and its keyword.
type Texts = BTreeMap<(String, &'static str), String>;

/// Returns the texts that differ at the places that both documents have: `- ` for the vendor's,
/// `+ ` for ours. An operation of the vendor has our id.
pub(super) fn compare(ours: &Value, theirs: &Value, kinds: &[Prose]) -> Vec<String> {
    let [ours, theirs] = [ours, theirs].map(|document| Reader::read(document, kinds));
    let mut lines = Vec::new();
    let mut keys: Vec<_> = ours.texts.keys().chain(theirs.texts.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let (place, keyword) = key;
        let is_shared = |reader: &Reader<'_>| reader.places.contains(place);
        let [one, other] = [&theirs, &ours].map(|reader| reader.texts.get(key));
        if one == other || !is_shared(&ours) || !is_shared(&theirs) {
            continue;
        }
        for (side, text) in [("-", one), ("+", other)] {
            lines.extend(text.map(|text| format!("{side} {place}: {keyword} {text}")));
        }
    }
    lines
}

/// Reads the texts of a document.
struct Reader<'a> {
    document: &'a Value,
    keywords: Vec<&'static str>,
    texts: Texts,
    /// The places that the document has, also those without a text.
    places: std::collections::BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn read(document: &'a Value, kinds: &[Prose]) -> Self {
        let keywords = kinds.iter().flat_map(|kind| match kind {
            Prose::Descriptions => ["summary", "description"].as_slice(),
            Prose::Examples => &["example"],
        });
        let mut reader = Self {
            document,
            keywords: keywords.copied().collect(),
            texts: BTreeMap::new(),
            places: Default::default(),
        };
        for (_, item) in properties(&document["paths"]) {
            for (method, operation) in properties(item) {
                if METHODS.contains(&method.as_str()) {
                    reader.operation(item, operation);
                }
            }
        }
        for (name, schema) in properties(&document["components"]["schemas"]) {
            reader.schema(name, schema, 0);
        }
        reader
    }

    fn add(&mut self, place: &str, holder: &Value) {
        self.places.insert(place.to_owned());
        for keyword in &self.keywords {
            if let Some(text) = holder.get(*keyword).filter(|text| !text.is_null()) {
                self.texts
                    .insert((place.to_owned(), keyword), text.to_string());
            }
        }
    }

    fn operation(&mut self, item: &'a Value, operation: &'a Value) {
        let id = text(&operation["operationId"]);
        self.add(id, operation);
        let levels = [item, operation].into_iter();
        let parameters =
            levels.flat_map(|level| level["parameters"].as_array().into_iter().flatten());
        for parameter in parameters {
            let parameter = resolve(self.document, parameter);
            let (place, name) = (text(&parameter["in"]), text(&parameter["name"]));
            self.add(&format!("{id}: {place} {name}"), parameter);
        }
        if let Some(body) = operation.get("requestBody") {
            self.body(&format!("{id}: request body"), resolve(self.document, body));
        }
        for (status, response) in properties(&operation["responses"]) {
            let response = resolve(self.document, response);
            self.body(&format!("{id}: returns {status}"), response);
        }
    }

    fn body(&mut self, place: &str, body: &'a Value) {
        self.add(place, body);
        for (media, content) in properties(&body["content"]) {
            self.add(&format!("{place} {media}"), content);
        }
    }

    fn schema(&mut self, place: &str, schema: &'a Value, depth: usize) {
        self.add(place, schema);
        if depth >= DEEPEST {
            return;
        }
        for (field, property) in properties(&schema["properties"]) {
            self.schema(&format!("{place}.{field}"), property, depth + 1);
        }
        if let Some(items) = schema.get("items") {
            self.schema(&format!("{place}[]"), items, depth + 1);
        }
    }
}
