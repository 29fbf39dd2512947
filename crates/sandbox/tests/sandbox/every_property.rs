//! Every property that a request can set is read back: by the read of the resource, by lists and by
//! searches. The bodies come from the document, so that a new property is checked, too.

use std::collections::BTreeMap;

use scorekit_sandbox::Sandbox;
use serde_json::{Map, Value, json};

use crate::fixture::*;
use crate::http::{call, get};
use crate::operations::document;

/// A second user.
const OTHER_USER: &str = "22222222-3333-4444-8555-666666666666";

/// A request with every property of its body.
struct Step {
    operation: &'static str,
    path: &'static str,
    /// The name under which later paths have the identifier of the result.
    saves: &'static str,
    /// The reads that show what was set. In a list, the resource has the identifier that the last
    /// variable of the path of the step, or the step itself, names.
    reads: &'static [&'static str],
    /// Properties with another place in responses. An empty place means that no response has it.
    shown: &'static [(&'static str, &'static str)],
}

const fn step(operation: &'static str, path: &'static str, reads: &'static [&'static str]) -> Step {
    Step {
        operation,
        path,
        saves: "",
        reads,
        shown: &[],
    }
}

impl Step {
    const fn saves(mut self, name: &'static str) -> Self {
        self.saves = name;
        self
    }

    const fn shown(mut self, shown: &'static [(&'static str, &'static str)]) -> Self {
        self.shown = shown;
        self
    }
}

const PROJECT_READS: &[&str] = &["/api/v2/cases/projects/{project}", "/api/v2/cases/projects"];
const TEAM: (&str, &str) = ("/team_uuid", "/relationships/member_team/data/0/id");
const ATTRIBUTE_READS: &[&str] = &[
    "/api/v2/cases/types/{type}/custom_attributes",
    "/api/v2/cases/types/custom_attributes",
];
const CASE_READS: &[&str] = &[
    "/api/v2/cases/{case}",
    "/api/v2/cases",
    "/api/v2/cases?filter=type%3A*&sort%5Bfield%5D=priority",
];
const NOTIFICATION_READS: &[&str] = &["/api/v2/cases/projects/{project}/notification_rules"];
const AUTOMATION_READS: &[&str] = &[
    "/api/v2/cases/projects/{project}/rules/{automation}",
    "/api/v2/cases/projects/{project}/rules",
];
const VIEW_READS: &[&str] = &[
    "/api/v2/cases/views/{view}",
    "/api/v2/cases/views?project_id={project}",
];
const WINDOW_READS: &[&str] = &["/api/v2/maintenance_windows"];
const RULE_READS: &[&str] = &[
    "/api/v2/scorecard/rules",
    "/api/v2/scorecard/rules?filter%5Brule%5D%5Bid%5D={rule}",
];
const CAMPAIGN_READS: &[&str] = &[
    "/api/v2/scorecard/campaigns/{campaign}",
    "/api/v2/scorecard/campaigns",
];
const CAMPAIGN: &[(&str, &str)] = &[("/owner_id", "/attributes/owner"), ("/rule_ids", "")];
const TIMELINE: &[&str] = &["/api/v2/cases/{case}/timelines"];
const MESSAGE: &[(&str, &str)] = &[("/comment", "/attributes/cell_content/message")];

const STEPS: &[Step] = &[
    step("CreateProject", "/api/v2/cases/projects", PROJECT_READS)
        .saves("project")
        .shown(&[TEAM]),
    step("UpdateProject", PROJECT_READS[0], PROJECT_READS).shown(&[TEAM]),
    step(
        "CreateCaseType",
        "/api/v2/cases/types",
        &["/api/v2/cases/types"],
    )
    .saves("type"),
    step(
        "UpdateCaseType",
        "/api/v2/cases/types/{type}",
        &["/api/v2/cases/types"],
    ),
    step(
        "CreateCustomAttributeConfig",
        ATTRIBUTE_READS[0],
        ATTRIBUTE_READS,
    )
    .saves("attribute"),
    step(
        "UpdateCustomAttributeConfig",
        "/api/v2/cases/types/{type}/custom_attributes/{attribute}",
        ATTRIBUTE_READS,
    )
    .shown(&[("/map_from", ""), ("/type_data", "")]),
    step("CreateCase", "/api/v2/cases", CASE_READS).saves("case"),
    step("UpdateCaseTitle", "/api/v2/cases/{case}/title", CASE_READS),
    step(
        "UpdateCaseDescription",
        "/api/v2/cases/{case}/description",
        CASE_READS,
    ),
    step(
        "UpdatePriority",
        "/api/v2/cases/{case}/priority",
        CASE_READS,
    ),
    step("UpdateStatus", "/api/v2/cases/{case}/status", CASE_READS),
    step(
        "UpdateAttributes",
        "/api/v2/cases/{case}/attributes",
        CASE_READS,
    ),
    step(
        "UpdateCaseCustomAttribute",
        "/api/v2/cases/{case}/custom_attributes/region",
        CASE_READS,
    )
    .shown(&[
        ("/is_multi", "/attributes/custom_attributes/region/is_multi"),
        ("/type", "/attributes/custom_attributes/region/type"),
        ("/value", "/attributes/custom_attributes/region/value"),
    ]),
    step("AssignCase", "/api/v2/cases/{case}/assign", CASE_READS)
        .shown(&[("/assignee_id", "/relationships/assignee/data/id")]),
    step(
        "UpdateCaseDueDate",
        "/api/v2/cases/{case}/due_date",
        &["/api/v2/cases?filter=due_date%3A2026-12-31"],
    )
    .shown(&[("/due_date", "")]),
    step(
        "UpdateCaseResolvedReason",
        "/api/v2/cases/{case}/resolved_reason",
        &["/api/v2/cases?filter=resolved_reason%3A*"],
    )
    .shown(&[("/security_resolved_reason", "")]),
    step("CommentCase", "/api/v2/cases/{case}/comment", TIMELINE)
        .saves("cell")
        .shown(MESSAGE),
    step(
        "UpdateCaseComment",
        "/api/v2/cases/{case}/comment/{cell}",
        TIMELINE,
    )
    .shown(MESSAGE),
    step(
        "CreateCaseLink",
        "/api/v2/cases/link",
        &["/api/v2/cases/link?entity_type=CASE&entity_id={case}"],
    )
    .saves("link"),
    step(
        "CreateProjectNotificationRule",
        NOTIFICATION_READS[0],
        NOTIFICATION_READS,
    )
    .saves("notification"),
    step(
        "UpdateProjectNotificationRule",
        "/api/v2/cases/projects/{project}/notification_rules/{notification}",
        NOTIFICATION_READS,
    ),
    step(
        "CreateCaseAutomationRule",
        AUTOMATION_READS[1],
        AUTOMATION_READS,
    )
    .saves("automation"),
    step(
        "UpdateCaseAutomationRule",
        AUTOMATION_READS[0],
        AUTOMATION_READS,
    ),
    step("CreateCaseView", "/api/v2/cases/views", VIEW_READS)
        .saves("view")
        .shown(&[
            ("/project_id", "/relationships/project/data/id"),
            ("/np_rule_id", ""),
        ]),
    step("UpdateCaseView", VIEW_READS[0], VIEW_READS).shown(&[("/np_rule_id", "")]),
    step("CreateMaintenanceWindow", WINDOW_READS[0], WINDOW_READS).saves("window"),
    step(
        "UpdateMaintenanceWindow",
        "/api/v2/maintenance_windows/{window}",
        WINDOW_READS,
    ),
    step("CreateScorecardRule", RULE_READS[0], RULE_READS).saves("rule"),
    step(
        "UpdateScorecardRule",
        "/api/v2/scorecard/rules/{rule}",
        RULE_READS,
    ),
    step("CreateScorecardCampaign", CAMPAIGN_READS[1], CAMPAIGN_READS)
        .saves("campaign")
        .shown(CAMPAIGN),
    step("UpdateScorecardCampaign", CAMPAIGN_READS[0], CAMPAIGN_READS).shown(CAMPAIGN),
];

/// The document of the sandbox.
struct Document(Value);

impl Document {
    fn read() -> Self {
        Self(document())
    }

    fn resolved<'a>(&'a self, mut value: &'a Value) -> &'a Value {
        while let Some(reference) = value["$ref"].as_str() {
            let pointer = reference.trim_start_matches('#');
            value = self.0.pointer(pointer).expect("a reference");
        }
        value
    }

    /// Returns the method of an operation, and the schema of its body.
    fn body(&self, operation: &str) -> (String, &Value) {
        let paths = self.0["paths"].as_object().expect("paths");
        let mut all = paths
            .values()
            .flat_map(|path| path.as_object().expect("a path"));
        let found = all.find(|(_, it)| it["operationId"] == operation);
        let (method, found) = found.unwrap_or_else(|| unreachable!("no operation {operation}"));
        let body = self.resolved(&found["requestBody"]);
        let schema = &body["content"]["application/json"]["schema"];
        (method.to_uppercase(), schema)
    }

    /// Returns a value with every property. Values of another variant are different.
    fn value(&self, schema: &Value, name: &str, ids: &Ids, variant: usize) -> Value {
        let schema = self.resolved(schema);
        if let [only] = schema["allOf"].as_array().map_or(&[][..], Vec::as_slice) {
            return self.value(only, name, ids, variant);
        }
        let is_chosen = schema["type"] != "object" || OBJECTS.contains(&name);
        if let Some(value) = chosen(name, ids, variant).filter(|_| is_chosen) {
            return value;
        }
        if let Some(first) = schema["oneOf"].get(0) {
            return self.value(first, name, ids, variant);
        }
        if let Some(values) = schema["enum"].as_array() {
            // The kind of the attribute that cases have.
            let text = values.iter().find(|it| *it == "TEXT");
            return text
                .unwrap_or(&values[(variant + 1) % values.len()])
                .clone();
        }
        match schema["type"].as_str().unwrap_or_default() {
            "object" => self.object(schema, name, ids, variant),
            "array" => json!([self.value(&schema["items"], name, ids, variant)]),
            "boolean" => (variant == 0).into(),
            "integer" => (variant + 1).into(),
            "string" if schema["format"] == "date-time" => {
                format!("2026-0{}-01T00:00:00Z", variant + 1).into()
            }
            "string" => format!("{name} {variant}").into(),
            other => unreachable!("{name} is {other}: {schema}"),
        }
    }

    fn object(&self, schema: &Value, name: &str, ids: &Ids, variant: usize) -> Value {
        let mut object = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if self.resolved(property)["readOnly"] != true {
                object.insert(name.clone(), self.value(property, name, ids, variant));
            }
        }
        if schema["additionalProperties"].is_object() {
            let values = &schema["additionalProperties"];
            object.insert("any".to_owned(), self.value(values, name, ids, variant));
        }
        object.into()
    }
}

/// The identifiers of what the steps created.
type Ids = BTreeMap<&'static str, String>;

/// The objects with values that [`chosen`] returns.
const OBJECTS: [&str; 2] = ["custom_attributes", "relationships"];

/// Returns the value of a property that not any value of its type suits.
fn chosen(name: &str, ids: &Ids, variant: usize) -> Option<Value> {
    let id = |name: &str| Some(ids.get(name).cloned().unwrap_or_default().into());
    let user = [UNKNOWN_ID, OTHER_USER][variant];
    let region = json!({ "type": "TEXT", "is_multi": false, "value": format!("eu-{variant}") });
    match name {
        "type_id" => id("type"),
        "project_id" => id("project"),
        "rule_ids" => Some(json!([ids.get("rule")])),
        "relationships" => Some(json!({
            "assignee": { "data": { "type": "user", "id": user } },
            "project": { "data": { "type": "project", "id": ids.get("project") } },
        })),
        "custom_attributes" => Some(json!({ "region": region })),
        "value" if ids.contains_key("case") && !ids.contains_key("cell") => {
            Some(region["value"].clone())
        }
        "is_multi" if !ids.contains_key("attribute") => None,
        "is_multi" => Some(false.into()),
        "attributes" | "data" => None,
        "key" => Some(format!("KEY{variant}").into()),
        "emoji" => Some(["🔥", "🔧"][variant].into()),
        "due_date" if ids.contains_key("rule") => None,
        "due_date" => Some("2026-12-31".into()),
        "status" if ids.contains_key("rule") => None,
        "status" => Some("IN_PROGRESS".into()),
        "status_name" => Some("In Progress".into()),
        "end_at" => Some("2026-12-31T00:00:00Z".into()),
        "query" | "auto_escalation_query" => Some(format!("priority:P{}", variant + 1).into()),
        "parent_entity_id" => id("case"),
        "parent_entity_type" => Some("CASE".into()),
        "child_entity_type" => Some("INCIDENT".into()),
        "relationship" => Some("BLOCKS".into()),
        "assignee_id" | "owner_id" | "team_uuid" | "team_id" | "user_id" => Some(user.into()),
        _ => None,
    }
}

/// Puts identifiers in the place of variables.
fn filled(path: &str, ids: &Ids) -> String {
    let fill =
        |path: String, (name, id): (&&str, &String)| path.replace(&format!("{{{name}}}"), id);
    ids.iter().fold(path.to_owned(), fill)
}

/// Returns the values of an object that are no objects, by JSON pointer.
fn leaves(pointer: String, value: &Value, all: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, value) in object {
                leaves(format!("{pointer}/{name}"), value, all);
            }
        }
        value => all.push((pointer, value.clone())),
    }
}

/// Returns the values that a body sets, with their places in responses.
fn expected(step: &Step, body: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for part in ["attributes", "relationships"] {
        let mut sent = Vec::new();
        if let Some(values) = body["data"].get(part) {
            leaves(String::new(), values, &mut sent);
        }
        for (pointer, value) in sent {
            let starts = |own: &str| pointer == own || pointer.starts_with(&format!("{own}/"));
            let mut shown = step.shown.iter();
            match shown.find(|(own, _)| part == "attributes" && starts(own)) {
                Some((_, "")) => {}
                Some((own, place)) => all.push((pointer.replacen(own, place, 1), value)),
                None => all.push((format!("/{part}{pointer}"), value)),
            }
        }
    }
    all
}

/// Returns true if a value was read as it was set. Times may have another precision.
fn is_same(set: &Value, read: &Value) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<jiff::Timestamp>().ok();
    set == read || time(set).is_some_and(|it| Some(it) == time(read))
}

/// Returns what a response does not show as it was set.
fn differences(response: &Value, id: &str, expected: &[(String, Value)]) -> Vec<String> {
    let data = &response["data"];
    let found = match data.as_array() {
        Some(items) => items.iter().find(|it| it["id"] == id),
        None => Some(data),
    };
    let Some(resource) = found else {
        return vec![format!("{id} is not in it")];
    };
    let wrong = expected.iter().filter_map(|(pointer, set)| {
        let read = resource.pointer(pointer).unwrap_or(&Value::Null);
        (!is_same(set, read)).then(|| format!("{pointer} is {read}, and was set to {set}"))
    });
    wrong.collect()
}

/// Creates the custom attribute that cases have.
async fn add_region(sandbox: &Sandbox, ids: &Ids) {
    let region = json!({
        "key": "region", "display_name": "Region", "is_multi": false, "type": "TEXT",
    });
    let body = json!({ "data": { "type": "custom_attribute", "attributes": region } });
    let path = filled(ATTRIBUTE_READS[0], ids);
    call(sandbox, "POST", &path, Some(&body)).await.expect(201);
}

#[tokio::test]
async fn every_property_that_is_set_is_read_back() {
    let document = Document::read();
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let (mut ids, mut problems, mut checked) = (Ids::new(), Vec::new(), 0);
    for step in STEPS {
        if step.operation == "CreateCase" {
            add_region(&sandbox, &ids).await;
        }
        let (method, schema) = document.body(step.operation);
        let variant = usize::from(step.saves.is_empty());
        let body = document.value(schema, "", &ids, variant);
        let path = filled(step.path, &ids);
        let response = call(&sandbox, &method, &path, Some(&body)).await;
        assert!(
            (200..300).contains(&response.status),
            "{} {body}: {response:?}",
            step.operation
        );
        let written = serde_json::from_str::<Value>(&response.text).unwrap_or_default();
        if !step.saves.is_empty() {
            let data = match &written["data"] {
                Value::Array(items) => &items[0],
                data => data,
            };
            ids.insert(step.saves, data["id"].as_str().expect("an id").to_owned());
        }
        let own = ids.iter().find(|(name, _)| match step.saves {
            "" => step.path.contains(&format!("{{{name}}}")) && is_last(step.path, name),
            saves => saves == **name,
        });
        let id = own.map(|(_, id)| id.clone()).expect("an id");
        let expected = expected(step, &body);
        checked += expected.len();
        let mut check = |place: &str, response: &Value| {
            let wrong = differences(response, &id, &expected);
            let wrong = wrong
                .iter()
                .map(|it| format!("{}, {place}: {it}", step.operation));
            problems.extend(wrong);
        };
        if !written.is_null() {
            check("its response", &written);
        }
        for read in step.reads {
            check(read, &get(&sandbox, &filled(read, &ids)).await);
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    println!("{checked} properties were read back");
    assert!(checked >= 91, "{checked}");
}

/// Returns true if a variable is the last one of a path.
fn is_last(path: &str, name: &str) -> bool {
    let last = path.rsplit('{').next().unwrap_or_default();
    last.starts_with(&format!("{name}}}"))
}
