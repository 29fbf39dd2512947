//! A change of the document and its effects.

use serde::Serialize;

use super::api::{ApiChange, Effect};
use super::nodes::DocumentNode;

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
    /// The nodes of the document that it changes.
    #[serde(skip)]
    pub nodes: Vec<DocumentNode>,
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
