//! What differs in the parameters of an operation.

use std::collections::HashMap;

use super::body::{At, Walk, deprecation};
use super::operation::{callers, touches};
use super::place::Use;
use super::types::{Kind, resolve};
use super::{Changes, Found, Named, Wire, schema};
use crate::diff::change::Touch;
use crate::generate::identifiers::pascal_case;
use crate::generate::model::{Parameter, ParameterPlace};

pub(super) fn compare(before: Named, after: Named, changes: &mut Changes) {
    // The names of path parameters are not sent: those are told apart by their place in the path.
    let key = |named: Named, parameter: &Parameter| match parameter.place {
        ParameterPlace::Path => {
            let at = position(&named.operation.path, &parameter.name);
            format!("path {at}")
        }
        place @ (ParameterPlace::Query
        | ParameterPlace::Cookie
        | ParameterPlace::Field
        | ParameterPlace::Part(_)) => format!("{} {}", word(place), parameter.name),
        ParameterPlace::Header => format!("header {}", parameter.name.to_ascii_lowercase()),
    };
    let pairs = |named: Named| -> Vec<(String, usize)> {
        let parameters = named.operation.parameters.iter().enumerate();
        parameters
            .map(|(at, parameter)| (key(named, parameter), at))
            .collect()
    };
    let (old, new) = (pairs(before), pairs(after));
    let mut met = Vec::new();
    for (key, at) in &old {
        let same = new.iter().find(|(other, _)| other == key);
        let same = same.or_else(|| moved(before, *at, after, &old, &new));
        match same {
            Some((_, now)) => {
                met.push(*now);
                both(before, *at, after, *now, changes);
            }
            None => removed(before, *at, after, changes),
        }
    }
    for (_, at) in &new {
        if !met.contains(at) {
            added(before, after, *at, changes);
        }
    }
    let in_order =
        |named: Named, others: &[(String, usize)], own: &[(String, usize)]| -> Vec<String> {
            let required = own.iter().filter(|(_, at)| {
                let parameter = named.operation.parameters.get(*at);
                parameter.is_some_and(|parameter| parameter.required)
            });
            required
                .map(|(key, _)| key.clone())
                .filter(|key| others.iter().any(|(other, _)| other == key))
                .collect()
        };
    if in_order(before, &new, &old) != in_order(after, &old, &new) {
        let subject = format!("operation `{}`", after.operation.id);
        let what = "lists its required parameters in another order";
        let found = Found::new("parameters-moved", subject, what, &after.operation.location);
        let why = "a query has no order, nor have headers";
        let touched = callers(after).into_iter().map(Touch::exactly).collect();
        changes.add(found, Wire::keeps(why), touched);
    }
}

/// A parameter of another name or place that is the same for the rest, if there is just one.
fn moved<'a>(
    before: Named,
    at: usize,
    after: Named,
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

/// The promises that a parameter makes: an argument, or a setter.
fn parameter_touches(named: Named, at: usize) -> Vec<Touch> {
    let Some(name) = named
        .lowered
        .parameters
        .get(at)
        .map(|parameter| &parameter.rust_name)
    else {
        return Vec::new();
    };
    let mut touches: Vec<Touch> = callers(named)
        .into_iter()
        .map(|path| Touch::argument(path, name))
        .collect();
    touches.push(Touch::exactly(format!(
        "requests::{}::{name}",
        named.lowered.type_name
    )));
    touches
}

fn found(named: Named, parameter: &Parameter, kind: &'static str, what: &str) -> Found {
    let subject = format!("parameter `{}.{}`", named.operation.id, parameter.name);
    Found::new(kind, subject, what, &named.operation.location)
}

fn added(before: Named, after: Named, at: usize, changes: &mut Changes) {
    let Some(parameter) = after.operation.parameters.get(at) else {
        return;
    };
    let mut touched = parameter_touches(after, at);
    touched.extend(touches(before).into_iter().map(Touch::nearby));
    if parameter.required {
        let found = found(
            after,
            parameter,
            "required-parameter-added",
            "is new and required",
        );
        let why = "the server refuses requests without it, and an old client does not send it";
        changes.add(found, Wire::breaks(why), touched);
    } else {
        let found = found(after, parameter, "optional-parameter-added", "is new");
        let why = "an old client leaves it out";
        changes.add(found, Wire::keeps(why), touched);
    }
}

fn removed(before: Named, at: usize, after: Named, changes: &mut Changes) {
    let Some(parameter) = before.operation.parameters.get(at) else {
        return;
    };
    let mut touched = parameter_touches(before, at);
    touched.extend(touches(after).into_iter().map(Touch::nearby));
    let found = found(before, parameter, "parameter-removed", "is gone");
    let why = "what an old client sends there is ignored or refused";
    changes.add(found, Wire::breaks(why), touched);
}

fn both(before: Named, at: usize, after: Named, now: usize, changes: &mut Changes) {
    let (Some(old), Some(new)) = (
        before.operation.parameters.get(at),
        after.operation.parameters.get(now),
    ) else {
        return;
    };
    let touched = || {
        let mut touched = parameter_touches(before, at);
        touched.extend(parameter_touches(after, now));
        touched
    };
    let mut add =
        |kind, what: &str, wire| changes.add(found(after, new, kind, what), wire, touched());
    if old.place != new.place {
        if word(new.place) == word(old.place) {
            let why = "an old client writes it in the form that it had";
            add("part-rewritten", "has another form", Wire::breaks(why));
        } else {
            let (now, before) = (word(new.place), word(old.place));
            let what = format!("goes into the {now}, not the {before}");
            let why = "an old client sends it where the server does not look";
            add("parameter-moved", &what, Wire::breaks(why));
        }
    }
    if old.name != new.name && new.place == ParameterPlace::Path {
        let what = format!("was called `{}`", old.name);
        let why = "the names of path parameters are not sent";
        add("path-parameter-renamed", &what, Wire::keeps(why));
    } else if old.name != new.name && new.place == ParameterPlace::Header {
        let what = format!("was called `{}`", old.name);
        let why = "the names of headers are the same in any case (RFC 9110, section 5.1)";
        add("header-recased", &what, Wire::keeps(why));
    } else if old.name != new.name {
        let what = format!("was called `{}`", old.name);
        let why = "an old client sends it under a name that the server does not know";
        add("parameter-renamed", &what, Wire::breaks(why));
    }
    match (old.required, new.required) {
        (false, true) => {
            let why = "the server refuses requests without it, which an old client may send";
            add("parameter-required", "is required now", Wire::breaks(why));
        }
        (true, false) => {
            let why = "an old client sends it as before";
            add(
                "parameter-optional",
                "may be left out now",
                Wire::keeps(why),
            );
        }
        _ => {}
    }
    if old.style != new.style {
        let why = "an old client writes it in a way that the server does not read";
        add(
            "style-changed",
            "is written in another style",
            Wire::breaks(why),
        );
    }
    if old.deprecated != new.deprecated {
        let (kind, what) = deprecation(new.deprecated);
        let why = "what is advised against works as before";
        add(kind, what, Wire::keeps(why));
    }
    if old.description != new.description {
        let why = "documentation is not sent";
        add(
            "description-changed",
            "has another description",
            Wire::keeps(why),
        );
    }
    let (domain, new_domain) = (before.domain, after.domain);
    let kinds = [
        Kind::of(resolve(&old.schema, &domain.schemas)),
        Kind::of(resolve(&new.schema, &new_domain.schemas)),
    ];
    if let [from, to @ Kind::Text(None)] = &kinds
        && from != to
    {
        // On the way, a parameter is text whatever it was.
        let what = format!("was {} and is text", from.words());
        let why = "what an old client sends is text, too";
        return add("type-changed", &what, Wire::keeps(why));
    }
    let renamed: HashMap<String, String> = schema::renamed(domain, new_domain);
    let id = pascal_case(&after.operation.id, "Operation");
    let at = At {
        noun: "parameter",
        subject: format!("{}.{}", after.operation.id, new.name),
        owner: format!("{id}{}", pascal_case(&new.name, "Parameter")),
        place: after.operation.location.clone(),
        touches: touched(),
        optional: false,
    };
    let mut walk = Walk {
        old: &domain.schemas,
        new: &new_domain.schemas,
        renamed: &renamed,
        used: Use::SENT,
        changes,
    };
    walk.schemas(&at, &old.schema, &new.schema);
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

/// Which of the path's parameters `name` is.
fn position(path: &str, name: &str) -> usize {
    path.split('{')
        .skip(1)
        .position(|rest| rest.split('}').next() == Some(name))
        .unwrap_or_default()
}
