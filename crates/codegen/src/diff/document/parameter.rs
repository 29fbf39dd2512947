//! Compares the parameters of an operation.

use serde_json::Value;

use super::changes::{Changes, Difference, deprecation};
use super::kinds::Kind;
use super::meaning::Meaning;
use super::position::SchemaPosition;
use super::schema::Comparison;
use super::schemas::Domains;
use super::subject::OperationVersion;
use super::usage::Usage;
use crate::diff::change::WireEffect;
use crate::generate::model::{Parameter, ParameterPlace, PartFormat, SchemaPath};

/// The style of values that are sent as JSON.
const JSON: &str = "Json";
/// The style of strings that are sent as they are, and of other values that are sent as JSON.
const TEXT_OR_JSON: &str = "TextOrJson";

/// Returns true if every value of a parameter is sent as JSON.
fn is_json(parameter: &Parameter) -> bool {
    parameter.style == Some(JSON) || parameter.place == ParameterPlace::Part(PartFormat::Json)
}

/// Returns true if lists and objects of a parameter are sent as JSON.
pub(super) fn is_json_inside(parameter: &Parameter) -> bool {
    is_json(parameter) || parameter.style == Some(TEXT_OR_JSON)
}

/// Compares the parameters of two versions of an operation, or only those in the body.
pub(super) fn compare(
    [before, after]: [OperationVersion; 2],
    domains: &Domains,
    all: bool,
    changes: &mut Changes,
) {
    let (old, new) = (keyed(before, all), keyed(after, all));
    let mut matched = Vec::new();
    for (key, at) in &old {
        let same = new.iter().find(|(other, _)| other == key);
        let same = same.or_else(|| moved(before, *at, after, &old, &new));
        let Some(parameter) = ParameterVersion::new(before, *at) else {
            continue;
        };
        match same.and_then(|(_, now)| Some((*now, ParameterVersion::new(after, *now)?))) {
            Some((now, new)) => {
                matched.push(now);
                Pair {
                    old: parameter,
                    new,
                    domains,
                }
                .compare(changes);
            }
            None => removed(parameter, changes),
        }
    }
    for (_, at) in &new {
        if !matched.contains(at)
            && let Some(parameter) = ParameterVersion::new(after, *at)
        {
            added(parameter, changes);
        }
    }
    if required_keys(before, &old, &new) != required_keys(after, &new, &old) {
        let what = "lists its required parameters in another order";
        let difference = after.difference("parameters-reordered", what);
        let why = "queries and headers have no order";
        let difference = difference.of(&[before.path(), after.path()]);
        changes.add(difference, WireEffect::keeps(why));
    }
}

/// Returns the index of each parameter with a key that is the same in both versions.
fn keyed(version: OperationVersion, all: bool) -> Vec<(String, usize)> {
    let parameters = version.operation.parameters.iter().enumerate();
    let is_in_body = |parameter: &Parameter| {
        matches!(
            parameter.place,
            ParameterPlace::Field | ParameterPlace::Part(_)
        )
    };
    parameters
        .filter(|(_, parameter)| all || is_in_body(parameter))
        .map(|(at, parameter)| (key(version, parameter), at))
        .collect()
}

fn key(version: OperationVersion, parameter: &Parameter) -> String {
    match parameter.place {
        // The names of path parameters are not sent, so their position identifies them.
        ParameterPlace::Path => {
            let at = position(&version.operation.path, &parameter.name);
            format!("path {at}")
        }
        place @ (ParameterPlace::Query
        | ParameterPlace::Cookie
        | ParameterPlace::Field
        | ParameterPlace::Part(_)) => format!("{} {}", word(place), parameter.name),
        ParameterPlace::Header => format!("header {}", parameter.name.to_ascii_lowercase()),
    }
}

/// Returns the keys of the required parameters that both versions have, in their order.
fn required_keys<'a>(
    version: OperationVersion,
    own: &'a [(String, usize)],
    others: &[(String, usize)],
) -> Vec<&'a str> {
    let required = own.iter().filter(|(_, at)| {
        let parameter = version.operation.parameters.get(*at);
        parameter.is_some_and(|parameter| parameter.required)
    });
    required
        .map(|(key, _)| key.as_str())
        .filter(|key| others.iter().any(|(other, _)| other == key))
        .collect()
}

/// Returns the only new parameter that differs from an old one in its name or its place alone.
fn moved<'a>(
    before: OperationVersion,
    at: usize,
    after: OperationVersion,
    old: &[(String, usize)],
    new: &'a [(String, usize)],
) -> Option<&'a (String, usize)> {
    let parameter = before.operation.parameters.get(at)?;
    let same = |(key, at): &&(String, usize)| {
        let other = after.operation.parameters.get(*at);
        !old.iter().any(|(known, _)| known == key)
            && other.is_some_and(|other| {
                (other.name == parameter.name || other.place == parameter.place)
                    && other.place != ParameterPlace::Path
                    && other.schema == parameter.schema
                    && other.required == parameter.required
                    && other.description == parameter.description
            })
    };
    let mut candidates = new.iter().filter(same);
    match (candidates.next(), candidates.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

fn added(new: ParameterVersion, changes: &mut Changes) {
    let (kind, what, wire) = if new.parameter.required {
        let why = "the server rejects requests without it, and an old client does not send it";
        (
            "required-parameter-added",
            "is new and required",
            WireEffect::breaks(why),
        )
    } else {
        let why = "an old client leaves it out";
        ("optional-parameter-added", "is new", WireEffect::keeps(why))
    };
    changes.add(new.difference(kind, what), wire);
}

fn removed(old: ParameterVersion, changes: &mut Changes) {
    let difference = old.difference("parameter-removed", "is removed");
    let why = "the server ignores or rejects what an old client sends";
    changes.add(difference, WireEffect::breaks(why));
}

/// A parameter in one version of its operation.
#[derive(Clone, Copy)]
struct ParameterVersion<'a> {
    operation: OperationVersion<'a>,
    parameter: &'a Parameter,
}

impl<'a> ParameterVersion<'a> {
    fn new(operation: OperationVersion<'a>, at: usize) -> Option<Self> {
        Some(Self {
            operation,
            parameter: operation.operation.parameters.get(at)?,
        })
    }

    fn difference(&self, kind: &'static str, what: &str) -> Difference {
        let operation = self.operation.operation;
        let subject = format!("parameter `{}.{}`", operation.id, self.parameter.name);
        Difference::new(kind, subject, what, &operation.location).of(&[self.path()])
    }

    fn path(&self) -> SchemaPath {
        SchemaPath::parameter(self.operation.operation, &self.parameter.name)
    }
}

/// The two versions of a parameter.
struct Pair<'a> {
    old: ParameterVersion<'a>,
    new: ParameterVersion<'a>,
    domains: &'a Domains<'a>,
}

impl Pair<'_> {
    fn compare(&self, changes: &mut Changes) {
        self.place(changes);
        self.name(changes);
        self.required(changes);
        self.notes(changes);
        if let Some(items) = self.items_of_new_list() {
            let wire = WireEffect::keeps("a single value is sent like a list of one value");
            self.add(changes, "type-changed", "is now a list", wire);
            return self.schemas(changes, &self.old.parameter.schema, &items);
        }
        self.style(changes);
        let (old, new) = (self.old.parameter, self.new.parameter);
        self.schemas(changes, &old.schema, &new.schema);
    }

    /// Returns the items of a list that has taken the place of a single value, and whose values are
    /// sent in the same way: `name=value`.
    fn items_of_new_list(&self) -> Option<Value> {
        let (old, new) = (self.old.parameter, self.new.parameter);
        let is_query = [old, new].map(|it| it.place == ParameterPlace::Query) == [true; 2];
        if !is_query || old.style.is_some() || new.style != Some("FormExploded") {
            return None;
        }
        let scope = self.domains.scope();
        let before = Kind::of(&Meaning::new(&old.schema, scope.old));
        let after = Meaning::new(&new.schema, scope.new);
        let is_single = matches!(before.in_json(), Some("string" | "number" | "boolean"));
        let fewest = after.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let takes_one = Kind::of(&after) == Kind::List && fewest <= 1;
        let items = after.get("items").filter(|_| is_single && takes_one);
        items.cloned()
    }

    fn add(&self, changes: &mut Changes, kind: &'static str, what: &str, wire: WireEffect) {
        let paths = [self.old.path(), self.new.path()];
        changes.add(self.new.difference(kind, what).of(&paths), wire);
    }

    fn place(&self, changes: &mut Changes) {
        let (old, new) = (self.old.parameter.place, self.new.parameter.place);
        if old == new {
            return;
        }
        let (now, was) = (word(new), word(old));
        if now == was {
            let wire = WireEffect::breaks("an old client sends it in the old encoding");
            self.add(
                changes,
                "part-encoding-changed",
                "has another encoding",
                wire,
            );
        } else {
            let what = format!("is sent in the {now}, not in the {was}");
            let wire = WireEffect::breaks("an old client sends it where the server ignores it");
            self.add(changes, "parameter-moved", &what, wire);
        }
    }

    fn name(&self, changes: &mut Changes) {
        let (old, new) = (self.old.parameter, self.new.parameter);
        if old.name == new.name {
            return;
        }
        let (kind, wire) = match new.place {
            ParameterPlace::Path => (
                "path-parameter-renamed",
                WireEffect::keeps("the names of path parameters are not sent"),
            ),
            // A header of another name has another key.
            ParameterPlace::Header if old.name.eq_ignore_ascii_case(&new.name) => (
                "header-recased",
                WireEffect::keeps("names of headers ignore case (RFC 9110, section 5.1)"),
            ),
            _ => (
                "parameter-renamed",
                WireEffect::breaks("an old client sends it under a name that the server ignores"),
            ),
        };
        self.add(changes, kind, &format!("was called `{}`", old.name), wire);
    }

    fn required(&self, changes: &mut Changes) {
        match (self.old.parameter.required, self.new.parameter.required) {
            (false, true) => {
                let why = "the server rejects requests without it, which an old client may send";
                let wire = WireEffect::breaks(why);
                self.add(changes, "parameter-required", "is now required", wire);
            }
            (true, false) => {
                let wire = WireEffect::keeps("an old client sends it as before");
                self.add(changes, "parameter-optional", "is now optional", wire);
            }
            _ => {}
        }
    }

    /// Returns true if both styles write the values of the old version in the same way.
    fn is_written_alike(&self) -> bool {
        let [old, new] = [self.old, self.new].map(|it| it.parameter.style);
        let scope = self.domains.scope();
        let before = Meaning::new(&self.old.parameter.schema, scope.old);
        let kind = Kind::of(&before).in_json();
        let is_plain = |style: Option<&str>| matches!(style, None | Some(JSON | TEXT_OR_JSON));
        match kind {
            _ if old == new => true,
            // Both are separated by commas.
            Some("array") => {
                let is_simple =
                    |style: Option<&str>| matches!(style, Some("Simple" | "SimpleExploded"));
                is_simple(old) && is_simple(new)
            }
            Some("number" | "boolean") => is_plain(old) && is_plain(new),
            Some("string") => [old, new]
                .iter()
                .all(|it| matches!(it, None | Some(TEXT_OR_JSON))),
            _ => false,
        }
    }

    fn style(&self, changes: &mut Changes) {
        if !self.is_written_alike() {
            let why = "an old client sends it in a style that the server does not read";
            let wire = WireEffect::breaks(why);
            self.add(changes, "style-changed", "has another style", wire);
        }
    }

    fn notes(&self, changes: &mut Changes) {
        let (old, new) = (self.old.parameter, self.new.parameter);
        if old.deprecated != new.deprecated {
            let (kind, what) = deprecation(new.deprecated);
            let wire = WireEffect::keeps("deprecated parameters still work");
            self.add(changes, kind, what, wire);
        }
        if old.description != new.description {
            let wire = WireEffect::keeps("documentation is not sent");
            let what = "has another description";
            self.add(changes, "description-changed", what, wire);
        }
    }

    fn schemas(&self, changes: &mut Changes, before: &Value, now: &Value) {
        let (old, new) = (self.old.parameter, self.new.parameter);
        let after = self.new.operation.operation;
        let at = SchemaPosition {
            noun: "parameter",
            subject: format!("{}.{}", after.id, new.name),
            paths: [self.old.path(), self.new.path()],
            location: after.location.clone(),
            optional: false,
            always_set: old.required,
        };
        let mut comparison = Comparison::new(self.domains.scope(), Usage::SENT, changes);
        comparison.as_text = !is_json(new);
        comparison.is_json_inside = is_json_inside(new);
        comparison.run(&at, before, now);
    }
}

fn word(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "header",
        ParameterPlace::Cookie => "cookie",
        ParameterPlace::Field => "form",
        ParameterPlace::Part(_) => "parts of the body",
    }
}

/// Returns the position of the parameter `name` among those of the path.
fn position(path: &str, name: &str) -> usize {
    path.split('{')
        .skip(1)
        .position(|rest| rest.split('}').next() == Some(name))
        .unwrap_or_default()
}
