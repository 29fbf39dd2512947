//! Random sequences of writes: the sandbox can show everything that it accepts.

use std::collections::{BTreeMap, BTreeSet};

use scorekit_sandbox::Sandbox;
use serde_json::{Map, Value, json};

use crate::fixture::*;
use crate::http::call;
use crate::operations::{document, operations};

/// The number of sequences, and of writes in each.
const SEQUENCES: u64 = 6;
const WRITES: usize = 100;

/// Strings with a meaning for one of the operations.
const STRINGS: [&str; 16] = [
    "",
    "Disk full",
    "OPEN",
    "In Progress",
    "Asleep",
    "P9",
    "SEC",
    "2026-12-31",
    "2026-01-31T08:30:00Z",
    "🔥",
    "priority",
    "service:shop",
    "CASE-1",
    "key",
    "a/b~c",
    "00000000-0000-0000-0000-000000000001",
];

/// A generator of numbers that repeat in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(1);
        let high = usize::try_from(self.0 >> 33).expect("31 bits");
        high % end.max(1)
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.below(number) == 0
    }

    fn choose<'v, T>(&mut self, values: &'v [T]) -> &'v T {
        &values[self.below(values.len())]
    }
}

/// A generator of requests from the document.
struct Maker<'d> {
    document: &'d Value,
    random: Random,
    /// The identifiers of all responses by the type of resource, and the keys.
    known: BTreeMap<String, Vec<String>>,
}

/// Returns the type of the resources that a parameter or a property names.
fn resource_type(name: &str) -> &str {
    match name {
        "case_ids" => "case",
        "type_id" => "case_type",
        "rule_ids" => "rule",
        "cell_id" => "timeline_cell",
        "custom_attribute_key" => "key",
        _ => name.strip_suffix("_id").unwrap_or(name),
    }
}

impl Maker<'_> {
    /// Returns a string for a parameter or a property: mostly an identifier that exists.
    fn string(&mut self, name: &str) -> String {
        match self.known.get(resource_type(name)) {
            Some(known) if !self.random.one_in(10) => self.random.choose(known).clone(),
            _ => (*self.random.choose(&STRINGS)).to_owned(),
        }
    }

    /// Returns a value of a schema, with properties that the schema does not have. `name` is that
    /// of the property.
    fn value(&mut self, schema: &Value, name: &str) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let target = self.document.pointer(&reference[1..]).expect("a target");
            return self.value(&target.clone(), name);
        }
        if schema["nullable"] == true && self.random.one_in(4) {
            return Value::Null;
        }
        if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.value(only, name);
        }
        if let Some(variants) = schema["oneOf"].as_array() {
            let variant = self.random.choose(variants);
            return self.value(variant, name);
        }
        if let Some(values) = schema["enum"].as_array() {
            return self.random.choose(values).clone();
        }
        match schema["type"].as_str() {
            Some("boolean") => self.random.one_in(2).into(),
            Some("integer") => {
                let least = schema["minimum"].as_u64().unwrap_or_default();
                (least + u64::from(self.random.one_in(2))).into()
            }
            Some("number") => 0.5.into(),
            Some("array") => {
                let length = 1 + self.random.below(2);
                (0..length)
                    .map(|_| self.value(&schema["items"], name))
                    .collect()
            }
            Some("object") if schema["properties"].is_object() => self.object(schema, name),
            Some("object") => {
                let mut map = Map::new();
                let key = self.string("custom_attribute_key");
                map.insert(key, self.value(&schema["additionalProperties"], name));
                map.into()
            }
            Some("string") if schema["format"] == "date-time" => "2026-01-31T08:30:00Z".into(),
            Some("string") if schema["format"] == "date" => "2026-01-31".into(),
            Some("string") if schema["format"] == "uuid" => UNKNOWN_ID.into(),
            _ => self.string(name).into(),
        }
    }

    fn object(&mut self, schema: &Value, outer: &str) -> Value {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let mut object = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let is_required = required.iter().any(|known| known == name);
            if is_required || !self.random.one_in(3) {
                // A reference is named by the property that holds it.
                let inner = match name.as_str() {
                    "id" | "data" => outer,
                    name => name,
                };
                object.insert(name.clone(), self.value(property, inner));
            }
        }
        // Properties that responses have and requests do not.
        for name in [
            "created_at",
            "closed_at",
            "key",
            "restricted",
            "status_group",
        ] {
            if schema["properties"].get(name).is_none() && self.random.one_in(3) {
                object.insert(name.to_owned(), json!([7]));
            }
        }
        object.into()
    }

    /// Returns a path with its parameters filled in.
    fn path(&mut self, template: &str) -> String {
        let segments = template.split('/').map(|segment| match segment {
            "{aggregation}" => "by-rule".to_owned(),
            name if name.starts_with('{') => self
                .string(name.trim_matches(['{', '}']))
                .bytes()
                .map(|byte| format!("%{byte:02X}"))
                .collect(),
            literal => literal.to_owned(),
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// Remembers the identifiers and keys of a response.
    fn remember(&mut self, response: &Value) {
        match response {
            Value::Object(properties) => {
                let text = |name: &str| properties.get(name).and_then(Value::as_str);
                if let (Some(kind), Some(id)) = (text("type"), text("id")) {
                    self.add(kind, id);
                }
                if let Some(key) = text("key") {
                    self.add("key", key);
                }
                properties.values().for_each(|value| self.remember(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.remember(item)),
            _ => {}
        }
    }

    fn add(&mut self, kind: &str, name: &str) {
        let known = self.known.entry(kind.to_owned()).or_default();
        if !known.iter().any(|known| known == name) {
            known.push(name.to_owned());
        }
    }
}

/// Reads every list, and everything that is known by its identifier. Returns the bodies.
async fn read_all(sandbox: &Sandbox, maker: &Maker<'_>, reads: &[(String, String)]) -> Vec<Value> {
    let mut bodies = Vec::new();
    for (id, template) in reads {
        let parameter = template.split('/').find(|segment| segment.starts_with('{'));
        let kind = resource_type(parameter.unwrap_or_default().trim_matches(['{', '}']));
        let names = match parameter {
            Some("{aggregation}") | None => vec!["by-rule".to_owned()],
            Some(_) => maker.known.get(kind).cloned().unwrap_or_default(),
        };
        for name in names {
            let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let segments = template.split('/').map(|segment| match segment {
                parameter if parameter.starts_with('{') => encoded.as_str(),
                literal => literal,
            });
            let path = segments.collect::<Vec<_>>().join("/");
            let response = call(sandbox, "GET", &path, None).await;
            assert!(response.status < 500, "{id} {name}: {response:?}");
            bodies.extend(serde_json::from_str::<Value>(&response.text));
        }
    }
    bodies
}

#[tokio::test]
async fn accepted_writes_never_break_later_reads() {
    let document = document();
    let (reads, writes): (Vec<_>, Vec<_>) = operations(&document)
        .into_iter()
        .partition(|(method, ..)| method == "GET");
    let reads: Vec<_> = reads
        .into_iter()
        .map(|(_, path, id, _)| (id, path))
        .collect();
    let mut accepted = BTreeSet::new();
    for seed in 1..=SEQUENCES {
        let resources = include_str!("../../examples/seed.json");
        let resources = serde_json::from_str(resources).expect("the seed is JSON");
        let builder = Sandbox::builder().documented_only(true).seed(resources);
        let sandbox = builder.start().await.expect("the sandbox starts");
        let mut maker = Maker {
            document: &document,
            random: Random(seed),
            known: BTreeMap::new(),
        };
        for body in read_all(&sandbox, &maker, &reads).await {
            maker.remember(&body);
        }
        let mut count = 0;
        while count < WRITES {
            let (method, path, id, operation) = maker.random.choose(&writes).clone();
            if method == "DELETE" && !maker.random.one_in(8) {
                continue;
            }
            count += 1;
            let path = maker.path(&path);
            let schema = operation.pointer("/requestBody/content/application~1json/schema");
            let sent = schema.map(|schema| maker.value(schema, ""));
            let response = call(&sandbox, &method, &path, sent.as_ref()).await;
            assert!(
                response.status < 500,
                "{id} {path} {sent:?} in sequence {seed}: {response:?}"
            );
            if response.status < 300 {
                accepted.insert(id);
                if let Ok(body) = serde_json::from_str(&response.text) {
                    maker.remember(&body);
                }
            }
        }
        read_all(&sandbox, &maker, &reads).await;
    }
    // Sequences in which little succeeds prove little.
    assert!(
        accepted.len() > 40,
        "{} of {}: {accepted:?}",
        accepted.len(),
        writes.len()
    );
}
