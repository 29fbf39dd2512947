//! The reasons why a journal cannot be opened.

use std::io;
use std::path::Path;

use super::LONGEST_RUN;
use crate::{Error, ErrorKind};

/// The reason why a journal cannot be opened.
pub(super) enum Problem {
    Io(io::Error),
    NotAFile,
    RunName,
    Title,
    Run,
    Delivery,
    Version,
    Line(u64),
}

impl Problem {
    /// Creates the error for the journal of a request at `path`.
    pub(super) fn into_error(self, path: &Path, request: &str) -> Error {
        let path = path.display();
        let message = match self {
            Self::Io(error) => {
                let message = format!("cannot use the journal {path}: {error}");
                return Error::configuration(message).with_source(error);
            }
            Self::Delivery => {
                let message = format!(
                    "cannot open the journal {path}: another push uses it; wait for its end, or \
                     use another file"
                );
                return Error::new(ErrorKind::Journal, message);
            }
            Self::NotAFile => format!(
                "cannot use {path} as a journal: it is not a regular file; use the path of a file \
                 on a disk"
            ),
            Self::RunName => format!(
                "cannot use the journal {path}: the name of a run has 1 to {LONGEST_RUN} bytes \
                 and no control characters; change the argument of Journal::run"
            ),
            Self::Title => format!(
                "{path} is not the journal of this push: its first line does not begin with \
                 {:?}; use one file for each operation, server, body, set of arguments and \
                 organization",
                request.trim_end()
            ),
            Self::Run => format!(
                "cannot send the failed items of the journal {path}: it has no run of this name; \
                 name the run that failed with Journal::run, or leave out Journal::only_failed to \
                 send all items"
            ),
            Self::Version => format!(
                "cannot read the journal {path}: another version of this library wrote it; use \
                 another file, and all items are sent again"
            ),
            Self::Line(number) => format!(
                "cannot read line {number} of the journal {path}; remove the line, and its items \
                 are sent again"
            ),
        };
        Error::configuration(message)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
