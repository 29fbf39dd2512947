//! The list that a comparison fills.

use crate::collections::{HashSet, IndexMap};
use crate::diff::change::{Change, RustEffect, WireEffect};
use crate::diff::nodes::{DocumentNode, changed};
use crate::document::diagnostic::Location;
use crate::generate::model::SchemaPath;

/// Extensions that announce a change: the keyword, the kind of change, and its words.
pub(super) const ANNOUNCEMENTS: [(&str, &str, &str); 2] = [
    ("x-sunset", "sunset-changed", "has the sunset date"),
    (
        "x-stability-level",
        "stability-changed",
        "has the stability level",
    ),
];

/// The changes found so far.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) by_tag: IndexMap<String, Vec<Change>>,
    /// The domain that is compared.
    pub(super) tag: String,
}

impl Changes {
    /// Removes the changes of the schema `child` that one of `ancestors` has, too. Their nodes
    /// move there.
    pub(super) fn join(&mut self, child: &str, ancestors: &HashSet<String>) {
        let Some(changes) = self.by_tag.get_mut(&self.tag) else {
            return;
        };
        let is_own = |subject: &str| in_schema(subject, child).is_some();
        let (own, mut others): (Vec<Change>, Vec<Change>) = changes
            .drain(..)
            .partition(|change| is_own(&change.subject));
        let mut kept = Vec::new();
        for change in own {
            let rest = in_schema(&change.subject, child);
            let same = others.iter_mut().find(|other| {
                other.kind == change.kind
                    && other.what == change.what
                    && ancestors
                        .iter()
                        .any(|name| in_schema(&other.subject, name) == rest)
            });
            match same {
                Some(same) => {
                    same.nodes.extend(change.nodes);
                    if change.wire.breaks && !same.wire.breaks {
                        same.wire = change.wire;
                    }
                }
                None => kept.push(change),
            }
        }
        others.extend(kept);
        *changes = others;
    }

    /// Adds a change of something that no line of the document declares alone.
    pub(super) fn add_without_location(
        &mut self,
        kind: &'static str,
        subject: String,
        what: String,
        wire: WireEffect,
    ) {
        let difference = Difference {
            kind,
            subject,
            what,
            location: None,
            nodes: Vec::new(),
        };
        self.add(difference, wire);
    }

    pub(super) fn add(&mut self, difference: Difference, wire: WireEffect) {
        let change = Change {
            kind: difference.kind,
            subject: difference.subject,
            what: difference.what,
            wire,
            rust: RustEffect::default(),
            location: difference.location,
            nodes: difference.nodes,
        };
        self.by_tag
            .entry(self.tag.clone())
            .or_default()
            .push(change);
    }
}

/// Returns the path in the schema `name` that a subject is about: `.a` of ``field `Name.a` ``.
fn in_schema<'a>(subject: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (noun, path) = subject.split_once('`')?;
    let rest = path.strip_prefix(name)?.strip_suffix('`')?;
    (rest.is_empty() || rest.starts_with('.')).then_some((noun, rest))
}

/// A difference between two documents, before its effects are known.
pub(super) struct Difference {
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) what: String,
    pub(super) location: Option<String>,
    pub(super) nodes: Vec<DocumentNode>,
}

impl Difference {
    pub(super) fn new(
        kind: &'static str,
        subject: impl Into<String>,
        what: impl Into<String>,
        location: &Location,
    ) -> Self {
        Self {
            kind,
            subject: subject.into(),
            what: what.into(),
            location: Some(location.to_string()),
            nodes: Vec::new(),
        }
    }

    /// Names the paths of the nodes that it is about.
    pub(super) fn of(self, paths: &[SchemaPath]) -> Self {
        let nodes = changed(self.kind, paths);
        Self { nodes, ..self }
    }
}

/// Returns the kind of a change of `deprecated` and its description.
pub(super) fn deprecation(is_deprecated: bool) -> (&'static str, &'static str) {
    if is_deprecated {
        ("deprecated", "is now deprecated")
    } else {
        ("undeprecated", "is no longer deprecated")
    }
}
