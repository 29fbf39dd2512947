//! The next version of each crate, by Semantic Versioning as Cargo reads it. Below 1.0.0 the second
//! number is the breaking one, below 0.1.0 the third.

use std::path::Path;

use toml_edit::DocumentMut;

use super::api::Effect;
use super::report::{Advice, CrateReport, Step};
use super::source;
use crate::collections::HashSet;
use crate::document::diagnostic::Diagnostic;

/// Returns the version that the crates of the workspace at `root` share, or 0.1.0 if it is
/// unreadable.
pub fn workspace_version(root: &Path) -> String {
    let text = std::fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let manifest: Option<DocumentMut> = text.parse().ok();
    let version = manifest.as_ref().and_then(|manifest| {
        let package = manifest.get("workspace")?.get("package")?;
        package.get("version")?.as_str()
    });
    version.unwrap_or("0.1.0").to_owned()
}

/// Returns the version after `current`, or `current` itself if it is not a version.
pub fn next(current: &str, step: Step) -> String {
    let numbers: Option<Vec<u64>> = current
        .split(['-', '+'])
        .next()
        .unwrap_or_default()
        .split('.')
        .map(|number| number.parse().ok())
        .collect();
    let Some([major, minor, patch]) = numbers.as_deref() else {
        return current.to_owned();
    };
    let (major, minor, patch) = (*major, *minor, *patch);
    match (step, major, minor) {
        (Step::None | Step::First, _, _) => current.to_owned(),
        (Step::Breaking, 1.., _) => format!("{}.0.0", major.saturating_add(1)),
        (Step::Breaking, 0, 1..) | (Step::Addition, 1.., _) => {
            format!("{major}.{}.0", minor.saturating_add(1))
        }
        _ => format!("{major}.{minor}.{}", patch.saturating_add(1)),
    }
}

/// The version of the workspace, and what was released of it.
pub(super) struct Releases {
    /// The version that the crates share.
    pub(super) version: String,
    /// The directories of `crates` that a tag of the repository has; `None` if that is unknown.
    released: Option<HashSet<String>>,
}

impl Releases {
    /// Reads the manifest and the tags of the repository at `root`.
    pub(super) fn read(root: &Path) -> Self {
        Self {
            version: workspace_version(root),
            released: released(root),
        }
    }

    /// Returns true if no tag has the crate `name`.
    fn is_new(&self, name: &str) -> bool {
        let directory = name.strip_prefix("scorekit-").unwrap_or(name);
        let is_known = |known: &HashSet<String>| known.contains(directory);
        self.released.as_ref().is_some_and(|known| !is_known(known))
    }

    fn advice(&self, name: &str, step: Step, why: String) -> Advice {
        let (step, why) = if step > Step::None && self.is_new(name) {
            let why = "the crate is new: no release has it".to_owned();
            (Step::First, why)
        } else {
            (step, why)
        };
        Advice {
            name: name.to_owned(),
            step,
            current: self.version.clone(),
            next: next(&self.version, step),
            why,
        }
    }
}

/// Returns the directories of `crates` that the tags of the repository at `root` have.
fn released(root: &Path) -> Option<HashSet<String>> {
    let mut released = HashSet::default();
    for tag in git(root, &["tag", "--list"]).ok()?.split_whitespace() {
        let tree = format!("refs/tags/{tag}^{{commit}}:crates");
        // A tag may be older than the directory.
        let listed = git(root, &["ls-tree", "--name-only", &tree]).unwrap_or_default();
        released.extend(listed.lines().map(str::to_owned));
    }
    Some(released)
}

fn git(root: &Path, arguments: &[&str]) -> Result<String, Diagnostic> {
    let output = source::git(root, arguments)?;
    Ok(String::from_utf8_lossy(&output).into_owned())
}

/// Returns the advice for each domain crate and for the crates that depend on them.
pub(super) fn advise(
    crates: &[CrateReport],
    removed: &[String],
    serves_other: bool,
    releases: &Releases,
) -> Vec<Advice> {
    let advice = |name: &str, step: Step, why: String| releases.advice(name, step, why);
    let mut all: Vec<Advice> = crates
        .iter()
        .map(|report| {
            if removed.contains(&report.tag) {
                return advice(
                    &report.name,
                    Step::None,
                    "the crate is removed: do not publish it again, and do not yank it".to_owned(),
                );
            }
            let mut why = reason(report).to_owned();
            if report.breaks_wire && report.step() < Step::Breaking {
                why.push_str(
                    "; clients of the old version fail or misbehave until they are updated",
                );
            }
            advice(&report.name, report.step(), why)
        })
        .collect();
    let facade = crates
        .iter()
        .map(|report| (report.step(), report))
        .max_by_key(|(step, _)| *step);
    if let Some((step, report)) = facade {
        let why = if !removed.is_empty() {
            format!(
                "it loses the feature and the method of {}",
                removed.join(", ")
            )
        } else {
            format!("it exports {}: {}", report.name, reason(report))
        };
        all.push(advice("scorekit", step, why));
    }
    if serves_other {
        let broken = crates.iter().any(|report| report.breaks_wire);
        all.push(if broken {
            let why = "it serves the new document, and tests of old clients fail against it";
            advice("scorekit-sandbox", Step::Breaking, why.to_owned())
        } else {
            let why = "it serves the new document, and old clients work with it";
            advice("scorekit-sandbox", Step::Fix, why.to_owned())
        });
    }
    all
}

fn reason(report: &CrateReport) -> &'static str {
    match (report.rust, report.step()) {
        (Effect::Breaks, _) => "code written against the old version does not compile",
        (Effect::Silent, _) => {
            "code written against the old version compiles, but behaves differently"
        }
        (_, Step::Addition) => "the API grew, and code written against the old version compiles",
        _ => "the API is the same",
    }
}

/// Returns the advice for the version that all crates of the workspace share.
pub(super) fn together(versions: &[Advice], version: &str) -> Advice {
    let highest = versions.iter().max_by_key(|advice| advice.step);
    let step = highest.map_or(Step::None, |advice| advice.step);
    let why = match highest {
        Some(advice) if step > Step::None => format!("{} needs it: {}", advice.name, advice.why),
        _ => "no crate differs".to_owned(),
    };
    Advice {
        name: "workspace".to_owned(),
        step,
        current: version.to_owned(),
        next: next(version, step),
        why,
    }
}
