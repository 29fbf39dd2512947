//! The lines of a journal: runs of items with the checksum of each.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::problem::Problem;

/// The line after the last item of a run.
pub(super) const END: &[u8] = b"end\n";

/// The width of a checksum with its separator, in characters.
pub(super) const WIDTH: u64 = 17;

/// Items with consecutive indexes. Their checksums stay in the file, because there may be millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) count: u64,
    /// The offset of the first checksum in the file.
    pub(super) place: u64,
}

/// A checksum of texts: FNV-1a with 64 bits, each text with its length
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>). It detects mistakes and is
/// the same in every release of Rust.
pub(in crate::bulk) struct Checksum(u64);

impl Checksum {
    pub(in crate::bulk) fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Returns the checksum of one text.
    pub(in crate::bulk) fn of(text: &[u8]) -> u64 {
        let mut checksum = Self::new();
        checksum.add(text);
        checksum.value()
    }

    pub(in crate::bulk) fn add(&mut self, text: &[u8]) {
        for byte in (text.len() as u64).to_le_bytes().iter().chain(text) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(in crate::bulk) fn value(&self) -> u64 {
        self.0
    }
}

/// The lines of a journal after the first.
#[derive(Default)]
pub(super) struct Runs {
    pub(super) known: BTreeMap<u64, Run>,
    pub(super) is_over: bool,
    /// The length of the file up to the last whole line; 0 for a file to begin anew.
    pub(super) length: u64,
}

impl Runs {
    /// Reads the lines after the first, which has `length` bytes.
    pub(super) fn read(lines: &mut impl BufRead, mut length: u64) -> Result<Self, Problem> {
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

pub(super) fn checksum(word: &str) -> Option<u64> {
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
