//! The list that a comparison fills.

use indexmap::IndexMap;

use crate::diff::change::{AffectedItem, Change, RustEffect, WireEffect};
use crate::document::diagnostic::Location;

/// The changes found so far.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) by_tag: IndexMap<String, Vec<Change>>,
    /// The domain that is compared.
    pub(super) tag: String,
}

impl Changes {
    /// Returns the number of changes in the current domain.
    pub(super) fn count(&self) -> usize {
        self.by_tag.get(&self.tag).map_or(0, Vec::len)
    }

    /// Adds `affected` to the changes from index `first` on.
    pub(super) fn add_affected(&mut self, first: usize, affected: &[AffectedItem]) {
        let changes = self.by_tag.get_mut(&self.tag).into_iter().flatten();
        // A change of documentation alone affects no code.
        for change in changes
            .skip(first)
            .filter(|change| !change.affected.is_empty())
        {
            change.affected.extend_from_slice(affected);
        }
    }

    pub(super) fn add(
        &mut self,
        difference: Difference,
        wire: WireEffect,
        affected: Vec<AffectedItem>,
    ) {
        let change = Change {
            kind: difference.kind,
            subject: difference.subject,
            what: difference.what,
            wire,
            rust: RustEffect::default(),
            location: difference.location,
            affected,
        };
        self.by_tag
            .entry(self.tag.clone())
            .or_default()
            .push(change);
    }
}

/// A difference between two documents, before its effects are known.
pub(super) struct Difference {
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) what: String,
    pub(super) location: Option<String>,
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
        }
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
