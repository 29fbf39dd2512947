//! The file of a journal and the run that it belongs to, as the caller names them.

use std::path::{Path, PathBuf};

/// The file in which a [`Push`](crate::Push) records the items that the server accepted, and the
/// run that it belongs to.
///
/// A path converts into a journal, so [`Push::journal`](crate::Push::journal) takes both.
///
/// A **run** begins with the first item and is over at the end of the input, even if items failed.
/// The next push with the same file is a new run, which sends everything. Only a run that was
/// interrupted (by a crash, an error of the caller, or a push that was dropped) is resumed.
///
/// ```
/// use scorekit_core::Journal;
///
/// // A job that was killed today is resumed today, and never tomorrow.
/// let tonight = Journal::new("outcomes.journal").run("2026-11-26");
/// // After a run with failures: sends only the items that failed.
/// let again = tonight.clone().only_failed();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a journal does nothing until it is given to a push"]
pub struct Journal {
    pub(super) path: PathBuf,
    pub(super) run: Option<String>,
    pub(super) only_failed: bool,
}

impl Journal {
    /// Creates the journal in the file at `path`, which is created if it does not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            run: None,
            only_failed: false,
        }
    }

    /// Names the run, for example after the date or the CI job. An interrupted run is resumed only
    /// by a push with the same name; a push with another name begins a new run.
    ///
    /// Without a name, an interrupted run is resumed however old it is. Its items that are
    /// unchanged are not sent again, even if another program changed them on the server since then.
    ///
    /// A name has up to 200 bytes and no control characters.
    pub fn run(mut self, name: impl Into<String>) -> Self {
        self.run = Some(name.into());
        self
    }

    /// Continues the run of the journal even if it is over, so that only the items that failed are
    /// sent. Pass the same items in the same order.
    ///
    /// It is an error if the journal does not exist or is that of a run with another name.
    pub fn only_failed(mut self) -> Self {
        self.only_failed = true;
        self
    }
}

impl From<&str> for Journal {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

impl From<String> for Journal {
    fn from(path: String) -> Self {
        Self::new(path)
    }
}

impl From<&String> for Journal {
    fn from(path: &String) -> Self {
        Self::new(path)
    }
}

impl From<&Path> for Journal {
    fn from(path: &Path) -> Self {
        Self::new(path)
    }
}

impl From<PathBuf> for Journal {
    fn from(path: PathBuf) -> Self {
        Self::new(path)
    }
}

impl From<&PathBuf> for Journal {
    fn from(path: &PathBuf) -> Self {
        Self::new(path)
    }
}
