//! Finds the type that fits a value best, where nothing tells the types apart but what becomes of the value.

use std::cell::Cell;

use serde::Serialize;
use serde_json::Value;

/// How often, on average, each value in what the outermost choice reads is looked at. A choice inside a choice
/// multiplies the attempts, and an answer may nest them as deep as it likes; but a list may be of any length, too.
const LOOKS_AT_EACH: usize = 250;

/// How many looks there are at the least, for what is small and nested.
const FEWEST_LOOKS: usize = 100_000;

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
    let size = size(value);
    let _guard = Looks::begin(size);
    let whole = fit(value, value);
    let mut best: Option<(Fit, C)> = None;
    for read in types {
        if !Looks::take(size) {
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

/// How many values there are in `value`, itself included.
fn size(value: &Value) -> usize {
    let inside: usize = match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    };
    inside + 1
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
    /// How many looks are left to the choice that is being read, if one is.
    static LOOKS: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Takes note of a value that its enum does not list.
#[doc(hidden)]
pub fn note_unlisted() {
    UNLISTED.set(UNLISTED.get().wrapping_add(1));
}

/// The looks of the outermost choice that is being read; whatever is inside it shares them. An attempt to read a value
/// as one type takes a look at each value inside of it, so that all attempts together take no longer than the outermost
/// value has parts, times a constant.
struct Looks {
    is_outermost: bool,
}

impl Looks {
    /// `size` is that of the value, of which only the outermost one counts.
    fn begin(size: usize) -> Self {
        let is_outermost = LOOKS.get().is_none();
        if is_outermost {
            let looks = size.saturating_mul(LOOKS_AT_EACH);
            LOOKS.set(Some(looks.max(FEWEST_LOOKS)));
        }
        Self { is_outermost }
    }

    /// Whether there were any left for an attempt with a value of this size.
    fn take(size: usize) -> bool {
        let left = LOOKS.get().unwrap_or(0);
        LOOKS.set(Some(left.saturating_sub(size)));
        left > 0
    }
}

impl Drop for Looks {
    fn drop(&mut self) {
        if self.is_outermost {
            LOOKS.set(None);
        }
    }
}
