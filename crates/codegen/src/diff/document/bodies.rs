//! Compares the request body and the response bodies of an operation.

use std::collections::HashMap;

use serde_json::Value;

use super::changes::Changes;
use super::schema::{Comparison, SchemaPosition};
use super::schemas;
use super::subject::{OperationVersion, items_of_both};
use super::usage::Usage;
use crate::diff::change::{AffectedItem, WireEffect};
use crate::generate::identifiers::pascal_case;
use crate::generate::model::{Operation, StatusResponse};

const UNREADABLE: &str = "an old client cannot read the response";
const IGNORED_BODY: &str = "a client that expects no body ignores it";
const MISSING_BODY: &str = "an old client reads nothing where it expects a value";

pub(super) fn compare(before: OperationVersion, after: OperationVersion, changes: &mut Changes) {
    let bodies = Bodies { before, after };
    bodies.request(changes);
    bodies.media_type(changes);
    bodies.required(changes);
    bodies.responses(changes);
}

/// The two versions of an operation.
struct Bodies<'a> {
    before: OperationVersion<'a>,
    after: OperationVersion<'a>,
}

impl Bodies<'_> {
    fn request(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        let (kind, what, wire) = match (&old.request_body, &new.request_body) {
            (None, None) => return,
            (None, Some(_)) => {
                let wire = if new.body_required {
                    WireEffect::breaks(
                        "the server rejects requests without it, and an old client sends none",
                    )
                } else {
                    WireEffect::keeps("an old client leaves it out")
                };
                ("request-body-added", "takes a request body", wire)
            }
            (Some(_), None) => {
                let why = "the server ignores or rejects the body that an old client sends";
                (
                    "request-body-removed",
                    "no longer takes a request body",
                    WireEffect::breaks(why),
                )
            }
            (Some(old), Some(new)) => {
                let body = Body {
                    noun: "request body of",
                    suffix: "Body",
                    usage: Usage::SENT,
                };
                return self.body(body, [old, new], changes, self.request_items());
            }
        };
        let difference = self.after.difference(kind, what);
        changes.add(difference, wire, self.request_items());
    }

    fn media_type(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        if !has_body(old) || !has_body(new) {
            return;
        }
        if old.request_format == new.request_format
            && old.request_media_type == new.request_media_type
        {
            return;
        }
        let (now, was) = (&new.request_media_type, &old.request_media_type);
        let what = format!("takes {now}, not {was}");
        let why = "the server may reject the media type that an old client sends";
        let difference = self.after.difference("media-type-changed", what);
        changes.add(difference, WireEffect::breaks(why), self.request_items());
    }

    fn required(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        if !has_body(old) || !has_body(new) || old.body_required == new.body_required {
            return;
        }
        let (kind, what, wire) = if new.body_required {
            let why = "the server rejects requests without it, which an old client may send";
            (
                "request-body-required",
                "requires its request body",
                WireEffect::breaks(why),
            )
        } else {
            let why = "an old client sends the body as before";
            (
                "request-body-optional",
                "no longer requires its request body",
                WireEffect::keeps(why),
            )
        };
        let difference = self.after.difference(kind, what);
        changes.add(difference, wire, self.request_items());
    }

    /// Compares the responses: one body for every success, or one for each status code.
    fn responses(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        let (what, wire) = match (old.responses.is_empty(), new.responses.is_empty()) {
            (true, true) => return self.single_response(changes),
            (false, false) => return self.responses_by_status(changes),
            (true, false) => (
                "has a response body for each status code",
                WireEffect::breaks("an old client expects one body for every status code"),
            ),
            (false, true) if keeps_bodies(old, new) => (
                "has one response body for every status code",
                WireEffect::keeps("an old client only expects more status codes"),
            ),
            (false, true) => (
                "has one response body for every status code",
                WireEffect::breaks("an old client expects another body for a status code"),
            ),
        };
        let difference = self.after.difference("responses-changed", what);
        changes.add(difference, wire, self.response_items());
    }

    fn single_response(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        let (kind, what, wire) = match (&old.response_body, &new.response_body) {
            (None, None) => return,
            (None, Some(_)) => (
                "response-body-added",
                "responds with a body",
                WireEffect::keeps(IGNORED_BODY),
            ),
            (Some(_), None) => (
                "response-body-removed",
                "responds without a body",
                WireEffect::breaks(MISSING_BODY),
            ),
            (Some(_), Some(_)) if old.response_format != new.response_format => (
                "response-format-changed",
                "responds in another format",
                WireEffect::breaks(UNREADABLE),
            ),
            (Some(old), Some(new)) => {
                let body = Body {
                    noun: "response of",
                    suffix: "Response",
                    usage: Usage::READ,
                };
                let affected = items_of_both(self.before, self.after);
                return self.body(body, [old, new], changes, affected);
            }
        };
        let affected = items_of_both(self.before, self.after);
        changes.add(self.after.difference(kind, what), wire, affected);
    }

    fn responses_by_status(&self, changes: &mut Changes) {
        let (old, new) = (
            &self.before.operation.responses,
            &self.after.operation.responses,
        );
        let same = |responses: &'_ [StatusResponse], status: &str| {
            responses.iter().position(|other| other.status == status)
        };
        for response in old {
            match same(new, &response.status).and_then(|at| new.get(at)) {
                Some(now) => self.status_response(response, now, changes),
                None => {
                    let what = format!("no longer responds with {}", response.status);
                    let difference = self.after.difference("response-removed", what);
                    let wire = WireEffect::keeps("an old client only expects more status codes");
                    changes.add(difference, wire, self.response_items());
                }
            }
        }
        for response in new
            .iter()
            .filter(|response| same(old, &response.status).is_none())
        {
            let what = format!("also responds with {}", response.status);
            let difference = self.after.difference("response-added", what);
            let wire = WireEffect::keeps("an old client keeps responses of unknown status codes");
            changes.add(difference, wire, self.response_items());
        }
    }

    /// Compares two versions of the response for one status code.
    fn status_response(&self, old: &StatusResponse, new: &StatusResponse, changes: &mut Changes) {
        let status = &old.status;
        let (kind, what, wire) = match (&old.schema, &new.schema) {
            (None, None) => return,
            (Some(_), Some(_)) if old.format != new.format => (
                "response-format-changed",
                format!("responds with {status} in another format"),
                WireEffect::breaks(UNREADABLE),
            ),
            (Some(old), Some(new)) => {
                let body = Body {
                    noun: "response of",
                    suffix: "Response",
                    usage: Usage::READ,
                };
                return self.body(body, [old, new], changes, self.response_items());
            }
            (None, Some(_)) => (
                "response-body-added",
                format!("responds with {status} and a body"),
                WireEffect::keeps(IGNORED_BODY),
            ),
            (Some(_), None) => (
                "response-body-removed",
                format!("responds with {status} without a body"),
                WireEffect::breaks(MISSING_BODY),
            ),
        };
        let difference = self.after.difference(kind, what);
        changes.add(difference, wire, self.response_items());
    }

    /// Returns the items that depend on the request body.
    fn request_items(&self) -> Vec<AffectedItem> {
        let mut affected = items_of_both(self.before, self.after);
        for version in [self.before, self.after] {
            let bodies = version.operation.request_body.iter();
            affected.extend(bodies.flat_map(|body| schemas::of_body(body, version.domain)));
        }
        let callers = [self.before.callers(), self.after.callers()].concat();
        let arguments = callers
            .into_iter()
            .map(|path| AffectedItem::argument(path, "body"));
        affected.extend(arguments);
        affected
    }

    /// Returns the items that depend on the responses by status code.
    fn response_items(&self) -> Vec<AffectedItem> {
        let mut affected = items_of_both(self.before, self.after);
        for version in [self.before, self.after] {
            let name = pascal_case(&format!("{}Response", version.operation.id), "Response");
            affected.push(AffectedItem::below(format!("types::{name}")));
        }
        affected
    }

    fn body(
        &self,
        body: Body,
        [old, new]: [&Value; 2],
        changes: &mut Changes,
        affected: Vec<AffectedItem>,
    ) {
        let (old_domain, new_domain) = (self.before.domain, self.after.domain);
        let renamed: HashMap<String, String> = schemas::renamed(old_domain, new_domain);
        let operation = self.after.operation;
        let at = SchemaPosition {
            noun: body.noun,
            subject: operation.id.clone(),
            owner: format!("{}{}", pascal_case(&operation.id, "Operation"), body.suffix),
            location: operation.location.clone(),
            affected,
            optional: false,
        };
        let mut comparison = Comparison {
            old: &old_domain.schemas,
            new: &new_domain.schemas,
            renamed: &renamed,
            usage: body.usage,
            changes,
        };
        comparison.schemas(&at, old, new);
    }
}

/// A kind of body.
struct Body {
    noun: &'static str,
    /// The end of the name of a type that is declared in the body.
    suffix: &'static str,
    usage: Usage,
}

fn has_body(operation: &Operation) -> bool {
    !operation.request_media_type.is_empty()
}

/// Returns true if each remaining success has the body that it had.
fn keeps_bodies(old: &Operation, new: &Operation) -> bool {
    let left = new
        .statuses
        .iter()
        .filter(|(status, _)| status.starts_with('2'));
    let mut left = left.map(|(status, _)| {
        old.responses
            .iter()
            .find(|response| response.status == *status)
    });
    left.all(|known| {
        known.is_some_and(|known| {
            known.schema == new.response_body && known.format == new.response_format
        })
    })
}
