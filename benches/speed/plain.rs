//! What somebody writes by hand for three lists: structures with the fields of the documentation and closed enums.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
pub(crate) struct Page<T> {
    pub(crate) data: Option<Vec<T>>,
    links: Option<Links>,
    included: Option<Vec<serde_json::Value>>,
    meta: Option<Meta>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
struct Links {
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
struct Meta {
    page: Option<MetaPage>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
struct MetaPage {
    current: Option<i64>,
    size: Option<i64>,
    total: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
pub(crate) struct Resource<A, R, K> {
    pub(crate) id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<K>,
    attributes: Option<A>,
    relationships: Option<R>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
struct To<K> {
    data: Option<Reference<K>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
struct Reference<K> {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<K>,
}

pub(crate) type Outcome = Resource<OutcomeAttributes, ToRule, OutcomeKind>;
pub(crate) type Rule = Resource<RuleAttributes, ToScorecard, RuleKind>;
pub(crate) type Case = Resource<CaseAttributes, ToProject, CaseKind>;

macro_rules! kinds {
    ($($name:ident { $($variant:ident = $value:literal),+ $(,)? })+) => {
        $(
            #[derive(Debug, Deserialize)]
            pub(crate) enum $name {
                $(#[serde(rename = $value)] $variant),+
            }
        )+
    };
}

kinds! {
    OutcomeKind { Outcome = "outcome" }
    RuleKind { Rule = "rule" }
    ScorecardKind { Scorecard = "scorecard" }
    CaseKind { Case = "case" }
    ProjectKind { Project = "project" }
    CaseType { Standard = "STANDARD" }
    State { Pass = "pass", Fail = "fail", Skip = "skip" }
    Priority { NotDefined = "NOT_DEFINED", P1 = "P1", P2 = "P2", P3 = "P3", P4 = "P4", P5 = "P5" }
    Status { Open = "OPEN", InProgress = "IN_PROGRESS", Closed = "CLOSED" }
    StatusGroup { Open = "SG_OPEN", InProgress = "SG_IN_PROGRESS", Closed = "SG_CLOSED" }
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
pub(crate) struct OutcomeAttributes {
    created_at: Option<String>,
    modified_at: Option<String>,
    remarks: Option<String>,
    service_name: Option<String>,
    state: Option<State>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
pub(crate) struct ToRule {
    rule: Option<To<RuleKind>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
pub(crate) struct RuleAttributes {
    category: Option<String>,
    created_at: Option<String>,
    custom: Option<bool>,
    description: Option<String>,
    enabled: Option<bool>,
    level: Option<i32>,
    modified_at: Option<String>,
    name: Option<String>,
    owner: Option<String>,
    scope_query: Option<String>,
    scorecard_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
pub(crate) struct ToScorecard {
    scorecard: Option<To<ScorecardKind>>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
pub(crate) struct CaseAttributes {
    attributes: Option<BTreeMap<String, Vec<String>>>,
    created_at: Option<String>,
    description: Option<String>,
    key: Option<String>,
    priority: Option<Priority>,
    status: Option<Status>,
    status_group: Option<StatusGroup>,
    status_name: Option<String>,
    title: Option<String>,
    #[serde(rename = "type")]
    kind: Option<CaseType>,
    type_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "decoding is what is measured")]
pub(crate) struct ToProject {
    project: Option<To<ProjectKind>>,
}
