//! Schemas that refer to each other in circles. Each document is generated, checked and compared.
//! The test passes if every run ends with a result.

use std::path::Path;

use scorekit_codegen::{Generator, diff, lint};
use serde_json::{Value, json};

/// Schemas by name, with the name of the circle that they make. `X` is the response.
type Circles = Vec<(&'static str, Value)>;

fn to(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn object() -> Value {
    json!({ "type": "object", "properties": { "a": { "type": "string" } } })
}

/// Returns 14 schemas, each of which refers to all of them.
fn many(keyword: &str) -> Value {
    let parts: Vec<Value> = (0..14).map(|number| to(&format!("S{number}"))).collect();
    let mut schemas = json!({ "X": { keyword: [to("S0"), to("S1")] } });
    for number in 0..14 {
        schemas[format!("S{number}")] = json!({ keyword: parts });
    }
    schemas
}

fn circles_of_all_of() -> Circles {
    vec![
        ("allOf of itself", json!({ "X": { "allOf": [to("X")] } })),
        (
            "allOf of two",
            json!({ "X": { "allOf": [to("Y")] }, "Y": { "allOf": [to("X")] } }),
        ),
        (
            "allOf below a property",
            json!({
                "X": { "type": "object", "properties": { "c": to("A") } },
                "A": { "allOf": [to("B")] },
                "B": { "allOf": [to("A")] },
            }),
        ),
        (
            "described allOf",
            json!({
                "X": { "allOf": [to("Y"), { "description": "d" }] },
                "Y": { "nullable": true, "allOf": [to("X")] },
            }),
        ),
        (
            "allOf of objects",
            json!({ "X": { "allOf": [to("Y"), object()] }, "Y": { "allOf": [to("X"), object()] } }),
        ),
        (
            "allOf of an array",
            json!({ "X": { "allOf": [{ "type": "array", "items": to("X") }] } }),
        ),
        (
            "allOf of a map",
            json!({ "X": { "allOf": [{ "type": "object", "additionalProperties": to("X") }] } }),
        ),
        ("many extensions of each other", many("allOf")),
    ]
}

fn circles_of_lists_and_maps() -> Circles {
    vec![
        (
            "array of itself",
            json!({ "X": { "type": "array", "items": to("X") } }),
        ),
        (
            "array with an enum",
            json!({ "X": { "type": "array", "enum": [1, "a"], "items": to("X") } }),
        ),
        (
            "map of itself",
            json!({ "X": { "type": "object", "additionalProperties": to("X") } }),
        ),
        (
            "unions of arrays of themselves",
            json!({
                "X": { "type": "array", "items": { "oneOf": [to("X"), to("Y")] } },
                "Y": { "type": "array", "items": { "anyOf": [to("Y"), to("X")] } },
            }),
        ),
    ]
}

fn circles_of_unions() -> Circles {
    vec![
        ("union of itself", json!({ "X": { "oneOf": [to("X")] } })),
        (
            "nullable unions",
            json!({
                "X": { "oneOf": [to("Y"), { "type": "null" }] },
                "Y": { "oneOf": [to("X"), { "type": "null" }] },
            }),
        ),
        (
            "union of an extension of itself",
            json!({ "X": { "oneOf": [{ "allOf": [to("X"), object()] }, to("Y")] }, "Y": object() }),
        ),
        (
            "extension of a union of itself",
            json!({ "X": { "allOf": [{ "oneOf": [to("X"), to("Y")] }, object()] }, "Y": object() }),
        ),
        (
            "discriminated union of itself",
            json!({
                "X": { "oneOf": [to("X"), to("Y")], "discriminator": { "propertyName": "a" } },
                "Y": object(),
            }),
        ),
        (
            "not itself",
            json!({ "X": { "type": "string", "not": to("X") } }),
        ),
        ("many unions of each other", many("oneOf")),
    ]
}

fn circles_of_references() -> Circles {
    vec![
        ("references only", json!({ "X": to("Y"), "Y": to("X") })),
        (
            "a property that is another",
            json!({ "X": { "properties": {
                "a": { "$ref": "#/components/schemas/X/properties/b" },
                "b": { "allOf": [{ "$ref": "#/components/schemas/X/properties/a" }] },
            } } }),
        ),
    ]
}

/// Returns all circles.
fn circles() -> Circles {
    let all = [
        circles_of_all_of(),
        circles_of_lists_and_maps(),
        circles_of_unions(),
        circles_of_references(),
    ];
    all.concat()
}

fn document(schemas: &Value) -> Value {
    let schema = json!({ "$ref": "#/components/schemas/X" });
    let response = json!({
        "description": "X.",
        "content": { "application/json": { "schema": schema } },
    });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "circle", "version": "1" },
        "tags": [{ "name": "x", "description": "X." }],
        "servers": [{ "url": "https://api.example.com" }],
        "paths": { "/x": { "get": {
            "operationId": "getX",
            "tags": ["x"],
            "parameters": [{ "name": "q", "in": "query", "schema": schema }],
            "responses": { "200": response },
        } } },
        "components": { "schemas": schemas },
    })
}

#[test]
fn every_circle_ends() {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, schemas) in circles() {
        let file = directory.path().join("circle.json");
        let text = document(&schemas).to_string();
        std::fs::write(&file, text).expect("a document");
        check(name, &file);
    }
}

/// Runs every reader of documents. A result is either code or a diagnostic with a place.
fn check(name: &str, file: &Path) {
    match Generator::new(file).skip_unsupported(true).generate() {
        Ok(generation) => assert!(!generation.files().is_empty(), "{name}"),
        Err(diagnostics) => {
            let mut all = diagnostics.0.iter();
            assert!(
                all.all(|one| one.location.is_some()),
                "{name}: {diagnostics}"
            );
        }
    }
    let found = lint(file).unwrap_or_else(|diagnostics| diagnostics.0);
    assert!(found.iter().all(|one| one.location.is_some()), "{name}");
    if let Ok(report) = diff(file, file) {
        assert!(
            !report.breaks(),
            "{name}: a document breaks nothing compared with itself"
        );
    }
}
