//! Numbers of documents, read and compared exactly.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// 2 to the power of 63 and of 64, the first numbers that `i64` and `u64` do not hold.
const FIRST_BEYOND: [f64; 2] = [9_223_372_036_854_775_808.0, 18_446_744_073_709_551_616.0];

/// Reads a plain scalar that is an integer of YAML (1.2.2, section 10.3.2) or JSON. The parser
/// reads those beyond `i64` as a float. Returns `None` beyond `i64` and `u64`, too.
pub fn integer(text: &str) -> Option<Number> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let is_number = digits.chars().all(|digit| digit.is_digit(radix));
            let number = is_number.then(|| u64::from_str_radix(digits, radix).ok());
            return number.flatten().map(Number::from);
        }
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    match text.starts_with('-') {
        true => text.parse::<i64>().ok().map(Number::from),
        false => digits.parse::<u64>().ok().map(Number::from),
    }
}

/// Returns the integer that a number is equal to, or else the number itself: `10` for `10.0`.
pub fn plain(number: &Number) -> Number {
    let Some(value) = number.as_f64().filter(|_| number.is_f64()) else {
        return number.clone();
    };
    let [lowest, highest] = [-FIRST_BEYOND[0], FIRST_BEYOND[1]];
    if value.fract() != 0.0 || value < lowest || value >= highest {
        return number.clone();
    }
    Number::from_i128(value as i128).unwrap_or_else(|| number.clone())
}

/// Returns a value in which equal numbers are written alike, at any depth.
pub fn with_plain_numbers(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(plain(number)),
        Value::Array(items) => items.iter().map(with_plain_numbers).collect(),
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), with_plain_numbers(value)));
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// Compares two numbers, as integers if both are.
pub fn order(left: &Number, right: &Number) -> Ordering {
    match (plain(left).as_i128(), plain(right).as_i128()) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => {
            let (left, right) = (left.as_f64(), right.as_f64());
            left.partial_cmp(&right).unwrap_or(Ordering::Equal)
        }
    }
}
