//! Writes a table of the document's example payloads and their Rust types. A workspace test decodes
//! and encodes each of them.

use std::fmt::Write as _;

use heck::ToSnakeCase;
use serde_json::Value;

use crate::document::node::{Node, escape_pointer_token};
use crate::generate::MARK;
use crate::generate::model::{Domain, Operation, referenced_schema};

/// An example payload of the document.
struct Example {
    /// The JSON pointer to the payload in the bundled document.
    pointer: String,
    /// `request`, or the status code.
    role: String,
}

/// Returns the Rust source of the table.
pub(super) fn table(document: &Node, domains: &[&Domain]) -> String {
    let mut text = format!(
        "{MARK}\
         //! Every example payload of the document and the type it belongs to.\n\n\
         use crate::payloads::{{Example, Payload, codec}};\n\n\
         pub(crate) const EXAMPLES: &[Example] = &[\n",
    );
    for domain in domains {
        for operation in &domain.operations {
            for example in examples(document, operation) {
                let payload = payload(domain, operation, &example.role);
                let _ = write!(
                    text,
                    "    Example {{\n        name: {:?},\n        pointer: {:?},\n        \
                     payload: {payload},\n    }},\n",
                    format!("{} {}", operation.id, example.role),
                    example.pointer,
                );
            }
        }
    }
    text.push_str("];\n");
    text
}

fn payload(domain: &Domain, operation: &Operation, role: &str) -> String {
    let (kind, body) = match role {
        "request" => ("Request", &operation.request_body),
        status if status.starts_with('2') => ("Response", &operation.response_body),
        _ => return "Payload::Error".to_owned(),
    };
    match body.as_ref().map(referenced_schema) {
        Some(Some(name)) => format!(
            "Payload::{kind}(codec::<scorekit::{}::types::{name}>())",
            domain.tag.to_snake_case()
        ),
        // A list or a string without a named type: the value must survive the round trip.
        Some(None) => "Payload::Request(codec::<serde_json::Value>())".to_owned(),
        None => "Payload::Error".to_owned(),
    }
}

/// Returns every payload of an operation: of its request and of each documented status code.
fn examples(document: &Node, operation: &Operation) -> Vec<Example> {
    let base = format!(
        "/paths/{}/{}",
        escape_pointer_token(&operation.path),
        operation.method.to_lowercase()
    );
    let mut examples = Vec::new();
    media_types(
        document,
        &format!("{base}/requestBody"),
        "request",
        &mut examples,
    );
    for (status, _) in &operation.statuses {
        media_types(
            document,
            &format!("{base}/responses/{status}"),
            status,
            &mut examples,
        );
    }
    examples
}

fn media_types(document: &Node, pointer: &str, role: &str, examples: &mut Vec<Example>) {
    let Some(node) = document.pointer(pointer) else {
        return;
    };
    if let Some(target) = node
        .reference()
        .and_then(|reference| reference.strip_prefix('#'))
    {
        return media_types(document, target, role, examples);
    }
    for (media_type, content) in node
        .get("content")
        .and_then(Node::properties)
        .into_iter()
        .flatten()
    {
        let pointer = format!("{pointer}/content/{}", escape_pointer_token(media_type));
        let mut add = |pointer: String| {
            examples.push(Example {
                pointer,
                role: role.to_owned(),
            })
        };
        if content.node.get("example").is_some() {
            add(format!("{pointer}/example"));
        }
        for (name, example) in content
            .node
            .get("examples")
            .and_then(Node::properties)
            .into_iter()
            .flatten()
        {
            if example.node.get("value").is_some() {
                add(format!(
                    "{pointer}/examples/{}/value",
                    escape_pointer_token(name)
                ));
            }
        }
    }
}

/// Returns the first example of the request body of an operation.
pub(in crate::generate) fn request_example(
    document: &Node,
    operation: &Operation,
) -> Option<Value> {
    let examples = examples(document, operation);
    let request = examples.iter().find(|example| example.role == "request")?;
    Some(document.pointer(&request.pointer)?.to_value())
}
