//! The keywords that the parts of a schema have together.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value, json};

use super::meaning::{ANNOTATIONS, Part, Union, order};
use crate::collections::IndexMap;
use crate::document::node::VALIDATION;

/// Lower bounds. Of several, the highest holds.
pub(super) const LOWER: [&str; 3] = ["minItems", "minLength", "minProperties"];
/// Upper bounds. Of several, the lowest holds.
pub(super) const UPPER: [&str; 3] = ["maxItems", "maxLength", "maxProperties"];
/// Keywords of which all values hold.
const COLLECTED: [&str; 3] = ["multipleOf", "not", "pattern"];

/// The keywords that parts have together.
#[derive(Default)]
pub(super) struct Combined {
    keywords: Map<String, Value>,
    properties: IndexMap<String, Vec<Value>>,
    /// Schemas of which all hold, by keyword: `items` and `additionalProperties`.
    inner: IndexMap<String, Vec<Value>>,
    required: Vec<Value>,
    collected: IndexMap<String, Vec<Value>>,
    pub(super) unions: Vec<Union>,
    /// The upper and the lower bound of a number, and whether they exclude it.
    upper: Option<(Number, bool)>,
    lower: Option<(Number, bool)>,
}

impl Combined {
    pub(super) fn add(&mut self, part: &Part<'_>) {
        self.numbers(part.members);
        for keyword in ["oneOf", "anyOf"] {
            if let Some(Value::Array(alternatives)) = part.members.get(keyword)
                && !alternatives.is_empty()
            {
                self.unions.push(Union {
                    alternatives: alternatives.clone(),
                    discriminator: part.members.get("discriminator").cloned(),
                    is_exclusive: keyword == "oneOf",
                });
            }
        }
        for (keyword, value) in part.members {
            if ANNOTATIONS.contains(&keyword.as_str()) && !part.is_inline {
                continue;
            }
            self.keyword(keyword, value);
        }
    }

    fn keyword(&mut self, keyword: &str, value: &Value) {
        match (keyword, value) {
            ("$ref" | "allOf" | "oneOf" | "anyOf" | "discriminator" | "nullable", _)
            | ("maximum" | "minimum" | "exclusiveMaximum" | "exclusiveMinimum", _) => {}
            ("properties", Value::Object(fields)) => {
                for (name, field) in fields {
                    let all = self.properties.entry(name.clone()).or_default();
                    if !all.contains(field) {
                        all.push(field.clone());
                    }
                }
            }
            ("required", Value::Array(names)) => {
                let new = names.iter().filter(|name| !self.required.contains(name));
                let new: Vec<Value> = new.cloned().collect();
                self.required.extend(new);
            }
            ("items" | "additionalProperties", _) => {
                let all = self.inner.entry(keyword.to_owned()).or_default();
                if !all.contains(value) {
                    all.push(value.clone());
                }
            }
            ("const", value) => self.values(std::slice::from_ref(value)),
            ("enum", Value::Array(values)) => self.values(values),
            ("type", Value::String(_)) => {
                let is_integer = self.keywords.get("type") == Some(&json!("integer"));
                if !(is_integer && *value == json!("number")) {
                    self.keywords.insert(keyword.to_owned(), value.clone());
                }
            }
            ("readOnly" | "writeOnly" | "uniqueItems" | "deprecated", Value::Bool(false)) => {}
            (VALIDATION, Value::Object(kept)) => {
                for (name, value) in kept {
                    if self.bound(name, value) {
                        continue;
                    }
                    let all = self.collected.entry(name.clone()).or_default();
                    all.push(value.clone());
                }
            }
            (keyword, value) if COLLECTED.contains(&keyword) => {
                if keyword != "pattern" || !allows_all(value) {
                    let all = self.collected.entry(keyword.to_owned()).or_default();
                    if !all.contains(value) {
                        all.push(value.clone());
                    }
                }
            }
            (keyword, value) => self.last(keyword, value),
        }
    }

    /// Reads a bound that is kept as text, together with those of other parts. Returns false if the
    /// keyword has no such meaning.
    fn bound(&mut self, keyword: &str, text: &Value) -> bool {
        let read = text.as_str().map(serde_json::from_str::<Value>);
        let Some(Ok(value)) = read else { return false };
        match (keyword, &value) {
            ("maximum" | "minimum", Value::Number(_)) => {
                self.numbers(&Map::from_iter([(keyword.to_owned(), value)]));
            }
            ("enum", Value::Array(values)) => self.values(values),
            ("multipleOf" | "pattern" | "uniqueItems", _) => self.keyword(keyword, &value),
            (_, Value::Number(_)) if UPPER.contains(&keyword) || LOWER.contains(&keyword) => {
                self.last(keyword, &value);
            }
            _ => return false,
        }
        true
    }

    /// Keeps the narrower of two bounds, and the last of other values.
    fn last(&mut self, keyword: &str, value: &Value) {
        let known = self.keywords.get(keyword);
        let order = match (known, value) {
            (Some(Value::Number(known)), Value::Number(value)) => order(known, value),
            _ => Ordering::Equal,
        };
        let is_wider = (LOWER.contains(&keyword) && order == Ordering::Greater)
            || (UPPER.contains(&keyword) && order == Ordering::Less);
        // A lower bound of zero allows everything.
        let says_nothing = LOWER.contains(&keyword) && value.as_u64() == Some(0);
        if !is_wider && !says_nothing {
            self.keywords.insert(keyword.to_owned(), value.clone());
        }
    }

    fn values(&mut self, values: &[Value]) {
        let kept: Vec<Value> = match self.keywords.get("enum").and_then(Value::as_array) {
            Some(known) => known
                .iter()
                .filter(|value| values.contains(value))
                .cloned()
                .collect(),
            None => values.to_vec(),
        };
        self.keywords.insert("enum".to_owned(), Value::Array(kept));
    }

    /// Reads the bounds of a number. In OpenAPI 3.0, an exclusive bound is a flag of the other.
    fn numbers(&mut self, members: &Map<String, Value>) {
        let bound = |bound: &str, exclusive: &str| -> Option<(Number, bool)> {
            match (members.get(bound), members.get(exclusive)) {
                (_, Some(Value::Number(number))) => Some((number.clone(), true)),
                (Some(Value::Number(number)), exclusive) => {
                    Some((number.clone(), exclusive == Some(&Value::Bool(true))))
                }
                _ => None,
            }
        };
        let is_narrower = |new: &(Number, bool), known: &(Number, bool), rises: bool| {
            let order = order(&new.0, &known.0);
            let wanted = if rises {
                Ordering::Greater
            } else {
                Ordering::Less
            };
            order == wanted || (order == Ordering::Equal && new.1)
        };
        if let Some(new) = bound("maximum", "exclusiveMaximum")
            && self
                .upper
                .as_ref()
                .is_none_or(|known| is_narrower(&new, known, false))
        {
            self.upper = Some(new);
        }
        if let Some(new) = bound("minimum", "exclusiveMinimum")
            && self
                .lower
                .as_ref()
                .is_none_or(|known| is_narrower(&new, known, true))
        {
            self.lower = Some(new);
        }
    }

    pub(super) fn keywords(self) -> Map<String, Value> {
        let mut keywords = self.keywords;
        if !self.properties.is_empty() {
            let properties = self.properties.into_iter();
            let properties = properties.map(|(name, all)| (name, together(all)));
            keywords.insert("properties".to_owned(), Value::Object(properties.collect()));
        }
        if !self.required.is_empty() {
            keywords.insert("required".to_owned(), Value::Array(self.required));
        }
        for (keyword, all) in self.inner {
            keywords.insert(keyword, together(all));
        }
        for (keyword, mut all) in self.collected {
            all.sort_by_key(ToString::to_string);
            all.dedup();
            let value = match &all[..] {
                [only] => only.clone(),
                _ => Value::Array(all),
            };
            keywords.insert(keyword, value);
        }
        for (bound, plain, exclusive) in [
            (self.upper, "maximum", "exclusiveMaximum"),
            (self.lower, "minimum", "exclusiveMinimum"),
        ] {
            if let Some((number, excludes)) = bound {
                let keyword = if excludes { exclusive } else { plain };
                keywords.insert(keyword.to_owned(), Value::Number(number));
            }
        }
        keywords
    }
}

/// Returns a schema that says what all of `schemas` say.
fn together(schemas: Vec<Value>) -> Value {
    match &schemas[..] {
        [only] => only.clone(),
        all if all.contains(&Value::Bool(false)) => Value::Bool(false),
        all => {
            let objects = all.iter().filter(|schema| schema.is_object());
            let objects: Vec<Value> = objects.cloned().collect();
            match &objects[..] {
                [] => Value::Bool(true),
                [only] => only.clone(),
                _ => json!({ "allOf": objects }),
            }
        }
    }
}

/// Returns true if a pattern matches every string.
fn allows_all(pattern: &Value) -> bool {
    let text = pattern.as_str().unwrap_or_default();
    matches!(
        text.trim_start_matches('^').trim_end_matches('$'),
        "" | ".*" | "[\\s\\S]*"
    )
}
