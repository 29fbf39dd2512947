//! Paths of the nodes of a document, which stay the same when passes rename what they lead to.

use super::model::Operation;
use crate::document::node::escape_pointer_token;

/// The path of a schema in the document: a named schema, a parameter or a body, then the fields and
/// items that lead inside. It is independent of the Rust names that lowering chooses.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SchemaPath(String);

impl SchemaPath {
    /// Returns the path of the whole document.
    pub(crate) fn root() -> Self {
        Self(String::new())
    }

    /// Returns the path of the named schema `name`.
    pub fn named(name: &str) -> Self {
        Self("schemas".to_owned()).child(name)
    }

    /// Returns the path of the schema of a parameter.
    pub fn parameter(operation: &Operation, name: &str) -> Self {
        Self::operation(operation).child("parameters").child(name)
    }

    /// Returns the path of the schema of a request body.
    pub fn request_body(operation: &Operation) -> Self {
        Self::operation(operation).child("request")
    }

    /// Returns the path of the schema of the items of a stream next to the response body.
    pub fn stream(operation: &Operation) -> Self {
        Self::operation(operation).child("stream")
    }

    /// Returns the path of the schema of a response body. Where the responses differ by status
    /// code, this is the union of them.
    pub fn response_body(operation: &Operation) -> Self {
        Self::operation(operation).child("response")
    }

    /// Returns the path of the response for one status code, inside a response body.
    pub(crate) fn status(&self, status: &str) -> Self {
        self.child("statuses").child(status)
    }

    /// Returns the path of an operation, for the media type of its request body.
    pub fn operation(operation: &Operation) -> Self {
        let variant = operation.variant.as_deref().unwrap_or_default();
        let path = Self("operations".to_owned()).child(&operation.id);
        path.child(variant)
    }

    /// Returns the path of the field `name` of this schema.
    pub fn field(&self, name: &str) -> Self {
        self.child("properties").child(name)
    }

    /// Returns the path of the items of this list.
    pub fn items(&self) -> Self {
        self.child("items")
    }

    /// Returns the path of the values of this map.
    pub fn values(&self) -> Self {
        self.child("additionalProperties")
    }

    /// Returns the path of an alternative of this union.
    pub fn variant(&self, number: usize) -> Self {
        self.child("variants").child(&number.to_string())
    }

    /// Returns the path of the node that this one is in.
    pub(crate) fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(Self(parent.to_owned()))
    }

    /// Returns true if the text of this path begins with that of `other`.
    pub(crate) fn begins_like(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// Returns true if this is the path of a schema inside the one at `other`.
    pub fn is_inside(&self, other: &Self) -> bool {
        let rest = self.0.strip_prefix(&other.0);
        let is_root = other.0.is_empty() && !self.0.is_empty();
        is_root || rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// Returns the path of the node `token` inside the one at this path.
    pub(crate) fn child(&self, token: &str) -> Self {
        Self(format!("{}/{}", self.0, escape_pointer_token(token)))
    }
}
