//! Scorecards as code: files, plans and applies through the real binary.

mod applies;
mod plans;

use serde_json::Value;

use crate::world::{Run, World};

/// A file with every kind of thing.
pub(crate) const EVERYTHING: &str = include_str!("everything.yaml");

/// Two scorecards with three rules.
pub(crate) const FILE: &str = "\
scorecards:
  - name: Production
    rules:
      - name: On call
        level: 1
        owner: platform
      - name: Runbook
        description: It exists.
  - name: Security
    rules:
      - name: No secrets
";

impl World {
    /// Runs a command of `scorecards`.
    pub(crate) async fn code(&self, arguments: &[&str]) -> Run {
        self.run(&[&["scorecards"], arguments].concat()).await
    }

    /// Applies a file.
    pub(crate) async fn apply(&self, text: &str) -> Run {
        let file = self.file("applied.yaml", text);
        self.code(&["apply", &file, "--yes"]).await
    }

    /// Returns the names of all rules with their scorecards, in order.
    pub(crate) async fn rules(&self) -> Vec<String> {
        let filter = ".attributes | .scorecard_name + \"/\" + .name";
        let list = ["rules", "list", "--all", "--jq", filter];
        let text = self.run(&list).await.ok();
        let mut names: Vec<String> = text.lines().map(str::to_owned).collect();
        names.sort();
        names
    }

    /// Returns the number of requests of a method since the last call.
    pub(crate) fn requests(&self, method: &str) -> usize {
        let requests = self.sandbox.requests();
        requests.iter().filter(|it| it.method == method).count()
    }
}

/// Replaces what differs from run to run: identifiers and paths.
pub(crate) fn stable(world: &World, text: &str) -> String {
    let directory = world.directory.path().display().to_string();
    let text = text.replace(&format!("{directory}/"), "");
    let mut stable = String::new();
    for line in text.lines() {
        match line.split_once("kept what the changes touch in ") {
            Some((before, _)) => stable.push_str(&format!("{before}kept in PATH")),
            None => stable.push_str(line),
        }
        stable.push('\n');
    }
    stable
}

/// Returns a JSON document without identifiers and paths.
pub(crate) fn stable_json(world: &World, text: &str) -> String {
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    for change in value["changes"].as_array_mut().into_iter().flatten() {
        if change["id"].is_string() {
            change["id"] = "ID".into();
        }
    }
    if value["kept"].is_string() {
        value["kept"] = "PATH".into();
    }
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    stable(world, &text)
}

#[tokio::test]
async fn everything_is_exported_and_applied_in_both_directions() {
    let first = World::new().await;
    first.apply(EVERYTHING).await.ok();
    let second_plan = first
        .code(&["plan", "applied.yaml", "--detailed-exitcode"])
        .await;
    assert_eq!(
        second_plan.ok(),
        "No changes: the server is what the files declare.\n"
    );
    let exported = first.code(&["export"]).await.ok();
    insta::assert_snapshot!("export", exported);
    for (name, flags) in [
        ("a.yaml", &[][..]),
        ("b.yaml", &["--ids"]),
        ("c.json", &["-o", "json"]),
    ] {
        let text = first.code(&[&["export"], flags].concat()).await.ok();
        first.file(name, &text);
        let plan = first
            .code(&["plan", name, "--prune", "--detailed-exitcode"])
            .await;
        assert_eq!(plan.code, 0, "{name}: {plan:?}");
    }

    first.sandbox.clear_requests();
    let only = first.code(&["export", "--only", "campaigns"]).await.ok();
    assert!(
        only.contains("Security/No secrets") && !only.contains("scorecards:"),
        "{only}"
    );
    assert_eq!(first.sandbox.requests().len(), 2);

    // Another server becomes the same.
    let second = World::new().await;
    second.apply(&exported).await.ok();
    assert_eq!(second.code(&["export"]).await.ok(), exported);
    assert_eq!(second.code(&["drift"]).await.code, 0);
    // Where an id does not exist, the name decides.
    let ids = std::fs::read_to_string(first.directory.path().join("b.yaml"));
    let ids = ids
        .expect("a file")
        .replace(" id: ", " id: gone-")
        .replace("gone-\"", "\"gone-");
    assert!(ids.contains("gone-"), "{ids}");
    second.file("ids.yaml", &ids);
    let plan = second
        .code(&["plan", "ids.yaml", "--detailed-exitcode"])
        .await;
    assert_eq!(plan.code, 0, "{plan:?}");
}

#[tokio::test]
async fn what_others_made_is_exported_without_a_change() {
    let seed: Value = serde_json::from_str(include_str!("seed.json")).expect("JSON");
    let world = World::with(scorekit_sandbox::Sandbox::builder().seed(seed)).await;
    let export = world.code(&["export"]).await;
    assert!(
        export
            .stderr
            .contains("does not report the rules of 1 campaigns"),
        "{export:?}"
    );
    world.file("export.yaml", &export.ok());
    let plan = world
        .code(&["plan", "export.yaml", "--prune", "--detailed-exitcode"])
        .await;
    assert_eq!(plan.code, 0, "{plan:?}");
}

#[tokio::test]
async fn mistakes_are_found_with_their_places() {
    let world = World::new().await;
    world.file("rules.yaml", include_str!("mistakes.yaml"));
    world.file(
        "twice.json",
        "{\"scorecards\": [\n\t{\"name\": \"Security\",\n\t \"rules\": [{\"name\": \"A\"}]}]}",
    );
    world.file("syntax.yaml", "scorecards:\n  - name: [\n");
    let files = ["validate", "rules.yaml", "twice.json", "syntax.yaml"];
    let text = world.code(&files).await;
    assert_eq!(text.code, 1, "{text:?}");
    insta::assert_snapshot!("validate", stable(&world, &text.stderr));
    let json = world.code(&[&files[..], &["-o", "json"]].concat()).await;
    assert_eq!(json.code, 1, "{json:?}");
    let problems: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(problems["problems"][0]["line"], 4, "{problems}");
    assert_eq!(world.sandbox.requests().len(), 0);
    world.file("right.yaml", FILE);
    let right = world
        .code(&["validate", "right.yaml", "-o", "json"])
        .await
        .json();
    assert_eq!(right, serde_json::json!({ "scorecards": 2, "rules": 3 }));
}

/// Returns the part of a schema of the document that editors and checks use.
fn shape(document: &Value, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        return shape(document, document.pointer(pointer).expect("a schema"));
    }
    if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return shape(document, only);
    }
    let mut kept = serde_json::Map::new();
    for name in ["type", "description", "enum", "required"] {
        if let Some(value) = schema.get(name) {
            kept.insert(name.to_owned(), value.clone());
        }
    }
    for name in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(name).filter(|it| it.is_object()) {
            kept.insert(name.to_owned(), shape(document, inner));
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        let properties = properties.iter();
        let properties = properties.map(|(name, it)| (name.clone(), shape(document, it)));
        kept.insert("properties".to_owned(), Value::Object(properties.collect()));
    }
    Value::Object(kept)
}

/// Compares a committed file with what it should be.
fn assert_committed(path: &str, expected: &str) {
    let path = scorekit_test_support::workspace().join(path);
    if std::env::var("INSTA_UPDATE").as_deref() == Ok("always") {
        std::fs::write(&path, expected).expect("the file is written");
    }
    let committed = std::fs::read_to_string(&path).expect("the file");
    assert_eq!(committed, expected, "run the test with INSTA_UPDATE=always");
}

#[test]
fn the_shapes_of_nested_objects_are_those_of_the_document() {
    let document = scorekit_test_support::bundle();
    let mut shapes = serde_json::Map::new();
    for (schema, wire, name) in [
        ("ProjectUpdateAttributes", "columns_config", "board"),
        ("ProjectUpdateAttributes", "settings", "settings"),
        (
            "CaseNotificationRuleCreateAttributes",
            "triggers",
            "triggers",
        ),
        (
            "CaseNotificationRuleCreateAttributes",
            "recipients",
            "recipients",
        ),
        ("AutomationRuleCreateAttributes", "trigger", "trigger"),
        ("AutomationRuleCreateAttributes", "action", "action"),
    ] {
        let schema = &document["components"]["schemas"][schema]["properties"][wire];
        assert!(schema.is_object(), "{name}");
        shapes.insert(name.to_owned(), shape(&document, schema));
    }
    let text = serde_json::to_string_pretty(&shapes).expect("JSON") + "\n";
    assert_committed("crates/cli/src/commands/scorecards/shapes.json", &text);
}

#[tokio::test]
async fn nested_properties_that_the_document_lacks_are_warnings() {
    let world = World::new().await;
    let file = EVERYTHING
        .replace("destinations: [1, 2]", "destination: [1, 2]")
        .replace(
            "CASE_CREATED }\n        action",
            "CASE_MADE }\n        action",
        );
    world.file("file.yaml", &file);
    let run = world.code(&["validate", "file.yaml"]).await;
    assert_eq!(run.code, 0, "{run:?}");
    for part in [
        "warning: file.yaml:54:38: the document has no property settings.notification.destination; \
         did you mean \"destinations\"?",
        "trigger.type is \"CASE_MADE\"; the document has CASE_CREATED, STATUS_TRANSITIONED",
    ] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
}

#[tokio::test]
async fn the_schema_of_the_files_is_committed_and_accepts_them() {
    let world = World::new().await;
    let schema = world.run(&["schema", "--files"]).await.ok();
    assert_committed("docs/scorekit.schema.json", &schema);
    world.apply(EVERYTHING).await.ok();
    let exported = world.code(&["export", "-o", "json"]).await.json();
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(&exported)
        .map(|it| it.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let wrong = serde_json::json!({ "scorecards": [{ "name": "A", "rulez": [] }] });
    assert!(!validator.is_valid(&wrong));
}
