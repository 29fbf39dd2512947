//! Plans the crate of shared types, and the dependencies of the domain crates on it.
//!
//! As in a domain crate, the manifest, the README and `lib.rs` are written once and then belong to
//! the user. In the manifests, only the lines of the shared types change.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, InlineTable, value};

use super::Shared;
use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::generate::scaffold::SCAFFOLD;
use crate::generate::standalone::VERSION;
use crate::generate::workspace::{by_hand, parse, read_manifest, table};
use crate::generate::write::Plan;
use crate::generate::{Generated, refine};

/// A crate of shared types on disk.
struct Existing {
    directory: PathBuf,
    name: String,
    manifest: DocumentMut,
}

/// Returns the crate that a domain crate takes shared types from.
pub(in crate::generate) fn dependency(generated: &Generated, tag: &str) -> Option<String> {
    let shared = generated.shared.as_ref();
    let shared = shared.filter(|_| generated.re_exports(tag))?;
    Some(generated.crate_name(&shared.directory))
}

/// Returns the line of the workspace's manifest for the crate.
pub(in crate::generate) fn workspace_dependency(generated: &Generated) -> String {
    generated
        .shared
        .as_ref()
        .map_or_else(String::new, |shared| {
            let name = generated.crate_name(&shared.directory);
            format!(
                "{name} = {{ path = \"crates/{}\", version = \"{VERSION}\", \
             default-features = false }}\n",
                shared.directory
            )
        })
}

/// Returns every file of a new crate.
pub(in crate::generate) fn files(generated: &Generated) -> Vec<(PathBuf, String)> {
    let Some(shared) = &generated.shared else {
        return Vec::new();
    };
    let directory = Path::new("crates").join(&shared.directory);
    let mut files = sources(shared, &directory);
    for (path, content) in scaffold(generated, shared) {
        files.push((directory.join(path), content));
    }
    files
}

/// Returns the generated files of the crate.
fn sources(shared: &Shared, directory: &Path) -> Vec<(PathBuf, String)> {
    let directory = directory.join("src/generated");
    let index = refine::shared_index(&shared.sources, true);
    let files = shared.sources.files.iter();
    let mut files: Vec<_> = files
        .map(|(path, content)| (directory.join(path), content.clone()))
        .collect();
    files.push((directory.join("mod.rs"), index));
    files
}

/// Returns the files of a new crate that are written once.
fn scaffold(generated: &Generated, shared: &Shared) -> [(&'static str, String); 3] {
    let name = generated.crate_name(&shared.directory);
    let features: String = features(generated)
        .iter()
        .map(|tag| format!("{tag} = []\n"))
        .collect();
    let manifest = format!(
        "[package]\nname = \"{name}\"\n\
         description = \"The types that several tags of the API share\"\n\
         version.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\npublish = false\n\n\
         # Marks the crate as the one of shared types: without them, `cargo xtask generate` removes \
         it.\n\
         [package.metadata.scorekit]\ntypes = true\n\n[package.metadata.docs.rs]\n\
         all-features = true\n\n# The types of each tag.\n[features]\n{features}\n\
         [dependencies]\nscorekit-core.workspace = true\nserde_json.workspace = true\n\n\
         [lints]\nworkspace = true\n",
    );
    let readme = format!(
        "# {name}\n\nThe types that several tags of the API share. Each client re-exports the \
         ones that it needs, so a\nvalue from one client is an argument of another.\n\n\
         A feature for each tag selects its types.\n"
    );
    let library = "#![doc = include_str!(\"../README.md\")]\n#![forbid(unsafe_code)]\n\n\
                   #[rustfmt::skip]\nmod generated;\n\npub use generated::*;\n";
    [
        ("Cargo.toml", manifest),
        ("README.md", readme),
        ("src/lib.rs", library.to_owned()),
    ]
}

/// Returns the tags that need shared types, which are the features of the crate.
fn features(generated: &Generated) -> BTreeSet<&str> {
    let sources = generated.shared.as_ref().map(|shared| &shared.sources);
    let modules = sources.into_iter().flat_map(|sources| &sources.modules);
    let tags = modules.flat_map(|(_, tags)| tags.iter());
    tags.map(String::as_str).collect()
}

/// Plans the crate in the directory `out`, and the manifests of the domain crates there.
pub(in crate::generate) fn plan(
    out: &Path,
    generated: &Generated,
    plan: &mut Plan,
) -> Result<(), Diagnostics> {
    let existing = existing(out)?;
    if let Some(shared) = &generated.shared {
        let directory = Path::new("crates").join(&shared.directory);
        let known = existing.iter().find(|known| known.directory == directory);
        if out.join(&directory).exists() && known.is_none() {
            return Err(Diagnostic::without_location(
                format!(
                    "the directory {} exists already and is not the crate of shared types",
                    directory.display()
                ),
                "move the directory away",
            )
            .into());
        }
        plan.files.extend(sources(shared, &directory));
        for (path, content) in scaffold(generated, shared) {
            if !out.join(&directory).join(path).exists() {
                plan.files.insert(directory.join(path), content);
            }
        }
        plan.owned_directories.push(directory.join("src/generated"));
        if let Some(known) = known {
            let text = updated(known, generated, shared)?;
            plan.files.insert(directory.join("Cargo.toml"), text);
        }
    }
    let is_current = |known: &&Existing| {
        let shared = generated.shared.as_ref();
        shared.is_some_and(|it| known.directory == Path::new("crates").join(&it.directory))
    };
    for known in existing.iter().filter(|known| !is_current(known)) {
        by_hand(out, &known.directory, "the last shared type")?;
        plan.owned_directories
            .push(known.directory.join("src/generated"));
        let files = SCAFFOLD.map(|path| known.directory.join(path));
        plan.removed.extend(files);
    }
    let former: Vec<&str> = existing.iter().map(|known| known.name.as_str()).collect();
    for (domain, _) in &generated.crates {
        let path = Path::new("crates").join(&domain.tag).join("Cargo.toml");
        if out.join(&path).exists()
            && let Some(text) = plan.files.get(&path)
        {
            let text = depending(text, &path, generated, &domain.tag, &former)?;
            plan.files.insert(path, text);
        }
    }
    Ok(())
}

/// Returns the crates of shared types on disk.
fn existing(out: &Path) -> Result<Vec<Existing>, Diagnostic> {
    let Ok(entries) = std::fs::read_dir(out.join("crates")) else {
        return Ok(Vec::new());
    };
    let mut existing = Vec::new();
    for entry in entries.flatten() {
        let directory = Path::new("crates").join(entry.file_name());
        let path = directory.join("Cargo.toml");
        if !out.join(&path).exists() {
            continue;
        }
        let manifest = parse(&read_manifest(out, &path)?, &path)?;
        let package = manifest.get("package");
        let is_types = package
            .and_then(|package| package.get("metadata")?.get("scorekit")?.get("types"))
            .and_then(toml_edit::Item::as_bool);
        let name = package.and_then(|package| package.get("name")?.as_str());
        if is_types == Some(true) {
            existing.push(Existing {
                directory,
                name: name.unwrap_or_default().to_owned(),
                manifest,
            });
        }
    }
    existing.sort_by(|left, right| left.directory.cmp(&right.directory));
    Ok(existing)
}

/// Returns the manifest of the crate with its present name and features.
fn updated(known: &Existing, generated: &Generated, shared: &Shared) -> Result<String, Diagnostic> {
    let path = known.directory.join("Cargo.toml");
    let mut manifest = known.manifest.clone();
    let name = generated.crate_name(&shared.directory);
    if known.name != name {
        table(&mut manifest, &["package"], &path)?.insert("name", value(name));
    }
    let wanted = features(generated);
    let features = table(&mut manifest, &["features"], &path)?;
    // A feature that enables others was written by hand.
    let is_empty = |item: &toml_edit::Item| item.as_array().is_some_and(Array::is_empty);
    let gone: Vec<String> = features
        .iter()
        .filter(|(name, item)| !wanted.contains(name) && is_empty(item))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in gone {
        features.remove(&name);
    }
    for tag in wanted {
        if !features.contains_key(tag) {
            features.insert(tag, value(Array::new()));
        }
    }
    Ok(manifest.to_string())
}

/// Returns the manifest of a domain crate with its present dependency on the shared types. `former`
/// has the names of the crates of shared types on disk.
fn depending(
    text: &str,
    path: &Path,
    generated: &Generated,
    tag: &str,
    former: &[&str],
) -> Result<String, Diagnostic> {
    let mut manifest = parse(text, path)?;
    let wanted = dependency(generated, tag);
    let dependencies = table(&mut manifest, &["dependencies"], path)?;
    for name in former {
        if wanted.as_deref() != Some(*name) {
            dependencies.remove(name);
        }
    }
    if let Some(name) = wanted
        && !dependencies.contains_key(&name)
    {
        let features: Array = [tag].into_iter().collect();
        let properties: InlineTable = [("workspace", true.into()), ("features", features.into())]
            .into_iter()
            .map(|(name, value): (&str, toml_edit::Value)| (name, value))
            .collect();
        dependencies.insert(&name, value(properties));
    }
    Ok(manifest.to_string())
}
