//! The nodes of the document that a change is about.
//!
//! A change of the document and an item of a crate meet at a node: the change says what of it
//! differs, and the generator's records say which nodes decided the item.

use crate::generate::model::SchemaPath;

/// A node of the document, and what of it has changed.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct DocumentNode {
    /// The path of the node.
    pub path: SchemaPath,
    /// What of it has changed.
    pub facet: Facet,
}

/// What may differ between two versions of a node.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Facet {
    /// It is new.
    Added,
    /// It is removed.
    Removed,
    /// Its name, which is part of the interface.
    Name,
    /// Its type: what its values are.
    Type,
    /// Whether it may be null.
    Nullable,
    /// Whether a request or an object needs it.
    Required,
    /// Whether only requests or only responses have it.
    Access,
    /// The order of what is inside.
    Order,
    /// The property that tells the alternatives of a union apart.
    Discriminator,
    /// The resource of an operation.
    Resource,
    /// The verb of an operation.
    Verb,
    /// The pagination of an operation.
    Paging,
    /// The rules for many items in one request.
    Bulk,
}

/// Returns what of its nodes a kind of change changes. Other kinds decide no item of a crate.
pub(super) fn facets(kind: &str) -> &'static [Facet] {
    use Facet::{
        Access, Added, Bulk, Discriminator, Name, Nullable, Order, Paging, Removed, Required,
        Resource, Type, Verb,
    };
    match kind {
        "required-field-added" | "required-parameter-added" => &[Added, Required],
        "optional-field-added"
        | "optional-parameter-added"
        | "operation-added"
        | "request-media-type-added"
        | "request-body-added"
        | "response-body-added"
        | "response-added"
        | "stream-added"
        | "enum-value-added"
        | "alternative-added"
        | "schema-added"
        | "domain-added" => &[Added],
        "field-removed"
        | "parameter-removed"
        | "operation-removed"
        | "request-media-type-removed"
        | "request-body-removed"
        | "response-body-removed"
        | "response-removed"
        | "stream-removed"
        | "enum-value-removed"
        | "alternative-removed"
        | "schema-removed"
        | "domain-removed" => &[Removed],
        "field-renamed" | "operation-moved" => &[Added, Removed],
        "schema-renamed"
        | "operation-renamed"
        | "parameter-renamed"
        | "path-parameter-renamed"
        | "header-recased"
        | "parameter-moved" => &[Name],
        "type-changed"
        | "additional-properties-changed"
        | "alternatives-changed"
        | "style-changed"
        | "part-encoding-changed"
        | "media-type-changed"
        | "response-format-changed"
        | "stream-format-changed"
        | "responses-changed" => &[Type],
        "nullable-added" | "nullable-removed" => &[Nullable],
        "field-required"
        | "field-optional"
        | "parameter-required"
        | "parameter-optional"
        | "request-body-required"
        | "request-body-optional" => &[Required],
        "read-only-changed" | "write-only-changed" => &[Access],
        "fields-reordered" | "parameters-reordered" | "path-changed" => &[Order],
        "discriminator-changed" => &[Discriminator],
        "resource-changed" => &[Resource],
        "verb-changed" => &[Verb],
        "pagination-added" | "pagination-removed" | "pagination-changed" => &[Paging],
        "bulk-added" | "bulk-removed" | "bulk-changed" => &[Bulk],
        _ => &[],
    }
}

/// Returns the nodes at `paths` that a change of a kind is about.
pub(super) fn changed(kind: &str, paths: &[SchemaPath]) -> Vec<DocumentNode> {
    let mut nodes = Vec::new();
    for path in paths {
        for facet in facets(kind) {
            let node = DocumentNode {
                path: path.clone(),
                facet: *facet,
            };
            if !nodes.contains(&node) {
                nodes.push(node);
            }
        }
    }
    nodes
}
