//! The table of crates in the workspace's README, between two comments. The rest of the page is
//! written by hand.

use std::fmt::Write as _;
use std::path::Path;

use toml_edit::DocumentMut;

use super::workspace::{parse, read_manifest, unreadable};
use super::write::Plan;
use super::{Generated, PREFIX};
use crate::document::diagnostic::{Diagnostic, Diagnostics};

/// The page with the table. A workspace without it, or without the comments, gets no table.
const README: &str = "README.md";

/// The comment before the table.
const BEGIN: &str = "<!-- crates: written by `cargo xtask generate` -->\n";

/// The comment after it.
const END: &str = "<!-- /crates -->\n";

/// Plans the page of the workspace at `root`.
pub(super) fn plan(root: &Path, generated: &Generated, plan: &mut Plan) -> Result<(), Diagnostics> {
    let Ok(page) = std::fs::read_to_string(root.join(README)) else {
        return Ok(());
    };
    let Some((before, rest)) = page.split_once(BEGIN) else {
        return Ok(());
    };
    let Some((_, after)) = rest.split_once(END) else {
        return Err(Diagnostic::without_location(
            format!(
                "cannot write the table of crates: {README} has no line `{}`",
                END.trim()
            ),
            format!(
                "add the line after the table that begins with `{}`",
                BEGIN.trim()
            ),
        )
        .into());
    };
    let table = table(root, generated)?;
    let page = format!("{before}{BEGIN}\n{table}\n{END}{after}");
    plan.files.insert(README.into(), page);
    Ok(())
}

/// Returns the table: the facade, the domains in the order of the document, and the other crates
/// that are published, in the order of their directories.
fn table(root: &Path, generated: &Generated) -> Result<String, Diagnostics> {
    let mut table = String::from("| crate | operations | |\n| --- | --- | --- |\n");
    let mut row = |name: &str, directory: &str, operations: &str, about: &str| {
        let row = format!("| [`{name}`](crates/{directory}) | {operations} | {about} |");
        let _ = writeln!(table, "{}", row.replace("|  |", "| |"));
    };
    row(
        PREFIX,
        PREFIX,
        "",
        &description(root, PREFIX)?.unwrap_or_default(),
    );
    for (domain, sources) in &generated.crates {
        let mut resources: Vec<String> = Vec::new();
        for operation in &domain.operations {
            let resource = operation.resource.trim_matches('_').replace('_', " ");
            if !resources.contains(&resource) {
                resources.push(resource);
            }
        }
        let name = generated.crate_name(&domain.tag);
        let operations = sources.operations.to_string();
        row(&name, &domain.tag, &operations, &resources.join(", "));
    }
    let directory = Path::new("crates");
    let entries = std::fs::read_dir(root.join(directory));
    let entries = entries.map_err(|error| unreadable(directory, &error))?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let mut names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    for name in names {
        let is_listed = name == PREFIX
            || generated
                .crates
                .iter()
                .any(|(domain, _)| domain.tag == name);
        if is_listed {
            continue;
        }
        if let Some(about) = description(root, &name)? {
            row(&format!("{PREFIX}-{name}"), &name, "", &about);
        }
    }
    Ok(table)
}

/// Returns the description of the crate in a directory of `crates`. `None` if it is a crate of a
/// domain, whose tag may be gone, or is not published.
fn description(root: &Path, directory: &str) -> Result<Option<String>, Diagnostic> {
    let path = Path::new("crates").join(directory).join("Cargo.toml");
    if !root.join(&path).exists() {
        return Ok(None);
    }
    let manifest: DocumentMut = parse(&read_manifest(root, &path)?, &path)?;
    let Some(package) = manifest.get("package") else {
        return Ok(None);
    };
    let is_published = package.get("publish").and_then(toml_edit::Item::as_bool) != Some(false);
    let domain = package
        .get("metadata")
        .and_then(|metadata| metadata.get("scorekit")?.get("domain"));
    let about = package.get("description").and_then(toml_edit::Item::as_str);
    let is_shown = is_published && domain.is_none();
    Ok(is_shown.then(|| about.unwrap_or_default().to_owned()))
}
