//! Which fault happens to a request.

use super::Fault;
use crate::state::scramble;

/// The faults that are set, and how often each is still to happen.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<(Fault, Option<u64>)>,
    random: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            active: Vec::new(),
            random: seed,
        }
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        let left = fault.times;
        self.active.push((fault, left));
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    /// The fault that happens to a request for an operation, if any.
    pub(crate) fn draw(&mut self, operation_id: &str) -> Option<Fault> {
        for (fault, left) in &mut self.active {
            let concerns = fault.operations.is_empty()
                || fault.operations.iter().any(|known| known == operation_id);
            if !concerns || *left == Some(0) {
                continue;
            }
            self.random = self.random.wrapping_add(1);
            // The upper 53 bits, as many as a number between 0 and 1 can tell apart.
            let share = (scramble(self.random) >> 11) as f64 / (1_u64 << 53) as f64;
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
