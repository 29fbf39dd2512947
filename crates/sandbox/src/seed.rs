//! Seeds: resources that exist from the start, given as JSON.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value, json};

use crate::document::{Document, Location};
use crate::handlers;
use crate::request::{RawRequest, read_call};
use crate::seed_calls;
use crate::state::{Kind, State};

/// A list of a seed, with the operation that creates its resources.
struct Section {
    name: &'static str,
    operation_id: &'static str,
    /// The kind of record that gets the `id` of an item.
    kind: Kind,
    shape: Shape,
}

/// The position of an item in the request body of its operation.
enum Shape {
    /// The `data` of JSON:API, with this type.
    Resource(&'static str),
    /// A result of a set.
    Result,
    /// The whole body.
    Flat,
}

/// The lists, ordered so that items can refer to items of earlier lists.
const SECTIONS: [Section; 15] = [
    section(
        "rules",
        "CreateScorecardRule",
        Kind::Rule,
        Shape::Resource("rule"),
    ),
    section(
        "outcomes",
        "UpdateScorecardOutcomes",
        Kind::Outcome,
        Shape::Result,
    ),
    section(
        "campaigns",
        "CreateScorecardCampaign",
        Kind::Campaign,
        Shape::Resource("campaign"),
    ),
    section(
        "projects",
        "CreateProject",
        Kind::Project,
        Shape::Resource("project"),
    ),
    section(
        "case_types",
        "CreateCaseType",
        Kind::CaseType,
        Shape::Resource("case_type"),
    ),
    section(
        "custom_attributes",
        "CreateCustomAttributeConfig",
        Kind::CustomAttribute,
        Shape::Resource("custom_attribute"),
    ),
    section("cases", "CreateCase", Kind::Case, Shape::Resource("case")),
    section(
        "comments",
        "CommentCase",
        Kind::TimelineCell,
        Shape::Resource("case"),
    ),
    section(
        "notification_rules",
        "CreateProjectNotificationRule",
        Kind::NotificationRule,
        Shape::Resource("notification_rule"),
    ),
    section(
        "automation_rules",
        "CreateCaseAutomationRule",
        Kind::AutomationRule,
        Shape::Resource("rule"),
    ),
    section(
        "views",
        "CreateCaseView",
        Kind::View,
        Shape::Resource("view"),
    ),
    section(
        "maintenance_windows",
        "CreateMaintenanceWindow",
        Kind::MaintenanceWindow,
        Shape::Resource("maintenance_window"),
    ),
    section("datasets", "CreateDataset", Kind::Dataset, Shape::Flat),
    section("kpis", "CreateKpi", Kind::Kpi, Shape::Flat),
    section(
        "dataset_campaigns",
        "CreateCampaign",
        Kind::DatasetCampaign,
        Shape::Flat,
    ),
];

/// The list of calls, which are made after all resources were created.
pub(crate) const CALLS: &str = "calls";

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

/// An error in a seed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SeedError {
    place: String,
    /// The JSON pointer of the place.
    pointer: String,
    problem: String,
}

impl SeedError {
    /// Returns the JSON pointer of the value that cannot be used.
    pub(crate) fn pointer(&self) -> &str {
        &self.pointer
    }
}

impl fmt::Display for SeedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "cannot use the seed at {}: {}",
            self.place, self.problem
        )
    }
}

impl std::error::Error for SeedError {}

/// Creates the resources of a seed.
///
/// # Errors
///
/// Returns an error if an item cannot be created. The state then has a part of the resources; drop
/// it.
pub(crate) fn apply(document: &Document, state: &mut State, seed: &Value) -> Result<(), SeedError> {
    let at = |place: &str, problem: String| SeedError {
        place: place.to_owned(),
        pointer: pointer(place),
        problem,
    };
    let Some(lists) = seed.as_object() else {
        return Err(at(
            "its root",
            format!("it is not a JSON object; write one with {}", known()),
        ));
    };
    let is_known =
        |name: &String| name == CALLS || SECTIONS.iter().any(|section| section.name == name);
    if let Some(name) = lists.keys().find(|name| !is_known(name)) {
        return Err(at(
            &format!("`{name}`"),
            format!("a seed has no such list; write one of {}", known()),
        ));
    }
    let items_of = |name: &str| match lists.get(name) {
        None => Ok(&[][..]),
        Some(Value::Array(items)) => Ok(&items[..]),
        Some(_) => Err(at(
            &format!("`{name}`"),
            "it is not a list; write `[{…}]`".to_owned(),
        )),
    };
    let item_at = |name: &str, index: usize, problem| at(&format!("`{name}[{index}]`"), problem);
    for section in &SECTIONS {
        for (index, item) in items_of(section.name)?.iter().enumerate() {
            section
                .create(document, state, item)
                .map_err(|problem| item_at(section.name, index, problem))?;
        }
    }
    for (index, item) in items_of(CALLS)?.iter().enumerate() {
        seed_calls::apply(document, state, item)
            .map_err(|problem| item_at(CALLS, index, problem))?;
    }
    Ok(())
}

/// Returns the JSON pointer of a place such as `` `rules[2]` ``.
fn pointer(place: &str) -> String {
    let path = place
        .strip_prefix('`')
        .and_then(|rest| rest.strip_suffix('`'));
    match path.map(|path| path.strip_suffix(']').unwrap_or(path)) {
        Some(path) => format!("/{}", path.replace('[', "/")),
        None => String::new(),
    }
}

/// Lists the names of all sections, for messages.
fn known() -> String {
    let names = SECTIONS.iter().map(|section| section.name);
    let names = names.chain([CALLS]).map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}

impl Section {
    /// Creates one resource through its operation, which checks it and adds defaults.
    fn create(&self, document: &Document, state: &mut State, item: &Value) -> Result<(), String> {
        let operation = document
            .operations
            .iter()
            .find(|operation| operation.id == self.operation_id);
        let (Some(operation), Some(handler)) = (operation, handlers::find(self.operation_id))
        else {
            return Err(format!("the document has no {}", self.operation_id));
        };
        let Value::Object(mut properties) = item.clone() else {
            return Err("it is not a JSON object; write `{…}`".to_owned());
        };
        let id = take_string(&mut properties, "id")?;
        let mut path_values = Vec::new();
        for parameter in operation.parameters_in(Location::Path) {
            let name = &parameter.name;
            let value = take_string(&mut properties, name)?.ok_or_else(|| {
                format!("`{name}` is missing; add the resource that it belongs to")
            })?;
            path_values.push((name.clone(), value));
        }
        if let Some(id) = &id {
            if matches!(self.shape, Shape::Result) {
                return Err("outcomes take no `id`; leave it out".to_owned());
            }
            if state.get(self.kind, id).is_some() {
                return Err(format!("the `id` `{id}` is taken; choose another"));
            }
        }
        let body = Bytes::from(self.body(properties).to_string());
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
        let result = handler(state, &call).map_err(|error| error.to_string());
        state.choose_id(None);
        result.map(drop)
    }

    /// Returns the request body that creates an item.
    fn body(&self, mut properties: Map<String, Value>) -> Value {
        match self.shape {
            Shape::Flat => properties.into(),
            Shape::Result => json!({ "data": {
                "type": "batched-outcome",
                "attributes": { "results": [properties] },
            } }),
            Shape::Resource(name) => {
                properties.entry("type").or_insert_with(|| name.into());
                json!({ "data": properties })
            }
        }
    }
}

/// Removes a property of type string.
fn take_string(properties: &mut Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match properties.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(format!("`{name}` must be a string that is not empty")),
    }
}
