//! Compares how an operation pages through a list (`x-pagination`) and how it takes many items
//! (`x-bulk`). Both control the runtime of a client and are not sent.

use std::cmp::Ordering;

use super::changes::Changes;
use super::subject::OperationVersion;
use crate::diff::change::WireEffect;
use crate::generate::model::{Bulk, PageParameter, PageStyle, Pagination, SchemaPath};

pub(super) fn paging(before: OperationVersion, after: OperationVersion, changes: &mut Changes) {
    let (old, new) = (&before.operation.pagination, &after.operation.pagination);
    let (kind, what, wire) = match (old, new) {
        (None, None) => return,
        (Some(old), Some(new)) if pages_alike(old, new) => return,
        (None, Some(_)) => (
            "pagination-added",
            "declares its pagination".to_owned(),
            WireEffect::keeps("the requests of an old client keep their meaning"),
        ),
        (Some(_), None) => (
            "pagination-removed",
            "no longer declares its pagination".to_owned(),
            WireEffect::breaks("an old client asks for pages that the server may not have"),
        ),
        (Some(old), Some(new)) => (
            "pagination-changed",
            format!("pages {}, not {}", words(new), words(old)),
            paging_effect(old, new),
        ),
    };
    let is_elsewhere = |old: &Pagination, new: &Pagination| old.items != new.items;
    let decides = match (old, new) {
        (Some(old), Some(new)) => is_elsewhere(old, new),
        _ => true,
    };
    let paths = [before.path(), after.path()];
    let paths: &[SchemaPath] = if decides { &paths } else { &[] };
    changes.add(after.difference(kind, what).of(paths), wire);
}

fn paging_effect(old: &Pagination, new: &Pagination) -> WireEffect {
    let is_smaller = matches!((old.max_size, new.max_size), (Some(old), Some(new)) if new < old);
    if old.style != new.style || old.size != new.size {
        WireEffect::breaks("an old client asks for the wrong pages")
    } else if old.items != new.items {
        WireEffect::breaks("an old client looks for the items in the wrong property")
    } else if is_smaller {
        WireEffect::breaks("an old client asks for more items than a page can have")
    } else {
        WireEffect::keeps("an old client finds its pages as before")
    }
}

/// Returns true if the pages are the same. The properties of items are compared with the schemas.
fn pages_alike(old: &Pagination, new: &Pagination) -> bool {
    old.style == new.style
        && old.size == new.size
        && old.max_size == new.max_size
        && old.default_size == new.default_size
        && old.items == new.items
        && ends(old) == ends(new)
}

/// Returns the statements about the end of the list.
fn ends(pagination: &Pagination) -> impl PartialEq + '_ {
    (
        &pagination.total,
        &pagination.page_count,
        &pagination.has_more,
        &pagination.next_link,
        pagination.link_header,
    )
}

fn words(pagination: &Pagination) -> String {
    let style = match &pagination.style {
        PageStyle::Offset(it) => format!("by offset with `{}`", name(it)),
        PageStyle::Page { parameter, first } => {
            format!("by number from {first} with `{}`", name(parameter))
        }
        PageStyle::Cursor { parameter, next } => {
            let next = next.join(".");
            format!("by cursor with `{}` from `{next}`", name(parameter))
        }
        PageStyle::Link { .. } => "by link".to_owned(),
    };
    let size = pagination.size.as_ref();
    let size = size.map_or(String::new(), |size| format!(" and `{}`", name(size)));
    let maximum = pagination
        .max_size
        .map_or(String::new(), |size| format!(" of at most {size}"));
    let items = pagination.items.join(".");
    format!("{style}{size}{maximum}, items in `{items}`")
}

fn name(parameter: &PageParameter) -> String {
    match parameter {
        PageParameter::Query(name) => name.clone(),
        PageParameter::Body(path) => format!("body.{}", path.join(".")),
    }
}

pub(super) fn bulk(before: OperationVersion, after: OperationVersion, changes: &mut Changes) {
    let mut add = |kind, what: String, wire| {
        let difference = after.difference(kind, what);
        changes.add(difference.of(&[before.path(), after.path()]), wire);
    };
    match (&before.operation.bulk, &after.operation.bulk) {
        (None, None) => {}
        (None, Some(_)) => {
            let what = "declares how it takes many items".to_owned();
            let why = "an old client sends one request, as before";
            add("bulk-added", what, WireEffect::keeps(why));
        }
        (Some(_), None) => {
            let what = "no longer declares how it takes many items".to_owned();
            let why = "an old client sends parts of a rejected request again, \
                       although the server may have applied some of it";
            add("bulk-removed", what, WireEffect::breaks(why));
        }
        (Some(old), Some(new)) => {
            for (what, wire, part) in bulk_changes(old, new) {
                let paths = [before.path(), after.path()];
                let paths: &[SchemaPath] = match part {
                    Part::Items => &paths,
                    Part::Verb => &paths.map(|path| path.child("bulk")),
                    Part::Limits => &[],
                };
                let difference = after.difference("bulk-changed", what);
                changes.add(difference.of(paths), wire);
            }
        }
    }
}

/// The part of `x-bulk` that a change is about. Limits decide no item of a crate.
enum Part {
    Items,
    Verb,
    Limits,
}

/// Returns what differs between two versions of `x-bulk`.
fn bulk_changes(old: &Bulk, new: &Bulk) -> Vec<(String, WireEffect, Part)> {
    let limits = bulk_limits(old, new)
        .into_iter()
        .chain(rejections(old, new));
    let limits = limits.map(|(what, wire)| (what, wire, Part::Limits));
    let mut changes: Vec<_> = limits.collect();
    if old.items != new.items {
        let (now, was) = (new.items.join("."), old.items.join("."));
        let what = format!("has its items in `{now}`, not `{was}`");
        let why = "an old client puts the items in the wrong property";
        changes.push((what, WireEffect::breaks(why), Part::Items));
    }
    if old.identified_by != new.identified_by {
        let (now, was) = (listed(&new.identified_by), listed(&old.identified_by));
        let what = format!("identifies its items by {now}, not {was}");
        let why = "an old client finds a rejected item by halving the request";
        changes.push((what, WireEffect::keeps(why), Part::Limits));
    }
    if old.verb != new.verb {
        let verb = |bulk: &Bulk| listed(bulk.verb.as_slice());
        let what = format!(
            "has the verb {} for many items, not {}",
            verb(new),
            verb(old)
        );
        changes.push((what, WireEffect::keeps("verbs are not sent"), Part::Verb));
    }
    changes
}

fn bulk_limits(old: &Bulk, new: &Bulk) -> Vec<(String, WireEffect)> {
    let limits = [
        ("items", old.max_items, new.max_items),
        ("bytes", old.max_bytes, new.max_bytes),
    ];
    let mut changes = Vec::new();
    for (unit, old, new) in limits {
        let wire = match new.cmp(&old) {
            Ordering::Less => WireEffect::breaks("an old client sends larger requests"),
            Ordering::Greater => WireEffect::keeps("an old client sends more requests than needed"),
            Ordering::Equal => continue,
        };
        let what = format!("takes at most {new} {unit} in a request, not {old}");
        changes.push((what, wire));
    }
    changes
}

/// Compares the status codes that reject a request because of one of its items.
fn rejections(old: &Bulk, new: &Bulk) -> Option<(String, WireEffect)> {
    if old.rejection_statuses == new.rejection_statuses {
        return None;
    }
    let is_new = |status: &u16| !old.rejection_statuses.contains(status);
    let wire = if new.rejection_statuses.iter().any(is_new) {
        WireEffect::breaks("an old client drops all items of a request for one rejected item")
    } else {
        WireEffect::keeps("an old client does not find a rejected item")
    };
    let statuses: Vec<String> = new
        .rejection_statuses
        .iter()
        .map(ToString::to_string)
        .collect();
    let what = match &statuses[..] {
        [] => "has no status code for a rejected item".to_owned(),
        statuses => format!("rejects single items with {}", statuses.join(", ")),
    };
    Some((what, wire))
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}
