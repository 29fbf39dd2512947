//! The OpenAPI document as the sandbox needs it: its operations, what each accepts, and how each
//! responds. No other module reads the JSON text.

mod bundle;
mod error;
mod operation;
mod path;
mod reader;
mod schema;
mod unknown;

pub(crate) use bundle::Document;
#[cfg(feature = "page")]
pub(crate) use bundle::TEXT;
pub use error::DocumentError;
pub(crate) use operation::{ErrorShape, Location, Operation, Parameter, Requirement, Scheme};
pub(crate) use path::segments;
pub(crate) use schema::Schema;
pub(crate) use unknown::drop_unknown;
