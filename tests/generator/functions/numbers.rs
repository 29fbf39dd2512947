//! Numbers of documents.

use std::cmp::Ordering;

use scorekit_codegen::document::number::{integer, order, with_plain_numbers};
use serde_json::json;

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
