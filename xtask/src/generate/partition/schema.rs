//! The constructs of a schema that cannot be generated are refused here, by name and place.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::Reader;
use crate::generate::identifiers::snake_case;
use crate::generate::load::node::{Member, Node, NodeValue};
use crate::generate::load::references;
use crate::generate::lower::is_alias;

/// Keywords that change what a schema means and that no pass lowers, with the way out.
const UNSUPPORTED: [(&str, &str); 3] = [
    ("not", "describe what is allowed instead"),
    (
        "discriminator",
        "leave it out where the variants differ in their JSON type; otherwise use one schema with optional fields",
    ),
    ("anyOf", "use `oneOf`, or one schema with optional fields"),
];
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
/// What may stand beside an `allOf` with one schema, and, but for `nullable`, beside a `$ref`.
const ANNOTATIONS: [&str; 9] = [
    "default",
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
];

impl<'a> Reader<'a> {
    /// Checks a schema and every schema written inside it.
    pub(super) fn schema(&mut self, node: &'a Node) {
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            let Some(members) = node.members() else {
                if !matches!(node.value, NodeValue::Bool(_)) {
                    self.error(
                        &node.location,
                        "a schema is not a mapping",
                        "write at least `{}`, which allows anything",
                    );
                }
                continue;
            };
            if node.reference().is_some() {
                self.siblings(
                    node,
                    "$ref",
                    "put the `$ref` into `allOf: [...]`, where `nullable` may stand beside it",
                );
                continue;
            }
            self.one_schema(node);
            for (name, member) in members {
                match name.as_str() {
                    "properties" => pending.extend(
                        self.mapping(node, "properties")
                            .map(|(_, field)| &field.node),
                    ),
                    "items" | "additionalProperties" => pending.push(&member.node),
                    "allOf" | "oneOf" => pending.extend(self.list(node, name)),
                    _ => {}
                }
            }
        }
    }

    fn one_schema(&mut self, node: &'a Node) {
        for (keyword, help) in UNSUPPORTED {
            if node.get(keyword).is_some() {
                self.error(
                    node.key_location(keyword),
                    format!("`{keyword}` is not supported"),
                    help,
                );
            }
        }
        if let Some(all_of) = node.get("allOf") {
            if all_of.items().len() == 1 {
                self.siblings(node, "allOf", "write the fields out in one schema");
            } else {
                self.error(
                    node.key_location("allOf"),
                    "`allOf` that merges several schemas is not supported",
                    "write the merged fields out in one schema; `allOf` with a single `$ref` may add a description",
                );
            }
        }
        let kind = node.get("type").and_then(Node::as_str);
        if let Some(name) = node
            .get("type")
            .filter(|_| !kind.is_some_and(|kind| TYPES.contains(&kind)))
        {
            let shown = name.to_value().to_string();
            self.error(
                &name.location,
                format!("{shown} is no type of OpenAPI 3.0"),
                format!("use one of {}", TYPES.join(", ")),
            );
        }
        if kind == Some("array") && node.get("items").is_none() {
            self.error(
                &node.location,
                "an array does not say what it holds",
                "add `items`; `items: {}` holds anything",
            );
        }
        for (keyword, belongs_to) in [
            ("items", "array"),
            ("properties", "object"),
            ("additionalProperties", "object"),
        ] {
            if node.get(keyword).is_some() && kind.is_some_and(|kind| kind != belongs_to) {
                let message = format!("`{keyword}` has no meaning for this type");
                self.error(
                    node.key_location(keyword),
                    message,
                    format!("remove it, or write `type: {belongs_to}`"),
                );
            }
        }
        self.enumeration(node, kind);
        self.alternatives(node);
        self.fields(node);
    }

    /// What stands beside `keyword` may describe it, but not change what it means.
    fn siblings(&mut self, node: &'a Node, keyword: &str, help: &str) {
        for (name, member) in node.members().into_iter().flatten() {
            let is_annotation =
                ANNOTATIONS.contains(&name.as_str()) && !(keyword == "$ref" && name == "nullable");
            if name != keyword && !is_annotation && !name.starts_with("x-") {
                self.error(
                    &member.key,
                    format!("`{name}` beside `{keyword}` would be lost"),
                    help,
                );
            }
        }
    }

    fn enumeration(&mut self, node: &'a Node, kind: Option<&str>) {
        if node.get("enum").is_none() {
            return;
        }
        let values = self.list(node, "enum");
        if kind != Some("string")
            || values.is_empty()
            || !values.iter().all(|value| value.as_str().is_some())
        {
            self.error(
                node.key_location("enum"),
                "only enums of strings are supported",
                "write `type: string` and quote each value; leave a `null` to `nullable: true`",
            );
        }
        let mut seen = HashSet::new();
        for value in values {
            if !seen.insert(value.as_str()) {
                self.error(
                    &value.location,
                    "this value of the enum stands twice",
                    "remove one of them",
                );
            }
        }
    }

    /// Variants are tried in order, and types are open: two of one JSON type could not be told apart.
    fn alternatives(&mut self, node: &'a Node) {
        let Some(one_of) = node.get("oneOf") else {
            return;
        };
        if node.get("properties").is_some() {
            let help = "move the fields into each variant";
            self.error(
                node.key_location("properties"),
                "`properties` beside `oneOf` is not supported",
                help,
            );
        }
        let mut seen: HashMap<String, &Node> = HashMap::new();
        for variant in one_of.items() {
            let kind = self.json_type(variant, 0);
            if let Some(first) = seen.insert(kind.clone(), variant) {
                self.errors.push(
                    crate::diagnostic::Diagnostic::new(
                        &variant.location,
                        format!("two variants of this `oneOf` are of the type {kind} and cannot be told apart"),
                        "make them one schema with optional fields",
                    )
                    .with_related(&first.location, "the other one"),
                );
            }
        }
    }

    /// What a variant looks like in JSON: its type, and what a list holds.
    fn json_type(&self, node: &'a Node, depth: usize) -> String {
        let node = self.resolve(node);
        match node.get("type").and_then(Node::as_str) {
            Some("array") if depth < 4 => {
                let items = node
                    .get("items")
                    .map(|items| self.json_type(items, depth + 1));
                format!("array of {}", items.unwrap_or_default())
            }
            Some("integer") => "number".to_owned(),
            Some(kind) => kind.to_owned(),
            None => match node.get("allOf").map(Node::items) {
                Some([only]) if depth < 4 => self.json_type(only, depth + 1),
                _ => "object".to_owned(),
            },
        }
    }

    /// Fields are told apart after casing, and what is required is there.
    fn fields(&mut self, node: &'a Node) {
        let fields: Vec<(&String, &Member)> = self.mapping(node, "properties").collect();
        for required in self.list(node, "required") {
            let name = required.as_str().unwrap_or_default();
            if !fields.is_empty() && !fields.iter().any(|(known, _)| *known == name) {
                let message = format!("the required field `{name}` is not among the `properties`");
                self.error(
                    &required.location,
                    message,
                    "add it to `properties`, or remove it here",
                );
            }
        }
        let mut taken: HashMap<String, &Member> = HashMap::new();
        for (name, member) in fields {
            let rust_name = snake_case(name, "field");
            if let Some(first) = taken.insert(rust_name, member) {
                self.errors.push(
                    crate::diagnostic::Diagnostic::new(
                        &member.key,
                        format!("the field `{name}` and another become the same Rust field"),
                        "a field must differ from the others in more than case and punctuation",
                    )
                    .with_related(&first.key, "the other one"),
                );
            }
        }
        let takes_all = node
            .get("additionalProperties")
            .is_some_and(|value| !matches!(value.value, NodeValue::Bool(false)));
        for (name, why) in [
            ("extra", "the field for all other members"),
            ("set_new", "the setter of the field `new`"),
        ] {
            let clashes = if name == "extra" {
                takes_all
            } else {
                taken.contains_key("new")
            };
            if let Some(member) = taken.get(name).filter(|_| clashes) {
                let message = format!("the field `{name}` has the name of {why}");
                self.error(&member.key, message, "leave the one or the other out");
            }
        }
    }

    /// Names of lists and maps that contain themselves through such names alone have no Rust type.
    pub(super) fn circular_aliases(&mut self) {
        let Some(schemas) = self
            .document
            .pointer("/components/schemas")
            .and_then(Node::members)
        else {
            return;
        };
        let aliases: HashMap<&str, Vec<&str>> = schemas
            .iter()
            .filter(|(_, member)| matches!(member.node.to_value(), value @ Value::Object(_) if is_alias(&value)))
            .map(|(name, member)| (name.as_str(), references(&member.node, "schemas")))
            .collect();
        for (name, member) in schemas {
            let mut pending: Vec<&str> = aliases
                .get(name.as_str())
                .into_iter()
                .flatten()
                .copied()
                .collect();
            let mut seen = HashSet::new();
            while let Some(next) = pending.pop() {
                if next == name {
                    let message =
                        format!("`{name}` contains itself and nothing that has a name of its own");
                    self.error(
                        &member.key,
                        message,
                        "make one of the schemas an object with `properties`",
                    );
                    break;
                }
                if seen.insert(next) {
                    pending.extend(aliases.get(next).into_iter().flatten());
                }
            }
        }
    }
}
