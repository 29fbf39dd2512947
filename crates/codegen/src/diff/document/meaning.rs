//! The meaning of a schema: what its references and the parts of its `allOf` say together.
//!
//! Two documents may write one schema differently: inline or by reference, whole or in parts. All
//! comparisons read the meaning, so that only a different meaning is a difference.

use std::cmp::Ordering;

use serde_json::{Map, Number, Value, json};

use super::combined::{Combined, LOWER, UPPER};
use crate::collections::{HashSet, IndexMap};
use crate::document::node::{VALIDATION, holds_names};
use crate::generate::model::{Schema, referenced_schema};

/// The schemas of a domain.
pub(super) type Schemas = IndexMap<String, Schema>;

/// The maximum depth of nested parts of which each has to allow `null`.
const DEEPEST: usize = 32;
/// Annotations, which belong to the schema that states them and not to a use of it.
pub(super) const ANNOTATIONS: [&str; 6] = [
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
pub(super) struct Part<'a> {
    pub(super) members: &'a Map<String, Value>,
    /// True if the part is written in place, and not behind a reference.
    pub(super) is_inline: bool,
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
    let mut seen = HashSet::default();
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
    let mut seen = HashSet::default();
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
