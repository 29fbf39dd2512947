//! The form of handlers and of their tables.

use serde_json::Value;

use crate::request::{ApiError, Call};
use crate::state::State;

/// The body of a success, or the error of a rejected request. The document gives the status code.
pub(crate) type HandlerResult = Result<Option<Value>, ApiError>;

/// A function that handles a valid request.
pub(crate) type Handler = fn(&mut State, &Call<'_>) -> HandlerResult;

/// A row of a table: an `operationId` and its handler.
pub(super) type Entry = (&'static str, Handler);
