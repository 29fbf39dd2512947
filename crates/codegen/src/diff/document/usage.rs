//! The direction in which a schema is used. A new server must accept what an old client sends, and
//! an old client must understand what a new server sends.

use std::collections::HashSet;

use crate::generate::model::{Domain, Operation};

/// The schemas that each document sends and reads.
#[derive(Default)]
pub(super) struct Usages {
    old: Reached,
    new: Reached,
}

/// The schemas that the operations of one document reach.
#[derive(Default)]
struct Reached {
    sent: HashSet<String>,
    read: HashSet<String>,
}

impl Reached {
    fn new(domain: &Domain, operations: &[&Operation]) -> Self {
        let sent = operations.iter().flat_map(|operation| {
            let parameters = operation.parameters.iter();
            parameters
                .map(|parameter| &parameter.schema)
                .chain(&operation.request_body)
        });
        let read = operations.iter().flat_map(|operation| {
            let by_status = operation.responses.iter();
            let by_status = by_status.filter_map(|response| response.schema.as_ref());
            operation.response_schemas().chain(by_status)
        });
        Self {
            sent: domain.reached_from(sent),
            read: domain.reached_from(read),
        }
    }
}

/// The use of a schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    /// The schema is part of a request.
    pub(super) sent: bool,
    /// The schema is part of a response.
    pub(super) read: bool,
}

impl Usage {
    /// The use in a parameter or a request body.
    pub(super) const SENT: Self = Self {
        sent: true,
        read: false,
    };
    /// The use in a response.
    pub(super) const READ: Self = Self {
        sent: false,
        read: true,
    };

    /// Returns the use in words.
    pub(super) fn words(self) -> &'static str {
        match (self.sent, self.read) {
            (true, true) => "requests and responses",
            (true, false) => "requests",
            _ => "responses",
        }
    }
}

impl Usages {
    /// Reads what the operations that both documents have send and read.
    pub(super) fn new(
        [old, new]: [&Domain; 2],
        [old_operations, new_operations]: [&[&Operation]; 2],
    ) -> Self {
        Self {
            old: Reached::new(old, old_operations),
            new: Reached::new(new, new_operations),
        }
    }

    /// Returns the use of a schema that is called `old` in the old document and `new` in the new
    /// one: old clients send and read it where both documents do.
    pub(super) fn of(&self, old: &str, new: &str) -> Usage {
        Usage {
            sent: self.old.sent.contains(old) && self.new.sent.contains(new),
            read: self.old.read.contains(old) && self.new.read.contains(new),
        }
    }

    /// Returns true if both documents use a schema.
    pub(super) fn is_used(&self, old: &str, new: &str) -> bool {
        let Usage { sent, read } = self.of(old, new);
        sent || read
    }
}
