//! The changes of one operation.

use serde_json::{Value, json};

use super::adopt::{self, TODO};
use super::compare::{Group, Side};
use super::facts::{METHODS, is_json, properties, resolve, text};
use super::plan::Planner;
use super::schemas::fits;
use super::text::{Position, Unchangeable, path_of};
use crate::document::node::Node;

/// The vendor's keys of `x-pagination`.
const PAGINATION: [&str; 7] = [
    "limitParam",
    "pageOffsetParam",
    "pageParam",
    "pageStart",
    "cursorParam",
    "cursorPath",
    "resultsPath",
];

/// An operation of our document.
#[derive(Clone, Copy)]
pub(super) struct OurOperation<'a> {
    pub(super) path: &'a str,
    pub(super) method: &'a str,
    /// The path item.
    pub(super) item: &'a Node,
    pub(super) node: &'a Node,
}

impl<'a> OurOperation<'a> {
    /// Returns the operation id.
    pub(super) fn id(self) -> Option<&'a str> {
        self.node.get("operationId")?.as_str()
    }
}

/// An operation of the vendor's document.
#[derive(Clone, Copy)]
pub(super) struct TheirOperation<'a> {
    pub(super) path: &'a str,
    pub(super) method: &'a str,
    pub(super) item: &'a Value,
    pub(super) value: &'a Value,
}

/// Finds an operation of the vendor's document by its id.
pub(super) fn in_theirs<'a>(document: &'a Value, id: &str) -> Option<TheirOperation<'a>> {
    properties(&document["paths"]).find_map(|(path, item)| {
        properties(item).find_map(|(method, value)| {
            (text(&value["operationId"]) == id).then_some(TheirOperation {
                path,
                method,
                item,
                value,
            })
        })
    })
}

impl<'a> Planner<'a> {
    /// Finds an operation of our document by its id.
    pub(super) fn our_operation(&self, id: &str) -> Option<OurOperation<'a>> {
        let ours: &'a super::draft::Ours = self.ours;
        super::draft::operations(ours).find(|operation| operation.id() == Some(id))
    }

    /// Plans the changes of the operation `id`, which both documents have.
    pub(super) fn operation_group(&mut self, id: &str, group: &Group) {
        let ours = self.our_operation(id);
        let (Some(ours), Some(theirs)) = (ours, in_theirs(self.theirs, id)) else {
            return;
        };
        self.anchor = None;
        for place in group.places.keys() {
            let parameter = place
                .strip_prefix(id)
                .and_then(|rest| rest.strip_prefix(": "));
            if let Some((kind, name)) = parameter.and_then(|name| name.split_once(' ')) {
                let outcome = self.parameter(ours, theirs, [kind, name], group.at(place));
                self.note(place, outcome);
            }
        }
        let statements = group.at(id);
        let says = |start: &str| {
            let mut all = statements.iter();
            all.any(|(_, statement)| statement.starts_with(start))
        };
        let flags = ["deprecated", "preview"];
        for flag in flags.into_iter().filter(|flag| says(flag)) {
            let outcome = self.flag(ours, theirs, flag, statements);
            self.note(id, outcome);
        }
        if says("request body") {
            let outcome = self.request_body(ours, theirs);
            self.note(id, outcome);
        }
        if says("returns") {
            let outcome = self.responses(ours, theirs, statements);
            self.note(id, outcome);
        }
        if says("security") {
            let security = theirs.value.get("security").or(self.theirs.get("security"));
            let security = security.cloned().unwrap_or_else(|| json!([]));
            let position = before(ours.node, &["parameters", "requestBody", "responses"]);
            let outcome = self.files.set(ours.node, "security", &security, position);
            self.note(id, outcome);
            self.scopes(&security);
        }
        if says("pages by") {
            let outcome = self.pagination(ours, theirs);
            self.note(id, outcome);
        }
    }

    /// Plans the changes of the vendor's keys of `x-pagination`. Our keys stay.
    fn pagination(
        &mut self,
        ours: OurOperation<'_>,
        theirs: TheirOperation<'_>,
    ) -> Result<(), Unchangeable> {
        let keyword = "x-pagination";
        match (ours.node.get(keyword), theirs.value.get(keyword)) {
            (None, None) => Ok(()),
            (Some(_), None) => self.files.remove(ours.node, keyword),
            (None, Some(theirs)) => {
                let position = before(ours.node, &["externalDocs", "parameters", "responses"]);
                self.files.set(ours.node, keyword, theirs, position)
            }
            (Some(ours), Some(theirs)) => {
                for (key, value) in properties(theirs) {
                    if ours.get(key).map(Node::to_value).as_ref() != Some(value) {
                        self.files.set(ours, key, value, Position::Last)?;
                    }
                }
                let gone = PAGINATION.into_iter();
                for key in gone.filter(|key| theirs.get(key).is_none()) {
                    self.files.remove(ours, key)?;
                }
                Ok(())
            }
        }
    }

    fn flag(
        &mut self,
        ours: OurOperation<'_>,
        theirs: TheirOperation<'_>,
        flag: &str,
        statements: &[(Side, String)],
    ) -> Result<(), Unchangeable> {
        let is_set = statements.contains(&(Side::Theirs, flag.to_owned()));
        let keyword = match flag {
            "preview" => "x-preview",
            flag => flag,
        };
        if !is_set {
            return self.files.remove(ours.node, keyword);
        }
        let position = match ours.node.get("tags").is_some() {
            true => Position::After("tags"),
            false => Position::Last,
        };
        self.files.set(ours.node, keyword, &true.into(), position)?;
        if keyword == "deprecated" {
            let ids: Vec<&str> = super::draft::operations(self.ours)
                .filter_map(OurOperation::id)
                .collect();
            let sentence = adopt::deprecation(theirs.value, &ids);
            self.prefix_description(ours.node, &sentence)?;
        }
        Ok(())
    }

    fn parameter(
        &mut self,
        ours: OurOperation<'_>,
        theirs: TheirOperation<'_>,
        [kind, name]: [&str; 2],
        statements: &[(Side, String)],
    ) -> Result<(), Unchangeable> {
        let list = [ours.node, ours.item]
            .into_iter()
            .filter_map(|level| level.get("parameters"));
        let existing = list.flat_map(|list| list.items().iter().map(move |item| (list, item)));
        let mut existing = existing.map(|(list, item)| (list, item, self.ours.resolve(item)));
        let existing = existing.find(|(_, _, parameter)| {
            let text = |name| parameter.get(name).and_then(Node::as_str);
            text("in") == Some(kind) && text("name") == Some(name)
        });
        let wanted = self
            .their_parameters(theirs)
            .into_iter()
            .find(|parameter| text(&parameter["in"]) == kind && text(&parameter["name"]) == name);
        match (existing, wanted) {
            (None, None) => Ok(()),
            (None, Some(wanted)) => {
                let path = path_of(&ours.node.location);
                let value = self.localized(adopt::parameter(&wanted), &path);
                match ours.node.get("parameters") {
                    Some(list) => self.files.push(list, &value),
                    None => {
                        let position = before(ours.node, &["requestBody", "security", "responses"]);
                        let value = Value::Array(vec![value]);
                        self.files.set(ours.node, "parameters", &value, position)
                    }
                }
            }
            (Some((list, item, _)), None) => match list.items().len() {
                1 => self.files.remove(ours.node, "parameters"),
                _ => self.files.pull(list, item),
            },
            (Some((_, item, _)), Some(_)) if item.reference().is_some() => {
                Err("other operations share the parameter")
            }
            (Some((_, _, ours)), Some(wanted)) => self.changed_parameter(ours, &wanted, statements),
        }
    }

    fn changed_parameter(
        &mut self,
        ours: &Node,
        theirs: &Value,
        statements: &[(Side, String)],
    ) -> Result<(), Unchangeable> {
        let is_required = theirs["required"] == true;
        if is_required != ours.get("required").is_some_and(Node::is_true) {
            match is_required {
                true => {
                    let position = Position::After("in");
                    self.files.set(ours, "required", &true.into(), position)?;
                }
                false => self.files.remove(ours, "required")?,
            }
        }
        let Some(schema) = ours.get("schema") else {
            return Err("the parameter has no schema");
        };
        let types = [
            super::facts::type_of(&self.ours.value, &schema.to_value()),
            super::facts::type_of(self.theirs, &theirs["schema"]),
        ];
        if types[0] != types[1] {
            let value = adopt::schema(&theirs["schema"], false);
            let value = self.localized(value, &path_of(&ours.location));
            return self.files.set(ours, "schema", &value, Position::Last);
        }
        for (keyword, value) in self.keywords(&theirs["schema"], statements) {
            if keyword == "deprecated" {
                match value {
                    Some(value) => {
                        let sentence = adopt::deprecation(theirs, &[]);
                        let position = Position::After("description");
                        self.files.set(ours, keyword, &value, position)?;
                        self.prefix_description(ours, &sentence)?;
                    }
                    None => self.files.remove(ours, keyword)?,
                }
                continue;
            }
            if schema.reference().is_some() {
                return Err("other parts of the document share the schema");
            }
            match value {
                Some(value) => {
                    fits(schema, keyword, &value)?;
                    self.files.set(schema, keyword, &value, Position::Last)?;
                }
                None => self.files.remove(schema, keyword)?,
            }
        }
        Ok(())
    }

    /// Returns the parameters of an operation of the vendor.
    pub(super) fn their_parameters(&self, theirs: TheirOperation<'_>) -> Vec<Value> {
        let levels = [theirs.item, theirs.value].into_iter();
        let parameters =
            levels.flat_map(|level| level["parameters"].as_array().into_iter().flatten());
        parameters
            .map(|parameter| resolve(self.theirs, parameter).clone())
            .collect()
    }

    fn request_body(
        &mut self,
        ours: OurOperation<'_>,
        theirs: TheirOperation<'_>,
    ) -> Result<(), Unchangeable> {
        let theirs = theirs.value.get("requestBody");
        let theirs = theirs.map(|body| resolve(self.theirs, body).clone());
        match (ours.node.get("requestBody"), theirs) {
            (None, None) => Ok(()),
            (Some(_), None) => self.files.remove(ours.node, "requestBody"),
            (None, Some(theirs)) => {
                let path = path_of(&ours.node.location);
                let value = self.new_body(&theirs);
                let value = self.localized(value, &path);
                let position = before(ours.node, &["security", "responses"]);
                self.files.set(ours.node, "requestBody", &value, position)
            }
            (Some(body), Some(_)) if body.reference().is_some() => {
                Err("other operations share the request body")
            }
            (Some(body), Some(theirs)) => {
                let is_required = theirs["required"] == true;
                match (is_required, body.get("required").is_some_and(Node::is_true)) {
                    (true, false) => {
                        let position = Position::First;
                        self.files.set(body, "required", &true.into(), position)?;
                    }
                    (false, true) => self.files.remove(body, "required")?,
                    _ => {}
                }
                self.content(body, &theirs)
            }
        }
    }

    /// Returns a request body of the vendor in our form.
    pub(super) fn new_body(&self, theirs: &Value) -> Value {
        let mut body = json!({"description": TODO});
        if theirs["required"] == true {
            body["required"] = true.into();
        }
        body["content"] = adopt::content(self.theirs, &theirs["content"]);
        body
    }

    /// Plans the change of the schema of a JSON body.
    fn content(&mut self, ours: &Node, theirs: &Value) -> Result<(), Unchangeable> {
        let media = ours.get("content").and_then(Node::properties);
        let mut media = media.into_iter().flatten();
        let ours_json = media.find(|(media, _)| is_json(media));
        let theirs_json = properties(&theirs["content"]).find(|(media, _)| is_json(media));
        let (Some((_, ours)), Some((_, theirs))) = (ours_json, theirs_json) else {
            return Err("the media type of the body changes");
        };
        let schema = ours.node.get("schema").map(Node::to_value);
        let types = [
            super::facts::type_of(&self.ours.value, &schema.unwrap_or_default()),
            super::facts::type_of(self.theirs, &theirs["schema"]),
        ];
        if types[0] == types[1] {
            return Ok(());
        }
        let value = adopt::schema(&theirs["schema"], false);
        let value = self.localized(value, &path_of(&ours.node.location));
        self.files
            .set(&ours.node, "schema", &value, Position::First)
    }

    fn responses(
        &mut self,
        ours: OurOperation<'_>,
        theirs: TheirOperation<'_>,
        statements: &[(Side, String)],
    ) -> Result<(), Unchangeable> {
        let Some(all) = ours.node.get("responses") else {
            return Err("the operation has no responses");
        };
        let is_about = |side: Side, status: &str| {
            let words = format!("returns {status}");
            statements.iter().any(|(of, statement)| {
                let rest = statement.strip_prefix(&words);
                *of == side && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
            })
        };
        for (status, response) in properties(&theirs.value["responses"]) {
            let response = resolve(self.theirs, response).clone();
            match all.get(status) {
                None if is_about(Side::Theirs, status) => {
                    let path = path_of(&ours.node.location);
                    let value = self.new_response(status, &response);
                    let value = self.localized_response(value, &path);
                    self.files
                        .set(all, status, &value, position_of(all, status))?;
                }
                None => {}
                Some(existing) => {
                    let has_body = response["content"].is_object();
                    if !is_about(Side::Theirs, status) {
                        continue;
                    }
                    match (existing.get("content").is_some(), has_body) {
                        _ if existing.reference().is_some() => {
                            return Err("other operations share the response");
                        }
                        (true, true) => self.content(existing, &response)?,
                        (true, false) => self.files.remove(existing, "content")?,
                        (false, true) => {
                            let path = path_of(&ours.node.location);
                            let value = adopt::content(self.theirs, &response["content"]);
                            let value = self.localized(value, &path);
                            self.files
                                .set(existing, "content", &value, Position::Last)?;
                        }
                        (false, false) => {}
                    }
                }
            }
        }
        for (status, _) in all.properties().into_iter().flatten() {
            let is_gone = theirs.value["responses"].get(status).is_none();
            if is_gone && is_about(Side::Ours, status) {
                self.files.remove(all, status)?;
            }
        }
        Ok(())
    }

    /// Declares the scopes that the document does not list yet.
    pub(super) fn scopes(&mut self, security: &Value) {
        let schemes = self
            .ours
            .loaded
            .document
            .pointer("/components/securitySchemes");
        let alternatives = security.as_array().into_iter().flatten();
        let uses = alternatives.flat_map(properties);
        let mut added = std::collections::BTreeSet::new();
        for (scheme, scopes) in uses {
            let flows = schemes.and_then(|schemes| schemes.get(scheme)?.get("flows"));
            for (_, flow) in flows.and_then(Node::properties).into_iter().flatten() {
                let Some(known) = flow.node.get("scopes") else {
                    continue;
                };
                for scope in super::facts::names(scopes) {
                    if scope != TODO && known.get(scope).is_none() && added.insert(scope) {
                        let value = TODO.into();
                        let outcome = self.files.set(known, scope, &value, Position::Last);
                        self.note(scope, outcome);
                    }
                }
            }
        }
    }
}

/// Returns the position before the first of the entries `names` that a mapping has.
pub(super) fn before<'n>(mapping: &'n Node, names: &[&str]) -> Position<'n> {
    let Some(entries) = mapping.properties() else {
        return Position::Last;
    };
    let first = entries
        .keys()
        .position(|name| names.contains(&name.as_str()));
    match first.and_then(|at| at.checked_sub(1)) {
        Some(at) => entries
            .get_index(at)
            .map_or(Position::Last, |(name, _)| Position::After(name)),
        None => match first {
            Some(_) => Position::First,
            None => Position::Last,
        },
    }
}

/// Returns the position of a status code among others in ascending order.
fn position_of<'n>(responses: &'n Node, status: &str) -> Position<'n> {
    let known = responses.properties().into_iter().flatten();
    let known = known.map(|(other, _)| other.as_str());
    let below = known.filter(|other| *other < status).max();
    below.map_or(Position::First, Position::After)
}

/// Returns the methods of a path item.
pub(super) fn methods(item: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = item.properties().into_iter().flatten();
    let entries = entries.map(|(method, property)| (method.as_str(), &property.node));
    entries.filter(|(method, _)| METHODS.contains(method))
}
