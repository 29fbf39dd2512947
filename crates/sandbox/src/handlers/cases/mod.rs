//! Case Management: cases, projects, and their configuration.

mod case;
mod changes;
mod comments;
mod links;
mod lookup;
mod projects;
mod query;
mod rules;
mod search;
mod types;
mod views;

use super::handler::Entry;

/// The tables of the domain.
pub(super) const TABLES: [&[Entry]; 9] = [
    case::HANDLERS,
    changes::HANDLERS,
    comments::HANDLERS,
    links::HANDLERS,
    projects::HANDLERS,
    rules::HANDLERS,
    search::HANDLERS,
    types::HANDLERS,
    views::HANDLERS,
];

pub(super) use types::insert_standard_type;
