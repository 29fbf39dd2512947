//! Compares the public items of two generated crates.
//!
//! Code stops compiling if an item is removed or changed. A new item breaks no code, because
//! generated structures are `#[non_exhaustive]`. The exception is a new variant of an enum that
//! code may match without a wildcard. [`Effect::Silent`] is for code that still compiles but puts
//! a value somewhere else.

use std::collections::BTreeSet;

use serde::Serialize;

use super::interface::{ApiItem, Interface, Method, TypeItem, Variant};

/// The effect of a changed item on code written against the old crate.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The code compiles and behaves as before.
    Compatible,
    /// The code compiles and behaves differently.
    Silent,
    /// The code does not compile.
    Breaks,
}

/// A changed item.
#[derive(Clone, Debug, Serialize)]
pub struct ApiChange {
    /// Its path in the crate, such as `types::Kpi.name`.
    pub path: String,
    /// The item in the old crate, if it is there.
    pub before: Option<String>,
    /// The item in the new crate, if it is there.
    pub after: Option<String>,
    /// The effect on code written against the old crate.
    pub effect: Effect,
    /// The effect in one sentence.
    pub why: String,
    /// The names of the arguments that differ. They show which parameter or field has changed.
    #[serde(skip)]
    pub arguments: BTreeSet<String>,
}

/// Returns the changed items by path. Items of a removed or new type are left out, because the type
/// itself is reported.
pub fn compare(old: &Interface, new: &Interface) -> Vec<ApiChange> {
    let mut changes = Vec::new();
    for (path, before) in old {
        if owner(path, old).is_some_and(|owner| !new.contains_key(owner)) {
            continue;
        }
        match new.get(path) {
            None => {
                let effect = match before {
                    ApiItem::DefaultValue(_) => Effect::Silent,
                    _ => Effect::Breaks,
                };
                let why = removed(path, before);
                changes.push(change(path, Some(before), None, (effect, why)));
            }
            Some(after) => {
                if before != after {
                    let altered = altered(path, before, after);
                    let mut change = change(path, Some(before), Some(after), altered);
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
        let added = added(path, after, owner.and_then(|owner| old.get(owner)));
        changes.push(change(path, None, Some(after), added));
    }
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    changes
}

fn change(
    path: &str,
    before: Option<&ApiItem>,
    after: Option<&ApiItem>,
    (effect, why): (Effect, String),
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

/// Returns the type that an item belongs to; `None` for a type itself.
fn owner<'a>(path: &'a str, interface: &Interface) -> Option<&'a str> {
    let ends = path
        .char_indices()
        .filter(|(_, c)| matches!(c, '.' | ':' | '<'));
    let is_type = |end: &usize| {
        path.get(..*end)
            .and_then(|path| interface.get(path))
            .is_some_and(|item| matches!(item, ApiItem::Type(_)))
    };
    let end = ends.map(|(at, _)| at).find(is_type)?;
    path.get(..end)
}

fn removed(path: &str, before: &ApiItem) -> String {
    match before {
        ApiItem::Type(_) | ApiItem::Method(_) => format!("`{path}` is removed"),
        ApiItem::Field(_) => format!("the field `{path}` is removed"),
        ApiItem::Variant(_) => format!("the variant `{path}` is removed"),
        ApiItem::Trait(_) => format!("`{path}` is no longer implemented"),
        ApiItem::DefaultValue(value) => format!("`{path}` was `{value}`"),
    }
}

/// Returns the effect of the change from `before` to `after`, which differ.
fn altered(path: &str, before: &ApiItem, after: &ApiItem) -> (Effect, String) {
    match (before, after) {
        (ApiItem::Type(before), ApiItem::Type(after)) => altered_type(path, before, after),
        (ApiItem::Variant(before), ApiItem::Variant(after)) => altered_variant(path, before, after),
        (ApiItem::Method(before), ApiItem::Method(after)) => altered_method(path, before, after),
        (ApiItem::DefaultValue(before), ApiItem::DefaultValue(after)) => (
            Effect::Silent,
            format!("`{path}` was `{before}` and is `{after}`"),
        ),
        (ApiItem::Field(before), ApiItem::Field(after)) => (
            Effect::Breaks,
            format!("the field `{path}` was `{before}` and is `{after}`"),
        ),
        _ => (
            Effect::Breaks,
            format!("`{path}` was `{before}` and is `{after}`"),
        ),
    }
}

fn altered_type(path: &str, before: &TypeItem, after: &TypeItem) -> (Effect, String) {
    if before.kind != after.kind {
        let (was, now) = (before.kind, after.kind);
        (Effect::Breaks, format!("`{path}` was {was} and is {now}"))
    } else if !before.non_exhaustive && after.non_exhaustive {
        let why = format!("a `match` on `{path}` now needs a wildcard");
        (Effect::Breaks, why)
    } else if before.generics != after.generics && !before.generics.is_empty() {
        let why = format!("`{path}` has other type parameters");
        (Effect::Breaks, why)
    } else {
        let why = format!("`{path}` can be used as before");
        (Effect::Compatible, why)
    }
}

fn altered_variant(path: &str, before: &Variant, after: &Variant) -> (Effect, String) {
    if before.payload == after.payload && before.value.is_some() == after.value.is_some() {
        return (
            Effect::Silent,
            format!("`{path}` is sent as another string"),
        );
    }
    let held = |payload: &str| match payload {
        "" => "nothing".to_owned(),
        payload => format!("`{}`", payload.trim_matches(['(', ')'])),
    };
    let (was, now) = (held(&before.payload), held(&after.payload));
    let why = format!("`{path}` contained {was} and contains {now}");
    (Effect::Breaks, why)
}

fn altered_method(path: &str, before: &Method, after: &Method) -> (Effect, String) {
    let types = |arguments: &[(String, String)]| -> Vec<String> {
        arguments.iter().map(|(_, ty)| ty.clone()).collect()
    };
    if before.receiver != after.receiver || types(&before.arguments) != types(&after.arguments) {
        let why = format!("`{path}` now takes {}", list(&after.arguments));
        return (Effect::Breaks, why);
    }
    if before.generics != after.generics {
        let why = format!("`{path}` takes values of another type");
        return (Effect::Breaks, why);
    }
    if before.output != after.output {
        let (was, now) = (&before.output, &after.output);
        let why = format!("`{path}` returned `{was}` and returns `{now}`");
        return (Effect::Breaks, why);
    }
    // Positions and types are the same, so code compiles. Swapped arguments mix up their values.
    let mut arguments = before.arguments.iter().enumerate();
    let is_swapped = arguments.any(|(at, (name, _))| {
        let now = after.arguments.iter().position(|(known, _)| known == name);
        now.is_some_and(|now| now != at)
    });
    if is_swapped {
        let why = format!("`{path}` takes arguments of one type in another order");
        (Effect::Silent, why)
    } else {
        let why = format!("an argument of `{path}` has another name");
        (Effect::Compatible, why)
    }
}

fn added(path: &str, after: &ApiItem, owner: Option<&ApiItem>) -> (Effect, String) {
    match (after, owner) {
        (ApiItem::Variant(_), Some(ApiItem::Type(owner))) if !owner.non_exhaustive => (
            Effect::Breaks,
            format!("a `match` that lists all variants has no arm for `{path}`"),
        ),
        (ApiItem::Field(_), _) => (
            Effect::Compatible,
            format!("`{path}` is new, and its structure is non-exhaustive"),
        ),
        (ApiItem::Variant(_), _) => (
            Effect::Compatible,
            format!("`{path}` is new, and its enum is non-exhaustive"),
        ),
        (ApiItem::DefaultValue(value), _) => (Effect::Silent, format!("`{path}` is now `{value}`")),
        _ => (Effect::Compatible, format!("`{path}` is new")),
    }
}

fn list(arguments: &[(String, String)]) -> String {
    match arguments {
        [] => "no arguments".to_owned(),
        arguments => {
            let arguments: Vec<_> = arguments
                .iter()
                .map(|(name, ty)| format!("{name}: {ty}"))
                .collect();
            format!("`({})`", arguments.join(", "))
        }
    }
}

fn differing_arguments(before: &ApiItem, after: &ApiItem) -> BTreeSet<String> {
    let (ApiItem::Method(before), ApiItem::Method(after)) = (before, after) else {
        return BTreeSet::new();
    };
    let (old, new) = (&before.arguments, &after.arguments);
    let mut differing = BTreeSet::new();
    for (arguments, others) in [(old, new), (new, old)] {
        let is_new = |argument: &&(String, String)| !others.contains(argument);
        let names = arguments.iter().filter(is_new);
        differing.extend(names.map(|(name, _)| name.clone()));
    }
    if differing.is_empty() && old != new {
        differing.extend(old.iter().map(|(name, _)| name.clone()));
    }
    differing
}
