//! A synthetic document as large as the vendor's whole API, or a multiple of it: about 1,000
//! operations, 5,200 schemas and 108 tags. It has the same bytes in every run.
//!
//! Each resource is listed page by page, created, read, changed and deleted. Its schemas are
//! JSON:API envelopes around attributes, with enums, lists, maps and composed objects, some of them
//! shared. A few tags have many resources and most have one, as in real documents.

use std::error::Error;

use saphyr::{LoadableYamlNode, Yaml, YamlEmitter};
use serde_json::{Map, Value, json};

use crate::resource::Resource;
use crate::schemas::{shared, shared_name, tag_name, to};
use crate::size::Size;

/// Returns the document as YAML. `is_changed` adds a field to the settings of the first resource.
pub(crate) fn document(size: Size, is_changed: bool) -> Result<String, Box<dyn Error>> {
    let mut schemas = Map::new();
    let mut paths = Map::new();
    for number in 0..size.resources() {
        let resource = Resource::new(number, size);
        resource.operations(&mut paths);
        resource.schemas(&mut schemas);
    }
    for number in 0..size.shared() {
        schemas.insert(shared_name(number), shared(number));
    }
    if is_changed
        && let Some(fields) = schemas
            .get_mut(&format!("{}Settings", Resource::new(0, size).name))
            .and_then(|schema| schema.get_mut("properties")?.as_object_mut())
    {
        let field = json!({"type": "string", "description": "What was added since."});
        fields.insert("added_since".to_owned(), field);
    }
    let tags: Vec<Value> = (0..size.tags())
        .map(|tag| {
            let description = format!("Everything that belongs to area {tag}.");
            json!({"name": tag_name(tag), "description": description})
        })
        .collect();
    let mut document = json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Synthetic", "version": "1",
            "description": "Made up to measure the generator.",
        },
        "servers": [{"url": "https://api.example.com"}],
        "security": [{"apiKeyAuth": [], "appKeyAuth": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKeyAuth": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "appKeyAuth": {"type": "apiKey", "in": "header", "name": "x-application-key"},
            },
            "responses": {
                "Refused": {
                    "description": "The server refuses the request.",
                    "content": {"application/json": {"schema": to(&shared_name(0))}},
                },
            },
            "schemas": schemas,
        },
    });
    // A feature of another crate in the build can make maps keep their order.
    document.sort_all_objects();
    // JSON is YAML, too, but documents use block style.
    let json = document.to_string();
    let yaml = Yaml::load_from_str(&json)?;
    let mut text = String::new();
    YamlEmitter::new(&mut text).dump(yaml.first().ok_or("the document is empty")?)?;
    text.push('\n');
    Ok(text)
}
