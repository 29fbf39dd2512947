//! The JSON Schema of the files, for editors, from the table of kinds.

use serde_json::{Map, Value, json};

use super::kinds::{Definition, Kind, Property, Shape};
use super::shapes;

/// Returns the schema.
pub(in crate::commands) fn schema() -> Value {
    let mut lists = Map::new();
    lists.insert("$schema".to_owned(), json!({ "type": "string" }));
    for kind in Kind::TOP {
        let definition = kind.definition();
        lists.insert(definition.list.to_owned(), list(definition));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scorecards, campaigns and case projects of scorekit",
        "type": "object",
        "additionalProperties": false,
        "properties": lists,
    })
}

fn list(definition: &Definition) -> Value {
    json!({ "type": ["array", "null"], "items": thing(definition) })
}

fn thing(definition: &Definition) -> Value {
    let identity = &definition.identity;
    let text =
        |description: &str| json!({ "type": "string", "minLength": 1, "description": description });
    let mut properties = Map::new();
    properties.insert(identity.name.to_owned(), text(identity.help));
    let was = "Earlier name: the thing is renamed, not created.";
    properties.insert("was".to_owned(), text(was));
    properties.insert("id".to_owned(), text("Id of the thing on the server."));
    for property in definition.properties {
        properties.insert(property.name.to_owned(), of_property(property));
    }
    for child in definition.kind.children() {
        properties.insert(child.list.to_owned(), list(child));
    }
    let required = identity.wire.map(|_| identity.name);
    json!({
        "type": "object",
        "description": definition.about,
        "additionalProperties": false,
        "required": required.into_iter().collect::<Vec<_>>(),
        "properties": properties,
    })
}

fn of_property(property: &Property) -> Value {
    if let Some(schema) = shapes::schema(property.name) {
        let mut schema = schema.clone();
        schema["description"] = property.help.into();
        return schema;
    }
    let mut schema = match property.shape {
        Shape::Text | Shape::Reference(_) => json!({ "type": "string" }),
        Shape::Integer(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Shape::Boolean | Shape::State => json!({ "type": "boolean" }),
        Shape::Time => json!({
            "type": "string",
            "anyOf": [{ "format": "date-time" }, { "format": "date" }],
        }),
        Shape::OneOf(values) => json!({ "type": "string", "enum": values }),
        Shape::Options | Shape::References(_) => {
            json!({ "type": "array", "items": { "type": "string" } })
        }
        Shape::Object(_) => json!({ "type": "object" }),
        Shape::Objects => json!({ "type": "array", "items": { "type": "object" } }),
    };
    if property.can_be_null {
        schema["type"] = json!([schema["type"], "null"]);
    }
    schema["description"] = property.help.into();
    schema
}
