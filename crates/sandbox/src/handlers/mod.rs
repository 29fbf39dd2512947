//! What the operations do. Each domain has a file with a table of its operations; a new operation is a
//! function and a line in such a table.

mod campaigns;
mod cases;
mod kpi;
mod scorecards;

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::clock::Clock;
use crate::errors::ApiError;
use crate::state::{Kind, Record, State};

/// The body of a success; nothing for operations that answer without one. The status is the document's.
pub(crate) type Answer = Result<Option<Value>, ApiError>;

/// What an operation does with a valid request.
pub(crate) type Handler = fn(&mut State, &Call<'_>) -> Answer;

/// A line of a table: an operation's identifier and what it does.
type Entry = (&'static str, Handler);

/// The tables of each domain.
const DOMAINS: [&[&[Entry]]; 4] = [
    &[campaigns::HANDLERS],
    &cases::TABLES,
    &[kpi::HANDLERS],
    &scorecards::TABLES,
];

fn entries() -> impl Iterator<Item = &'static Entry> {
    DOMAINS.into_iter().flatten().copied().flatten()
}

/// What there is before the first request.
pub(crate) fn initial(clock: Clock) -> State {
    let mut state = State::new(clock);
    cases::seed(&mut state);
    state
}

/// What an operation does, if the sandbox has it.
pub(crate) fn find(operation_id: &str) -> Option<Handler> {
    entries()
        .find(|(id, _)| *id == operation_id)
        .map(|(_, handler)| *handler)
}

/// A record as a JSON:API resource without relationships.
fn resource(kind: Kind, record: &Record, attributes: Map<String, Value>) -> Value {
    json!({ "id": record.id, "type": kind.name(), "attributes": attributes })
}

/// A reference to a record, as it stands under `relationships`.
fn reference(kind: &str, id: &str) -> Value {
    json!({ "data": { "id": id, "type": kind } })
}

/// The record that a path names, or the refusal of the path.
fn existing<'s>(state: &'s State, kind: Kind, id: &str) -> Result<&'s Record, ApiError> {
    state
        .get(kind, id)
        .ok_or_else(|| ApiError::not_found(kind.name(), id))
}

/// Deletes the record that a path names.
fn delete(state: &mut State, kind: Kind, id: &str) -> Answer {
    if state.remove(kind, id) {
        Ok(None)
    } else {
        Err(ApiError::not_found(kind.name(), id))
    }
}

#[cfg(test)]
mod tests {
    use super::{entries, find};
    use crate::document::Document;

    #[test]
    fn the_tables_hold_exactly_the_operations_of_the_document() {
        let document = Document::bundled().expect("the bundled document is usable");
        let documented: Vec<&str> = document
            .operations
            .iter()
            .map(|operation| operation.id.as_str())
            .collect();
        let missing: Vec<_> = documented.iter().filter(|id| find(id).is_none()).collect();
        assert!(
            missing.is_empty(),
            "operations without a handler: {missing:?}"
        );
        let unknown: Vec<_> = entries()
            .map(|(id, _)| id)
            .filter(|id| !documented.contains(id))
            .collect();
        assert!(
            unknown.is_empty(),
            "handlers of operations that the document does not have: {unknown:?}"
        );
    }
}
