//! How much memory a process holds, and whether that grows.

use std::fs;

/// What a process may grow by between the two halves of a run without that being called growth, in KiB: an allocator keeps
/// some of what it once had.
const SLACK: u64 = 4 * 1024;

/// What it may grow by, as a share of what it holds.
const SHARE: f64 = 0.1;

/// How many samples it takes to say anything.
const FEWEST: usize = 16;

/// The memory that this process holds, in KiB; nothing where the system does not tell (`/proc`, on Linux).
pub(crate) fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The memory of a process over time, in KiB, at equal intervals.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<u64>);

/// What samples say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trend {
    /// The median of the second quarter of the time; the first one is for warming up.
    pub(crate) before: u64,
    /// The median of the last quarter.
    pub(crate) after: u64,
    pub(crate) is_flat: bool,
}

impl Samples {
    pub(crate) fn add(&mut self, sample: Option<u64>) {
        self.0.extend(sample);
    }

    /// Whether the memory grew; nothing if there are too few samples to tell.
    pub(crate) fn trend(&self) -> Option<Trend> {
        if self.0.len() < FEWEST {
            return None;
        }
        let quarter = self.0.len() / 4;
        let before = median(self.0.get(quarter..2 * quarter)?)?;
        let after = median(self.0.get(self.0.len() - quarter..)?)?;
        let grown = after.saturating_sub(before);
        let is_flat = grown <= SLACK || (grown as f64) <= SHARE * before as f64;
        Some(Trend {
            before,
            after,
            is_flat,
        })
    }
}

fn median(samples: &[u64]) -> Option<u64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(sample: impl Fn(u64) -> u64) -> Trend {
        let samples = Samples((0..40).map(sample).collect());
        samples.trend().expect("a trend")
    }

    #[test]
    fn what_levels_off_is_flat_and_what_goes_on_is_not() {
        assert!(trend(|time| 40_000 + 2_000 * time.min(8)).is_flat);
        assert!(!trend(|time| 40_000 + 400 * time).is_flat);
        assert_eq!(Samples(vec![1; FEWEST - 1]).trend(), None);
    }
}
