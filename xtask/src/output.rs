//! Standard output, standard error and exit statuses.

use std::io::{IsTerminal, Write as _};

use clap::ValueEnum;
use scorekit_codegen::Diagnostics;

/// Success: the command found no problem.
pub(crate) const SUCCESS: u8 = 0;
/// Something is stale, breaks users, or violates a rule, a limit or a test.
pub(crate) const FAILURE: u8 = 1;
/// The command or the document cannot be used, a file cannot be read or written, or a program does
/// not build.
pub(crate) const UNUSABLE: u8 = 2;

/// The format of messages.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people: each finding with the line it is about
    #[default]
    Text,
    /// For machines: one JSON object (see docs/lint.md and docs/documents.md)
    Json,
}

/// Returns true if output to `stream` may be coloured: on a terminal, unless the user wants none
/// (<https://no-color.org>).
pub(crate) fn takes_colours(stream: &impl IsTerminal) -> bool {
    let rejected = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !rejected
}

/// Prints to standard output. A reader that closes the pipe early has read enough.
pub(crate) fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Prints why a document cannot be used.
pub(crate) fn unusable(diagnostics: &Diagnostics) -> u8 {
    eprintln!("{}", diagnostics.render(takes_colours(&std::io::stderr())));
    UNUSABLE
}

/// Prints why the command cannot go on.
pub(crate) fn failed(error: &impl std::fmt::Display) -> u8 {
    eprintln!("error: {error}");
    UNUSABLE
}
