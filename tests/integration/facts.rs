//! The document against what is known of the vendors' APIs: every operation, parameter, body, status, field, type,
//! required flag and enum value.
//!
//! `tests/integration/facts/*.txt` hold the facts, one to a line and each understandable alone. The document is told in the same
//! words, and the two sets of lines are compared. `tests/integration/facts/differences.txt` holds the lines that only one of them
//! has on purpose, each with the reason below it; one that no longer differs, or has no reason, fails, too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use scorekit_test_support::{bundle, workspace};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

fn read(name: &str) -> String {
    let path = workspace().join("tests/integration/facts").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a file that say something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

#[test]
fn the_document_says_what_is_known_of_the_vendors() {
    let facts: BTreeSet<String> = ["datadog.txt", "dcycle.txt"]
        .iter()
        .flat_map(|name| lines(&read(name)).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let document = bundle();
    let told = Teller::tell(&document);
    assert!(
        facts.len() > 2_000 && told.len() > 2_000,
        "nothing was read"
    );

    let mut deliberate: BTreeMap<String, String> = BTreeMap::new();
    let mut last = None;
    for line in lines(&read("differences.txt")) {
        match (line.strip_prefix("    "), &last) {
            (Some(reason), Some(last)) => {
                let reasons: &mut String = deliberate.entry(String::clone(last)).or_default();
                reasons.push_str(reason);
            }
            (Some(_), None) => panic!("differences.txt begins with a reason: {line}"),
            (None, _) => {
                deliberate.insert(line.to_owned(), String::new());
                last = Some(line.to_owned());
            }
        }
    }

    let only_facts = facts.difference(&told).map(|line| format!("- {line}"));
    let only_document = told.difference(&facts).map(|line| format!("+ {line}"));
    let differences: BTreeSet<String> = only_facts.chain(only_document).collect();
    let mut wrong: Vec<String> = differences
        .iter()
        .filter(|line| !deliberate.contains_key(*line))
        .cloned()
        .collect();
    for (line, reason) in &deliberate {
        if reason.is_empty() {
            wrong.push(format!("without a reason: {line}"));
        }
        if !differences.contains(line) {
            wrong.push(format!("no difference any more: {line}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "the document (+) and tests/integration/facts (-) differ in {} lines:\n{}\n\
         Correct the document, or give the line and its reason in tests/integration/facts/differences.txt.",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Tells a bundled document in the words of the facts.
struct Teller<'a> {
    document: &'a Value,
    lines: BTreeSet<String>,
    /// Names of schemas that are told, or still to be.
    schemas: BTreeSet<String>,
    pending: Vec<String>,
}

impl<'a> Teller<'a> {
    fn tell(document: &'a Value) -> BTreeSet<String> {
        let mut teller = Self {
            document,
            lines: BTreeSet::new(),
            schemas: BTreeSet::new(),
            pending: Vec::new(),
        };
        for (path, item) in members(&document["paths"]) {
            for (method, operation) in members(item) {
                if METHODS.contains(&method.as_str()) {
                    teller.operation(path, method, item, operation);
                }
            }
        }
        while let Some(name) = teller.pending.pop() {
            teller.schema(&name);
        }
        teller.lines
    }

    fn say(&mut self, line: String) {
        self.lines.insert(line);
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

    fn operation(&mut self, path: &str, method: &str, item: &'a Value, operation: &'a Value) {
        let id = operation["operationId"].as_str().expect("an operation id");
        self.say(format!("{id}: {} {path}", method.to_uppercase()));
        self.say(format!("{id}: domain {}", text(&operation["tags"][0])));
        for flag in ["deprecated", "x-preview"] {
            if operation[flag] == true {
                self.say(format!("{id}: {}", flag.trim_start_matches("x-")));
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
            let optional = if body["required"] == true {
                ""
            } else {
                ", or nothing"
            };
            self.say(format!("{id}: takes {ty}{optional}"));
        }
        for (status, response) in members(&operation["responses"]) {
            let ty = self.body(self.resolve(response));
            let is_success = status.starts_with('2');
            match ty {
                Some(ty) if is_success => self.say(format!("{id}: answers {status} with {ty}")),
                Some(ty) => {
                    self.say(format!("{id}: answers {status}"));
                    self.say(format!("{id}: errors as {ty}"));
                }
                None => self.say(format!("{id}: answers {status}")),
            }
        }
        self.security(id, operation);
        let sites = operation["x-unavailable-sites"].as_array();
        for site in sites.into_iter().flatten().map(text) {
            self.say(format!("{id}: unavailable on {site}"));
        }
        self.pagination(id, &operation["x-pagination"]);
    }

    fn security(&mut self, id: &str, operation: &'a Value) {
        let alternatives = operation.get("security").or(self.document.get("security"));
        for alternative in alternatives.and_then(Value::as_array).into_iter().flatten() {
            let parts: Vec<String> = members(alternative)
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
            self.say(format!("{id}: security {}", parts.join(" and ")));
        }
    }

    fn pagination(&mut self, id: &str, pagination: &Value) {
        if pagination.is_null() {
            return;
        }
        let first = match &pagination["first"] {
            Value::Null => String::new(),
            first => format!(" from {first}"),
        };
        self.say(format!(
            "{id}: pages by {} {}{first}, size {}, items in {}",
            text(&pagination["style"]),
            text(&pagination["position"]),
            text(&pagination["size"]),
            text(&pagination["items"]),
        ));
    }

    /// The type of the JSON body of a request or a response.
    fn body(&mut self, holder: &'a Value) -> Option<String> {
        let (_, content) = members(&holder["content"])
            .find(|(media, _)| *media == "application/json" || media.ends_with("+json"))?;
        Some(self.type_of(&content["schema"]))
    }

    fn schema(&mut self, name: &str) {
        let schema = &self.document["components"]["schemas"][name];
        if let Some(values) = schema["enum"].as_array() {
            self.say(format!("{name}: enum of {}", text(&schema["type"])));
            for value in values {
                self.say(format!("{name} = {value}"));
            }
        } else if let Some(variants) = schema["oneOf"].as_array() {
            let variants: Vec<_> = variants
                .iter()
                .map(|variant| self.type_of(variant))
                .collect();
            self.say(format!("{name}: one of {}", variants.join(", ")));
        } else if let Some(properties) = schema["properties"].as_object() {
            self.say(format!("{name}: object"));
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
            self.say(format!("{name}: {ty}"));
        }
    }

    /// A parameter or a field: its type, whether it has to be there, and its bounds on lines of their own.
    fn value(&mut self, place: &str, schema: &'a Value, required: bool, holder: &Value) {
        let mut line = format!("{place}: {}", self.type_of(schema));
        let resolved = self.resolve(schema);
        for (flag, holds) in [
            ("required", required),
            ("deprecated", holder["deprecated"] == true),
            (
                "nullable",
                schema["nullable"] == true || resolved["nullable"] == true,
            ),
        ] {
            if holds {
                line.push(' ');
                line.push_str(flag);
            }
        }
        self.say(line);
        for bound in [
            "minimum",
            "maximum",
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "pattern",
            "default",
        ] {
            if let Some(value) = schema.get(bound) {
                self.say(format!("{place}: {bound} {value}"));
            }
        }
    }

    /// The name of a schema that has one, or what an unnamed one holds.
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
                let fields: Vec<_> = members(&schema["properties"])
                    .map(|(name, _)| name.as_str())
                    .collect();
                format!("object of {}", fields.join(", "))
            }
            (Some("object"), _) => {
                let values = match schema.get("additionalProperties") {
                    Some(values @ Value::Object(members)) if !members.is_empty() => {
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

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
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
