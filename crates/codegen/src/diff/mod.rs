//! `cargo xtask diff`: two versions of the document, and what the step from one to the other means for those who use
//! the crates.
//!
//! Each change of the document (`document`) has two verdicts. Whether it breaks the wire follows from what it is and
//! from what generated clients guarantee. Whether it breaks the Rust API follows from the generated code alone:
//! [`interface`] reads what both generations promise, [`api`] compares, and every promise that differs is put to the
//! change that it comes from.

pub mod api;
pub mod base;
pub mod change;
mod document;
pub mod interface;
pub mod render;
pub mod report;
pub mod semver;

use std::path::Path;

use self::base::Base;
use self::report::Report;
use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::{self, Generated, Options};
use crate::progress::Progress;

/// Compares two documents. The workspace at `root` says which version its crates have.
///
/// # Errors
/// What is wrong with either document; each is told where its files stand.
pub fn compare(
    old: &Base,
    new: &Base,
    root: &Path,
    progress: Progress,
) -> Result<Report, Diagnostics> {
    let options = Options {
        progress,
        ..Options::default()
    };
    let generated = |base: &Base| generate::generate_with(&base.root, &base.folder, &options);
    let (before, after) = std::thread::scope(|scope| {
        let before = scope.spawn(|| generated(old));
        let after = generated(new);
        (before.join().ok(), after)
    });
    let before = before.unwrap_or_else(|| {
        Err(Diagnostic::without_location(
            format!("the generator stopped at {}", old.name),
            "this is a fault of the generator: report it with the document",
        )
        .into())
    });
    let (before, after) = (named(before, old)?, named(after, new)?);
    options.progress.begin("comparing");
    let names = [old.name.clone(), new.name.clone()];
    compare_generated(names, &before, &after, root)
}

/// Compares what was generated from two documents, which `names` are the names of.
///
/// # Errors
/// What is wrong with either document.
pub fn compare_generated(
    names: [String; 2],
    before: &Generated,
    after: &Generated,
    root: &Path,
) -> Result<Report, Diagnostics> {
    let (old, new) = (document::Side::new(before)?, document::Side::new(after)?);
    let changes = document::compare(&old, &new);
    let version = semver::workspace_version(root);
    Ok(Report::new(names, changes, before, after, &version))
}

/// Says which of the two documents cannot be used.
fn named(generated: Result<Generated, Diagnostics>, base: &Base) -> Result<Generated, Diagnostics> {
    generated.map_err(|Diagnostics(mut diagnostics)| {
        for diagnostic in &mut diagnostics {
            diagnostic.message = format!("{} (in {})", diagnostic.message, base.name);
        }
        Diagnostics(diagnostics)
    })
}
