//! Enums: an answer must survive a value that the vendor adds tomorrow.

use std::collections::HashMap;

use super::{Error, Rule, Warning};
use crate::generate::load::node::Node;
use crate::lint::Findings;
use crate::lint::document::Document;

pub(super) static CLOSED: Rule = Rule {
    id: "closed-enum",
    severity: Warning,
    summary: "an enum that is not of strings, and so cannot keep a value that is added later",
    help: "only `type: string` enums take values they do not know: leave `enum` out and list the values in the description",
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
        let is_text = schema.node.get("type").and_then(Node::as_str) == Some("string");
        if !is_text {
            let message = "this enum is not of `type: string` and takes no value it does not know";
            findings.add(schema.node.key_location("enum"), message);
        } else if let Some(other) = values.items().iter().find(|value| value.as_str().is_none()) {
            let message = format!(
                "`{}` is no string, so this enum is not open",
                other.to_value()
            );
            findings.add_with_help(
                &other.location,
                message,
                "quote it if it is text, or leave a `null` to `nullable: true`",
            );
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
