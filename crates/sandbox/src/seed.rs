//! Resources that are there from the start, given as JSON.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value, json};

use crate::document::{Document, Location};
use crate::handlers;
use crate::state::{Kind, State};
use crate::validate::{RawRequest, read_call};

/// One kind of resources in a seed: the operation that creates them.
struct Section {
    name: &'static str,
    operation_id: &'static str,
    /// What gets the chosen identifier.
    kind: Kind,
    shape: Shape,
}

/// How a resource stands in the body of its operation.
enum Shape {
    /// JSON:API with this type.
    Resource(&'static str),
    /// One of the results of a set.
    Result,
    /// All of the body.
    Flat,
}

/// Every section, in the order in which they may refer to each other.
#[rustfmt::skip]
const SECTIONS: [Section; 15] = [
    section("rules", "CreateScorecardRule", Kind::Rule, Shape::Resource("rule")),
    section("outcomes", "UpdateScorecardOutcomes", Kind::Outcome, Shape::Result),
    section("campaigns", "CreateScorecardCampaign", Kind::Campaign, Shape::Resource("campaign")),
    section("projects", "CreateProject", Kind::Project, Shape::Resource("project")),
    section("case_types", "CreateCaseType", Kind::CaseType, Shape::Resource("case_type")),
    section("custom_attributes", "CreateCustomAttributeConfig", Kind::CustomAttribute, Shape::Resource("custom_attribute")),
    section("cases", "CreateCase", Kind::Case, Shape::Resource("case")),
    section("comments", "CommentCase", Kind::TimelineCell, Shape::Resource("case")),
    section("notification_rules", "CreateProjectNotificationRule", Kind::NotificationRule, Shape::Resource("notification_rule")),
    section("automation_rules", "CreateCaseAutomationRule", Kind::AutomationRule, Shape::Resource("rule")),
    section("views", "CreateCaseView", Kind::View, Shape::Resource("view")),
    section("maintenance_windows", "CreateMaintenanceWindow", Kind::MaintenanceWindow, Shape::Resource("maintenance_window")),
    section("datasets", "CreateDataset", Kind::Dataset, Shape::Flat),
    section("kpis", "CreateKpi", Kind::Kpi, Shape::Flat),
    section("dataset_campaigns", "CreateCampaign", Kind::DatasetCampaign, Shape::Flat),
];

const fn section(
    name: &'static str,
    operation_id: &'static str,
    kind: Kind,
    shape: Shape,
) -> Section {
    Section {
        name,
        operation_id,
        kind,
        shape,
    }
}

/// A seed that cannot be used: where in it, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeedError {
    place: String,
    problem: String,
}

impl fmt::Display for SeedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.problem)
    }
}

impl std::error::Error for SeedError {}

/// Creates what a seed lists. All or nothing is up to the caller, who throws the state away after an error.
pub(crate) fn plant(document: &Document, state: &mut State, seed: &Value) -> Result<(), SeedError> {
    let at = |place: &str, problem: String| SeedError {
        place: place.to_owned(),
        problem,
    };
    let Some(members) = seed.as_object() else {
        return Err(at(
            "the seed",
            format!("it is no JSON object with members such as {}", known()),
        ));
    };
    let is_known = |name: &String| SECTIONS.iter().any(|section| section.name == name);
    if let Some(name) = members.keys().find(|name| !is_known(name)) {
        return Err(at(
            &format!("`{name}`"),
            format!("there is nothing of this name; there are {}", known()),
        ));
    }
    for section in &SECTIONS {
        let items = match members.get(section.name) {
            None => continue,
            Some(Value::Array(items)) => items,
            Some(_) => {
                return Err(at(
                    &format!("`{}`", section.name),
                    "it is no list; write `[{…}]`".to_owned(),
                ));
            }
        };
        for (index, item) in items.iter().enumerate() {
            section
                .create(document, state, item)
                .map_err(|problem| at(&format!("`{}[{index}]`", section.name), problem))?;
        }
    }
    Ok(())
}

fn known() -> String {
    let names: Vec<_> = SECTIONS
        .iter()
        .map(|section| format!("`{}`", section.name))
        .collect();
    names.join(", ")
}

impl Section {
    /// Creates one resource through its operation, which checks it and adds what was left out.
    fn create(&self, document: &Document, state: &mut State, item: &Value) -> Result<(), String> {
        let operation = document
            .operations
            .iter()
            .find(|operation| operation.id == self.operation_id);
        let (Some(operation), Some(handler)) = (operation, handlers::find(self.operation_id))
        else {
            return Err(format!("the document has no {}", self.operation_id));
        };
        let Value::Object(mut members) = item.clone() else {
            return Err("it is no JSON object".to_owned());
        };
        let id = text(&mut members, "id")?;
        let mut path_values = Vec::new();
        for parameter in operation.parameters_in(Location::Path) {
            let name = &parameter.name;
            let value = text(&mut members, name)?
                .ok_or_else(|| format!("`{name}` is missing, which says where it belongs"))?;
            path_values.push((name.clone(), value));
        }
        if let Some(id) = &id {
            if matches!(self.shape, Shape::Result) {
                return Err("it has no `id` of its own; leave that out".to_owned());
            }
            if state.get(self.kind, id).is_some() {
                return Err(format!("the `id` `{id}` is taken; choose another"));
            }
        }
        let body = Bytes::from(self.body(members).to_string());
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        let request = RawRequest {
            path: "",
            query: "",
            headers: &headers,
            body: &body,
        };
        let call = read_call(document, operation, path_values, &request)
            .map_err(|error| error.to_string())?;
        state.choose_id(id.map(|id| (self.kind, id)));
        let answer = handler(state, &call).map_err(|error| error.to_string());
        state.choose_id(None);
        answer.map(drop)
    }

    fn body(&self, mut members: Map<String, Value>) -> Value {
        match self.shape {
            Shape::Flat => members.into(),
            Shape::Result => json!({ "data": {
                "type": "batched-outcome",
                "attributes": { "results": [members] },
            } }),
            Shape::Resource(name) => {
                members.entry("type").or_insert_with(|| name.into());
                json!({ "data": members })
            }
        }
    }
}

/// Takes a member of type text out.
fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` is no text or an empty one")),
    }
}
