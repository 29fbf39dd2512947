//! Standard output and standard error.

use std::io::{IsTerminal, Write as _};

/// Returns whether output to `stream` may be coloured: on a terminal, unless the user wants none
/// (<https://no-color.org>).
pub(crate) fn takes_colours(stream: &impl IsTerminal) -> bool {
    let rejected = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !rejected
}

/// Prints to standard output. A reader that closes the pipe early has read enough.
pub(crate) fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
