//! A change of the document and what it means.

use serde::Serialize;

use super::api::{ApiChange, Effect};

/// One thing that differs between two documents, in one domain.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What kind of change it is, in kebab case: `field-added`.
    pub kind: &'static str,
    /// What changed, as the document calls it: ``field `KpiRequest.unit` ``.
    pub subject: String,
    /// How, in a few words.
    pub what: String,
    /// Whether a client built from the old document fails or misbehaves.
    pub wire: Wire,
    /// What code written against the old crate meets.
    pub rust: Rust,
    /// Where it stands: in the new document, or in the old one if it is gone there.
    pub place: Option<String>,
    /// Which promises of the crate it may have changed.
    #[serde(skip)]
    pub touches: Vec<Touch>,
}

/// The verdict on the wire.
#[derive(Clone, Debug, Serialize)]
pub struct Wire {
    /// Whether a client built from the old document fails or misbehaves.
    pub breaks: bool,
    /// Why, in one sentence.
    pub why: String,
}

impl Wire {
    /// A client of the old document fails or misbehaves.
    pub(crate) fn breaks(why: impl Into<String>) -> Self {
        Self {
            breaks: true,
            why: why.into(),
        }
    }

    /// A client of the old document works as before.
    pub(crate) fn keeps(why: impl Into<String>) -> Self {
        Self {
            breaks: false,
            why: why.into(),
        }
    }
}

/// The verdict on the Rust API.
#[derive(Clone, Debug, Serialize)]
pub struct Rust {
    /// The worst of what follows from the change.
    pub effect: Effect,
    /// Why, in one sentence.
    pub why: String,
    /// The promises that differ because of it.
    pub changes: Vec<ApiChange>,
}

impl Default for Rust {
    fn default() -> Self {
        Self {
            effect: Effect::Compatible,
            why: "the interface is the same".to_owned(),
            changes: Vec::new(),
        }
    }
}

impl Rust {
    /// The verdict that `changes` amount to.
    pub(crate) fn of(changes: Vec<ApiChange>) -> Self {
        let Some(worst) = changes.iter().max_by(|left, right| {
            // Of several equally bad ones, the first.
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

/// A promise that a change of the document may have changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Touch {
    /// The path of the promise, or what it begins with.
    pub path: String,
    /// The argument that the change is about, where the promise is a method that takes several things.
    pub argument: Option<String>,
    /// Whether everything below the path, and types whose names begin so, belong to it, too.
    pub below: bool,
    /// Whether it comes into question only where nothing else does.
    pub near: bool,
}

impl Touch {
    /// The promise at `path` alone.
    pub(crate) fn exactly(path: String) -> Self {
        Self {
            path,
            argument: None,
            below: false,
            near: false,
        }
    }

    /// An argument of the method at `path`.
    pub(crate) fn argument(path: String, argument: &str) -> Self {
        Self {
            path,
            argument: Some(argument.to_owned()),
            below: false,
            near: false,
        }
    }

    /// Everything that begins with `path`.
    pub(crate) fn below(path: String) -> Self {
        Self {
            path,
            argument: None,
            below: true,
            near: false,
        }
    }

    /// The same promise, for want of a better cause.
    pub(crate) fn nearby(self) -> Self {
        Self { near: true, ..self }
    }

    /// How closely the promise `change` belongs here; 0 is not at all.
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
            // What says nothing of arguments may still be why they differ.
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

/// The weight of the promise itself, above what merely begins like it.
const EXACT: usize = 10_000;

/// Whether `text` names the last part of `path` as a whole word.
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
