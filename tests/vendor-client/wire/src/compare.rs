//! The differences between two requests with the same input.

use std::collections::BTreeMap;

use scorekit_sandbox::RequestRecord;
use serde_json::Value;

use crate::input::{decoded, pairs};

/// A kind of difference. `page` explains each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The vendor's client could not take the same input, or sent nothing.
    NotSent,
    /// Its types do not have a field for a part of the input, but pass it on.
    NotModelled,
    /// Its types have a field for a value that our request with everything set does not have.
    NotDocumented,
    Method,
    PathSpace,
    Path,
    QueryEncoding,
    QueryOrder,
    Query,
    Header(String),
    MemberOrder,
    NumberText,
    Timestamp,
    MemberLeftOut,
    MemberAdded,
    Member,
}

/// A difference: its kind and its details.
pub(crate) type Difference = (Kind, String);

/// Returns all differences of the vendor's request from ours.
pub(crate) fn differences(ours: &RequestRecord, theirs: &RequestRecord) -> Vec<Difference> {
    let mut found = Vec::new();
    if ours.method != theirs.method {
        found.push((Kind::Method, both(&ours.method, &theirs.method)));
    }
    if ours.path != theirs.path {
        let kind = match decoded(&ours.path) == decoded(&theirs.path.replace('+', "%20")) {
            true => Kind::PathSpace,
            false => Kind::Path,
        };
        found.push((kind, both(&ours.path, &theirs.path)));
    }
    if ours.query != theirs.query {
        queries(&ours.query, &theirs.query, &mut found);
    }
    headers(ours, theirs, &mut found);
    if ours.body != theirs.body {
        bodies(&ours.body, &theirs.body, &mut found);
    }
    found
}

fn both(ours: &str, theirs: &str) -> String {
    format!("`{ours}`, the vendor's `{theirs}`")
}

fn queries(ours: &str, theirs: &str, found: &mut Vec<Difference>) {
    let (mut our_pairs, mut their_pairs) = (pairs(ours), pairs(theirs));
    let in_order = our_pairs == their_pairs;
    our_pairs.sort();
    their_pairs.sort();
    if our_pairs != their_pairs {
        found.push((Kind::Query, both(ours, theirs)));
    } else if in_order {
        found.push((Kind::QueryEncoding, both(ours, theirs)));
    } else {
        found.push((Kind::QueryOrder, both(ours, theirs)));
    }
}

fn headers(ours: &RequestRecord, theirs: &RequestRecord, found: &mut Vec<Difference>) {
    let by_name = |request: &RequestRecord| -> BTreeMap<String, String> {
        request.headers.iter().cloned().collect()
    };
    let (ours, theirs) = (by_name(ours), by_name(theirs));
    let mut names: Vec<_> = ours.keys().chain(theirs.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let (own, other) = (ours.get(name), theirs.get(name));
        if own != other {
            let shown = |value: Option<&String>| match value {
                Some(value) => format!("`{value}`"),
                None => "none".to_owned(),
            };
            let detail = format!("{}, the vendor's {}", shown(own), shown(other));
            // The host differs from run to run.
            let detail = match detail.split_once(" (rust ") {
                Some((start, _)) => format!("{start} (…)`"),
                None => detail,
            };
            found.push((Kind::Header(name.clone()), detail));
        }
    }
}

fn bodies(ours: &[u8], theirs: &[u8], found: &mut Vec<Difference>) {
    let before = found.len();
    let read = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap_or_default();
    let (own, other) = (read(ours), read(theirs));
    properties("", &own, &other, found);
    if found.len() > before {
        return;
    }
    // The values are equal and their JSON texts differ: `Value` sorts the properties.
    let (own, other) = (own.to_string(), other.to_string());
    let kind = if own == other {
        Kind::MemberOrder
    } else {
        Kind::NumberText
    };
    let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
    found.push((kind, both(&text(ours), &text(theirs))));
}

/// Finds the properties in which two bodies differ, by their JSON pointers.
fn properties(pointer: &str, ours: &Value, theirs: &Value, found: &mut Vec<Difference>) {
    match (ours, theirs) {
        (Value::Object(own), Value::Object(other)) => {
            for (name, value) in own {
                let pointer = format!("{pointer}/{name}");
                match other.get(name) {
                    Some(other) => properties(&pointer, value, other, found),
                    None => found.push((Kind::MemberLeftOut, format!("`{pointer}`: `{value}`"))),
                }
            }
            for (name, value) in other {
                if !own.contains_key(name) {
                    found.push((Kind::MemberAdded, format!("`{pointer}/{name}`: `{value}`")));
                }
            }
        }
        (Value::Array(own), Value::Array(other)) if own.len() == other.len() => {
            for (index, (own, other)) in own.iter().zip(other).enumerate() {
                properties(&format!("{pointer}/{index}"), own, other, found);
            }
        }
        (Value::Number(own), Value::Number(other)) if own.as_f64() == other.as_f64() => {}
        (own, other) if own == other => {}
        (own, other) => {
            let detail = format!(
                "`{pointer}`: {}",
                both(&own.to_string(), &other.to_string())
            );
            let kind = if is_timestamp(own) && is_timestamp(other) {
                Kind::Timestamp
            } else {
                Kind::Member
            };
            found.push((kind, detail));
        }
    }
}

/// Returns true if a value looks like `2026-01-31T08:30:00Z`, with or without fractions.
fn is_timestamp(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T') && text.ends_with('Z')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(ours: &str, theirs: &str) -> Vec<Kind> {
        let mut found = Vec::new();
        bodies(ours.as_bytes(), theirs.as_bytes(), &mut found);
        found.into_iter().map(|(kind, _)| kind).collect()
    }

    #[test]
    fn bodies_are_compared_by_property_and_by_byte() {
        assert_eq!(
            kinds(r#"{"a": 1, "b": 2}"#, r#"{"b": 2, "a": 1}"#),
            [Kind::MemberOrder]
        );
        assert_eq!(kinds(r#"{"a": 1.0}"#, r#"{"a": 1}"#), [Kind::NumberText]);
        assert_eq!(
            kinds(r#"{"a": 1}"#, r#"{"a": 2, "c": [3]}"#),
            [Kind::Member, Kind::MemberAdded]
        );
        assert_eq!(
            kinds(r#"{"a": null, "b": [1]}"#, r#"{"b": [1]}"#),
            [Kind::MemberLeftOut]
        );
        let (ours, theirs) = (
            r#"["2026-01-31T08:30:00Z"]"#,
            r#"["2026-01-31T08:30:00.000Z"]"#,
        );
        assert_eq!(kinds(ours, theirs), [Kind::Timestamp]);
    }

    #[test]
    fn queries_differ_by_text_by_order_or_by_value() {
        let kind = |ours, theirs| {
            let mut found = Vec::new();
            queries(ours, theirs, &mut found);
            found.into_iter().map(|(kind, _)| kind).next()
        };
        assert_eq!(kind("a=1%202", "a=1+2"), Some(Kind::QueryEncoding));
        assert_eq!(kind("a=1&b=2", "b=2&a=1"), Some(Kind::QueryOrder));
        assert_eq!(kind("a=1", "a=2"), Some(Kind::Query));
    }
}
