//! Rows: a JSON value as named cells.

use serde_json::{Map, Value};

use super::clean::clean_line;

/// The properties of an item, in the order of the server.
///
/// A JSON:API resource is looked through: its attributes follow its id, and a relationship is the
/// id that it refers to.
pub(crate) struct Row {
    cells: Vec<(String, Value)>,
}

impl Row {
    pub(crate) fn of(item: &Value) -> Self {
        let mut row = Self { cells: Vec::new() };
        let Value::Object(item) = item else {
            row.cells.push(("value".to_owned(), item.clone()));
            return row;
        };
        let Some(Value::Object(attributes)) = item.get("attributes") else {
            row.add_all(item);
            return row;
        };
        for (name, value) in item {
            match (name.as_str(), value) {
                ("attributes" | "relationships" | "links" | "type", _) => {}
                _ => row.add(name, value),
            }
        }
        row.add_all(attributes);
        if let Some(Value::Object(relationships)) = item.get("relationships") {
            for (name, relationship) in relationships {
                match relationship.pointer("/data/id") {
                    Some(id) => row.add(name, id),
                    None => row.add(name, relationship),
                }
            }
        }
        row
    }

    fn add_all(&mut self, properties: &Map<String, Value>) {
        for (name, value) in properties {
            self.add(name, value);
        }
    }

    fn add(&mut self, name: &str, value: &Value) {
        if !self.cells.iter().any(|(known, _)| known == name) {
            self.cells.push((name.to_owned(), value.clone()));
        }
    }

    /// Returns the names of the cells, without those that hold objects or lists of them.
    pub(super) fn simple_names(&self) -> impl Iterator<Item = &str> {
        let is_simple = |value: &Value| match value {
            Value::Array(items) => !items.is_empty() && !items.iter().any(is_compound),
            value => !is_compound(value),
        };
        let cells = self.cells.iter();
        cells
            .filter(move |(_, value)| is_simple(value))
            .map(|(name, _)| name.as_str())
    }

    /// Returns the names of all cells.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|(name, _)| name.as_str())
    }

    /// Returns the value of a cell.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let (_, value) = self.cells.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Returns the text of a cell, on one line. A missing one is empty.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).map_or_else(String::new, text)
    }

    /// Returns the id of the item, or another property that names it. If it has none, returns its
    /// first simple value, apart from the action of a plan.
    pub(super) fn name(&self) -> Option<String> {
        let keys = ["id", "key", "name", "title", "value", "address"];
        let mut known = keys.iter().filter_map(|key| self.get(key));
        let known = known.find(|value| !value.is_null());
        let is_name = |(name, value): &&(String, Value)| {
            name != "action" && !value.is_null() && !is_compound(value)
        };
        let first = || self.cells.iter().find(is_name).map(|(_, value)| value);
        Some(text(known.or_else(first)?))
    }
}

fn is_compound(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

/// Returns a value as text on one line.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => clean_line(text),
        Value::Array(items) if !items.iter().any(is_compound) => {
            let texts: Vec<String> = items.iter().map(text).collect();
            texts.join(", ")
        }
        other => clean_line(&other.to_string()),
    }
}
