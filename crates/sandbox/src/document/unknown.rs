//! Properties of request bodies that the document does not list. They are dropped, because what is
//! stored must be what responses may show.

use serde_json::{Map, Value};

use super::error::escape;

/// The maximum number of references in a chain. A longer chain is a cycle.
const MAX_REFERENCES: usize = 32;

/// Removes the properties of a value that the schema at a pointer does not list, and those that
/// only the server sets (`readOnly`). Returns the JSON pointers of the removed properties, sorted.
/// The value is valid for the schema.
pub(crate) fn drop_unknown(root: &Value, pointer: &str, value: &mut Value) -> Vec<String> {
    let mut walk = Walk {
        root,
        dropped: Vec::new(),
    };
    if let Some(schema) = root.pointer(pointer) {
        walk.value(&[schema], value, "");
    }
    // Other crates of a build decide whether objects keep the order of the text.
    walk.dropped.sort_unstable();
    walk.dropped
}

struct Walk<'d> {
    root: &'d Value,
    dropped: Vec<String>,
}

impl<'d> Walk<'d> {
    /// Walks a value that all or some of the schemas describe.
    fn value(&mut self, schemas: &[&'d Value], value: &mut Value, place: &str) {
        let mut parts = Vec::new();
        for schema in schemas {
            self.collect(schema, &mut parts, 0);
        }
        match value {
            Value::Object(properties) => self.object(&parts, properties, place),
            Value::Array(items) => {
                let schemas: Vec<_> = parts.iter().filter_map(|part| part.get("items")).collect();
                for (index, item) in items.iter_mut().enumerate() {
                    self.value(&schemas, item, &format!("{place}/{index}"));
                }
            }
            _ => {}
        }
    }

    /// Collects a schema and the alternatives and parts of it, with their references resolved.
    fn collect(&self, schema: &'d Value, parts: &mut Vec<&'d Value>, depth: usize) {
        if depth > MAX_REFERENCES {
            return;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.root.pointer(reference.trim_start_matches('#'));
            if let Some(target) = target {
                self.collect(target, parts, depth + 1);
            }
            return;
        }
        parts.push(schema);
        for combinator in ["allOf", "oneOf", "anyOf"] {
            let inner = schema.get(combinator).and_then(Value::as_array);
            for part in inner.into_iter().flatten() {
                self.collect(part, parts, depth + 1);
            }
        }
    }

    fn object(&mut self, parts: &[&'d Value], object: &mut Map<String, Value>, place: &str) {
        let lists_properties = parts.iter().any(|part| part.get("properties").is_some());
        let additional: Vec<_> = parts
            .iter()
            .filter_map(|part| part.get("additionalProperties"))
            .filter(|additional| **additional != Value::Bool(false))
            .collect();
        object.retain(|name, value| {
            let place = format!("{place}/{}", escape(name));
            let known: Vec<_> = parts
                .iter()
                .filter_map(|part| part.get("properties")?.get(name))
                .collect();
            let is_read_only = known
                .iter()
                .any(|schema| schema.get("readOnly") == Some(&Value::Bool(true)));
            if !is_read_only && !known.is_empty() {
                self.value(&known, value, &place);
                return true;
            }
            if known.is_empty() && (!lists_properties || !additional.is_empty()) {
                self.value(&additional, value, &place);
                return true;
            }
            self.dropped.push(place);
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::drop_unknown;

    #[test]
    fn only_listed_properties_are_kept() {
        let root = json!({ "schemas": {
            "A": {
                "type": "object",
                "properties": {
                    "kept": { "allOf": [{ "$ref": "#/schemas/B" }] },
                    "set_by_server": { "type": "string", "readOnly": true },
                    "free": { "type": "object" },
                    "map": { "type": "object", "additionalProperties": {
                        "$ref": "#/schemas/B",
                    } },
                    "list": { "type": "array", "items": { "$ref": "#/schemas/B" } },
                    "either": { "oneOf": [
                        { "type": "object", "properties": { "a": {} } },
                        { "type": "object", "properties": { "b": {} } },
                    ] },
                },
            },
            "B": { "type": "object", "properties": { "x": { "type": "integer" } } },
            "Open": { "properties": { "x": {} }, "additionalProperties": true },
            "Circle": { "$ref": "#/schemas/Circle" },
        } });
        let check = |schema: &str, sent: Value, kept: Value, dropped: &[&str]| {
            let mut value = sent;
            let found = drop_unknown(&root, &format!("/schemas/{schema}"), &mut value);
            assert_eq!(value, kept);
            assert_eq!(found, dropped);
        };
        check(
            "A",
            json!({
                "kept": { "x": 1, "y": 2 },
                "set_by_server": "now",
                "free": { "anything": { "goes": 1 } },
                "map": { "k": { "x": 1, "y": 2 } },
                "list": [{ "x": 1 }, { "a/b": 2 }],
                "either": { "a": 1, "b": 2, "c": 3 },
            }),
            json!({
                "kept": { "x": 1 },
                "free": { "anything": { "goes": 1 } },
                "map": { "k": { "x": 1 } },
                "list": [{ "x": 1 }, {}],
                "either": { "a": 1, "b": 2 },
            }),
            &[
                "/either/c",
                "/kept/y",
                "/list/1/a~1b",
                "/map/k/y",
                "/set_by_server",
            ],
        );
        check(
            "Open",
            json!({ "x": 1, "y": 2 }),
            json!({ "x": 1, "y": 2 }),
            &[],
        );
        check("Circle", json!({ "x": 1 }), json!({ "x": 1 }), &[]);
        check("Nowhere", json!([1]), json!([1]), &[]);
    }
}
