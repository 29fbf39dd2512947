//! The changes of one schema.

use serde_json::{Map, Value, json};

use super::adopt::{self, TODO};
use super::compare::{Group, Side};
use super::facts::{self, BOUNDS, names, properties, resolve, text};
use super::plan::Planner;
use super::text::{Position, Unchangeable, path_of};
use crate::document::node::Node;

/// The keywords that stand before `required` and `properties`.
const HEAD: [&str; 4] = ["nullable", "description", "format", "type"];

impl Planner<'_> {
    /// Plans the changes of the schema `name`.
    pub(super) fn schema_group(&mut self, name: &str, group: &Group) {
        let theirs = self.theirs["components"]["schemas"].get(name);
        let (Some(ours), Some(theirs)) = (self.ours.schema(name), theirs) else {
            // It arrives with its first use, and goes with its last one.
            return;
        };
        self.anchor = Some(name.to_owned());
        let is_value = |statement: &str| statement.starts_with("= ");
        let is_open = |statement: &str| {
            statement == "closed" || statement.starts_with("additional properties ")
        };
        let header = group.at(name);
        if header
            .iter()
            .any(|(_, statement)| !is_value(statement) && !is_open(statement))
        {
            return self.replace_schema(name, ours, theirs);
        }
        if header.iter().any(|(_, statement)| is_open(statement)) {
            self.additional_properties(name, ours, theirs);
        }
        self.values(name, ours, header);
        self.object(name, ours, theirs, group);
    }

    /// Replaces a schema of another kind. Its description stays.
    fn replace_schema(&mut self, name: &str, ours: &Node, theirs: &Value) {
        let path = path_of(&ours.location);
        let file = self.ours.file(&path);
        let Some(all) = file.and_then(|file| file.pointer("/components/schemas")) else {
            return;
        };
        let mut value = self.localized(adopt::schema(theirs, true), &path);
        keep_description(&mut value, ours);
        let outcome = self.files.set(all, name, &value, Position::Last);
        self.note(name, outcome);
    }

    fn additional_properties(&mut self, place: &str, ours: &Node, theirs: &Value) {
        let keyword = "additionalProperties";
        let outcome = match theirs.get(keyword) {
            None => self.files.remove(ours, keyword),
            Some(further) => {
                let further = match further {
                    Value::Bool(_) => further.clone(),
                    further => adopt::schema(further, false),
                };
                let further = self.localized(further, &path_of(&ours.location));
                self.files.set(ours, keyword, &further, Position::Last)
            }
        };
        self.note(place, outcome);
    }

    /// Plans the changes of the properties of an object.
    pub(super) fn object(&mut self, place: &str, ours: &Node, theirs: &Value, group: &Group) {
        let our_fields = ours.get("properties");
        let path = path_of(&ours.location);
        let mut added = Map::new();
        let mut previous = None;
        for (field, schema) in properties(&theirs["properties"]) {
            let at = format!("{place}.{field}");
            let existing = our_fields.and_then(|fields| fields.get(field));
            match (our_fields, existing) {
                (Some(fields), Some(existing)) => {
                    previous = Some(field.as_str());
                    self.property(fields, field, existing, schema, &at, group);
                }
                _ if !group.has(&at) => {}
                (Some(fields), None) => {
                    let value = self.localized(adopt::schema(schema, true), &path);
                    let position = previous.map_or(Position::First, Position::After);
                    let outcome = self.files.set(fields, field, &value, position);
                    self.note(&at, outcome);
                }
                (None, _) => {
                    let value = self.localized(adopt::schema(schema, true), &path);
                    added.insert(field.clone(), value);
                }
            }
        }
        if !added.is_empty() {
            let value = added.into();
            let outcome = self.files.set(ours, "properties", &value, Position::Last);
            self.note(place, outcome);
        }
        let fields = our_fields.and_then(Node::properties).into_iter().flatten();
        for (field, _) in fields {
            let at = format!("{place}.{field}");
            if theirs["properties"].get(field).is_none()
                && group.has(&at)
                && let Some(fields) = our_fields
            {
                let outcome = self.files.remove(fields, field);
                self.note(&at, outcome);
            }
        }
        self.required(place, ours, theirs, group);
    }

    /// Plans the change of the list of required properties.
    fn required(&mut self, place: &str, ours: &Node, theirs: &Value, group: &Group) {
        let before = ours.get("required").map(Node::to_value).unwrap_or_default();
        let theirs_required = names(&theirs["required"]);
        let mut required: Vec<&str> = names(&before);
        let is_changed = |field: &str| !group.at(&format!("{place}.{field}")).is_empty();
        required.retain(|field| !is_changed(field) || theirs_required.contains(field));
        for field in &theirs_required {
            if is_changed(field) && !required.contains(field) {
                required.push(field);
            }
        }
        if required == names(&before) {
            return;
        }
        let outcome = match required.is_empty() {
            true => self.files.remove(ours, "required"),
            false => {
                let anchor = HEAD.into_iter().find(|keyword| ours.get(keyword).is_some());
                let position = anchor.map_or(Position::First, Position::After);
                self.files.set(ours, "required", &json!(required), position)
            }
        };
        self.note(place, outcome);
    }

    /// Plans the changes of one property, the entry `field` of `parent`.
    fn property(
        &mut self,
        parent: &Node,
        field: &str,
        ours: &Node,
        theirs: &Value,
        place: &str,
        group: &Group,
    ) {
        let statements = group.at(place);
        if !statements.is_empty() {
            let ours_value = ours.to_value();
            let types = [
                facts::type_of(&self.ours.value, &ours_value),
                facts::type_of(self.theirs, theirs),
            ];
            if types[0] != types[1] {
                let path = path_of(&parent.location);
                let mut value = self.localized(adopt::schema(theirs, true), &path);
                keep_description(&mut value, ours);
                let outcome = self.files.set(parent, field, &value, Position::Last);
                return self.note(place, outcome);
            }
            let others: Vec<&str> = parent
                .properties()
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str())
                .filter(|name| *name != field)
                .collect();
            let changes = self.keywords(theirs, statements);
            let outcome = self.set_keywords(parent, field, ours, &changes, theirs, &others);
            self.note(place, outcome);
            self.values(place, ours, statements);
        }
        if ours.get("properties").is_some() {
            self.object(place, ours, theirs, group);
        } else if let Some(items) = ours.get("items")
            && items.get("properties").is_some()
        {
            self.object(&format!("{place}[]"), items, &theirs["items"], group);
        }
    }

    /// Returns the keywords of a value that change: the new value, or `None` if it goes.
    pub(super) fn keywords(
        &self,
        theirs: &Value,
        statements: &[(Side, String)],
    ) -> Vec<(&'static str, Option<Value>)> {
        let bound = |statement: &str| {
            let word = statement.split(' ').next().unwrap_or_default();
            BOUNDS
                .into_iter()
                .find(|bound| *bound == word && statement.len() > word.len())
        };
        let flags = |side: Side| {
            let mut statements = statements.iter();
            let found = statements.find(|(of, statement)| {
                *of == side && bound(statement).is_none() && !statement.starts_with("= ")
            });
            found.map(|(_, statement)| statement.split(' ').collect::<Vec<_>>())
        };
        let mut changes = Vec::new();
        if let (Some(theirs), Some(ours)) = (flags(Side::Theirs), flags(Side::Ours)) {
            for flag in ["nullable", "deprecated"] {
                match (theirs.contains(&flag), ours.contains(&flag)) {
                    (true, false) => changes.push((flag, Some(true.into()))),
                    (false, true) => changes.push((flag, None)),
                    _ => {}
                }
            }
        }
        let named = resolve(self.theirs, theirs);
        for (side, statement) in statements {
            let Some(bound) = bound(statement) else {
                continue;
            };
            let is_theirs = |(side, other): &(Side, String)| {
                *side == Side::Theirs && other.starts_with(&format!("{bound} "))
            };
            match side {
                Side::Theirs => {
                    let value = theirs.get(bound).or_else(|| named.get(bound));
                    changes.push((bound, value.cloned()));
                }
                Side::Ours if !statements.iter().any(is_theirs) => changes.push((bound, None)),
                Side::Ours => {}
            }
        }
        changes
    }

    fn set_keywords(
        &mut self,
        parent: &Node,
        field: &str,
        ours: &Node,
        changes: &[(&'static str, Option<Value>)],
        theirs: &Value,
        others: &[&str],
    ) -> Result<(), Unchangeable> {
        if changes.is_empty() {
            return Ok(());
        }
        let is_deprecated = changes.contains(&("deprecated", Some(true.into())));
        let sentence = is_deprecated.then(|| adopt::deprecation(theirs, others));
        if ours.reference().is_some() {
            // Keywords next to a reference mean nothing in OpenAPI 3.0.
            let reference = self.localized(ours.to_value(), &path_of(&parent.location));
            let mut value = json!({"allOf": [reference]});
            if let Some(sentence) = sentence {
                value["description"] = sentence.into();
            }
            let set = changes
                .iter()
                .filter_map(|(name, value)| Some((name, value.as_ref()?)));
            for (keyword, wanted) in set {
                value[*keyword] = wanted.clone();
            }
            return self.files.set(parent, field, &value, Position::Last);
        }
        for (keyword, value) in changes {
            match value {
                Some(value) => {
                    fits(ours, keyword, value)?;
                    let anchor = ["description", "format", "type", "allOf"];
                    let anchor = anchor.into_iter().find(|name| ours.get(name).is_some());
                    let position = anchor.map_or(Position::Last, Position::After);
                    self.files.set(ours, keyword, value, position)?;
                }
                None => self.files.remove(ours, keyword)?,
            }
        }
        match sentence {
            Some(sentence) => self.prefix_description(ours, &sentence),
            None => Ok(()),
        }
    }

    /// Adds a sentence before a description.
    pub(super) fn prefix_description(
        &mut self,
        ours: &Node,
        sentence: &str,
    ) -> Result<(), Unchangeable> {
        let before = ours
            .get("description")
            .and_then(Node::as_str)
            .unwrap_or_default();
        let text = format!("{sentence} {before}");
        self.files
            .set(ours, "description", &text.trim().into(), Position::First)
    }

    /// Plans the changes of the values of an enum.
    fn values(&mut self, place: &str, ours: &Node, statements: &[(Side, String)]) {
        let Some(list) = ours.get("enum") else { return };
        let value = |statement: &str| -> Option<Value> {
            serde_json::from_str(statement.strip_prefix("= ")?).ok()
        };
        let mut values: Vec<Value> = list.items().iter().map(Node::to_value).collect();
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for (side, statement) in statements {
            match (side, value(statement)) {
                (Side::Theirs, Some(value)) => added.push(value),
                (Side::Ours, Some(value)) => removed.push(value),
                (_, None) => {}
            }
        }
        if added.is_empty() && removed.is_empty() {
            return;
        }
        values.retain(|value| !removed.contains(value));
        values.extend(added.iter().cloned());
        let outcome = self.set_values(ours, list, [&added, &removed], values);
        self.note(place, outcome);
    }

    fn set_values(
        &mut self,
        ours: &Node,
        list: &Node,
        [added, removed]: [&Vec<Value>; 2],
        values: Vec<Value>,
    ) -> Result<(), Unchangeable> {
        match list.location.character() {
            Some('[') => self
                .files
                .set(ours, "enum", &values.into(), Position::Last)?,
            _ => {
                for value in added {
                    self.files.push(list, value)?;
                }
                for item in list.items() {
                    if removed.contains(&item.to_value()) {
                        self.files.pull(list, item)?;
                    }
                }
            }
        }
        let texts = ours.get("x-enum-descriptions");
        for value in added.iter().filter_map(Value::as_str) {
            if let Some(texts) = texts {
                self.files.set(texts, value, &TODO.into(), Position::Last)?;
            }
        }
        for value in removed.iter().filter_map(Value::as_str) {
            if let Some(texts) = texts {
                self.files.remove(texts, value)?;
            }
        }
        Ok(())
    }
}

/// Returns an error for a default that our own bounds exclude.
pub(super) fn fits(ours: &Node, keyword: &str, value: &Value) -> Result<(), Unchangeable> {
    let bound = |name: &str| ours.get(name).and_then(|node| node.to_value().as_f64());
    match value.as_f64().filter(|_| keyword == "default") {
        Some(default) if bound("minimum").is_some_and(|least| default < least) => {
            Err("our minimum is above the default")
        }
        Some(default) if bound("maximum").is_some_and(|most| default > most) => {
            Err("our maximum is below the default")
        }
        _ => Ok(()),
    }
}

/// Gives a new value the description of the old one.
fn keep_description(value: &mut Value, ours: &Node) {
    let description = ours.get("description").map(Node::to_value);
    if let (Some(description), Some(members)) = (description, value.as_object_mut())
        && !members.contains_key("$ref")
        && !text(&description).is_empty()
    {
        members.insert("description".to_owned(), description);
    }
}
