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
//! items that were never sent. The last line of a run that is over says so: the next push begins a
//! new run, because a journal that lasted would leave out whatever was changed since.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// The beginning of the first line in all versions.
const NAME: &str = "scorekit-journal ";

/// The beginning of the first line in this version.
const TITLE: &str = "scorekit-journal 3";

/// The name of a run without a name in the first line.
const UNNAMED: &str = "-";

/// The line after the last item of a run.
const END: &[u8] = b"end\n";

/// The longest name of a run, in bytes.
const LONGEST_RUN: usize = 200;

/// The width of a checksum with its separator, in characters.
const WIDTH: u64 = 17;

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
    path: PathBuf,
    run: Option<String>,
    only_failed: bool,
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
    /// unchanged are not sent again, even if somebody changed them on the server since then.
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

/// A journal that is open.
pub(super) struct OpenJournal {
    path: PathBuf,
    file: File,
    /// The items of the interrupted run that this push has not reached, by the index of the first.
    known: BTreeMap<u64, Run>,
    /// The checksums of the next items.
    recalled: std::vec::IntoIter<u64>,
    /// Whether the end of the run is written.
    is_over: bool,
    /// The error after which nothing more is written, because the last line may be incomplete.
    failure: Option<String>,
}

/// Items with consecutive indexes. Their checksums stay in the file, because there may be millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    count: u64,
    /// The offset of the first checksum in the file.
    place: u64,
}

/// A checksum of texts: FNV-1a with 64 bits, each text with its length
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>). It detects mistakes and is
/// the same in every release of Rust.
pub(super) struct Checksum(u64);

impl Checksum {
    pub(super) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Returns the checksum of one text.
    pub(super) fn of(text: &[u8]) -> u64 {
        let mut checksum = Self::new();
        checksum.add(text);
        checksum.value()
    }

    pub(super) fn add(&mut self, text: &[u8]) {
        for byte in (text.len() as u64).to_le_bytes().iter().chain(text) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(super) fn value(&self) -> u64 {
        self.0
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
        let mut file = open_file(journal)?;
        // The lock ends with the file, however the program ends. Not every file system has locks.
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(Problem::Delivery);
        }
        let mut lines = BufReader::new(&file);
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
        file.set_len(runs.length)?;
        file.seek(SeekFrom::End(0))?;
        if runs.length == 0 {
            file.write_all(format!("{request}{run}\n").as_bytes())?;
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
            file: File::open(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap(),
            known: BTreeMap::new(),
            recalled: Vec::new().into_iter(),
            is_over: false,
            failure: None,
        }
    }

    /// Records that the run is over, so that the next push begins a new one.
    pub(super) fn end(&mut self) {
        if self.is_over || self.failure.is_some() {
            return;
        }
        self.is_over = true;
        // A journal that stayed without an end would leave out items of the next run. An empty file
        // needs no room on the disk.
        if self.file.write_all(END).is_err()
            && let Err(error) = self.file.set_len(0)
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
        self.file.seek(SeekFrom::Start(run.place)).ok()?;
        io::Read::read_exact(&mut self.file, &mut text).ok()?;
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
            if let Err(error) = self.file.write_all(line.as_bytes()) {
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

/// The lines of a journal after the first.
#[derive(Default)]
struct Runs {
    known: BTreeMap<u64, Run>,
    is_over: bool,
    /// The length of the file up to the last whole line; 0 for a file to begin anew.
    length: u64,
}

impl Runs {
    /// Reads the lines after the first, which has `length` bytes.
    fn read(lines: &mut impl BufRead, mut length: u64) -> Result<Self, Problem> {
        let mut known = BTreeMap::new();
        let mut is_over = false;
        let mut line = Vec::new();
        for number in 2_u64.. {
            line.clear();
            lines.read_until(b'\n', &mut line)?;
            // An incomplete line, or zeros that some file systems leave after a crash of the
            // machine. The items that it lost are sent again.
            if !line.ends_with(b"\n") {
                break;
            }
            is_over = line == END;
            if !is_over {
                let (first, count, head) = parse(&line).ok_or(Problem::Line(number))?;
                let place = length + head;
                insert(&mut known, first, Run { count, place });
            }
            length += line.len() as u64;
        }
        Ok(Self {
            known,
            is_over,
            length,
        })
    }
}

/// The reason why a journal cannot be opened.
enum Problem {
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
    fn into_error(self, path: &Path, request: &str) -> Error {
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

/// Returns whether a file consists of the beginning of a first line of this request, and of zeros
/// that some file systems leave after a crash of the machine.
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

/// Parses a line into the index of its first item, the number of items, and the offset of the first
/// checksum.
fn parse(line: &[u8]) -> Option<(u64, u64, u64)> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (index, checksums) = line.split_once(' ')?;
    let first: u64 = index.parse().ok()?;
    let mut count: u64 = 0;
    for word in checksums.split(' ') {
        checksum(word)?;
        count += 1;
    }
    first.checked_add(count)?;
    Some((first, count, index.len() as u64 + 1))
}

fn checksum(word: &str) -> Option<u64> {
    let is_checksum = word.len() as u64 + 1 == WIDTH && !word.starts_with('+');
    u64::from_str_radix(word, 16).ok().filter(|_| is_checksum)
}

/// Inserts a run, which replaces the parts of earlier runs that it overlaps.
fn insert(known: &mut BTreeMap<u64, Run>, first: u64, run: Run) {
    let end = first + run.count;
    while let Some((&other, &earlier)) = known.range(..end).next_back()
        && other + earlier.count > first
    {
        known.remove(&other);
        let earlier_end = other + earlier.count;
        if earlier_end > end {
            let count = earlier_end - end;
            let place = earlier.place + (end - other) * WIDTH;
            known.insert(end, Run { count, place });
        }
        if other < first {
            let count = first - other;
            known.insert(other, Run { count, ..earlier });
        }
    }
    known.insert(first, run);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Checksum, Run, insert, parse};

    #[test]
    fn checksums_are_fnv_1a() {
        // FNV-1a of the eight zero bytes of an empty text's length, by the reference definition.
        let mut checksum = Checksum::new();
        checksum.add(b"");
        let expected = (0..8).fold(0xcbf2_9ce4_8422_2325_u64, |hash, _| {
            hash.wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!(checksum.value(), expected);
        let sum = |texts: &[&str]| {
            let mut checksum = Checksum::new();
            texts.iter().for_each(|text| checksum.add(text.as_bytes()));
            checksum.value()
        };
        assert_ne!(sum(&["ab", "c"]), sum(&["a", "bc"]));
        assert_ne!(sum(&["a", "b"]), sum(&["b", "a"]));
    }

    #[test]
    fn malformed_lines_are_rejected() {
        assert_eq!(parse(b"7 00000000000000ff\n"), Some((7, 1, 2)));
        let two = b"12 00000000000000ff 0123456789abcdef\n";
        assert_eq!(parse(two), Some((12, 2, 3)));
        for line in [
            "",
            "\n",
            "7\n",
            "7 \n",
            "7 00000000000000ff",
            "7 00000000000000ff \n",
            "7 ff\n",
            "7 00000000000000fg\n",
            "7 +0000000000000ff\n",
            "7 00000000000000ff 1\n",
            "7 3 00000000000000ff\n",
            "-7 00000000000000ff\n",
            "18446744073709551615 00000000000000ff\n",
        ] {
            assert!(parse(line.as_bytes()).is_none(), "{line:?}");
        }
    }

    #[test]
    fn later_runs_replace_what_they_overlap() {
        let mut known = BTreeMap::new();
        let places = [0, 1000, 2000, 3000, 4000, 5000];
        let runs = [(0, 10), (10, 10), (30, 5), (5, 6), (40, 1), (29, 20)];
        for ((first, count), place) in runs.into_iter().zip(places) {
            insert(&mut known, first, Run { count, place });
        }
        // A run in the middle of another.
        let (count, place) = (2, 6000);
        insert(&mut known, 33, Run { count, place });
        let left: Vec<_> = known
            .iter()
            .map(|(first, run)| (*first, run.count, run.place))
            .collect();
        let expected = [
            (0, 5, 0),
            (5, 6, 3000),
            (11, 9, 1000 + 17),
            (29, 4, 5000),
            (33, 2, 6000),
            (35, 14, 5000 + 6 * 17),
        ];
        assert_eq!(left, expected);
    }
}
