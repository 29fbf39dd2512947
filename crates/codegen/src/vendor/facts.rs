//! The facts of a document: one line for each statement about its operations and for each one about
//! the schemas that they reach. Two documents agree if their facts do, however they are written.
//!
//! A line is a place, a colon and a statement: `GetCase: returns 404`, or `Case.status: CaseStatus
//! required`. An enum value is a line of its own, `State = "pass"`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// The methods of HTTP that a path item may have.
pub(super) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// The keywords of a value that have a fact of their own.
pub(super) const BOUNDS: [&str; 9] = [
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
    "default",
    "readOnly",
];

/// The longest chain of references that is followed.
const LONGEST_CHAIN: usize = 16;
/// The maximum depth of schemas without names that are described.
const DEEPEST: usize = 32;

/// Returns the facts of a document in which every reference is internal, such as that of
/// [`Generator::bundle`](crate::Generator::bundle).
///
/// Only the operations with one of `tags` are read, or all of them if it is empty. An operation
/// without an id is named after its method and path.
pub fn facts(document: &Value, tags: &[String]) -> BTreeSet<String> {
    let mut extractor = FactExtractor::new(document);
    for (path, item) in properties(&document["paths"]) {
        for (method, operation) in properties(item) {
            let tag = text(&operation["tags"][0]);
            let is_wanted = tags.is_empty() || tags.iter().any(|wanted| wanted == tag);
            if METHODS.contains(&method.as_str()) && is_wanted {
                extractor.operation(path, method, item, operation);
            }
        }
    }
    while let Some(name) = extractor.pending.pop() {
        extractor.schema(&name);
    }
    extractor.facts
}

/// Returns what a fact is about: the operation, or the schema.
pub(super) fn subject(fact: &str) -> &str {
    let end = fact.find([':', '.', ' ']).unwrap_or(fact.len());
    &fact[..end]
}

/// Returns the name of a schema's type as a fact has it.
pub(super) fn type_of(document: &Value, schema: &Value) -> String {
    FactExtractor::new(document).type_of(schema, 0)
}

/// Writes a document as facts.
struct FactExtractor<'a> {
    document: &'a Value,
    facts: BTreeSet<String>,
    /// The names of the schemas that an operation reaches.
    schemas: BTreeSet<String>,
    /// Those of them that are not written yet.
    pending: Vec<String>,
}

impl<'a> FactExtractor<'a> {
    fn new(document: &'a Value) -> Self {
        Self {
            document,
            facts: BTreeSet::new(),
            schemas: BTreeSet::new(),
            pending: Vec::new(),
        }
    }

    fn add(&mut self, fact: String) {
        self.facts.insert(fact);
    }

    fn operation(&mut self, path: &str, method: &str, item: &'a Value, operation: &'a Value) {
        let route = format!("{} {path}", method.to_uppercase());
        let id = operation["operationId"].as_str().unwrap_or(&route);
        self.add(format!("{id}: {route}"));
        self.add(format!("{id}: domain {}", text(&operation["tags"][0])));
        if operation["deprecated"] == true {
            self.add(format!("{id}: deprecated"));
        }
        // Datadog's documents say `x-unstable`, with a sentence.
        if operation["x-preview"] == true || operation["x-unstable"].is_string() {
            self.add(format!("{id}: preview"));
        }
        let parameters = [item, operation]
            .into_iter()
            .flat_map(|level| level["parameters"].as_array().into_iter().flatten());
        for parameter in parameters {
            let parameter = resolve(self.document, parameter);
            let (place, name) = (text(&parameter["in"]), text(&parameter["name"]));
            let required = parameter["required"] == true && place != "path";
            let place = format!("{id}: {place} {name}");
            self.value(&place, &parameter["schema"], required, parameter);
        }
        if let Some(body) = operation.get("requestBody") {
            let body = resolve(self.document, body);
            let ty = self.body(body).unwrap_or_default();
            let required = match body["required"] == true {
                true => " required",
                false => "",
            };
            self.add(format!("{id}: request body {ty}{required}"));
        }
        for (status, response) in properties(&operation["responses"]) {
            let ty = self.body(resolve(self.document, response));
            match ty {
                Some(ty) if status.starts_with('2') => {
                    self.add(format!("{id}: returns {status} with {ty}"));
                }
                Some(ty) => {
                    self.add(format!("{id}: returns {status}"));
                    self.add(format!("{id}: errors as {ty}"));
                }
                None => self.add(format!("{id}: returns {status}")),
            }
        }
        for alternative in security(self.document, operation) {
            self.add(format!("{id}: security {alternative}"));
        }
        let sites = operation["x-unavailable-sites"].as_array();
        for site in sites.into_iter().flatten().map(text) {
            self.add(format!("{id}: unavailable on {site}"));
        }
        self.pagination(id, &operation["x-pagination"]);
    }

    fn pagination(&mut self, id: &str, pagination: &Value) {
        if pagination.is_null() {
            return;
        }
        let position = match (&pagination["pageParam"], &pagination["cursorParam"]) {
            (Value::Null, Value::Null) => {
                format!("offset {}", text(&pagination["pageOffsetParam"]))
            }
            (Value::Null, cursor) => format!(
                "cursor {} from {}",
                text(cursor),
                text(&pagination["cursorPath"])
            ),
            (page, _) => {
                let start = pagination["pageStart"].as_i64().unwrap_or_default();
                format!("page {} from {start}", text(page))
            }
        };
        self.add(format!(
            "{id}: pages by {position}, size {}, items in {}",
            text(&pagination["limitParam"]),
            text(&pagination["resultsPath"]),
        ));
    }

    /// Returns the type of the JSON body of a request or a response, or the media type of another
    /// body.
    fn body(&mut self, holder: &'a Value) -> Option<String> {
        let mut all = properties(&holder["content"]);
        let json = all.find(|(media, _)| is_json(media));
        match json {
            Some((_, content)) => Some(self.type_of(&content["schema"], 0)),
            None => properties(&holder["content"])
                .next()
                .map(|(media, _)| media.clone()),
        }
    }

    fn schema(&mut self, name: &str) {
        let schema = &self.document["components"]["schemas"][name];
        if let Some(values) = schema["enum"].as_array() {
            self.add(format!("{name}: enum of {}", text(&schema["type"])));
            for value in values {
                self.add(format!("{name} = {value}"));
            }
        } else if let Some((words, variants)) = union(schema) {
            let variants: Vec<_> = variants
                .iter()
                .map(|variant| self.type_of(variant, 0))
                .collect();
            self.add(format!("{name}: {words} {}", variants.join(", ")));
        } else if schema.get("properties").is_some_and(Value::is_object) {
            self.add(format!("{name}: object"));
            self.object(name, schema, 0);
        } else {
            let ty = self.type_of(schema, 0);
            self.add(format!("{name}: {ty}"));
            self.nested(name, schema, 0);
        }
    }

    /// Adds the properties of an object.
    fn object(&mut self, place: &str, schema: &'a Value, depth: usize) {
        match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => self.add(format!("{place}: closed")),
            Some(further @ Value::Object(keywords)) if !keywords.is_empty() => {
                let ty = self.type_of(further, depth);
                self.add(format!("{place}: additional properties {ty}"));
            }
            _ => {}
        }
        let required = names(&schema["required"]);
        for (field, property) in properties(&schema["properties"]) {
            let is_required = required.contains(&field.as_str());
            let place = format!("{place}.{field}");
            self.value_at(&place, property, is_required, property, depth);
        }
    }

    fn value(&mut self, place: &str, schema: &'a Value, required: bool, holder: &Value) {
        self.value_at(place, schema, required, holder, 0);
    }

    /// Adds a parameter or a property: its type and flags, then a fact for each of its bounds. A
    /// bound of a named type is one of each value that has no such bound of its own.
    fn value_at(
        &mut self,
        place: &str,
        schema: &'a Value,
        required: bool,
        holder: &Value,
        depth: usize,
    ) {
        let mut line = format!("{place}: {}", self.type_of(schema, depth));
        let named = named(self.document, schema);
        for (flag, holds) in [
            ("required", required),
            (
                "deprecated",
                holder["deprecated"] == true || named["deprecated"] == true,
            ),
            ("nullable", schema["nullable"] == true || is_nullable(named)),
        ] {
            if holds {
                line.push(' ');
                line.push_str(flag);
            }
        }
        self.add(line);
        for bound in BOUNDS {
            if let Some(value) = schema.get(bound).or_else(|| named.get(bound)) {
                self.add(format!("{place}: {bound} {value}"));
            }
        }
        self.nested(place, schema, depth);
    }

    /// Adds the properties and values of a schema without a name.
    fn nested(&mut self, place: &str, schema: &'a Value, depth: usize) {
        if depth >= DEEPEST || schema.get("$ref").is_some() {
            return;
        }
        for value in schema["enum"].as_array().into_iter().flatten() {
            self.add(format!("{place} = {value}"));
        }
        if schema.get("properties").is_some_and(Value::is_object) {
            self.object(place, schema, depth + 1);
        }
        if let Some(items) = schema.get("items") {
            self.nested(&format!("{place}[]"), items, depth + 1);
        }
    }

    /// Returns the name of a schema, or a description of one without a name.
    fn type_of(&mut self, schema: &'a Value, depth: usize) -> String {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
            if self.schemas.insert(name.clone()) {
                self.pending.push(name.clone());
            }
            return name;
        }
        if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.type_of(only, depth);
        }
        if depth >= DEEPEST {
            return "any".to_owned();
        }
        if let Some((words, variants)) = union(schema) {
            let variants: Vec<_> = variants
                .iter()
                .map(|variant| self.type_of(variant, depth + 1))
                .collect();
            return format!("{words} {}", variants.join(", "));
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("array"), _) => format!("[{}]", self.type_of(&schema["items"], depth + 1)),
            (Some("object"), _) if schema.get("properties").is_some() => {
                let fields: Vec<_> = properties(&schema["properties"])
                    .map(|(name, _)| name.as_str())
                    .collect();
                format!("object of {}", fields.join(", "))
            }
            (Some("object"), _) => {
                let values = match schema.get("additionalProperties") {
                    Some(values @ Value::Object(schema)) if !schema.is_empty() => {
                        self.type_of(values, depth + 1)
                    }
                    _ => "any".to_owned(),
                };
                format!("map of {values}")
            }
            (Some("string"), Some(format @ ("date" | "date-time" | "uuid"))) => format.to_owned(),
            (Some("integer"), format) => format.unwrap_or("int64").to_owned(),
            (Some("number"), _) => "double".to_owned(),
            (Some(other), _) => other.to_owned(),
            (None, _) => "any".to_owned(),
        }
    }
}

/// Returns the alternatives of a union, and the words for its kind.
fn union(schema: &Value) -> Option<(&'static str, &Vec<Value>)> {
    [
        ("oneOf", "one of"),
        ("anyOf", "any of"),
        ("allOf", "all of"),
    ]
    .into_iter()
    .find_map(|(keyword, words)| Some((words, schema.get(keyword)?.as_array()?)))
    .filter(|(_, variants)| variants.len() > 1 || schema.get("allOf").is_none())
}

/// Returns the alternatives of an operation's credentials, each with its scopes.
pub(super) fn security(document: &Value, operation: &Value) -> Vec<String> {
    let alternatives = operation.get("security").or(document.get("security"));
    let alternatives = alternatives.and_then(Value::as_array).into_iter().flatten();
    let named = alternatives.map(|alternative| {
        let parts: BTreeMap<_, _> = properties(alternative).collect();
        let parts = parts.into_iter().map(|(scheme, scopes)| {
            let mut scopes = names(scopes);
            scopes.sort_unstable();
            match &scopes[..] {
                [] => scheme.clone(),
                scopes => format!("{scheme} ({})", scopes.join(", ")),
            }
        });
        parts.collect::<Vec<_>>().join(" and ")
    });
    named.collect()
}

/// Follows the references of a document.
pub(super) fn resolve<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let mut node = node;
    for _ in 0..LONGEST_CHAIN {
        let target = node.get("$ref").and_then(Value::as_str);
        let pointer = target.and_then(|target| target.strip_prefix('#'));
        match pointer.and_then(|pointer| document.pointer(pointer)) {
            Some(target) => node = target,
            None => break,
        }
    }
    node
}

/// Returns the schema that a `$ref` names, alone or as the only part of an `allOf`. Returns the
/// schema itself if it names none.
fn named<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["allOf"].as_array().map(Vec::as_slice) {
        Some([only]) => resolve(document, only),
        _ => resolve(document, schema),
    }
}

/// Returns true if a named schema, or an alternative of a union, takes `null`.
fn is_nullable(named: &Value) -> bool {
    let variants = named["oneOf"].as_array().into_iter().flatten();
    std::iter::once(named)
        .chain(variants)
        .any(|schema| schema["nullable"] == true)
}

/// Returns true for a media type of JSON.
pub(super) fn is_json(media: &str) -> bool {
    media == "application/json" || media.ends_with("+json")
}

/// Iterates over the properties of an object, or over nothing.
pub(super) fn properties(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// Returns the strings of a list.
pub(super) fn names(value: &Value) -> Vec<&str> {
    let values = value.as_array().into_iter().flatten();
    values.filter_map(Value::as_str).collect()
}

/// Returns a string, or the empty one for any other value.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
