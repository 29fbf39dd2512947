//! Numbers of documents, read and compared exactly.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// 2 to the power of 63 and of 64, the first numbers that `i64` and `u64` do not hold.
const FIRST_BEYOND: [f64; 2] = [9_223_372_036_854_775_808.0, 18_446_744_073_709_551_616.0];

/// Reads a plain scalar that is an integer of YAML (1.2.2, section 10.3.2) or JSON. The parser
/// reads those beyond `i64` as a float. Returns `None` beyond `i64` and `u64`, too.
pub(super) fn integer(text: &str) -> Option<Number> {
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
pub(crate) fn plain(number: &Number) -> Number {
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
pub(crate) fn with_plain_numbers(value: &Value) -> Value {
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
pub(crate) fn order(left: &Number, right: &Number) -> Ordering {
    match (plain(left).as_i128(), plain(right).as_i128()) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => {
            let (left, right) = (left.as_f64(), right.as_f64());
            left.partial_cmp(&right).unwrap_or(Ordering::Equal)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn integers_are_read_exactly() {
        let read = |text: &str| integer(text).map(|number| number.to_string());
        for (text, number) in [
            ("0", "0"),
            ("+7", "7"),
            ("007", "7"),
            ("-9223372036854775808", "-9223372036854775808"),
            ("9223372036854775808", "9223372036854775808"),
            ("18446744073709551615", "18446744073709551615"),
            ("0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
            ("0o17", "15"),
        ] {
            assert_eq!(read(text).as_deref(), Some(number), "{text}");
        }
        for text in [
            "", "-", "+", "1.0", "1e3", "0x", "0x+1", "--1", "1_000", "a",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        for text in ["18446744073709551616", "-9223372036854775809"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn equal_numbers_are_written_alike() {
        let written = with_plain_numbers(&json!([10.0, {"a": -0.0}, 0.5, 1e19, 1e300, -1e18]));
        let wanted = json!([10, {"a": 0}, 0.5, 10_000_000_000_000_000_000_u64, 1e300,
            -1_000_000_000_000_000_000_i64]);
        assert_eq!(written, wanted);
        let numbers = [json!(u64::MAX), json!(u64::MAX - 1), json!(1.5), json!(1)];
        let numbers = numbers.map(|value| value.as_number().cloned().expect("a number"));
        assert_eq!(order(&numbers[0], &numbers[1]), Ordering::Greater);
        assert_eq!(order(&numbers[2], &numbers[3]), Ordering::Greater);
    }
}
