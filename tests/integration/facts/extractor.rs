//! The document in the form of the facts.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Writes a bundled document as facts.
pub(super) struct FactExtractor<'a> {
    document: &'a Value,
    facts: BTreeSet<String>,
    /// The names of the schemas that an operation reaches.
    schemas: BTreeSet<String>,
    /// Those of them that are not written yet.
    pending: Vec<String>,
}

impl<'a> FactExtractor<'a> {
    /// Returns the facts of a document.
    pub(super) fn extract(document: &'a Value) -> BTreeSet<String> {
        let mut extractor = Self {
            document,
            facts: BTreeSet::new(),
            schemas: BTreeSet::new(),
            pending: Vec::new(),
        };
        for (path, item) in properties(&document["paths"]) {
            for (method, operation) in properties(item) {
                if METHODS.contains(&method.as_str()) {
                    extractor.operation(path, method, item, operation);
                }
            }
        }
        while let Some(name) = extractor.pending.pop() {
            extractor.schema(&name);
        }
        extractor.facts
    }

    fn add(&mut self, fact: String) {
        self.facts.insert(fact);
    }

    fn resolve(&self, node: &'a Value) -> &'a Value {
        match node.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let pointer = reference.strip_prefix('#').expect("a bundled document");
                self.resolve(self.document.pointer(pointer).expect("a target"))
            }
            None => node,
        }
    }

    /// Returns the schema that a `$ref` names, alone or as the only part of an `allOf`. Returns the
    /// schema itself if it names none.
    fn named(&self, schema: &'a Value) -> &'a Value {
        match schema["allOf"].as_array().map(Vec::as_slice) {
            Some([only]) => self.named(only),
            _ => self.resolve(schema),
        }
    }

    fn operation(&mut self, path: &str, method: &str, item: &'a Value, operation: &'a Value) {
        let id = operation["operationId"].as_str().expect("an operation id");
        self.add(format!("{id}: {} {path}", method.to_uppercase()));
        self.add(format!("{id}: domain {}", text(&operation["tags"][0])));
        for flag in ["deprecated", "x-preview"] {
            if operation[flag] == true {
                self.add(format!("{id}: {}", flag.trim_start_matches("x-")));
            }
        }
        let parameters = [item, operation]
            .into_iter()
            .flat_map(|level| level["parameters"].as_array().into_iter().flatten());
        for parameter in parameters {
            let parameter = self.resolve(parameter);
            let place = format!(
                "{id}: {} {}",
                text(&parameter["in"]),
                text(&parameter["name"])
            );
            let required = parameter["required"] == true && parameter["in"] != "path";
            self.value(&place, &parameter["schema"], required, parameter);
        }
        if let Some(body) = operation.get("requestBody") {
            let body = self.resolve(body);
            let ty = self.body(body).unwrap_or_default();
            let required = if body["required"] == true {
                " required"
            } else {
                ""
            };
            self.add(format!("{id}: request body {ty}{required}"));
        }
        for (status, response) in properties(&operation["responses"]) {
            let ty = self.body(self.resolve(response));
            let is_success = status.starts_with('2');
            match ty {
                Some(ty) if is_success => self.add(format!("{id}: returns {status} with {ty}")),
                Some(ty) => {
                    self.add(format!("{id}: returns {status}"));
                    self.add(format!("{id}: errors as {ty}"));
                }
                None => self.add(format!("{id}: returns {status}")),
            }
        }
        self.security(id, operation);
        let sites = operation["x-unavailable-sites"].as_array();
        for site in sites.into_iter().flatten().map(text) {
            self.add(format!("{id}: unavailable on {site}"));
        }
        self.pagination(id, &operation["x-pagination"]);
    }

    fn security(&mut self, id: &str, operation: &'a Value) {
        let alternatives = operation.get("security").or(self.document.get("security"));
        for alternative in alternatives.and_then(Value::as_array).into_iter().flatten() {
            let parts: Vec<String> = properties(alternative)
                .map(|(scheme, scopes)| {
                    let mut scopes: Vec<_> =
                        scopes.as_array().into_iter().flatten().map(text).collect();
                    scopes.sort_unstable();
                    match &scopes[..] {
                        [] => scheme.clone(),
                        scopes => format!("{scheme} ({})", scopes.join(", ")),
                    }
                })
                .collect();
            self.add(format!("{id}: security {}", parts.join(" and ")));
        }
    }

    fn pagination(&mut self, id: &str, pagination: &Value) {
        if pagination.is_null() {
            return;
        }
        let position = match &pagination["pageParam"] {
            Value::Null => format!("offset {}", text(&pagination["pageOffsetParam"])),
            page => format!("page {} from {}", text(page), pagination["pageStart"]),
        };
        self.add(format!(
            "{id}: pages by {position}, size {}, items in {}",
            text(&pagination["limitParam"]),
            text(&pagination["resultsPath"]),
        ));
    }

    /// Returns the type of the JSON body of a request or a response.
    fn body(&mut self, holder: &'a Value) -> Option<String> {
        let (_, content) = properties(&holder["content"])
            .find(|(media, _)| *media == "application/json" || media.ends_with("+json"))?;
        Some(self.type_of(&content["schema"]))
    }

    fn schema(&mut self, name: &str) {
        let schema = &self.document["components"]["schemas"][name];
        if let Some(values) = schema["enum"].as_array() {
            self.add(format!("{name}: enum of {}", text(&schema["type"])));
            for value in values {
                self.add(format!("{name} = {value}"));
            }
        } else if let Some(variants) = schema["oneOf"].as_array() {
            let variants: Vec<_> = variants
                .iter()
                .map(|variant| self.type_of(variant))
                .collect();
            self.add(format!("{name}: one of {}", variants.join(", ")));
        } else if let Some(properties) = schema["properties"].as_object() {
            self.add(format!("{name}: object"));
            match schema.get("additionalProperties") {
                Some(Value::Bool(false)) => self.add(format!("{name}: closed")),
                Some(further @ Value::Object(keywords)) if !keywords.is_empty() => {
                    let ty = self.type_of(further);
                    self.add(format!("{name}: additional properties {ty}"));
                }
                _ => {}
            }
            let required = names(&schema["required"]);
            for (field, property) in properties {
                let required = required.contains(&field.as_str());
                self.value(&format!("{name}.{field}"), property, required, property);
            }
            for field in required {
                assert!(
                    properties.contains_key(field),
                    "{name} requires {field} and lacks it"
                );
            }
        } else {
            let ty = self.type_of(schema);
            self.add(format!("{name}: {ty}"));
        }
    }

    /// Adds a parameter or a property: its type and flags, then a fact for each of its bounds. A
    /// bound of a named type is one of each value that has no such bound of its own.
    fn value(&mut self, place: &str, schema: &'a Value, required: bool, holder: &Value) {
        let mut line = format!("{place}: {}", self.type_of(schema));
        let named = self.named(schema);
        for (flag, holds) in [
            ("required", required),
            ("deprecated", holder["deprecated"] == true),
            ("nullable", schema["nullable"] == true || is_nullable(named)),
        ] {
            if holds {
                line.push(' ');
                line.push_str(flag);
            }
        }
        self.add(line);
        for bound in [
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "pattern",
            "default",
            "readOnly",
        ] {
            if let Some(value) = schema.get(bound).or_else(|| named.get(bound)) {
                self.add(format!("{place}: {bound} {value}"));
            }
        }
    }

    /// Returns the name of a schema, or a description of one without a name.
    fn type_of(&mut self, schema: &'a Value) -> String {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or_default().to_owned();
            if self.schemas.insert(name.clone()) {
                self.pending.push(name.clone());
            }
            return name;
        }
        if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.type_of(only);
        }
        match (schema["type"].as_str(), schema["format"].as_str()) {
            (Some("array"), _) => format!("[{}]", self.type_of(&schema["items"])),
            (Some("object"), _) if schema.get("properties").is_some() => {
                let fields: Vec<_> = properties(&schema["properties"])
                    .map(|(name, _)| name.as_str())
                    .collect();
                format!("object of {}", fields.join(", "))
            }
            (Some("object"), _) => {
                let values = match schema.get("additionalProperties") {
                    Some(values @ Value::Object(schema)) if !schema.is_empty() => {
                        self.type_of(values)
                    }
                    _ => "any".to_owned(),
                };
                format!("map of {values}")
            }
            (Some("string"), Some(format @ ("date" | "date-time" | "uuid"))) => format.to_owned(),
            (Some("integer"), format) => format.unwrap_or("int64").to_owned(),
            (Some("number"), _) => "double".to_owned(),
            (Some(other), _) => other.to_owned(),
            (None, _) => "any".to_owned(),
        }
    }
}

/// Returns true if a named schema, or an alternative of a union, takes `null`.
fn is_nullable(named: &Value) -> bool {
    let variants = named["oneOf"].as_array().into_iter().flatten();
    std::iter::once(named)
        .chain(variants)
        .any(|schema| schema["nullable"] == true)
}

fn properties(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
