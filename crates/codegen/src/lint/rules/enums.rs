//! Enums. A client must be able to read values that the vendor adds later.

use super::{Error, Rule, Warning};
use crate::collections::HashMap;
use crate::document::node::{Node, NodeValue};
use crate::lint::Findings;
use crate::lint::document::Document;

pub(super) static CLOSED: Rule = Rule {
    id: "closed-enum",
    severity: Warning,
    summary: "an enum of neither strings nor integers, which rejects values that are added later",
    help: "use `type: string` or `type: integer`, or list the values in the description only",
    check: Some(closed),
};

pub(super) static DUPLICATE: Rule = Rule {
    id: "duplicate-enum-value",
    severity: Error,
    summary: "a value that is twice in one enum",
    help: "remove one of them, or correct the one that is misspelled",
    check: Some(duplicate),
};

fn closed(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        let Some(values) = schema.node.get("enum") else {
            continue;
        };
        let is_nullable = schema.node.get("nullable").is_some_and(Node::is_true);
        // With `nullable: true`, the values must include `null`.
        let belongs = |value: &Node, is_of_type: fn(&NodeValue) -> bool| {
            is_of_type(&value.value) || is_nullable && matches!(value.value, NodeValue::Null)
        };
        let (is_of_type, what): (fn(&NodeValue) -> bool, _) =
            match schema.node.get("type").and_then(Node::as_str) {
                Some("string") => (|value| matches!(value, NodeValue::String(_)), "string"),
                Some("integer") => (
                    |value| matches!(value, NodeValue::Number(number) if !number.is_f64()),
                    "integer",
                ),
                _ => {
                    let message = "this enum rejects unknown values, because it has neither \
                               `type: string` nor `type: integer`";
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
                "`{}` is not a {what}, so this enum rejects unknown values",
                other.to_value()
            );
            let help = "quote it if it is a string; for `null`, add `nullable: true`";
            findings.add_with_help(&other.location, message, help);
        }
    }
}

fn duplicate(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        let mut seen: HashMap<String, &Node> = HashMap::default();
        for value in schema.node.get("enum").map(Node::items).unwrap_or_default() {
            let shown = value.to_value().to_string();
            match seen.get(&shown) {
                Some(first) => findings.add_with_related(
                    &value.location,
                    format!("the value {shown} is twice in this enum"),
                    &first.location,
                    "first used here",
                ),
                None => {
                    seen.insert(shown, value);
                }
            }
        }
    }
}
