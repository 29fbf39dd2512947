//! The handlers of the operations. Each domain has a table of its own; a new operation is a
//! function and a row in that table.

mod campaigns;
mod cases;
mod handler;
mod kpi;
mod list;
mod resource;
mod scorecards;
mod undocumented;
mod vendor_additions;
mod vendor_rules;

use crate::clock::Clock;
use crate::request::Call;
use crate::state::State;
use handler::Entry;
pub(crate) use handler::{Handler, HandlerResult};
pub(crate) use undocumented::documented_form;

/// The tables of each domain.
const DOMAINS: &[&[&[Entry]]] = &[
    &[campaigns::HANDLERS],
    &cases::TABLES,
    &[kpi::HANDLERS],
    &scorecards::TABLES,
];

/// Returns the rows of all tables.
fn entries() -> impl Iterator<Item = &'static Entry> {
    DOMAINS.iter().copied().flatten().copied().flatten()
}

/// Creates the state of a new sandbox.
pub(crate) fn initial(clock: Clock) -> State {
    let mut state = State::new(clock);
    cases::insert_standard_type(&mut state);
    state
}

/// Handles a valid request, which must also follow the rules of the vendor's server. Adds what that
/// server adds to the response.
pub(crate) fn handle(handler: Handler, state: &mut State, call: &Call<'_>) -> HandlerResult {
    vendor_rules::check(state, call)?;
    let mut body = handler(state, call)?;
    if let Some(body) = body.as_mut().filter(|_| !call.documented_only) {
        vendor_additions::add(state, body);
    }
    Ok(body)
}

/// Returns the handler of an operation.
pub(crate) fn find(operation_id: &str) -> Option<Handler> {
    entries()
        .find(|(id, _)| *id == operation_id)
        .map(|(_, handler)| *handler)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{entries, find};
    use crate::document::Document;

    #[test]
    fn operations_without_a_handler_have_an_example() {
        let schema = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        for (media, id) in [
            (json!({"schema": schema, "example": {"id": "a"}}), "a"),
            (
                json!({"schema": schema, "examples": {"one": {"value": {"id": "b"}}}}),
                "b",
            ),
            (json!({"schema": schema}), "string"),
        ] {
            let responses = json!({"200": {"content": {"application/json": media}}});
            let get = json!({"operationId": "GetNew", "responses": responses});
            let text = json!({"paths": {"/new": {"get": get}}}).to_string();
            let document = Document::parse(&text).expect("a document");
            let operation = &document.operations[0];
            assert!(find(&operation.id).is_none());
            assert_eq!(operation.example(), Some(&json!({ "id": id })));
        }
    }

    #[test]
    fn every_operation_of_the_document_has_a_handler() {
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
