//! A change of the document and its effects.

use serde::Serialize;

use super::api::{ApiChange, Effect};

/// One thing that differs between two documents, in one domain.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// The kind of change, in kebab case: `field-added`.
    pub kind: &'static str,
    /// The changed thing by its name in the document: ``field `KpiRequest.unit` ``.
    pub subject: String,
    /// The change in a few words, as a predicate of the subject.
    pub what: String,
    /// The effect on clients built from the old document.
    pub wire: WireEffect,
    /// The effect on code written against the old crate.
    pub rust: RustEffect,
    /// The location in the new document, or in the old one for a removed thing.
    pub location: Option<String>,
    /// The items of the crate that the change may affect.
    #[serde(skip)]
    pub affected: Vec<AffectedItem>,
}

/// The effect of a change on clients built from the old document.
#[derive(Clone, Debug, Serialize)]
pub struct WireEffect {
    /// True if a client built from the old document fails or misbehaves.
    pub breaks: bool,
    /// The reason in one sentence.
    pub why: String,
}

impl WireEffect {
    /// Creates the effect for a client that fails or misbehaves.
    pub(crate) fn breaks(why: impl Into<String>) -> Self {
        Self {
            breaks: true,
            why: why.into(),
        }
    }

    /// Creates the effect for a client that works as before.
    pub(crate) fn keeps(why: impl Into<String>) -> Self {
        Self {
            breaks: false,
            why: why.into(),
        }
    }
}

/// The effect of a change on code written against the old crate.
#[derive(Clone, Debug, Serialize)]
pub struct RustEffect {
    /// The worst effect of the changed items.
    pub effect: Effect,
    /// The reason in one sentence.
    pub why: String,
    /// The changed items.
    pub changes: Vec<ApiChange>,
}

impl Default for RustEffect {
    fn default() -> Self {
        Self {
            effect: Effect::Compatible,
            why: "the API is the same".to_owned(),
            changes: Vec::new(),
        }
    }
}

impl RustEffect {
    /// Returns the worst effect of `changes`.
    pub(crate) fn of(changes: Vec<ApiChange>) -> Self {
        let Some(worst) = changes.iter().max_by(|left, right| {
            // The first of several equally bad changes.
            left.effect
                .cmp(&right.effect)
                .then(right.path.cmp(&left.path))
        }) else {
            return Self::default();
        };
        Self {
            effect: worst.effect,
            why: worst.why.clone(),
            changes,
        }
    }
}

/// An item of a generated crate that a change of the document may affect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AffectedItem {
    /// The path of the item, or a prefix of paths.
    pub path: String,
    /// The argument of a method that the change is about.
    pub argument: Option<String>,
    /// True if the items inside the type at the path are affected, too.
    pub below: bool,
    /// True if the items that refer to the type at the path are affected: whether its name, its
    /// form or its existence changes.
    pub identity: bool,
    /// True if the item is affected only if no other change explains it.
    pub near: bool,
}

impl AffectedItem {
    /// Creates the item at `path`.
    pub(crate) fn exactly(path: String) -> Self {
        Self {
            path,
            argument: None,
            below: false,
            identity: false,
            near: false,
        }
    }

    /// Creates an argument of the method at `path`.
    pub(crate) fn argument(path: String, argument: &str) -> Self {
        Self {
            path,
            argument: Some(argument.to_owned()),
            below: false,
            identity: false,
            near: false,
        }
    }

    /// Creates the type at `path` and the items inside it.
    pub(crate) fn below(path: String) -> Self {
        Self {
            below: true,
            ..Self::exactly(path)
        }
    }

    /// Creates the type at `path`, the items inside it, and those that refer to it.
    pub(crate) fn identity(path: String) -> Self {
        Self {
            identity: true,
            ..Self::below(path)
        }
    }

    /// Marks the item as affected only if no other change explains it.
    pub(crate) fn nearby(self) -> Self {
        Self { near: true, ..self }
    }

    /// Returns how closely a changed item matches; 0 if it does not.
    pub(crate) fn fits(&self, change: &ApiChange) -> usize {
        if self.near {
            return usize::from(self.holds(&change.path));
        }
        if let Some(argument) = &self.argument {
            return if change.path == self.path && change.arguments.contains(argument) {
                EXACT + 1
            } else {
                0
            };
        }
        if change.path == self.path {
            return EXACT;
        }
        if self.below && self.holds(&change.path) {
            return 3 + self.path.len();
        }
        if self.identity && change.types.contains(&self.path) {
            2
        } else {
            0
        }
    }

    /// Returns true if an item is the one at the path or inside it.
    fn holds(&self, path: &str) -> bool {
        path.strip_prefix(&self.path).is_some_and(|rest| {
            self.path.is_empty()
                || self.path.ends_with([' ', ':'])
                || rest.is_empty()
                || rest.starts_with(['.', ':', '<'])
        })
    }
}

/// The weight of an exact match, above every match of a type.
const EXACT: usize = 10_000;
