//! Names. Each kind of name has one casing per file, because each file describes one vendor's API.

use std::collections::BTreeMap;

use super::{Rule, Warning};
use crate::document::diagnostic::Location;
use crate::document::node::Node;
use crate::lint::Findings;
use crate::lint::document::{Document, Role, Schema};

pub(super) static OPERATION_CASING: Rule = Rule {
    id: "operation-id-casing",
    severity: Warning,
    summary: "an operation id that has another casing than most in its file",
    help: "check the vendor's spelling; if the vendor writes it so, write that in `x-lint-allow`",
    check: Some(operation_ids),
};

pub(super) static PATH_CASING: Rule = Rule {
    id: "path-casing",
    severity: Warning,
    summary: "a segment of a path that has another casing than most in its file",
    help: "check the vendor's spelling; if the vendor writes it so, write that in `x-lint-allow`",
    check: Some(paths),
};

pub(super) static PARAMETER_CASING: Rule = Rule {
    id: "parameter-casing",
    severity: Warning,
    summary: "a path or query parameter that has another casing than most in its file",
    help: "check the vendor's spelling; if the vendor writes it so, write that in `x-lint-allow`",
    check: Some(parameters),
};

pub(super) static SCHEMA_CASING: Rule = Rule {
    id: "schema-casing",
    severity: Warning,
    summary: "a schema that has another casing than most in its file",
    help: "rename it: names of schemas are not sent to the vendor",
    check: Some(schemas),
};

pub(super) static FIELD_CASING: Rule = Rule {
    id: "field-casing",
    severity: Warning,
    summary: "a field that has another casing than most in its file",
    help: "check the vendor's spelling; if the vendor writes it so, write that in `x-lint-allow`",
    check: Some(fields),
};

pub(super) static VERB: Rule = Rule {
    id: "verb-against-method",
    severity: Warning,
    summary: "an `x-verb` that does not match the HTTP method",
    help: "use `list` and `get` for GET, `create` and `add` for POST, `update` for PATCH, \
           `delete` and `remove` for DELETE",
    check: Some(verbs),
};

/// The verbs with a fixed meaning, and the methods that match it.
const VERBS: [(&str, &[&str]); 10] = [
    ("list", &["get"]),
    ("get", &["get"]),
    ("search", &["get", "post"]),
    ("count", &["get", "post"]),
    ("create", &["post", "put"]),
    ("add", &["post", "put"]),
    ("update", &["patch", "post", "put"]),
    ("replace", &["post", "put"]),
    ("delete", &["delete"]),
    ("remove", &["delete"]),
];

/// A way to write several words as one name.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Casing {
    Snake,
    Kebab,
    Camel,
    Pascal,
    Shouty,
}

impl Casing {
    const ALL: [Self; 5] = [
        Self::Snake,
        Self::Kebab,
        Self::Camel,
        Self::Pascal,
        Self::Shouty,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Snake => "snake_case",
            Self::Kebab => "kebab-case",
            Self::Camel => "camelCase",
            Self::Pascal => "PascalCase",
            Self::Shouty => "SHOUTY_CASE",
        }
    }

    /// Returns true if `name` has this casing. One lower-case word is snake, kebab and camel case.
    fn fits(self, name: &str) -> bool {
        let only = |allowed: fn(char) -> bool| name.chars().all(allowed);
        let starts = |allowed: fn(&char) -> bool| name.starts_with(|first: char| allowed(&first));
        match self {
            Self::Snake => only(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            Self::Kebab => only(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            Self::Camel => only(|c| c.is_ascii_alphanumeric()) && starts(char::is_ascii_lowercase),
            Self::Pascal => only(|c| c.is_ascii_alphanumeric()) && starts(char::is_ascii_uppercase),
            Self::Shouty => only(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'),
        }
    }

    /// Returns the most frequent casing of the names with only one; `None` if two are equally
    /// frequent.
    fn of_most<'a>(names: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut counts: BTreeMap<Self, usize> = BTreeMap::new();
        for name in names {
            let fitting: Vec<Self> = Self::ALL
                .into_iter()
                .filter(|casing| casing.fits(name))
                .collect();
            if let [only] = fitting[..] {
                *counts.entry(only).or_default() += 1;
            }
        }
        let most = *counts.values().max()?;
        let mut winners = counts.iter().filter(|(_, count)| **count == most);
        match (winners.next(), winners.next()) {
            (Some((winner, _)), None) => Some(*winner),
            _ => None,
        }
    }
}

/// A name and its location.
struct Name<'a> {
    /// The whole name, for messages.
    shown: &'a str,
    /// The parts whose casing is checked.
    words: Vec<&'a str>,
    place: &'a Location,
    /// A location in the file whose names are compared.
    file: &'a Location,
}

/// Reports the names that have another casing than most names of their file.
fn compare(kind: &str, names: &[Name<'_>], findings: &mut Findings) {
    let mut files: BTreeMap<_, Vec<&Name<'_>>> = BTreeMap::new();
    for name in names {
        files.entry(&name.file.file.path).or_default().push(name);
    }
    for names in files.values() {
        let words = names.iter().flat_map(|name| name.words.iter().copied());
        let Some(casing) = Casing::of_most(words) else {
            continue;
        };
        for name in names {
            if !name.words.iter().all(|word| casing.fits(word)) {
                let (shown, casing) = (name.shown, casing.name());
                let message =
                    format!("the {kind} `{shown}` is not in {casing}, unlike most in its file");
                findings.add(name.place, message);
            }
        }
    }
}

fn operation_ids(document: &Document<'_>, findings: &mut Findings) {
    let names: Vec<_> = document
        .operations
        .iter()
        .filter_map(|operation| {
            let shown = operation.text("operationId")?;
            let place = operation.place();
            Some(Name {
                shown,
                words: vec![shown],
                place,
                file: place,
            })
        })
        .collect();
    compare("operation id", &names, findings);
}

fn paths(document: &Document<'_>, findings: &mut Findings) {
    let names: Vec<_> = document
        .operations
        .iter()
        .map(|operation| {
            let literal =
                |segment: &&str| !segment.is_empty() && !segment.contains(['{', '}', '.', ':']);
            Name {
                shown: operation.path,
                words: operation.path.split('/').filter(literal).collect(),
                place: operation.path_key,
                // The root file lists the paths of all vendors.
                file: &operation.item.location,
            }
        })
        .collect();
    compare("path", &names, findings);
}

fn parameters(document: &Document<'_>, findings: &mut Findings) {
    let is_own = |place: &str| place == "path" || place == "query";
    let names: Vec<_> = document
        .parameters
        .iter()
        .filter(|parameter| {
            parameter
                .node
                .get("in")
                .and_then(Node::as_str)
                .is_some_and(is_own)
        })
        .map(|parameter| Name {
            shown: parameter.name,
            // Names such as `filter[rule][enabled]` and `page.size` have parts.
            words: parameter
                .name
                .split(['[', ']', '.'])
                .filter(|word| !word.is_empty())
                .collect(),
            place: parameter.place,
            file: parameter.place,
        })
        .collect();
    compare("parameter", &names, findings);
}

fn schemas(document: &Document<'_>, findings: &mut Findings) {
    let names = names_of(document, |schema| match schema.role {
        Role::Component(name) => Some(name),
        _ => None,
    });
    compare("schema", &names, findings);
}

fn fields(document: &Document<'_>, findings: &mut Findings) {
    let names = names_of(document, |schema| match schema.role {
        Role::Field(name) => Some(name),
        _ => None,
    });
    compare("field", &names, findings);
}

/// Returns the names that `name` returns for schemas.
fn names_of<'a>(
    document: &Document<'a>,
    name: impl Fn(&Schema<'a>) -> Option<&'a str>,
) -> Vec<Name<'a>> {
    let names = document.schemas.iter().filter_map(|schema| {
        let (shown, place) = (name(schema)?, schema.place);
        Some(Name {
            shown,
            words: vec![shown],
            place,
            file: place,
        })
    });
    names.collect()
}

fn verbs(document: &Document<'_>, findings: &mut Findings) {
    for operation in &document.operations {
        let Some(verb) = operation.text("x-verb") else {
            continue;
        };
        let known = VERBS.iter().find(|(known, _)| *known == verb);
        if known.is_some_and(|(_, methods)| !methods.contains(&operation.method)) {
            let (name, method) = (operation.name(), operation.method.to_uppercase());
            let place = operation
                .node
                .get("x-verb")
                .map_or(operation.key, |node| &node.location);
            findings.add(
                place,
                format!("the operation {name} is a {method}, but its verb is `{verb}`"),
            );
        }
    }
}
