//! Case Management: cases, projects, and their configuration.

mod case;
mod changes;
mod comments;
mod custom_attributes;
mod links;
mod lookup;
mod projects;
mod query;
mod rules;
mod search;
mod tickets;
mod types;
mod users;
mod views;

use super::handler::Entry;

/// The tables of the domain.
pub(super) const TABLES: [&[Entry]; 10] = [
    case::HANDLERS,
    changes::HANDLERS,
    comments::HANDLERS,
    links::HANDLERS,
    projects::HANDLERS,
    rules::HANDLERS,
    search::HANDLERS,
    tickets::HANDLERS,
    types::HANDLERS,
    views::HANDLERS,
];

pub(super) use case::{ASSIGNEE, STATUSES};
pub(super) use types::{STANDARD_TYPE, insert_standard_type};
pub(super) use users::{CREATED_BY, MODIFIED_BY, profile};
