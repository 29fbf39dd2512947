//! A copy of `spec/` that takes over the vendor's changes, in a directory of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use super::operations::{OurOperation, methods};
use super::text::Files;
use crate::document::diagnostic::{Diagnostic, Diagnostics};
use crate::document::node::Node;
use crate::document::{self, Loaded};
use crate::generate::DOCUMENT;

/// The copy of `spec/` in a temporary directory.
pub(super) struct Draft {
    pub(super) directory: TempDir,
    pub(super) files: Files,
}

/// The document of a draft in one version.
pub(super) struct Ours {
    pub(super) loaded: Loaded,
    pub(super) value: Value,
}

impl Draft {
    /// Copies the document of the workspace at `root`.
    pub(super) fn of(root: &Path) -> Result<Self, Diagnostics> {
        let directory = TempDir::new().map_err(|error| cannot("create a directory", &error))?;
        let loaded = document::load_with_files(&root.join(DOCUMENT), root)?;
        let mut files = Files::default();
        for file in &loaded.files {
            let source = &file.location.file;
            files.add(&source.path, &source.text);
        }
        let draft = Self { directory, files };
        for file in &loaded.files {
            draft.write(&file.location.file.path, draft.directory.path())?;
        }
        Ok(draft)
    }

    /// Reads the document as it is now.
    pub(super) fn read(&self) -> Result<Ours, Diagnostics> {
        let base = self.directory.path();
        let loaded = document::load_with_files(&base.join(DOCUMENT), base)?;
        let value = loaded.document.to_value();
        Ok(Ours { loaded, value })
    }

    /// Makes the collected changes. Returns their number.
    pub(super) fn apply(&mut self) -> Result<usize, Diagnostics> {
        let count = self.files.apply();
        for path in &self.files.changed {
            self.write(path, self.directory.path())?;
        }
        Ok(count)
    }

    /// Writes the changed files to the workspace at `root`. Returns their paths.
    pub(super) fn write_to(&self, root: &Path) -> Result<Vec<PathBuf>, Diagnostics> {
        for path in &self.files.changed {
            self.write(path, root)?;
        }
        for path in &self.files.deleted {
            let removed = std::fs::remove_file(root.join(path));
            removed.map_err(|error| cannot(&format!("remove {}", path.display()), &error))?;
        }
        let all = self.files.changed.union(&self.files.deleted);
        Ok(all.cloned().collect())
    }

    fn write(&self, path: &Path, base: &Path) -> Result<(), Diagnostics> {
        let target = base.join(path);
        let parent = target.parent().unwrap_or(base);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&target, self.files.text(path)))
            .map_err(|error| cannot(&format!("write {}", path.display()), &error))?;
        Ok(())
    }
}

impl Ours {
    /// Returns the file at a path as it is written.
    pub(super) fn file(&self, path: &Path) -> Option<&Arc<Node>> {
        let mut files = self.loaded.files.iter();
        files.find(|file| file.location.file.path == path)
    }

    /// Returns the file that has the schema `name`.
    pub(super) fn file_with_schema(&self, name: &str) -> Option<&Path> {
        let files = self.loaded.files.iter();
        let mut files = files.filter(|file| {
            let schemas = file.pointer("/components/schemas");
            schemas.is_some_and(|schemas| schemas.get(name).is_some())
        });
        files.next().map(|file| file.location.file.path.as_path())
    }

    /// Returns the schema `name`.
    pub(super) fn schema(&self, name: &str) -> Option<&Node> {
        self.loaded
            .document
            .get("components")?
            .get("schemas")?
            .get(name)
    }

    /// Follows the references of a node.
    pub(super) fn resolve<'a>(&'a self, node: &'a Node) -> &'a Node {
        let mut node = node;
        for _ in 0..16 {
            let pointer = node.reference().and_then(|target| target.strip_prefix('#'));
            match pointer.and_then(|pointer| self.loaded.document.pointer(pointer)) {
                Some(target) => node = target,
                None => break,
            }
        }
        node
    }
}

fn cannot(what: &str, error: &std::io::Error) -> Diagnostics {
    Diagnostic::without_location(
        format!("cannot {what}: {error}"),
        "free disk space, or set TMPDIR to another directory",
    )
    .into()
}

/// Returns every operation of our document.
pub(super) fn operations(ours: &Ours) -> impl Iterator<Item = OurOperation<'_>> {
    let paths = ours.loaded.document.get("paths").and_then(Node::properties);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        methods(&item.node).map(move |(method, node)| OurOperation {
            path,
            method,
            item: &item.node,
            node,
        })
    })
}
