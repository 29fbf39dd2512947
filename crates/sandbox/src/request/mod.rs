//! The steps from an HTTP request to a handler's call: find the operation, check the credentials,
//! check the parameters and the body.

mod auth;
mod call;
mod error;
mod router;
mod validation;

pub use auth::Credentials;
pub(crate) use auth::{SECRET_HEADERS, authenticate, redacted_headers};
pub(crate) use call::{Call, comma_separated};
pub(crate) use error::{ApiError, Problem, Reason, Source};
pub(crate) use router::{Route, route};
pub(crate) use validation::{RawRequest, read_call};
