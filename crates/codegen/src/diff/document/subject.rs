//! Documents and operations to compare, and the items of a generated crate that belong to them.

use super::changes::Difference;
use crate::collections::HashMap;
use crate::document::node::Node;
use crate::generate::Described;
use crate::generate::lower::name_table::NameTable;
use crate::generate::model::{Domain, Operation, SchemaPath};

/// The methods of HTTP that a path item may have.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A document in one version.
pub(in crate::diff) struct Version<'a> {
    pub(in crate::diff) domains: Vec<DomainVersion<'a>>,
    /// The document, to compare what the domains do not hold.
    pub(super) document: &'a Node,
    /// Each operation of the document and its path item, by the place of its id, or else of its
    /// method.
    nodes: HashMap<Place, [&'a Node; 2]>,
}

/// The file, line and column of a location.
type Place = (String, usize, usize);

/// A domain in one version of the document.
pub(in crate::diff) struct DomainVersion<'a> {
    /// The domain as the document describes it.
    pub(in crate::diff) domain: &'a Domain,
    /// The domain as the generator names its parts.
    pub(in crate::diff) lowered: &'a Domain,
    pub(in crate::diff) names: NameTable<'a>,
}

impl<'a> DomainVersion<'a> {
    fn new(domain: &'a Domain, lowered: &'a Domain) -> Self {
        Self {
            domain,
            lowered,
            names: NameTable::new(lowered),
        }
    }
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

    pub(in crate::diff) fn domain(&self, tag: &str) -> Option<&DomainVersion<'a>> {
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
        self.nodes_of(operation).map(|[node, _]| node)
    }

    /// Returns the nodes of an operation and of its path item.
    pub(super) fn nodes_of(&self, operation: &Operation) -> Option<[&'a Node; 2]> {
        let (path, line, column) = operation.location.key();
        let place = (path.display().to_string(), line, column);
        self.nodes.get(&place).copied()
    }

    /// Returns the parameters that an operation or its path item lists: name, place and node.
    pub(super) fn parameters(&self, operation: &Operation) -> Vec<(&str, &str, &Node)> {
        let mut found: Vec<(&str, &str, &Node)> = Vec::new();
        for node in self.nodes_of(operation).into_iter().flatten() {
            let parameters = node.get("parameters").map(Node::items).unwrap_or_default();
            for node in parameters.iter().map(|node| self.resolve(node)) {
                let [name, place] = ["name", "in"]
                    .map(|key| node.get(key).and_then(Node::as_str).unwrap_or_default());
                // A parameter of the operation takes the place of one of the path item.
                let mut known = found.iter();
                if !known.any(|known| (known.0, known.1) == (name, place)) {
                    found.push((name, place, node));
                }
            }
        }
        found
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

fn nodes(document: &Node) -> HashMap<Place, [&Node; 2]> {
    let mut nodes = HashMap::default();
    let paths = document.get("paths").and_then(Node::properties);
    for (_, item) in paths.into_iter().flatten() {
        for (method, member) in item.node.properties().into_iter().flatten() {
            if METHODS.contains(&method.as_str()) {
                let id = member.node.get("operationId");
                let location = id.map_or(&member.key, |id| &id.location);
                let (path, line, column) = location.key();
                let place = (path.display().to_string(), line, column);
                nodes.insert(place, [&member.node, &item.node]);
            }
        }
    }
    nodes
}

/// Returns the operations of one domain.
pub(super) fn operations<'a>(
    version: &'a DomainVersion<'_>,
) -> impl Iterator<Item = OperationVersion<'a>> {
    let operations = version.domain.operations.iter();
    operations.map(move |operation| OperationVersion {
        tag: &version.domain.tag,
        operation,
    })
}

/// An operation in one version of the document.
#[derive(Clone, Copy)]
pub(super) struct OperationVersion<'a> {
    pub(super) tag: &'a str,
    pub(super) operation: &'a Operation,
}

impl<'a> OperationVersion<'a> {
    /// Creates a difference of this operation.
    pub(super) fn difference(self, kind: &'static str, what: impl Into<String>) -> Difference {
        let subject = format!("operation `{}`", self.operation.id);
        let difference = Difference::new(kind, subject, what, &self.operation.location);
        difference.of(&[self.path()])
    }

    /// Returns the path of the operation.
    pub(super) fn path(self) -> SchemaPath {
        SchemaPath::operation(self.operation)
    }
}
