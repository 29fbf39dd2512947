//! The places that name the version: manifests, lock files, documents and pages.

use std::path::{Path, PathBuf};
use std::process::Command;

use toml_edit::{DocumentMut, Item, TableLike};

use super::{Version, manifest, read};
use crate::diff::source::git;
use crate::document::diagnostic::Diagnostic;
use crate::gate::without_package;

/// The manifest of the workspace.
const MANIFEST: &str = "Cargo.toml";

/// The lock file of the workspace, which cargo writes.
pub(super) const LOCK: &str = "Cargo.lock";

/// Documents with the version, and those that are generated from them.
const DOCUMENTS: [&str; 4] = [
    "spec/openapi.yaml",
    "crates/sandbox/openapi.json",
    "crates/sandbox/control.yaml",
    "crates/sandbox/control.json",
];

/// Pages about earlier versions, whose numbers stay.
const HISTORY: [&str; 2] = [super::CHANGELOG, "docs/migration.md"];

/// The new content of a file.
#[derive(Debug)]
pub struct Edit {
    /// The file, relative to the root of the workspace.
    pub path: PathBuf,
    content: String,
}

impl Edit {
    /// Writes the file in the workspace at `root`.
    pub(super) fn write(&self, root: &Path) -> Result<(), Diagnostic> {
        let path = root.join(&self.path);
        std::fs::write(&path, &self.content).map_err(|error| {
            Diagnostic::without_location(
                format!("cannot write {}: {error}", self.path.display()),
                "correct that, and undo the rest with `git restore .`",
            )
        })
    }
}

/// Returns the files of the workspace at `root` that name the version `old`, as they are with
/// `new`. The lock file of the workspace is not among them; see [`lock`].
pub(super) fn edits(root: &Path, old: Version, new: Version) -> Result<Vec<Edit>, Diagnostic> {
    let patterns = ["*.md", "*pyproject.toml", "*package.json", "*/Cargo.lock"];
    let listed = git(root, &[&["ls-files", "-z", "--"][..], &patterns].concat())?;
    let listed = String::from_utf8_lossy(&listed);
    let documents = DOCUMENTS.into_iter().filter(|it| root.join(it).exists());
    let mut paths: Vec<&str> = listed.split('\0').filter(|it| !it.is_empty()).collect();
    paths.extend(documents);
    paths.push(MANIFEST);
    paths.retain(|path| !HISTORY.contains(path));
    paths.sort_unstable();
    let mut edits = Vec::new();
    for path in paths {
        let file = root.join(path);
        let before = read(&file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let after = match name.as_ref() {
            MANIFEST => workspace(manifest(&file)?, old, new),
            LOCK => lock_file(manifest(&file)?, old, new),
            "pyproject.toml" => python(manifest(&file)?, old, new),
            name if name.ends_with(".md") => page(&before, old, new),
            name if name.ends_with(".json") => {
                let named = |version| format!("\"version\": \"{version}\"");
                before.replace(&named(old), &named(new))
            }
            _ => document(&before, old, new),
        };
        if after != before {
            edits.push(Edit {
                path: path.into(),
                content: after,
            });
        }
    }
    Ok(edits)
}

/// Lets cargo write the versions of the workspace at `root` into its lock file, and nothing else.
pub(super) fn lock(root: &Path) -> Result<(), Diagnostic> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(["update", "--workspace", "--offline", "--quiet"]);
    without_package(&mut command);
    let problem = match command.output() {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Diagnostic::without_location(
        format!("cannot update {LOCK} with `cargo update --workspace --offline`: {problem}"),
        "undo the changes with `git restore .`, run `cargo fetch`, and try again",
    ))
}

/// Replaces the version of a table.
fn set(table: &mut dyn TableLike, old: Version, new: Version) {
    if let Some(version) = table.get_mut("version").and_then(Item::as_value_mut)
        && version.as_str() == Some(&old.to_string())
    {
        let decor = version.decor().clone();
        *version = new.to_string().into();
        *version.decor_mut() = decor;
    }
}

/// Returns the manifest of the workspace: its version, and those of its own crates.
fn workspace(mut manifest: DocumentMut, old: Version, new: Version) -> String {
    let workspace = manifest.get_mut("workspace").and_then(Item::as_table_mut);
    let Some(workspace) = workspace else {
        return manifest.to_string();
    };
    if let Some(package) = workspace
        .get_mut("package")
        .and_then(Item::as_table_like_mut)
    {
        set(package, old, new);
    }
    let dependencies = workspace.get_mut("dependencies");
    if let Some(dependencies) = dependencies.and_then(Item::as_table_like_mut) {
        let tables = dependencies.iter_mut();
        let tables = tables.filter_map(|(_, item)| item.as_table_like_mut());
        for table in tables.filter(|table| table.contains_key("path")) {
            set(table, old, new);
        }
    }
    manifest.to_string()
}

fn python(mut manifest: DocumentMut, old: Version, new: Version) -> String {
    let project = manifest.get_mut("project");
    if let Some(project) = project.and_then(Item::as_table_like_mut) {
        set(project, old, new);
    }
    manifest.to_string()
}

/// Returns the lock file of another workspace. Its packages without a source are those of this
/// repository; cargo would need all others to be downloaded.
fn lock_file(mut lock: DocumentMut, old: Version, new: Version) -> String {
    let packages = lock.get_mut("package");
    let packages = packages.and_then(Item::as_array_of_tables_mut);
    let packages = packages.into_iter().flat_map(|it| it.iter_mut());
    for package in packages.filter(|package| !package.contains_key("source")) {
        set(package, old, new);
    }
    lock.to_string()
}

/// Returns a document in YAML: the version below `info`, and in an example.
fn document(text: &str, old: Version, new: Version) -> String {
    let named = format!("version: {old}");
    let lines = text.split_inclusive('\n').map(|line| match line.trim() {
        trimmed if trimmed == named => line.replace(&named, &format!("version: {new}")),
        _ => line.to_owned(),
    });
    lines.collect()
}

/// Returns a page: requirements such as `scorekit = "0.1"`, and names such as `scorekit/0.1.0`.
fn page(text: &str, old: Version, new: Version) -> String {
    let (short, full) = (old.requirement(), old.to_string());
    let lines = text.split_inclusive('\n').map(|line| {
        if !line.contains("scorekit") {
            return line.to_owned();
        }
        let line = line.replace(
            &format!("\"{short}\""),
            &format!("\"{}\"", new.requirement()),
        );
        let mut parts = line.split(&full);
        let mut result = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // A version in a sentence may be an earlier one; a number may be part of a longer one.
            let is_name = result.ends_with(['/', '@', 'v', '"', '=']);
            let is_whole = !part.starts_with(|next: char| next.is_ascii_digit());
            match is_name && is_whole {
                true => result.push_str(&new.to_string()),
                false => result.push_str(&full),
            }
            result.push_str(part);
        }
        result
    });
    lines.collect()
}
