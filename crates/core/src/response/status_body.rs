//! Answers whose body depends on the status, as operations have that answer 200 with a result or 202 with a job.

use bytes::Bytes;
use reqwest::StatusCode;

use crate::BodyKind;

/// The name of what has a status that the document does not list; no status is called so.
const UNLISTED: &str = "other";

/// The body that an operation answers with one status.
///
/// ```
/// use scorekit_core::{BodyKind, StatusBody};
///
/// const BODIES: &[StatusBody] = &[
///     StatusBody::new("200", BodyKind::Json),
///     StatusBody::new("2XX", BodyKind::Empty),
/// ];
/// assert_eq!(BODIES[0].body, BodyKind::Json);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusBody {
    /// Three digits, a range such as `2XX`, or `default` for whatever else is a success.
    pub status: &'static str,
    /// What the body is; neither bytes nor again one by status.
    pub body: BodyKind,
}

impl StatusBody {
    /// Creates the description of the body that comes with `status`.
    pub const fn new(status: &'static str, body: BodyKind) -> Self {
        Self { status, body }
    }
}

/// What the document says of a status.
fn find(bodies: &'static [StatusBody], status: StatusCode) -> Option<&'static StatusBody> {
    let digits = status.as_str();
    let range = digits.get(..1).unwrap_or_default();
    let named = |wanted: &dyn Fn(&str) -> bool| bodies.iter().find(|body| wanted(body.status));
    named(&|name| name == digits)
        .or_else(|| named(&|name| name.strip_suffix("XX") == Some(range)))
        .or_else(|| named(&|name| name == "default"))
}

/// The body as the JSON object that says which status it came with, and how much of it says so. `as_json` makes JSON of
/// a body of its kind.
pub(crate) fn wrap(
    bodies: &'static [StatusBody],
    status: StatusCode,
    body: Bytes,
    as_json: impl FnOnce(BodyKind, Bytes) -> Bytes,
) -> (Bytes, usize) {
    let (name, json) = match find(bodies, status) {
        Some(found) => (found.status, as_json(found.body, body)),
        None => (UNLISTED, unlisted(body)),
    };
    let start = format!("{{\"{name}\":");
    let mut whole = Vec::with_capacity(start.len() + json.len() + 1);
    whole.extend_from_slice(start.as_bytes());
    whole.extend_from_slice(&json);
    whole.push(b'}');
    (whole.into(), start.len())
}

/// What is shown of `body`, without what `wrap` put around it.
pub(crate) fn unwrap(body: &[u8], before: usize) -> &[u8] {
    let end = body.len().saturating_sub(usize::from(before > 0));
    body.get(before..end).unwrap_or_default()
}

/// The body of a status that nobody expects: JSON if it is, else text, else nothing.
fn unlisted(body: Bytes) -> Bytes {
    if body.is_empty() {
        Bytes::from_static(b"null")
    } else if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok() {
        body
    } else {
        let text = serde_json::Value::from(String::from_utf8_lossy(&body));
        text.to_string().into()
    }
}

/// Declares an enum of what an operation answers, by status; its [`BodyKind`] is
/// [`ByStatus`](crate::BodyKind::ByStatus).
///
/// The enum gets a variant for each status, with a body or without, and a catch-all, `Unrecognized(Value)`, for those
/// that are not listed. It can be decoded alone, and is `#[non_exhaustive]`.
///
/// ```
/// scorekit_core::answers! {
///     /// What an export answers.
///     pub enum ExportAnswer {
///         /// 200: The rows.
///         Ok(Vec<String>) = "200",
///         /// 204: There are none.
///         NoContent = "204",
///     }
/// }
///
/// let answer = ExportAnswer::Ok(vec!["a".to_owned()]);
/// assert_ne!(answer, ExportAnswer::NoContent);
/// ```
#[macro_export]
macro_rules! answers {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident $(($ty:ty $(,)?))? = $status:literal
            ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $visibility enum $name {
            $(
                $(#[$variant_meta])*
                $variant $(($ty))?,
            )+
            /// A status that the API document does not list, with its body.
            Unrecognized($crate::Value),
        }

        impl ::core::default::Default for $name {
            /// Nothing.
            fn default() -> Self {
                Self::Unrecognized($crate::Value::Null)
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            // Generics have names that no schema has: the types of the bodies are named in here.
            fn deserialize<__Deserializer: $crate::__private::Deserializer<'de>>(
                deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                struct ByStatus;

                impl<'de> $crate::__private::Visitor<'de> for ByStatus {
                    type Value = $name;

                    fn expecting(
                        &self,
                        formatter: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        formatter.write_str("an answer by its status")
                    }

                    fn visit_map<__Answer: $crate::__private::MapAccess<'de>>(
                        self,
                        mut answer: __Answer,
                    ) -> ::core::result::Result<$name, __Answer::Error> {
                        let status = answer.next_key::<::std::string::String>()?;
                        ::core::result::Result::Ok(match status.as_deref() {
                            $(::core::option::Option::Some($status) => {
                                $crate::__answer!(answer, $name::$variant $(, $ty)?)
                            })+
                            _ => $name::Unrecognized(answer.next_value()?),
                        })
                    }
                }

                deserializer.deserialize_map(ByStatus)
            }
        }
    };
}

/// The variant of [`answers!`] with its body, if it has one.
#[doc(hidden)]
#[macro_export]
macro_rules! __answer {
    ($answer:ident, $variant:path) => {{
        $answer.next_value::<$crate::__private::IgnoredAny>()?;
        $variant
    }};
    ($answer:ident, $variant:path, $ty:ty) => {
        $variant($answer.next_value::<$ty>()?)
    };
}
