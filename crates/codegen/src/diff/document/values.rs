//! Compares the values, defaults and bounds of two versions of a schema.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::kinds::Kind;
use super::limits::is_multiple;
use super::meaning::Meaning;
use super::position::SchemaPosition;
use super::schema::{Comparison, Pair};
use crate::collections::HashSet;
use crate::diff::change::WireEffect;
use crate::document::node::WIDENED;
use crate::document::number::order;

/// The keywords that bound a schema. `uniqueItems` and the keywords that only validate have no
/// order.
const BOUNDS: [&str; 36] = [
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxItems",
    "minItems",
    "maxLength",
    "minLength",
    "maxProperties",
    "minProperties",
    "format",
    "multipleOf",
    "pattern",
    "uniqueItems",
    "const",
    "contains",
    "minContains",
    "maxContains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependentRequired",
    "dependentSchemas",
    "if",
    "then",
    "else",
    "not",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    // Required properties that no schema describes.
    "requiredProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    // Unions that only narrow what stands next to them.
    "anyOf",
    "oneOf",
    // What a schema was that is generated as any value.
    WIDENED,
];
/// Bounds that are schemas, of which a domain holds only the text.
const SCHEMAS: [&str; 15] = [
    "anyOf",
    "contains",
    "contentSchema",
    "dependentSchemas",
    "if",
    "then",
    "else",
    "not",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    WIDENED,
];
/// Bounds that the content of a string has, which clients decode.
const CONTENT: [&str; 2] = ["contentEncoding", "contentMediaType"];
/// The largest integer that a client reads without a format.
const HIGHEST: i128 = i64::MAX as i128;

impl Comparison<'_, '_> {
    /// Compares the values of enums. `is_same_kind` says that the kind is reported if it differs.
    pub(super) fn values(&mut self, at: &SchemaPosition, pair: &Pair, is_same_kind: bool) {
        if let (Some(before), Some(after), true) =
            (pair.old.values(), pair.new.values(), is_same_kind)
        {
            self.listed(at, &before, &after);
        }
        let extensible = |schema: &Meaning| -> Option<Vec<Value>> {
            let values = schema.get("x-extensible-enum")?.as_array()?;
            Some(values.clone())
        };
        let (before, after) = (extensible(&pair.old), extensible(&pair.new));
        if before != after {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            let (before, after): (Vec<&Value>, Vec<&Value>) =
                (before.iter().collect(), after.iter().collect());
            self.listed(at, &before, &after);
        }
    }

    fn listed(&mut self, at: &SchemaPosition, before: &[&Value], after: &[&Value]) {
        let shown = |value: &Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let (known, left) = (texts(before), texts(after));
        for value in before
            .iter()
            .filter(|value| !left.contains(&value.to_string()))
        {
            let what = format!("no longer has the value `{}`", shown(value));
            let node = ["enum", &shown(value)];
            let difference = at.difference_in(node, "enum-value-removed", what);
            let wire = if self.usage.sent {
                WireEffect::breaks("the server rejects the value, which an old client may send")
            } else {
                WireEffect::keeps("responses have one value fewer")
            };
            self.add(difference, wire);
        }
        for value in after
            .iter()
            .filter(|value| !known.contains(&value.to_string()))
        {
            let what = format!("has the new value `{}`", shown(value));
            let node = ["enum", &shown(value)];
            let difference = at.difference_in(node, "enum-value-added", what);
            let why = "enums are open: an old client keeps a value that it does not know";
            self.add(difference, WireEffect::keeps(why));
        }
    }

    /// Compares whether the values that a nullable schema lists have `null`.
    pub(super) fn listed_null(&mut self, at: &SchemaPosition, pair: &Pair) {
        let lists = |schema: &Meaning| schema.get("enum").is_some() && !schema.lists_no_null();
        let node = ["enum", "null"];
        if lists(&pair.old) && pair.new.lists_no_null() {
            let what = "no longer has the value `null`";
            let difference = at.difference_in(node, "enum-value-removed", what);
            let wire = match self.usage.sent {
                true => {
                    WireEffect::breaks("the server rejects the null that an old client may send")
                }
                false => WireEffect::keeps("responses have one value fewer"),
            };
            self.add(difference, wire);
        } else if pair.old.lists_no_null() && lists(&pair.new) {
            let what = "has the new value `null`";
            let difference = at.difference_in(node, "enum-value-added", what);
            let why = "an old client reads null, which the type allowed";
            self.add(difference, WireEffect::keeps(why));
        }
    }

    pub(super) fn default(&mut self, at: &SchemaPosition, pair: &Pair) {
        let (old, new) = (pair.old.get("default"), pair.new.get("default"));
        if old == new {
            return;
        }
        let shown = |value: Option<&Value>| {
            value.map_or("nothing".to_owned(), |value| format!("`{value}`"))
        };
        let what = format!("now defaults to {}, not to {}", shown(new), shown(old));
        let difference = at.difference("default-changed", what);
        let wire = if !self.usage.sent {
            WireEffect::keeps("a default does not affect responses")
        } else if at.always_set {
            WireEffect::keeps("an old client always sends a value")
        } else {
            WireEffect::breaks("an old client that leaves it out gets another default")
        };
        self.add(difference, wire);
    }

    pub(super) fn bounds(&mut self, at: &SchemaPosition, pair: &Pair) {
        for keyword in BOUNDS {
            let (old, new) = (pair.old.get(keyword), pair.new.get(keyword));
            let is_same = match (old, new) {
                (Some(old), Some(new)) if SCHEMAS.contains(&keyword) => {
                    self.is_same_schema(keyword, old, new)
                }
                _ => old == new,
            };
            if is_same || is_told_by_kind(keyword, pair) || is_twin(keyword, pair) {
                continue;
            }
            let says_more = old != new;
            let shown = new.map_or(format!("no `{keyword}`"), |value| match value {
                // The text of a keyword that only validates.
                Value::String(text) if text.starts_with(['{', '[']) => {
                    format!("`{keyword}: {text}`")
                }
                value => format!("`{keyword}: {value}`"),
            });
            let what = match says_more {
                true => format!("now has {shown}"),
                false => "refers to schemas that differ".to_owned(),
            };
            let difference = at.difference("bounds-changed", what);
            let wire = self.bound(keyword, pair);
            self.add(difference, wire);
        }
    }

    /// Returns true if two bounds that are schemas mean the same.
    fn is_same_schema(&self, keyword: &str, old: &Value, new: &Value) -> bool {
        let differing = self.scope.differing;
        let names = ["dependentSchemas", "patternProperties"].contains(&keyword);
        if differing.is_same(old, new, names) {
            return true;
        }
        // The order of alternatives has no meaning.
        let is_union = ["anyOf", "oneOf"].contains(&keyword);
        let [old, new] = [old, new].map(|it| differing.options(it).filter(|_| is_union));
        old.is_some() && old == new
    }

    /// Returns true if a bound that is a schema may allow fewer values than before.
    fn is_tighter_schema(&self, keyword: &str, pair: &Pair) -> bool {
        let is_known = |new: &Value| {
            let mut old = all(&pair.old, keyword);
            old.any(|old| self.is_same_schema(keyword, old, new))
        };
        if all(&pair.new, keyword).all(is_known) {
            return false;
        }
        let options = |schema: &Meaning| self.scope.differing.options(schema.get(keyword)?);
        let has_more = match (options(&pair.old), options(&pair.new)) {
            (Some(old), Some(new)) => old.is_subset(&new),
            _ => false,
        };
        !(keyword == "anyOf" && has_more)
    }

    fn bound(&self, keyword: &str, pair: &Pair) -> WireEffect {
        let tighter = match SCHEMAS.contains(&keyword) {
            true => self.is_tighter_schema(keyword, pair),
            false => is_tighter(keyword, pair),
        };
        if self.usage.read && CONTENT.contains(&keyword) {
            return WireEffect::breaks("an old client reads the content of the string as before");
        }
        if self.usage.read && keyword.ends_with("aximum") && exceeds(pair) {
            return WireEffect::breaks("an old client cannot read integers beyond 64 bits");
        }
        match (self.usage.sent, tighter) {
            (true, true) => WireEffect::breaks("the server may reject values that were allowed"),
            (true, false) => WireEffect::keeps("values that were allowed are still allowed"),
            (false, _) => WireEffect::keeps("clients do not check the bounds of responses"),
        }
    }
}

/// Returns true if the comparison of the kinds reports a difference of this keyword.
fn is_told_by_kind(keyword: &str, pair: &Pair) -> bool {
    let is_number = |schema: &Meaning| {
        matches!(Kind::of(schema), Kind::Integer(_) | Kind::Number(_))
            && schema
                .get("format")
                .and_then(Value::as_str)
                .is_none_or(is_of_numbers)
    };
    let is_time = |schema: &Meaning| {
        matches!(Kind::of(schema), Kind::String(Some(_))) || schema.get("format").is_none()
    };
    keyword == "format"
        && ((is_number(&pair.old) && is_number(&pair.new))
            || (Kind::of(&pair.old) != Kind::of(&pair.new)
                && is_time(&pair.old)
                && is_time(&pair.new)))
}

fn is_of_numbers(format: &str) -> bool {
    format.starts_with("int") || format.starts_with("uint") || ["float", "double"].contains(&format)
}

/// Returns true if an exclusive bound is reported as its plain twin, or the reverse.
fn is_twin(keyword: &str, pair: &Pair) -> bool {
    let plain = match keyword {
        "exclusiveMaximum" => "maximum",
        "exclusiveMinimum" => "minimum",
        _ => return false,
    };
    pair.new.get(keyword).is_none() && pair.new.get(plain).is_some()
}

/// Returns true if the new schema allows fewer values.
fn is_tighter(keyword: &str, pair: &Pair) -> bool {
    let number = |schema: &Meaning| number(schema.get(keyword)?);
    let numbers = (number(&pair.old), number(&pair.new));
    match keyword {
        "maximum" | "exclusiveMaximum" => {
            is_tighter_number(pair, ["maximum", "exclusiveMaximum"], Ordering::Less)
        }
        "minimum" | "exclusiveMinimum" => {
            is_tighter_number(pair, ["minimum", "exclusiveMinimum"], Ordering::Greater)
        }
        "maxItems" | "maxLength" | "maxProperties" | "maxContains" => match numbers {
            (Some(old), Some(new)) => order(&new, &old) == Ordering::Less,
            (_, new) => new.is_some(),
        },
        // One item has to match if nothing else is said.
        "minContains" => {
            let [old, new] = [numbers.0, numbers.1].map(|it| it.unwrap_or_else(|| 1.into()));
            order(&new, &old) == Ordering::Greater
        }
        "minItems" | "minLength" | "minProperties" => match numbers {
            (Some(old), Some(new)) => order(&new, &old) == Ordering::Greater,
            (_, new) => new.is_some(),
        },
        "multipleOf" => {
            let numbers = |schema| all(schema, keyword).filter_map(self::number);
            let old: Vec<Number> = numbers(&pair.old).collect();
            let is_held = |new: &Number| old.iter().any(|old| is_multiple(old, new));
            !numbers(&pair.new).all(|new| is_held(&new))
        }
        "uniqueItems" => pair.new.is_true(keyword),
        "requiredProperties" | "dependentRequired" => {
            let [old, new] = [&pair.old, &pair.new].map(|schema| needs(schema, keyword));
            !new.is_subset(&old)
        }
        _ => {
            let old = texts(&all(&pair.old, keyword).collect::<Vec<_>>());
            !all(&pair.new, keyword).all(|new| old.contains(&new.to_string()))
        }
    }
}

/// Returns the values of a keyword, of which all hold.
fn all<'a>(schema: &'a Meaning, keyword: &str) -> impl Iterator<Item = &'a Value> {
    let values = match schema.get(keyword) {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    values.iter()
}

/// Returns the properties that a keyword requires, each with the one that it depends on.
fn needs(schema: &Meaning, keyword: &str) -> HashSet<(String, String)> {
    let text = schema.get(keyword).and_then(Value::as_str);
    let value: Option<Value> = text.and_then(|text| serde_json::from_str(text).ok());
    let names = |of: &str, names: &Value| -> Vec<(String, String)> {
        let names = names.as_array().into_iter().flatten();
        let names = names.filter_map(Value::as_str);
        names.map(|name| (of.to_owned(), name.to_owned())).collect()
    };
    match value {
        Some(Value::Object(all)) => {
            let all = all.iter();
            all.flat_map(|(of, value)| names(of, value)).collect()
        }
        Some(value) => names("", &value).into_iter().collect(),
        None => HashSet::default(),
    }
}

/// Returns values as text, to find them.
pub(super) fn texts(values: &[&Value]) -> HashSet<String> {
    values.iter().map(ToString::to_string).collect()
}

fn is_tighter_number(pair: &Pair, keywords: [&str; 2], tighter: Ordering) -> bool {
    let bound = |schema: &Meaning| {
        let plain = schema.get(keywords[0]).and_then(number);
        let exclusive = schema.get(keywords[1]).and_then(number);
        plain
            .map(|number| (number, false))
            .or(exclusive.map(|number| (number, true)))
    };
    match (bound(&pair.old), bound(&pair.new)) {
        (Some((old, was_exclusive)), Some((new, is_exclusive))) => {
            let order = order(&new, &old);
            order == tighter || (order == Ordering::Equal && is_exclusive && !was_exclusive)
        }
        (_, new) => new.is_some(),
    }
}

/// Returns a number, also one that is kept as text.
fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Returns true if only the new schema allows integers beyond those that a client reads.
fn exceeds(pair: &Pair) -> bool {
    let highest = |schema: &Meaning| {
        let number = schema
            .get("maximum")
            .or(schema.get("exclusiveMaximum"))
            .and_then(number)?;
        let is_integer = matches!(Kind::of(schema), Kind::Integer(_));
        is_integer.then(|| {
            number.as_i128().map_or_else(
                || {
                    number
                        .as_f64()
                        .is_some_and(|number| number >= HIGHEST as f64)
                },
                |number| number > HIGHEST,
            )
        })
    };
    highest(&pair.new) == Some(true) && highest(&pair.old) != Some(true)
}
