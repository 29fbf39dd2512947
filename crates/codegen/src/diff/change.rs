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
    /// True if the path is a prefix: of items inside a type and of names of types.
    pub below: bool,
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
            near: false,
        }
    }

    /// Creates an argument of the method at `path`.
    pub(crate) fn argument(path: String, argument: &str) -> Self {
        Self {
            path,
            argument: Some(argument.to_owned()),
            below: false,
            near: false,
        }
    }

    /// Creates all items whose paths begin with `path`.
    pub(crate) fn below(path: String) -> Self {
        Self {
            path,
            argument: None,
            below: true,
            near: false,
        }
    }

    /// Marks the item as affected only if no other change explains it.
    pub(crate) fn nearby(self) -> Self {
        Self { near: true, ..self }
    }

    /// Returns how closely a changed item matches; 0 if it does not.
    pub(crate) fn fits(&self, change: &ApiChange) -> usize {
        if self.near {
            return usize::from(change.path.starts_with(&self.path));
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
        if self.below && change.path.starts_with(&self.path) {
            return 3 + self.path.len();
        }
        let mentions =
            |text: &Option<String>| text.as_ref().is_some_and(|text| mentions(text, &self.path));
        let is_mentioned = self.below
            && (mentions(&Some(change.path.clone()))
                || mentions(&change.before)
                || mentions(&change.after));
        if is_mentioned { 2 } else { 0 }
    }
}

/// The weight of an exact match, above every match of a prefix.
const EXACT: usize = 10_000;

/// Returns true if `text` has the last segment of `path` as a whole word.
fn mentions(text: &str, path: &str) -> bool {
    let name = path.rsplit(':').next().unwrap_or(path);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text
                .get(at + name.len()..)
                .and_then(|text| text.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
}
