//! The constructs of a schema that cannot be generated are refused here, by name and place.

use super::Reader;
use crate::generate::load::node::{Node, holds_data, holds_names};

/// Keywords that change what a schema means and that no pass lowers, with the way out.
const UNSUPPORTED: [(&str, &str); 3] = [
    ("not", "describe what is allowed instead"),
    (
        "discriminator",
        "leave it out: variants are told apart by their fields",
    ),
    ("anyOf", "use `oneOf`, or one schema with optional fields"),
];
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

impl<'a> Reader<'a> {
    /// Checks a schema and every schema written inside it.
    pub(super) fn schema(&mut self, node: &'a Node) {
        let mut pending = vec![(node, true)];
        while let Some((node, is_schema)) = pending.pop() {
            if node.reference().is_some() {
                continue;
            }
            if is_schema {
                self.one_schema(node);
            }
            for (name, member) in node.members().into_iter().flatten() {
                match name.as_str() {
                    _ if is_schema && holds_data(name) => {}
                    "properties" if is_schema => {
                        let fields = member.node.members().into_iter().flatten();
                        pending.extend(fields.map(|(_, field)| (&field.node, true)));
                    }
                    "items" | "additionalProperties" if is_schema => {
                        pending.push((&member.node, true))
                    }
                    "allOf" | "oneOf" if is_schema => {
                        pending.extend(member.node.items().iter().map(|variant| (variant, true)));
                    }
                    _ if holds_names(name) => {}
                    _ => {}
                }
            }
        }
    }

    fn one_schema(&mut self, node: &'a Node) {
        if node.members().is_none() {
            // `additionalProperties: true`
            return;
        }
        for (keyword, help) in UNSUPPORTED {
            if node.get(keyword).is_some() {
                self.error(
                    node.key_location(keyword),
                    format!("`{keyword}` is not supported"),
                    help,
                );
            }
        }
        let all_of = node.get("allOf").map(Node::items).unwrap_or_default();
        if all_of.len() > 1 || (all_of.len() == 1 && node.get("properties").is_some()) {
            self.error(
                node.key_location("allOf"),
                "`allOf` that merges several schemas is not supported",
                "write the merged fields out in one schema; `allOf` with a single `$ref` may add a description",
            );
        }
        let kind = node.get("type").and_then(Node::as_str);
        if let Some(kind) = kind.filter(|kind| !TYPES.contains(kind)) {
            let location = node.get("type").unwrap_or(node).location.clone();
            self.error(
                &location,
                format!("`{kind}` is no type of OpenAPI 3.0"),
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
        let is_text = |value: &Node| value.as_str().is_some();
        if let Some(values) = node.get("enum")
            && (kind != Some("string")
                || !values.items().iter().all(is_text)
                || values.items().is_empty())
        {
            self.error(
                node.key_location("enum"),
                "only enums of strings are supported",
                "write `type: string` and quote each value; leave a `null` to `nullable: true`",
            );
        }
    }
}
