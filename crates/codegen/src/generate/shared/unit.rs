//! Collects the schemas that several domains reach into one, with an operation for each use.
//!
//! The operations are never generated. From them, the passes know which types requests and
//! responses hold, in whatever domain: the types are as lenient as any of them needs.

use serde_json::{Value, json};

use crate::collections::{HashMap, HashSet};
use crate::generate::model::{
    BodyFormat, Domain, Operation, Parameter, ParameterPlace, reference_to, referenced_schema,
};

/// Returns the names of the schemas that more than one domain reaches. The schemas that they refer
/// to are among them.
pub(super) fn shared_names(domains: &[Domain]) -> HashSet<String> {
    let mut counts: HashMap<&String, usize> = HashMap::default();
    for name in domains.iter().flat_map(|domain| domain.schemas.keys()) {
        *counts.entry(name).or_default() += 1;
    }
    let shared = counts.into_iter().filter(|(_, count)| *count > 1);
    shared.map(|(name, _)| name.clone()).collect()
}

/// The schemas of one kind of use.
#[derive(Default)]
struct Uses {
    /// Whole request bodies.
    bodies: HashSet<String>,
    in_bodies: HashSet<String>,
    in_parameters: HashSet<String>,
    in_responses: HashSet<String>,
}

impl Uses {
    fn of(domains: &[Domain]) -> Self {
        let mut uses = Self::default();
        for domain in domains {
            let operations = || domain.operations.iter();
            let bodies = || operations().flat_map(|operation| &operation.request_body);
            let parameters = operations().flat_map(|operation| &operation.parameters);
            let parameters = parameters.map(|parameter| &parameter.schema);
            let responses = operations().flat_map(|operation| {
                let by_status = operation.responses.iter();
                let by_status = by_status.flat_map(|response| &response.schema);
                operation.response_schemas().chain(by_status)
            });
            uses.bodies.extend(bodies().filter_map(whole));
            uses.in_bodies.extend(domain.reached_from(bodies()));
            uses.in_parameters.extend(domain.reached_from(parameters));
            uses.in_responses.extend(domain.reached_from(responses));
        }
        uses
    }
}

/// Returns the schema that a body consists of. An `allOf` with one part is a way to describe it.
fn whole(body: &Value) -> Option<String> {
    match body.get("allOf").and_then(Value::as_array) {
        Some(parts) => match &parts[..] {
            [part] => referenced_schema(part),
            _ => None,
        },
        None => referenced_schema(body),
    }
}

/// Returns a domain of the schemas `names`, with an operation for each that has the uses of all
/// `domains`.
pub(super) fn build(domains: &[Domain], names: &HashSet<String>, tag: &str) -> Domain {
    let mut unit = Domain::without_operations(tag);
    for (name, schema) in domains.iter().flat_map(|domain| &domain.schemas) {
        if names.contains(name) && !unit.schemas.contains_key(name) {
            unit.schemas.insert(name.clone(), schema.clone());
        }
    }
    let Some(template) = domains.iter().find_map(|domain| domain.operations.first()) else {
        return unit;
    };
    let uses = Uses::of(domains);
    let operations = unit.schemas.keys().enumerate().map(|(number, name)| {
        let schema = reference_to(name);
        // A list has no type of its own.
        let list = || json!({ "type": "array", "items": schema });
        let mut operation = empty(template, number);
        if uses.bodies.contains(name) {
            operation.request_body = Some(schema.clone());
        } else if uses.in_bodies.contains(name) {
            operation.request_body = Some(list());
        }
        if uses.in_parameters.contains(name) {
            operation.parameters.push(parameter(list()));
        }
        if uses.in_responses.contains(name) {
            operation.response_body = Some(list());
        }
        operation
    });
    unit.operations = operations.collect();
    unit
}

/// Returns an operation without parameters and bodies.
fn empty(template: &Operation, number: usize) -> Operation {
    Operation {
        id: format!("use_{number}"),
        verb: None,
        parameters: Vec::new(),
        variant: None,
        request_body: None,
        request_format: BodyFormat::Json,
        json_media_type: None,
        body_required: true,
        response_body: None,
        response_format: BodyFormat::Json,
        stream: None,
        responses: Vec::new(),
        pagination: None,
        bulk: None,
        ..template.clone()
    }
}

fn parameter(schema: Value) -> Parameter {
    Parameter {
        name: "value".to_owned(),
        rust_name: String::new(),
        place: ParameterPlace::Query,
        required: false,
        description: String::new(),
        deprecated: false,
        schema,
        style: None,
        media_type: None,
    }
}
