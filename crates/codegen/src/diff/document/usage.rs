//! The direction in which a schema is used. A new server must accept what an old client sends, and
//! an old client must understand what a new server sends.

use std::collections::HashSet;

use crate::generate::model::Domain;

/// The schemas of a domain that either document sends or reads.
pub(super) struct Usages {
    sent: HashSet<String>,
    read: HashSet<String>,
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
    pub(super) fn new(old: &Domain, new: &Domain) -> Self {
        let mut usages = Self {
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
            usages.sent.extend(domain.reached_from(sent));
            let read = domain.operations.iter().flat_map(|operation| {
                let by_status = operation.responses.iter();
                let by_status = by_status.filter_map(|response| response.schema.as_ref());
                operation.response_schemas().chain(by_status)
            });
            usages.read.extend(domain.reached_from(read));
        }
        usages
    }

    pub(super) fn of(&self, schema: &str) -> Usage {
        Usage {
            sent: self.sent.contains(schema),
            read: self.read.contains(schema),
        }
    }
}
