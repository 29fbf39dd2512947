//! The format of a sandbox's file. The first line has its name and version. Each further line is a
//! write, with a checksum and the changed entries as JSON.
//!
//! A write that a crash cut off is the last line and has no line break. Every other difference from
//! the format is reported: the file is damaged, or something else wrote it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::journal::Changes;

/// The first line of every file.
const HEADER: &str = "scorekit-sandbox data 1\n";

/// The number of characters before the JSON of a line: the checksum and a blank.
const CHECKSUM: usize = 9;

/// The writes after which a file is rewritten when it is opened, if it has few entries.
const MAX_WRITES: usize = 1_000;

/// An open data file, locked against other sandboxes.
pub(super) struct DataFile {
    file: Locked,
    /// The length after the last complete write, in bytes.
    length: u64,
}

/// A file that is unlocked when it is dropped, also after an error. A child process that another
/// thread is starting has a copy of the file for a moment, which would keep the lock.
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        // It fails where the file system has no locks.
        let _ = self.0.unlock();
    }
}

impl DataFile {
    /// Opens the file, or creates it, and returns its entries.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be opened, is empty or damaged, or was not written by a
    /// sandbox.
    pub(super) fn open(path: &Path) -> Result<(Self, BTreeMap<String, String>), String> {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let file = match options.open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let file = options.create_new(true).open(path);
                return Self::create(lock(file.map_err(unopened)?)?);
            }
            Err(error) => return Err(unopened(error)),
        };
        let mut file = lock(file)?;
        let is_file = file.0.metadata().is_ok_and(|metadata| metadata.is_file());
        if !is_file {
            return Err("it is not a regular file; choose another one".to_owned());
        }
        let mut bytes = Vec::new();
        file.0.read_to_end(&mut bytes).map_err(unopened)?;
        let contents = read(&bytes)?;
        if contents.length == 0 {
            return Self::create(file);
        }
        let mut data = Self {
            file,
            length: contents.length as u64,
        };
        data.drop_rest().map_err(unopened)?;
        if contents.writes > MAX_WRITES.max(2 * contents.entries.len()) {
            data = data.rewritten(path, &contents.entries).map_err(unopened)?;
        }
        Ok((data, contents.entries))
    }

    /// Starts a new file.
    fn create(file: Locked) -> Result<(Self, BTreeMap<String, String>), String> {
        let mut data = Self { file, length: 0 };
        data.append(HEADER.as_bytes()).map_err(unopened)?;
        Ok((data, BTreeMap::new()))
    }

    /// Writes changes, and returns when they are on the disk.
    ///
    /// # Errors
    ///
    /// Returns an error if they could not be written. The file then has none of them.
    pub(super) fn write(&mut self, changes: &Changes) -> Result<(), String> {
        let line = line(changes)?;
        self.append(line.as_bytes())
            .map_err(|error| error.to_string())
    }

    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        // An earlier write may have failed in the middle.
        self.drop_rest()?;
        self.file.0.write_all(bytes)?;
        self.file.0.sync_data()?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Removes what follows the last complete write.
    fn drop_rest(&mut self) -> std::io::Result<()> {
        if self.file.0.metadata()?.len() != self.length {
            self.file.0.set_len(self.length)?;
        }
        self.file.0.seek(SeekFrom::Start(self.length))?;
        Ok(())
    }

    /// Replaces the file by one with a single write. A crash leaves one of the two.
    fn rewritten(self, path: &Path, entries: &BTreeMap<String, String>) -> std::io::Result<Self> {
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let temporary = PathBuf::from(name);
        let file = File::create(&temporary)?;
        file.lock()?;
        let mut file = Locked(file);
        let changes = entries.iter();
        let changes = changes.map(|(key, text)| (key.clone(), Some(text.clone())));
        let text = HEADER.to_owned() + &line(&changes.collect()).map_err(std::io::Error::other)?;
        file.0.write_all(text.as_bytes())?;
        file.0.sync_all()?;
        std::fs::rename(&temporary, path)?;
        let length = text.len() as u64;
        Ok(Self { file, length })
    }
}

/// The contents of a file.
#[derive(Default)]
struct Contents {
    entries: BTreeMap<String, String>,
    /// The number of writes.
    writes: usize,
    /// The length of the complete writes, in bytes.
    length: usize,
}

/// Reads the contents of a file.
fn read(bytes: &[u8]) -> Result<Contents, String> {
    if bytes.is_empty() {
        return Err(
            "it is empty, and a sandbox writes no empty file; remove it, or choose a file \
                    that does not exist"
                .to_owned(),
        );
    }
    let mut contents = Contents::default();
    let Some(lines) = bytes.strip_prefix(HEADER.as_bytes()) else {
        // A sandbox that was killed while it created the file.
        return match HEADER.as_bytes().starts_with(bytes) {
            true => Ok(contents),
            false => Err(foreign(bytes)),
        };
    };
    contents.length = HEADER.len();
    for (number, line) in (2..).zip(lines.split_inclusive(|byte| *byte == b'\n')) {
        let Some(line) = line.strip_suffix(b"\n") else {
            break;
        };
        let changes = changes(line).ok_or_else(|| {
            format!(
                "it is damaged at line {number}; restore a copy, or remove it to start without \
                 resources"
            )
        })?;
        for (key, text) in changes {
            match text {
                Some(text) => drop(contents.entries.insert(key, text)),
                None => drop(contents.entries.remove(&key)),
            }
        }
        contents.writes += 1;
        contents.length += line.len() + 1;
    }
    Ok(contents)
}

/// Returns the message for a file without the first line of a sandbox's files.
fn foreign(bytes: &[u8]) -> String {
    let problem = if bytes.starts_with(b"redb") {
        "an earlier version of the sandbox wrote it, which this one cannot read"
    } else if bytes.starts_with(b"scorekit-sandbox data ") {
        "another version of the sandbox wrote it"
    } else {
        "its first line is not that of a sandbox's file, so it is damaged or something else wrote \
         it"
    };
    format!("{problem}; choose a file that a sandbox wrote, or one that does not exist")
}

/// Returns a line of the file.
fn line(changes: &Changes) -> Result<String, String> {
    let json = serde_json::to_string(changes).map_err(|error| error.to_string())?;
    let checksum = crc32fast::hash(json.as_bytes());
    Ok(format!("{checksum:08x} {json}\n"))
}

/// Reads a line of the file; `None` if it is damaged.
fn changes(line: &[u8]) -> Option<Changes> {
    let (checksum, json) = line.split_at_checked(CHECKSUM)?;
    let expected = format!("{:08x} ", crc32fast::hash(json));
    if checksum != expected.as_bytes() {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn lock(file: File) -> Result<Locked, String> {
    match file.try_lock() {
        Ok(()) => Ok(Locked(file)),
        Err(TryLockError::WouldBlock) => {
            Err("another sandbox has it open; stop that sandbox or choose another file".to_owned())
        }
        // Some file systems have no locks.
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {
            Ok(Locked(file))
        }
        Err(TryLockError::Error(error)) => Err(unopened(error)),
    }
}

fn unopened(error: std::io::Error) -> String {
    format!("{error}; choose a file that a sandbox wrote, or one that does not exist")
}
