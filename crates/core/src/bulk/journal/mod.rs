//! Records on disk which items the server accepted, so that the next push sends only the rest.
//!
//! Each line is a run of items with consecutive indexes: the index of the first, and a checksum of
//! the JSON text of each. The index distinguishes equal items. The checksum detects a changed
//! input: an item with another checksum is sent again, so a change can cost requests and never an
//! item. Each item has a checksum of its own, because the items of a run may arrive slowly, or wait
//! for earlier results.
//!
//! The first line has the operation, a checksum of everything else in the request except its keys,
//! which change, and the name of the run. Without it, the journal of another push would leave out
//! items that were never sent. The last line of a run that is over says so, and the next push
//! begins a new run. A journal that lasted would leave out items that were changed since then.

mod lines;
mod options;
mod problem;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::PathBuf;

pub(super) use lines::Checksum;
pub use options::Journal;

use crate::{Error, ErrorKind};
use lines::{END, Run, Runs, WIDTH, checksum};
use problem::Problem;

/// The beginning of the first line in all versions.
const NAME: &str = "scorekit-journal ";

/// The beginning of the first line in this version.
const TITLE: &str = "scorekit-journal 3";

/// The name of a run without a name in the first line.
const UNNAMED: &str = "-";

/// The longest name of a run, in bytes.
const LONGEST_RUN: usize = 200;

/// A journal that is open.
pub(super) struct OpenJournal {
    path: PathBuf,
    file: Locked,
    /// The items of the interrupted run that this push has not reached, by the index of the first.
    known: BTreeMap<u64, Run>,
    /// The checksums of the next items.
    recalled: std::vec::IntoIter<u64>,
    /// True if the end of the run is written.
    is_over: bool,
    /// The error after which nothing more is written, because the last line may be incomplete.
    failure: Option<String>,
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

impl OpenJournal {
    /// Opens or creates the journal of pushes of `operation` whose requests have this checksum.
    pub(super) fn open(
        journal: &Journal,
        operation: &'static str,
        checksum: u64,
    ) -> Result<Self, Error> {
        let request = format!("{TITLE} {operation} {checksum:016x} ");
        let opened = run_name(journal).and_then(|run| Self::read(journal, &request, run));
        opened.map_err(|problem| {
            problem
                .into_error(&journal.path, &request)
                .in_operation(operation)
        })
    }

    fn read(journal: &Journal, request: &str, run: &str) -> Result<Self, Problem> {
        let file = open_file(journal)?;
        // The lock ends with the file, however the program ends. Not every file system has locks.
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(Problem::Delivery);
        }
        let mut file = Locked(file);
        let mut lines = BufReader::new(&file.0);
        let mut line = Vec::new();
        let longest = request.len() + LONGEST_RUN + 1;
        io::Read::take(&mut lines, longest as u64).read_until(b'\n', &mut line)?;
        let found = title_run(request, &line);
        // This library wrote a first line that is incomplete.
        if found.is_none() && !is_incomplete_title(request, &line, &mut lines)? {
            let text = String::from_utf8_lossy(&line);
            let is_other = text.starts_with(NAME) && !text.starts_with(TITLE);
            return Err(if is_other {
                Problem::Version
            } else {
                Problem::Title
            });
        }
        let is_same_run = found == Some(run.as_bytes());
        if journal.only_failed && !is_same_run {
            return Err(Problem::Run);
        }
        let mut runs = Runs::default();
        if is_same_run {
            runs = Runs::read(&mut lines, line.len() as u64)?;
        }
        if runs.is_over && !journal.only_failed {
            runs = Runs::default();
        }
        // The next line would be appended to an incomplete one, or to the run before.
        file.0.set_len(runs.length)?;
        file.0.seek(SeekFrom::End(0))?;
        if runs.length == 0 {
            file.0.write_all(format!("{request}{run}\n").as_bytes())?;
        }
        Ok(Self {
            path: journal.path.clone(),
            file,
            known: runs.known,
            recalled: Vec::new().into_iter(),
            is_over: false,
            failure: None,
        })
    }

    /// Creates a journal that cannot be written.
    #[cfg(test)]
    pub(super) fn broken() -> Self {
        Self {
            path: PathBuf::from("broken.journal"),
            #[allow(
                clippy::unwrap_used,
                reason = "clippy knows tests, but not their helpers"
            )]
            file: Locked(File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap()),
            known: BTreeMap::new(),
            recalled: Vec::new().into_iter(),
            is_over: false,
            failure: None,
        }
    }

    /// Returns what a child process has of the file until it runs another program.
    #[cfg(test)]
    #[allow(
        clippy::unwrap_used,
        reason = "clippy knows tests, but not their helpers"
    )]
    pub(super) fn copy_of_file(&self) -> File {
        self.file.0.try_clone().unwrap()
    }

    /// Records that the run is over, so that the next push begins a new one.
    pub(super) fn end(&mut self) {
        if self.is_over || self.failure.is_some() {
            return;
        }
        self.is_over = true;
        // A journal that stayed without an end would leave out items of the next run. An empty file
        // needs no room on the disk.
        if self.file.0.write_all(END).is_err()
            && let Err(error) = self.file.0.set_len(0)
        {
            tracing::warn!(
                target: "scorekit",
                path = %self.path.display(),
                %error,
                "cannot end the journal; remove the file before the next push"
            );
        }
    }

    /// Returns the checksum of the item with this index, if an earlier push sent it. The caller
    /// passes every index in order.
    pub(super) fn checksum_at(&mut self, index: u64) -> Option<u64> {
        if let Some(run) = self.known.remove(&index) {
            // Items whose checksums cannot be read are sent again.
            self.recalled = self.recall(run).unwrap_or_default().into_iter();
        }
        self.recalled.next()
    }

    fn recall(&mut self, run: Run) -> Option<Vec<u64>> {
        let length = usize::try_from(run.count.checked_mul(WIDTH)?).ok()?;
        let mut text = vec![0; length];
        self.file.0.seek(SeekFrom::Start(run.place)).ok()?;
        io::Read::read_exact(&mut self.file.0, &mut text).ok()?;
        let text = std::str::from_utf8(&text).ok()?;
        text.split_whitespace().map(checksum).collect()
    }

    /// Records that the server accepted a run of items.
    pub(super) fn record(
        &mut self,
        first: u64,
        checksums: impl Iterator<Item = u64>,
    ) -> Result<(), Error> {
        if self.failure.is_none() {
            let mut line = first.to_string();
            for checksum in checksums {
                // Writing to a string cannot fail.
                let _ = write!(line, " {checksum:016x}");
            }
            line.push('\n');
            if let Err(error) = self.file.0.write_all(line.as_bytes()) {
                self.failure = Some(error.to_string());
            }
        }
        let Some(failure) = &self.failure else {
            return Ok(());
        };
        let path = self.path.display();
        Err(Error::new(
            ErrorKind::Journal,
            format!(
                "the server accepted the item, but the journal {path} cannot be written \
                 ({failure}); the next push sends it again"
            ),
        ))
    }
}

/// Returns the name of the run as in the first line.
fn run_name(journal: &Journal) -> Result<&str, Problem> {
    let Some(name) = &journal.run else {
        return Ok(UNNAMED);
    };
    let is_valid = !name.is_empty() && name.len() <= LONGEST_RUN && name != UNNAMED;
    if is_valid && !name.contains(char::is_control) {
        Ok(name)
    } else {
        Err(Problem::RunName)
    }
}

/// Opens the file of a journal. A pipe would block, and a device keeps nothing.
fn open_file(journal: &Journal) -> Result<File, Problem> {
    if let Ok(metadata) = std::fs::metadata(&journal.path)
        && !metadata.is_file()
    {
        return Err(Problem::NotAFile);
    }
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(!journal.only_failed)
        .open(&journal.path)?;
    Ok(file)
}

/// Returns the name of the run in a first line of this request.
fn title_run<'a>(request: &str, line: &'a [u8]) -> Option<&'a [u8]> {
    line.strip_prefix(request.as_bytes())?.strip_suffix(b"\n")
}

/// Returns true if a file consists of the beginning of a first line of this request, and of zeros.
/// Some file systems leave zeros after a crash of the machine.
fn is_incomplete_title(request: &str, line: &[u8], rest: &mut impl BufRead) -> io::Result<bool> {
    let is_zero = |byte: &u8| *byte == 0;
    let zeros = line.iter().rev().take_while(|byte| is_zero(byte)).count();
    let written = line.get(..line.len() - zeros).unwrap_or_default();
    let request = request.as_bytes();
    let is_title = request.starts_with(written) || written.starts_with(request);
    if !is_title || written.ends_with(b"\n") {
        return Ok(false);
    }
    loop {
        let block = rest.fill_buf()?;
        if block.is_empty() || !block.iter().all(is_zero) {
            return Ok(block.is_empty());
        }
        let length = block.len();
        rest.consume(length);
    }
}
