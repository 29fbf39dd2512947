//! The changes of `spec/` that make our facts the vendor's, in one round. A change may need another
//! one first; then the next round makes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value, json};

use super::adopt;
use super::compare::Group;
use super::draft::Ours;
use super::text::{Files, Position, Unchangeable};
use crate::document::node::Node;
use crate::generate::DOCUMENT;

/// The kinds of components that are removed when nothing uses them any more.
const KINDS: [&str; 3] = ["schemas", "responses", "parameters"];

/// The planner of one round.
pub(super) struct Planner<'a> {
    pub(super) ours: &'a Ours,
    pub(super) theirs: &'a Value,
    pub(super) files: &'a mut Files,
    /// The reasons for the places that cannot be changed.
    pub(super) unchangeable: BTreeMap<String, Unchangeable>,
    /// The new schemas with the file of each, in the order in which they are needed.
    needed: Vec<(PathBuf, String, Option<String>)>,
    /// The schema that needs them.
    pub(super) anchor: Option<String>,
    /// The paths that got an operation in this round.
    pub(super) touched: BTreeSet<String>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(ours: &'a Ours, theirs: &'a Value, files: &'a mut Files) -> Self {
        Self {
            ours,
            theirs,
            files,
            unchangeable: BTreeMap::new(),
            needed: Vec::new(),
            anchor: None,
            touched: BTreeSet::new(),
        }
    }

    /// Plans the changes for the facts that differ.
    pub(super) fn plan(&mut self, groups: &BTreeMap<String, Group>) {
        let mut removed = Vec::new();
        for (subject, group) in groups {
            let ours = self.our_operation(subject);
            let theirs = super::operations::in_theirs(self.theirs, subject);
            match (ours, theirs.is_some()) {
                (None, false) => self.schema_group(subject, group),
                (Some(ours), false) => removed.push(ours),
                (None, true) => self.new_operation(subject),
                (Some(_), true) => self.operation_group(subject, group),
            }
        }
        self.remove_operations(&removed);
        self.add_needed();
    }

    /// Notes that a place cannot be changed.
    pub(super) fn note(&mut self, place: &str, outcome: Result<(), Unchangeable>) {
        if let Err(reason) = outcome {
            self.unchangeable.insert(place.to_owned(), reason);
        }
    }

    /// Returns a part in the form for a file: its references lead from there. Schemas that our
    /// document lacks are added.
    pub(super) fn localized(&mut self, value: Value, path: &Path) -> Value {
        match value {
            Value::Array(items) => {
                let items = items.into_iter();
                items.map(|item| self.localized(item, path)).collect()
            }
            Value::Object(members) => {
                if let Some(Value::String(target)) = members.get("$ref") {
                    return json!({"$ref": self.reference(target, path)});
                }
                let members = members.into_iter().map(|(name, member)| {
                    let member = match name.as_str() {
                        "example" | "default" | "enum" => member,
                        _ => self.localized(member, path),
                    };
                    (name, member)
                });
                Value::Object(members.collect::<Map<_, _>>())
            }
            other => other,
        }
    }

    fn reference(&mut self, target: &str, path: &Path) -> String {
        let Some(name) = target.strip_prefix("#/components/schemas/") else {
            return target.to_owned();
        };
        let in_same_file = format!("#/components/schemas/{name}");
        match self.ours.file_with_schema(name) {
            Some(file) if file == path => in_same_file,
            Some(file) => format!("{}{in_same_file}", relative(path, file)),
            None => {
                let mut needed = self.needed.iter();
                let file = needed.find(|(_, other, _)| other == name);
                if let Some((file, _, _)) = file {
                    // The first file that needs a schema has it.
                    return match file == path {
                        true => in_same_file,
                        false => format!("{}{in_same_file}", relative(path, file)),
                    };
                }
                let anchor = self.anchor.clone();
                self.needed.push((path.to_owned(), name.to_owned(), anchor));
                in_same_file
            }
        }
    }

    /// Adds the new schemas.
    fn add_needed(&mut self) {
        let mut added: BTreeMap<PathBuf, Vec<(String, Value, Option<String>)>> = BTreeMap::new();
        let mut at = 0;
        while let Some((path, name, anchor)) = self.needed.get(at).cloned() {
            at += 1;
            let theirs = &self.theirs["components"]["schemas"][&name];
            self.anchor.clone_from(&anchor);
            let value = self.localized(adopt::schema(theirs, true), &path);
            added.entry(path).or_default().push((name, value, anchor));
        }
        for (path, schemas) in added {
            let Some(file) = self.ours.file(&path) else {
                continue;
            };
            let Some(existing) = file.pointer("/components/schemas") else {
                let all: Map<_, _> = schemas
                    .into_iter()
                    .map(|(name, value, _)| (name, value))
                    .collect();
                let outcome = match file.get("components") {
                    Some(components) => {
                        self.files
                            .set(components, "schemas", &all.into(), Position::Last)
                    }
                    None => {
                        let value = json!({"schemas": all});
                        self.files.set(file, "components", &value, Position::Last)
                    }
                };
                self.note(&path.display().to_string(), outcome);
                continue;
            };
            for (name, value, anchor) in schemas {
                let anchor = anchor
                    .as_deref()
                    .filter(|name| existing.get(name).is_some());
                let position = anchor.map_or(Position::Last, Position::After);
                let outcome = self.files.set(existing, &name, &value, position);
                self.note(&name, outcome);
            }
        }
    }
}

/// Returns the components of each file that nothing uses.
pub(super) fn unused(ours: &Ours) -> BTreeSet<(PathBuf, &'static str, String)> {
    let mut unused = BTreeSet::new();
    let used = |kind: &str, name: &str| {
        let components = ours.loaded.document.get("components");
        let all = components.and_then(|components| components.get(kind));
        all.is_some_and(|all| all.get(name).is_some())
    };
    for file in &ours.loaded.files {
        let path = &file.location.file.path;
        for kind in KINDS {
            let components = file.pointer(&format!("/components/{kind}"));
            for name in components.and_then(Node::properties).into_iter().flatten() {
                let is_root = path == Path::new(DOCUMENT);
                if !is_root && !used(kind, name.0) {
                    unused.insert((path.clone(), kind, name.0.clone()));
                }
            }
        }
    }
    unused
}

/// Plans the removal of components.
pub(super) fn remove(
    ours: &Ours,
    files: &mut Files,
    removed: &BTreeSet<(PathBuf, &'static str, String)>,
) {
    for file in &ours.loaded.files {
        let path = &file.location.file.path;
        let Some(components) = file.get("components") else {
            continue;
        };
        let gone = |kind: &str| {
            let all = components.get(kind).and_then(Node::properties);
            let all = all
                .map(|all| all.keys().collect::<Vec<_>>())
                .unwrap_or_default();
            let removed = removed
                .iter()
                .filter(|(of, other, _)| of == path && *other == kind);
            let removed: Vec<_> = removed.map(|(_, _, name)| name.clone()).collect();
            let is_all = all.len() == removed.len();
            (removed, is_all)
        };
        let kinds = components.properties().into_iter().flatten();
        let kinds: Vec<_> = kinds.map(|(kind, _)| kind.as_str()).collect();
        let whole = kinds
            .iter()
            .all(|kind| gone(kind).1 && !gone(kind).0.is_empty());
        if whole {
            if files.remove(file, "components").is_err() {
                files.delete(path);
            }
            continue;
        }
        for kind in kinds {
            let (names, is_all) = gone(kind);
            if is_all && !names.is_empty() {
                // A component that stays is no mistake: the check of the document reports it.
                let _ = files.remove(components, kind);
                continue;
            }
            for name in names {
                if let Some(all) = components.get(kind) {
                    let _ = files.remove(all, &name);
                }
            }
        }
    }
}

/// Returns the path of a file relative to the directory of another.
pub(super) fn relative(from: &Path, to: &Path) -> String {
    let parts = |path: &Path| -> Vec<String> {
        let parts = path.components();
        let parts = parts.filter(|part| matches!(part, Component::Normal(_)));
        parts
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect()
    };
    let (mut from, to) = (parts(from), parts(to));
    from.pop();
    let same = from
        .iter()
        .zip(&to)
        .take_while(|(one, other)| one == other)
        .count();
    let up = from.iter().skip(same).map(|_| "..".to_owned());
    let down = to.iter().skip(same).cloned();
    up.chain(down).collect::<Vec<_>>().join("/")
}
