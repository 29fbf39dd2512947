//! Everything that two documents' comparison says, crate by crate.

use indexmap::IndexMap;
use serde::Serialize;

use super::api::{self, ApiChange, Effect};
use super::change::{Change, Rust};
use super::interface::{Interface, interface};
use super::semver::{self, Advice, Step};
use crate::generate::{Generated, bundled};

/// What the step from one document to another means.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What the old document is called.
    pub base: String,
    /// What the new document is called.
    pub document: String,
    /// Whether any change breaks the wire.
    pub breaks_wire: bool,
    /// Whether any change breaks the Rust API, or keeps code compiling that then means something else.
    pub breaks_rust: bool,
    /// The domain crates that differ.
    pub crates: Vec<CrateReport>,
    /// Which version each crate of the workspace needs.
    pub versions: Vec<Advice>,
    /// What all of them need together, as they share one version.
    pub version: Advice,
    /// An entry for CHANGELOG.md.
    pub changelog: String,
}

/// What changes in one domain crate.
#[derive(Clone, Debug, Serialize)]
pub struct CrateReport {
    /// The crate.
    pub name: String,
    /// The domain.
    pub tag: String,
    /// Whether a client built from the old document fails or misbehaves.
    pub breaks_wire: bool,
    /// The worst for code written against the old crate.
    pub rust: Effect,
    /// Each change of the document.
    pub changes: Vec<Change>,
    /// Promises of the crate that differ and that no change of the document accounts for.
    pub consequences: Vec<ApiChange>,
}

impl Report {
    /// Puts together what the documents and the generated crates say. `version` is what the workspace has now.
    pub(super) fn new(
        [base, document]: [String; 2],
        changes: IndexMap<String, Vec<Change>>,
        before: &Generated,
        after: &Generated,
        version: &str,
    ) -> Self {
        let (old, new) = (interfaces(before), interfaces(after));
        let nothing = Interface::new();
        let mut crates = Vec::new();
        for (tag, changes) in changes {
            let old = old.get(&tag).unwrap_or(&nothing);
            let differing = api::compare(old, new.get(&tag).unwrap_or(&nothing));
            let name = after.crate_name(&tag);
            let report = CrateReport::new(name, &tag, changes, differing);
            if !report.changes.is_empty() || !report.consequences.is_empty() {
                crates.push(report);
            }
        }
        let serves_other = bundled(&before.document).ok() != bundled(&after.document).ok();
        let gone: Vec<String> = old
            .keys()
            .filter(|tag| !new.contains_key(*tag))
            .cloned()
            .collect();
        let versions = semver::advise(&crates, &gone, serves_other, version);
        let version = semver::together(&versions, version);
        let changelog = super::render::changelog(&crates);
        Self {
            base,
            document,
            breaks_wire: crates.iter().any(|report| report.breaks_wire),
            breaks_rust: crates.iter().any(|report| report.rust > Effect::Compatible),
            crates,
            versions,
            version,
            changelog,
        }
    }

    /// Whether anything breaks for anybody.
    pub fn breaks(&self) -> bool {
        self.breaks_wire || self.breaks_rust
    }
}

fn interfaces(generated: &Generated) -> IndexMap<String, Interface> {
    let crates = generated.crates.iter();
    crates
        .map(|(domain, sources)| (domain.tag.clone(), interface(sources)))
        .collect()
}

impl CrateReport {
    fn new(name: String, tag: &str, mut changes: Vec<Change>, differing: Vec<ApiChange>) -> Self {
        let mut causes: Vec<Vec<ApiChange>> = vec![Vec::new(); changes.len()];
        let mut consequences = Vec::new();
        for difference in differing {
            let weights: Vec<usize> = changes
                .iter()
                .map(|change| {
                    let fits = change.touches.iter().map(|touch| touch.fits(&difference));
                    fits.max().unwrap_or_default()
                })
                .collect();
            let closest = weights.iter().max().copied().unwrap_or_default();
            if closest == 0 {
                consequences.push(difference);
                continue;
            }
            for (cause, weight) in causes.iter_mut().zip(&weights) {
                if *weight == closest {
                    cause.push(difference.clone());
                }
            }
        }
        for (change, cause) in changes.iter_mut().zip(causes) {
            change.rust = Rust::of(cause);
        }
        let rust = changes
            .iter()
            .map(|change| change.rust.effect)
            .chain(consequences.iter().map(|change| change.effect))
            .max()
            .unwrap_or(Effect::Compatible);
        Self {
            name,
            tag: tag.to_owned(),
            breaks_wire: changes.iter().any(|change| change.wire.breaks),
            rust,
            changes,
            consequences,
        }
    }

    /// The step that the crate's version needs.
    pub(super) fn step(&self) -> Step {
        let differs = self
            .changes
            .iter()
            .flat_map(|change| &change.rust.changes)
            .chain(&self.consequences)
            .any(|change| change.after.is_some());
        match self.rust {
            Effect::Breaks | Effect::Silent => Step::Breaking,
            Effect::Compatible if differs => Step::Addition,
            Effect::Compatible => Step::Fix,
        }
    }
}
