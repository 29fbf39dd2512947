//! Finds the type that fits a value best, where nothing tells the types apart but what becomes of the value.

use std::cell::Cell;

use serde::Serialize;
use serde_json::Value;

/// How many types are tried for one value and everything inside it. A choice inside a choice multiplies the attempts,
/// and an answer may nest them as deep as it likes.
const MOST_ATTEMPTS: u32 = 10_000;

/// How well a type fits a value.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
struct Fit {
    /// How many of its texts, numbers and the like are still there.
    kept: usize,
    /// How many are others, or were not there before, or are of an enum that does not list them.
    strange: usize,
}

impl Fit {
    fn is_better_than(self, other: Self) -> bool {
        self.kept > other.kept || (self.kept == other.kept && self.strange < other.strange)
    }

    fn add(&mut self, other: Self) {
        self.kept += other.kept;
        self.strange += other.strange;
    }
}

/// Reads `value` as the type that fits best, if one does.
pub(super) fn best<C: Serialize>(value: &Value, types: &[fn(&Value) -> Option<C>]) -> Option<C> {
    let _guard = Attempts::begin();
    let whole = fit(value, value);
    let mut best: Option<(Fit, C)> = None;
    for read in types {
        if !Attempts::take() {
            break;
        }
        let before = UNLISTED.get();
        let Some(found) = read(value) else { continue };
        let unlisted = UNLISTED.get().saturating_sub(before);
        let Ok(again) = serde_json::to_value(&found) else {
            continue;
        };
        let mut fit = fit(value, &again);
        fit.strange += unlisted;
        if fit.kept > 0
            && best
                .as_ref()
                .is_none_or(|(best, _)| fit.is_better_than(*best))
        {
            best = Some((fit, found));
        }
        if fit == whole {
            break;
        }
    }
    best.map(|(_, found)| found)
}

/// What of `value` is still there in `again`.
fn fit(value: &Value, again: &Value) -> Fit {
    let mut sum = Fit::default();
    match (value, again) {
        (Value::Object(members), Value::Object(again)) if !members.is_empty() => {
            for (name, member) in members {
                match again.get(name) {
                    Some(again) => sum.add(fit(member, again)),
                    // Leaving it out says the same.
                    None if member.is_null() => sum.kept += 1,
                    None => {}
                }
            }
            let is_new = |name: &&String| !members.contains_key(*name);
            sum.strange += again.keys().filter(is_new).count();
        }
        (Value::Array(items), Value::Array(again)) if !items.is_empty() => {
            for (item, again) in items.iter().zip(again) {
                sum.add(fit(item, again));
            }
            sum.strange += again.len().saturating_sub(items.len());
        }
        (Value::Number(number), Value::Number(again)) if number != again => {
            let same = number.as_f64() == again.as_f64();
            sum.kept = usize::from(same);
            sum.strange = 1;
        }
        // The empty object and the empty list, in which a member may have appeared.
        (Value::Object(_), Value::Object(again)) => {
            sum.kept = 1;
            sum.strange = again.len();
        }
        _ if value == again => sum.kept = 1,
        _ => sum.strange = 1,
    }
    sum
}

thread_local! {
    /// How many values were read into enums that do not list them.
    static UNLISTED: Cell<usize> = const { Cell::new(0) };
    /// How many attempts are left to the choice that is being read, if one is.
    static ATTEMPTS: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Takes note of a value that its enum does not list.
#[doc(hidden)]
pub fn note_unlisted() {
    UNLISTED.set(UNLISTED.get().wrapping_add(1));
}

/// The attempts of the outermost choice that is being read; whatever is inside it shares them.
struct Attempts {
    is_outermost: bool,
}

impl Attempts {
    fn begin() -> Self {
        let is_outermost = ATTEMPTS.get().is_none();
        if is_outermost {
            ATTEMPTS.set(Some(MOST_ATTEMPTS));
        }
        Self { is_outermost }
    }

    /// Whether there was one left.
    fn take() -> bool {
        let left = ATTEMPTS.get().unwrap_or(0);
        ATTEMPTS.set(Some(left.saturating_sub(1)));
        left > 0
    }
}

impl Drop for Attempts {
    fn drop(&mut self) {
        if self.is_outermost {
            ATTEMPTS.set(None);
        }
    }
}
