//! The document to compare with: a file, or `spec/` in a revision of Git.

use std::path::{Component, Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::document::diagnostic::Diagnostic;
use crate::generate::DOCUMENT;

/// The source of a document.
pub struct DocumentSource {
    /// Its root file.
    pub root: PathBuf,
    /// The directory that paths in diagnostics are relative to.
    pub directory: PathBuf,
    /// The name in reports.
    pub name: String,
    /// True if the document is a file that is named by its path, and may be a third-party one.
    pub is_external: bool,
    /// The directory below which the document may refer to files, or `None` for that of its root.
    pub spec_root: Option<PathBuf>,
    /// The temporary directory with the files of a revision.
    _files: Option<TempDir>,
}

impl DocumentSource {
    /// Creates the source for the document in a file.
    pub fn file(path: &Path) -> Self {
        Self {
            root: path.to_owned(),
            directory: path.parent().unwrap_or(Path::new("")).to_owned(),
            name: path.display().to_string(),
            is_external: true,
            spec_root: None,
            _files: None,
        }
    }

    /// Lets a document that is a file refer to files below `directory`.
    #[must_use]
    pub fn with_spec_root(mut self, directory: &Path) -> Self {
        if self.is_external {
            self.spec_root = Some(directory.to_owned());
        }
        self
    }

    /// Creates the source for the document of the workspace at `root`.
    pub fn of_workspace(root: &Path) -> Self {
        Self {
            root: root.join(DOCUMENT),
            directory: root.to_owned(),
            name: DOCUMENT.to_owned(),
            is_external: false,
            spec_root: None,
            _files: None,
        }
    }

    /// Finds the file `text`, or else the revision `text` of the repository at `root`.
    ///
    /// # Errors
    /// Returns an error if `text` is neither, or if Git cannot read the files.
    pub fn find(text: &str, root: &Path) -> Result<Self, Diagnostic> {
        let path = Path::new(text);
        if path.is_file() {
            return Ok(Self::file(path));
        }
        let commit = git(
            root,
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &format!("{text}^{{commit}}"),
            ],
        );
        let commit = commit.map_err(|_| {
            Diagnostic::without_location(
                format!("`{text}` is neither a file nor a revision of this repository"),
                "pass the old document's root file, or a commit, branch or tag, such as `HEAD`",
            )
        })?;
        Self::of_revision(text, String::from_utf8_lossy(&commit).trim(), root)
    }

    fn of_revision(name: &str, commit: &str, root: &Path) -> Result<Self, Diagnostic> {
        let files = TempDir::new().map_err(|error| {
            Diagnostic::without_location(
                format!("cannot create a temporary directory: {error}"),
                "free disk space, or set TMPDIR to another directory",
            )
        })?;
        let directory = Path::new(DOCUMENT).parent().unwrap_or(Path::new(""));
        let directory_name = directory.display().to_string();
        let listed = git(
            root,
            &[
                "ls-tree",
                "-r",
                "-z",
                "--name-only",
                commit,
                "--",
                &directory_name,
            ],
        )?;
        for path in String::from_utf8_lossy(&listed)
            .split('\0')
            .filter(|path| !path.is_empty())
        {
            // Git never stores such a path, but a hostile repository may.
            if Path::new(path)
                .components()
                .any(|part| !matches!(part, Component::Normal(_)))
            {
                continue;
            }
            let content = git(root, &["show", &format!("{commit}:./{path}")])?;
            write(&files.path().join(path), &content).map_err(|error| {
                Diagnostic::without_location(
                    format!("cannot write {path} of `{name}` to a temporary directory: {error}"),
                    "free disk space, or set TMPDIR to another directory",
                )
            })?;
        }
        Ok(Self {
            root: files.path().join(DOCUMENT),
            directory: files.path().to_owned(),
            name: format!("{DOCUMENT} of {name}"),
            is_external: false,
            spec_root: None,
            _files: Some(files),
        })
    }
}

fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    std::fs::write(path, content)
}

/// Runs a Git command and returns its output.
pub(crate) fn git(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, Diagnostic> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .output();
    let problem = match output {
        Ok(output) if output.status.success() => return Ok(output.stdout),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    let command = arguments.first().copied().unwrap_or_default();
    Err(Diagnostic::without_location(
        format!("cannot run `git {command}`: {problem}"),
        "install Git and run the command in a repository, or pass the old document's file",
    ))
}
