//! What code written against the old crate meets in the new one: the promises of two generations side by side.
//!
//! A promise that is gone or reads otherwise stops code from compiling; a new one does not, because generated
//! structures are `#[non_exhaustive]`. The exception is a variant of an enum that users may match without a wildcard.
//! Where everything still compiles, but a value lands somewhere else, the change is [`Effect::Silent`].

use std::collections::BTreeSet;

use serde::Serialize;

use super::interface::{Interface, Promise};

/// What a change of a promise does to code written against the old one.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing: the code compiles and means what it meant.
    Compatible,
    /// The code compiles and means something else.
    Silent,
    /// The code does not compile.
    Breaks,
}

/// A promise that differs.
#[derive(Clone, Debug, Serialize)]
pub struct ApiChange {
    /// Its path in the crate, such as `types::Kpi.name`.
    pub path: String,
    /// The promise of the old crate; none if the old crate made none.
    pub before: Option<String>,
    /// The promise of the new crate; none if it makes none.
    pub after: Option<String>,
    /// What that does to code written against the old crate.
    pub effect: Effect,
    /// The effect in one sentence.
    pub why: String,
    /// The arguments that differ, by name: which parameter or field a change of a method comes from.
    #[serde(skip)]
    pub arguments: BTreeSet<String>,
}

/// Every promise that differs, by path. What stands inside a type that is gone or new is left out: the type says it.
pub fn compare(old: &Interface, new: &Interface) -> Vec<ApiChange> {
    let mut changes = Vec::new();
    for (path, before) in old {
        if owner(path, old).is_some_and(|owner| !new.contains_key(owner)) {
            continue;
        }
        match new.get(path) {
            None => {
                let effect = match before {
                    Promise::DefaultValue(_) => Effect::Silent,
                    _ => Effect::Breaks,
                };
                let why = gone(path, before);
                changes.push(change(path, Some(before), None, effect, why));
            }
            Some(after) => {
                if let Some((effect, why)) = altered(path, before, after) {
                    let mut change = change(path, Some(before), Some(after), effect, why);
                    change.arguments = differing_arguments(before, after);
                    changes.push(change);
                }
            }
        }
    }
    for (path, after) in new.iter().filter(|(path, _)| !old.contains_key(*path)) {
        let owner = owner(path, new);
        if owner.is_some_and(|owner| !old.contains_key(owner)) {
            continue;
        }
        let (effect, why) = added(path, after, owner.and_then(|owner| old.get(owner)));
        changes.push(change(path, None, Some(after), effect, why));
    }
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    changes
}

fn change(
    path: &str,
    before: Option<&Promise>,
    after: Option<&Promise>,
    effect: Effect,
    why: String,
) -> ApiChange {
    ApiChange {
        path: path.to_owned(),
        before: before.map(ToString::to_string),
        after: after.map(ToString::to_string),
        effect,
        why,
        arguments: BTreeSet::new(),
    }
}

/// The type that a promise belongs to; `None` for a type itself.
fn owner<'a>(path: &'a str, interface: &Interface) -> Option<&'a str> {
    let ends = path
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | ':' | '<'));
    let is_type = |end: &usize| {
        path.get(..*end)
            .and_then(|path| interface.get(path))
            .is_some_and(|promise| matches!(promise, Promise::Type { .. }))
    };
    let end = ends.map(|(at, _)| at).find(is_type)?;
    path.get(..end)
}

fn gone(path: &str, before: &Promise) -> String {
    match before {
        Promise::Type { .. } => format!("`{path}` is gone"),
        Promise::Field(_) => format!("the field `{path}` is gone"),
        Promise::Variant { .. } => format!("the variant `{path}` is gone"),
        Promise::Method { .. } => format!("`{path}` is gone"),
        Promise::Trait(_) => format!("`{path}` is no longer implemented"),
        Promise::DefaultValue(value) => format!("`{path}` was `{value}`"),
    }
}

fn altered(path: &str, before: &Promise, after: &Promise) -> Option<(Effect, String)> {
    use Promise::{DefaultValue, Field, Method, Type, Variant};
    match (before, after) {
        (before, after) if before == after => None,
        (
            Type {
                kind: old_kind,
                generics: old_generics,
                non_exhaustive: was_open,
            },
            Type {
                kind,
                generics,
                non_exhaustive,
            },
        ) => Some(if old_kind != kind {
            (
                Effect::Breaks,
                format!("`{path}` is the {kind} that was the {old_kind}"),
            )
        } else if !was_open && *non_exhaustive {
            (
                Effect::Breaks,
                format!("a `match` on `{path}` needs a wildcard now"),
            )
        } else if old_generics != generics && !old_generics.is_empty() {
            (
                Effect::Breaks,
                format!("`{path}` has other type parameters"),
            )
        } else {
            (
                Effect::Compatible,
                format!("`{path}` can be used as before"),
            )
        }),
        (
            Variant {
                payload: old_payload,
                text: old_text,
            },
            Variant { payload, text },
        ) if old_payload == payload && old_text.is_some() == text.is_some() => Some((
            Effect::Silent,
            format!("`{path}` is written as another text"),
        )),
        (
            Variant {
                payload: old_payload,
                ..
            },
            Variant { payload, .. },
        ) => {
            let held = |payload: &str| match payload {
                "" => "nothing".to_owned(),
                payload => format!("`{}`", payload.trim_matches(['(', ')'])),
            };
            let (old, new) = (held(old_payload), held(payload));
            Some((
                Effect::Breaks,
                format!("`{path}` held {old} and holds {new}"),
            ))
        }
        (DefaultValue(old), DefaultValue(new)) => Some((
            Effect::Silent,
            format!("`{path}` was `{old}` and is `{new}`"),
        )),
        (Field(old), Field(new)) => Some((
            Effect::Breaks,
            format!("the field `{path}` was `{old}` and is `{new}`"),
        )),
        (
            Method {
                receiver: old_receiver,
                generics: old_generics,
                arguments: old,
                output: old_output,
            },
            Method {
                receiver,
                generics,
                arguments,
                output,
            },
        ) => {
            let types = |list: &[(String, String)]| -> Vec<String> {
                list.iter().map(|(_, ty)| ty.clone()).collect()
            };
            if old_receiver != receiver || types(old) != types(arguments) {
                return Some((
                    Effect::Breaks,
                    format!("`{path}` takes {}", list(arguments)),
                ));
            }
            if old_generics != generics {
                return Some((
                    Effect::Breaks,
                    format!("`{path}` takes values of another type"),
                ));
            }
            if old_output != output {
                return Some((
                    Effect::Breaks,
                    format!("`{path}` gave `{old_output}` and gives `{output}`"),
                ));
            }
            // The same types in the same places: a caller cannot tell, unless two arguments changed places.
            let swapped = old
                .iter()
                .enumerate()
                .any(|(at, (name, _))| position(arguments, name).is_some_and(|now| now != at));
            Some(if swapped {
                (
                    Effect::Silent,
                    format!("`{path}` takes arguments of one type in another order"),
                )
            } else {
                (
                    Effect::Compatible,
                    format!("an argument of `{path}` has another name"),
                )
            })
        }
        _ => Some((
            Effect::Breaks,
            format!("`{path}` was `{before}` and is `{after}`"),
        )),
    }
}

fn added(path: &str, after: &Promise, owner: Option<&Promise>) -> (Effect, String) {
    match (after, owner) {
        (
            Promise::Variant { .. },
            Some(Promise::Type {
                non_exhaustive: false,
                ..
            }),
        ) => (
            Effect::Breaks,
            format!("a `match` that lists all variants has no arm for `{path}`"),
        ),
        (Promise::Field(_), _) => (
            Effect::Compatible,
            format!("`{path}` is new, and its structure is non-exhaustive"),
        ),
        (Promise::Variant { .. }, _) => (
            Effect::Compatible,
            format!("`{path}` is new, and its enum is non-exhaustive"),
        ),
        (Promise::DefaultValue(value), _) => (Effect::Silent, format!("`{path}` is `{value}` now")),
        _ => (Effect::Compatible, format!("`{path}` is new")),
    }
}

fn position(arguments: &[(String, String)], name: &str) -> Option<usize> {
    arguments.iter().position(|(known, _)| known == name)
}

fn list(arguments: &[(String, String)]) -> String {
    match arguments {
        [] => "no arguments now".to_owned(),
        arguments => {
            let arguments: Vec<_> = arguments
                .iter()
                .map(|(name, ty)| format!("{name}: {ty}"))
                .collect();
            format!("`({})` now", arguments.join(", "))
        }
    }
}

fn differing_arguments(before: &Promise, after: &Promise) -> BTreeSet<String> {
    let (Promise::Method { arguments: old, .. }, Promise::Method { arguments: new, .. }) =
        (before, after)
    else {
        return BTreeSet::new();
    };
    let mut differing = BTreeSet::new();
    for (arguments, others) in [(old, new), (new, old)] {
        let is_known = |argument: &&(String, String)| !others.contains(argument);
        differing.extend(
            arguments
                .iter()
                .filter(is_known)
                .map(|(name, _)| name.clone()),
        );
    }
    if differing.is_empty() && old != new {
        differing.extend(old.iter().map(|(name, _)| name.clone()));
    }
    differing
}
