//! Attributes each changed item of a crate to the changes of the nodes that decided it.

use super::api::{self, ApiChange, Effect};
use super::change::{Change, RustEffect};
use super::document::Version;
use super::document::provenance::Provenance;
use super::interface::interface;
use super::report::{CrateReport, NotCompared, Report};
use super::semver::Releases;
use super::{render, semver};
use crate::collections::IndexMap;
use crate::generate::refine::GeneratedCrate;
use crate::generate::{Generated, bundled};

/// Builds the report from the changes of the document and both generated crates. `releases`
/// are the versions of the workspace.
pub(super) fn report(
    [base, document]: [String; 2],
    changes: IndexMap<String, Vec<Change>>,
    [(before, old), (after, new)]: [(&Generated, &Version); 2],
    releases: &Releases,
) -> Report {
    let mut crates = Vec::new();
    for (tag, changes) in changes {
        let sources = [before, after].map(|generated| sources(generated, &tag));
        // The types of the shared crate are items of this one, too.
        let is_same = matches!(
            sources,
            [Some(old), Some(new)] if old.files == new.files && old.reexported.is_empty()
        );
        let items = |generated: &Generated, sources: Option<&GeneratedCrate>| {
            let sources = sources.filter(|_| !is_same);
            let items = sources.map(|sources| interface(sources, generated.shared.as_ref()));
            items.unwrap_or_default()
        };
        let old_items = items(before, sources[0]);
        let new_items = items(after, sources[1]);
        let differing = api::compare(&old_items, &new_items);
        let domains = [old.domain(&tag), new.domain(&tag)];
        let provenance = Provenance::new(domains, [&old_items, &new_items]);
        let name = after.crate_name(&tag);
        let report = crate_report(name, &tag, changes, differing, &provenance);
        if !report.changes.is_empty() || !report.consequences.is_empty() {
            crates.push(report);
        }
    }
    let serves_other = bundled(&before.document).ok() != bundled(&after.document).ok();
    let tags = before.crates.iter().map(|(domain, _)| &domain.tag);
    let removed = tags.filter(|tag| sources(after, tag).is_none());
    let removed: Vec<String> = removed.cloned().collect();
    let versions = semver::advise(&crates, &removed, serves_other, releases);
    let version = semver::together(&versions, &releases.version);
    let changelog = render::changelog(&crates);
    let left_out = [(&base, before), (&document, after)];
    let left_out = left_out.into_iter().flat_map(|(name, generated)| {
        let operations = generated.left_out.iter();
        operations.map(|left_out| NotCompared {
            document: name.clone(),
            operation: left_out.operation.clone(),
            reasons: left_out.reasons.clone(),
        })
    });
    let left_out = left_out.collect();
    let is_empty = |generated: &&Generated| {
        let mut crates = generated.crates.iter();
        crates.all(|(domain, _)| domain.operations.is_empty())
    };
    let empty = [before, after].into_iter().filter(is_empty);
    let notes = empty
        .flat_map(|generated| generated.notes.clone())
        .collect();
    Report {
        base,
        document,
        breaks_wire: crates.iter().any(|report| report.breaks_wire),
        breaks_rust: crates.iter().any(|report| report.rust > Effect::Compatible),
        crates,
        versions,
        version,
        changelog,
        left_out,
        notes,
    }
}

/// Returns the sources of a domain's crate.
fn sources<'a>(generated: &'a Generated, tag: &str) -> Option<&'a GeneratedCrate> {
    let mut crates = generated.crates.iter();
    let found = crates.find(|(domain, _)| domain.tag == tag);
    found.map(|(_, sources)| sources)
}

fn crate_report(
    name: String,
    tag: &str,
    mut changes: Vec<Change>,
    differing: Vec<ApiChange>,
    provenance: &Provenance,
) -> CrateReport {
    let mut causes: Vec<Vec<ApiChange>> = vec![Vec::new(); changes.len()];
    let mut consequences = Vec::new();
    for difference in differing {
        let decided = provenance.decided(&difference);
        let mut is_explained = false;
        for (change, cause) in changes.iter().zip(&mut causes) {
            let mut nodes = change.nodes.iter();
            if nodes.any(|node| decided.is_explained_by(node)) {
                cause.push(difference.clone());
                is_explained = true;
            }
        }
        if !is_explained {
            consequences.push(difference);
        }
    }
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
