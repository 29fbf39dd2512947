//! The files: what they declare, checked against the table of kinds.

use std::collections::HashMap;
use std::fmt;
use std::io::Read as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::kinds::{Definition, Kind, Property};
use super::{saved, shapes, values};
use crate::compact::Compact;
use crate::exit::Failure;
use crate::interrupt;
use crate::yaml::{Content, Key, Node, Position, parse};

/// The properties of every thing that help to find it.
const FINDERS: [&str; 2] = ["was", "id"];

/// The part of a message about a scorecard without rules.
const EMPTY: &str = "has no rules, and the API cannot create an empty one";

/// The names that a file may have in addition to the lists.
const SCHEMA: &str = "$schema";

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: Arc<str>,
    pub(super) position: Position,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.position;
        write!(formatter, "{}:{line}:{column}", self.file)
    }
}

/// An error in a file.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) place: Option<Place>,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn new(place: &Place, message: impl Into<String>) -> Self {
        Self {
            place: Some(place.clone()),
            message: message.into(),
        }
    }

    /// Returns true if the problem is a scorecard without rules.
    pub(super) fn is_about_empty(&self) -> bool {
        self.message.contains(EMPTY)
    }

    pub(super) fn to_json(&self) -> Value {
        let place = self.place.as_ref();
        json!({
            "file": place.map(|it| it.file.as_ref()),
            "line": place.map(|it| it.position.line),
            "column": place.map(|it| it.position.column),
            "message": self.message,
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(formatter, "{place}: {}", self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

/// A thing that a file declares.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) kind: Kind,
    /// The index of the thing that it is in.
    pub(super) parent: Option<usize>,
    /// The value of its identity; empty for a notification rule without a name.
    pub(super) name: String,
    /// Its earlier name.
    pub(super) was: Option<String>,
    pub(super) id: Option<String>,
    pub(super) place: Place,
    pub(super) values: Vec<Entry>,
}

/// A property of a thing with its value. `null` removes it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) property: &'static Property,
    pub(super) value: Compact,
    pub(super) position: Position,
}

impl fmt::Debug for Property {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Item {
    /// Returns the value of a property, if the file has it.
    pub(super) fn value(&self, name: &str) -> Option<&Compact> {
        let mut values = self.values.iter();
        Some(&values.find(|it| it.property.name == name)?.value)
    }

    /// Returns the place of a property, or else of the thing.
    pub(super) fn place_of(&self, name: &str) -> Place {
        let entry = self.values.iter().find(|it| it.property.name == name);
        Place {
            file: Arc::clone(&self.place.file),
            position: entry.map_or(self.place.position, |it| it.position),
        }
    }
}

/// The things of all files, parents before the things in them.
#[derive(Debug, Default)]
pub(super) struct Declared {
    pub(super) items: Vec<Item>,
    pub(super) problems: Vec<Problem>,
    /// The properties that the document does not have.
    pub(super) warnings: Vec<Problem>,
}

/// Reads files; `-` is standard input.
pub(super) fn read(paths: &[&String]) -> Result<Declared, Failure> {
    let mut declared = Declared::default();
    for path in paths {
        let text = text(path)?;
        if saved::is_plan(&text) {
            return Err(a_plan(path, paths.len() > 1));
        }
        declared.add(path, &text);
    }
    declared.check();
    let place = |problem: &Problem| problem.place.as_ref().map(|it| it.position);
    let file = |problem: &Problem| {
        let name = problem.place.as_ref().map(|it| it.file.as_ref());
        paths.iter().position(|it| Some(it.as_str()) == name)
    };
    declared.problems.sort_by_key(|it| (file(it), place(it)));
    Ok(declared)
}

/// Returns the error of a saved plan in the place of a file.
fn a_plan(path: &str, has_others: bool) -> Failure {
    let cause = "it is a saved plan, which has what its files declared";
    let failure = match (path, has_others) {
        ("-", _) => Failure::usage(format!("cannot read standard input as a file: {cause}")),
        (path, true) => Failure::usage(format!("cannot use {path} with other files: {cause}")),
        (path, false) => Failure::usage(format!("cannot read {path} as a file: {cause}")),
    };
    let help = match path {
        "-" => "save the plan, and apply it alone: `scorekit scorecards apply PLAN`".to_owned(),
        path => format!("apply it alone: `scorekit scorecards apply {path}`; or name its files"),
    };
    failure.with_help(help)
}

/// Returns the text of a file.
pub(super) fn text(path: &str) -> Result<String, Failure> {
    let read = || match path {
        "-" => {
            let _waiting = interrupt::waiting("nothing was changed");
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        }
        path => std::fs::read_to_string(path),
    };
    read().map_err(|error| Failure::usage(format!("cannot read {path}: {error}")))
}

impl Declared {
    /// Adds the things of a file.
    pub(super) fn add(&mut self, path: &str, text: &str) {
        let file: Arc<str> = match path {
            "-" => "standard input".into(),
            path => path.into(),
        };
        let documents = match parse(text) {
            Ok(documents) => documents,
            Err(error) => {
                let place = Place {
                    file,
                    position: error.position,
                };
                let message = format!("the file is not valid YAML or JSON: {}", error.message);
                self.problems.push(Problem::new(&place, message));
                return;
            }
        };
        let mut reader = Reader {
            file,
            declared: self,
        };
        for document in documents {
            reader.document(document);
        }
    }

    /// Checks what a thing alone does not show: names that repeat, and empty scorecards.
    pub(super) fn check(&mut self) {
        let mut seen: HashMap<(Kind, Option<usize>, &str), &Item> = HashMap::new();
        let mut has_rules = vec![false; self.items.len()];
        for item in &self.items {
            if let Some(parent) = item.parent {
                has_rules[parent] |= item.kind == Kind::Rule;
            }
            if item.name.is_empty() {
                continue;
            }
            let noun = item.kind.noun();
            match seen.insert((item.kind, item.parent, &item.name), item) {
                // Things of the same name are told apart by their ids.
                Some(first) if first.id.is_none() || item.id.is_none() => {
                    let name = &item.name;
                    let message = format!("the {noun} {name:?} is already at {}", first.place);
                    self.problems.push(Problem::new(&item.place, message));
                }
                _ => {}
            }
        }
        for item in &self.items {
            let was = item.was.as_deref().unwrap_or_default();
            if let Some(other) = seen.get(&(item.kind, item.parent, was)) {
                let message = format!(
                    "it cannot have been called {was:?}, because the {} at {} is",
                    item.kind.noun(),
                    other.place
                );
                self.problems.push(Problem::new(&item.place, message));
            }
        }
        for (item, has_rules) in self.items.iter().zip(has_rules) {
            // A wrong name of a property is a problem already.
            if item.kind == Kind::Scorecard && !has_rules && !item.name.is_empty() {
                let message = format!(
                    "the scorecard {:?} {EMPTY}: a scorecard exists through its rules alone; add a \
                     rule",
                    item.name
                );
                self.problems.push(Problem::new(&item.place, message));
            }
        }
    }
}

/// Reads one file.
struct Reader<'a> {
    file: Arc<str>,
    declared: &'a mut Declared,
}

impl Reader<'_> {
    fn place(&self, position: Position) -> Place {
        Place {
            file: Arc::clone(&self.file),
            position,
        }
    }

    fn problem(&mut self, position: Position, message: impl Into<String>) {
        let problem = Problem::new(&self.place(position), message);
        self.declared.problems.push(problem);
    }

    fn document(&mut self, node: Node) {
        let entries = match node.content {
            Content::Mapping(entries) => entries,
            Content::Scalar(Compact::Null) => return,
            _ => {
                let lists = Kind::TOP.map(|kind| kind.definition().list).join(", ");
                let message = format!("the file must be a mapping with the lists {lists}");
                return self.problem(node.position, message);
            }
        };
        for (key, node) in entries {
            let found = Kind::TOP.into_iter().map(Kind::definition);
            let found = found.into_iter().find(|it| *it.list == *key.name);
            match found {
                Some(definition) => self.list(definition, None, node),
                None if &*key.name == SCHEMA => {}
                None => {
                    let known = Kind::TOP.map(|kind| kind.definition().list);
                    self.unknown(&key, "list", &known);
                }
            }
        }
    }

    /// Reports a name that the table does not have.
    fn unknown(&mut self, key: &Key, what: &str, known: &[&str]) {
        let near = nearest(&key.name, known);
        let hint = match near {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("use {}", known.join(", ")),
        };
        let message = format!("unknown {what} {:?}; {hint}", key.name);
        self.problem(key.position, message);
    }

    fn list(&mut self, definition: &'static Definition, parent: Option<usize>, node: Node) {
        match node.content {
            Content::List(items) => {
                for item in items {
                    self.item(definition, parent, item);
                }
            }
            Content::Scalar(Compact::Null) => {}
            _ => {
                let message = format!("{} must be a list, not {}", definition.list, node.kind());
                self.problem(node.position, message);
            }
        }
    }

    fn item(&mut self, definition: &'static Definition, parent: Option<usize>, node: Node) {
        let kind = node.kind();
        let Content::Mapping(entries) = node.content else {
            let message = format!("a {} must be a mapping, not {kind}", definition.noun);
            return self.problem(node.position, message);
        };
        let index = self.declared.items.len();
        self.declared.items.push(Item {
            kind: definition.kind,
            parent,
            name: String::new(),
            was: None,
            id: None,
            place: self.place(node.position),
            values: Vec::new(),
        });
        let identity = &definition.identity;
        let mut lists = Vec::new();
        for (key, node) in entries {
            let name = &*key.name;
            if name == identity.name || FINDERS.contains(&name) {
                self.finder(index, &key, &node, identity.name);
            } else if let Some(property) = definition.property(name) {
                self.value(index, property, &key, &node);
            } else if let Some(child) = definition.kind.children().find(|it| it.list == name) {
                lists.push((child, node));
            } else {
                let own = [identity.name].into_iter().chain(FINDERS);
                let known = own.chain(definition.properties.iter().map(|it| it.name));
                let children = definition.kind.children().map(|it| it.list);
                let known: Vec<&str> = known.chain(children).collect();
                self.unknown(
                    &key,
                    &format!("property of the {}", definition.noun),
                    &known,
                );
            }
        }
        let item = &mut self.declared.items[index];
        item.values.shrink_to_fit();
        let is_nameless = item.name.is_empty();
        if is_nameless && definition.identity.wire.is_some() {
            let message = format!("the {} has no {}", definition.noun, identity.name);
            self.problem(node.position, message);
        }
        for (child, node) in lists {
            self.list(child, Some(index), node);
        }
    }

    /// Reads a property that identifies a thing.
    fn finder(&mut self, index: usize, key: &Key, node: &Node, identity: &str) {
        let Content::Scalar(Compact::Text(text)) = &node.content else {
            let message = format!("{} must be a string, not {}", key.name, node.kind());
            return self.problem(node.position, message);
        };
        if text.trim().is_empty() {
            return self.problem(node.position, format!("{} is empty", key.name));
        }
        let item = &mut self.declared.items[index];
        match &*key.name {
            "was" => item.was = Some(text.to_string()),
            "id" if identity != "id" => item.id = Some(text.to_string()),
            _ => item.name = text.to_string(),
        }
    }

    fn value(&mut self, index: usize, property: &'static Property, key: &Key, node: &Node) {
        match values::check(property, node) {
            Ok(value) => {
                for (position, message) in shapes::warnings(property.name, node) {
                    let warning = Problem::new(&self.place(position), message);
                    self.declared.warnings.push(warning);
                }
                self.declared.items[index].values.push(Entry {
                    property,
                    value,
                    position: key.position,
                });
            }
            Err((position, message)) => self.problem(position, message),
        }
    }
}

/// Returns the known name that is most like another one, if it is like it.
pub(super) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored = known.iter().map(|it| (strsim::jaro_winkler(name, it), *it));
    let best = scored.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (best.0 > 0.8).then_some(best.1)
}
