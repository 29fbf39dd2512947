//! The plan of a release: its version, its changes, and the order in which crates are published.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table};

use crate::diff::source::git;
use crate::document::diagnostic::Diagnostic;

/// The heading of the changes since the last release.
const UNRELEASED: &str = "## [Unreleased]";

/// The plan of a release. All crates have one version.
#[derive(Debug)]
pub struct Release {
    /// The version to release, from the manifest of the workspace.
    pub version: String,
    /// The tag of the last release, if there was one.
    pub previous: Option<String>,
    /// The names of the crates to publish, each after those that it depends on.
    pub crates: Vec<String>,
    /// The changes since the last release, from `CHANGELOG.md`.
    pub changes: String,
    /// The reasons why the release cannot be made.
    pub problems: Vec<String>,
}

impl Release {
    /// Plans the release of the workspace at `root`. It changes nothing.
    ///
    /// # Errors
    /// Returns an error if a manifest or the changelog cannot be read, or if Git fails.
    pub fn plan(root: &Path) -> Result<Self, Diagnostic> {
        let workspace = manifest(&root.join("Cargo.toml"))?;
        let workspace = table(workspace.as_table(), "workspace");
        let version = workspace
            .and_then(|workspace| table(workspace, "package")?.get("version")?.as_str())
            .unwrap_or_default()
            .to_owned();
        let changelog = read(&root.join("CHANGELOG.md"))?;
        let tags = String::from_utf8_lossy(&git(root, &["tag", "--sort=-v:refname"])?).into_owned();
        let mut tags = tags.lines().filter(|tag| tag.starts_with('v'));
        let previous = tags.next().map(str::to_owned);

        let mut problems = Vec::new();
        if previous.as_deref() == Some(&format!("v{version}")) {
            problems.push(format!(
                "v{version} is released; raise the versions in Cargo.toml (`cargo xtask diff \
                 --base v{version}` says by which step)"
            ));
        }
        let changes = unreleased(&changelog).to_owned();
        if changes.is_empty() {
            problems.push(format!("CHANGELOG.md lists no changes under {UNRELEASED}"));
        }
        let versions = workspace.and_then(|workspace| table(workspace, "dependencies"));
        let mut waiting = packages(root, &version, versions, &mut problems)?;
        let mut crates: Vec<String> = Vec::new();
        while !waiting.is_empty() {
            let ready = waiting.iter().find(|(_, needs)| {
                let mut needs = needs.iter();
                needs.all(|need| crates.contains(need))
            });
            let Some(name) = ready.map(|(name, _)| name.clone()) else {
                let names: Vec<&str> = waiting.keys().map(String::as_str).collect();
                problems.push(format!(
                    "{} cannot be published: they depend on each other, or on a crate with \
                     `publish = false`",
                    names.join(", ")
                ));
                break;
            };
            waiting.remove(&name);
            crates.push(name);
        }
        Ok(Self {
            version,
            previous,
            crates,
            changes,
            problems,
        })
    }

    /// Writes a heading with this version and date above the unreleased entries of the changelog.
    /// Returns the commands that come next.
    ///
    /// # Errors
    /// Returns an error if the changelog cannot be read or written.
    pub fn date_changes(&self, root: &Path, date: &str) -> Result<String, Diagnostic> {
        let path = root.join("CHANGELOG.md");
        let version = &self.version;
        let heading = format!("{UNRELEASED}\n\n## [{version}] - {date}");
        let text = read(&path)?.replacen(UNRELEASED, &heading, 1);
        std::fs::write(&path, text).map_err(|error| unreadable(&path, &error))?;
        Ok(format!(
            "next      git commit --all --message 'Release {version}'\n          \
             git tag --annotate v{version} --message 'Release {version}'\n          \
             git push --follow-tags\n"
        ))
    }
}

/// Plans the release of the workspace at `root`, and with a date also dates the changes if nothing
/// prevents the release. Returns what to print, and true if nothing prevents it.
///
/// # Errors
/// Returns an error if a file cannot be read or written.
pub fn run(root: &Path, date: Option<&str>) -> Result<(String, bool), Diagnostic> {
    let release = Release::plan(root)?;
    let mut text = release.to_string();
    let is_ready = release.problems.is_empty();
    if let Some(date) = date.filter(|_| is_ready) {
        text += &release.date_changes(root, date)?;
    }
    Ok((text, is_ready))
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            previous,
            crates,
            changes,
            problems,
        } = self;
        let previous = previous.as_deref().unwrap_or("none");
        let entries = changes
            .lines()
            .filter(|line| line.starts_with("- "))
            .count();
        writeln!(formatter, "version   {version} (last release: {previous})")?;
        writeln!(formatter, "changes   {entries} entries of CHANGELOG.md")?;
        writeln!(
            formatter,
            "steps     1. date the entries, commit, and tag v{version}"
        )?;
        writeln!(
            formatter,
            "          2. push the tag, which starts .github/workflows/release.yml"
        )?;
        writeln!(
            formatter,
            "          3. publish, in this order: {}",
            crates.join(", ")
        )?;
        for problem in problems {
            writeln!(formatter, "problem   {problem}")?;
        }
        Ok(())
    }
}

/// Returns the crates to publish, with the crates of the workspace that each of them needs.
fn packages(
    root: &Path,
    version: &str,
    versions: Option<&Table>,
    problems: &mut Vec<String>,
) -> Result<BTreeMap<String, Vec<String>>, Diagnostic> {
    let directory = root.join("crates");
    let entries = std::fs::read_dir(&directory).map_err(|error| unreadable(&directory, &error))?;
    let mut packages = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(&directory, &error))?;
        let path = entry.path().join("Cargo.toml");
        if !path.exists() {
            continue;
        }
        let document = manifest(&path)?;
        let Some(package) = table(document.as_table(), "package") else {
            continue;
        };
        let is_private = package.get("publish").and_then(Item::as_bool) == Some(false);
        let name = package
            .get("name")
            .and_then(Item::as_str)
            .unwrap_or_default();
        if is_private || name.is_empty() {
            continue;
        }
        if package.get("version").is_some_and(Item::is_str) {
            problems.push(format!(
                "{name} has a version of its own; inherit the workspace's"
            ));
        }
        let sections = ["dependencies", "build-dependencies"];
        let needs = sections
            .into_iter()
            .filter_map(|section| table(document.as_table(), section));
        let is_own = |name: &&str| {
            let own = versions.and_then(|versions| versions.get(name)?.get("path")?.as_str());
            own.is_some()
        };
        let needs: Vec<String> = needs
            .flat_map(|section| section.iter().map(|(name, _)| name))
            .filter(is_own)
            .map(str::to_owned)
            .collect();
        packages.insert(name.to_owned(), needs);
    }
    for name in packages.keys() {
        let own = versions.and_then(|versions| versions.get(name)?.get("version")?.as_str());
        if own.is_some_and(|own| own != version) {
            problems.push(format!(
                "Cargo.toml requires another version of {name} than {version}; write the same"
            ));
        }
    }
    Ok(packages)
}

/// Returns the entries of the changelog that are not released yet.
fn unreleased(changelog: &str) -> &str {
    let Some((_, rest)) = changelog.split_once(UNRELEASED) else {
        return "";
    };
    let end = rest.find("\n## ").unwrap_or(rest.len());
    rest[..end].trim()
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
