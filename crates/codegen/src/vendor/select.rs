//! The part of the vendor's document that ours describes, with our ids and tags.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::facts::{METHODS, facts, names, properties, text};
use super::needless;
use super::settings::Settings;
use crate::collections::{HashMap, HashSet};
use crate::document::diagnostic::Diagnostics;
use crate::document::node::Node;
use crate::document::{self, diagnostic::Diagnostic};

/// The maximum depth at which a reference is replaced.
const DEEPEST: usize = 64;

/// The operations of the vendor's document that have one of our tags, and what they refer to.
#[derive(Debug)]
pub(super) struct Selection {
    /// A document with these operations only. They have our operation ids and tags.
    pub(super) document: Value,
    /// The facts of this document.
    pub(super) facts: BTreeSet<String>,
    /// The number of operations of the whole document.
    pub(super) all: usize,
    /// The operations that our document lacks on purpose.
    pub(super) left_out: Vec<String>,
    /// The version in the document.
    pub(super) version: String,
}

/// Reads the vendor's document in `file`, and selects the operations that `ours` has and those of
/// its tags. An operation is known by its method and path, then by its operation id.
pub(super) fn select(
    file: &Path,
    ours: &Value,
    settings: &Settings,
) -> Result<Selection, Diagnostics> {
    let base = file.parent().unwrap_or(Path::new(""));
    let known = Known::of(ours);
    let removed = Cell::new(0);
    let loaded = document::load_part(file, base, &|root| {
        removed.set(needless::remove(root, |path, method, operation| {
            known.operation(path, method, operation, settings).is_some()
        }));
    })?;
    let vendor = &loaded.document;
    if vendor.get("paths").and_then(Node::properties).is_none() {
        return Err(Diagnostic::new(
            &vendor.location,
            format!("{} has no `paths`", file.display()),
            "pass the vendor's OpenAPI document",
        )
        .into());
    }
    let mut selector = Selector {
        vendor,
        components: Map::new(),
        seen: HashSet::default(),
    };
    let reasons = settings.reasons();
    let (mut paths, mut all, mut left_out) = (Map::new(), removed.get(), Vec::new());
    let items = vendor.get("paths").and_then(Node::properties);
    for (path, item) in items.into_iter().flatten() {
        let mut selected = Map::new();
        for (method, operation) in item.node.properties().into_iter().flatten() {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            all += 1;
            let operation = &operation.node;
            let Some((id, tag)) = known.operation(path, method, operation, settings) else {
                continue;
            };
            let route = format!("- {id}: {} {path}", method.to_uppercase());
            if reasons.contains_key(route.as_str()) {
                left_out.push(route);
                continue;
            }
            let mut value = selector.value(operation);
            value["operationId"] = id.into();
            value["tags"] = json!([tag]);
            selected.insert(method.clone(), value);
        }
        if selected.is_empty() {
            continue;
        }
        if let Some(parameters) = item.node.get("parameters") {
            selected.insert("parameters".to_owned(), selector.value(parameters));
        }
        paths.insert(path.clone(), Value::Object(selected));
    }
    let mut document = json!({"paths": paths, "components": selector.components});
    if let Some(security) = vendor.get("security") {
        document["security"] = security.to_value();
    }
    let aliases = aliases(&document, ours);
    inline(&mut document["paths"], &aliases, 0);
    inline(&mut document["components"], &aliases, 0);
    let version = vendor.pointer("/info/version").and_then(Node::as_str);
    Ok(Selection {
        facts: facts(&document, &[]),
        document,
        all,
        left_out,
        version: version.unwrap_or_default().to_owned(),
    })
}

/// Returns the vendor's schemas that only give a string, a number, a list or a map another name,
/// without those that our document names, too. A name is no statement about the API.
fn aliases(theirs: &Value, ours: &Value) -> HashMap<String, Value> {
    let schemas = properties(&theirs["components"]["schemas"]);
    let is_alias = |name: &str, schema: &Value| {
        let keywords = ["$ref", "enum", "properties", "oneOf", "anyOf", "allOf"];
        ours["components"]["schemas"].get(name).is_none()
            && schema["type"].is_string()
            && !keywords.iter().any(|keyword| schema.get(keyword).is_some())
    };
    let aliases = schemas.filter(|(name, schema)| is_alias(name, schema));
    aliases
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect()
}

/// Replaces references to aliases by what they stand for. Circles of aliases end at `depth`.
fn inline(value: &mut Value, aliases: &HashMap<String, Value>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let target = text(&value["$ref"]).strip_prefix("#/components/schemas/");
    if let Some(alias) = target.and_then(|name| aliases.get(name)) {
        *value = alias.clone();
    }
    match value {
        Value::Array(items) => {
            let items = items.iter_mut();
            items.for_each(|item| inline(item, aliases, depth + 1));
        }
        Value::Object(members) => {
            let members = members.values_mut();
            members.for_each(|member| inline(member, aliases, depth + 1));
        }
        _ => {}
    }
}

/// The operations of our document.
struct Known {
    /// The id and the tag by method and path, without the names of path parameters.
    by_route: HashMap<(String, String), (String, String)>,
    /// The tag by id.
    by_id: HashMap<String, String>,
}

impl Known {
    fn of(ours: &Value) -> Self {
        let (mut by_route, mut by_id) = (HashMap::default(), HashMap::default());
        for (path, item) in properties(&ours["paths"]) {
            for (method, operation) in properties(item) {
                if METHODS.contains(&method.as_str()) {
                    let id = text(&operation["operationId"]).to_owned();
                    let tag = text(&operation["tags"][0]).to_owned();
                    by_id.insert(id.clone(), tag.clone());
                    by_route.insert((method.clone(), shape(path)), (id, tag));
                }
            }
        }
        Self { by_route, by_id }
    }

    /// Returns our id and tag of an operation of the vendor, or `None` if it has none of our tags.
    fn operation(
        &self,
        path: &str,
        method: &str,
        operation: &Node,
        settings: &Settings,
    ) -> Option<(String, String)> {
        let described = settings.tags();
        let is_described = |tag: &String| described.contains(tag);
        if let Some((id, tag)) = self.by_route.get(&(method.to_owned(), shape(path))) {
            return is_described(tag).then(|| (id.clone(), tag.clone()));
        }
        let id = operation.get("operationId").and_then(Node::as_str)?;
        if let Some(tag) = self.by_id.get(id).filter(|tag| is_described(tag)) {
            return Some((id.to_owned(), tag.clone()));
        }
        let tags = operation.get("tags").map(Node::to_value);
        let tags = tags.unwrap_or_default();
        let tag = settings.tag(&names(&tags), path)?;
        Some((id.to_owned(), tag.to_owned()))
    }
}

/// Returns a path without the names of its parameters.
pub(super) fn shape(path: &str) -> String {
    let segments = path
        .split('/')
        .map(|segment| match segment.starts_with('{') {
            true => "{}",
            false => segment,
        });
    segments.collect::<Vec<_>>().join("/")
}

/// Copies parts of the vendor's document, with the components that they refer to.
struct Selector<'a> {
    vendor: &'a Node,
    components: Map<String, Value>,
    seen: HashSet<String>,
}

impl Selector<'_> {
    /// Returns a part of the document, and copies the components that it refers to.
    fn value(&mut self, node: &Node) -> Value {
        let value = node.to_value();
        let mut pending = vec![value.clone()];
        while let Some(part) = pending.pop() {
            match &part {
                Value::Array(items) => pending.extend(items.iter().cloned()),
                Value::Object(members) => {
                    if let Some(added) = members.get("$ref").and_then(|to| self.component(to)) {
                        pending.push(added);
                    }
                    pending.extend(members.values().cloned());
                }
                _ => {}
            }
        }
        value
    }

    /// Copies the component that a reference names. Returns it if it is new.
    fn component(&mut self, reference: &Value) -> Option<Value> {
        let pointer = reference.as_str()?.strip_prefix('#')?;
        if !self.seen.insert(pointer.to_owned()) {
            return None;
        }
        let value = self.vendor.pointer(pointer)?.to_value();
        let mut parts = pointer.strip_prefix("/components/")?.splitn(2, '/');
        let (kind, name) = (parts.next()?, parts.next()?);
        let kind = self.components.entry(kind).or_insert_with(|| json!({}));
        kind[name] = value.clone();
        Some(value)
    }
}
