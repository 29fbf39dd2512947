//! The meaning of a schema: what its references and the parts of its `allOf` say together.
//!
//! Two documents may write one schema differently: inline or by reference, whole or in parts. All
//! comparisons read the meaning, so that only a different meaning is a difference.

use std::cmp::Ordering;
use std::collections::HashSet;

use indexmap::IndexMap;
use serde_json::{Map, Number, Value, json};

use crate::document::node::{VALIDATION, holds_names};
use crate::generate::model::{Schema, referenced_schema};

/// The schemas of a domain.
pub(super) type Schemas = IndexMap<String, Schema>;

/// The maximum depth of nested parts of which each has to allow `null`.
const DEEPEST: usize = 32;
/// Lower bounds. Of several, the highest holds.
const LOWER: [&str; 3] = ["minItems", "minLength", "minProperties"];
/// Upper bounds. Of several, the lowest holds.
const UPPER: [&str; 3] = ["maxItems", "maxLength", "maxProperties"];
/// Keywords of which all values hold.
const COLLECTED: [&str; 3] = ["multipleOf", "not", "pattern"];
/// Annotations, which belong to the schema that states them and not to a use of it.
const ANNOTATIONS: [&str; 6] = [
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "title",
    "x-enum-descriptions",
];

/// Keywords that may stand next to a reference without narrowing its type.
const BESIDE: [&str; 12] = [
    "$ref",
    "allOf",
    "default",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maximum",
    "minimum",
    "nullable",
    "pattern",
    "readOnly",
    "writeOnly",
];

/// What the parts of a schema mean together.
pub(super) struct Meaning {
    /// The keywords of all parts. No keyword is a reference.
    pub(super) keywords: Map<String, Value>,
    /// The alternatives of each union, of which a value needs one.
    pub(super) unions: Vec<Union>,
    /// True if `null` is allowed.
    pub(super) nullable: bool,
}

/// The alternatives of a union.
pub(super) struct Union {
    pub(super) alternatives: Vec<Value>,
    pub(super) discriminator: Option<Value>,
    /// True if a value that several alternatives allow is rejected (`oneOf`).
    pub(super) is_exclusive: bool,
}

/// A part of a schema.
struct Part<'a> {
    members: &'a Map<String, Value>,
    /// True if the part is written in place, and not behind a reference.
    is_inline: bool,
}

impl Meaning {
    /// Reads a schema. Circles of references end at the first schema that occurs twice.
    pub(super) fn new(schema: &Value, schemas: &Schemas) -> Self {
        let parts = parts(schema, schemas);
        let mut reader = Combined::default();
        for part in &parts {
            reader.add(part);
        }
        Self {
            nullable: is_nullable(schema, schemas, 0),
            unions: std::mem::take(&mut reader.unions),
            keywords: reader.keywords(),
        }
    }

    pub(super) fn get(&self, keyword: &str) -> Option<&Value> {
        self.keywords.get(keyword)
    }

    pub(super) fn is_true(&self, keyword: &str) -> bool {
        self.get(keyword) == Some(&Value::Bool(true))
    }

    /// Returns the properties by name.
    pub(super) fn properties(&self) -> Map<String, Value> {
        let properties = self.get("properties").and_then(Value::as_object);
        properties.cloned().unwrap_or_default()
    }

    pub(super) fn is_required(&self, name: &str) -> bool {
        let names = self.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|known| known.as_str() == Some(name)))
    }

    /// Returns the values of an enum or a constant without `null`.
    pub(super) fn values(&self) -> Option<Vec<&Value>> {
        let values = self.get("enum").and_then(Value::as_array)?;
        let values: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        (!values.is_empty()).then_some(values)
    }

    /// Returns the keywords without annotations and the alternatives, to find an equal schema.
    pub(super) fn constraints(&self) -> Value {
        let mut keywords = self.keywords.clone();
        keywords.retain(|keyword, _| {
            !ANNOTATIONS.contains(&keyword.as_str())
                && (!keyword.starts_with("x-") || keyword == VALIDATION)
        });
        let unions = self.unions.iter().map(|union| &union.alternatives);
        json!({
            "keywords": without_annotations(&Value::Object(keywords), false),
            "unions": unions.map(|all| without_annotations(&json!(all), false)).collect::<Value>(),
            "nullable": self.nullable,
        })
    }
}

/// Returns a schema without annotations and extensions at any depth. `names` says that the keys are
/// names of properties.
pub(super) fn without_annotations(schema: &Value, names: bool) -> Value {
    match schema {
        Value::Array(items) => items
            .iter()
            .map(|item| without_annotations(item, false))
            .collect(),
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| {
                let is_annotation = ANNOTATIONS.contains(&name.as_str())
                    || (name.starts_with("x-") && *name != VALIDATION);
                names || !is_annotation
            });
            let kept = kept.map(|(name, value)| {
                let inner = without_annotations(value, !names && names_inside(name));
                (name.clone(), inner)
            });
            // The order of keywords has no meaning.
            let mut kept: Vec<(String, Value)> = kept.collect();
            kept.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(kept.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// Returns true if the keys of a keyword's value are names.
fn names_inside(keyword: &str) -> bool {
    holds_names(keyword) || matches!(keyword, "dependentSchemas" | "patternProperties")
}

/// Returns a schema, what it refers to, and the parts of each `allOf`, the schema itself last.
fn parts<'a>(schema: &'a Value, schemas: &'a Schemas) -> Vec<Part<'a>> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut pending = vec![(schema, true, false)];
    while let Some((value, is_inline, is_done)) = pending.pop() {
        let Some(members) = value.as_object() else {
            continue;
        };
        if is_done {
            found.push(Part { members, is_inline });
            continue;
        }
        pending.push((value, is_inline, true));
        if let Some(name) = referenced_schema(value)
            && let Some(target) = schemas.get(&name)
            && seen.insert(name)
        {
            pending.push((&target.value, false, false));
        }
        let parts = members.get("allOf").and_then(Value::as_array);
        let parts = parts.into_iter().flatten().rev();
        pending.extend(parts.map(|part| (part, is_inline, false)));
    }
    found
}

/// Returns the name that a schema refers to. The only part of an `allOf` is a reference, too, if
/// nothing next to it says which values there are.
pub(super) fn plain_reference(schema: &Value) -> Option<String> {
    let members = schema.as_object()?;
    let is_beside = |name: &String| {
        let name = name.as_str();
        BESIDE.contains(&name)
            || ANNOTATIONS.contains(&name)
            || LOWER.contains(&name)
            || UPPER.contains(&name)
            || name.starts_with("x-")
    };
    if !members.keys().all(is_beside) {
        return None;
    }
    if let Some(name) = referenced_schema(schema) {
        return Some(name);
    }
    let parts = members.get("allOf").and_then(Value::as_array)?;
    let mut parts = parts.iter().filter(|part| is_constraint(part));
    match (parts.next(), parts.next()) {
        (Some(only), None) => plain_reference(only),
        _ => None,
    }
}

/// Returns true if `null` is a value of the schema.
pub(super) fn is_nullable(schema: &Value, schemas: &Schemas, depth: usize) -> bool {
    let mut seen = HashSet::new();
    let mut schema = schema;
    loop {
        let values = schema.get("enum").and_then(Value::as_array);
        if schema.get("nullable") == Some(&Value::Bool(true))
            || values.is_some_and(|values| values.contains(&Value::Null))
        {
            return true;
        }
        if let Some(name) = referenced_schema(schema) {
            let Some(target) = schemas.get(&name).filter(|_| seen.insert(name.clone())) else {
                return false;
            };
            schema = &target.value;
            continue;
        }
        let parts = schema.get("allOf").and_then(Value::as_array);
        let parts: Vec<&Value> = parts
            .into_iter()
            .flatten()
            .filter(|part| is_constraint(part))
            .collect();
        match parts[..] {
            [] => return false,
            [only] if schema.get("properties").is_none() => schema = only,
            _ => {
                return depth < DEEPEST
                    && parts
                        .iter()
                        .all(|part| is_nullable(part, schemas, depth + 1));
            }
        }
    }
}

/// Returns true if a part says more than annotations.
fn is_constraint(part: &Value) -> bool {
    part.as_object().is_some_and(|members| {
        members
            .keys()
            .any(|name| !(ANNOTATIONS.contains(&name.as_str()) || name.starts_with("x-")))
    })
}

/// The keywords that parts have together.
#[derive(Default)]
struct Combined {
    keywords: Map<String, Value>,
    properties: IndexMap<String, Vec<Value>>,
    /// Schemas of which all hold, by keyword: `items` and `additionalProperties`.
    inner: IndexMap<String, Vec<Value>>,
    required: Vec<Value>,
    collected: IndexMap<String, Vec<Value>>,
    unions: Vec<Union>,
    /// The upper and the lower bound of a number, and whether they exclude it.
    upper: Option<(Number, bool)>,
    lower: Option<(Number, bool)>,
}

impl Combined {
    fn add(&mut self, part: &Part<'_>) {
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

    fn keywords(self) -> Map<String, Value> {
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

/// Compares two numbers, as integers if both are.
pub(super) fn order(left: &Number, right: &Number) -> Ordering {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => {
            let (left, right) = (left.as_f64(), right.as_f64());
            left.partial_cmp(&right).unwrap_or(Ordering::Equal)
        }
    }
}
