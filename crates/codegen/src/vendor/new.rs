//! Operations that are new, and those that are gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::adopt::{self, TODO};
use super::draft::{Ours, operations};
use super::facts::{properties, resolve, text};
use super::operations::{OurOperation, TheirOperation, in_theirs, methods};
use super::plan::{Planner, relative};
use super::select::shape;
use super::text::{Position, path_of};
use crate::document::node::{Node, escape_pointer_token};
use crate::generate::DOCUMENT;

/// The page of Datadog's reference, above the page of each tag.
const REFERENCE: &str = "https://docs.datadoghq.com/api/latest";

impl<'a> Planner<'a> {
    /// Plans a new operation, next to the operation of its domain with the most similar path.
    pub(super) fn new_operation(&mut self, id: &str) {
        let Some(theirs) = in_theirs(self.theirs, id) else {
            return;
        };
        let tag = text(&theirs.value["tags"][0]);
        if !self.touched.insert(theirs.path.to_owned()) {
            // The next round adds a second operation of the same path.
            return;
        }
        let Some(sibling) = sibling(self.ours, tag, theirs.path) else {
            self.note(id, Err("no operation of the domain is in the document yet"));
            return;
        };
        let file = path_of(&sibling.node.location);
        self.anchor = None;
        let value = self.skeleton(id, theirs, sibling);
        self.scopes(&value["security"]);
        let value = self.localized_response(value, &file);
        let existing = operations(self.ours).find(|other| shape(other.path) == shape(theirs.path));
        if let Some(existing) = existing {
            let outcome = self
                .files
                .set(existing.item, theirs.method, &value, Position::Last);
            return self.note(id, outcome);
        }
        let item = json!({theirs.method: value});
        let position = Position::After(sibling.path);
        let root = self.ours.file(Path::new(DOCUMENT)).cloned();
        let raw = self.ours.file(&file).cloned();
        let (Some(root), Some(raw)) = (root, raw) else {
            return;
        };
        if let Some(paths) = raw.get("paths") {
            let outcome = self.files.set(paths, theirs.path, &item, position);
            self.note(id, outcome);
        }
        if file != Path::new(DOCUMENT)
            && let Some(paths) = root.get("paths")
        {
            let name = relative(Path::new(DOCUMENT), &file);
            let target = format!("{name}#/paths/{}", escape_pointer_token(theirs.path));
            let value = json!({"$ref": target});
            let outcome = self.files.set(paths, theirs.path, &value, position);
            self.note(id, outcome);
        }
    }

    /// Returns a new operation, with texts that are to be written.
    pub(super) fn skeleton(
        &self,
        id: &str,
        theirs: TheirOperation<'_>,
        sibling: OurOperation<'_>,
    ) -> Value {
        let mut ours = Map::new();
        ours.insert("operationId".to_owned(), id.into());
        ours.insert("summary".to_owned(), TODO.into());
        ours.insert("description".to_owned(), TODO.into());
        if theirs.value["deprecated"] == true {
            let sentence = adopt::deprecation(theirs.value, &[]);
            ours.insert("description".to_owned(), sentence.into());
            ours.insert("deprecated".to_owned(), true.into());
        }
        let page = page(sibling, text(&theirs.value["summary"]));
        ours.insert("externalDocs".to_owned(), json!({"url": page}));
        ours.insert("tags".to_owned(), theirs.value["tags"].clone());
        let [resource, verb] = self.names(id, theirs, sibling);
        ours.insert("x-resource".to_owned(), resource.into());
        ours.insert("x-verb".to_owned(), verb.into());
        if matches!(theirs.method, "post" | "patch") {
            ours.insert("x-idempotent".to_owned(), false.into());
        }
        if theirs.value["x-unstable"].is_string() {
            ours.insert("x-preview".to_owned(), true.into());
        }
        let copied = ["x-pagination"];
        for (name, value) in
            properties(theirs.value).filter(|(name, _)| copied.contains(&name.as_str()))
        {
            ours.insert(name.clone(), value.clone());
        }
        if let Some(sites) = sibling.node.get("x-unavailable-sites") {
            ours.insert("x-unavailable-sites".to_owned(), sites.to_value());
        }
        let parameters = self.their_parameters(theirs);
        if !parameters.is_empty() {
            let parameters = parameters.iter().map(adopt::parameter);
            ours.insert("parameters".to_owned(), parameters.collect());
        }
        if let Some(body) = theirs.value.get("requestBody") {
            let body = resolve(self.theirs, body);
            ours.insert("requestBody".to_owned(), self.new_body(body));
        }
        let security = theirs.value.get("security").or(self.theirs.get("security"));
        if let Some(security) = security {
            ours.insert("security".to_owned(), security.clone());
        }
        let responses = properties(&theirs.value["responses"]).map(|(status, response)| {
            let response = resolve(self.theirs, response);
            (status.clone(), self.new_response(status, response))
        });
        ours.insert("responses".to_owned(), Value::Object(responses.collect()));
        ours.into()
    }

    /// Returns the resource and the verb of a new operation. A path that ends with the verb is an
    /// action of the resource next to it: `POST /orders/{id}/archive`.
    fn names(
        &self,
        id: &str,
        theirs: TheirOperation<'_>,
        sibling: OurOperation<'_>,
    ) -> [String; 2] {
        let words = snake_case(id);
        let first = words.split('_').next().unwrap_or_default();
        let last = resource(theirs.path);
        let is_action = theirs.method != "get" && last == first;
        let next = sibling.node.get("x-resource").and_then(Node::as_str);
        let (resource, verb) = match next.filter(|_| is_action) {
            Some(next) => (next.to_owned(), last),
            None => (last, verb(id, theirs.method)),
        };
        let mut others = operations(self.ours).filter(|other| {
            let text = |name| other.node.get(name).and_then(Node::as_str);
            text("x-resource") == Some(&resource) && text("x-verb") == Some(&verb)
        });
        match others.next() {
            Some(_) => [resource, words],
            None => [resource, verb],
        }
    }

    /// Returns a response in our form: the one that other operations share for a status code and a
    /// type, or a new one.
    pub(super) fn new_response(&self, status: &str, theirs: &Value) -> Value {
        let schema = |content: &Value| {
            let all: Vec<_> = properties(content).collect();
            all.first().map(|(_, media)| media["schema"].clone())
        };
        let wanted = schema(&theirs["content"]);
        let shared = operations(self.ours).find_map(|operation| {
            let response = operation.node.get("responses")?.get(status)?;
            let target = response.reference()?;
            let content = self
                .ours
                .resolve(response)
                .get("content")
                .map(Node::to_value);
            let has_same = wanted.is_some() && schema(&content.unwrap_or_default()) == wanted;
            has_same.then(|| json!({"$ref": target}))
        });
        if let Some(shared) = shared {
            return shared;
        }
        let mut response = json!({"description": TODO});
        if theirs["content"].is_object() {
            response["content"] = adopt::content(self.theirs, &theirs["content"]);
        }
        response
    }

    /// Returns a part in the form for a file, with references to shared responses.
    pub(super) fn localized_response(&mut self, mut value: Value, path: &Path) -> Value {
        if let Some(responses) = value.get_mut("responses").and_then(Value::as_object_mut) {
            for response in responses.values_mut() {
                self.shared_response(response, path);
            }
        }
        self.shared_response(&mut value, path);
        self.localized(value, path)
    }

    /// Lets a reference to a shared response lead from a file.
    fn shared_response(&self, response: &mut Value, path: &Path) {
        let target = text(&response["$ref"]);
        let Some(name) = target.strip_prefix("#/components/responses/") else {
            return;
        };
        let mut files = self.ours.loaded.files.iter();
        let file = files.find(|file| {
            let all = file.pointer("/components/responses");
            all.is_some_and(|all| all.get(name).is_some())
        });
        if let Some(file) = file.map(|file| file.location.file.path.clone())
            && file != path
        {
            response["$ref"] = format!("{}{target}", relative(path, &file)).into();
        }
    }

    /// Plans the removal of operations, and of the paths and files that have no other.
    pub(super) fn remove_operations(&mut self, removed: &[OurOperation<'a>]) {
        let mut by_path: BTreeMap<&str, Vec<OurOperation<'a>>> = BTreeMap::new();
        for operation in removed {
            by_path.entry(operation.path).or_default().push(*operation);
        }
        let mut gone: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        for (path, operations) in by_path {
            let Some(first) = operations.first() else {
                continue;
            };
            if methods(first.item).count() > operations.len() {
                for operation in operations {
                    let outcome = self.files.remove(operation.item, operation.method);
                    self.note(path, outcome);
                }
                continue;
            }
            gone.entry(path_of(&first.node.location))
                .or_default()
                .insert(path);
        }
        let root = self.ours.file(Path::new(DOCUMENT)).cloned();
        for (file, paths) in gone {
            let Some(raw) = self.ours.file(&file).cloned() else {
                continue;
            };
            let all = raw.get("paths");
            let is_whole = all
                .and_then(Node::properties)
                .is_some_and(|all| all.len() == paths.len());
            if is_whole && file != Path::new(DOCUMENT) {
                if self.files.remove(&raw, "paths").is_err() {
                    self.files.delete(&file);
                }
            } else {
                for path in &paths {
                    if let Some(all) = all {
                        let outcome = self.files.remove(all, path);
                        self.note(path, outcome);
                    }
                }
            }
            if file == Path::new(DOCUMENT) {
                continue;
            }
            for path in &paths {
                if let Some(all) = root.as_ref().and_then(|root| root.get("paths")) {
                    let outcome = self.files.remove(all, path);
                    self.note(path, outcome);
                }
            }
        }
    }
}

/// Returns the operation of a domain whose path has the longest common start with `path`.
pub(super) fn sibling<'a>(ours: &'a Ours, tag: &str, path: &str) -> Option<OurOperation<'a>> {
    let in_domain = operations(ours).filter(|operation| {
        let tags = operation.node.get("tags").map(Node::items);
        let tags = tags.unwrap_or_default();
        tags.first().and_then(Node::as_str) == Some(tag)
    });
    in_domain.max_by_key(|operation| {
        let segments = [shape(operation.path), shape(path)];
        let segments = segments[0].split('/').zip(segments[1].split('/'));
        let common = segments.take_while(|(one, other)| one == other).count();
        (common, std::cmp::Reverse(operation.path.len()))
    })
}

/// Returns the address of the vendor's page for an operation, which is named after its summary.
fn page(sibling: OurOperation<'_>, summary: &str) -> String {
    let docs = sibling.node.get("externalDocs");
    let page = docs.and_then(|docs| docs.get("url")?.as_str());
    let page = page
        .and_then(|page| page.split('#').next())
        .unwrap_or(REFERENCE);
    let words = summary.split(|character: char| !character.is_alphanumeric());
    let words: Vec<_> = words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    format!("{page}#{}", words.join("-"))
}

/// Returns the name of a path's resource: its last segment that is not a parameter.
fn resource(path: &str) -> String {
    let segments = path.rsplit('/');
    let mut literal = segments.filter(|segment| !segment.starts_with('{'));
    literal.next().unwrap_or_default().replace('-', "_")
}

/// Returns the first word of an operation id, or the usual verb of the method.
fn verb(id: &str, method: &str) -> String {
    let words = snake_case(id);
    let first = words.split('_').next().unwrap_or_default();
    let usual = match method {
        "get" => ["get", "list", "search", "count"].as_slice(),
        "post" => &[
            "create", "add", "search", "batch", "enable", "disable", "link",
        ],
        "delete" => &["delete", "remove", "unlink"],
        _ => &["update", "set", "replace"],
    };
    match usual.contains(&first) {
        true => first.to_owned(),
        false => words,
    }
}

/// Returns a name in snake case.
fn snake_case(name: &str) -> String {
    heck::ToSnakeCase::to_snake_case(name)
}
