//! Schemas that contradict themselves.

use serde_json::{Value, json};

use super::{Error, Rule};
use crate::document::node::Node;
use crate::lint::Findings;
use crate::lint::document::{Document, Role};
use crate::lint::json_schema;

pub(super) static CONTRADICTING: Rule = Rule {
    id: "contradicting-bounds",
    severity: Error,
    summary: "bounds that no value satisfies, such as a minimum above the maximum",
    help: "compare both with the vendor's page, and correct the wrong one",
    check: Some(contradicting),
};

pub(super) static DEFAULT: Rule = Rule {
    id: "invalid-default",
    severity: Error,
    summary: "a default that does not satisfy its own schema",
    help: "correct the default, or the type, enum or bounds of the schema",
    check: Some(defaults),
};

pub(super) static PATTERN: Rule = Rule {
    id: "invalid-pattern",
    severity: Error,
    summary: "a `pattern` that is not a regular expression",
    help: "write a regular expression of JavaScript (ECMA-262), without slashes around it",
    check: Some(patterns),
};

pub(super) static REQUIRED: Rule = Rule {
    id: "undeclared-required",
    severity: Error,
    summary: "an entry of `required` that is not in `properties`",
    help: "add it to `properties`, or remove it from `required`",
    check: Some(required),
};

/// Pairs of keywords: the first must not exceed the second.
const RANGES: [(&str, &str); 4] = [
    ("minimum", "maximum"),
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
];

fn contradicting(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        let node = schema.node;
        let number = |name: &str| node.get(name).and_then(|value| value.to_value().as_f64());
        for (low, high) in RANGES {
            let (Some(least), Some(most)) = (number(low), number(high)) else {
                continue;
            };
            let is_exclusive = |name: &str| node.get(name).is_some_and(Node::is_true);
            let open = low == "minimum"
                && (is_exclusive("exclusiveMinimum") || is_exclusive("exclusiveMaximum"));
            if least > most || (open && least == most) {
                let message = format!("no value has a `{low}` of {least} and a `{high}` of {most}");
                let (low, high) = (node.key_location(low), node.key_location(high));
                findings.add_with_related(low, message, high, "the other bound");
            }
        }
        for (name, value) in [
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "multipleOf",
        ]
        .into_iter()
        .filter_map(|name| Some((name, number(name)?)))
        {
            if value < 0.0 || (name == "multipleOf" && value == 0.0) {
                let message = format!("`{name}` cannot be {value}");
                findings.add(node.key_location(name), message);
            }
        }
        if node
            .get("enum")
            .is_some_and(|values| values.items().is_empty())
        {
            findings.add(node.key_location("enum"), "this enum has no values");
        }
    }
}

fn defaults(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        // Another rule reports a default next to a `$ref`.
        let Some(default) = schema
            .node
            .get("default")
            .filter(|_| schema.node.reference().is_none())
        else {
            continue;
        };
        for (place, problem) in json_schema::problems(document, schema.node, default) {
            findings.add(
                place,
                format!("the default does not satisfy its schema: {problem}"),
            );
        }
    }
}

fn patterns(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        let Some(pattern) = schema.node.get("pattern") else {
            continue;
        };
        let schema = json!({ "type": "string", "pattern": pattern.to_value() });
        if !matches!(schema["pattern"], Value::String(_))
            || jsonschema::draft4::new(&schema).is_err()
        {
            findings.add(
                &pattern.location,
                "the `pattern` is not a regular expression",
            );
        }
    }
}

fn required(document: &Document<'_>, findings: &mut Findings) {
    for schema in &document.schemas {
        let node = schema.node;
        // A part of an `allOf` may require what another part declares.
        let is_merged = ["allOf", "oneOf", "anyOf"]
            .iter()
            .any(|keyword| node.get(keyword).is_some());
        let fields = node.get("properties").and_then(Node::properties);
        let Some(fields) = fields.filter(|_| !is_merged && schema.role != Role::Merged) else {
            continue;
        };
        for required in node.get("required").map(Node::items).unwrap_or_default() {
            let name = required.as_str().unwrap_or_default();
            if !fields.contains_key(name) {
                let message = format!("the required field `{name}` is not in `properties`");
                findings.add(&required.location, message);
            }
        }
    }
}
