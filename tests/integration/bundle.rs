//! `cargo xtask bundle`: one JSON file that any tool can read. It is valid by the OpenAPI
//! Initiative's own schema, and its examples satisfy their schemas.

use scorekit_schema::Converter;
use serde_json::{Value, json};

use scorekit_test_support::{bundle, workspace, xtask};

#[test]
fn the_command_writes_what_the_sandbox_serves() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("openapi.json");
    let output = xtask(&["bundle", "--out", &path.display().to_string()]);
    assert!(output.status.success(), "{output:?}");
    let written = std::fs::read_to_string(&path).expect("the bundle");
    assert_eq!(
        serde_json::from_str::<Value>(&written).expect("JSON"),
        bundle()
    );
    let printed = xtask(&["bundle", "--out", "-"]);
    assert_eq!(String::from_utf8_lossy(&printed.stdout), written);
    let nowhere = directory.path().join("no/such/directory/openapi.json");
    let output = xtask(&["bundle", "--out", &nowhere.display().to_string()]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn no_reference_leaves_the_file() {
    fn check(value: &Value, document: &Value) {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#');
            let target = pointer.and_then(|pointer| document.pointer(pointer));
            assert!(target.is_some(), "{reference} leads nowhere");
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| check(item, document)),
            Value::Object(properties) => properties
                .values()
                .for_each(|property| check(property, document)),
            _ => {}
        }
    }
    let document = bundle();
    check(&document, &document);
}

/// Checks the schema <https://spec.openapis.org/oas/3.0/schema/2021-09-28> of the OpenAPI
/// Initiative (Apache 2.0).
#[test]
fn the_bundle_is_a_valid_openapi_document() {
    let path = workspace().join("tests/integration/schemas/openapi-3.0.json");
    let schema = std::fs::read_to_string(path).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::draft4::new(&schema).expect("a JSON schema");
    let mut document = bundle();
    assert_eq!(problems(&validator, &document), Vec::<String>::new());
    document["info"]["title"] = json!(1);
    assert_ne!(problems(&validator, &document), Vec::<String>::new());
}

/// An example must not have a property that its schema does not list.
const STRICT: Converter = Converter::new().closed();

#[test]
fn every_example_satisfies_its_schema() {
    let document = bundle();
    let mut examples = Examples {
        components: STRICT.document(&document)["components"].take(),
        document: &document,
        checked: 0,
        wrong: Vec::new(),
        missing: Vec::new(),
    };
    for (path, item) in properties(&document["paths"]) {
        for (method, operation) in
            properties(item).filter(|(_, node)| node.get("responses").is_some())
        {
            let place = format!("{} {path}", method.to_uppercase());
            if let Some(body) = operation.get("requestBody") {
                examples.contents(&format!("{place}, request"), body);
            }
            for (status, response) in properties(&operation["responses"]) {
                examples.contents(&format!("{place}, {status}"), response);
            }
        }
    }
    assert!(examples.wrong.is_empty(), "{}", examples.wrong.join("\n"));
    assert!(
        examples.missing.is_empty(),
        "bodies without an example:\n{}",
        examples.missing.join("\n")
    );
    assert!(examples.checked > 50, "{} examples", examples.checked);
}

struct Examples<'a> {
    /// `components` with JSON Schemas.
    components: Value,
    document: &'a Value,
    checked: usize,
    wrong: Vec<String>,
    missing: Vec<String>,
}

impl Examples<'_> {
    /// Checks the examples of a request body or a response against the schema of their media type.
    fn contents(&mut self, place: &str, holder: &Value) {
        let holder = match holder.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.document.pointer(&reference[1..]).expect("a target"),
            None => holder,
        };
        for (media_type, content) in properties(&holder["content"]) {
            let named = properties(&content["examples"]).map(|(_, example)| &example["value"]);
            let examples: Vec<_> = content.get("example").into_iter().chain(named).collect();
            if examples.is_empty() {
                self.missing.push(format!("{place}, {media_type}"));
            }
            let mut schema = STRICT.schema(&content["schema"]);
            schema["components"] = self.components.clone();
            let validator = jsonschema::draft4::options()
                .should_validate_formats(true)
                .build(&schema)
                .expect("a JSON schema");
            for example in examples {
                self.checked += 1;
                let problems = problems(&validator, example);
                self.wrong
                    .extend(problems.iter().map(|problem| format!("{place}: {problem}")));
            }
        }
    }
}

fn problems(validator: &jsonschema::Validator, value: &Value) -> Vec<String> {
    validator
        .iter_errors(value)
        .map(|error| format!("{} at {}", error, error.instance_path()))
        .collect()
}

fn properties(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value
        .as_object()
        .into_iter()
        .flat_map(serde_json::Map::iter)
}
