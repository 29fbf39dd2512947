//! Responses whose body depends on the status, such as a result with 200 and a job with 202.

use bytes::Bytes;
use http::StatusCode;

use crate::{BodyKind, DocumentedResponse};

/// The name for a status that the document does not list.
const UNLISTED: &str = "other";

/// Returns the listed response for a status.
fn find(
    bodies: &'static [DocumentedResponse],
    status: StatusCode,
) -> Option<&'static DocumentedResponse> {
    let digits = status.as_str();
    let range = digits.get(..1).unwrap_or_default();
    let named = |wanted: &dyn Fn(&str) -> bool| bodies.iter().find(|body| wanted(body.status));
    named(&|name| name == digits)
        .or_else(|| named(&|name| name.strip_suffix("XX") == Some(range)))
        .or_else(|| named(&|name| name == "default"))
}

/// Returns the kind of the body of a response with this status.
pub(crate) fn kind_of(kind: BodyKind, status: StatusCode) -> BodyKind {
    match kind {
        BodyKind::ByStatus(bodies) => find(bodies, status).map_or(BodyKind::Json, |it| it.body),
        kind => kind,
    }
}

/// Wraps a body in a JSON object whose property is the status. Returns it with the number of bytes
/// before the body. `as_json` converts a body of its kind to JSON.
pub(crate) fn wrap(
    bodies: &'static [DocumentedResponse],
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

/// Returns the body without the object that [`wrap`] put around it.
pub(crate) fn unwrap(body: &[u8], before: usize) -> &[u8] {
    let end = body.len().saturating_sub(usize::from(before > 0));
    body.get(before..end).unwrap_or_default()
}

/// Returns the body of a status that is not listed as JSON: unchanged, as a string, or as `null`.
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

/// Declares an enum of the responses of an operation, by status. The operation's
/// [`BodyKind`] is [`ByStatus`](crate::BodyKind::ByStatus).
///
/// The enum has a variant for each status, with a body or without, and `Unrecognized(Value)` for
/// statuses that are not listed. It implements `Deserialize` but not `Serialize`, and is
/// `#[non_exhaustive]`.
///
/// ```
/// scorekit_core::response_enum! {
///     /// The responses of an export.
///     pub enum ExportResponse {
///         /// 200: The rows.
///         Ok(Vec<String>) = "200",
///         /// 204: There are none.
///         NoContent = "204",
///     }
/// }
///
/// let response = ExportResponse::Ok(vec!["a".to_owned()]);
/// assert_ne!(response, ExportResponse::NoContent);
/// ```
#[macro_export]
macro_rules! response_enum {
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
            /// Returns an unrecognized `null`.
            #[inline]
            fn default() -> Self {
                Self::Unrecognized($crate::Value::Null)
            }
        }

        impl $crate::FromJson for $name {
            fn from_json<'de, __Deserializer: $crate::__private::Deserializer<'de>>(
                deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                <Self as $crate::__private::Deserialize<'de>>::deserialize(deserializer)
            }
        }

        impl<'de> $crate::__private::Deserialize<'de> for $name {
            // The generics have names that no schema has, because the body types are named here.
            fn deserialize<__Deserializer: $crate::__private::Deserializer<'de>>(
                deserializer: __Deserializer,
            ) -> ::core::result::Result<Self, __Deserializer::Error> {
                struct ByStatus;

                impl<'de> $crate::__private::Visitor<'de> for ByStatus {
                    type Value = $name;

                    #[inline]
                    fn expecting(
                        &self,
                        formatter: &mut ::core::fmt::Formatter<'_>,
                    ) -> ::core::fmt::Result {
                        formatter.write_str("a response by its status")
                    }

                    fn visit_map<__Response: $crate::__private::MapAccess<'de>>(
                        self,
                        mut response: __Response,
                    ) -> ::core::result::Result<$name, __Response::Error> {
                        let status = response.next_key::<::std::string::String>()?;
                        ::core::result::Result::Ok(match status.as_deref() {
                            $(::core::option::Option::Some($status) => {
                                $crate::__response_variant!(response, $name::$variant $(, $ty)?)
                            })+
                            _ => $name::Unrecognized(response.next_value()?),
                        })
                    }
                }

                deserializer.deserialize_map(ByStatus)
            }
        }
    };
}

/// Reads the variant of [`response_enum!`] with its body, if it has one.
#[doc(hidden)]
#[macro_export]
macro_rules! __response_variant {
    ($response:ident, $variant:path) => {{
        $response.next_value::<$crate::__private::IgnoredAny>()?;
        $variant
    }};
    ($response:ident, $variant:path, $ty:ty) => {
        $variant($response.next_value::<$crate::__private::Json<$ty>>()?.0)
    };
}
