//! Lists that a job reads to the end.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};
use scorekit::Items;

use crate::context::Context;
use crate::exit::Failure;
use crate::interrupt;

/// Passes each item of a list to `take`, until Ctrl-C, which is an error with this message.
pub(super) async fn each<T>(
    mut items: Items<T>,
    interrupted: &str,
    mut take: impl FnMut(T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    loop {
        let item = tokio::select! {
            item = items.next() => item,
            () = interrupt::interrupted() => return Err(Failure::interrupted(interrupted)),
        };
        match item {
            Some(item) => take(item?)?,
            None => return Ok(()),
        }
    }
}

/// Creates a counter of items that were read. It is hidden unless standard error is a terminal.
pub(super) fn counter(context: &Context, items: &str) -> ProgressBar {
    if context.quiet || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(&format!("{{spinner}} {{human_pos}} {items}"));
    let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::no_length().with_style(style)
}

/// Waits for a call that changes nothing, until Ctrl-C.
pub(super) async fn until_interrupted<T>(call: impl Future<Output = T>) -> Result<T, Failure> {
    tokio::select! {
        result = call => Ok(result),
        () = interrupt::interrupted() => {
            Err(Failure::interrupted("interrupted: nothing was changed"))
        }
    }
}
