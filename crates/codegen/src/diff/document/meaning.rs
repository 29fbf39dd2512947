//! The meaning of a schema: what its references and the parts of its `allOf` say together.
//!
//! Two documents may write one schema differently: inline or by reference, whole or in parts. All
//! comparisons read the meaning, so that only a different meaning is a difference.

use serde_json::{Map, Value, json};

use super::combined::{Combined, LOWER, UPPER};
use super::written::comparable;
use crate::collections::{HashMap, HashSet, IndexMap};
use crate::document::node::VALIDATION;
use crate::generate::model::{Schema, referenced_schema};

/// The schemas of a domain.
pub(super) type Schemas = IndexMap<String, Schema>;

/// The maximum depth of nested parts of which each has to allow `null`.
const DEEPEST: usize = 32;
/// The maximum number of alternatives that are searched for `null`.
const MOST_ALTERNATIVES: usize = 1_000;
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
    /// True if `null` is allowed: by the schema, or by an alternative.
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
            nullable: is_nullable(schema, schemas),
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

    /// Returns the names of the required properties.
    pub(super) fn required(&self) -> HashSet<&str> {
        let names = self.get("required").and_then(Value::as_array);
        let names = names.into_iter().flatten();
        names.filter_map(Value::as_str).collect()
    }

    /// Returns true if the listed values do not have `null`. A client sends it nevertheless if the
    /// schema is nullable.
    pub(super) fn lists_no_null(&self) -> bool {
        let values = self.get("enum").and_then(Value::as_array);
        values.is_some_and(|values| !values.contains(&Value::Null))
    }

    /// Returns the keywords without annotations and the alternatives, to find an equal schema. The
    /// union around an alternative is compared for `null`.
    pub(super) fn constraints(&self) -> Value {
        let mut keywords = self.keywords.clone();
        keywords.retain(|keyword, _| {
            !ANNOTATIONS.contains(&keyword.as_str())
                && (!keyword.starts_with("x-") || keyword == VALIDATION)
        });
        let unions = self.unions.iter().map(|union| &union.alternatives);
        json!({
            "keywords": comparable(&Value::Object(keywords), false),
            "unions": unions.map(|all| comparable(&json!(all), false)).collect::<Value>(),
        })
    }
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
pub(super) fn is_nullable(schema: &Value, schemas: &Schemas) -> bool {
    let mut search = NullSearch {
        schemas,
        known: HashMap::default(),
        left: MOST_ALTERNATIVES,
    };
    search.allows_null(schema, 0)
}

/// A search for `null` among the values of a schema.
struct NullSearch<'a> {
    schemas: &'a Schemas,
    /// The named schemas so far. One that is still visited does not allow `null` by itself.
    known: HashMap<String, bool>,
    /// The number of alternatives that may still be visited.
    left: usize,
}

impl<'a> NullSearch<'a> {
    fn allows_null(&mut self, schema: &'a Value, depth: usize) -> bool {
        let mut names = Vec::new();
        let found = self.follow(schema, depth, &mut names);
        for name in names {
            self.known.insert(name, found);
        }
        found
    }

    /// Follows references, whose names it collects.
    fn follow(&mut self, schema: &'a Value, depth: usize, names: &mut Vec<String>) -> bool {
        let mut schema = schema;
        loop {
            let values = schema.get("enum").and_then(Value::as_array);
            if schema.get("nullable") == Some(&Value::Bool(true))
                || values.is_some_and(|values| values.contains(&Value::Null))
            {
                return true;
            }
            if let Some(name) = referenced_schema(schema) {
                if let Some(known) = self.known.get(&name) {
                    return *known;
                }
                let Some(target) = self.schemas.get(&name) else {
                    return false;
                };
                self.known.insert(name.clone(), false);
                names.push(name);
                schema = &target.value;
                continue;
            }
            let list = |keyword: &str| schema.get(keyword).and_then(Value::as_array);
            let alternatives = list("oneOf").or_else(|| list("anyOf"));
            if let Some(alternatives) = alternatives.filter(|all| !all.is_empty()) {
                return depth < DEEPEST
                    && alternatives.iter().any(|alternative| {
                        self.left = self.left.saturating_sub(1);
                        self.left > 0 && self.allows_null(alternative, depth + 1)
                    });
            }
            let parts = list("allOf").into_iter().flatten();
            let parts: Vec<&Value> = parts.filter(|part| is_constraint(part)).collect();
            match parts[..] {
                [] => return false,
                [only] if schema.get("properties").is_none() => schema = only,
                _ => {
                    return depth < DEEPEST
                        && parts.iter().all(|part| self.allows_null(part, depth + 1));
                }
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
