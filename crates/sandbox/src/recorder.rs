//! The recorder: it keeps what clients did as a seed, or what the real API responded.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The bytes after the last item.
const END: &str = "\n]}\n";

/// A file with a list, which is valid JSON after each item.
#[derive(Debug)]
pub(crate) struct Recorder {
    path: PathBuf,
    file: File,
    is_empty: bool,
}

impl Recorder {
    /// Creates the file with an empty list of this name.
    ///
    /// # Errors
    ///
    /// Returns an error if the file exists or cannot be written.
    pub(crate) fn create(path: &Path, list: &str) -> Result<Self, String> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).open(path);
        let written = file.and_then(|mut file| {
            file.write_all(format!("{{\"{list}\": [").as_bytes())?;
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

    /// Adds an item.
    ///
    /// # Errors
    ///
    /// Returns an error if the item cannot be written.
    pub(crate) fn add(&mut self, item: &Value) -> Result<(), String> {
        let separator = if self.is_empty { "\n  " } else { ",\n  " };
        let back = i64::try_from(END.len()).unwrap_or_default();
        let written = self.file.seek(SeekFrom::End(-back)).and_then(|_| {
            let text = format!("{separator}{item}{END}");
            self.file.write_all(text.as_bytes())
        });
        self.is_empty = false;
        written
            .map_err(|error| format!("cannot record the call in {}: {error}", self.path.display()))
    }
}
