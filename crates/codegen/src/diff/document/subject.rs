//! Documents and operations to compare, and the items of a generated crate that belong to them.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::changes::Difference;
use crate::diff::change::AffectedItem;
use crate::document::node::Node;
use crate::generate::lower::name_table::NameTable;
use crate::generate::model::{Domain, Operation, SchemaPath, referenced_schema};
use crate::generate::{Described, handle_name};

/// The methods of HTTP that a path item may have.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A document in one version.
pub(in crate::diff) struct Version<'a> {
    pub(super) domains: Vec<DomainVersion<'a>>,
    /// The document, to compare what the domains do not hold.
    pub(super) document: &'a Node,
    /// Each operation of the document by the place of its id, or else of its method.
    nodes: HashMap<Place, &'a Node>,
}

/// The file, line and column of a location.
type Place = (String, usize, usize);

/// A domain in one version of the document.
pub(super) struct DomainVersion<'a> {
    /// The domain as the document describes it.
    pub(super) domain: &'a Domain,
    /// The domain as the generator names its parts.
    pub(super) lowered: &'a Domain,
    pub(super) names: NameTable<'a>,
    /// The schemas that refer to each schema.
    pub(super) referring: HashMap<String, Vec<&'a str>>,
    /// The indexes of the operations that refer to each schema.
    pub(super) operations_with: HashMap<String, Vec<usize>>,
}

impl<'a> DomainVersion<'a> {
    fn new(domain: &'a Domain, lowered: &'a Domain) -> Self {
        let mut referring: HashMap<String, Vec<&str>> = HashMap::new();
        for (name, schema) in &domain.schemas {
            for target in references_in(&schema.value) {
                referring.entry(target).or_default().push(name);
            }
        }
        let mut operations_with: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, operation) in domain.operations.iter().enumerate() {
            let parameters = operation.parameters.iter();
            let by_status = operation.responses.iter();
            let schemas = parameters
                .map(|parameter| &parameter.schema)
                .chain(&operation.request_body)
                .chain(operation.response_schemas())
                .chain(by_status.filter_map(|response| response.schema.as_ref()));
            let targets: HashSet<String> = schemas.flat_map(references_in).collect();
            for target in targets {
                operations_with.entry(target).or_default().push(at);
            }
        }
        Self {
            domain,
            lowered,
            names: NameTable::new(lowered),
            referring,
            operations_with,
        }
    }
}

/// Returns the names of the schemas that a schema itself refers to.
fn references_in(schema: &Value) -> HashSet<String> {
    let mut found = HashSet::new();
    let mut pending = vec![schema];
    while let Some(value) = pending.pop() {
        found.extend(referenced_schema(value));
        match value {
            Value::Array(items) => pending.extend(items),
            Value::Object(members) => pending.extend(members.values()),
            _ => {}
        }
    }
    found
}

impl<'a> Version<'a> {
    pub(in crate::diff) fn new(described: &'a Described) -> Self {
        let domains = described.domains.iter();
        let domains = domains.map(|(domain, lowered)| DomainVersion::new(domain, lowered));
        Self {
            domains: domains.collect(),
            document: described.document,
            nodes: nodes(described.document),
        }
    }

    pub(super) fn domain(&self, tag: &str) -> Option<&DomainVersion<'a>> {
        self.domains
            .iter()
            .find(|version| version.domain.tag == tag)
    }

    /// Returns every operation in the order of the document.
    pub(super) fn operations(&self) -> impl Iterator<Item = OperationVersion<'_>> {
        self.domains.iter().flat_map(operations)
    }

    /// Returns the node of an operation.
    pub(super) fn node(&self, operation: &Operation) -> Option<&'a Node> {
        let (path, line, column) = operation.location.key();
        let place = (path.display().to_string(), line, column);
        self.nodes.get(&place).copied()
    }

    /// Returns the parameters that an operation itself lists: name, place and node.
    pub(super) fn parameters<'n>(&'n self, node: &'n Node) -> Vec<(&'n str, &'n str, &'n Node)> {
        let parameters = node.get("parameters").map(Node::items).unwrap_or_default();
        let parameters = parameters.iter().map(|node| self.resolve(node));
        let text = |node: &'n Node, name| node.get(name).and_then(Node::as_str).unwrap_or_default();
        parameters
            .map(|node| (text(node, "name"), text(node, "in"), node))
            .collect()
    }

    /// Returns `node`, or the component that it refers to.
    pub(super) fn resolve<'n>(&'n self, node: &'n Node) -> &'n Node {
        let mut node = node;
        for _ in 0..LONGEST_CHAIN {
            let target = node.reference().and_then(|target| target.strip_prefix('#'));
            match target.and_then(|pointer| self.document.pointer(pointer)) {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }
}

/// The maximum length of a chain of components that are only references.
const LONGEST_CHAIN: usize = 64;

fn nodes(document: &Node) -> HashMap<Place, &Node> {
    let mut nodes = HashMap::new();
    let paths = document.get("paths").and_then(Node::properties);
    for (_, item) in paths.into_iter().flatten() {
        for (method, member) in item.node.properties().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) {
                let id = member.node.get("operationId");
                let location = id.map_or(&member.key, |id| &id.location);
                let (path, line, column) = location.key();
                let place = (path.display().to_string(), line, column);
                nodes.insert(place, &member.node);
            }
        }
    }
    nodes
}

/// Returns the operations of one domain.
pub(super) fn operations<'a>(
    version: &'a DomainVersion<'_>,
) -> impl Iterator<Item = OperationVersion<'a>> {
    let lowered = version.lowered.operations.iter();
    let pairs = version.domain.operations.iter().zip(lowered);
    pairs.map(move |(operation, lowered)| OperationVersion {
        tag: &version.domain.tag,
        home: version,
        operation,
        lowered,
    })
}

/// An operation in one version of the document.
#[derive(Clone, Copy)]
pub(super) struct OperationVersion<'a> {
    pub(super) tag: &'a str,
    pub(super) home: &'a DomainVersion<'a>,
    /// The operation as the document describes it.
    pub(super) operation: &'a Operation,
    /// The operation as the generator names its parts.
    pub(super) lowered: &'a Operation,
}

impl<'a> OperationVersion<'a> {
    /// Creates a difference of this operation.
    pub(super) fn difference(self, kind: &'static str, what: impl Into<String>) -> Difference {
        let subject = format!("operation `{}`", self.operation.id);
        Difference::new(kind, subject, what, &self.operation.location)
    }

    /// Returns the versions of the operation for each media type of its request body.
    fn variants(self) -> impl Iterator<Item = OperationVersion<'a>> {
        operations(self.home).filter(move |other| other.operation.id == self.operation.id)
    }

    /// Returns the items of the operation: its methods and request types.
    pub(super) fn items(self) -> Vec<AffectedItem> {
        self.variants().flat_map(Self::own_items).collect()
    }

    /// Returns the items of the operation for one media type of its request body.
    fn own_items(self) -> Vec<AffectedItem> {
        let mut items = vec![
            AffectedItem::below(self.request_path()),
            AffectedItem::exactly(format!("Client::{}", self.lowered.method_name)),
        ];
        if let Some(verb) = &self.lowered.verb {
            let handle = self.handle_path();
            items.push(AffectedItem::exactly(format!("{handle}::{verb}")));
            // A resource without operations has no handle.
            items.push(AffectedItem::below(handle));
            items.push(AffectedItem::exactly(format!(
                "Client::{}",
                self.lowered.accessor
            )));
        }
        let response = SchemaPath::response_body(self.operation);
        let response = self.home.names.type_name(&response);
        items.extend(response.map(|name| AffectedItem::below(format!("types::{name}"))));
        items
    }

    /// Returns the paths of the methods that take the operation's arguments.
    pub(super) fn callers(self) -> Vec<String> {
        let mut callers = vec![format!("Client::{}", self.lowered.method_name)];
        if let Some(verb) = &self.lowered.verb {
            callers.push(format!("{}::{verb}", self.handle_path()));
        }
        callers
    }

    /// Returns the path of the operation's request type.
    pub(super) fn request_path(self) -> String {
        format!("requests::{}", self.lowered.type_name)
    }

    /// Returns the path of the handle of the operation's resource.
    pub(super) fn handle_path(self) -> String {
        format!("resources::{}", handle_name(self.lowered))
    }
}

/// Returns the items of both versions of an operation.
pub(super) fn items_of_both(
    before: OperationVersion<'_>,
    after: OperationVersion<'_>,
) -> Vec<AffectedItem> {
    [before.items(), after.items()].concat()
}
