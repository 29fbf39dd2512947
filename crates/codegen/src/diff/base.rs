//! The document to compare with: a file, or what `spec/` held at a revision of git.

use std::path::{Component, Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::document::diagnostic::Diagnostic;
use crate::generate::DOCUMENT;

/// A document to load.
pub struct Base {
    /// Its root file.
    pub root: PathBuf,
    /// What paths in diagnostics are relative to.
    pub folder: PathBuf,
    /// What people call it.
    pub name: String,
    /// Where the files of a revision stand for as long as they are needed.
    _files: Option<TempDir>,
}

impl Base {
    /// The document in a file.
    pub fn file(path: &Path) -> Self {
        Self {
            root: path.to_owned(),
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            name: path.display().to_string(),
            _files: None,
        }
    }

    /// The document of the workspace at `root`.
    pub fn of_workspace(root: &Path) -> Self {
        Self {
            root: root.join(DOCUMENT),
            folder: root.to_owned(),
            name: DOCUMENT.to_owned(),
            _files: None,
        }
    }

    /// What `text` names: a file if there is one, else a revision of the repository of the workspace at `root`.
    ///
    /// # Errors
    /// When it is neither, or git cannot give out the files.
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
                "name the old document's root file, or a commit, branch or tag, such as `--base HEAD`",
            )
        })?;
        Self::of_revision(text, String::from_utf8_lossy(&commit).trim(), root)
    }

    fn of_revision(name: &str, commit: &str, root: &Path) -> Result<Self, Diagnostic> {
        let files = TempDir::new().map_err(|error| {
            Diagnostic::without_location(
                format!("cannot make a temporary folder: {error}"),
                "make room, or name another place in the variable TMPDIR",
            )
        })?;
        let folder = Path::new(DOCUMENT).parent().unwrap_or(Path::new(""));
        let folder_name = folder.display().to_string();
        let listed = git(
            root,
            &[
                "ls-tree",
                "-r",
                "-z",
                "--name-only",
                commit,
                "--",
                &folder_name,
            ],
        )?;
        for path in String::from_utf8_lossy(&listed)
            .split('\0')
            .filter(|path| !path.is_empty())
        {
            // Git keeps no path that leads outside; a repository that does is not to be followed.
            if Path::new(path)
                .components()
                .any(|part| !matches!(part, Component::Normal(_)))
            {
                continue;
            }
            let content = git(root, &["show", &format!("{commit}:./{path}")])?;
            write(&files.path().join(path), &content).map_err(|error| {
                Diagnostic::without_location(
                    format!("cannot write {path} of `{name}` to a temporary folder: {error}"),
                    "make room, or name another place in the variable TMPDIR",
                )
            })?;
        }
        Ok(Self {
            root: files.path().join(DOCUMENT),
            folder: files.path().to_owned(),
            name: format!("{DOCUMENT} of {name}"),
            _files: Some(files),
        })
    }
}

fn write(path: &Path, content: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, content)
}

/// What a git command prints.
fn git(root: &Path, arguments: &[&str]) -> Result<Vec<u8>, Diagnostic> {
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
        format!("`git {command}` failed: {problem}"),
        "run the command in a repository with git installed, or name the old document's file",
    ))
}
