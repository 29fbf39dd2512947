//! Compares the request body and the response bodies of an operation.

use serde_json::Value;

use super::changes::{Changes, Difference};
use super::content::{self, plain};
use super::operation::Documents;
use super::position::SchemaPosition;
use super::schema::Comparison;
use super::schemas::Domains;
use super::subject::OperationVersion;
use super::usage::Usage;
use crate::diff::change::WireEffect;
use crate::generate::model::{BodyFormat, Operation, SchemaPath, StatusResponse};

const UNREADABLE: &str = "an old client cannot read the response";
const IGNORED_BODY: &str = "a client that expects no body ignores it";
const MISSING_BODY: &str = "an old client reads nothing where it expects a value";

/// The bodies of two versions of an operation.
pub(super) struct Bodies<'a> {
    before: OperationVersion<'a>,
    after: OperationVersion<'a>,
    documents: Documents<'a>,
    domains: &'a Domains<'a>,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(
        [before, after]: [OperationVersion<'a>; 2],
        documents: Documents<'a>,
        domains: &'a Domains<'a>,
    ) -> Self {
        Self {
            before,
            after,
            documents,
            domains,
        }
    }

    /// Compares the request body for one media type.
    pub(super) fn request(&self, changes: &mut Changes) {
        self.request_body(changes);
        self.form(changes);
        self.media_type(changes);
        self.required(changes);
    }

    fn request_body(&self, changes: &mut Changes) {
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
        changes.add(self.of_request(kind, what), wire);
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
            paths: self.request_paths(),
            usage: Usage::SENT,
        };
        let schemas = [
            old_written.as_ref().unwrap_or(before),
            new_written.as_ref().unwrap_or(after),
        ];
        self.body(body, schemas, changes);
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
            let paths = self.request_paths();
            let at = self.position("request body of", paths);
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
            && plain(&old.request_media_type) == plain(&new.request_media_type)
        {
            return;
        }
        let (now, was) = (&new.request_media_type, &old.request_media_type);
        let what = format!("takes {now}, not {was}");
        let why = "the server may reject the media type that an old client sends";
        let difference = self.of_request("media-type-changed", what);
        changes.add(difference, WireEffect::breaks(why));
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
        changes.add(self.of_request(kind, what), wire);
    }

    /// Compares the responses: one body for every success, or one for each status code.
    pub(super) fn responses(&self, changes: &mut Changes) {
        self.stream(changes);
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
        let difference = self.of_responses("responses-changed", what, None);
        changes.add(difference, wire);
    }

    /// Compares the streams that clients can read instead of the response body.
    fn stream(&self, changes: &mut Changes) {
        let versions = [self.before, self.after];
        let paths = versions.map(|version| SchemaPath::stream(version.operation));
        let [old, new] = versions.map(|version| version.operation.stream.as_ref());
        let (kind, what, wire) = match (old, new) {
            (None, None) => return,
            (None, Some(_)) => (
                "stream-added",
                "also responds with a stream",
                WireEffect::keeps("an old client asks for the whole response"),
            ),
            (Some(_), None) => (
                "stream-removed",
                "no longer responds with a stream",
                WireEffect::breaks("an old client may ask for the stream"),
            ),
            (Some(old), Some(new)) if old.format != new.format => (
                "stream-format-changed",
                "streams in another format",
                WireEffect::breaks(UNREADABLE),
            ),
            (Some(old), Some(new)) => {
                let body = Body {
                    noun: "stream of",
                    paths,
                    usage: Usage::READ,
                };
                return self.body(body, [&old.schema, &new.schema], changes);
            }
        };
        changes.add(self.after.difference(kind, what).of(&paths), wire);
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
                return self.response([before, after], written, None, changes);
            }
        };
        changes.add(self.of_responses(kind, what, None), wire);
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
                    let status = Some(response.status.as_str());
                    let difference = self.of_responses("response-removed", what, status);
                    let wire = WireEffect::keeps("an old client only expects more status codes");
                    changes.add(difference, wire);
                }
            }
        }
        for response in new
            .iter()
            .filter(|response| same(old, &response.status).is_none())
        {
            let what = format!("also responds with {}", response.status);
            let status = Some(response.status.as_str());
            let difference = self.of_responses("response-added", what, status);
            let wire = WireEffect::keeps("an old client keeps responses of unknown status codes");
            changes.add(difference, wire);
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
                return self.response([before, after], written, Some(status), changes);
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
        changes.add(self.of_responses(kind, what, Some(status)), wire);
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
        status: Option<&str>,
        changes: &mut Changes,
    ) {
        let body = Body {
            noun: "response of",
            paths: self.response_paths(status),
            usage: Usage::READ,
        };
        let [old_written, new_written] = &written;
        let schemas = [
            old_written.as_ref().unwrap_or(old),
            new_written.as_ref().unwrap_or(new),
        ];
        self.body(body, schemas, changes);
    }

    fn request_paths(&self) -> [SchemaPath; 2] {
        [self.before, self.after].map(|version| SchemaPath::request_body(version.operation))
    }

    /// Returns the paths of the response body, or of its part for a status code.
    fn response_paths(&self, status: Option<&str>) -> [SchemaPath; 2] {
        [self.before, self.after].map(|version| {
            let body = SchemaPath::response_body(version.operation);
            status.map_or(body.clone(), |status| body.status(status))
        })
    }

    /// Creates a difference of the request body.
    fn of_request(&self, kind: &'static str, what: impl Into<String>) -> Difference {
        self.after.difference(kind, what).of(&self.request_paths())
    }

    /// Creates a difference of the response body, or of its part for a status code.
    fn of_responses(
        &self,
        kind: &'static str,
        what: impl Into<String>,
        status: Option<&str>,
    ) -> Difference {
        let paths = self.response_paths(status);
        self.after.difference(kind, what).of(&paths)
    }

    fn position(&self, noun: &'static str, paths: [SchemaPath; 2]) -> SchemaPosition {
        let (old, new) = (self.before.operation, self.after.operation);
        SchemaPosition {
            noun,
            subject: new.id.clone(),
            paths,
            location: new.location.clone(),
            optional: false,
            always_set: old.body_required,
        }
    }

    fn body(&self, body: Body, [old, new]: [&Value; 2], changes: &mut Changes) {
        let at = self.position(body.noun, body.paths);
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
