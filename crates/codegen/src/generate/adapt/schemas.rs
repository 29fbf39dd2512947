//! Rewrites the keywords of one schema: types that do not exist, keywords of another type, enums
//! with duplicates, and lists without items.

use super::Adapter;
use crate::collections::HashSet;
use crate::document::edit::{boolean, keep, mapping, sequence, set, set_if_missing, string, take};
use crate::document::node::{Node, NodeValue, Property, UNREADABLE};

/// Names of types in other languages, with the type and the format that they mean.
const TYPES: [(&str, &str, Option<&str>); 20] = [
    ("bool", "boolean", None),
    ("date", "string", Some("date")),
    ("date-time", "string", Some("date-time")),
    ("datetime", "string", Some("date-time")),
    ("decimal", "number", None),
    ("dict", "object", None),
    ("double", "number", Some("double")),
    ("file", "string", Some("binary")),
    ("float", "number", Some("float")),
    ("int", "integer", None),
    ("int32", "integer", Some("int32")),
    ("int64", "integer", Some("int64")),
    ("list", "array", None),
    ("long", "integer", Some("int64")),
    ("map", "object", None),
    ("str", "string", None),
    ("text", "string", None),
    ("timestamp", "string", None),
    ("uri", "string", None),
    ("uuid", "string", None),
];
const KNOWN: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// Keywords, and the type that they belong to.
const OF_TYPE: [(&str, &str); 3] = [
    ("items", "array"),
    ("properties", "object"),
    ("additionalProperties", "object"),
];

/// Formats that choose a Rust type, with the type that they belong to.
const FORMATS: [(&str, &str); 7] = [
    ("date", "string"),
    ("date-time", "string"),
    ("double", "number"),
    ("float", "number"),
    ("int32", "integer"),
    ("int64", "integer"),
    ("uint64", "integer"),
];

/// Other formats of strings.
const TEXT_FORMATS: [&str; 14] = [
    "base64",
    "binary",
    "byte",
    "duration",
    "email",
    "hostname",
    "ipv4",
    "ipv6",
    "password",
    "time",
    "uri",
    "url",
    "uuid",
    "uri-reference",
];

/// Keywords that state the type of a schema.
const STATES_TYPE: [&str; 7] = [
    "allOf",
    "anyOf",
    "enum",
    "items",
    "oneOf",
    "properties",
    "additionalProperties",
];

impl Adapter {
    /// Rewrites the keywords of a schema that need no other schema to be understood.
    pub(super) fn local(&mut self, node: &mut Node, is_part: bool) {
        if node.properties().is_none() {
            let help = "it is read as any JSON value";
            self.note(&node.location.clone(), "a schema is not a mapping", help);
            *node = mapping(&node.location, []);
            return;
        }
        if node.reference().is_some() || node.get(UNREADABLE).is_some() {
            return;
        }
        self.shapes(node);
        self.kind(node);
        self.misplaced(node);
        self.format(node, is_part);
        self.enumeration(node);
        self.required(node, is_part);
        let is_array = node.get("type").and_then(Node::as_str) == Some("array");
        if is_array && node.get("items").is_none() {
            let location = node.location.clone();
            self.note(
                &location,
                "an array has no `items`",
                "its items are any JSON values",
            );
            set(node, "items", mapping(&location, []));
        }
    }

    /// Removes keywords whose values have another form than OpenAPI's.
    fn shapes(&mut self, node: &mut Node) {
        for keyword in ["nullable", "readOnly", "writeOnly", "deprecated"] {
            let text = node.get(keyword).and_then(Node::as_str).map(str::to_owned);
            if let (Some(text), Some(value)) = (text, node.get_mut(keyword)) {
                *value = boolean(&value.location, text.eq_ignore_ascii_case("true"));
            }
        }
        if let Some(name) = node
            .get("discriminator")
            .filter(|node| node.as_str().is_some())
        {
            let (location, name) = (name.location.clone(), name.clone());
            self.note(
                &location,
                "a discriminator is a string",
                "it is read as the `propertyName`",
            );
            set(
                node,
                "discriminator",
                mapping(&location, [("propertyName", name)]),
            );
        }
        let has_name = |node: &Node| node.get("propertyName").and_then(Node::as_str).is_some();
        self.keep_if(node, "discriminator", has_name);
        self.keep_if(node, "properties", |node| node.properties().is_some());
        for keyword in ["items", "additionalProperties"] {
            let is_schema = |node: &Node| {
                node.properties().is_some() || matches!(node.value, NodeValue::Bool(_))
            };
            self.keep_if(node, keyword, is_schema);
        }
        if node
            .get("items")
            .is_some_and(|items| items.properties().is_none())
        {
            take(node, "items");
        }
        for keyword in ["allOf", "oneOf", "anyOf", "enum"] {
            self.keep_if(node, keyword, |node| !node.items().is_empty());
        }
        for keyword in ["format", "description", "title", "pattern"] {
            if node
                .get(keyword)
                .is_some_and(|node| node.as_str().is_none())
            {
                take(node, keyword);
            }
        }
    }

    /// Removes a keyword unless its value passes `is_right`. Notes it.
    fn keep_if(&mut self, node: &mut Node, keyword: &str, is_right: impl Fn(&Node) -> bool) {
        if node.get(keyword).is_some_and(|value| !is_right(value))
            && let Some(property) = take(node, keyword)
        {
            let message = format!("the value of `{keyword}` is not of its form");
            self.note(&property.key, message, "the keyword is ignored");
        }
    }

    /// Replaces a type that OpenAPI does not have.
    fn kind(&mut self, node: &mut Node) {
        let Some(kind) = node.get("type") else {
            return;
        };
        let location = kind.location.clone();
        let name = kind.as_str().unwrap_or_default().to_owned();
        if KNOWN.contains(&name.as_str()) {
            return;
        }
        let lower = name.to_ascii_lowercase();
        let exact = KNOWN
            .iter()
            .find(|known| **known == lower)
            .map(|known| (*known, None));
        let known = TYPES.iter().find(|(known, ..)| *known == lower);
        let meant = exact.or(known.map(|(_, kind, format)| (*kind, *format)));
        let message = format!("`{name}` is not a type of OpenAPI");
        match meant {
            Some((kind, format)) => {
                self.note(&location, message, format!("it is read as `{kind}`"));
                set(node, "type", string(&location, kind));
                if let Some(format) = format {
                    set_if_missing(node, "format", string(&location, format));
                }
            }
            None => {
                self.note(&location, message, "the values have any type");
                take(node, "type");
            }
        }
    }

    /// Removes keywords of another type.
    fn misplaced(&mut self, node: &mut Node) {
        let kind = node.get("type").and_then(Node::as_str).map(str::to_owned);
        for (keyword, belongs_to) in OF_TYPE {
            if kind.as_deref().is_some_and(|kind| kind != belongs_to)
                && let Some(property) = take(node, keyword)
            {
                let kind = kind.as_deref().unwrap_or_default();
                let message = format!("`{keyword}` has no meaning for the type `{kind}`");
                self.note(&property.key, message, "the keyword is ignored");
            }
        }
        if kind.is_none() && node.get("items").is_some() && node.get("properties").is_none() {
            let location = node.key_location("items").clone();
            set(node, "type", string(&location, "array"));
        }
        // `not` narrows what a server accepts or sends.
        if let Some(property) = take(node, "not") {
            let message = "the keyword `not` is not checked by the client";
            self.note(&property.key, message, "the server checks it");
            keep(node, "not", &property);
        }
    }

    /// Reads a format without a type as the type that it belongs to, and removes the format of
    /// another type.
    fn format(&mut self, node: &mut Node, is_part: bool) {
        let Some(format) = node.get("format").and_then(Node::as_str) else {
            return;
        };
        let (location, format) = (node.key_location("format").clone(), format.to_owned());
        let known = FORMATS.iter().find(|(known, _)| *known == format);
        let Some(kind) = node.get("type").and_then(Node::as_str) else {
            if is_part {
                // Another part of the `allOf` states the type.
                return;
            }
            let is_stated = STATES_TYPE
                .iter()
                .any(|keyword| node.get(keyword).is_some());
            let is_string = TEXT_FORMATS.contains(&format.as_str());
            let kind = known
                .map(|(_, kind)| *kind)
                .or(is_string.then_some("string"));
            let Some(kind) = kind.filter(|_| !is_stated) else {
                take(node, "format");
                return;
            };
            let message = format!("the format `{format}` has no type");
            self.note(
                &location,
                message,
                format!("the values are of the type `{kind}`"),
            );
            set(node, "type", string(&location, kind));
            return;
        };
        let is_right = match (kind, known) {
            ("string", _) => true,
            ("integer" | "number", Some((_, belongs_to))) => *belongs_to != "string",
            (_, None) => true,
            _ => false,
        };
        if !is_right {
            let message = format!("the format `{format}` has no meaning for the type `{kind}`");
            self.note(&location, message, "it is ignored");
            take(node, "format");
        }
    }

    /// Removes duplicate values of an enum, and writes each value in the type of the enum.
    fn enumeration(&mut self, node: &mut Node) {
        let Some(property) = take(node, "enum") else {
            return;
        };
        let kind = node.get("type").and_then(Node::as_str).map(str::to_owned);
        if matches!(kind.as_deref(), Some("array" | "object")) {
            let message = "the values of an enum of lists or objects are not generated";
            self.note(&property.key, message, "any value of the type is accepted");
            keep(node, "enum", &property);
            return;
        }
        let mut seen = HashSet::default();
        let mut values = Vec::new();
        for value in property.node.items() {
            let Some(value) = self.coerced(value, kind.as_deref()) else {
                let message = "a value of an enum is not of its type";
                self.note(
                    &value.location,
                    message,
                    "any value of the type is accepted",
                );
                keep(node, "enum", &property);
                return;
            };
            if seen.insert(value.to_value().to_string()) {
                values.push(value);
            } else {
                let message = "this value of the enum is a duplicate";
                self.note(&value.location, message, "it is ignored");
            }
        }
        let location = property.node.location.clone();
        set(node, "enum", sequence(&location, values));
    }

    /// Returns a value of an enum in the type of the enum.
    fn coerced(&mut self, value: &Node, kind: Option<&str>) -> Option<Node> {
        let text = match &value.value {
            NodeValue::String(text) => text.clone(),
            NodeValue::Bool(value) => value.to_string(),
            NodeValue::Number(number) => number.to_string(),
            NodeValue::Null => return Some(value.clone()),
            NodeValue::Array(_) | NodeValue::Object(_) => return None,
        };
        let fits = match (kind, &value.value) {
            (None, _) => true,
            (Some("string"), value) => matches!(value, NodeValue::String(_)),
            (Some("integer" | "number"), value) => matches!(value, NodeValue::Number(_)),
            (Some("boolean"), value) => matches!(value, NodeValue::Bool(_)),
            _ => false,
        };
        if fits {
            return Some(value.clone());
        }
        let coerced = match kind {
            Some("string") => NodeValue::String(text),
            Some("integer" | "number") => NodeValue::Number(text.parse().ok()?),
            Some("boolean") => NodeValue::Bool(text.to_ascii_lowercase().parse().ok()?),
            _ => return None,
        };
        let kind = kind.unwrap_or_default();
        let message = "this value of the enum is not of its type";
        self.note(
            &value.location,
            message,
            format!("it is read as a value of the type `{kind}`"),
        );
        Some(Node {
            location: value.location.clone(),
            value: coerced,
        })
    }

    /// Removes required properties that no schema declares.
    fn required(&mut self, node: &mut Node, is_part: bool) {
        let is_list = node
            .get("required")
            .is_none_or(|node| matches!(node.value, NodeValue::Array(_)));
        if !is_list && let Some(property) = take(node, "required") {
            let message = "`required` is not a list of properties";
            self.note(
                &property.key,
                message,
                "it is ignored; the object around it lists them",
            );
        }
        // In an `allOf`, another part may declare them.
        let Some(fields) = node.get("properties").and_then(Node::properties) else {
            return;
        };
        let Some(required) = node.get("required") else {
            return;
        };
        if is_part || node.get("allOf").is_some() || fields.is_empty() {
            return;
        }
        let is_declared = |name: &Node| name.as_str().is_some_and(|name| fields.contains_key(name));
        let (kept, missing): (Vec<Node>, Vec<Node>) =
            required.items().iter().cloned().partition(is_declared);
        let location = required.location.clone();
        let unlisted = Property {
            key: location.clone(),
            node: sequence(&location, missing.clone()),
        };
        for name in missing {
            let message = format!(
                "the required property `{}` is not among the `properties`",
                name.as_str().unwrap_or_default()
            );
            self.note(&name.location, message, "it is ignored");
        }
        set(node, "required", sequence(&location, kept));
        if !unlisted.node.items().is_empty() {
            keep(node, "requiredProperties", &unlisted);
        }
    }
}
