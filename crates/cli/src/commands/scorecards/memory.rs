//! The directory of state: the lock, the exports before changes, and what the server does not
//! report.
//!
//! The API never returns the rules of a campaign, the options of a custom attribute or the team of
//! a project. An apply remembers what it wrote, with a hash of the resource as the server reports
//! it. While the hash is the same, the values are known.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::server::{Fingerprint, Server, fingerprint};
use crate::exit::Failure;

/// The variable that names another directory.
const VARIABLE: &str = "SCOREKIT_STATE";

/// The directory of the exports before changes.
const BEFORE: &str = "before";

/// The number of exports before changes that are kept for a server.
const KEPT: usize = 20;

/// The directory of the state of one server.
pub(super) struct Directory {
    path: PathBuf,
}

/// The lock of an apply. The system releases it when the process ends.
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Unlocks the file. A child process that is starting has a copy of it for a moment, which
    /// would keep the lock.
    fn drop(&mut self) {
        // There is nothing to do about an error: the lock ends with the process.
        let _ = self.file.unlock();
    }
}

impl Directory {
    /// Returns the directory for a server.
    pub(super) fn of(url: &str) -> Result<Self, Failure> {
        let base = match std::env::var_os(VARIABLE).filter(|it| !it.is_empty()) {
            Some(path) => PathBuf::from(path),
            None => {
                let strategy = etcetera::choose_base_strategy().map_err(|error| {
                    let message = format!("cannot find the directory of state: {error}");
                    Failure::failed(message).with_help(format!("set {VARIABLE} to a directory"))
                })?;
                let state = strategy.state_dir();
                state
                    .unwrap_or_else(|| strategy.data_dir())
                    .join("scorekit")
            }
        };
        Ok(Self {
            path: base.join(fingerprint(&url.into()).to_string()),
        })
    }

    fn create(&self) -> Result<(), Failure> {
        fs::create_dir_all(&self.path).map_err(|error| cannot("create", &self.path, &error))
    }

    /// Takes the lock, or returns an error if another process has it.
    pub(super) fn lock(&self) -> Result<Lock, Failure> {
        self.create()?;
        let path = self.path.join("lock");
        let open = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = open.map_err(|error| cannot("open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { file }),
            Err(TryLockError::WouldBlock) => Err(Failure::failed(
                "cannot apply: another apply to the same server runs on this machine",
            )
            .with_help("wait until it ends, and make a new plan")),
            Err(TryLockError::Error(error)) => Err(cannot("lock", &path, &error)),
        }
    }

    /// Writes a file that only its owner can read, and returns its path.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.path.join(name);
        write_private(&path, text)?;
        Ok(path)
    }

    /// Reads a file; `None` if there is none.
    pub(super) fn read(&self, name: &str) -> Result<Option<String>, Failure> {
        let path = self.path.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(cannot("read", &path, &error)),
        }
    }

    /// Writes an export before changes, with the time in its name.
    pub(super) fn keep(&self, text: &str) -> Result<PathBuf, Failure> {
        let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3fZ");
        let name = format!("{BEFORE}/{now}-{}.yaml", std::process::id());
        let path = self.write(&name, text)?;
        // An old export that cannot be removed is in the way of nothing.
        let _ = self.remove_old();
        Ok(path)
    }

    /// Removes all but the latest exports. Files with other names stay.
    fn remove_old(&self) -> io::Result<()> {
        let mut exports = Vec::new();
        for entry in fs::read_dir(self.path.join(BEFORE))? {
            let name = entry?.file_name();
            if name.to_str().is_some_and(is_export) {
                exports.push(name);
            }
        }
        // A name begins with its time.
        exports.sort();
        let old = exports.len().saturating_sub(KEPT);
        for name in &exports[..old] {
            fs::remove_file(self.path.join(BEFORE).join(name))?;
        }
        Ok(())
    }
}

/// Returns true if a file of this name is an export before changes, such as
/// `20260131T083000000Z-4242.yaml`.
fn is_export(name: &str) -> bool {
    let parts = name.strip_suffix(".yaml").and_then(|it| it.split_once('-'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    parts.is_some_and(|(time, process)| {
        let digits = time.replacen('T', "", 1);
        digits.len() == 18 && digits.strip_suffix('Z').is_some_and(is_number) && is_number(process)
    })
}

/// Writes a file with the mode 0600. A reader sees the old or the new one.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || -> io::Result<()> {
        let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
        let directory = directory.unwrap_or_else(|| Path::new("."));
        fs::create_dir_all(directory)?;
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|error| cannot("write", path, &error))
}

fn cannot(verb: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::failed(format!("cannot {verb} {}: {error}", path.display())).with_help(format!(
        "correct it, or set {VARIABLE} to another directory"
    ))
}

/// The file of what the server does not report.
const FILE: &str = "unreported.json";

/// The values that the server does not report, by id.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Memory {
    things: BTreeMap<String, Remembered>,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    /// The hash of the resource after the values were written.
    fingerprint: String,
    values: Map<String, Value>,
}

impl Memory {
    /// Reads the file. A damaged one knows nothing.
    pub(super) fn read(directory: &Directory) -> Result<Self, Failure> {
        let text = directory.read(FILE)?.unwrap_or_default();
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    /// Writes the file.
    pub(super) fn write(&self, directory: &Directory) -> Result<(), Failure> {
        let text = serde_json::to_string(self);
        let text = text.map_err(|error| Failure::failed(format!("cannot write: {error}")))?;
        directory.write(FILE, &text).map(|_| ())
    }

    /// Adds the values that are known to the things of a server.
    pub(super) fn fill(&self, server: &mut Server) {
        for thing in &mut server.things {
            let Some(known) = self.things.get(&thing.id) else {
                continue;
            };
            if known.fingerprint != thing.fingerprint.to_string() {
                continue;
            }
            for property in thing.kind.definition().properties {
                if let (None, Some(value)) = (property.read, known.values.get(property.name)) {
                    thing.values.retain(|(name, _)| *name != property.name);
                    thing.values.push((property.name, value.clone().into()));
                }
            }
        }
    }

    /// Remembers values that were written, with the hash of the resource after that.
    pub(super) fn set(&mut self, id: &str, fingerprint: Fingerprint, values: Map<String, Value>) {
        let remembered = Remembered {
            fingerprint: fingerprint.to_string(),
            values,
        };
        self.things.insert(id.to_owned(), remembered);
    }
}
