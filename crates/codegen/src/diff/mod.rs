//! Compares two versions of the document and reports which users the changes break (`cargo xtask
//! diff`).
//!
//! Each change of the document has two effects. `document` decides the effect on the wire, by the
//! kind of change and the guarantees of generated clients. The effect on the Rust API follows from
//! the generated code alone: [`interface`] reads the items of both crates, [`api`] compares them,
//! and [`report`] attributes each changed item to the change of the document that explains it.

pub mod api;
mod attribution;
pub mod change;
mod document;
pub mod interface;
pub mod render;
pub mod report;
pub mod semver;
pub mod source;

use std::path::Path;

use self::report::Report;
use self::source::DocumentSource;
use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::{self, Generated, Options};
use crate::progress::Progress;

/// Compares two documents. The workspace at `root` has the current version of the crates.
///
/// # Errors
/// Returns the problems of both documents, each with its location.
pub fn compare(
    old: &DocumentSource,
    new: &DocumentSource,
    root: &Path,
    progress: Progress,
) -> Result<Report, Diagnostics> {
    compare_only(old, new, root, &[], progress)
}

/// Compares two documents as [`compare`] does, but only the operations with the tags `only`; all of
/// them if there are none.
///
/// # Errors
/// Returns the problems of both documents, each with its location.
pub fn compare_only(
    old: &DocumentSource,
    new: &DocumentSource,
    root: &Path,
    only: &[String],
    progress: Progress,
) -> Result<Report, Diagnostics> {
    // A third-party document is read as `generate --spec` reads it.
    let is_external = old.is_external && new.is_external;
    let options = Options {
        uses_defaults: is_external,
        skips_unsupported: is_external,
        only: only.to_vec(),
        progress,
        ..Options::default()
    };
    let generated = |source: &DocumentSource| {
        generate::generate_with(&source.root, &source.directory, &options)
    };
    let (before, after) = std::thread::scope(|scope| {
        let before = scope.spawn(|| generated(old));
        let after = generated(new);
        (before.join().ok(), after)
    });
    let before = before.unwrap_or_else(|| {
        Err(Diagnostic::without_location(
            format!(
                "cannot generate code for {}: the generator panicked",
                old.name
            ),
            "this is a bug in the generator: report it with the document",
        )
        .into())
    });
    let (before, after) = (named(before, old)?, named(after, new)?);
    options.progress.begin("comparing");
    let names = [old.name.clone(), new.name.clone()];
    compare_generated(names, &before, &after, root)
}

/// Compares the code generated from two documents, whose names are `names`.
///
/// # Errors
/// Returns the problems of both documents.
pub fn compare_generated(
    names: [String; 2],
    before: &Generated,
    after: &Generated,
    root: &Path,
) -> Result<Report, Diagnostics> {
    let old = document::Version::new(before)?;
    let new = document::Version::new(after)?;
    let changes = document::compare(&old, &new);
    let version = semver::workspace_version(root);
    Ok(attribution::report(
        names,
        changes,
        [before, after],
        &version,
    ))
}

/// Adds the name of the document to its diagnostics.
fn named(
    generated: Result<Generated, Diagnostics>,
    source: &DocumentSource,
) -> Result<Generated, Diagnostics> {
    generated.map_err(|Diagnostics(mut diagnostics)| {
        for diagnostic in &mut diagnostics {
            diagnostic.message = format!("{} (in {})", diagnostic.message, source.name);
        }
        Diagnostics(diagnostics)
    })
}
