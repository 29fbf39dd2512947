//! Attributes each changed item of a crate to the change of the document that explains it best.

use indexmap::IndexMap;

use super::api::{self, ApiChange, Effect};
use super::change::{Change, RustEffect};
use super::interface::{Interface, STRING_ARGUMENT, interface};
use super::report::{CrateReport, Report};
use super::semver::Releases;
use super::{render, semver};
use crate::generate::{Generated, bundled};

/// Builds the report from the changes of the document and both generated crates. `releases`
/// are the versions of the workspace.
pub(super) fn report(
    [base, document]: [String; 2],
    changes: IndexMap<String, Vec<Change>>,
    [before, after]: [&Generated; 2],
    releases: &Releases,
) -> Report {
    let (old, new) = (interfaces(before), interfaces(after));
    let nothing = Interface::new();
    let mut crates = Vec::new();
    for (tag, changes) in changes {
        let old = old.get(&tag).unwrap_or(&nothing);
        let differing = api::compare(old, new.get(&tag).unwrap_or(&nothing));
        let report = crate_report(after.crate_name(&tag), &tag, changes, differing);
        if !report.changes.is_empty() || !report.consequences.is_empty() {
            crates.push(report);
        }
    }
    let serves_other = bundled(&before.document).ok() != bundled(&after.document).ok();
    let removed: Vec<String> = old
        .keys()
        .filter(|tag| !new.contains_key(*tag))
        .cloned()
        .collect();
    let versions = semver::advise(&crates, &removed, serves_other, releases);
    let version = semver::together(&versions, &releases.version);
    let changelog = render::changelog(&crates);
    Report {
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

fn interfaces(generated: &Generated) -> IndexMap<String, Interface> {
    let crates = generated.crates.iter();
    crates
        .map(|(domain, sources)| {
            (
                domain.tag.clone(),
                interface(sources, generated.shared.as_ref()),
            )
        })
        .collect()
}

fn crate_report(
    name: String,
    tag: &str,
    mut changes: Vec<Change>,
    differing: Vec<ApiChange>,
) -> CrateReport {
    let mut causes: Vec<Vec<ApiChange>> = vec![Vec::new(); changes.len()];
    let mut consequences = Vec::new();
    for difference in differing {
        let weights: Vec<usize> = changes
            .iter()
            .map(|change| {
                let fits = change.affected.iter().map(|item| item.fits(&difference));
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
    explain_string_arguments(&mut consequences, &mut causes);
    for (change, cause) in changes.iter_mut().zip(causes) {
        change.rust = RustEffect::of(cause);
    }
    let rust = changes
        .iter()
        .map(|change| change.rust.effect)
        .chain(consequences.iter().map(|change| change.effect))
        .max()
        .unwrap_or(Effect::Compatible);
    CrateReport {
        name,
        tag: tag.to_owned(),
        breaks_wire: changes.iter().any(|change| change.wire.breaks),
        rust,
        changes,
        consequences,
    }
}

/// Moves the new and removed types of string arguments to the changes of the methods that take
/// them. The document has no such types.
fn explain_string_arguments(consequences: &mut Vec<ApiChange>, causes: &mut [Vec<ApiChange>]) {
    consequences.retain(|difference| {
        let is_string_argument = |item: &Option<String>| item.as_deref() == Some(STRING_ARGUMENT);
        if !is_string_argument(&difference.before) && !is_string_argument(&difference.after) {
            return true;
        }
        let name = difference.path.rsplit("::").next().unwrap_or_default();
        let mut is_explained = false;
        for cause in causes.iter_mut() {
            if cause.iter().any(|change| names(change, name)) {
                cause.push(difference.clone());
                is_explained = true;
            }
        }
        !is_explained
    });
}

/// Returns true if the old or the new form of a changed item has a word.
fn names(change: &ApiChange, word: &str) -> bool {
    let forms = change.before.iter().chain(&change.after);
    let mut words = forms.flat_map(|form| form.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.any(|known| known == word)
}
