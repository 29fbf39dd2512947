//! The keywords that the parts of a schema have together.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value, json};

use super::limits::settle;
use super::meaning::{ANNOTATIONS, Part, Union};
use super::written::data;
use crate::collections::{HashSet, IndexMap, IndexSet};
use crate::document::node::VALIDATION;
use crate::document::number::{order, plain};

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
    required: IndexSet<String>,
    /// The required properties that no schema describes.
    unlisted: BTreeSet<String>,
    /// The properties that each property needs next to it.
    dependent: BTreeMap<String, BTreeSet<String>>,
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
            ("required", Value::Array(names)) => self.required.extend(strings(names)),
            ("items" | "additionalProperties", value) => {
                let is_any = keyword == "additionalProperties" && says_nothing(value);
                let value = if is_any { &Value::Bool(true) } else { value };
                let all = self.inner.entry(keyword.to_owned()).or_default();
                if !all.contains(value) {
                    all.push(value.clone());
                }
            }
            ("default", Value::Null) => {}
            ("default", value) => {
                self.keywords.insert(keyword.to_owned(), data(value));
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
                    let texts = match value {
                        Value::Array(texts) => texts.as_slice(),
                        text => std::slice::from_ref(text),
                    };
                    for text in texts {
                        if !self.bound(name, text) {
                            let all = self.collected.entry(name.clone()).or_default();
                            all.push(text.clone());
                        }
                    }
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
            ("maximum" | "minimum" | "exclusiveMaximum" | "exclusiveMinimum", Value::Number(_)) => {
                self.numbers(&Map::from_iter([(keyword.to_owned(), value)]));
            }
            ("enum", Value::Array(values)) => self.values(values),
            ("const", value) => self.values(std::slice::from_ref(value)),
            ("multipleOf" | "pattern" | "uniqueItems", _) => self.keyword(keyword, &value),
            ("requiredProperties", Value::Array(names)) => self.unlisted.extend(strings(names)),
            ("dependentRequired", Value::Object(all)) => {
                for (name, names) in all {
                    let names = names.as_array().into_iter().flat_map(|all| strings(all));
                    self.dependent
                        .entry(name.clone())
                        .or_default()
                        .extend(names);
                }
            }
            // One item has to match anyway.
            ("minContains", Value::Number(number)) if plain(number) == Number::from(1) => {}
            ("minContains" | "maxContains", Value::Number(number)) => {
                let number = Value::Number(plain(number));
                self.keywords.insert(keyword.to_owned(), number);
            }
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
        if !is_wider {
            let value = match value {
                Value::Number(number) => Value::Number(plain(number)),
                value => value.clone(),
            };
            self.keywords.insert(keyword.to_owned(), value);
        }
    }

    /// Keeps the values that all parts list.
    fn values(&mut self, values: &[Value]) {
        let values: IndexMap<String, Value> = values
            .iter()
            .map(data)
            .map(|value| (value.to_string(), value))
            .collect();
        let known = self.keywords.get("enum").and_then(Value::as_array);
        let known: Option<HashSet<String>> =
            known.map(|known| known.iter().map(ToString::to_string).collect());
        let kept = values.into_iter().filter(|(text, _)| {
            let mut known = known.iter();
            known.all(|known| known.contains(text))
        });
        let kept = kept.map(|(_, value)| value).collect();
        self.keywords.insert("enum".to_owned(), kept);
    }

    /// Reads the bounds of a number. In OpenAPI 3.0, an exclusive bound is a flag of the other.
    fn numbers(&mut self, members: &Map<String, Value>) {
        let bound = |bound: &str, exclusive: &str| -> Option<(Number, bool)> {
            match (members.get(bound), members.get(exclusive)) {
                (_, Some(Value::Number(number))) => Some((plain(number), true)),
                (Some(Value::Number(number)), exclusive) => {
                    Some((plain(number), exclusive == Some(&Value::Bool(true))))
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
            let names = self.required.into_iter().map(Value::String);
            keywords.insert("required".to_owned(), names.collect());
        }
        if !self.unlisted.is_empty() {
            let text = json!(self.unlisted).to_string();
            keywords.insert("requiredProperties".to_owned(), Value::String(text));
        }
        if !self.dependent.is_empty() {
            let text = json!(self.dependent).to_string();
            keywords.insert("dependentRequired".to_owned(), Value::String(text));
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
        settle(&mut keywords);
        keywords
    }
}

fn strings(values: &[Value]) -> impl Iterator<Item = String> {
    let values = values.iter().filter_map(Value::as_str);
    values.map(str::to_owned)
}

/// Returns true if a schema allows any value.
fn says_nothing(schema: &Value) -> bool {
    let is_annotation = |keyword: &String| {
        ANNOTATIONS.contains(&keyword.as_str())
            || (keyword.starts_with("x-") && keyword != VALIDATION)
    };
    let members = schema.as_object();
    members.is_some_and(|members| members.keys().all(is_annotation))
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
