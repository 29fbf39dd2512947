//! Bounds in one form: those that say nothing are removed, and equal ones are written alike.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value};

use super::kinds::limits_of;
use crate::collections::HashSet;
use crate::document::number::{order, plain};

/// The bounds of a number, each with its exclusive twin, and the order of a wider bound.
const NUMBERS: [(&str, &str, Ordering); 2] = [
    ("maximum", "exclusiveMaximum", Ordering::Greater),
    ("minimum", "exclusiveMinimum", Ordering::Less),
];

/// Rewrites the bounds among the keywords of a schema. An exclusive bound is a number.
pub(super) fn settle(keywords: &mut Map<String, Value>) {
    let text = |name: &str| keywords.get(name).and_then(Value::as_str);
    let is_integer = text("type") == Some("integer");
    let format = text("format").map(str::to_owned);
    if is_integer {
        whole(keywords);
        if let Some(format) = &format {
            within_format(keywords, format);
        }
    }
    multiples(keywords, is_integer);
    for keyword in ["minItems", "minLength", "minProperties"] {
        let Some(bound) = keywords.get(keyword).and_then(Value::as_u64) else {
            continue;
        };
        let required = match keyword {
            "minProperties" => keywords.get("required").and_then(Value::as_array),
            _ => None,
        };
        let fewest = required.map_or(0, |names| distinct(names).len());
        if bound <= fewest as u64 {
            keywords.remove(keyword);
        }
    }
    listed(keywords);
    let kept = |keyword: &str, value: &str| {
        let known = keywords.get(keyword).and_then(Value::as_str);
        known.is_some_and(|known| known.trim_matches('"') == value)
    };
    // The format says the same.
    let said = [
        ("byte", "contentEncoding", "base64"),
        ("binary", "contentMediaType", "application/octet-stream"),
    ]
    .map(|(name, keyword, value)| {
        (format.as_deref() == Some(name) && kept(keyword, value)).then_some(keyword)
    });
    for keyword in said.into_iter().flatten() {
        keywords.remove(keyword);
    }
}

fn distinct(values: &[Value]) -> HashSet<String> {
    values.iter().map(ToString::to_string).collect()
}

fn number<'a>(keywords: &'a Map<String, Value>, keyword: &str) -> Option<&'a Number> {
    keywords.get(keyword).and_then(Value::as_number)
}

/// Writes the bounds of an integer as the largest and the smallest one.
fn whole(keywords: &mut Map<String, Value>) {
    for (bound, exclusive, wider) in NUMBERS {
        let inner = number(keywords, bound).and_then(|bound| rounded(bound, wider, false));
        let excluded = number(keywords, exclusive).and_then(|bound| rounded(bound, wider, true));
        let narrowest = match (inner, excluded) {
            (Some(one), Some(other)) if order(&one, &other) == wider => other,
            (Some(one), _) => one,
            (None, Some(other)) => other,
            (None, None) => continue,
        };
        keywords.remove(exclusive);
        keywords.insert(bound.to_owned(), Value::Number(narrowest));
    }
}

/// Returns the last integer that a bound allows, unless it is too large to be read exactly.
fn rounded(bound: &Number, wider: Ordering, is_exclusive: bool) -> Option<Number> {
    let bound = plain(bound);
    let step = if wider == Ordering::Greater { -1 } else { 1 };
    if let Some(whole) = bound.as_i128() {
        return Number::from_i128(whole + if is_exclusive { step } else { 0 });
    }
    let value = bound.as_f64()?;
    let whole = match wider {
        Ordering::Greater => value.floor(),
        _ => value.ceil(),
    };
    // Only a fraction is rounded.
    Some(plain(&Number::from_f64(whole)?)).filter(|whole| value.fract() != 0.0 && !whole.is_f64())
}

/// Removes the bounds that the format of an integer has anyway.
fn within_format(keywords: &mut Map<String, Value>, format: &str) {
    let Some((lowest, highest)) = limits_of(format) else {
        return;
    };
    for (bound, limit, wider) in [
        ("maximum", highest, Ordering::Greater),
        ("minimum", lowest, Ordering::Less),
    ] {
        let limit = Number::from_i128(limit);
        let known = number(keywords, bound);
        if let (Some(limit), Some(known)) = (limit, known) {
            let order = order(known, &limit);
            // An integer of 64 bits with a larger bound is generated without a sign.
            if order == Ordering::Equal || (order == wider && format != "int64") {
                keywords.remove(bound);
            }
        }
    }
}

/// Writes the numbers of which all values are multiples as few ones.
fn multiples(keywords: &mut Map<String, Value>, is_integer: bool) {
    let known = match keywords.get("multipleOf") {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => return,
    };
    let mut numbers: Vec<Number> = known
        .iter()
        .filter_map(Value::as_number)
        .map(plain)
        .collect();
    if numbers.len() < known.len() {
        return;
    }
    if is_integer {
        // All integers are multiples of them.
        numbers.retain(|number| !is_multiple(&Number::from(1), number));
    }
    let mut left: Vec<Number> = Vec::new();
    let mut whole: Option<u64> = None;
    for number in numbers {
        match (number.as_u64().filter(|number| *number > 0), whole) {
            (Some(new), None) => whole = Some(new),
            (Some(new), Some(known)) => match (known / divisor(known, new)).checked_mul(new) {
                Some(common) => whole = Some(common),
                None => left.push(number),
            },
            (None, _) => left.push(number),
        }
    }
    left.extend(whole.map(Number::from));
    left.sort_by(order);
    left.dedup();
    let all = left.clone();
    left.retain(|part| {
        let mut others = all.iter().filter(|other| *other != part);
        !others.any(|other| is_multiple(other, part))
    });
    let values: Vec<Value> = left.into_iter().map(Value::Number).collect();
    match &values[..] {
        [] => keywords.remove("multipleOf"),
        [only] => keywords.insert("multipleOf".to_owned(), only.clone()),
        _ => keywords.insert("multipleOf".to_owned(), Value::Array(values)),
    };
}

/// Returns the greatest common divisor.
fn divisor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// Returns true if `number` is a multiple of `part`.
pub(super) fn is_multiple(number: &Number, part: &Number) -> bool {
    if let (Some(number), Some(part)) = (plain(number).as_i128(), plain(part).as_i128()) {
        return part != 0 && number % part == 0;
    }
    let (Some(number), Some(part)) = (number.as_f64(), part.as_f64()) else {
        return false;
    };
    let count = number / part;
    let is_whole = (count - count.round()).abs() < 1e-9;
    is_whole && (number == 0.0 || count.round() != 0.0)
}

/// Removes the bounds that all listed values keep anyway.
fn listed(keywords: &mut Map<String, Value>) {
    let Some(values) = keywords.get("enum").and_then(Value::as_array) else {
        return;
    };
    let length = |value: &Value| value.as_str().map(|text| text.chars().count() as u64);
    let keeps = |keyword: &str, bound: &Value| {
        let fits = |value: &Value| match (keyword, bound, value) {
            ("maximum", Value::Number(bound), Value::Number(value)) => order(value, bound).is_le(),
            ("minimum", Value::Number(bound), Value::Number(value)) => order(value, bound).is_ge(),
            ("exclusiveMaximum", Value::Number(bound), Value::Number(value)) => {
                order(value, bound).is_lt()
            }
            ("exclusiveMinimum", Value::Number(bound), Value::Number(value)) => {
                order(value, bound).is_gt()
            }
            ("multipleOf", Value::Number(bound), Value::Number(value)) => is_multiple(value, bound),
            ("maxLength", bound, value) => length(value) <= bound.as_u64().or(length(value)),
            ("minLength", bound, value) => bound.as_u64() <= length(value).or(bound.as_u64()),
            (_, Value::Number(_), _) => true,
            _ => false,
        };
        values.iter().all(fits)
    };
    let settled = [
        "maximum",
        "minimum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "multipleOf",
        "maxLength",
        "minLength",
    ]
    .map(|keyword| {
        let bound = keywords.get(keyword)?;
        keeps(keyword, bound).then_some(keyword)
    });
    for keyword in settled.into_iter().flatten() {
        keywords.remove(keyword);
    }
}
