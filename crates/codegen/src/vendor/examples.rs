//! The examples of our document after a change: properties that are required now are added, and
//! properties and values that are gone are removed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::compare::split;
use super::draft::{Ours, operations};
use super::text::{Files, Position};
use crate::document::node::Node;

/// The maximum depth of an example.
const DEEPEST: usize = 64;

/// Plans the changes of the examples of bodies, for facts that differed.
pub(super) fn plan(ours: &Ours, files: &mut Files, facts: &BTreeSet<String>) {
    let places = facts
        .iter()
        .map(|line| split(line.get(2..).unwrap_or_default()).0);
    let mut examples = Examples {
        ours,
        files,
        places: places.collect(),
        seen: BTreeSet::new(),
    };
    for operation in operations(ours) {
        let responses = operation.node.get("responses").and_then(Node::properties);
        let responses = responses.into_iter().flatten();
        let bodies = responses.map(|(_, response)| &response.node);
        let bodies = bodies.chain(operation.node.get("requestBody"));
        for body in bodies {
            let content = ours.resolve(body).get("content").and_then(Node::properties);
            for (_, media) in content.into_iter().flatten() {
                examples.media(&media.node);
            }
        }
    }
}

struct Examples<'a> {
    ours: &'a Ours,
    files: &'a mut Files,
    /// The places whose facts differed.
    places: BTreeSet<&'a str>,
    /// The examples that operations share.
    seen: BTreeSet<(std::path::PathBuf, usize, usize)>,
}

impl Examples<'_> {
    fn media(&mut self, media: &Node) {
        let Some(schema) = media.get("schema") else {
            return;
        };
        let named = media.get("examples").and_then(Node::properties);
        let named = named.into_iter().flatten();
        let named = named.filter_map(|(_, example)| self.ours.resolve(&example.node).get("value"));
        let all: Vec<_> = named.chain(media.get("example")).collect();
        for example in all {
            let (path, line, column) = example.location.key();
            if self.seen.insert((path.to_owned(), line, column)) {
                self.value(schema, example, None, 0);
            }
        }
    }

    /// Corrects an example, the entry of `parent` with a name.
    fn value(
        &mut self,
        schema: &Node,
        example: &Node,
        parent: Option<(&Node, &str)>,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return;
        }
        if let Some([only]) = schema.get("allOf").map(Node::items) {
            return self.value(only, example, parent, depth + 1);
        }
        let name = schema
            .reference()
            .and_then(|target| target.rsplit('/').next());
        let schema = self.ours.resolve(schema);
        if name.is_some()
            && schema
                .get("allOf")
                .is_some_and(|parts| parts.items().len() == 1)
        {
            return self.value(schema, example, parent, depth + 1);
        }
        if let (Some(values), Some((parent, field)), Some(name)) =
            (schema.get("enum"), parent, name)
        {
            let value = example.to_value();
            let is_known = values.items().iter().any(|known| known.to_value() == value);
            if !is_known
                && self.places.contains(name)
                && let Some(first) = values.items().first()
            {
                // An example that cannot be changed is reported by the check of the document.
                let _ = self
                    .files
                    .set(parent, field, &first.to_value(), Position::Last);
            }
        }
        for item in example.items() {
            if let Some(items) = schema.get("items") {
                self.value(items, item, None, depth + 1);
            }
        }
        let Some(fields) = schema.get("properties") else {
            return;
        };
        for (field, member) in example.properties().into_iter().flatten() {
            match fields.get(field) {
                Some(schema) => {
                    self.value(schema, &member.node, Some((example, field)), depth + 1);
                }
                None if self.has_changed(name, field) => {
                    let _ = self.files.remove(example, field);
                }
                None => {}
            }
        }
        self.required(schema, fields, example, name);
    }

    fn required(&mut self, schema: &Node, fields: &Node, example: &Node, name: Option<&str>) {
        let required = schema.get("required").map(Node::items).unwrap_or_default();
        if example.properties().is_none() {
            return;
        }
        for field in required.iter().filter_map(Node::as_str) {
            let is_missing = example.get(field).is_none();
            if is_missing
                && self.has_changed(name, field)
                && let Some(schema) = fields.get(field)
            {
                let value = scorekit_schema::example(&self.ours.value, &schema.to_value());
                let value = value.unwrap_or(Value::Null);
                let _ = self.files.set(example, field, &value, Position::Last);
            }
        }
    }

    fn has_changed(&self, name: Option<&str>, field: &str) -> bool {
        let place = name.map(|name| format!("{name}.{field}"));
        place.is_some_and(|place| self.places.contains(place.as_str()))
    }
}
