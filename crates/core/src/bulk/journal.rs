//! What a push has got through, on disk, so that the next one need not begin again.
//!
//! One line per run of acknowledged items: the index of the first, and for each a checksum of its JSON
//! text. Items are found again by their index, which keeps two equal items apart; the checksum makes
//! sure that what is left out the second time is what was acknowledged the first time. Where it
//! differs, the item is sent again, so a changed input can cost requests and never an item. Each item
//! has a checksum of its own, so that none has to wait for those that were acknowledged together with
//! it: they may come from a stream that is slow, or that waits for its results.
//!
//! The first line names the operation and a checksum of everything else of the request but its keys,
//! which are replaced from time to time: a journal of another push would have items left out that nobody ever sent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// What the first line begins with, whatever comes after it.
const NAME: &str = "scorekit-journal ";

/// What the first line of a journal begins with that this program reads.
const TITLE: &str = "scorekit-journal 2";

/// How many characters a checksum takes with what stands behind it.
const WIDTH: u64 = 17;

pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// What earlier pushes got through and this one has not come to, by the index of the first item.
    known: BTreeMap<u64, Run>,
    /// The checksums of the items that come next.
    recalled: std::vec::IntoIter<u64>,
    /// Why nothing can be written any more. What has been written of a line is in the way of another.
    failure: Option<String>,
}

/// Items that follow each other. Their checksums stay in the file, for there may be millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    count: u64,
    /// Where in the file the checksum of the first one begins.
    place: u64,
}

/// A checksum of texts: FNV-1a with 64 bits, each text with its length
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>). It guards against mistakes, and no
/// release of Rust changes it.
pub(super) struct Checksum(u64);

impl Checksum {
    pub(super) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// That of one text.
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
    /// Opens the journal of the pushes of `operation` whose requests share `checksum`, or begins it.
    pub(super) fn open(path: &Path, operation: &'static str, checksum: u64) -> Result<Self, Error> {
        let title = format!("{TITLE} {operation} {checksum:016x}\n");
        Self::read(path, &title).map_err(|problem| {
            let path = path.display();
            match problem {
                Problem::Io(error) => {
                    Error::configuration(format!("the journal {path} cannot be used: {error}"))
                        .with_source(error)
                }
                Problem::Title => Error::configuration(format!(
                    "{path} is not the journal of this push: its first line is not {:?}; name a \
                     file of its own for each operation, server, body, set of arguments and \
                     organization",
                    title.trim_end()
                )),
                Problem::Taken => Error::new(
                    ErrorKind::Journal,
                    format!(
                        "another push uses this journal, {path}; wait for its end, or name another file"
                    ),
                ),
                Problem::Version => Error::configuration(format!(
                    "the journal {path} was written by another version of this program, which \
                     wrote it otherwise; name another file, and all items are sent again"
                )),
                Problem::Line(number) => Error::configuration(format!(
                    "line {number} of the journal {path} says nothing that was acknowledged; \
                     remove the line, and its items are sent again"
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
        // The lock goes with the file, however the program ends. Not every file system has locks.
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(Problem::Taken);
        }
        let mut known = BTreeMap::new();
        let mut lines = BufReader::new(&file);
        let mut line = Vec::new();
        io::Read::take(&mut lines, title.len() as u64).read_until(b'\n', &mut line)?;
        let is_begun = line == title.as_bytes();
        // A first line that broke off is one that this program began.
        if !is_begun && !breaks_off(title, &line, &mut lines)? {
            let text = String::from_utf8_lossy(&line);
            let is_other = text.starts_with(NAME) && !text.starts_with(TITLE);
            return Err(if is_other {
                Problem::Version
            } else {
                Problem::Title
            });
        }
        let mut whole = if is_begun { title.len() as u64 } else { 0 };
        for number in 2_u64.. {
            line.clear();
            lines.read_until(b'\n', &mut line)?;
            // A line that broke off, or a block that was being written when the machine crashed:
            // some file systems leave zeros in its place. What is lost by it is sent again.
            if !line.ends_with(b"\n") {
                break;
            }
            let (first, count, head) = parse(&line).ok_or(Problem::Line(number))?;
            let place = whole + head;
            insert(&mut known, first, Run { count, place });
            whole += line.len() as u64;
        }
        // A last line that broke off would run into the next one.
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        if whole == 0 {
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

    /// One that cannot be written.
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

    /// The checksum of the item with this index, if it was acknowledged earlier. It is asked for every
    /// index, one after the other.
    pub(super) fn checksum_at(&mut self, index: u64) -> Option<u64> {
        if let Some(run) = self.known.remove(&index) {
            // What cannot be read any more is sent again.
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

    /// Writes down that items which follow each other were acknowledged.
    pub(super) fn record(
        &mut self,
        first: u64,
        checksums: impl Iterator<Item = u64>,
    ) -> Result<(), Error> {
        if self.failure.is_none() {
            let mut line = first.to_string();
            for checksum in checksums {
                // Nothing is wrong with a string.
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
                "the server took the item, but the journal {path} cannot be written ({failure}); \
                 the next push sends it again"
            ),
        ))
    }
}

enum Problem {
    Io(io::Error),
    Title,
    Taken,
    Version,
    Line(u64),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Whether a file that begins with `line` has nothing but a part of the title in it, or the zeros that
/// some file systems leave behind in a crash of the machine.
fn breaks_off(title: &str, line: &[u8], rest: &mut impl BufRead) -> io::Result<bool> {
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

/// The index of the first item of a line, how many there are, and where in the line their checksums
/// begin.
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

/// The latest word on an item counts, so a run takes the place of whatever it overlaps.
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
    fn the_checksum_is_the_published_one() {
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
    fn lines_that_are_no_runs_are_none() {
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
    fn a_later_run_takes_the_place_of_what_it_overlaps() {
        let mut known = BTreeMap::new();
        let places = [0, 1000, 2000, 3000, 4000, 5000];
        let runs = [(0, 10), (10, 10), (30, 5), (5, 6), (40, 1), (29, 20)];
        for ((first, count), place) in runs.into_iter().zip(places) {
            insert(&mut known, first, Run { count, place });
        }
        // One in the middle of another.
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
