//! The outcomes of rules: one per rule and entity. A later outcome replaces an earlier one.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexSet;
use serde_json::{Map, Value, json};

use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::list::{Comparison, Filter, Page, attribute, passes, sparse};
use crate::handlers::resource::{reference, resource};
use crate::request::{ApiError, Call, Problem, Reason};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[
    ("UpdateScorecardOutcomes", update),
    ("CreateScorecardOutcomesBatch", create_batch),
    ("ListScorecardOutcomes", list),
];

const FILTERS: &[Filter] = &[
    Filter {
        parameter: "filter[outcome][service_name]",
        comparison: Comparison::Equal,
        field: |_, outcome| attribute(outcome, "service_name"),
    },
    Filter {
        parameter: "filter[outcome][state]",
        comparison: Comparison::Equal,
        field: |_, outcome| attribute(outcome, "state"),
    },
    Filter {
        parameter: "filter[rule][id]",
        comparison: Comparison::Equal,
        field: |_, outcome| outcome.link("rule").into(),
    },
    Filter {
        parameter: "filter[rule][name]",
        comparison: Comparison::Contains,
        field: |state, outcome| of_rule(state, outcome, "name"),
    },
    Filter {
        parameter: "filter[rule][enabled]",
        comparison: Comparison::Equal,
        field: |state, outcome| of_rule(state, outcome, "enabled"),
    },
];

/// The attributes of an included rule.
const INCLUDED_ATTRIBUTES: [&str; 2] = ["name", "scorecard_name"];

/// The kind of the entities that a batch names by `service_name`.
const SERVICE: &str = "service:";

/// Returns an attribute of an outcome's rule.
fn of_rule(state: &State, outcome: &Record, name: &str) -> Value {
    state
        .get(Kind::Rule, outcome.link("rule"))
        .map(|rule| attribute(rule, name))
        .unwrap_or_default()
}

/// Stores a set of results. The vendor's server responds first and stores them later.
fn update(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let results = read_results(state, call, |result| {
        let reference = property(result, "entity_reference");
        let is_complete = reference
            .split_once(':')
            .is_some_and(|(kind, name)| !kind.is_empty() && !name.is_empty());
        is_complete.then(|| reference.to_owned()).ok_or_else(|| {
            let detail = format!(
                "`{reference}` is not an entity reference; send kind and name, such as \
                 `service:my-service`"
            );
            ("entity_reference", detail)
        })
    })?;
    let received = results.len();
    store(state, results);
    if call.documented_only {
        return Ok(None);
    }
    let id = state.next_id(Kind::Link);
    Ok(Some(json!({
        "data": { "id": id, "type": "async-request" },
        "meta": { "total_received": received },
    })))
}

fn create_batch(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let results = read_results(state, call, |result| {
        Ok(format!("{SERVICE}{}", property(result, "service_name")))
    })?;
    let received = results.len();
    let touched = store(state, results);
    let outcomes: Vec<_> = touched
        .iter()
        .filter_map(|id| state.get(Kind::Outcome, id))
        .collect();
    let data: Vec<_> = outcomes
        .iter()
        .map(|outcome| rendered(outcome, outcome.attributes.clone()))
        .collect();
    Ok(Some(json!({
        "data": data,
        "meta": { "total_received": received, "total_updated": touched.len() },
    })))
}

/// One valid result of a set.
struct Submitted {
    rule_id: String,
    entity: String,
    state: Value,
    remarks: Option<Value>,
}

impl Submitted {
    /// Writes the result to the outcome of its rule and entity.
    fn write(self, outcome: &mut Record, now: &str) {
        let service_name = self.entity.strip_prefix(SERVICE).unwrap_or(&self.entity);
        outcome.set("service_name", service_name);
        outcome.set("state", self.state);
        outcome.set("modified_at", now);
        match self.remarks {
            Some(remarks) => outcome.set("remarks", remarks),
            // A result without remarks removes earlier ones.
            None => drop(outcome.attributes.remove("remarks")),
        }
        outcome.set_link("rule", self.rule_id);
        outcome.set_link("entity", self.entity);
    }
}

/// Returns a property of type string.
fn property<'r>(result: &'r Map<String, Value>, name: &str) -> &'r str {
    result.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Reads all results of a set. If one is invalid, none is stored. If only rules are missing, the
/// set conflicts with the state.
fn read_results(
    state: &State,
    call: &Call<'_>,
    entity_of: impl Fn(&Map<String, Value>) -> Result<String, (&'static str, String)>,
) -> Result<Vec<Submitted>, ApiError> {
    let mut submitted = Vec::new();
    let mut problems = Vec::new();
    let mut reason = Reason::Conflict;
    let results = call
        .body
        .pointer("/data/attributes/results")
        .and_then(Value::as_array);
    for (index, result) in results
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .enumerate()
    {
        let pointer = |name: &str| format!("/data/attributes/results/{index}/{name}");
        let rule_id = property(result, "rule_id").to_owned();
        if state.get(Kind::Rule, &rule_id).is_none() {
            problems.push(Problem::in_body(
                pointer("rule_id"),
                format!("there is no rule `{rule_id}`; create it first"),
            ));
        }
        match entity_of(result) {
            Ok(entity) => submitted.push(Submitted {
                rule_id,
                entity,
                state: result.get("state").cloned().unwrap_or_default(),
                remarks: result.get("remarks").cloned(),
            }),
            Err((name, detail)) => {
                reason = Reason::Invalid;
                problems.push(Problem::in_body(pointer(name), detail));
            }
        }
    }
    if problems.is_empty() {
        Ok(submitted)
    } else {
        Err(ApiError::with(reason, problems))
    }
}

/// Stores results, and returns the identifiers of their outcomes.
fn store(state: &mut State, results: Vec<Submitted>) -> IndexSet<String> {
    let now = state.clock.now_text();
    let pair = |outcome: &Record| {
        (
            outcome.link("rule").to_owned(),
            outcome.link("entity").to_owned(),
        )
    };
    let mut known: HashMap<_, _> = state
        .all(Kind::Outcome)
        .map(|outcome| (pair(outcome), outcome.id.clone()))
        .collect();
    let mut touched = IndexSet::new();
    for result in results {
        let key = (result.rule_id.clone(), result.entity.clone());
        let stored = known
            .get(&key)
            .and_then(|id| state.get_mut(Kind::Outcome, id));
        let id = match stored {
            Some(outcome) => {
                result.write(outcome, &now);
                outcome.id.clone()
            }
            None => {
                let mut outcome = Record::default();
                outcome.set("created_at", now.as_str());
                result.write(&mut outcome, &now);
                state.insert(Kind::Outcome, outcome).id
            }
        };
        known.insert(key, id.clone());
        touched.insert(id);
    }
    touched
}

fn list(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let outcomes = state
        .all(Kind::Outcome)
        .filter(|outcome| passes(FILTERS, call, state, outcome))
        .collect();
    let page = Page::cut(call, "page[size]", outcomes)?;
    let links = page.links(call);
    let rule_ids: BTreeSet<&str> = page
        .items
        .iter()
        .map(|outcome: &&Record| outcome.link("rule"))
        .collect();
    let rules = rule_ids
        .into_iter()
        .filter_map(|id| state.get(Kind::Rule, id))
        .map(|rule| {
            let mut attributes = sparse(call, "fields[rule]", &rule.attributes);
            attributes.retain(|name, _| INCLUDED_ATTRIBUTES.contains(&name.as_str()));
            resource(Kind::Rule, rule, attributes)
        });
    let rules: Vec<_> = rules.collect();
    let page = page.map(|outcome| {
        rendered(
            outcome,
            sparse(call, "fields[outcome]", &outcome.attributes),
        )
    });
    let mut body = json!({ "data": page.items, "links": links });
    if call.lists("include", "rule") {
        body["included"] = rules.into();
    }
    Ok(Some(body))
}

fn rendered(outcome: &Record, attributes: Map<String, Value>) -> Value {
    let mut resource = resource(Kind::Outcome, outcome, attributes);
    resource["relationships"] = json!({ "rule": reference("rule", outcome.link("rule")) });
    resource
}
