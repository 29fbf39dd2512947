//! The query language of the search bar, for cases: `status:open priority:P1`, `-key:SEC-1`,
//! `title:"out of disk"`, `env:prod OR env:staging`, and plain words in title, description or key.
//!
//! All terms must match; `OR` separates alternatives. A field that a case does not have is one of
//! its attributes.

use serde_json::Value;

use crate::state::{Kind, Record, State};

/// A parsed query.
pub(super) struct Query {
    /// The alternatives, each a list of terms that must all match.
    alternatives: Vec<Vec<Term>>,
}

struct Term {
    negated: bool,
    field: Option<String>,
    /// In lower case.
    value: String,
}

impl Query {
    /// Parses a query. Every string is a valid query.
    pub(super) fn parse(text: &str) -> Self {
        let mut alternatives = vec![Vec::new()];
        for word in words(text) {
            match word.as_str() {
                "OR" => alternatives.push(Vec::new()),
                "AND" => {}
                word => {
                    if let Some(last) = alternatives.last_mut() {
                        last.push(Term::parse(word));
                    }
                }
            }
        }
        Self { alternatives }
    }

    /// Returns whether a case matches.
    pub(super) fn matches(&self, state: &State, case: &Record) -> bool {
        let matches = |terms: &Vec<Term>| terms.iter().all(|term| term.matches(state, case));
        self.alternatives.iter().any(matches)
    }
}

impl Term {
    fn parse(word: &str) -> Self {
        let (negated, word) = match word.strip_prefix('-') {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, word),
        };
        let (field, value) = match word.split_once(':') {
            Some((field, value)) if !field.is_empty() => (Some(field.to_lowercase()), value),
            _ => (None, word),
        };
        Self {
            negated,
            field,
            value: value.trim_matches('"').to_lowercase(),
        }
    }

    fn matches(&self, state: &State, case: &Record) -> bool {
        let found = match &self.field {
            None => ["title", "description", "key"]
                .iter()
                .any(|field| case.str(field).to_lowercase().contains(&self.value)),
            Some(field) => values(state, case, field)
                .iter()
                .any(|value| self.equals(value)),
        };
        found != self.negated
    }

    /// Returns whether a value equals that of the term. Numbers are compared as numbers.
    fn equals(&self, value: &str) -> bool {
        let number = |text: &str| text.parse::<f64>().ok();
        value.to_lowercase() == self.value
            || number(value).is_some_and(|value| number(&self.value) == Some(value))
    }
}

/// Splits a query into words. Quotation marks enclose a word with spaces.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        if c == '"' {
            quoted = !quoted;
        }
        match words.last_mut() {
            Some(word) if quoted || !c.is_whitespace() => word.push(c),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the values of a case's field.
pub(super) fn values(state: &State, case: &Record, field: &str) -> Vec<String> {
    let text = |name: &str| vec![case.str(name).to_owned()];
    let named = |kind: Kind, id: &str| {
        let mut names = vec![id.to_owned()];
        if let Some(record) = state.get(kind, id) {
            names.push(record.str("name").to_owned());
            names.push(record.str("key").to_owned());
        }
        names.retain(|name| !name.is_empty());
        names
    };
    match field {
        "status" => ["status", "status_name", "status_group"]
            .map(|name| case.str(name).to_owned())
            .to_vec(),
        "assignee" | "created_by" | "modified_by" => vec![case.link(field).to_owned()],
        "due_date" => text("_due_date"),
        "resolved_reason" => text("_resolved_reason"),
        "archived" => {
            vec![case.attributes.contains_key("archived_at").to_string()]
        }
        "project" => named(Kind::Project, case.link("project")),
        "type" => named(Kind::CaseType, case.str("type_id")),
        field if case.attributes.get(field).is_some_and(Value::is_string) => text(field),
        field => ["attributes", "custom_attributes"]
            .iter()
            .filter_map(|name| case.attributes.get(*name)?.get(field))
            // The value of a custom attribute is part of an object.
            .map(|value| value.get("value").unwrap_or(value))
            .flat_map(|value| match value {
                Value::Array(values) => values.iter().map(plain).collect(),
                value => vec![plain(value)],
            })
            .collect(),
    }
}

/// Returns a value as a query would contain it.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
