//! The error of an unusable document, and the JSON pointers of its place.

use std::fmt;

/// An error in the bundled document. The crate's build causes it, not the caller.
#[derive(Clone, Debug)]
pub struct DocumentError {
    pointer: String,
    problem: String,
}

impl DocumentError {
    pub(crate) fn new(pointer: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "cannot use crates/sandbox/openapi.json at {}: {}; write the file again with \
             `cargo xtask generate`",
            self.pointer, self.problem
        )
    }
}

impl std::error::Error for DocumentError {}

/// Escapes a key for use as one segment of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
