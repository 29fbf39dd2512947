//! The recorder: it keeps what clients did as a seed.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The bytes before the first call, and after the last one.
const START: &str = "{\"calls\": [";
const END: &str = "\n]}\n";

/// A file with the calls that changed resources, which is a valid seed after each of them.
#[derive(Debug)]
pub(crate) struct Recorder {
    path: PathBuf,
    file: File,
    is_empty: bool,
}

impl Recorder {
    /// Creates the file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file exists or cannot be written.
    pub(crate) fn create(path: &Path) -> Result<Self, String> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).open(path);
        let written = file.and_then(|mut file| {
            file.write_all(START.as_bytes())?;
            file.write_all(END.as_bytes())?;
            Ok(file)
        });
        let file =
            written.map_err(|error| format!("{error}; choose a file that does not exist"))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            is_empty: true,
        })
    }

    /// Adds a call.
    ///
    /// # Errors
    ///
    /// Returns an error if the call cannot be written.
    pub(crate) fn add(&mut self, call: &Value) -> Result<(), String> {
        let separator = if self.is_empty { "\n  " } else { ",\n  " };
        let back = i64::try_from(END.len()).unwrap_or_default();
        let written = self.file.seek(SeekFrom::End(-back)).and_then(|_| {
            let text = format!("{separator}{call}{END}");
            self.file.write_all(text.as_bytes())
        });
        self.is_empty = false;
        written
            .map_err(|error| format!("cannot record the call in {}: {error}", self.path.display()))
    }
}
