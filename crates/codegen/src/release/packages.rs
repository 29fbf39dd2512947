//! The crates to publish, and the order of their publication.

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::{Item, Table};

use super::{manifest, table, unreadable};
use crate::document::diagnostic::Diagnostic;

/// Returns the crates to publish, each after those that it depends on. `version` is the current
/// one, and `versions` are the dependencies of the workspace.
pub(super) fn order(
    root: &Path,
    version: &str,
    versions: Option<&Table>,
    problems: &mut Vec<String>,
) -> Result<Vec<String>, Diagnostic> {
    let mut waiting = packages(root, version, versions, problems)?;
    let mut crates: Vec<String> = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting.iter().find(|(_, needs)| {
            let mut needs = needs.iter();
            needs.all(|need| crates.contains(need))
        });
        let Some(name) = ready.map(|(name, _)| name.clone()) else {
            let names: Vec<&str> = waiting.keys().map(String::as_str).collect();
            problems.push(format!(
                "{} cannot be published: they depend on each other, or on a crate with `publish = \
                 false`; remove one of the dependencies",
                names.join(", ")
            ));
            break;
        };
        waiting.remove(&name);
        crates.push(name);
    }
    Ok(crates)
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
