//! The faults that are set, and the selection of one for a request.

use super::fault::Fault;
use crate::random::split_mix;

/// The faults that are set, each with the number of requests that it still applies to.
#[derive(Debug, Default)]
pub(crate) struct ActiveFaults {
    faults: Vec<(Fault, Option<u64>)>,
    random: u64,
}

impl ActiveFaults {
    /// Starts without faults. The seed decides which requests fail by chance.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            faults: Vec::new(),
            random: seed,
        }
    }

    /// Adds a fault after the others.
    pub(crate) fn add(&mut self, fault: Fault) {
        let left = fault.times;
        self.faults.push((fault, left));
    }

    /// Removes all faults.
    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    /// Returns the fault that applies to a request for an operation, if there is one.
    pub(crate) fn next_for(&mut self, operation_id: &str) -> Option<Fault> {
        for (fault, left) in &mut self.faults {
            let matches = fault.operations.is_empty()
                || fault.operations.iter().any(|known| known == operation_id);
            if !matches || *left == Some(0) {
                continue;
            }
            self.random = self.random.wrapping_add(1);
            // The upper 53 bits, as many as the mantissa of a double holds.
            let share = (split_mix(self.random) >> 11) as f64 / (1_u64 << 53) as f64;
            if share >= fault.probability {
                continue;
            }
            if let Some(left) = left {
                *left -= 1;
            }
            return Some(fault.clone());
        }
        None
    }
}
