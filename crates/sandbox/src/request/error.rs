//! Errors: the reason of a rejection, and the response that the operation's vendor would send.

use serde_json::{Value, json};

use crate::document::{ErrorShape, Operation};

/// The reason why a request is rejected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reason {
    /// A parameter or the body breaks its schema, or names a resource that does not exist.
    Invalid,
    /// The credentials are missing or wrong.
    Unauthenticated,
    /// The request names a host, or comes from a page, that the sandbox does not serve.
    Forbidden,
    /// The headers are larger than the sandbox's limit.
    HeadersTooLarge,
    /// The body did not arrive in time.
    Timeout,
    /// The path matches no operation, or names a resource that does not exist.
    NotFound,
    /// The body names a resource that does not exist.
    MissingReference,
    /// A resource with the same key exists.
    Conflict,
    /// The path has operations with other methods only.
    MethodNotAllowed,
    /// The body is larger than the sandbox's limit.
    TooLarge,
    /// The body is compressed, which the document does not allow.
    Compressed,
    /// A rate limit is used up.
    TooManyRequests,
    /// The document has the operation, but the sandbox has no handler for it.
    NotImplemented,
    /// The sandbox has failed.
    Internal,
}

/// The part of a request that causes an error.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A header, by name.
    Header(String),
    /// A path or query parameter, by name.
    Parameter(String),
    /// A JSON pointer into the body.
    Pointer(String),
}

/// One problem with a request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    detail: String,
    source: Option<Source>,
    /// The key that does not exist, where Datadog's server names it in `meta`.
    missing_key: Option<String>,
}

/// An error with all problems that were found.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    reason: Reason,
    problems: Vec<Problem>,
}

/// Writes every problem as a sentence.
impl std::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sentences: Vec<_> = self.problems.iter().map(Problem::sentence).collect();
        formatter.write_str(&sentences.join("; "))
    }
}

/// The conventions of a vendor, which decide where the document leaves several responses open.
struct VendorConventions {
    /// Status codes for an invalid request, the preferred one first.
    invalid: &'static [u16],
    /// Status codes for credentials that are missing or wrong, the preferred one first.
    unauthenticated: &'static [u16],
    /// The shape of errors that the document does not describe.
    undocumented: ErrorShape,
}

const DATADOG: VendorConventions = VendorConventions {
    invalid: &[400],
    unauthenticated: &[403],
    undocumented: ErrorShape::Strings,
};
const DCYCLE: VendorConventions = VendorConventions {
    invalid: &[422, 400],
    unauthenticated: &[401, 403],
    undocumented: ErrorShape::Detail,
};

/// The start of the paths whose errors with 404 have a `code`.
const CASE_MANAGEMENT: &str = "/api/v2/cases";

impl VendorConventions {
    /// Returns the conventions of an operation's vendor, recognized by its error bodies.
    fn of(operation: Option<&Operation>) -> &'static Self {
        let is_dcycle = operation.is_some_and(|operation| {
            operation
                .error_shapes()
                .any(|shape| shape == ErrorShape::Detail)
        });
        if is_dcycle { &DCYCLE } else { &DATADOG }
    }

    /// Returns the status codes for a reason, the preferred one first.
    fn statuses(&self, reason: Reason) -> &'static [u16] {
        match reason {
            Reason::Invalid => self.invalid,
            Reason::Unauthenticated => self.unauthenticated,
            Reason::NotFound | Reason::MissingReference => &[404],
            Reason::Conflict => &[409, 422, 400],
            Reason::Forbidden => &[403],
            Reason::HeadersTooLarge => &[431],
            Reason::Timeout => &[408],
            Reason::MethodNotAllowed => &[405],
            Reason::TooLarge => &[413],
            Reason::Compressed => &[415],
            Reason::TooManyRequests => &[429],
            Reason::NotImplemented => &[501],
            Reason::Internal => &[500],
        }
    }
}

impl Problem {
    /// Creates a problem with the request as a whole.
    pub(crate) fn new(detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            source: None,
            missing_key: None,
        }
    }

    /// Creates a problem with one part of the request.
    pub(crate) fn at(detail: impl Into<String>, source: Source) -> Self {
        Self {
            detail: detail.into(),
            source: Some(source),
            missing_key: None,
        }
    }

    /// Creates a problem with a value in the body.
    pub(crate) fn in_body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::at(detail, Source::Pointer(pointer.into()))
    }

    /// Returns the problem as one sentence that names its source.
    fn sentence(&self) -> String {
        match &self.source {
            Some(Source::Pointer(pointer)) if pointer.is_empty() => {
                format!("body: {}", self.detail)
            }
            Some(Source::Pointer(pointer)) => format!("body at {pointer}: {}", self.detail),
            Some(Source::Parameter(name)) if !self.detail.contains(&format!("`{name}`")) => {
                format!("parameter `{name}`: {}", self.detail)
            }
            Some(Source::Parameter(_)) => self.detail.clone(),
            Some(Source::Header(_)) | None => self.detail.clone(),
        }
    }

    fn object(&self, status: u16, title: &str) -> Value {
        let mut object =
            json!({ "detail": self.detail, "status": status.to_string(), "title": title });
        object["source"] = match &self.source {
            Some(Source::Pointer(pointer)) => json!({ "pointer": pointer }),
            Some(Source::Parameter(name)) => json!({ "parameter": name }),
            Some(Source::Header(name)) => json!({ "header": name }),
            None => return object,
        };
        object
    }
}

impl ApiError {
    /// Creates an error with one problem that concerns the request as a whole.
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self::with(reason, vec![Problem::new(detail)])
    }

    /// Creates an error with several problems.
    pub(crate) fn with(reason: Reason, problems: Vec<Problem>) -> Self {
        Self { reason, problems }
    }

    /// Creates an error for a body that names a resource that does not exist.
    pub(crate) fn missing_reference(pointer: impl Into<String>, kind: &str, id: &str) -> Self {
        let detail = format!("there is no {kind} `{id}`; create it first");
        Self::with(
            Reason::MissingReference,
            vec![Problem::in_body(pointer, detail)],
        )
    }

    /// Creates an error for one value in the body.
    pub(crate) fn invalid_body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::with(Reason::Invalid, vec![Problem::in_body(pointer, detail)])
    }

    /// Creates an error for one parameter.
    pub(crate) fn invalid_parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::with(
            Reason::Invalid,
            vec![Problem::at(detail, Source::Parameter(name.to_owned()))],
        )
    }

    /// Returns the error with other JSON pointers into the body.
    pub(crate) fn map_pointers(mut self, map: impl Fn(&str) -> String) -> Self {
        for problem in &mut self.problems {
            if let Some(Source::Pointer(pointer)) = &mut problem.source {
                *pointer = map(pointer);
            }
        }
        self
    }

    /// Creates an error for a path that names a resource that does not exist.
    pub(crate) fn not_found(kind: &str, id: &str) -> Self {
        Self::new(
            Reason::NotFound,
            format!(
                "There is no {kind} `{id}` in this sandbox; without a data file, it loses its \
                 resources when it stops."
            ),
        )
    }

    /// Creates an error for a path that names something by a key that does not exist.
    pub(crate) fn key_not_found(kind: &str, key: &str) -> Self {
        let mut error = Self::not_found(kind, key);
        for problem in &mut error.problems {
            problem.missing_key = Some(key.to_owned());
        }
        error
    }

    /// Returns the status code and body that the operation's vendor would send. The status code is
    /// a documented one for the reason, and the body has its documented shape.
    pub(crate) fn status_and_body(&self, operation: Option<&Operation>) -> (u16, Value) {
        let conventions = VendorConventions::of(operation);
        let reason = match self.reason {
            Reason::MissingReference
                if !operation.is_some_and(Operation::has_not_found_for_bodies) =>
            {
                Reason::Invalid
            }
            reason => reason,
        };
        let candidates = conventions.statuses(reason);
        let documented = |status: u16| operation.and_then(|operation| operation.response(status));
        let chosen = candidates
            .iter()
            .copied()
            .find(|status| documented(*status).is_some());
        // If none is documented, 400 is the conflict that clients know best. It is the last one.
        let fallback = if reason == Reason::Conflict {
            candidates.last()
        } else {
            candidates.first()
        };
        let status = chosen.or(fallback.copied()).unwrap_or(500);
        (status, self.body(operation, status))
    }

    /// Returns the body that Datadog's server sends with this status code, whatever shape the
    /// document has: objects. `None` for other vendors, and for errors of the gateway before it.
    pub(crate) fn as_objects(&self, operation: &Operation, status: u16) -> Option<Value> {
        let vendor = VendorConventions::of(Some(operation));
        let is_datadog = vendor.undocumented != ErrorShape::Detail;
        let is_from_server = matches!(status, 400 | 404 | 409);
        if !is_datadog || !is_from_server {
            return None;
        }
        let mut body = self.objects(status);
        if status == 404 && operation.path.starts_with(CASE_MANAGEMENT) {
            let objects = body["errors"].as_array_mut();
            for (object, problem) in objects.into_iter().flatten().zip(&self.problems) {
                object["code"] = "resource_not_found".into();
                if let Some(key) = &problem.missing_key {
                    object["meta"] = json!({ "key": key });
                }
            }
        }
        Some(body)
    }

    /// Returns the body that the operation's vendor would send with this status code.
    pub(crate) fn body(&self, operation: Option<&Operation>, status: u16) -> Value {
        let shape = operation
            .and_then(|operation| operation.response(status))
            .and_then(|response| response.error_shape)
            .unwrap_or(VendorConventions::of(operation).undocumented);
        let sentences = || {
            self.problems
                .iter()
                .map(Problem::sentence)
                .collect::<Vec<_>>()
        };
        match shape {
            ErrorShape::Strings => json!({ "errors": sentences() }),
            ErrorShape::Objects => self.objects(status),
            ErrorShape::Detail => json!({ "detail": self.to_string() }),
        }
    }

    /// Returns the body with an object for each problem.
    fn objects(&self, status: u16) -> Value {
        let title = http::StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason());
        let title = title.unwrap_or("Error");
        let problems = self.problems.iter();
        let objects: Vec<_> = problems
            .map(|problem| problem.object(status, title))
            .collect();
        json!({ "errors": objects })
    }
}
