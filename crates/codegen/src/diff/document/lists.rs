//! What differs in how an operation hands out a list page by page (`x-pagination`), and in how it takes one in requests of
//! many items (`x-bulk`). Neither is sent: both say what the runtime of a client does.

use super::operation::{found, handle, touches};
use super::{Changes, Named, Wire, schema};
use crate::diff::change::Touch;
use crate::generate::model::{Bulk, PageStyle, Pagination, referenced_schema};

pub(super) fn paging(before: Named, after: Named, changes: &mut Changes) {
    let (old, new) = (&before.operation.pagination, &after.operation.pagination);
    let (kind, what, wire) = match (old, new) {
        (None, None) => return,
        (None, Some(_)) => (
            "pagination-added",
            "says how its list is paged".to_owned(),
            Wire::keeps("the requests of an old client mean what they did"),
        ),
        (Some(_), None) => (
            "pagination-removed",
            "no longer says how its list is paged".to_owned(),
            Wire::breaks("an old client asks for pages that the server need not know"),
        ),
        (Some(old), Some(new)) => {
            if pages_alike(old, new) {
                return;
            }
            let fewer = matches!((old.max_size, new.max_size), (Some(old), Some(new)) if new < old);
            let wire =
                if old.style != new.style || old.position != new.position || old.size != new.size {
                    Wire::breaks("an old client asks for other pages than it means")
                } else if old.items != new.items {
                    Wire::breaks("an old client looks for the items in another place")
                } else if fewer {
                    Wire::breaks("an old client asks for more items than a page may hold")
                } else {
                    Wire::keeps("an old client finds its pages as before")
                };
            let what = format!("pages {}, not {}", words(new), words(old));
            ("pagination-changed", what, wire)
        }
    };
    let mut touched = Vec::new();
    for named in [before, after] {
        let request = format!("requests::{}", named.lowered.type_name);
        let methods = ["items", "pages", "data_only"];
        touched.extend(methods.map(|method| Touch::exactly(format!("{request}::{method}"))));
        touched.extend(touches(named).into_iter().map(Touch::nearby));
        let answer = named.operation.response_body.as_ref();
        if let Some(name) = answer.and_then(referenced_schema) {
            touched.push(Touch::exactly(format!(
                "{}: Paged",
                schema::type_path(&name)
            )));
        }
    }
    changes.add(found(after, kind, what), wire, touched);
}

fn pages_alike(old: &Pagination, new: &Pagination) -> bool {
    old.style == new.style
        && old.position == new.position
        && old.size == new.size
        && old.max_size == new.max_size
        && old.items == new.items
        && old.total == new.total
}

fn words(pagination: &Pagination) -> String {
    let style = match pagination.style {
        PageStyle::Offset => "by offset".to_owned(),
        PageStyle::Page { first } => format!("by number from {first}"),
    };
    let size = pagination
        .max_size
        .map_or(String::new(), |size| format!(" of at most {size}"));
    let items = pagination.items.join(".");
    format!(
        "{style} with `{}` and `{}`{size}, items in `{items}`",
        pagination.position, pagination.size
    )
}

pub(super) fn bulk(before: Named, after: Named, changes: &mut Changes) {
    let touched = || {
        let mut touched = Vec::new();
        for named in [before, after] {
            let request = format!("requests::{}", named.lowered.type_name);
            touched.push(Touch::exactly(format!("{request}::push")));
            let bulk = named.lowered.bulk.as_ref();
            if let Some(verb) = bulk.and_then(|bulk| bulk.verb.as_ref()) {
                let handle = handle(named.lowered);
                touched.push(Touch::exactly(format!("{handle}::{verb}")));
            }
            touched.extend(touches(named).into_iter().map(Touch::nearby));
        }
        touched
    };
    let mut add = |kind, what: String, wire| {
        changes.add(found(after, kind, what), wire, touched());
    };
    match (&before.operation.bulk, &after.operation.bulk) {
        (None, None) => {}
        (None, Some(_)) => {
            let what = "says how it takes many items".to_owned();
            let why = "an old client sends one request, as before";
            add("bulk-added", what, Wire::keeps(why));
        }
        (Some(_), None) => {
            let what = "no longer says how it takes many items".to_owned();
            let why = "an old client sends parts of a refused request again, which need not be refused as a whole any more";
            add("bulk-removed", what, Wire::breaks(why));
        }
        (Some(old), Some(new)) => {
            for (what, wire) in bulk_changes(old, new) {
                add("bulk-changed", what, wire);
            }
        }
    }
}

/// What differs between two versions of `x-bulk`.
fn bulk_changes(old: &Bulk, new: &Bulk) -> Vec<(String, Wire)> {
    let mut changes = Vec::new();
    let limits = [
        ("items", old.max_items, new.max_items),
        ("bytes", old.max_bytes, new.max_bytes),
    ];
    for (unit, old, new) in limits {
        let wire = match new.cmp(&old) {
            std::cmp::Ordering::Less => {
                Wire::breaks("an old client puts more into a request than the server takes")
            }
            std::cmp::Ordering::Greater => {
                Wire::keeps("an old client sends more requests than it needs")
            }
            std::cmp::Ordering::Equal => continue,
        };
        changes.push((
            format!("takes at most {new} {unit} in a request, not {old}"),
            wire,
        ));
    }
    if old.items != new.items {
        let what = format!(
            "has its items in `{}`, not `{}`",
            new.items.join("."),
            old.items.join(".")
        );
        let why = "an old client puts the items in another place";
        changes.push((what, Wire::breaks(why)));
    }
    if old.rejection_statuses != new.rejection_statuses {
        let is_new = |status: &u16| !old.rejection_statuses.contains(status);
        let wire = if new.rejection_statuses.iter().any(is_new) {
            Wire::breaks(
                "an old client does not look for the item that such a refusal is about, and gives all of them up",
            )
        } else {
            Wire::keeps("an old client looks for an item where there is none to be found")
        };
        let statuses: Vec<String> = new
            .rejection_statuses
            .iter()
            .map(ToString::to_string)
            .collect();
        let what = match &statuses[..] {
            [] => "refuses requests for their items by no status of its own".to_owned(),
            statuses => format!(
                "refuses requests for their items by {}",
                statuses.join(", ")
            ),
        };
        changes.push((what, wire));
    }
    if old.identified_by != new.identified_by {
        let what = format!(
            "calls its items by {}, not {}",
            listed(&new.identified_by),
            listed(&old.identified_by)
        );
        let why = "an old client finds a refused item by halves where it does not find its name";
        changes.push((what, Wire::keeps(why)));
    }
    if old.verb != new.verb {
        let verb = |bulk: &Bulk| {
            bulk.verb
                .as_ref()
                .map_or("nothing".to_owned(), |verb| format!("`{verb}`"))
        };
        let what = format!(
            "takes many items as {} of its resource, not {}",
            verb(new),
            verb(old)
        );
        changes.push((what, Wire::keeps("verbs are not sent")));
    }
    changes
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "nothing".to_owned(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
