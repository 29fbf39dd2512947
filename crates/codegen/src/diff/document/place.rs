//! Where a schema is used decides what a change of it means: what a client sends must please the new server, what it
//! reads must be what the old one promised.

use std::collections::HashSet;

use crate::generate::model::Domain;

/// Which schemas of a domain are sent and read, by either document.
pub(super) struct Places {
    sent: HashSet<String>,
    read: HashSet<String>,
}

/// How a schema is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    /// In requests.
    pub(super) sent: bool,
    /// In answers.
    pub(super) read: bool,
}

impl Use {
    /// Sent, in a parameter or a body.
    pub(super) const SENT: Self = Self {
        sent: true,
        read: false,
    };
    /// Read from an answer.
    pub(super) const READ: Self = Self {
        sent: false,
        read: true,
    };

    /// The place in words.
    pub(super) fn words(self) -> &'static str {
        match (self.sent, self.read) {
            (true, true) => "requests and answers",
            (true, false) => "requests",
            _ => "answers",
        }
    }
}

impl Places {
    pub(super) fn new(old: &Domain, new: &Domain) -> Self {
        let mut places = Self {
            sent: HashSet::new(),
            read: HashSet::new(),
        };
        for domain in [old, new] {
            let sent = domain.operations.iter().flat_map(|operation| {
                let parameters = operation.parameters.iter();
                parameters
                    .map(|parameter| &parameter.schema)
                    .chain(&operation.request_body)
            });
            places.sent.extend(domain.reached_from(sent));
            let read = domain.operations.iter().flat_map(|operation| {
                let by_status = operation.responses.iter();
                let by_status = by_status.filter_map(|answer| answer.schema.as_ref());
                operation.response_body.iter().chain(by_status)
            });
            places.read.extend(domain.reached_from(read));
        }
        places
    }

    pub(super) fn of(&self, schema: &str) -> Use {
        Use {
            sent: self.sent.contains(schema),
            read: self.read.contains(schema),
        }
    }
}
