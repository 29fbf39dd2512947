//! The action for GitHub and the job for GitLab: their scripts run against a sandbox.

use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode as _, Yaml};
use scorekit_test_support::workspace;
use serde_json::Value;
use tokio::process::Command;

use crate::platform::platform;
use crate::world::{Run, World, run, search_path};

fn yaml(path: &str) -> Value {
    let text = std::fs::read_to_string(workspace().join(path)).expect("a file");
    let documents = Yaml::load_from_str(&text).expect("YAML");
    json(&documents[0])
}

fn json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Mapping(entries) => {
            let name = |key: &Yaml| key.as_str().expect("a string").to_owned();
            let entries = entries.iter().map(|(key, value)| (name(key), json(value)));
            Value::Object(entries.collect())
        }
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        other => other.as_str().map_or(Value::Null, Value::from),
    }
}

/// Runs a script with these variables and the binary in its path.
async fn script(world: &World, script: &str, variables: &BTreeMap<String, String>) -> Run {
    let mut command = Command::new("bash");
    command
        .args(["-c", script])
        .current_dir(world.directory.path())
        .env("PATH", search_path())
        .env("SCOREKIT_CONFIG", world.directory.path().join("none"))
        .envs(variables);
    world.add_variables(&mut command);
    run(command).await
}

/// Returns the state and the remarks of the rule `On call` for `mail`.
async fn outcome(world: &World) -> String {
    let filter = r#"select(.attributes.service_name == "mail") | .attributes.state"#;
    let rule = ["--filter-rule-name", "On call", "--all", "--jq", filter];
    let list = [&["outcomes", "list"][..], &rule].concat();
    world.run(&list).await.ok().trim().to_owned()
}

const REPORT: &str = "<testsuite name=\"mail\"><testcase name=\"a\"/></testsuite>";

#[tokio::test]
async fn the_action_for_github_pushes_a_report() {
    let action = yaml("action.yml");
    let step = &action["runs"]["steps"][1];
    let text = step["run"].as_str().expect("a script");
    // An expression in a script would be a way in for the author of a branch or a file name.
    assert!(!text.contains("${{"), "{text}");
    let environment = step["env"].as_object().expect("variables");
    let inputs = action["inputs"].as_object().expect("inputs");
    for name in inputs.keys() {
        let expression = format!("${{{{ inputs.{name} }}}}");
        assert!(environment.values().any(|it| *it == expression), "{name}");
    }
    let world = platform().await;
    let file = world.file("a $(touch injected).xml", REPORT);
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    for (variable, expression) in environment {
        let expression = expression.as_str().expect("an expression");
        let name = expression
            .trim_start_matches("${{ inputs.")
            .trim_end_matches(" }}");
        let default = inputs[name]["default"].as_str().unwrap_or_default();
        if variable.starts_with("INPUT_") {
            variables.insert(variable.clone(), default.to_owned());
        }
    }
    let mut set = |name: &str, value: &str| {
        variables.insert(format!("INPUT_{name}"), value.to_owned());
        variables.clone()
    };
    set("FILE", &file);
    set("SERVICE", "mail");
    let checked = set("CHECK", "true");
    let missing = script(&world, text, &checked).await;
    assert_eq!(missing.code, 3, "{missing:?}");
    let checked = set("RULE", "On call");
    script(&world, text, &checked).await.ok();
    assert_eq!(outcome(&world).await, "fail");
    let pushed = set("CHECK", "false");
    script(&world, text, &pushed).await.ok();
    assert_eq!(outcome(&world).await, "pass");
    let unknown = set("RULE", "no; touch injected");
    assert_eq!(script(&world, text, &unknown).await.code, 3);
    assert!(!world.directory.path().join("injected").exists());
}

#[tokio::test]
async fn the_job_for_gitlab_pushes_a_report() {
    let job = &yaml("docs/jobs/push.gitlab-ci.yml")["push-outcomes"];
    let world = platform().await;
    world.file("junit.xml", REPORT);
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in job["variables"].as_object().expect("variables") {
        let value = value
            .as_str()
            .expect("a text")
            .replace("$CI_PROJECT_NAME", "mail");
        variables.insert(name.clone(), value);
    }
    let line = job["script"][0].as_str().expect("a line").to_owned();
    let unknown = script(&world, &line, &variables).await;
    assert_eq!(unknown.code, 3, "{unknown:?}");
    variables.insert("RULE".to_owned(), "On call".to_owned());
    script(&world, &line, &variables).await.ok();
    assert_eq!(outcome(&world).await, "pass");
}
