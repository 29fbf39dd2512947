//! The conformance suite: for each operation, a sequence of calls with the vendors' status codes
//! and bodies. Each has a success, and an error of each kind that the vendors' servers send:
//! invalid values, missing resources, conflicts.
//!
//! `scenarios/OPERATION.json` has the names of the steps in `given.json` that come first, and then
//! the steps of its own. A step has a `call`, an optional `body`, and the `status` of the response.
//! `has` gives values of the response by JSON pointer; `<string>` and `<number>` stand for any
//! value of that type. `save` names values for later steps, which refer to them as `{name}`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use scorekit_sandbox::Sandbox;
use serde_json::Value;

use crate::http::call;
use crate::operations::{document, operations};

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sandbox/scenarios")
}

fn read(name: &str) -> Value {
    let path = directory().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).expect("a scenario");
    serde_json::from_str(&text).expect("JSON")
}

/// Returns true if the scenario of an operation has an error. One that `cargo xtask new` wrote has
/// none.
pub(crate) fn has_an_error(operation: &str) -> bool {
    let scenario = read(operation);
    let mut steps = scenario["steps"].as_array().into_iter().flatten();
    steps.any(|step| step["status"].as_u64().is_some_and(|status| status >= 400))
}

/// A run of one scenario.
struct Run<'s> {
    sandbox: &'s Sandbox,
    operation: &'s str,
    saved: BTreeMap<String, String>,
}

impl Run<'_> {
    /// Replaces `{name}` by the value that was saved under the name.
    fn filled(&self, text: &str) -> String {
        let saved = self.saved.iter();
        saved.fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    fn filled_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.filled(text).into(),
            Value::Array(items) => items.iter().map(|item| self.filled_value(item)).collect(),
            Value::Object(properties) => properties
                .iter()
                .map(|(name, value)| (name.clone(), self.filled_value(value)))
                .collect(),
            other => other.clone(),
        }
    }

    /// Sends the call of a step and checks the response. Returns the `operationId` and the status.
    async fn step(&mut self, step: &Value) -> (String, u16) {
        let operation = self.operation;
        let (method, path) = step["call"]
            .as_str()
            .and_then(|call| call.split_once(' '))
            .expect("a method and a path");
        let path = self.filled(path);
        let body = step.get("body").map(|body| self.filled_value(body));
        let response = call(self.sandbox, method, &path, body.as_ref()).await;
        let context = format!("{operation}: {method} {path} {body:?}: {response:?}");
        assert_eq!(
            Some(u64::from(response.status)),
            step["status"].as_u64(),
            "{context}"
        );
        let received = serde_json::from_str(&response.text).unwrap_or(Value::Null);
        for (pointer, wanted) in step["has"].as_object().into_iter().flatten() {
            let found = received.pointer(pointer);
            let fits = match (wanted.as_str(), found) {
                (Some("<string>"), Some(found)) => found.is_string(),
                (Some("<number>"), Some(found)) => found.is_number(),
                (_, found) => found == Some(&self.filled_value(wanted)),
            };
            assert!(
                fits,
                "{pointer} is {found:?} instead of {wanted}: {context}"
            );
        }
        for (name, pointer) in step["save"].as_object().into_iter().flatten() {
            let value = pointer
                .as_str()
                .and_then(|pointer| received.pointer(pointer));
            let value = value.and_then(Value::as_str).expect("a value to save");
            self.saved.insert(name.clone(), value.to_owned());
        }
        let recorded = self.sandbox.requests();
        let recorded = recorded.last().expect("a recorded request");
        let called = recorded.operation_id.clone().expect("an operation");
        (called, response.status)
    }
}

#[tokio::test]
async fn every_operation_responds_as_recorded() {
    let given = read("given");
    for (_, _, operation, object) in operations(&document()) {
        let scenario = read(&operation);
        let sandbox = Sandbox::start().await.expect("the sandbox starts");
        let mut run = Run {
            sandbox: &sandbox,
            operation: &operation,
            saved: BTreeMap::new(),
        };
        for name in scenario["given"].as_array().into_iter().flatten() {
            run.step(&given[name.as_str().expect("a name")]).await;
        }
        let mut statuses = Vec::new();
        for step in scenario["steps"].as_array().expect("steps") {
            let (called, status) = run.step(step).await;
            if called == operation {
                let documented = object["responses"].get(status.to_string());
                assert!(documented.is_some(), "{operation} does not list {status}");
                statuses.push(status);
            }
        }
        assert!(
            statuses.iter().any(|status| *status < 300)
                && statuses.iter().any(|status| *status >= 400),
            "{operation} needs a success and an error: {statuses:?}"
        );
    }
}

#[test]
fn every_scenario_has_an_operation() {
    let documented: BTreeSet<String> = operations(&document())
        .into_iter()
        .map(|(_, _, operation, _)| operation)
        .collect();
    for file in std::fs::read_dir(directory()).expect("the scenarios") {
        let path = file.expect("a file").path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let name = name.expect("a name");
        assert!(name == "given" || documented.contains(name), "{name}");
    }
}
