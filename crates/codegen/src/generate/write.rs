//! Compares the planned files with the disk and writes only the differences, so that an unchanged
//! crate is not rebuilt.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::parallel::parallel;

/// The planned files, and the directories that may hold no other files. Paths are relative to the
/// workspace.
#[derive(Debug, Default)]
pub struct Plan {
    /// Every file and its content.
    pub files: BTreeMap<PathBuf, String>,
    /// Directories that belong to the generator. A file in one that is not planned is removed.
    pub owned_directories: Vec<PathBuf>,
    /// Files to remove outside the owned directories.
    pub removed: Vec<PathBuf>,
}

/// A difference between the plan and the disk.
#[derive(Debug)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// The current content; `None` if the file does not exist.
    pub before: Option<Vec<u8>>,
    /// The planned content; `None` if the file should not exist.
    pub after: Option<String>,
}

impl Plan {
    /// Returns every difference, by path.
    pub fn changes(&self, workspace: &Path) -> io::Result<Vec<Change>> {
        let mut changes = BTreeMap::new();
        let compared = parallel(self.files.iter().collect(), |(path, content)| {
            let before = read(&workspace.join(path))?;
            let is_same = before.as_deref() == Some(content.as_bytes());
            Ok::<_, io::Error>((!is_same).then(|| Change {
                path: path.clone(),
                before,
                after: Some(content.clone()),
            }))
        });
        for change in compared {
            if let Some(change) = change? {
                changes.insert(change.path.clone(), change);
            }
        }
        let mut stale = self.removed.clone();
        for directory in &self.owned_directories {
            collect_files(workspace, directory, &mut stale)?;
        }
        for path in stale
            .into_iter()
            .filter(|path| !self.files.contains_key(path))
        {
            if let Some(before) = read(&workspace.join(&path))? {
                changes.insert(
                    path.clone(),
                    Change {
                        path,
                        before: Some(before),
                        after: None,
                    },
                );
            }
        }
        Ok(changes.into_values().collect())
    }
}

/// Applies the changes to the disk.
pub fn apply(workspace: &Path, changes: &[Change]) -> io::Result<()> {
    let (gone, written): (Vec<_>, Vec<_>) =
        changes.iter().partition(|change| change.after.is_none());
    for change in gone {
        let path = workspace.join(&change.path);
        std::fs::remove_file(&path).map_err(|error| at(&path, &error))?;
        remove_empty_directories(workspace, path.parent());
    }
    let outcomes = parallel(written, |change| {
        let path = workspace.join(&change.path);
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(|error| at(directory, &error))?;
        }
        let content = change.after.as_deref().unwrap_or_default();
        std::fs::write(&path, content).map_err(|error| at(&path, &error))
    });
    outcomes.into_iter().collect()
}

/// Returns the changes as one unified diff.
pub fn unified_diff(changes: &[Change]) -> String {
    let mut text = String::new();
    for change in changes {
        let path = change.path.display();
        let name = |side: &str, exists: bool| {
            if exists {
                format!("{side}/{path}")
            } else {
                "/dev/null".to_owned()
            }
        };
        let before = String::from_utf8_lossy(change.before.as_deref().unwrap_or_default());
        let after = change.after.as_deref().unwrap_or_default();
        let diff = TextDiff::from_lines(&*before, after);
        let header = (
            name("a", change.before.is_some()),
            name("b", change.after.is_some()),
        );
        let _ = write!(
            text,
            "{}",
            diff.unified_diff()
                .context_radius(3)
                .header(&header.0, &header.1)
        );
    }
    text
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path, &error)),
    }
}

/// Adds the path to an I/O error, because the system omits it.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!(
            "{}: {error}; move it out of the way, or run the command again",
            path.display()
        ),
    )
}

pub(crate) fn collect_files(
    workspace: &Path,
    directory: &Path,
    files: &mut Vec<PathBuf>,
) -> io::Result<()> {
    let entries = match std::fs::read_dir(workspace.join(directory)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = directory.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            collect_files(workspace, &path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Removes the directories above a removed file that are now empty.
fn remove_empty_directories(workspace: &Path, directory: Option<&Path>) {
    let mut directory = directory;
    // `remove_dir` fails on a directory that is not empty, which ends the loop.
    while let Some(path) = directory.filter(|path| *path != workspace)
        && std::fs::remove_dir(path).is_ok()
    {
        directory = path.parent();
    }
}
