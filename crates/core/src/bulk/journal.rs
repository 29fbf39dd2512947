//! Records on disk which items the server accepted, so that the next push sends only the rest.
//!
//! Each line is a run of items with consecutive indexes: the index of the first, and a checksum of
//! the JSON text of each. The index distinguishes equal items. The checksum detects a changed
//! input: an item with another checksum is sent again, so a change can cost requests and never an
//! item. Each item has a checksum of its own, because the items of a run may arrive slowly, or wait
//! for earlier results.
//!
//! The first line has the operation and a checksum of everything else in the request except its
//! keys, which change. Without it, the journal of another push would leave out items that were
//! never sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// The beginning of the first line in all versions.
const NAME: &str = "scorekit-journal ";

/// The beginning of the first line in this version.
const TITLE: &str = "scorekit-journal 2";

/// The width of a checksum with its separator, in characters.
const WIDTH: u64 = 17;

/// A journal that is open.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// The runs of earlier pushes that this push has not reached, by the index of the first item.
    known: BTreeMap<u64, Run>,
    /// The checksums of the next items.
    recalled: std::vec::IntoIter<u64>,
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

impl Journal {
    /// Opens or creates the journal of pushes of `operation` whose requests have this checksum.
    pub(super) fn open(path: &Path, operation: &'static str, checksum: u64) -> Result<Self, Error> {
        let title = format!("{TITLE} {operation} {checksum:016x}\n");
        Self::read(path, &title).map_err(|problem| {
            let path = path.display();
            match problem {
                Problem::Io(error) => {
                    Error::configuration(format!("cannot use the journal {path}: {error}"))
                        .with_source(error)
                }
                Problem::Title => Error::configuration(format!(
                    "{path} is not the journal of this push: its first line is not {:?}; use one \
                     file for each operation, server, body, set of arguments and organization",
                    title.trim_end()
                )),
                Problem::Delivery => Error::new(
                    ErrorKind::Journal,
                    format!(
                        "cannot open the journal {path}: another push uses it; wait for its end, \
                         or use another file"
                    ),
                ),
                Problem::Version => Error::configuration(format!(
                    "cannot read the journal {path}: another version of this library wrote it; use \
                     another file, and all items are sent again"
                )),
                Problem::Line(number) => Error::configuration(format!(
                    "cannot read line {number} of the journal {path}; remove the line, and its \
                     items are sent again"
                )),
            }
            .in_operation(operation)
        })
    }

    fn read(path: &Path, title: &str) -> Result<Self, Problem> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        // The lock ends with the file, however the program ends. Not every file system has locks.
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(Problem::Delivery);
        }
        let mut known = BTreeMap::new();
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        io::Read::take(&mut lines, title.len() as u64).read_until(b'\n', &mut line)?;
        let has_title = line == title.as_bytes();
        // This library wrote a first line that is incomplete.
        if !has_title && !is_incomplete_title(title, &line, &mut lines)? {
            let text = String::from_utf8_lossy(&line);
            let is_other = text.starts_with(NAME) && !text.starts_with(TITLE);
            return Err(if is_other {
                Problem::Version
            } else {
                Problem::Title
            });
        }
        let mut length = if has_title { title.len() as u64 } else { 0 };
        for number in 2_u64.. {
            line.clear();
            lines.read_until(b'\n', &mut line)?;
            // An incomplete line, or zeros that some file systems leave after a crash of the
            // machine. The items that it lost are sent again.
            if !line.ends_with(b"\n") {
                break;
            }
            let (first, count, head) = parse(&line).ok_or(Problem::Line(number))?;
            let place = length + head;
            insert(&mut known, first, Run { count, place });
            length += line.len() as u64;
        }
        // The next line would be appended to an incomplete one.
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        if length == 0 {
            file.write_all(title.as_bytes())?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            known,
            recalled: Vec::new().into_iter(),
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
            failure: None,
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

/// The reason why a journal cannot be opened.
enum Problem {
    Io(io::Error),
    Title,
    Delivery,
    Version,
    Line(u64),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Returns whether a file consists of the beginning of a title, and of zeros that some file systems
/// leave after a crash of the machine.
fn is_incomplete_title(title: &str, line: &[u8], rest: &mut impl BufRead) -> io::Result<bool> {
    let is_zero = |byte: &u8| *byte == 0;
    let zeros = line.iter().rev().take_while(|byte| is_zero(byte)).count();
    let written = line.get(..line.len() - zeros).unwrap_or_default();
    if !title.as_bytes().starts_with(written) {
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
