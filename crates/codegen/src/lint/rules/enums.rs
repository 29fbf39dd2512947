//! Enums: an answer must survive a value that the vendor adds tomorrow.

use std::collections::HashMap;

use super::{Error, Rule, Warning};
use crate::document::node::{Node, NodeValue};
use crate::lint::Findings;
use crate::lint::document::Document;

pub(super) static CLOSED: Rule = Rule {
    id: "closed-enum",
    severity: Warning,
    summary: "an enum of neither strings nor integers, which cannot keep a value that is added later",
    help: "enums of `type: string` and `type: integer` take values they do not know: leave `enum` out and list the values in \
           the description",
    check: Some(closed),
};

pub(super) static DUPLICATE: Rule = Rule {
    id: "duplicate-enum-value",
    severity: Error,
    summary: "a value that stands twice in one enum",
    help: "remove one of them, or correct the one that was meant to be another",
    check: Some(duplicate),
};

fn closed(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        let Some(values) = schema.node.get("enum") else {
            continue;
        };
        let is_nullable = schema.node.get("nullable").is_some_and(Node::is_true);
        // With `nullable: true`, `null` has to be among the values.
        let belongs = |value: &Node, is_of_type: fn(&NodeValue) -> bool| {
            is_of_type(&value.value) || is_nullable && matches!(value.value, NodeValue::Null)
        };
        let (is_of_type, what): (fn(&NodeValue) -> bool, _) = match schema
            .node
            .get("type")
            .and_then(Node::as_str)
        {
            Some("string") => (|value| matches!(value, NodeValue::String(_)), "string"),
            Some("integer") => (
                |value| matches!(value, NodeValue::Number(number) if !number.is_f64()),
                "integer",
            ),
            _ => {
                let message = "this enum is neither of `type: string` nor of `type: integer`, and takes no value it \
                                   does not know";
                findings.add(schema.node.key_location("enum"), message);
                continue;
            }
        };
        let other = values
            .items()
            .iter()
            .find(|value| !belongs(value, is_of_type));
        if let Some(other) = other {
            let message = format!(
                "`{}` is no {what}, so this enum is not open",
                other.to_value()
            );
            let help = "quote it if it is text; for `null`, add `nullable: true`";
            findings.add_with_help(&other.location, message, help);
        }
    }
}

fn duplicate(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        let mut seen: HashMap<String, &Node> = HashMap::new();
        for value in schema.node.get("enum").map(Node::items).unwrap_or_default() {
            let shown = value.to_value().to_string();
            match seen.get(&shown) {
                Some(first) => findings.add_with_related(
                    &value.location,
                    format!("the value {shown} stands twice in this enum"),
                    &first.location,
                    "the first one",
                ),
                None => {
                    seen.insert(shown, value);
                }
            }
        }
    }
}
