//! Finds the type that matches a value best, where only decoding and encoding it distinguishes the
//! types.

use std::cell::Cell;

use serde::Serialize;
use serde_json::Value;

use super::ReadExactly;
use crate::response::deviations::Attempt;

/// The average number of visits of each value in the outermost union.
///
/// A union within a union multiplies the attempts, and a response may nest them at any depth. It
/// may also contain a list of any length.
const VISITS_PER_VALUE: usize = 250;

/// The minimum number of visits, for values that are small and nested.
const MIN_VISITS: usize = 100_000;

/// The quality of a match between a type and a value.
#[derive(Clone, Copy, Default, Eq, PartialEq)]
struct Match {
    /// The number of scalars that the type keeps.
    kept: usize,
    /// The number of scalars that the type changes or adds, or that its enums do not list.
    changed: usize,
}

impl Match {
    fn is_better_than(self, other: Self) -> bool {
        self.kept > other.kept || (self.kept == other.kept && self.changed < other.changed)
    }

    fn add(&mut self, other: Self) {
        self.kept += other.kept;
        self.changed += other.changed;
    }
}

/// Decodes `value` as the type that matches best, if one does.
pub(super) fn best<C: Serialize>(value: &Value, types: &[ReadExactly<C>]) -> Option<C> {
    let size = size(value);
    let _guard = Visits::begin(size);
    let perfect = compare(value, value);
    let attempt = Attempt::begin();
    let not_kept = Attempt::not_kept();
    let mut best: Option<Candidate<C>> = None;
    for read in types {
        if !Visits::take(size) {
            break;
        }
        Attempt::set_not_kept(not_kept);
        let before = UNLISTED.get();
        let Some((found, is_exact)) = read(value) else {
            continue;
        };
        if is_exact {
            return Some(found);
        }
        let unlisted = UNLISTED.get().saturating_sub(before);
        let Ok(again) = serde_json::to_value(&found) else {
            continue;
        };
        let mut found_match = compare(value, &again);
        found_match.changed += unlisted;
        if found_match.kept > 0
            && best
                .as_ref()
                .is_none_or(|best| found_match.is_better_than(best.found_match))
        {
            best = Some(Candidate {
                found_match,
                found,
                read: *read,
                not_kept: Attempt::not_kept(),
            });
        }
        if found_match == perfect {
            break;
        }
    }
    let best = best?;
    if attempt.is_within_another() {
        Attempt::set_not_kept(best.not_kept);
        return Some(best.found);
    }
    drop(attempt);
    if best.not_kept == not_kept {
        return Some(best.found);
    }
    // This time, unknown properties are kept and deviations are noted.
    (best.read)(value).map(|(found, _)| found)
}

/// The best match so far.
struct Candidate<C> {
    found_match: Match,
    found: C,
    read: ReadExactly<C>,
    /// The number of deviations and unknown properties not kept, with those of this attempt.
    not_kept: usize,
}

/// Returns the number of values in `value`, including itself.
fn size(value: &Value) -> usize {
    let inside: usize = match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(properties) => properties.values().map(size).sum(),
        _ => 0,
    };
    inside + 1
}

/// Compares a value with what a type made of it.
fn compare(value: &Value, again: &Value) -> Match {
    let mut sum = Match::default();
    match (value, again) {
        (Value::Object(properties), Value::Object(again)) if !properties.is_empty() => {
            for (name, property) in properties {
                match again.get(name) {
                    Some(again) => sum.add(compare(property, again)),
                    // A missing property means the same as null.
                    None if property.is_null() => sum.kept += 1,
                    None => {}
                }
            }
            let is_new = |name: &&String| !properties.contains_key(*name);
            sum.changed += again.keys().filter(is_new).count();
        }
        (Value::Array(items), Value::Array(again)) if !items.is_empty() => {
            for (item, again) in items.iter().zip(again) {
                sum.add(compare(item, again));
            }
            sum.changed += again.len().saturating_sub(items.len());
        }
        (Value::Number(number), Value::Number(again)) if number != again => {
            let same = number.as_f64() == again.as_f64();
            sum.kept = usize::from(same);
            sum.changed = 1;
        }
        // An empty object, to which the type may have added properties.
        (Value::Object(_), Value::Object(again)) => {
            sum.kept = 1;
            sum.changed = again.len();
        }
        _ if value == again => sum.kept = 1,
        _ => sum.changed = 1,
    }
    sum
}

thread_local! {
    /// The number of values that were decoded into enums that do not list them.
    static UNLISTED: Cell<usize> = const { Cell::new(0) };
    /// The visits that are left for the union that is being decoded.
    static VISITS: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Counts a value that its enum does not list.
#[doc(hidden)]
pub fn note_unrecognized() {
    UNLISTED.set(UNLISTED.get().wrapping_add(1));
}

/// The visits of the outermost union that is being decoded, which all unions within it share.
///
/// An attempt to decode a value as one type visits each value within it. So all attempts together
/// take a time proportional to the size of the outermost value.
struct Visits {
    is_outermost: bool,
}

impl Visits {
    /// Begins a union. Only the size of the outermost value counts.
    fn begin(size: usize) -> Self {
        let is_outermost = VISITS.get().is_none();
        if is_outermost {
            let visits = size.saturating_mul(VISITS_PER_VALUE);
            VISITS.set(Some(visits.max(MIN_VISITS)));
        }
        Self { is_outermost }
    }

    /// Takes the visits of an attempt. Returns true if any were left.
    fn take(size: usize) -> bool {
        let left = VISITS.get().unwrap_or(0);
        VISITS.set(Some(left.saturating_sub(size)));
        left > 0
    }
}

impl Drop for Visits {
    fn drop(&mut self) {
        if self.is_outermost {
            VISITS.set(None);
        }
    }
}
