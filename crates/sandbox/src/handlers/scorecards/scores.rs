//! Scores, computed from the rules and outcomes at the time of the request.
//!
//! Every rule is paired with every entity of any outcome. A pair without an outcome has no data.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::handlers::handler::{Entry, HandlerResult};
use crate::handlers::list::{Comparison, Filter, Page, attribute, passes};
use crate::handlers::resource::reference;
use crate::request::{ApiError, Call};
use crate::state::{Kind, Record, State};

pub(super) const HANDLERS: &[Entry] = &[("ListScorecardScores", list)];

const FILTERS: &[Filter] = &[
    Filter {
        parameter: "filter[rule][id]",
        comparison: Comparison::OneOf,
        field: |_, rule| rule.id.clone().into(),
    },
    Filter {
        parameter: "filter[rule][name]",
        comparison: Comparison::Contains,
        field: |_, rule| attribute(rule, "name"),
    },
    Filter {
        parameter: "filter[rule][level]",
        comparison: Comparison::OneOf,
        field: |_, rule| attribute(rule, "level"),
    },
    Filter {
        parameter: "filter[rule][scorecard_id]",
        comparison: Comparison::OneOf,
        field: |_, rule| rule.link("scorecard").into(),
    },
    Filter {
        parameter: "filter[rule][is_custom]",
        comparison: Comparison::Equal,
        field: |_, rule| attribute(rule, "custom"),
    },
    Filter {
        parameter: "filter[rule][is_enabled]",
        comparison: Comparison::Equal,
        field: |_, rule| attribute(rule, "enabled"),
    },
];

/// The attributes by which scores can be sorted.
const SORTABLE: [&str; 7] = [
    "score",
    "numerator",
    "denominator",
    "total_pass",
    "total_fail",
    "total_skip",
    "total_no_data",
];

/// A way to group scores.
struct Aggregation {
    /// Its name in the path.
    name: &'static str,
    /// Returns the group of a rule and an entity, if they belong to one.
    group: fn(&Record, &str) -> Option<String>,
    /// Returns the relationships of a group's score, from one rule of the group.
    relationships: fn(&str, &Record) -> Value,
}

const AGGREGATIONS: [Aggregation; 5] = [
    Aggregation {
        name: "by-entity",
        group: |_, entity| Some(entity.to_owned()),
        relationships: |entity, _| match entity.strip_prefix("service:") {
            Some(service) => {
                json!({
                    "entity": reference("entity", entity),
                    "service": reference("service", service),
                })
            }
            None => json!({ "entity": reference("entity", entity) }),
        },
    },
    Aggregation {
        name: "by-rule",
        group: |rule, _| Some(rule.id.clone()),
        relationships: |id, rule| {
            json!({
                "rule": reference("rule", id),
                "scorecard": reference("scorecard", rule.link("scorecard")),
            })
        },
    },
    Aggregation {
        name: "by-scorecard",
        group: |rule, _| Some(rule.link("scorecard").to_owned()),
        relationships: |id, _| json!({ "scorecard": reference("scorecard", id) }),
    },
    Aggregation {
        name: "by-team",
        // The sandbox has no catalog of teams, so the team is the owner of the rule.
        group: |rule, _| {
            Some(rule.str("owner"))
                .filter(|owner| !owner.is_empty())
                .map(str::to_owned)
        },
        relationships: |id, _| json!({ "team": reference("team", id) }),
    },
    Aggregation {
        name: "by-kind",
        group: |_, entity| entity.split_once(':').map(|(kind, _)| kind.to_owned()),
        relationships: |_, _| json!({}),
    },
];

/// The number of outcomes of each state in one group.
struct Tally<'s> {
    rule: &'s Record,
    pass: u64,
    fail: u64,
    skip: u64,
    no_data: u64,
    evaluated: BTreeSet<&'s str>,
}

impl<'s> Tally<'s> {
    fn new(rule: &'s Record) -> Self {
        Self {
            rule,
            pass: 0,
            fail: 0,
            skip: 0,
            no_data: 0,
            evaluated: BTreeSet::new(),
        }
    }

    fn count(&mut self, entity: &'s str, state: Option<&str>) {
        match state {
            Some("pass") => self.pass += 1,
            Some("fail") => self.fail += 1,
            Some(_) => self.skip += 1,
            None => self.no_data += 1,
        }
        if state.is_some() {
            self.evaluated.insert(entity);
        }
    }

    fn attributes(&self, aggregation: &str) -> Map<String, Value> {
        let denominator = self.pass + self.fail;
        // The numbers are far below 2^53, up to which a double is exact.
        let score = if denominator == 0 {
            0.0
        } else {
            self.pass as f64 / denominator as f64
        };
        let mut attributes = Map::new();
        let numbers = [
            ("numerator", self.pass),
            ("denominator", denominator),
            ("total_entities", self.evaluated.len() as u64),
            ("total_pass", self.pass),
            ("total_fail", self.fail),
            ("total_skip", self.skip),
            ("total_no_data", self.no_data),
        ];
        attributes.extend(numbers.map(|(name, number)| (name.to_owned(), number.into())));
        attributes.insert("aggregation".to_owned(), aggregation.into());
        attributes.insert("score".to_owned(), score.into());
        if let ("by-rule", Some(level)) = (aggregation, self.rule.attributes.get("level")) {
            attributes.insert("level".to_owned(), level.clone());
        }
        attributes
    }
}

fn list(state: &mut State, call: &Call<'_>) -> HandlerResult {
    let name = call.path_str("aggregation");
    let Some(aggregation) = AGGREGATIONS
        .iter()
        .find(|aggregation| aggregation.name == name)
    else {
        let known: Vec<_> = AGGREGATIONS
            .iter()
            .map(|aggregation| aggregation.name)
            .collect();
        return Err(ApiError::invalid_parameter(
            "aggregation",
            format!(
                "`{name}` is not an aggregation; send one of {}",
                known.join(", ")
            ),
        ));
    };
    let mut scores: Vec<Value> = tallies(state, call, aggregation)
        .into_iter()
        .map(|(id, tally)| {
            json!({
                "id": id,
                "type": "score",
                "attributes": tally.attributes(name),
                "relationships": (aggregation.relationships)(&id, tally.rule),
            })
        })
        .collect();
    sort(call, &mut scores)?;
    let page = Page::cut(call, "page[limit]", scores)?;
    Ok(Some(
        json!({ "links": page.links(call), "meta": page.meta(), "data": page.items }),
    ))
}

/// Counts the outcomes of every group.
fn tallies<'s>(
    state: &'s State,
    call: &Call<'_>,
    aggregation: &Aggregation,
) -> IndexMap<String, Tally<'s>> {
    let outcomes: IndexMap<(&str, &str), &str> = state
        .all(Kind::Outcome)
        .map(|outcome| {
            (
                (outcome.link("rule"), outcome.link("entity")),
                outcome.str("state"),
            )
        })
        .collect();
    let entities: BTreeSet<&str> = outcomes.keys().map(|(_, entity)| *entity).collect();
    let mut tallies = IndexMap::new();
    for rule in state
        .all(Kind::Rule)
        .filter(|rule| passes(FILTERS, call, state, rule))
    {
        for entity in &entities {
            if let Some(group) = (aggregation.group)(rule, entity) {
                let tally = tallies.entry(group).or_insert_with(|| Tally::new(rule));
                tally.count(entity, outcomes.get(&(rule.id.as_str(), *entity)).copied());
            }
        }
    }
    tallies
}

/// Sorts by the attribute that `sort` names, in descending order after a hyphen.
fn sort(call: &Call<'_>, scores: &mut [Value]) -> Result<(), ApiError> {
    let Some(sort) = call.query_str("sort") else {
        return Ok(());
    };
    let name = sort.strip_prefix('-').unwrap_or(sort);
    if !SORTABLE.contains(&name) {
        let detail = format!(
            "`{name}` is not a field to sort by; send one of {}",
            SORTABLE.join(", ")
        );
        return Err(ApiError::invalid_parameter("sort", detail));
    }
    let key = |score: &Value| score["attributes"][name].as_f64().unwrap_or_default();
    scores.sort_by(|left, right| {
        let order = key(left).total_cmp(&key(right));
        if sort.starts_with('-') {
            order.reverse()
        } else {
            order
        }
    });
    Ok(())
}
