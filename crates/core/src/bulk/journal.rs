//! What a push has got through, on disk, so that the next one need not begin again.
//!
//! One line per run of acknowledged items: the index of the first, how many there are, and a checksum
//! of their JSON text. Items are found again by their index, for that costs nothing per item and
//! keeps two equal items apart; the checksum makes sure that what is left out the second time is what
//! was acknowledged the first time. Where it differs, the items are sent again, so a changed input
//! can cost requests and never an item.
//!
//! The first line names the operation and a checksum of everything else of the request, its server
//! included: a journal of another push would have items left out that nobody ever sent.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::{Error, ErrorKind};

/// What the first line begins with.
const TITLE: &str = "scorekit-journal 1";

/// The longest line that is written, and far more than that.
const LONGEST_LINE: u64 = 1024;

pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// What earlier pushes got through: by the index of the first item how many, and their checksum.
    known: BTreeMap<u64, Run>,
    /// Why nothing can be written any more. What has been written of a line is in the way of another.
    failure: Option<String>,
}

#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) count: u64,
    pub(super) checksum: u64,
}

/// A checksum of texts: FNV-1a with 64 bits, each text with its length
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>). It guards against mistakes, and no
/// release of Rust changes it.
pub(super) struct Checksum(u64);

impl Checksum {
    pub(super) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
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
                     file of its own for each operation, server and body",
                    title.trim_end()
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
        let mut known = BTreeMap::new();
        let mut lines = BufReader::new(&file);
        let mut whole = 0;
        for number in 1_u64.. {
            let mut line = Vec::new();
            let limit = LONGEST_LINE.max(title.len() as u64);
            io::Read::take(&mut lines, limit).read_until(b'\n', &mut line)?;
            let is_whole = line.ends_with(b"\n");
            // A first line that broke off is one that this program began.
            let is_title = if is_whole {
                line == title.as_bytes()
            } else {
                title.as_bytes().starts_with(&line)
            };
            if number == 1 && !is_title {
                return Err(Problem::Title);
            }
            if !is_whole {
                if line.len() as u64 >= limit {
                    return Err(Problem::Line(number));
                }
                break;
            }
            if number > 1 {
                let (first, run) = parse(&line).ok_or(Problem::Line(number))?;
                insert(&mut known, first, run);
            }
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
            failure: None,
        }
    }

    /// What was acknowledged earlier from this index on.
    pub(super) fn run_at(&self, first: u64) -> Option<Run> {
        self.known.get(&first).copied()
    }

    /// Writes down that items were acknowledged.
    pub(super) fn record(&mut self, first: u64, run: Run) -> Result<(), Error> {
        if self.failure.is_none() {
            let line = format!("{first} {} {:016x}\n", run.count, run.checksum);
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
    Line(u64),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn parse(line: &[u8]) -> Option<(u64, Run)> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let mut words = line.split(' ');
    let first: u64 = words.next()?.parse().ok()?;
    let count: u64 = words.next()?.parse().ok()?;
    let checksum = words.next().filter(|word| word.len() == 16)?;
    let checksum = u64::from_str_radix(checksum, 16).ok()?;
    let is_run = count > 0 && first.checked_add(count).is_some() && words.next().is_none();
    is_run.then_some((first, Run { count, checksum }))
}

/// The latest word on an item counts, so a run takes the place of all that it overlaps.
fn insert(known: &mut BTreeMap<u64, Run>, first: u64, run: Run) {
    let end = first + run.count;
    while let Some((&other, earlier)) = known.range(..end).next_back()
        && other + earlier.count > first
    {
        known.remove(&other);
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
        assert!(parse(b"7 3 00000000000000ff\n").is_some());
        for line in [
            "",
            "\n",
            "7 3 00000000000000ff",
            "7 0 00000000000000ff\n",
            "7 3 ff\n",
            "7 3 00000000000000fg\n",
            "7 3 00000000000000ff 1\n",
            "-7 3 00000000000000ff\n",
            "18446744073709551615 1 00000000000000ff\n",
        ] {
            assert!(parse(line.as_bytes()).is_none(), "{line:?}");
        }
    }

    #[test]
    fn a_later_run_takes_the_place_of_what_it_overlaps() {
        let mut known = BTreeMap::new();
        for (first, count) in [(0, 10), (10, 10), (30, 5), (5, 6), (40, 1), (29, 20)] {
            let checksum = 0;
            insert(&mut known, first, Run { count, checksum });
        }
        let left: Vec<_> = known
            .iter()
            .map(|(first, run)| (*first, run.count))
            .collect();
        assert_eq!(left, [(5, 6), (29, 20)]);
    }
}
