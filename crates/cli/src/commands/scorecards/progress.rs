//! The progress of an apply on standard error: a bar on a terminal, lines elsewhere.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};

use super::apply::Outcome;
use super::plan::{Action, Change};
use crate::context::Context;

pub(super) struct Progress<'a> {
    context: &'a Context,
    bar: ProgressBar,
}

impl<'a> Progress<'a> {
    pub(super) fn new(context: &'a Context, count: usize) -> Self {
        let is_hidden = context.quiet || !io::stderr().is_terminal();
        let bar = match is_hidden {
            true => ProgressBar::hidden(),
            false => {
                let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} {eta} left");
                let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
                ProgressBar::new(count as u64).with_style(style)
            }
        };
        Self { context, bar }
    }

    /// Reports a change.
    pub(super) fn done(&self, change: &Change, outcome: &Outcome) {
        self.bar.inc(1);
        let name = format!("{} {}", change.kind.noun(), change.address);
        let verb = match change.action {
            Action::Create => "created",
            Action::Update => "changed",
            Action::Delete => "deleted",
        };
        let line = match outcome {
            Outcome::Done => format!("{verb} {name}"),
            Outcome::Failed { message, .. } => format!("failed: {name}: {message}"),
            Outcome::Skipped(cause) => format!("skipped: {name}: {cause}"),
            Outcome::NotTried => return,
        };
        self.bar.suspend(|| match outcome {
            Outcome::Done => self.context.say(&line),
            // `--quiet` hides no error.
            _ => self.context.warn(&line),
        });
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
