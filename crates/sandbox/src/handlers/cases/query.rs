//! The query language of the search bar, for cases: `status:open priority:P1`, `-key:SEC-1`,
//! `title:"out of disk"`, `env:prod OR env:staging`, `status:(open OR closed)`, `title:Sec*`, and
//! plain words in title, description or key.
//!
//! All terms must match; `OR` separates alternatives. A field that a case does not have is one of
//! its attributes. Syntax that the sandbox does not have is an error.

use serde_json::Value;

use crate::handlers::vendor_additions::{CREATION_SOURCE, comment_count, public_id};
use crate::state::{Kind, Record, State};

/// The fields of the vendor's cases that the sandbox does not have.
const MISSING_FIELDS: [&str; 2] = ["insights", "merge_status"];

/// The first characters of values that the vendor reads as ranges.
const RANGES: [char; 4] = ['>', '<', '[', '{'];

/// The maximum number of parentheses inside each other.
const MAX_DEPTH: usize = 32;

/// A parsed query.
pub(super) enum Query {
    /// All parts match. A query without parts matches every case.
    All(Vec<Query>),
    /// One of the parts matches.
    Any(Vec<Query>),
    /// The part does not match.
    Not(Box<Query>),
    /// A field, or without a field the text of the case, has the value.
    Term {
        field: Option<String>,
        /// In lower case.
        value: String,
    },
}

impl Query {
    /// Parses a query.
    ///
    /// # Errors
    ///
    /// Returns an error if it has syntax that the sandbox does not have; the message names it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text };
        let query = parser.any(None, 0)?;
        if parser.rest.is_empty() {
            Ok(query)
        } else {
            Err("`)` has no `(` before it; write text with parentheses in quotation marks".into())
        }
    }

    /// Returns true if a case matches.
    pub(super) fn matches(&self, state: &State, case: &Record) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(state, case)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(state, case)),
            Self::Not(part) => !part.matches(state, case),
            Self::Term { field: None, value } => ["title", "description", "key"]
                .iter()
                .any(|field| case.str(field).to_lowercase().contains(value)),
            Self::Term {
                field: Some(field),
                value,
            } => values(state, case, field)
                .iter()
                .any(|found| equals(value, found)),
        }
    }
}

/// Returns true if a value equals that of a term, in which `*` stands for any text. Numbers are
/// compared as numbers.
fn equals(wanted: &str, value: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    let value = value.to_lowercase();
    let mut parts = wanted.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(last) = parts.next_back() else {
        return value == wanted
            || number(&value).is_some_and(|value| number(wanted) == Some(value));
    };
    let Some(mut rest) = value.strip_prefix(first) else {
        return false;
    };
    for part in parts {
        match rest.find(part) {
            Some(start) => rest = &rest[start + part.len()..],
            None => return false,
        }
    }
    // A star alone stands for a field that is set.
    rest.ends_with(last) && !value.is_empty()
}

/// A parser of the rest of a query.
struct Parser<'t> {
    rest: &'t str,
}

impl Parser<'_> {
    /// Parses alternatives, up to the end or a closing parenthesis. Words without a field get
    /// `field`.
    fn any(&mut self, field: Option<&str>, depth: usize) -> Result<Query, String> {
        if depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} `(` inside each other"));
        }
        let mut alternatives = Vec::new();
        let mut all = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with(')') {
                alternatives.push(Query::All(all));
                return Ok(Query::Any(alternatives));
            }
            if self.takes_word("OR") {
                alternatives.push(Query::All(std::mem::take(&mut all)));
            } else if !self.takes_word("AND") {
                all.push(self.part(field, depth)?);
            }
        }
    }

    /// Takes an operator, if it is the next word.
    fn takes_word(&mut self, word: &str) -> bool {
        let Some(rest) = self.rest.strip_prefix(word) else {
            return false;
        };
        let ends = rest.is_empty() || rest.starts_with([' ', '\t', '\n', '(', ')']);
        if ends {
            self.rest = rest;
        }
        ends
    }

    /// Parses a term, a group, or the negation of one.
    fn part(&mut self, field: Option<&str>, depth: usize) -> Result<Query, String> {
        let negation = self.rest.strip_prefix('-');
        let negation = negation.filter(|rest| !rest.is_empty() && !rest.starts_with(' '));
        if let Some(rest) = negation {
            self.rest = rest;
            return Ok(Query::Not(Box::new(self.positive(field, depth)?)));
        }
        if self.takes_word("NOT") {
            self.rest = self.rest.trim_start();
            return Ok(Query::Not(Box::new(self.positive(field, depth)?)));
        }
        self.positive(field, depth)
    }

    fn positive(&mut self, field: Option<&str>, depth: usize) -> Result<Query, String> {
        if self.rest.starts_with('(') {
            return self.group(field, depth);
        }
        let word = self.word()?;
        if word.is_empty() {
            return Err("a negation has nothing after it".to_owned());
        }
        let named = word
            .split_once(':')
            .filter(|(name, _)| !name.is_empty() && !name.contains('"'));
        let Some((name, value)) = named else {
            return Ok(term(field.map(str::to_owned), &word));
        };
        let name = name.to_lowercase();
        if let Some(field) = field {
            return Err(format!(
                "`{word}` is inside the values of `{field}`; send values only"
            ));
        }
        if MISSING_FIELDS.contains(&name.as_str()) {
            return Err(format!("the sandbox has no field `{name}`"));
        }
        if value.is_empty() && self.rest.starts_with('(') {
            return self.group(Some(&name), depth);
        }
        if value.starts_with(RANGES) {
            return Err(format!("the range `{value}` of `{name}` is not supported"));
        }
        Ok(term(Some(name), value))
    }

    /// Parses the terms in parentheses.
    fn group(&mut self, field: Option<&str>, depth: usize) -> Result<Query, String> {
        self.rest = self.rest.strip_prefix('(').unwrap_or(self.rest);
        let inner = self.any(field, depth + 1)?;
        let Some(rest) = self.rest.strip_prefix(')') else {
            return Err("`(` has no `)` after it".to_owned());
        };
        self.rest = rest;
        Ok(inner)
    }

    /// Takes the next word. Quotation marks enclose a word with spaces and parentheses.
    fn word(&mut self) -> Result<String, String> {
        let mut quoted = false;
        let end = self.rest.find(|c: char| {
            quoted ^= c == '"';
            !quoted && (c.is_whitespace() || c == '(' || c == ')')
        });
        if end.is_none() && quoted {
            return Err("a quotation mark has no second one".to_owned());
        }
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Ok(word.to_owned())
    }
}

fn term(field: Option<String>, value: &str) -> Query {
    Query::Term {
        field,
        value: value.trim_matches('"').to_lowercase(),
    }
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
        "comment_count" => vec![comment_count(state, case).to_string()],
        "creation_source" => vec![CREATION_SOURCE.to_owned()],
        "public_id" => vec![public_id(case).to_owned()],
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
