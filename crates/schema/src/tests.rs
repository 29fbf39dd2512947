use serde_json::{Value, json};

use super::Converter;

fn accepts(schema: &Value, value: &Value) -> bool {
    jsonschema::draft4::is_valid(schema, value)
}

#[test]
fn annotations_and_extensions_are_left_out() {
    let schema = json!({
        "type": "object",
        "description": "A rule.",
        "example": { "id": 1 },
        "discriminator": { "propertyName": "type" },
        "x-enum-descriptions": {},
        "properties": { "example": { "type": "integer", "title": "An id" } },
        "required": ["example"],
    });
    let expected = json!({
        "type": "object",
        "properties": { "example": { "type": "integer" } },
        "required": ["example"],
    });
    assert_eq!(Converter::new().schema(&schema), expected);
}

#[test]
fn siblings_of_a_reference_are_ignored() {
    let schema = json!({ "$ref": "#/components/schemas/Rule", "type": "string" });
    let expected = json!({ "$ref": "#/components/schemas/Rule" });
    assert_eq!(Converter::new().schema(&schema), expected);
}

#[test]
fn nullable_schemas_accept_null() {
    let reference = json!({ "allOf": [{ "type": "string" }], "nullable": true });
    let schemas = [
        json!({ "type": "string", "nullable": true }),
        json!({ "type": "string", "enum": ["a"], "nullable": true }),
        json!({ "minLength": 1, "nullable": true }),
        json!({ "type": "object", "oneOf": [{ "minProperties": 1 }], "nullable": true }),
        reference,
    ];
    for schema in schemas {
        let converted = Converter::new().schema(&schema);
        assert!(accepts(&converted, &Value::Null), "{converted}");
        let mut strict = schema.clone();
        strict["nullable"] = json!(false);
        let has_type = schema.get("type").is_some() || schema.get("allOf").is_some();
        assert_eq!(
            accepts(&Converter::new().schema(&strict), &Value::Null),
            !has_type
        );
    }
}

#[test]
fn integers_carry_the_width_of_their_format() {
    let width = |schema| Converter::new().schema(&schema)[super::INTEGER_BITS].clone();
    assert_eq!(
        width(json!({ "type": "integer", "format": "int32" })),
        json!(32)
    );
    assert_eq!(
        width(json!({ "type": "integer", "format": "int64" })),
        json!(64)
    );
    assert_eq!(width(json!({ "type": "integer" })), Value::Null);
    assert_eq!(
        width(json!({ "type": "number", "format": "int32" })),
        Value::Null
    );
}

#[test]
fn closed_schemas_reject_unlisted_properties() {
    let schema = json!({
        "type": "object",
        "properties": { "inner": { "properties": { "id": {} } }, "open": { "type": "object" } },
    });
    let [outer, inner, open] = [
        json!({ "more": 1 }),
        json!({ "inner": { "more": 1 } }),
        json!({ "open": { "more": 1 } }),
    ];
    let closed = Converter::new().closed().schema(&schema);
    assert!(!accepts(&closed, &outer));
    assert!(!accepts(&closed, &inner));
    assert!(accepts(&closed, &open));
    let open = Converter::new().schema(&schema);
    assert!(accepts(&open, &outer) && accepts(&open, &inner));
}

#[test]
fn parts_of_an_all_of_know_each_others_properties() {
    let part = |name: &str| json!({ "properties": { name: {} } });
    let both = json!({ "a": 1, "b": 2 });
    let several = json!({ "allOf": [part("a"), part("b")] });
    let single = json!({ "allOf": [part("a")] });
    let closed = Converter::new().closed();
    assert!(accepts(&closed.schema(&several), &both));
    assert!(!accepts(&closed.schema(&single), &both));
}

#[test]
fn additional_properties_win_over_closed() {
    let schema = json!({ "properties": {}, "additionalProperties": { "type": "integer" } });
    let closed = Converter::new().closed().schema(&schema);
    assert!(accepts(&closed, &json!({ "more": 1 })));
    assert!(!accepts(&closed, &json!({ "more": "text" })));
}

#[test]
fn every_schema_of_a_document_is_converted_and_no_example() {
    let document = json!({
        "paths": { "/a": { "get": { "responses": { "200": { "content": {
            "application/json": {
                "schema": { "type": "string", "nullable": true },
                "example": { "schema": { "nullable": true } },
            },
        } } } } } },
        "components": { "schemas": { "schema": { "type": "integer", "nullable": true } } },
    });
    let converted = Converter::new().document(&document);
    let media = &converted["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"];
    assert_eq!(media["schema"], json!({ "type": ["string", "null"] }));
    assert_eq!(media["example"], Value::Null);
    let component = &converted["components"]["schemas"]["schema"];
    assert_eq!(component, &json!({ "type": ["integer", "null"] }));
}
