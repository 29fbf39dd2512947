//! Hand-written types for three lists: structures with the documented fields, and closed enums.

#![allow(
    dead_code,
    missing_docs,
    reason = "only decoding is measured, and the fields are those of the documentation"
)]

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Page<T> {
    pub data: Option<Vec<T>>,
    links: Option<Links>,
    included: Option<Vec<serde_json::Value>>,
    meta: Option<Meta>,
}

#[derive(Debug, Deserialize)]
struct Links {
    next: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Meta {
    page: Option<MetaPage>,
}

#[derive(Debug, Deserialize)]
struct MetaPage {
    current: Option<i64>,
    size: Option<i64>,
    total: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub struct Resource<A, R, K> {
    pub id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<K>,
    attributes: Option<A>,
    relationships: Option<R>,
}

#[derive(Debug, Deserialize)]
struct To<K> {
    data: Option<Reference<K>>,
}

#[derive(Debug, Deserialize)]
struct Reference<K> {
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<K>,
}

pub type Outcome = Resource<OutcomeAttributes, ToRule, OutcomeKind>;
pub type Rule = Resource<RuleAttributes, ToScorecard, RuleKind>;
pub type Case = Resource<CaseAttributes, CaseRelationships, CaseKind>;

macro_rules! kinds {
    ($($name:ident { $($variant:ident = $value:literal),+ $(,)? })+) => {
        $(
            #[derive(Debug, Deserialize)]
            pub enum $name {
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
    UserKind { User = "user" }
    CaseType { Standard = "STANDARD" }
    State { Pass = "pass", Fail = "fail", Skip = "skip" }
    Priority { NotDefined = "NOT_DEFINED", P1 = "P1", P2 = "P2", P3 = "P3", P4 = "P4", P5 = "P5" }
    Status { Open = "OPEN", InProgress = "IN_PROGRESS", Closed = "CLOSED" }
    StatusGroup { Open = "SG_OPEN", InProgress = "SG_IN_PROGRESS", Closed = "SG_CLOSED" }
    ValueKind { Url = "URL", Text = "TEXT", Number = "NUMBER", Select = "SELECT" }
    TicketStatus { InProgress = "IN_PROGRESS", Completed = "COMPLETED", Failed = "FAILED" }
}

#[derive(Debug, Deserialize)]
pub struct OutcomeAttributes {
    created_at: Option<String>,
    modified_at: Option<String>,
    remarks: Option<String>,
    service_name: Option<String>,
    state: Option<State>,
}

#[derive(Debug, Deserialize)]
pub struct ToRule {
    rule: Option<To<RuleKind>>,
}

#[derive(Debug, Deserialize)]
pub struct RuleAttributes {
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
pub struct ToScorecard {
    scorecard: Option<To<ScorecardKind>>,
}

#[derive(Debug, Deserialize)]
pub struct CaseAttributes {
    archived_at: Option<String>,
    attributes: Option<BTreeMap<String, Vec<String>>>,
    closed_at: Option<String>,
    created_at: Option<String>,
    custom_attributes: Option<BTreeMap<String, CustomValue>>,
    description: Option<String>,
    jira_issue: Option<JiraIssue>,
    key: Option<String>,
    modified_at: Option<String>,
    priority: Option<Priority>,
    service_now_ticket: Option<ServiceNowTicket>,
    status: Option<Status>,
    status_group: Option<StatusGroup>,
    status_name: Option<String>,
    title: Option<String>,
    #[serde(rename = "type")]
    kind: Option<CaseType>,
    type_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct CustomValue {
    is_multi: bool,
    #[serde(rename = "type")]
    kind: ValueKind,
    value: Values,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Values {
    Text(String),
    Texts(Vec<String>),
    Number(f64),
    Numbers(Vec<f64>),
}

#[derive(Debug, Deserialize)]
struct JiraIssue {
    result: Option<JiraIssueResult>,
    status: Option<TicketStatus>,
}

#[derive(Debug, Deserialize)]
struct JiraIssueResult {
    issue_id: Option<String>,
    issue_key: Option<String>,
    issue_url: Option<String>,
    project_key: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ServiceNowTicket {
    result: Option<ServiceNowTicketResult>,
    status: Option<TicketStatus>,
}

#[derive(Debug, Deserialize)]
struct ServiceNowTicketResult {
    sys_target_link: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct CaseRelationships {
    assignee: Option<To<UserKind>>,
    created_by: Option<To<UserKind>>,
    modified_by: Option<To<UserKind>>,
    project: Option<To<ProjectKind>>,
}
