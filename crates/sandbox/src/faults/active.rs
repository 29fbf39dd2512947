//! The faults that are set, and the selection of one for a request.

use super::fault::Fault;
use crate::random::split_mix;

/// The faults that are set.
#[derive(Debug, Default)]
pub(crate) struct ActiveFaults {
    faults: Vec<ActiveFault>,
    random: u64,
    /// The number of faults that were added.
    added: u64,
}

/// A fault that is set.
#[derive(Clone, Debug)]
pub(crate) struct ActiveFault {
    /// The number of the fault: 1 for the first one of a sandbox.
    pub(crate) id: u64,
    pub(crate) fault: Fault,
    /// The number of requests that it was applied to.
    pub(crate) applied: u64,
    /// The number of requests that it still applies to; `None` if it has no limit.
    pub(crate) left: Option<u64>,
}

impl ActiveFaults {
    /// Adds a fault after the others.
    pub(crate) fn add(&mut self, fault: Fault) -> ActiveFault {
        self.added += 1;
        let added = ActiveFault {
            id: self.added,
            applied: 0,
            left: fault.times,
            fault,
        };
        self.faults.push(added.clone());
        added
    }

    /// Returns the faults, in the order in which they are tried.
    pub(crate) fn all(&self) -> &[ActiveFault] {
        &self.faults
    }

    /// Removes a fault by its number. Returns false if it is not set.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.faults.len();
        self.faults.retain(|active| active.id != id);
        self.faults.len() < before
    }

    /// Removes all faults, and sets others. The seed decides which requests fail by chance.
    pub(crate) fn reset(&mut self, seed: u64, faults: &[Fault]) {
        self.clear();
        self.random = seed;
        for fault in faults {
            self.add(fault.clone());
        }
    }

    /// Removes all faults.
    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    /// Returns the fault that applies to a request for an operation, if there is one.
    pub(crate) fn next_for(&mut self, operation_id: &str) -> Option<Fault> {
        for active in &mut self.faults {
            let (fault, left) = (&active.fault, &mut active.left);
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
            active.applied += 1;
            return Some(fault.clone());
        }
        None
    }
}
