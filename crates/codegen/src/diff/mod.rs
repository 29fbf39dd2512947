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
pub mod nodes;
pub mod render;
pub mod report;
pub mod semver;
pub mod source;

use std::path::Path;
use std::str::FromStr;

use self::change::Change;
use self::report::Report;
use self::source::DocumentSource;
use crate::collections::IndexMap;
use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::{self, Generated, Options, ReadDocument};
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
    compare_only(old, new, root, &Selection::default(), progress)
}

/// The part of two documents that a comparison reports.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The tags whose operations are compared, or empty for all.
    pub tags: Vec<String>,
    /// The prose whose changes are left out.
    pub ignored: Vec<Prose>,
}

/// Text for people, which has no effect on a client.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Prose {
    /// Titles, summaries and descriptions.
    Descriptions,
    /// Examples.
    Examples,
}

impl FromStr for Prose {
    type Err = String;

    /// Reads `descriptions` or `examples`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "descriptions" => Ok(Self::Descriptions),
            "examples" => Ok(Self::Examples),
            _ => Err("use `descriptions` or `examples`".to_owned()),
        }
    }
}

impl Prose {
    /// Returns the kind of its changes.
    fn kind(self) -> &'static str {
        match self {
            Self::Descriptions => "description-changed",
            Self::Examples => "example-changed",
        }
    }
}

/// Compares a part of two documents as [`compare`] does.
///
/// # Errors
/// Returns the problems of both documents, each with its location.
pub fn compare_only(
    old: &DocumentSource,
    new: &DocumentSource,
    root: &Path,
    selection: &Selection,
    progress: Progress,
) -> Result<Report, Diagnostics> {
    let (report, _) = compare_and_keep(old, new, root, selection, progress)?;
    Ok(report)
}

/// Compares as [`compare_only`] does, and returns the code of both versions, too.
pub(crate) fn compare_and_keep(
    old: &DocumentSource,
    new: &DocumentSource,
    root: &Path,
    selection: &Selection,
    progress: Progress,
) -> Result<(Report, [Generated; 2]), Diagnostics> {
    // A third-party document is read as `generate --spec` reads it.
    let is_external = old.is_external && new.is_external;
    let options = Options {
        uses_defaults: is_external,
        skips_unsupported: is_external,
        only: selection.tags.clone(),
        progress,
        ..Options::default()
    };
    let generated = |source: &DocumentSource| {
        let options = Options {
            directory: source.spec_root.clone(),
            ..options.clone()
        };
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
    let report = report(names, [&before, &after], root, selection)?;
    Ok((report, [before, after]))
}

/// A document that was read to be compared without generating code.
pub struct Unreleased(ReadDocument);

impl Unreleased {
    /// Reads a document, as `generate --spec` reads it if `is_external` is true.
    ///
    /// # Errors
    /// Returns the problems of the document, each with its location.
    pub fn read(source: &DocumentSource, is_external: bool) -> Result<Self, Diagnostics> {
        let options = Options {
            uses_defaults: is_external,
            skips_unsupported: is_external,
            directory: source.spec_root.clone(),
            ..Options::default()
        };
        generate::read_only(&source.root, &source.directory, &options).map(Self)
    }

    /// Returns the changes from this document to `new` for each domain by tag. None of them has an
    /// effect on the Rust API.
    pub fn changes(&self, new: &Self) -> IndexMap<String, Vec<Change>> {
        let (old, new) = (self.0.described(), new.0.described());
        document::compare(&document::Version::new(&old), &document::Version::new(&new))
    }
}

/// Compares two documents without generating code. Returns the changes of each domain by tag; none
/// of them has an effect on the Rust API.
///
/// # Errors
/// Returns the problems of both documents, each with its location.
pub fn changes(
    old: &DocumentSource,
    new: &DocumentSource,
) -> Result<IndexMap<String, Vec<Change>>, Diagnostics> {
    let is_external = old.is_external && new.is_external;
    let old = Unreleased::read(old, is_external)?;
    Ok(old.changes(&Unreleased::read(new, is_external)?))
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
    report(names, [before, after], root, &Selection::default())
}

fn report(
    names: [String; 2],
    [before, after]: [&Generated; 2],
    root: &Path,
    selection: &Selection,
) -> Result<Report, Diagnostics> {
    let (old, new) = (generate::described(before)?, generate::described(after)?);
    let (old, new) = (document::Version::new(&old), document::Version::new(&new));
    let mut changes = document::compare(&old, &new);
    for changes in changes.values_mut() {
        changes.retain(|change| {
            let mut ignored = selection.ignored.iter();
            !ignored.any(|prose| prose.kind() == change.kind)
        });
    }
    let releases = semver::Releases::read(root);
    Ok(attribution::report(
        names,
        changes,
        [(before, &old), (after, &new)],
        &releases,
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
