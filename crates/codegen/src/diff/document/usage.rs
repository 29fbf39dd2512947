//! The direction in which a schema is used. A new server must accept what an old client sends, and
//! an old client must understand what a new server sends.

use serde_json::Value;

use super::meaning::Schemas;
use super::parameter::is_json_inside;
use crate::collections::HashSet;
use crate::generate::model::{Domain, Operation, referenced_schema};

/// The maximum number of schemas behind a property that may say that it is read-only. Without it,
/// many properties that refer to a long chain would cost the square of their number.
const MOST_FOLLOWED: usize = 64;

/// The keywords whose values are schemas by name.
const NAMED: [&str; 3] = ["properties", "patternProperties", "dependentSchemas"];
/// The keywords of schemas that have a value wherever the schema around them has one.
const INSIDE: [&str; 4] = ["items", "additionalProperties", "oneOf", "anyOf"];

/// The schemas that each document sends and reads.
#[derive(Default)]
pub(super) struct Usages {
    old: Reached,
    new: Reached,
}

/// The schemas that the operations of one document reach.
#[derive(Default)]
struct Reached {
    sent: HashSet<String>,
    read: HashSet<String>,
    /// The schemas that a request may leave out where they stand.
    left_out: HashSet<String>,
    /// The schemas that are sent in a body, and not as a plain string.
    in_body: HashSet<String>,
}

/// The place of a schema in a request.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
struct Place {
    as_text: bool,
    always_set: bool,
}

impl Reached {
    fn new(domain: &Domain, operations: &[&Operation]) -> Self {
        let mut reached = Self::default();
        let sent = operations.iter().flat_map(|operation| {
            let parameters = operation.parameters.iter().map(|parameter| {
                let place = Place {
                    as_text: !is_json_inside(parameter),
                    always_set: parameter.required,
                };
                (&parameter.schema, place)
            });
            let place = Place {
                as_text: false,
                always_set: operation.body_required,
            };
            let body = operation.request_body.iter().map(move |body| (body, place));
            parameters.chain(body)
        });
        for (name, place) in reach(sent.collect(), &domain.schemas, "readOnly") {
            if !place.always_set {
                reached.left_out.insert(name.clone());
            }
            if !place.as_text {
                reached.in_body.insert(name.clone());
            }
            reached.sent.insert(name);
        }
        let read = operations.iter().flat_map(|operation| {
            let by_status = operation.responses.iter();
            let by_status = by_status.filter_map(|response| response.schema.as_ref());
            operation.response_schemas().chain(by_status)
        });
        let place = Place {
            as_text: false,
            always_set: true,
        };
        let read = read.map(|schema| (schema, place)).collect();
        let read = reach(read, &domain.schemas, "writeOnly");
        reached.read = read.into_iter().map(|(name, _)| name).collect();
        reached
    }
}

/// Returns the schemas that `roots` refer to, directly or through other schemas, with each place.
/// Properties that `excluding` says are not part of the body are left out.
fn reach(
    roots: Vec<(&Value, Place)>,
    schemas: &Schemas,
    excluding: &str,
) -> HashSet<(String, Place)> {
    let mut reached = HashSet::default();
    let mut pending = roots;
    while let Some((value, place)) = pending.pop() {
        if let Some(name) = referenced_schema(value) {
            if let Some(schema) = schemas.get(&name)
                && reached.insert((name, place))
            {
                pending.push((&schema.value, place));
            }
            continue;
        }
        match value {
            Value::Array(values) => pending.extend(values.iter().map(|value| (value, place))),
            Value::Object(members) => {
                let required = members.get("required").and_then(Value::as_array);
                let is_required = |name: &str| {
                    let mut required = required.into_iter().flatten();
                    required.any(|known| known.as_str() == Some(name))
                };
                for (keyword, inner) in members {
                    let inside = Place {
                        always_set: true,
                        ..place
                    };
                    match inner {
                        _ if keyword.starts_with("x-") => {}
                        Value::Object(named) if NAMED.contains(&keyword.as_str()) => {
                            let named = named.iter();
                            let named = named.filter(|(_, it)| !says(it, excluding, schemas));
                            pending.extend(named.map(|(name, schema)| {
                                let always_set = keyword == "properties" && is_required(name);
                                (
                                    schema,
                                    Place {
                                        always_set,
                                        ..place
                                    },
                                )
                            }));
                        }
                        _ if INSIDE.contains(&keyword.as_str()) => pending.push((inner, inside)),
                        _ => pending.push((inner, place)),
                    }
                }
            }
            _ => {}
        }
    }
    reached
}

/// Returns true if a keyword of a schema, of what it refers to or of a part is true.
fn says(schema: &Value, keyword: &str, schemas: &Schemas) -> bool {
    let mut seen = HashSet::default();
    let mut pending = vec![schema];
    while let Some(schema) = pending.pop() {
        if schema.get(keyword) == Some(&Value::Bool(true)) {
            return true;
        }
        if let Some(name) = referenced_schema(schema)
            && seen.len() < MOST_FOLLOWED
            && let Some(target) = schemas.get(&name)
            && seen.insert(name)
        {
            pending.push(&target.value);
        }
        let parts = schema.get("allOf").and_then(Value::as_array);
        pending.extend(parts.into_iter().flatten());
    }
    false
}

/// The use of a schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usage {
    /// The schema is part of a request.
    pub(super) sent: bool,
    /// The schema is part of a response.
    pub(super) read: bool,
}

impl Usage {
    /// The use in a parameter or a request body.
    pub(super) const SENT: Self = Self {
        sent: true,
        read: false,
    };
    /// The use in a response.
    pub(super) const READ: Self = Self {
        sent: false,
        read: true,
    };

    /// Returns the use in words.
    pub(super) fn words(self) -> &'static str {
        match (self.sent, self.read) {
            (true, true) => "requests and responses",
            (true, false) => "requests",
            _ => "responses",
        }
    }
}

impl Usages {
    /// Reads what the operations that both documents have send and read.
    pub(super) fn new(
        [old, new]: [&Domain; 2],
        [old_operations, new_operations]: [&[&Operation]; 2],
    ) -> Self {
        Self {
            old: Reached::new(old, old_operations),
            new: Reached::new(new, new_operations),
        }
    }

    /// Returns the use of a schema that is called `old` in the old document and `new` in the new
    /// one: old clients send and read it where both documents do.
    pub(super) fn of(&self, old: &str, new: &str) -> Usage {
        Usage {
            sent: self.old.sent.contains(old) && self.new.sent.contains(new),
            read: self.old.read.contains(old) && self.new.read.contains(new),
        }
    }

    /// Returns true if every request of an old client has a value where it may have the schema.
    pub(super) fn is_always_set(&self, old: &str) -> bool {
        !self.old.left_out.contains(old)
    }

    /// Returns true if old clients send the schema only as a plain string.
    pub(super) fn is_sent_as_text(&self, old: &str) -> bool {
        self.old.sent.contains(old) && !self.old.in_body.contains(old)
    }

    /// Returns true if both documents use a schema.
    pub(super) fn is_used(&self, old: &str, new: &str) -> bool {
        let Usage { sent, read } = self.of(old, new);
        sent || read
    }
}
