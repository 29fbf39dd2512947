//! The query language of the search bar, as far as cases go: `status:open priority:P1`, `-key:SEC-1`, `title:"out of
//! disk"`, `env:prod OR env:staging`, and plain words, which title, description or key has to contain.
//!
//! Terms must all hold; `OR` separates alternatives. A field that is none of a case's own is one of its attributes.

use serde_json::Value;

use crate::state::{Kind, Record, State};

/// A query that was read.
pub(super) struct Query {
    /// One of these has to hold as a whole.
    alternatives: Vec<Vec<Term>>,
}

struct Term {
    negated: bool,
    field: Option<String>,
    /// In lower case.
    value: String,
}

impl Query {
    /// Reads a query; every text is one.
    pub(super) fn read(text: &str) -> Self {
        let mut alternatives = vec![Vec::new()];
        for word in words(text) {
            match word.as_str() {
                "OR" => alternatives.push(Vec::new()),
                "AND" => {}
                word => {
                    if let Some(last) = alternatives.last_mut() {
                        last.push(Term::read(word));
                    }
                }
            }
        }
        Self { alternatives }
    }

    /// Whether a case is found by it.
    pub(super) fn finds(&self, state: &State, case: &Record) -> bool {
        let holds = |terms: &Vec<Term>| terms.iter().all(|term| term.holds(state, case));
        self.alternatives.iter().any(holds)
    }
}

impl Term {
    fn read(word: &str) -> Self {
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

    fn holds(&self, state: &State, case: &Record) -> bool {
        let found = match &self.field {
            None => ["title", "description", "key"]
                .iter()
                .any(|field| case.text(field).to_lowercase().contains(&self.value)),
            Some(field) => values(state, case, field)
                .iter()
                .any(|value| self.is(value)),
        };
        found != self.negated
    }
}

impl Term {
    /// Whether a value is the one that was asked for; a number may be written in several ways.
    fn is(&self, value: &str) -> bool {
        let number = |text: &str| text.parse::<f64>().ok();
        value.to_lowercase() == self.value
            || number(value).is_some_and(|value| number(&self.value) == Some(value))
    }
}

/// The words of a query; quotation marks hold those together that are between them.
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

/// What a case has under a name that a query can ask for.
pub(super) fn values(state: &State, case: &Record, field: &str) -> Vec<String> {
    let text = |name: &str| vec![case.text(name).to_owned()];
    let named = |kind: Kind, id: &str| {
        let mut names = vec![id.to_owned()];
        if let Some(record) = state.get(kind, id) {
            names.push(record.text("name").to_owned());
            names.push(record.text("key").to_owned());
        }
        names.retain(|name| !name.is_empty());
        names
    };
    match field {
        "status" => ["status", "status_name", "status_group"]
            .map(|name| case.text(name).to_owned())
            .to_vec(),
        "assignee" => text("_assignee"),
        "due_date" => text("_due_date"),
        "resolved_reason" => text("_resolved_reason"),
        "archived" => {
            let archived = case.attributes.get("_archived") == Some(&Value::Bool(true));
            vec![archived.to_string()]
        }
        "project" => named(Kind::Project, case.link("project")),
        "type" => named(Kind::CaseType, case.text("type_id")),
        field if case.attributes.get(field).is_some_and(Value::is_string) => text(field),
        field => ["attributes", "_custom"]
            .iter()
            .filter_map(|name| case.attributes.get(*name)?.get(field))
            .flat_map(|value| match value {
                Value::Array(values) => values.iter().map(plain).collect(),
                value => vec![plain(value)],
            })
            .collect(),
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
