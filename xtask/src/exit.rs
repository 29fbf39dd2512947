//! The exit statuses of every command.

/// Everything is as it should be.
pub(crate) const SUCCESS: u8 = 0;
/// Something is stale, breaks users, or violates a rule, a limit or a test.
pub(crate) const FAILURE: u8 = 1;
/// The command or the document cannot be used, a file cannot be read or written, or a program does
/// not build.
pub(crate) const UNUSABLE: u8 = 2;
