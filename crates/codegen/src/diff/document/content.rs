//! Finds the schemas of bodies that the model of a domain does not keep: those of strings, bytes
//! and forms.

use serde_json::Value;

use super::subject::Version;
use crate::document::node::{Node, Property};
use crate::generate::model::Operation;

/// Returns the schema of the request body for the media type of an operation.
pub(super) fn of_request(version: &Version, operation: &Operation) -> Option<Value> {
    let body = version.node(operation)?.get("requestBody")?;
    let content = version.resolve(body).get("content")?.properties()?;
    let wanted = essence(&operation.request_media_type);
    let exact = content.get(&operation.request_media_type);
    let alike = || content.iter().find(|(name, _)| essence(name) == wanted);
    let only = || content.first().filter(|_| content.len() == 1);
    let member = exact
        .or_else(|| alike().map(|(_, member)| member))
        .or_else(|| only().map(|(_, member)| member))?;
    schema(version, member)
}

/// Returns the schema of the response for a status code, or else of the first success.
pub(super) fn of_response(
    version: &Version,
    operation: &Operation,
    status: Option<&str>,
) -> Option<Value> {
    let responses = version.node(operation)?.get("responses")?.properties()?;
    let is_wanted = |known: &str| match status {
        Some(status) => known == status,
        None => known.starts_with('2') || known == "default",
    };
    let (_, response) = responses.iter().find(|(known, _)| is_wanted(known))?;
    let content = version
        .resolve(&response.node)
        .get("content")?
        .properties()?;
    schema(version, content.values().next()?)
}

fn schema(version: &Version, member: &Property) -> Option<Value> {
    let schema: &Node = member.node.get("schema")?;
    Some(version.resolve(schema).to_value())
}

/// Returns a media type without its parameters.
pub(super) fn essence(media_type: &str) -> String {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Returns a media type in lower case without what says nothing: spaces, and the usual `charset`.
pub(super) fn plain(media_type: &str) -> String {
    let lower = media_type.to_ascii_lowercase();
    let parts = lower.split(';').map(str::trim);
    let parts = parts.filter(|part| !matches!(*part, "charset=utf-8" | "charset=\"utf-8\"" | ""));
    parts.collect::<Vec<_>>().join(";")
}
