//! The bundled document and its operations.

use serde_json::{Map, Value};

use crate::workspace::workspace;

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Reads the document as one JSON value, as the sandbox has it.
pub fn bundle() -> Value {
    let path = workspace().join("crates/sandbox/openapi.json");
    let text = std::fs::read_to_string(path).expect("the bundle");
    serde_json::from_str(&text).expect("JSON")
}

/// An operation of the bundled document.
pub struct DocumentedOperation {
    /// The `operationId`.
    pub id: String,
    /// The tag, which names the domain.
    pub tag: String,
    /// The method, in lower case.
    pub method: String,
    /// The path with its parameters in braces.
    pub path: String,
    /// The operation object.
    pub object: Value,
    /// True if a successful response has a body.
    pub has_response_body: bool,
    /// The parameters of the path and of the operation, without references.
    pub parameters: Vec<Value>,
}

impl DocumentedOperation {
    /// Iterates over the documented status codes.
    pub fn statuses(&self) -> impl Iterator<Item = &str> {
        let responses = self.object["responses"].as_object();
        responses
            .into_iter()
            .flat_map(Map::keys)
            .map(String::as_str)
    }
}

/// Returns every operation of a bundled document.
pub fn documented_operations(document: &Value) -> Vec<DocumentedOperation> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, object) in item.as_object().expect("a path item") {
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let parameters = [item, object]
                .into_iter()
                .flat_map(|level| level["parameters"].as_array().into_iter().flatten())
                .map(|parameter| resolve(document, parameter).clone());
            let responses = object["responses"].as_object().expect("responses");
            let has_response_body = responses.iter().any(|(status, response)| {
                let response = resolve(document, response);
                status.starts_with('2') && response.get("content").is_some()
            });
            operations.push(DocumentedOperation {
                id: string(&object["operationId"]),
                tag: string(&object["tags"][0]),
                method: method.clone(),
                path: path.clone(),
                object: object.clone(),
                has_response_body,
                parameters: parameters.collect(),
            });
        }
    }
    operations
}

/// Follows the references of a bundled document.
fn resolve<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    match node.get("$ref").and_then(Value::as_str) {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').expect("a bundled document");
            resolve(document, document.pointer(pointer).expect("a target"))
        }
        None => node,
    }
}

fn string(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}
