//! The changes since the last release: the commits, and the comparison of the documents.

use std::path::Path;

use super::Version;
use crate::diff::report::Report;
use crate::diff::source::{DocumentSource, git};
use crate::diff::{self, render, semver};
use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::{self, DOCUMENT};
use crate::progress::Progress;

/// The changes since the last release.
#[derive(Debug)]
pub struct Since {
    /// The tag of the last release.
    pub tag: String,
    /// The version of that tag.
    pub version: Version,
    /// The first lines of the messages of the commits since, the newest first.
    pub commits: Vec<String>,
    /// The changes of the document.
    pub document: Compared,
}

/// The comparison of the document with the one of the last release.
#[derive(Debug)]
pub enum Compared {
    /// The document is the same, or the last release's cannot be compared. A sentence says why.
    Nothing(String),
    /// The document cannot be used. A sentence says why.
    Unusable(String),
    /// The document differs.
    Changes(Box<Changes>),
}

/// The changes of the document.
#[derive(Debug)]
pub struct Changes {
    /// The number of changes and their effect.
    pub summary: String,
    /// The changes as entries of a changelog. Those that break users begin with `**Breaking**`.
    pub entries: Vec<String>,
    /// The lowest version that the changes permit.
    pub lowest: Version,
    /// The reason for that version.
    pub why: String,
}

impl Since {
    /// Reads the changes since the newest release of the repository at `root`. Returns `None` if no
    /// tag is a version.
    pub(super) fn read(root: &Path, progress: Progress) -> Result<Option<Self>, Diagnostic> {
        let tags = text(git(root, &["tag", "--list", "v*"])?);
        let versions = tags.lines().filter_map(|tag| {
            let version: Version = tag.strip_prefix('v')?.parse().ok()?;
            Some((version, tag.to_owned()))
        });
        let Some((version, tag)) = versions.max() else {
            return Ok(None);
        };
        let range = format!("refs/tags/{tag}..HEAD");
        let commits = text(git(root, &["log", "--no-merges", "--format=%s", &range])?);
        let document = compare(root, &tag, version, progress)?;
        Ok(Some(Self {
            commits: commits.lines().map(str::to_owned).collect(),
            document,
            tag,
            version,
        }))
    }

    /// Returns the reason why `version` cannot be the next one, if there is one.
    pub(super) fn objection(&self, version: Version) -> Option<String> {
        let tag = &self.tag;
        if version <= self.version {
            let raised = match &self.document {
                Compared::Changes(changes) => changes.lowest,
                Compared::Nothing(_) | Compared::Unusable(_) => self.version,
            };
            let advice = match raised > self.version {
                true => format!("{raised} or higher"),
                false => format!("higher than {}", self.version),
            };
            return Some(format!(
                "{tag} is released, so {version} is too low; pass --version, {advice}"
            ));
        }
        let changes = match &self.document {
            Compared::Nothing(_) => return None,
            Compared::Unusable(why) => return Some(why.clone()),
            Compared::Changes(changes) => changes,
        };
        let Changes { lowest, why, .. } = changes.as_ref();
        (version < *lowest).then(|| {
            let breaking = changes.breaking().map(|entry| format!("\n{INDENT}{entry}"));
            let breaking: String = breaking.collect();
            format!(
                "{version} is too low: the changes of the document since {tag} need {lowest} or \
                 higher ({why}); pass --version {lowest}, or undo them{breaking}"
            )
        })
    }
}

impl Changes {
    /// Returns the entries that break users.
    fn breaking(&self) -> impl Iterator<Item = &String> {
        let entries = self.entries.iter();
        entries.filter(|entry| entry.starts_with("- **Breaking**"))
    }
}

/// The space before a line that continues another.
pub(super) const INDENT: &str = "          ";

impl std::fmt::Display for Since {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tag = &self.tag;
        writeln!(formatter, "commits   {} since {tag}", self.commits.len())?;
        for subject in &self.commits {
            writeln!(formatter, "{INDENT}{subject}")?;
        }
        let changes = match &self.document {
            Compared::Unusable(_) => return writeln!(formatter, "document  not compared"),
            Compared::Nothing(why) => return writeln!(formatter, "document  {why}"),
            Compared::Changes(changes) => changes,
        };
        writeln!(formatter, "document  {} since {tag}", changes.summary)?;
        for entry in &changes.entries {
            writeln!(formatter, "{INDENT}{entry}")?;
        }
        let (lowest, why) = (changes.lowest, &changes.why);
        writeln!(formatter, "{INDENT}{lowest} is the lowest version: {why}")
    }
}

/// Compares the document with the one of the tag.
fn compare(
    root: &Path,
    tag: &str,
    version: Version,
    progress: Progress,
) -> Result<Compared, Diagnostic> {
    let nothing = |why: String| Ok(Compared::Nothing(why));
    if !root.join(DOCUMENT).exists() {
        return nothing(format!("the workspace has no {DOCUMENT}"));
    }
    let revision = format!("refs/tags/{tag}");
    let directory = Path::new(DOCUMENT).parent().unwrap_or(Path::new(""));
    let directory = directory.display().to_string();
    // Comparing generates the code of both documents, which takes seconds.
    let changed = git(root, &["diff", "--name-only", &revision, "--", &directory])?;
    if changed.is_empty() {
        return nothing(format!("no file of {directory} changed since {tag}"));
    }
    match report(root, &revision, progress) {
        Ok(report) => Ok(Compared::Changes(Box::new(changes(&report, version)))),
        Err(Diagnostics(problems)) => {
            let first = problems.first().map(ToString::to_string);
            let first = first.unwrap_or_default();
            let new = DocumentSource::of_workspace(root);
            let options = generate::Options::default();
            if generate::generate_with(&new.root, &new.directory, &options).is_err() {
                return Ok(Compared::Unusable(format!(
                    "cannot generate code for the document: {first}; see `cargo xtask generate`"
                )));
            }
            // An old document may break a later rule of the generator.
            nothing(format!(
                "cannot compare it with {tag}: {first}; see `cargo xtask diff --base {tag}`, and \
                 decide yourself which version it needs"
            ))
        }
    }
}

fn report(root: &Path, revision: &str, progress: Progress) -> Result<Report, Diagnostics> {
    let old = DocumentSource::find(revision, root)?;
    let new = DocumentSource::of_workspace(root);
    diff::compare(&old, &new, root, progress)
}

fn changes(report: &Report, version: Version) -> Changes {
    let lowest = semver::next(&version.to_string(), report.version.step);
    let entries = report.changelog.lines();
    let entries = entries.filter(|line| line.starts_with("- "));
    Changes {
        summary: render::summary(report),
        entries: entries.map(str::to_owned).collect(),
        lowest: lowest.parse().unwrap_or(version),
        why: report.version.why.clone(),
    }
}

fn text(output: Vec<u8>) -> String {
    String::from_utf8_lossy(&output).into_owned()
}
