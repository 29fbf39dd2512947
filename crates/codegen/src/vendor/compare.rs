//! The facts that differ between our document and the vendor's.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::facts::{facts, subject};
use super::select::Selection;
use super::settings::Settings;

/// The facts that differ, by the side that has them.
#[derive(Clone, Debug, Default)]
pub(super) struct Differences {
    /// The facts that differ and are not meant to. A fact of the vendor begins with `- `, and one
    /// of our document with `+ `.
    pub(super) facts: BTreeSet<String>,
    /// The number of facts that differ on purpose.
    pub(super) intended: usize,
    /// The entries of the list of differences that match nothing any more.
    pub(super) stale: Vec<String>,
}

/// Returns the facts that differ and are not meant to, as [`Differences::facts`] has them.
pub(super) fn differing(ours: &Value, theirs: &Selection, settings: &Settings) -> BTreeSet<String> {
    let reasons = settings.reasons();
    let mut all = different(&facts(ours, &settings.tags()), &theirs.facts);
    all.retain(|fact| !reasons.contains_key(fact.as_str()));
    all
}

/// Returns the facts of one side only, each with its side.
fn different(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> BTreeSet<String> {
    let only_theirs = theirs.difference(ours).map(|fact| format!("- {fact}"));
    let only_ours = ours.difference(theirs);
    // No OpenAPI document says which sites serve an operation; the vendor's pages do.
    let only_ours = only_ours.filter(|fact| !fact.contains(": unavailable on "));
    let only_ours = only_ours.map(|fact| format!("+ {fact}"));
    only_theirs.chain(only_ours).collect()
}

/// Compares the facts of both documents.
pub(super) fn compare(ours: &Value, theirs: &Selection, settings: &Settings) -> Differences {
    let our_facts = facts(ours, &settings.tags());
    let all = different(&our_facts, &theirs.facts);
    let reasons = settings.reasons();
    // The vendor's document does not describe the other domains.
    let known: BTreeSet<&str> = our_facts
        .iter()
        .chain(&theirs.facts)
        .map(|fact| subject(fact))
        .collect();
    let everything = facts(ours, &[]);
    let others: BTreeSet<&str> = everything
        .iter()
        .map(|fact| subject(fact))
        .filter(|subject| !known.contains(subject))
        .collect();
    let is_stale = |entry: &&&str| {
        !all.contains(**entry)
            && !theirs.left_out.iter().any(|left_out| left_out == **entry)
            && !others.contains(subject(entry.get(2..).unwrap_or_default()))
    };
    let stale = reasons.keys().filter(is_stale);
    let stale = stale.map(|entry| (*entry).to_owned()).collect();
    let (intended, facts): (BTreeSet<_>, BTreeSet<_>) = all
        .into_iter()
        .partition(|fact| reasons.contains_key(fact.as_str()));
    Differences {
        facts,
        intended: intended.len() + theirs.left_out.len(),
        stale,
    }
}

/// The facts that differ about one operation or schema.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    /// The facts by the place that they are about, without the place: the side, and the statement.
    pub(super) places: BTreeMap<String, Vec<(Side, String)>>,
}

/// The side that has a fact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    /// The vendor's document.
    Theirs,
    /// Our document.
    Ours,
}

impl Group {
    /// Returns the statements about a place.
    pub(super) fn at(&self, place: &str) -> &[(Side, String)] {
        self.places
            .get(place)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Returns true if something differs at a place or inside it.
    pub(super) fn has(&self, place: &str) -> bool {
        self.places.keys().any(|known| {
            let rest = known.strip_prefix(place);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[', ' ', ':']))
        })
    }
}

/// Groups facts that differ by their subject, and keeps those that `only` selects: all, or the
/// facts that begin with one of its entries.
pub(super) fn groups(facts: &BTreeSet<String>, only: &[String]) -> BTreeMap<String, Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for line in facts.iter().filter(|line| is_selected(line, only)) {
        let (side, fact) = match line.split_at(2) {
            ("- ", fact) => (Side::Theirs, fact),
            (_, fact) => (Side::Ours, fact),
        };
        let (place, statement) = split(fact);
        let group = groups.entry(subject(fact).to_owned()).or_default();
        let statements = group.places.entry(place.to_owned()).or_default();
        statements.push((side, statement.to_owned()));
    }
    groups
}

/// Returns true if a fact that differs begins with an entry of `only`, or if that is empty.
pub(super) fn is_selected(line: &str, only: &[String]) -> bool {
    let fact = line.get(2..).unwrap_or_default();
    only.is_empty()
        || only.iter().any(|prefix| {
            let rest = fact.strip_prefix(prefix.as_str());
            rest.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with(['.', ':', ' ', '[']) || prefix.ends_with(':')
            })
        })
}

/// Splits a fact into its place and its statement.
pub(super) fn split(fact: &str) -> (&str, &str) {
    let value = fact.find(" = ").unwrap_or(fact.len());
    let Some(colon) = fact.find(": ").filter(|colon| *colon < value) else {
        return (&fact[..value], fact.get(value + 1..).unwrap_or_default());
    };
    let rest = &fact[colon + 2..];
    let is_parameter = ["query ", "path ", "header ", "cookie "]
        .iter()
        .any(|kind| rest.starts_with(kind));
    if is_parameter && !fact[..colon].contains('.') {
        // A parameter is a place of its own, and so is each property of its schema.
        let end = rest.find(": ").or_else(|| rest.find(" = "));
        if let Some(end) = end {
            let end = colon + 2 + end;
            return (&fact[..end], fact[end..].trim_start_matches(": "));
        }
    }
    (&fact[..colon], rest)
}
