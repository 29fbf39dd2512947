//! Random documents, with names and strings that try to become code. They are the same in every
//! run, and `PROPTEST_CASES` sets another number. The result is Rust that parses, or errors with
//! place and solution. Some of the generated code is compiled as well.

use proptest::prelude::*;
use proptest::sample::select;
use scorekit_codegen::generate::{Generated, Options, generate_with};
use serde_json::{Map, Value, json};

use super::{SAMPLE, is_harmless};
use crate::baseline;
use scorekit_test_support::runner;

/// The number of documents in a run, unless `PROPTEST_CASES` sets another.
const CASES: u32 = 32;
/// The number of documents that are compiled.
const SAMPLES: usize = 12;

/// Names and strings with a meaning in Rust, YAML, JSON or Markdown.
const TEXTS: [&str; 24] = [
    "",
    "a",
    "id",
    "ID",
    "type",
    "self",
    "r#fn",
    "new",
    "Option",
    "../..",
    "C:\\x",
    "a/b~1c",
    "*/ injectedIt",
    "\"; injectedIt!(); \"",
    "\"#",
    "{injectedIt}",
    "\n```\nfn injectedIt() {}\n",
    "#[injectedIt]",
    "\u{0}",
    "\u{202e}",
    "日本",
    "1",
    "-",
    "$ref",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(TEXTS.to_vec()).prop_map(str::to_owned), 4 => "[a-z]{1,6}", 1 => any::<String>()]
}

/// Returns a strategy for schemas, some of them invalid in OpenAPI.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => (select(vec!["string", "integer", "number", "boolean", "object", "array", "null"]), name())
            .prop_map(|(kind, text)| json!({"type": kind, "description": text, "default": text})),
        2 => proptest::collection::vec(name(), 0..4).prop_map(|values| json!({"type": "string", "enum": values})),
        3 => select(vec!["A", "B", "C"]).prop_map(|name| json!({"$ref": format!("#/components/schemas/{name}")})),
        1 => Just(json!({})),
        1 => (name(), name()).prop_map(|(name, text)| json!({name: text})),
        1 => (select(vec!["date", "date-time", "uuid", "binary"]), name())
            .prop_map(|(format, text)| json!({"type": "string", "format": format, "x-order": text})),
        1 => name().prop_map(|text| json!({"const": text})),
        1 => select(vec!["A", "B", "C"]).prop_map(|name| {
            let target = format!("#/components/schemas/{name}");
            json!({"$ref": target, "type": ["object", "null"], "required": ["a"]})
        }),
        1 => Just(json!({"type": ["string", "integer", "null"], "exclusiveMinimum": 1})),
        1 => Just(json!({"prefixItems": [{"type": "string"}, true], "patternProperties": {}})),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = proptest::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            4 => (proptest::collection::vec((name(), inner.clone()), 0..5), name()).prop_map(
                |(fields, required)| {
                    let fields = Map::from_iter(fields);
                    json!({"type": "object", "properties": fields, "required": [required]})
                }
            ),
            3 => proptest::collection::vec((name(), inner.clone()), 0..5)
                .prop_map(|fields| json!({"type": "object", "properties": Map::from_iter(fields)})),
            2 => inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            1 => inner.clone().prop_map(|values| json!({"type": "object", "additionalProperties": values})),
            1 => (select(vec!["allOf", "oneOf", "anyOf", "not"]), several)
                .prop_map(|(keyword, parts)| json!({keyword: parts})),
            1 => inner.prop_map(|mut schema| {
                if let Value::Object(properties) = &mut schema {
                    properties.insert("nullable".to_owned(), true.into());
                }
                schema
            }),
        ]
    })
}

/// Returns a parameter, and the segment that it adds to the path.
fn parameter() -> impl Strategy<Value = (String, Value)> {
    let parameter = |place: &str, name: String, schema: Value| {
        let required = place == "path";
        json!({"name": name, "in": place, "required": required, "schema": schema})
    };
    let anywhere = (name(), select(vec!["query", "query", "cookie"]), schema());
    let in_header = ("[A-Za-z][A-Za-z0-9-]{0,5}", schema());
    let in_path = ("[A-Za-z_][A-Za-z0-9_-]{0,5}", schema());
    let wrong = (name(), select(vec!["header", "path", "body"]), schema());
    prop_oneof![
        5 => anywhere.prop_map(move |(name, place, schema)| {
            // No parameter is nameless, other than a wrong one.
            let name = if name.is_empty() { "any".to_owned() } else { name };
            (String::new(), parameter(place, name, schema))
        }),
        2 => in_header.prop_map(move |(name, schema)| {
            (String::new(), parameter("header", name, schema))
        }),
        2 => in_path.prop_map(move |(name, schema)| {
            (format!("/{{{name}}}"), parameter("path", name, schema))
        }),
        1 => wrong.prop_map(move |(name, place, schema)| {
            (String::new(), parameter(place, name, schema))
        }),
    ]
}

/// Returns a strategy for documents, most of them valid.
fn document() -> impl Strategy<Value = Value> {
    let operation = (
        name(),
        name(),
        proptest::collection::vec(parameter(), 0..3),
        schema(),
    );
    let operations = proptest::collection::vec(operation, 1..4);
    (operations, [schema(), schema(), schema()], name()).prop_map(|(operations, schemas, text)| {
        let paths = operations.into_iter().enumerate().map(|(number, operation)| {
            let (id, tag, parameters, schema) = operation;
            let (segments, mut parameters): (Vec<_>, Vec<_>) = parameters.into_iter().unzip();
            parameters.dedup_by(|left, right| left["name"] == right["name"]);
            let body = json!({"application/json": {"schema": schema, "example": text}});
            let operation = json!({
                "operationId": id, "tags": [tag], "description": text, "parameters": parameters,
                "requestBody": {"content": body}, "responses": {"200": {"description": text, "content": body}},
            });
            (format!("/p{number}{}", segments.concat()), json!({"post": operation}))
        });
        let [a, b, c] = schemas;
        json!({
            "openapi": "3.0.3",
            "info": {"title": text, "version": text},
            "servers": [{"url": "https://a.example"}],
            "paths": Map::from_iter(paths),
            "components": {"schemas": {"A": a, "B": b, "C": c}},
        })
    })
}

/// Returns the result for a document; a panic of the generator is reported as one.
pub(super) fn outcome(
    document: &Value,
    skips_unsupported: bool,
) -> Result<Option<Generated>, String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let path = directory.path().join("openapi.json");
    std::fs::write(&path, document.to_string()).map_err(|error| error.to_string())?;
    let options = Options {
        uses_defaults: true,
        skips_unsupported,
        ..Options::default()
    };
    match generate_with(&path, directory.path(), &options) {
        Ok(generated) => Ok(Some(generated)),
        Err(diagnostics) if diagnostics.0.is_empty() => Err("an error without a reason".to_owned()),
        Err(diagnostics) => {
            for problem in &diagnostics.0 {
                let text = problem.render(false);

                if problem.location.is_none()
                    || problem.message.is_empty()
                    || problem.help.is_empty()
                {
                    return Err(format!(
                        "an error without a place, a reason or a way out: {text}"
                    ));
                }
            }
            Ok(None)
        }
    }
}

/// Checks that each generated file parses and has no injected code.
fn is_sound(generated: &Generated) {
    for (domain, _) in &generated.crates {
        assert!(
            domain
                .tag
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        );
    }
    for (path, text) in baseline::files(generated) {
        assert!(
            !path.contains("..") && !path.starts_with('/') && !path.contains('\\'),
            "{path}"
        );
        if path.ends_with(".rs") {
            is_harmless(&path, text);
        }
    }
}

#[test]
fn random_documents_become_code_or_errors() {
    let made = std::cell::Cell::new((0, 0));
    let property = |document: Value| {
        let (generated, rejected) = made.get();
        if let Some(found) = outcome(&document, false).map_err(TestCaseError::fail)? {
            is_sound(&found);
            made.set((generated + 1, rejected));
            return Ok(());
        }
        made.set((generated, rejected + 1));
        // The operations without an error are generated.
        if let Some(found) = outcome(&document, true).map_err(TestCaseError::fail)? {
            is_sound(&found);
        }
        Ok(())
    };
    runner(CASES)
        .run(&document(), property)
        .unwrap_or_else(|error| panic!("{error}"));
    // A document that is rejected tests little.
    let (generated, rejected) = made.get();
    assert!(
        generated > 3 * rejected,
        "{generated} generated, {rejected} rejected"
    );
}

/// Returns the code of random documents with at least three types.
pub(super) fn samples() -> Vec<Generated> {
    use proptest::strategy::ValueTree as _;

    let mut runner = runner(1);
    let mut samples = Vec::new();
    for _ in 0..400 {
        let tree = document().new_tree(&mut runner);
        let mut document = tree.expect("a document").current();
        document["info"]["title"] = format!("{SAMPLE} {}", samples.len()).into();
        let Ok(Some(generated)) = outcome(&document, true) else {
            continue;
        };
        if generated
            .crates
            .iter()
            .any(|(_, sources)| sources.types >= 3)
        {
            samples.push(generated);
        }
        if samples.len() == SAMPLES {
            return samples;
        }
    }
    panic!("{} samples", samples.len());
}
