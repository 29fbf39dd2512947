//! The workspaces in which generated code is compiled.
//!
//! They are below cargo's target directory, and cargo builds them with the dependencies that it has
//! built already. A file is written only if it differs, so that cargo compiles only the code that
//! has changed since the last run.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use scorekit_test_support::{target, workspace};

/// The package that [`Workspace::add_features`] adds.
pub(crate) const FEATURES: &str = "features";

/// The files of a workspace.
#[derive(Default)]
pub(crate) struct Workspace {
    files: BTreeMap<PathBuf, String>,
}

/// A workspace on the disk, which no other process changes in the meantime.
pub(crate) struct Written {
    pub(crate) directory: PathBuf,
    _lock: File,
}

impl Workspace {
    /// Adds a file, or replaces it.
    pub(crate) fn add(&mut self, path: impl AsRef<Path>, content: impl Into<String>) {
        self.files
            .insert(path.as_ref().to_path_buf(), content.into());
    }

    /// Replaces the relative path to the runtime in the root's manifest.
    pub(crate) fn point_to_runtime(&mut self, core: &Path) {
        let manifest = self.files.get_mut(Path::new("Cargo.toml"));
        let manifest = manifest.expect("the root's manifest");
        let mut parsed: toml_edit::DocumentMut = manifest.parse().expect("a manifest");
        let path = toml_edit::value(core.display().to_string());
        parsed["workspace"]["dependencies"]["scorekit-core"]["path"] = path;
        *manifest = parsed.to_string();
    }

    /// Adds a member that selects the features of this workspace's dependencies: commands that
    /// build the package [`FEATURES`], or one that depends on it, find every library built.
    pub(crate) fn add_features(&mut self) {
        let root = self.files.get_mut(Path::new("Cargo.toml"));
        let root = root.expect("the root's manifest");
        let mut parsed: toml_edit::DocumentMut = root.parse().expect("a manifest");
        let members = parsed["workspace"]["members"].as_array_mut();
        members.expect("the members").push(FEATURES);
        *root = parsed.to_string();
        let support = workspace().join("tests/support").display().to_string();
        self.add(
            Path::new(FEATURES).join("Cargo.toml"),
            format!(
                "[package]\nname = \"{FEATURES}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
                 [dependencies]\nscorekit-test-support = {{ path = {support:?} }}\n"
            ),
        );
        self.add(Path::new(FEATURES).join("src/lib.rs"), "//! A test.\n");
    }

    /// Writes the workspace `name`, and deletes other files of an earlier run.
    pub(crate) fn write(mut self, name: &str) -> Written {
        let directory = target().join("compiled").join(name);
        std::fs::create_dir_all(&directory).expect("a directory");
        let lock = File::create(directory.with_extension("lock")).expect("a lock");
        lock.lock().expect("the lock");
        let locked = std::fs::read_to_string(workspace().join("Cargo.lock")).expect("a lock file");
        self.add("Cargo.lock", locked);
        for (path, content) in &self.files {
            write_if_new(&directory.join(path), content);
        }
        self.delete_others(&directory, Path::new(""));
        Written {
            directory,
            _lock: lock,
        }
    }

    fn delete_others(&self, directory: &Path, inside: &Path) {
        for entry in std::fs::read_dir(directory.join(inside)).expect("a directory") {
            let entry = entry.expect("an entry");
            let path = inside.join(entry.file_name());
            if path == Path::new("target") {
                continue;
            }
            if entry.file_type().expect("a type").is_dir() {
                self.delete_others(directory, &path);
            } else if !self.files.contains_key(&path) {
                std::fs::remove_file(directory.join(path)).expect("a file of an earlier run");
            }
        }
        // A directory that is not empty stays.
        if inside != Path::new("") {
            let _ = std::fs::remove_dir(directory.join(inside));
        }
    }
}

/// Writes a file unless its content is the same, because cargo compiles newer files again.
pub(crate) fn write_if_new(path: &Path, content: &str) {
    if std::fs::read_to_string(path).is_ok_and(|known| known == content) {
        return;
    }
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
    std::fs::write(path, content).expect("a file");
}
