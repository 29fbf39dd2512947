//! Finds operations that have the same id, the same Rust method or the same verb of a resource.

use std::collections::hash_map::Entry;

use super::{ReadOperation, Reader};
use crate::collections::HashMap;
use crate::document::diagnostic::{Diagnostic, Location};
use crate::generate::identifiers::snake_case;
use crate::generate::model::Operation;

impl Reader<'_> {
    /// Returns the operations with unique ids and Rust names. Rejects the others.
    pub(super) fn with_unique_names(
        &mut self,
        operations: Vec<ReadOperation>,
    ) -> Vec<ReadOperation> {
        let problems = self.names(&operations);
        self.without(operations, problems)
    }

    /// Finds duplicate names of operations, each with the number of its operation.
    fn names(&self, operations: &[ReadOperation]) -> Vec<(usize, Diagnostic)> {
        let mut problems = Vec::new();
        let mut ids: HashMap<&str, &Location> = HashMap::default();
        let mut methods: HashMap<(&str, String), &Operation> = HashMap::default();
        let mut verbs: HashMap<(&str, String, &str), &Operation> = HashMap::default();
        for (number, ReadOperation { tag, operation, .. }) in operations.iter().enumerate() {
            if operation.variant.is_some() {
                // A variant with another request body keeps the id.
                continue;
            }
            let first = *ids.entry(&operation.id).or_insert(&operation.location);
            if !std::ptr::eq(first, &operation.location) {
                let problem = Diagnostic::new(
                    &operation.location,
                    format!("the operation id `{}` is a duplicate", operation.id),
                    "give each operation its own id",
                );
                problems.push((number, problem.with_related(first, "the first one")));
                continue;
            }
            let first = *methods
                .entry((tag, snake_case(&operation.id, "operation")))
                .or_insert(operation);
            // Lowering appends a number, which is not good enough for the workspace's own document.
            if !std::ptr::eq(first, operation) && !self.options.uses_defaults {
                let problem = Diagnostic::new(
                    &operation.location,
                    format!(
                        "`{}` and `{}` have the same Rust method name",
                        operation.id, first.id
                    ),
                    "rename one of them; names must differ in more than case and punctuation",
                );
                problems.push((
                    number,
                    problem.with_related(&first.location, "the other one"),
                ));
            }
            let bulk = operation.bulk.as_ref().and_then(|bulk| bulk.verb.as_ref());
            for verb in operation.verb.iter().chain(bulk) {
                let resource = snake_case(&operation.resource, "resource");
                match verbs.entry((tag, resource, verb)) {
                    Entry::Vacant(vacant) => {
                        vacant.insert(operation);
                    }
                    Entry::Occupied(first) => {
                        let problem = Diagnostic::new(
                            &operation.location,
                            format!(
                                "`{}` and `{}` are both `{verb}` of the resource `{}`",
                                operation.id,
                                first.get().id,
                                operation.resource
                            ),
                            "give one of them another `x-verb` or `x-resource`",
                        );
                        let other = &first.get().location;
                        problems.push((number, problem.with_related(other, "the other one")));
                    }
                }
            }
        }
        problems
    }
}
