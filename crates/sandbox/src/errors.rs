//! Refusals: why a request is not served, and how the vendor of its operation says so.

use serde_json::{Value, json};

use crate::document::Operation;

/// The forms that error bodies take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ErrorShape {
    /// Datadog's plain form, `{"errors": ["text"]}`.
    Texts,
    /// Datadog's JSON:API form, `{"errors": [{"detail": "text", …}]}`.
    Objects,
    /// Dcycle's form, `{"detail": "text"}`.
    Detail,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reason {
    /// A parameter or the body is not as the document says, or names something that does not exist.
    Invalid,
    /// The credentials are missing or wrong.
    Unauthenticated,
    /// The path leads to nothing.
    NotFound,
    /// The body names something that does not exist.
    Dangling,
    /// Something of the same key exists already.
    Conflict,
    /// The path exists, with other methods.
    MethodNotAllowed,
    /// The body is larger than the sandbox reads.
    TooLarge,
    /// The body is compressed, of which the document says nothing.
    Compressed,
    /// A rate limit is used up.
    TooManyRequests,
    /// The document has the operation, the sandbox does not.
    NotImplemented,
    /// The sandbox itself is at fault.
    Internal,
}

/// A place in a request that is at fault.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A header, by name.
    Header(String),
    /// A path or query parameter, by name.
    Parameter(String),
    /// A place in the body, as JSON pointer.
    Pointer(String),
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    detail: String,
    source: Option<Source>,
}

/// A refusal with everything that is known about its causes.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    reason: Reason,
    problems: Vec<Problem>,
}

/// Every problem as a sentence.
impl std::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sentences: Vec<_> = self.problems.iter().map(Problem::sentence).collect();
        formatter.write_str(&sentences.join("; "))
    }
}

/// What a vendor does where its document leaves a choice.
struct Habits {
    /// Statuses for an invalid request, the preferred one first.
    invalid: &'static [u16],
    /// Statuses for credentials that are missing or wrong, the preferred one first.
    unauthenticated: &'static [u16],
    /// Form of errors that the document does not describe.
    undocumented: ErrorShape,
}

const DATADOG: Habits = Habits {
    invalid: &[400],
    unauthenticated: &[403],
    undocumented: ErrorShape::Texts,
};
const DCYCLE: Habits = Habits {
    invalid: &[422, 400],
    unauthenticated: &[401, 403],
    undocumented: ErrorShape::Detail,
};

impl Habits {
    /// The habits of an operation's vendor, which its error bodies give away.
    fn of(operation: Option<&Operation>) -> &'static Self {
        let is_dcycle = operation.is_some_and(|operation| {
            operation
                .error_shapes()
                .any(|shape| shape == ErrorShape::Detail)
        });
        if is_dcycle { &DCYCLE } else { &DATADOG }
    }

    /// The statuses for a reason, the preferred one first.
    fn statuses(&self, reason: Reason) -> &'static [u16] {
        match reason {
            Reason::Invalid => self.invalid,
            Reason::Unauthenticated => self.unauthenticated,
            Reason::NotFound | Reason::Dangling => &[404],
            Reason::Conflict => &[409, 422, 400],
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
    /// Something wrong with the request as a whole.
    pub(crate) fn new(detail: impl Into<String>) -> Self {
        Self {
            detail: detail.into(),
            source: None,
        }
    }

    /// Something wrong at one place of the request.
    pub(crate) fn at(detail: impl Into<String>, source: Source) -> Self {
        Self {
            detail: detail.into(),
            source: Some(source),
        }
    }

    /// Something wrong at a place of the body.
    pub(crate) fn in_body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::at(detail, Source::Pointer(pointer.into()))
    }

    /// The problem as one sentence that names its place.
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
    /// A refusal for one cause that concerns the request as a whole.
    pub(crate) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self::with(reason, vec![Problem::new(detail)])
    }

    /// A refusal for several causes.
    pub(crate) fn with(reason: Reason, problems: Vec<Problem>) -> Self {
        Self { reason, problems }
    }

    /// A refusal because a place of the body names something that does not exist.
    pub(crate) fn dangling(pointer: impl Into<String>, kind: &str, id: &str) -> Self {
        let detail = format!("there is no {kind} `{id}`; create it first");
        Self::with(Reason::Dangling, vec![Problem::in_body(pointer, detail)])
    }

    /// A refusal of one place in the body.
    pub(crate) fn invalid_body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::with(Reason::Invalid, vec![Problem::in_body(pointer, detail)])
    }

    /// A refusal of one parameter.
    pub(crate) fn invalid_parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::with(
            Reason::Invalid,
            vec![Problem::at(detail, Source::Parameter(name.to_owned()))],
        )
    }

    /// A refusal because a path names something that does not exist.
    pub(crate) fn not_found(kind: &str, id: &str) -> Self {
        Self::new(
            Reason::NotFound,
            format!(
                "There is no {kind} `{id}` in this sandbox; unless it keeps a file, it forgets everything when it stops."
            ),
        )
    }

    /// Status and body as the vendor of an operation would answer: the status that the operation
    /// documents for such a refusal, in the form documented for that status.
    pub(crate) fn answer(&self, operation: Option<&Operation>) -> (u16, Value) {
        let habits = Habits::of(operation);
        let reason = match self.reason {
            Reason::Dangling if !operation.is_some_and(Operation::finds_what_a_body_names) => {
                Reason::Invalid
            }
            reason => reason,
        };
        let candidates = habits.statuses(reason);
        let documented = |status: u16| operation.and_then(|operation| operation.response(status));
        let chosen = candidates
            .iter()
            .copied()
            .find(|status| documented(*status).is_some());
        // Without a documented status, the one that clients know best: the last of the list for conflicts
        // (400), the preferred one for everything else.
        let fallback = if reason == Reason::Conflict {
            candidates.last()
        } else {
            candidates.first()
        };
        let status = chosen.or(fallback.copied()).unwrap_or(500);
        (status, self.body(operation, status))
    }

    /// The body with which the vendor of an operation would answer with this status.
    pub(crate) fn body(&self, operation: Option<&Operation>, status: u16) -> Value {
        let shape = operation
            .and_then(|operation| operation.response(status))
            .and_then(|response| response.error_shape)
            .unwrap_or(Habits::of(operation).undocumented);
        let sentences = || {
            self.problems
                .iter()
                .map(Problem::sentence)
                .collect::<Vec<_>>()
        };
        match shape {
            ErrorShape::Texts => json!({ "errors": sentences() }),
            ErrorShape::Objects => {
                let title = http::StatusCode::from_u16(status)
                    .ok()
                    .and_then(|status| status.canonical_reason());
                let title = title.unwrap_or("Error");
                let objects = self
                    .problems
                    .iter()
                    .map(|problem| problem.object(status, title));
                json!({ "errors": objects.collect::<Vec<_>>() })
            }
            ErrorShape::Detail => json!({ "detail": self.to_string() }),
        }
    }
}
