//! Documents and operations to compare, and the items of a generated crate that belong to them.

use crate::diff::change::AffectedItem;
use crate::document::diagnostic::Diagnostics;
use crate::generate::identifiers::pascal_case;
use crate::generate::model::{Domain, Operation};
use crate::generate::{self, Generated};

use super::changes::Difference;

/// A document in one version, with the code generated from it.
pub(in crate::diff) struct Version<'a> {
    /// Each domain as the document describes it and as the generator names its parts.
    pub(super) domains: Vec<(Domain, &'a Domain)>,
}

impl<'a> Version<'a> {
    pub(in crate::diff) fn new(generated: &'a Generated) -> Result<Self, Diagnostics> {
        let domains = generate::domains(generated)?;
        let lowered = generated.crates.iter().map(|(domain, _)| domain);
        let named = domains.into_iter().filter_map(|domain| {
            let lowered = lowered.clone().find(|lowered| lowered.tag == domain.tag)?;
            Some((domain, lowered))
        });
        Ok(Self {
            domains: named.collect(),
        })
    }

    pub(super) fn domain(&self, tag: &str) -> Option<&(Domain, &'a Domain)> {
        self.domains.iter().find(|(domain, _)| domain.tag == tag)
    }

    /// Returns every operation in the order of the document.
    pub(super) fn operations(&self) -> impl Iterator<Item = OperationVersion<'_>> {
        let domains = self.domains.iter();
        domains.flat_map(|(domain, lowered)| operations(domain, lowered))
    }
}

/// Returns the operations of one domain.
pub(super) fn operations<'a>(
    domain: &'a Domain,
    lowered: &'a Domain,
) -> impl Iterator<Item = OperationVersion<'a>> {
    let pairs = domain.operations.iter().zip(&lowered.operations);
    pairs.map(move |(operation, lowered)| OperationVersion {
        tag: &domain.tag,
        domain,
        operation,
        lowered,
    })
}

/// An operation in one version of the document.
#[derive(Clone, Copy)]
pub(super) struct OperationVersion<'a> {
    pub(super) tag: &'a str,
    pub(super) domain: &'a Domain,
    /// The operation as the document describes it.
    pub(super) operation: &'a Operation,
    /// The operation as the generator names its parts.
    pub(super) lowered: &'a Operation,
}

impl OperationVersion<'_> {
    /// Creates a difference of this operation.
    pub(super) fn difference(self, kind: &'static str, what: impl Into<String>) -> Difference {
        let subject = format!("operation `{}`", self.operation.id);
        Difference::new(kind, subject, what, &self.operation.location)
    }

    /// Returns the items of the operation: its methods and its request type.
    pub(super) fn items(self) -> Vec<AffectedItem> {
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
        let name = pascal_case(&self.lowered.accessor, "Resource");
        let name = if name == "Client" {
            "ClientResource".to_owned()
        } else {
            name
        };
        format!("resources::{name}")
    }
}

/// Returns the items of both versions of an operation.
pub(super) fn items_of_both(
    before: OperationVersion<'_>,
    after: OperationVersion<'_>,
) -> Vec<AffectedItem> {
    [before.items(), after.items()].concat()
}

/// Returns the path of a schema's type.
pub(super) fn type_path(name: &str) -> String {
    format!("types::{}", pascal_case(name, "Schema"))
}
