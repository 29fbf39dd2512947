//! Random documents that are valid, with names that clash with each other, with Rust's and with
//! those of generated code. Whatever of them is accepted compiles: one batch of them is part of the
//! workspace that `compiled` checks. `PROPTEST_CASES` sets another number of documents.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use scorekit_codegen::generate::Generated;
use serde_json::{Map, Value, json};

use super::SAMPLE;
use super::properties::outcome;
use scorekit_test_support::runner;

/// The number of documents, unless `PROPTEST_CASES` sets another.
const DOCUMENTS: usize = 8;
/// The number of operations of a document.
const OPERATIONS: usize = 10;

/// Names of Rust, of the prelude, of generated code and of its imports, names that become the same
/// identifier, and names without one.
#[rustfmt::skip]
const NAMES: [&str; 96] = [
    "self", "Self", "super", "crate", "async", "await", "dyn", "gen", "try", "union", "static",
    "move", "type", "match", "fn", "in", "ref", "box", "macro", "yield", "raw", "_", "__", "1",
    "-1", "a-b", "a_b", "aB", "A B", "ab", "AB", "é", "É", "日本", "日 本", "🦀", "ß", "İ", "",
    " ", "body", "send", "with", "items", "pages", "push", "new", "set_new", "default", "clone",
    "from", "into", "core", "std", "alloc", "types", "requests", "resources", "mod", "lib",
    "client", "request", "Client", "Request", "Response", "Error", "Result", "String", "Vec", "Box",
    "Option", "Some", "None", "Ok", "Err", "Default", "Debug", "From", "Into", "BTreeMap",
    "DateTime", "Date", "Nullable", "Part", "Bytes", "Kind", "As", "F", "T", "i64", "str", "serde",
    "scorekit_core", "unknown_properties", "Unrecognized", "x\u{202e}y",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => select(NAMES.to_vec()).prop_map(str::to_owned),
        1 => select(NAMES.to_vec()).prop_map(|name| format!("{name}Argument")),
        1 => "[a-zA-Z_$. -]{1,5}",
    ]
}

/// The names of the schemas in `components`. Schemas refer to them by number.
const SCHEMAS: usize = 8;

fn reference() -> impl Strategy<Value = Value> {
    (0..SCHEMAS).prop_map(|number| json!({ "schema": number }))
}

/// Returns a strategy for schemas. A reference is a number in `schema` until the schemas have
/// names.
fn schema() -> impl Strategy<Value = Value> {
    let formats = ["date-time", "date", "uuid", "byte", "uri", "made up"];
    let leaf = prop_oneof![
        4 => Just(json!({ "type": "string" })),
        2 => (select(formats.to_vec()), name(), name()).prop_map(|(format, key, value)| {
            json!({ "type": "string", "format": format, format!("x-{key}"): value })
        }),
        2 => vec(name(), 1..5).prop_map(|values| json!({ "type": "string", "enum": values })),
        1 => vec(any::<i32>(), 1..4)
            .prop_map(|values| json!({ "type": "integer", "enum": values })),
        2 => select(vec!["integer", "number", "boolean", "object"])
            .prop_map(|kind| json!({ "type": kind })),
        3 => reference(),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let fields = vec((name(), inner.clone(), any::<bool>()), 0..6);
        prop_oneof![
            6 => (fields, any::<bool>()).prop_map(|(fields, closed)| object(&fields, closed)),
            2 => inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            1 => inner.clone().prop_map(|values| {
                json!({ "type": "object", "additionalProperties": values })
            }),
            1 => (select(vec!["oneOf", "anyOf"]), vec(inner.clone(), 1..4))
                .prop_map(|(keyword, parts)| json!({ keyword: parts })),
            1 => (reference(), inner.clone())
                .prop_map(|(base, own)| json!({ "allOf": [base, own] })),
            1 => inner.prop_map(|mut schema| {
                schema["nullable"] = true.into();
                schema
            }),
        ]
    })
}

fn object(fields: &[(String, Value, bool)], closed: bool) -> Value {
    let properties = fields.iter();
    let properties = properties.map(|(name, schema, _)| (name.clone(), schema.clone()));
    let required = fields.iter().filter(|(_, _, required)| *required);
    let required: Vec<_> = required.map(|(name, ..)| name).collect();
    let mut object = json!({ "type": "object", "properties": Map::from_iter(properties) });
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    if closed {
        object["additionalProperties"] = false.into();
    }
    object
}

/// Returns a strategy for an operation: its path and itself.
fn operation() -> impl Strategy<Value = (Vec<String>, Value)> {
    let places = select(vec!["query", "header", "cookie"]);
    let parameter = (name(), places, schema(), any::<bool>()).prop_map(
        |(name, place, schema, required)| {
            json!({ "name": name, "in": place, "schema": schema, "required": required })
        },
    );
    let media_types = select(vec![
        "application/json",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "text/plain",
        "application/octet-stream",
    ]);
    let body = (media_types, schema(), any::<bool>()).prop_map(|(media_type, schema, required)| {
        json!({ "required": required, "content": { media_type: { "schema": schema } } })
    });
    let extensions = (option::of(name()), option::of(name()), 0..4_usize);
    (
        (name(), name(), vec(name(), 0..4)),
        vec(parameter, 0..4),
        option::of(body),
        option::of(schema()),
        extensions,
    )
        .prop_map(
            |((id, tag, path), parameters, body, response, extensions)| {
                let (resource, verb, security) = extensions;
                let response =
                    response.map(|schema| json!({ "application/json": { "schema": schema } }));
                let mut operation = json!({
                    "operationId": id, "tags": [tag], "parameters": parameters,
                    "responses": { "200": { "description": "Fine." } },
                });
                if let Some(content) = response {
                    operation["responses"]["200"]["content"] = content;
                }
                if let Some(body) = body {
                    operation["requestBody"] = body;
                }
                if let (Some(resource), Some(verb)) = (resource, verb) {
                    operation["x-resource"] = resource.into();
                    operation["x-verb"] = verb.into();
                }
                operation["security"] = match security {
                    0 => json!([]),
                    1 => json!([{}]),
                    number => json!([{ SCHEMES[number]: [] }, { SCHEMES[number - 1]: [] }]),
                };
                (path, operation)
            },
        )
}

/// Security schemes whose names become one Rust name.
const SCHEMES: [&str; 4] = ["my-key", "my_key", "MY KEY", "myKey"];

fn document() -> impl Strategy<Value = Value> {
    let names = vec(name(), SCHEMAS);
    let schemas = vec(schema(), SCHEMAS);
    let operations = vec(operation(), OPERATIONS);
    (names, schemas, operations).prop_map(|(names, schemas, operations)| {
        // A name may be there twice. The key of the second gets its number.
        let names: Vec<String> = names
            .iter()
            .enumerate()
            .map(
                |(at, name)| match names.iter().position(|known| known == name) {
                    Some(first) if first < at => format!("{name}{at}"),
                    _ => name.clone(),
                },
            )
            .collect();
        let paths = operations
            .into_iter()
            .enumerate()
            .map(|(number, (path, mut operation))| {
                let mut template = format!("/p{number}");
                let mut known = Vec::new();
                for name in path.iter().filter(|name| !name.contains(['{', '}', '/'])) {
                    if !known.contains(name) && !name.trim().is_empty() {
                        template.push_str(&format!("/{{{name}}}"));
                        known.push(name.clone());
                    }
                }
                if let Some(parameters) = operation["parameters"].as_array_mut() {
                    parameters.extend(known.iter().map(|name| {
                        json!({ "name": name, "in": "path", "required": true,
                            "schema": { "type": "string" } })
                    }));
                }
                (template, json!({ "post": operation }))
            });
        let schemes = SCHEMES.map(|name| {
            let scheme =
                json!({ "type": "apiKey", "in": "header", "name": name.replace(' ', "-") });
            (name.to_owned(), scheme)
        });
        let schemas = names.iter().cloned().zip(schemas);
        let mut document = json!({
            "openapi": "3.0.3",
            "info": { "title": "hostile", "version": "1" },
            "servers": [{ "url": "https://a.example" }],
            "paths": Map::from_iter(paths),
            "components": {
                "schemas": Map::from_iter(schemas),
                "securitySchemes": Map::from_iter(schemes),
            },
        });
        refer(&mut document, &names);
        document
    })
}

/// Turns the numbers of schemas into references.
fn refer(value: &mut Value, names: &[String]) {
    match value {
        Value::Object(members) => {
            if let Some(number) = members.get("schema").and_then(Value::as_u64) {
                let name = names[usize::try_from(number).unwrap_or_default()].replace('~', "~0");
                members.remove("schema");
                let target = format!("#/components/schemas/{}", name.replace('/', "~1"));
                members.insert("$ref".to_owned(), target.into());
            }
            members.values_mut().for_each(|member| refer(member, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, names)),
        _ => {}
    }
}

/// Returns the code of the documents that are accepted, in whole or in part.
pub(super) fn samples() -> Vec<Generated> {
    let cases = std::env::var("PROPTEST_CASES").ok();
    let count = cases
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(DOCUMENTS);
    let mut runner = runner(1);
    let mut samples = Vec::new();
    let mut operations = 0;
    for _ in 0..4 * count {
        let tree = document().new_tree(&mut runner).expect("a document");
        let mut document = tree.current();
        document["info"]["title"] = format!("{SAMPLE} hostile {}", samples.len()).into();
        match outcome(&document, true) {
            Ok(Some(generated)) => {
                let crates = generated.crates.iter();
                operations += crates.map(|(_, sources)| sources.operations).sum::<usize>();
                samples.push(generated);
            }
            Ok(None) => {}
            Err(problem) => panic!("{problem}: {document}"),
        }
        if samples.len() == count {
            // Otherwise the test would check little.
            assert!(
                operations > 5 * count,
                "{operations} operations of {count} documents"
            );
            return samples;
        }
    }
    panic!("{} of {count} documents are accepted", samples.len());
}
