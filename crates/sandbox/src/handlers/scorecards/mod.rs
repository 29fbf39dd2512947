//! Scorecards, rules, outcomes and scores.

mod outcomes;
mod rules;
#[allow(
    clippy::module_inception,
    reason = "the resource has the name of its domain"
)]
mod scorecards;
mod scores;

use super::handler::Entry;

/// The tables of the domain.
pub(super) const TABLES: [&[Entry]; 4] = [
    outcomes::HANDLERS,
    rules::HANDLERS,
    scorecards::HANDLERS,
    scores::HANDLERS,
];
