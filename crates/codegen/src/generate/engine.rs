//! Runs progenitor, which turns a lowered domain, as an OpenAPI document, into Rust tokens.
//!
//! progenitor chooses the Rust type of every schema and parameter. The refining stage reads the
//! signatures of its positional methods and replaces their bodies.

use openapiv3::OpenAPI;
use proc_macro2::TokenStream;
use progenitor_impl::{GenerationSettings, Generator, TypeImpl};
use serde_json::{Map, Value, json};

use super::model::{Domain, ParameterPlace, PartFormat};
use crate::document::diagnostic::{Diagnostic, Location};

const HELP: &str =
    "write it as OpenAPI 3.0 has it, or more simply; progenitor takes most of it, but not all";

/// Runs progenitor over a lowered domain.
pub fn run(domain: &Domain) -> Result<TokenStream, Diagnostic> {
    let failed = |message: String| failed(domain, &message);
    let document = document(domain).map_err(failed)?;
    Generator::new(&settings())
        .generate_tokens(&document)
        .map_err(|error| failed(error.to_string()))
}

/// Creates the diagnostic for an error of progenitor. It points at the schema that the message
/// names, or else at the first operation of the domain.
pub(super) fn failed(domain: &Domain, message: &str) -> Diagnostic {
    let is_named = |name: &str| {
        message.contains(&format!("`{name}`")) || message.contains(&format!("{name:?}"))
    };
    let schema = domain
        .schemas
        .iter()
        .find(|(name, _)| is_named(name))
        .map(|(_, schema)| &schema.location);
    let location: Option<&Location> = schema.or(domain
        .operations
        .first()
        .map(|operation| &operation.location));
    let message = format!("the domain `{}` cannot be generated: {message}", domain.tag);
    match location {
        Some(location) => Diagnostic::new(location, message, HELP),
        None => Diagnostic::without_location(message, HELP),
    }
}

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings.with_map_type("::std::collections::BTreeMap");
    for (format, name) in [
        ("date-time", "::scorekit_core::DateTime"),
        ("date", "::scorekit_core::Date"),
    ] {
        let schema = json!({ "type": "string", "format": format });
        if let Ok(schema) = serde_json::from_value(schema) {
            settings.with_conversion::<_, std::iter::Empty<TypeImpl>>(
                schema,
                name,
                std::iter::empty(),
            );
        }
    }
    settings
}

/// Returns the document that progenitor reads. Its names are those that lowering chose. It has one
/// success response and no error bodies, because the runtime decodes those. It has no security and
/// no servers, because the runtime knows them from each operation.
fn document(domain: &Domain) -> Result<OpenAPI, String> {
    let mut paths = Map::new();
    for (number, operation) in domain.operations.iter().enumerate() {
        // The descriptor holds the path on the wire. progenitor needs a unique path in which the
        // parameters have their Rust names.
        let mut path = format!("/{number}");
        let mut parameters = Vec::new();
        for parameter in &operation.parameters {
            // The runtime also decides the location of a value. Its type is the same in a query.
            let place = match parameter.place {
                ParameterPlace::Path => "path",
                ParameterPlace::Header => "header",
                ParameterPlace::Query | ParameterPlace::Cookie | ParameterPlace::Field => "query",
                // A file always has the type `Part`.
                ParameterPlace::Part(PartFormat::File | PartFormat::Files) => continue,
                ParameterPlace::Part(_) => "query",
            };
            if parameter.place == ParameterPlace::Path {
                path.push_str(&format!("/{{{}}}", parameter.rust_name));
            }
            parameters.push(json!({
                "name": parameter.rust_name,
                "in": place,
                "required": parameter.required,
                "schema": parameter.schema,
            }));
        }
        let content = |schema: &Value| json!({ "application/json": { "schema": schema } });
        let mut response = json!({ "description": "success" });
        if let (Some(body), Value::Object(properties)) = (&operation.response_body, &mut response) {
            properties.insert("content".to_owned(), content(body));
        }
        let mut value = json!({
            "operationId": operation.method_name,
            "parameters": parameters,
            "responses": { "200": response },
        });
        if let (Some(body), Value::Object(properties)) = (&operation.request_body, &mut value) {
            properties.insert(
                "requestBody".to_owned(),
                json!({ "required": true, "content": content(body) }),
            );
        }
        paths.insert(path, json!({ operation.method.to_lowercase(): value }));
        if let Some(stream) = &operation.stream {
            let path = format!("/{number}/stream");
            let value = json!({
                "operationId": stream.method_name,
                "responses": {
                    "200": { "description": "success", "content": content(&stream.schema) },
                },
            });
            paths.insert(path, json!({ "get": value }));
        }
    }
    let document = json!({
        "openapi": "3.0.3",
        "info": { "title": domain.tag, "version": "0.0.0" },
        "paths": paths,
    });
    let mut document: OpenAPI =
        serde_path_to_error::deserialize(document).map_err(|error| error.to_string())?;
    // Schemas are most of a document, so they are read without a copy.
    let components = document.components.get_or_insert_default();
    for (name, schema) in &domain.schemas {
        let schema = serde_path_to_error::deserialize(&*schema.value)
            .map_err(|error| format!("`{name}`: {error}"))?;
        components.schemas.insert(name.clone(), schema);
    }
    Ok(document)
}
