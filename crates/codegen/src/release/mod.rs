//! A release: its version, its changes, the files that name the version, and the order in which
//! crates are published.

mod inputs;
mod packages;
mod since;
mod versions;

use std::fmt;
use std::path::Path;

use toml_edit::{DocumentMut, Table};

pub use self::inputs::{Date, Version};
pub use self::since::{Changes, Compared, Since};
pub use self::versions::Edit;
use crate::diff::source::git;
use crate::document::diagnostic::{Diagnostic, counted};
use crate::progress::Progress;

/// The file with the changes of each release.
const CHANGELOG: &str = "CHANGELOG.md";

/// The heading of the changes since the last release.
const UNRELEASED: &str = "## [Unreleased]";

/// The start of the line at the end of the changelog with the address of these changes.
const LINK: &str = "[Unreleased]: ";

/// The number of files that a message names.
const SHOWN: usize = 5;

/// The plan of a release. All crates have one version.
#[derive(Debug)]
pub struct Release {
    /// The version to release.
    pub version: Version,
    /// The changes since the last release, if there was one.
    pub since: Option<Since>,
    /// The names of the crates to publish, each after those that it depends on.
    pub crates: Vec<String>,
    /// The changes since the last release, from `CHANGELOG.md`.
    pub changes: String,
    /// The files that name another version.
    pub edits: Vec<Edit>,
    /// The reasons why the release cannot be made.
    pub problems: Vec<String>,
}

impl Release {
    /// Plans the release of the workspace at `root` with this version, or with the one of its
    /// manifest. It changes nothing.
    ///
    /// # Errors
    /// Returns an error if a manifest or the changelog cannot be read, or if Git fails.
    pub fn plan(
        root: &Path,
        version: Option<Version>,
        progress: Progress,
    ) -> Result<Self, Diagnostic> {
        let workspace = manifest(&root.join("Cargo.toml"))?;
        let workspace = table(workspace.as_table(), "workspace");
        let current = workspace
            .and_then(|workspace| table(workspace, "package")?.get("version")?.as_str())
            .unwrap_or_default();
        let written: Version = current.parse().map_err(|error| {
            Diagnostic::without_location(
                format!("cannot use the version {current:?} of Cargo.toml: {error}"),
                "correct `version` in [workspace.package]",
            )
        })?;
        let version = version.unwrap_or(written);
        let changelog = read(&root.join(CHANGELOG))?;
        let since = Since::read(root, progress)?;

        let mut problems = Vec::new();
        if version < written {
            problems.push(format!(
                "{version} is lower than {written} in Cargo.toml; pass a higher --version"
            ));
        }
        problems.extend(since.as_ref().and_then(|since| since.objection(version)));
        let changes = unreleased(&changelog).to_owned();
        if changes.is_empty() {
            problems.push(format!(
                "{CHANGELOG} lists no changes under {UNRELEASED}; write them"
            ));
        }
        let versions = workspace.and_then(|workspace| table(workspace, "dependencies"));
        let crates = packages::order(root, current, versions, &mut problems)?;
        let edits = match version == written {
            true => Vec::new(),
            false => versions::edits(root, written, version)?,
        };
        Ok(Self {
            version,
            since,
            crates,
            changes,
            edits,
            problems,
        })
    }

    /// Writes the version into all files that name it, and a heading with the version and the date
    /// above the unreleased entries of the changelog. Returns the commands that come next.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read or written, or if cargo cannot update the lock
    /// file.
    pub fn write(&self, root: &Path, date: Date) -> Result<String, Diagnostic> {
        let version = self.version;
        let path = root.join(CHANGELOG);
        let heading = format!("{UNRELEASED}\n\n## [{version}] - {date}");
        let changelog = with_link(&read(&path)?, version);
        let changelog = changelog.replacen(UNRELEASED, &heading, 1);
        let mut files = vec![CHANGELOG.to_owned()];
        for edit in &self.edits {
            edit.write(root)?;
            files.push(edit.path.display().to_string());
        }
        if !self.edits.is_empty() {
            versions::lock(root)?;
            files.push(versions::LOCK.to_owned());
        }
        // The heading comes last, so that an interrupted release can be repeated.
        std::fs::write(&path, changelog).map_err(|error| {
            Diagnostic::without_location(
                format!("cannot write {}: {error}", path.display()),
                "correct that, and undo the rest with `git restore .`",
            )
        })?;
        files.sort();
        let files = files.join(&format!(" \\\n{}  ", since::INDENT));
        Ok(format!(
            "next      git commit --message 'Release {version}' \\\n{indent}  {files}\n\
             {indent}git tag --annotate v{version} --message 'Release {version}'\n\
             {indent}git push --follow-tags\n",
            indent = since::INDENT
        ))
    }
}

/// Plans the release of the workspace at `root`, and with a date also writes it if nothing prevents
/// the release. Returns what to print, and true if nothing prevents it.
///
/// # Errors
/// Returns an error if a file cannot be read or written.
pub fn run(
    root: &Path,
    version: Option<Version>,
    date: Option<Date>,
    progress: Progress,
) -> Result<(String, bool), Diagnostic> {
    let mut release = Release::plan(root, version, progress)?;
    if date.is_some() {
        release.problems.extend(uncommitted(root)?);
    }
    let mut text = release.to_string();
    let is_ready = release.problems.is_empty();
    if let Some(date) = date.filter(|_| is_ready) {
        text += &release.write(root, date)?;
    }
    Ok((text, is_ready))
}

/// Returns the problem that the working tree has uncommitted changes, if it has some.
fn uncommitted(root: &Path) -> Result<Option<String>, Diagnostic> {
    let status = git(root, &["status", "--porcelain"])?;
    let status = String::from_utf8_lossy(&status);
    let files: Vec<&str> = status.lines().filter_map(|line| line.get(3..)).collect();
    let shown = files.iter().take(SHOWN).copied().collect::<Vec<_>>();
    let more = match files.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Ok((!files.is_empty()).then(|| {
        let shown = shown.join(", ");
        format!("the working tree has uncommitted changes: {shown}{more}; commit or stash them")
    }))
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            since,
            crates,
            changes,
            edits,
            problems,
        } = self;
        let indent = since::INDENT;
        let previous = since.as_ref().map_or("none", |since| since.tag.as_str());
        writeln!(formatter, "version   {version} (last release: {previous})")?;
        let entries = changes.lines().filter(|line| line.starts_with("- "));
        let entries = match entries.count() {
            1 => "1 entry".to_owned(),
            count => format!("{count} entries"),
        };
        writeln!(formatter, "changes   {entries} of {CHANGELOG}")?;
        match since {
            Some(since) => since.fmt(formatter)?,
            None => writeln!(
                formatter,
                "commits   not listed, and the document is not compared: no tag is a version"
            )?,
        }
        if !edits.is_empty() {
            let files = counted(edits.len(), "file");
            writeln!(formatter, "files     {files} with another version")?;
            for edit in edits {
                writeln!(formatter, "{indent}{}", edit.path.display())?;
            }
        }
        let raise = match edits.is_empty() {
            true => "",
            false => "raise the version, ",
        };
        writeln!(
            formatter,
            "steps     1. {raise}date the entries, commit, and tag v{version}"
        )?;
        writeln!(
            formatter,
            "{indent}2. push the tag, which starts .github/workflows/release.yml"
        )?;
        writeln!(
            formatter,
            "{indent}3. publish, in this order: {}",
            crates.join(", ")
        )?;
        for problem in problems {
            writeln!(formatter, "problem   {problem}")?;
        }
        Ok(())
    }
}

/// Returns the entries of the changelog that are not released yet.
fn unreleased(changelog: &str) -> &str {
    let Some((_, rest)) = changelog.split_once(UNRELEASED) else {
        return "";
    };
    let ends = ["\n## ", "\n[Unreleased]: "].map(|end| rest.find(end).unwrap_or(rest.len()));
    rest[..ends[0].min(ends[1])].trim()
}

/// Adds the address of a version's changes to a changelog that has that of the unreleased ones:
/// `REPOSITORY/compare/vLAST...HEAD`, or `REPOSITORY/commits/BRANCH` before the first release.
fn with_link(changelog: &str, version: Version) -> String {
    let mut written = String::with_capacity(changelog.len() + 256);
    for line in changelog.split_inclusive('\n') {
        let address = line.strip_prefix(LINK).map(str::trim_end);
        let compared = address.and_then(|it| it.split_once("/compare/"));
        let last = compared.and_then(|(_, versions)| versions.split_once("..."));
        let first = address.and_then(|it| it.split_once("/commits/"));
        let Some((repository, _)) = compared.or(first) else {
            written.push_str(line);
            continue;
        };
        let changes = last.map_or_else(
            || format!("releases/tag/v{version}"),
            |(last, _)| format!("compare/{last}...v{version}"),
        );
        written.push_str(&format!(
            "{LINK}{repository}/compare/v{version}...HEAD\n\
             [{version}]: {repository}/{changes}\n"
        ));
    }
    written
}

fn table<'a>(table: &'a Table, key: &str) -> Option<&'a Table> {
    table.get(key)?.as_table()
}

fn manifest(path: &Path) -> Result<DocumentMut, Diagnostic> {
    read(path)?.parse().map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        Diagnostic::without_location(message, "correct the file")
    })
}

fn read(path: &Path) -> Result<String, Diagnostic> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let message = format!("cannot read {}: {error}", path.display());
    Diagnostic::without_location(message, "run the command in the workspace")
}
