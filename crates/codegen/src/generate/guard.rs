//! Protects files that the generator did not write: in the directories that it owns, and behind
//! links that lead out of the output directory.

use std::collections::BTreeSet;
use std::path::Path;

use super::write::{Change, Plan};
use crate::document::diagnostic::Diagnostic;

/// The beginnings of generated files of any version. An empty file has nothing to lose.
const MARKS: [&[u8]; 2] = [b"// @generated", b"# @generated"];

/// The generated file that has no first line of its own, because rustdoc includes it.
const UNMARKED: &str = "src/generated/resources.md";

/// Returns an error for each file that would be replaced or removed although the generator did not
/// write it.
pub(crate) fn foreign_files(plan: &Plan, changes: &[Change]) -> Vec<Diagnostic> {
    let is_owned = |path: &Path| {
        let mut directories = plan.owned_directories.iter();
        directories.any(|directory| path.starts_with(directory))
    };
    let is_foreign = |change: &&Change| {
        let before = change.before.as_deref().unwrap_or_default();
        let is_generated = before.is_empty()
            || MARKS.iter().any(|mark| before.starts_with(mark))
            || change.path.ends_with(UNMARKED);
        is_owned(&change.path) && !is_generated
    };
    let foreign = changes.iter().filter(is_foreign);
    foreign
        .map(|change| {
            let action = match change.after {
                Some(_) => "replaced",
                None => "removed",
            };
            Diagnostic::without_location(
                format!(
                    "{} would be {action}, but the generator did not write it",
                    change.path.display()
                ),
                "move it out of the directory of generated files, or delete it",
            )
        })
        .collect()
}

/// Returns an error for each link inside `directory` through which a file would be written outside
/// of it. `directory` has no links itself.
pub(crate) fn links_outside(directory: &Path, plan: &Plan) -> Vec<Diagnostic> {
    let paths = plan.files.keys().flat_map(|path| path.ancestors());
    let paths: BTreeSet<&Path> = paths.filter(|path| *path != Path::new("")).collect();
    let outside = paths.into_iter().filter_map(|path| {
        let link = directory.join(path);
        let target = link.read_link().ok()?;
        let leads_inside = link
            .canonicalize()
            .is_ok_and(|target| target.starts_with(directory));
        (!leads_inside).then(|| {
            Diagnostic::without_location(
                format!(
                    "{} is a link to {}, outside of the output directory",
                    path.display(),
                    target.display()
                ),
                "replace the link by a directory or a file, or delete it",
            )
        })
    });
    outside.collect()
}
