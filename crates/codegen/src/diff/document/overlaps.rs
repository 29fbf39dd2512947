//! Finds values that several alternatives of a union allow. A server rejects them if only one may
//! match (`oneOf`).

use serde_json::{Map, Value};

use super::kinds::Kind;
use super::meaning::{Meaning, Schemas, Union, is_nullable};
use super::schema::Comparison;
use super::values::texts;

impl Comparison<'_, '_> {
    /// Returns true if a value that an old client sends as `own` may match `other`, too. Both are
    /// alternatives of the new union, or `own` is one of the old union.
    pub(super) fn may_match(&self, (own, schemas): (&Value, &Schemas), other: &Value) -> bool {
        let overlap = Overlap {
            own: schemas,
            other: self.scope.new,
        };
        !self.takes() || overlap.meet(own, other, 0)
    }

    /// Counts a comparison. Returns false if there were too many.
    fn takes(&self) -> bool {
        let budget = self.budget.get();
        self.budget.set(budget.saturating_sub(1));
        budget > 0
    }

    /// Returns the pairs of kept alternatives of which the second now allows values that old
    /// clients send as the first one, and did not before. An alternative is its old and its new
    /// version.
    pub(super) fn newly_overlapping<'v>(&self, kept: &[[&'v Value; 2]]) -> Vec<[&'v Value; 2]> {
        let (old, new) = (self.scope.old, self.scope.new);
        let is_changed =
            |[before, after]: [&Value; 2]| before != after || self.scope.differing.is_in(after);
        let read = |schema: &Value, schemas| Meaning::new(schema, schemas);
        let sent: Vec<Meaning> = kept.iter().map(|[before, _]| read(before, old)).collect();
        let (now, was) = (
            Overlap {
                own: old,
                other: new,
            },
            Overlap {
                own: old,
                other: old,
            },
        );
        // If several alternatives allowed null before, the server rejected it.
        let sends_null = sent.iter().filter(|it| it.nullable).count() == 1;
        let mut found = Vec::new();
        for ([before, after], known) in kept.iter().zip(&sent) {
            if !is_changed([before, after]) {
                continue;
            }
            let changed = read(after, new);
            for ([_, own], sent) in kept.iter().zip(&sent) {
                let is_other = !std::ptr::eq(sent, known);
                if !is_other || !self.takes() {
                    continue;
                }
                let shares_null =
                    || sends_null && changed.nullable && is_nullable(own, self.scope.new);
                let is_new = now.meanings(sent, &changed, 0) && !was.meanings(sent, known, 0);
                if is_new || shares_null() {
                    found.push([*own, *after]);
                }
            }
        }
        found
    }

    /// Returns true if an old client may send a value that matches several alternatives of a new
    /// union.
    pub(super) fn overlaps(&self, union: &Union) -> bool {
        let all = union.alternatives.iter().enumerate();
        let mut pairs = all.flat_map(|(at, own)| {
            let others = union.alternatives.iter().enumerate();
            others
                .filter(move |(other, _)| *other != at)
                .map(move |(_, other)| (own, other))
        });
        let own = self.scope.new;
        union.discriminator.is_none() && pairs.any(|(one, other)| self.may_match((one, own), other))
    }
}

/// The schemas that two alternatives refer to.
struct Overlap<'a> {
    own: &'a Schemas,
    other: &'a Schemas,
}

/// The maximum depth of properties that tell alternatives apart.
const DEEPEST: usize = 3;

impl Overlap<'_> {
    fn meet(&self, own: &Value, other: &Value, depth: usize) -> bool {
        let (own, other) = (Meaning::new(own, self.own), Meaning::new(other, self.other));
        (own.nullable && other.nullable && depth == 0) || self.meanings(&own, &other, depth)
    }

    fn meanings(&self, own: &Meaning, other: &Meaning, depth: usize) -> bool {
        let any_of = |schema: &Meaning| -> Vec<Value> {
            let first = schema.unions.first();
            first
                .map(|union| union.alternatives.clone())
                .unwrap_or_default()
        };
        let (owns, others) = (any_of(own), any_of(other));
        if depth >= DEEPEST {
            return true;
        }
        if !owns.is_empty() || !others.is_empty() {
            let whole = |schema: &Meaning| vec![Value::Object(schema.keywords.clone())];
            let owns = if owns.is_empty() { whole(own) } else { owns };
            let others = if others.is_empty() {
                whole(other)
            } else {
                others
            };
            let mut owns = owns.iter();
            return owns.any(|own| others.iter().any(|other| self.meet(own, other, depth + 1)));
        }
        if let (Some(own), Some(other)) = (own.values(), other.values()) {
            let other = texts(&other);
            return own.iter().any(|value| other.contains(&value.to_string()));
        }
        if let Some(values) = own.values() {
            return values.into_iter().any(|value| allows(other, value));
        }
        if let Some(values) = other.values() {
            return values.into_iter().any(|value| allows(own, value));
        }
        let kinds = [own, other].map(Kind::of);
        match &kinds {
            [Kind::Any, _] | [_, Kind::Any] => true,
            [Kind::String(Some(one)), Kind::String(Some(other))] => one == other,
            [Kind::Number(_), Kind::Integer(_)] | [Kind::Integer(_), Kind::Number(_)] => true,
            [Kind::Object | Kind::Map, Kind::Object | Kind::Map] => {
                self.objects_meet(own, other, depth)
            }
            [one, other] => one.in_json() == other.in_json(),
        }
    }

    /// Returns true if an object that a client sends as `own` may be one of `other`. Of the
    /// properties that the document lists, a client sends those of `own` alone.
    fn objects_meet(&self, own: &Meaning, other: &Meaning, depth: usize) -> bool {
        let is_map = Kind::of(own) == Kind::Map;
        if !is_map && names(other).any(|name| property(own, name).is_none()) {
            return false;
        }
        let is_closed = other.get("additionalProperties") == Some(&Value::Bool(false));
        let is_apart = |name: &str| match (property(own, name), property(other, name)) {
            (Some(own), Some(other)) => !self.meet(own, other, depth + 1),
            (Some(_), None) => is_closed,
            _ => false,
        };
        !names(own).chain(names(other)).any(is_apart)
    }
}

fn property<'a>(schema: &'a Meaning, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

fn names(schema: &Meaning) -> impl Iterator<Item = &str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str)
}

/// Returns true if a schema may allow a value.
fn allows(schema: &Meaning, value: &Value) -> bool {
    if let Some(values) = schema.values() {
        return values.contains(&value);
    }
    let of = Map::from_iter([("enum".to_owned(), Value::Array(vec![value.clone()]))]);
    let of = Meaning::new(&Value::Object(of), &Schemas::default());
    match (Kind::of(&of), Kind::of(schema)) {
        (_, Kind::Any | Kind::Union) => true,
        // A fraction is no integer.
        (Kind::Number(_), Kind::Integer(_)) => false,
        // A date is a string of a certain form.
        (Kind::String(_), Kind::String(Some(format))) => looks_like(value, &format),
        (one, other) => one.in_json() == other.in_json(),
    }
}

/// Returns true if a string may be of a format that begins with a date.
fn looks_like(value: &Value, format: &str) -> bool {
    let text = value.as_str().unwrap_or_default();
    let starts_with_date = text.len() >= 10 && text.starts_with(|c: char| c.is_ascii_digit());
    starts_with_date && (format == "date-time" || text.len() == 10)
}
