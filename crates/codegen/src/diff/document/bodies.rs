//! Compares the request body and the response bodies of an operation.

use serde_json::Value;

use super::changes::Changes;
use super::content;
use super::operation::Documents;
use super::position::SchemaPosition;
use super::schema::Comparison;
use super::schemas::{self, Domains};
use super::subject::{OperationVersion, items_of_both};
use super::usage::Usage;
use crate::diff::change::{AffectedItem, WireEffect};
use crate::generate::model::{BodyFormat, Operation, SchemaPath, StatusResponse};

const UNREADABLE: &str = "an old client cannot read the response";
const IGNORED_BODY: &str = "a client that expects no body ignores it";
const MISSING_BODY: &str = "an old client reads nothing where it expects a value";

/// Compares the request body for one media type.
pub(super) fn request(
    [before, after]: [OperationVersion; 2],
    documents: Documents,
    domains: &Domains,
    changes: &mut Changes,
) {
    let bodies = Bodies {
        before,
        after,
        documents,
        domains,
    };
    bodies.request(changes);
    bodies.form(changes);
    bodies.media_type(changes);
    bodies.required(changes);
}

/// Compares the bodies of successful responses.
pub(super) fn responses(
    [before, after]: [OperationVersion; 2],
    documents: Documents,
    domains: &Domains,
    changes: &mut Changes,
) {
    let bodies = Bodies {
        before,
        after,
        documents,
        domains,
    };
    bodies.responses(changes);
}

/// The two versions of an operation.
struct Bodies<'a> {
    before: OperationVersion<'a>,
    after: OperationVersion<'a>,
    documents: Documents<'a>,
    domains: &'a Domains<'a>,
}

impl Bodies<'_> {
    fn request(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        let (kind, what, wire) = match (has_body(old), has_body(new)) {
            (false, false) => return,
            (false, true) => {
                let wire = if new.body_required {
                    WireEffect::breaks(
                        "the server rejects requests without it, and an old client sends none",
                    )
                } else {
                    WireEffect::keeps("an old client leaves it out")
                };
                ("request-body-added", "takes a request body", wire)
            }
            (true, false) => {
                let why = "the server ignores or rejects the body that an old client sends";
                (
                    "request-body-removed",
                    "no longer takes a request body",
                    WireEffect::breaks(why),
                )
            }
            (true, true) => return self.request_schema(changes),
        };
        let difference = self.after.difference(kind, what);
        changes.add(difference, wire, self.request_items());
    }

    fn request_schema(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        let (Some(before), Some(after)) = (&old.request_body, &new.request_body) else {
            return;
        };
        let is_plain = |operation: &Operation| is_plain(operation.request_format);
        let written = if is_plain(old) && is_plain(new) {
            [
                content::of_request(self.documents.old, old),
                content::of_request(self.documents.new, new),
            ]
        } else {
            [None, None]
        };
        let [old_written, new_written] = written;
        let body = Body {
            noun: "request body of",
            paths: [SchemaPath::request_body(old), SchemaPath::request_body(new)],
            usage: Usage::SENT,
        };
        let schemas = [
            old_written.as_ref().unwrap_or(before),
            new_written.as_ref().unwrap_or(after),
        ];
        self.body(body, schemas, changes, self.request_items());
    }

    /// Compares what forms say about all of their fields. The fields are compared as parameters.
    fn form(&self, changes: &mut Changes) {
        let (old, new) = (self.before.operation, self.after.operation);
        let is_form =
            |operation: &Operation| has_body(operation) && operation.request_body.is_none();
        if !is_form(old) || !is_form(new) {
            return;
        }
        let before = content::of_request(self.documents.old, old);
        let after = content::of_request(self.documents.new, new);
        if let (Some(before), Some(after)) = (before, after) {
            let at = self.position("request body of", self.request_items());
            let mut comparison = Comparison::new(self.domains.scope(), Usage::SENT, changes);
            comparison.around_fields(&at, &before, &after);
        }
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
            (Some(before), Some(after)) => {
                let written = self.written([None, None], is_plain(old.response_format));
                let affected = items_of_both(self.before, self.after);
                return self.response([before, after], written, changes, affected);
            }
        };
        let affected = self.response_items();
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
            (Some(before), Some(after)) => {
                let statuses = [Some(old.status.as_str()), Some(new.status.as_str())];
                let written = self.written(statuses, is_plain(old.format));
                return self.response([before, after], written, changes, self.response_items());
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

    /// Returns the schemas of strings and bytes as the documents write them, for one status code
    /// each or else for the first success.
    fn written(&self, statuses: [Option<&str>; 2], is_plain: bool) -> [Option<Value>; 2] {
        if !is_plain {
            return [None, None];
        }
        let [old, new] = statuses;
        [
            content::of_response(self.documents.old, self.before.operation, old),
            content::of_response(self.documents.new, self.after.operation, new),
        ]
    }

    fn response(
        &self,
        [old, new]: [&Value; 2],
        written: [Option<Value>; 2],
        changes: &mut Changes,
        affected: Vec<AffectedItem>,
    ) {
        let body = Body {
            noun: "response of",
            paths: [
                SchemaPath::response_body(self.before.operation),
                SchemaPath::response_body(self.after.operation),
            ],
            usage: Usage::READ,
        };
        let [old_written, new_written] = &written;
        let schemas = [
            old_written.as_ref().unwrap_or(old),
            new_written.as_ref().unwrap_or(new),
        ];
        self.body(body, schemas, changes, affected);
    }

    /// Returns the items that depend on the request body.
    fn request_items(&self) -> Vec<AffectedItem> {
        let mut affected = items_of_both(self.before, self.after);
        for version in [self.before, self.after] {
            let bodies = version.operation.request_body.iter();
            let scope = self.domains.scope();
            for body in bodies {
                affected.extend(schemas::of_body(body, version.home));
                affected.extend(scope.turned_by(body));
            }
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
        let scope = self.domains.scope();
        for version in [self.before, self.after] {
            let operation = version.operation;
            let by_status = operation.responses.iter();
            let by_status = by_status.filter_map(|response| response.schema.as_ref());
            for body in operation.response_body.iter().chain(by_status) {
                affected.extend(scope.turned_by(body));
            }
        }
        affected
    }

    fn position(&self, noun: &'static str, affected: Vec<AffectedItem>) -> SchemaPosition {
        let (old, new) = (self.before.operation, self.after.operation);
        SchemaPosition {
            noun,
            subject: new.id.clone(),
            paths: [SchemaPath::request_body(old), SchemaPath::request_body(new)],
            location: new.location.clone(),
            affected,
            optional: false,
            always_set: old.body_required,
        }
    }

    fn body(
        &self,
        body: Body,
        [old, new]: [&Value; 2],
        changes: &mut Changes,
        affected: Vec<AffectedItem>,
    ) {
        let at = SchemaPosition {
            paths: body.paths,
            ..self.position(body.noun, affected)
        };
        Comparison::new(self.domains.scope(), body.usage, changes).run(&at, old, new);
    }
}

/// A kind of body.
struct Body {
    noun: &'static str,
    paths: [SchemaPath; 2],
    usage: Usage,
}

/// Returns true if a body is a string or bytes, which clients do not decode.
fn is_plain(format: BodyFormat) -> bool {
    matches!(format, BodyFormat::Text | BodyFormat::Bytes)
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
