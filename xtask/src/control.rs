//! The files that belong to the sandbox's control API: its document as JSON, and its client.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use scorekit_codegen::{Diagnostics, Generator};

/// The document of the control API.
const DOCUMENT: &str = "crates/sandbox/control.yaml";

/// The document as the sandbox serves it.
const BUNDLE: &str = "crates/sandbox/control.json";

/// The directory of the generated client. The generator owns all files in it.
const CLIENT: &str = "crates/sandbox-client/src/generated";

/// Returns true if a workspace has the control API. A small one in a test has no sandbox.
pub(crate) fn is_in(root: &Path) -> bool {
    root.join(DOCUMENT).is_file()
}

/// Returns the files by their paths relative to the root.
pub(crate) fn files(root: &Path) -> Result<BTreeMap<PathBuf, String>, Diagnostics> {
    let generator = || Generator::new(root.join(DOCUMENT));
    let mut files = BTreeMap::from([(PathBuf::from(BUNDLE), generator().bundle()?)]);
    for (path, content) in generator().generate()?.files() {
        // The document has one tag, and so one crate.
        let parts = path.components();
        let mut parts = parts.skip_while(|part| part.as_os_str() != "generated");
        if parts.next().is_some() {
            let rest: PathBuf = parts.collect();
            files.insert(Path::new(CLIENT).join(rest), content);
        }
    }
    Ok(files)
}

/// Returns the paths that differ from these files, or that only the disk has. Unless `check` is
/// set, writes and removes them.
pub(crate) fn update(
    root: &Path,
    files: &BTreeMap<PathBuf, String>,
    check: bool,
) -> io::Result<Vec<PathBuf>> {
    let mut changed = Vec::new();
    for (path, content) in files {
        let file = root.join(path);
        match std::fs::read_to_string(&file) {
            Ok(text) if text == *content => continue,
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => changed.push(path.clone()),
        }
        if !check {
            if let Some(directory) = file.parent() {
                std::fs::create_dir_all(directory)?;
            }
            std::fs::write(&file, content)?;
        }
    }
    for path in on_disk(root, Path::new(CLIENT))? {
        if !files.contains_key(&path) {
            if !check {
                std::fs::remove_file(root.join(&path))?;
            }
            changed.push(path);
        }
    }
    Ok(changed)
}

/// Returns the files below a directory, relative to the root.
fn on_disk(root: &Path, directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = match std::fs::read_dir(root.join(directory)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = directory.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => found.extend(on_disk(root, &path)?),
            false => found.push(path),
        }
    }
    Ok(found)
}
