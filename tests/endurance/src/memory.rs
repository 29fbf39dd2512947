//! The memory of a process, and the check that it does not grow.

use std::fs;

/// The growth between two parts of a run that is accepted, in KiB: allocators keep freed memory.
const ACCEPTED_GROWTH: u64 = 4 * 1024;

/// The growth that is accepted, as a share of the memory in use.
const ACCEPTED_SHARE: f64 = 0.1;

/// The number of samples that the check of memory needs.
pub(crate) const MIN_SAMPLES: usize = 16;

/// Returns the resident memory of this process in KiB, or `None` where `/proc` does not exist.
pub(crate) fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The memory of a process in the course of a run, in KiB.
#[derive(Clone, Debug, Default)]
pub(crate) struct Samples(Vec<u64>);

/// The comparison of an early and a late part of the samples.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trend {
    /// The median of the second quarter. The first quarter is left out because caches still fill.
    pub(crate) early: u64,
    /// The median of the last quarter.
    pub(crate) late: u64,
    pub(crate) is_flat: bool,
}

impl Samples {
    pub(crate) fn add(&mut self, sample: Option<u64>) {
        self.0.extend(sample);
    }

    /// Compares the second quarter with the last; `None` with fewer than [`MIN_SAMPLES`].
    pub(crate) fn trend(&self) -> Option<Trend> {
        if self.0.len() < MIN_SAMPLES {
            return None;
        }
        let quarter = self.0.len() / 4;
        let early = median(self.0.get(quarter..2 * quarter)?)?;
        let late = median(self.0.get(self.0.len() - quarter..)?)?;
        let growth = late.saturating_sub(early);
        let is_flat = growth <= ACCEPTED_GROWTH || (growth as f64) <= ACCEPTED_SHARE * early as f64;
        Some(Trend {
            early,
            late,
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
    fn memory_that_levels_off_is_flat() {
        assert!(trend(|time| 40_000 + 2_000 * time.min(8)).is_flat);
    }

    #[test]
    fn memory_that_keeps_growing_is_not_flat() {
        assert!(!trend(|time| 40_000 + 400 * time).is_flat);
    }

    #[test]
    fn few_samples_give_no_verdict() {
        assert_eq!(Samples(vec![1; MIN_SAMPLES - 1]).trend(), None);
    }
}
