//! The changes of a generation to a directory, and the errors of writing them.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::document::diagnostic::{Diagnostics, counted};
use crate::generate::write::{self, Change};

/// The differences between the generated files and those on disk, in the order of their paths.
#[derive(Debug)]
pub struct Changes {
    pub(crate) changes: Vec<Change>,
    pub(crate) link: Option<String>,
    pub(crate) cache_error: Option<io::Error>,
}

impl Changes {
    /// Returns true if every file is up to date.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns the number of files that differ.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Returns the changed, new and removed files.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter()
    }

    /// Returns the changes as one unified diff.
    pub fn unified_diff(&self) -> String {
        write::unified_diff(&self.changes)
    }

    /// Returns what to do about files that differ: their number, and the command `update`, which
    /// writes them.
    pub fn advice(&self, update: &str) -> String {
        format!("{}: {update}", counted(self.changes.len(), "stale file"))
    }

    /// Returns a note that the output directory is a link, with the directory that has the files.
    pub fn link_note(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// Returns why the cache could not be written. The generated files are complete without it.
    pub fn cache_error(&self) -> Option<&io::Error> {
        self.cache_error.as_ref()
    }
}

/// An error from comparing with a directory or writing to it.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutputError {
    /// The directory holds files that must not be replaced, or that cannot be read.
    Rejected(Diagnostics),
    /// A file or directory cannot be read or written.
    Io {
        /// The action that failed, such as `write the generated files`.
        action: &'static str,
        /// The cause.
        source: io::Error,
    },
}

impl OutputError {
    pub(crate) fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(diagnostics) => diagnostics.fmt(f),
            Self::Io { action, source } => write!(f, "cannot {action}: {source}"),
        }
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Rejected(_) => None,
            // The message ends with the error itself.
            Self::Io { source, .. } => source.source(),
        }
    }
}

/// Returns the path from the root of the file system, without links, `.` and `..`. The last
/// directories need not exist.
pub(crate) fn absolute(path: &Path) -> io::Result<PathBuf> {
    let mut missing = Vec::new();
    let mut known = std::path::absolute(path)?;
    loop {
        match known.canonicalize() {
            Ok(found) => {
                let missing = missing.iter().rev();
                return Ok(missing.fold(found, |path: PathBuf, name| path.join(name)));
            }
            Err(error) => {
                let Some(name) = known.file_name().map(ToOwned::to_owned) else {
                    return Err(error);
                };
                missing.push(name);
                known.pop();
            }
        }
    }
}
