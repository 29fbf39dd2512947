//! Pagination.

use super::{Rule, Warning};
use crate::document::node::Node;
use crate::lint::Findings;
use crate::lint::document::{Document, Operation, properties};

pub(super) static MISSING: Rule = Rule {
    id: "missing-pagination",
    severity: Warning,
    summary: "an operation with a list and parameters for pages, but without `x-pagination`",
    help: "add `x-pagination` (see CONTRIBUTING.md), or give the reason in `x-lint-allow`",
    check: Some(missing),
};

/// The last words in the names of parameters for the size of a page.
const SIZES: [&str; 7] = [
    "size",
    "limit",
    "per_page",
    "perpage",
    "pagesize",
    "page_size",
    "count",
];
/// The last words in the names of parameters for the start of a page.
const POSITIONS: [&str; 9] = [
    "offset",
    "number",
    "page",
    "skip",
    "start",
    "pagenumber",
    "page_number",
    "pageoffset",
    "page_offset",
];

/// The last words in the names of parameters for a cursor.
const CURSORS: [&str; 8] = [
    "after",
    "cursor",
    "next_token",
    "nexttoken",
    "page_token",
    "pagetoken",
    "starting_after",
    "startingafter",
];
/// The extensions that describe paging.
const EXTENSIONS: [&str; 3] = [
    "x-pagination",
    "x-speakeasy-pagination",
    "x-fern-pagination",
];

fn missing(document: &Document<'_>, findings: &mut Findings) {
    let unmarked = |operation: &&Operation<'_>| {
        let is_marked = |name: &&str| operation.node.get(name).is_some();
        operation.method == "get" && !EXTENSIONS.iter().any(is_marked)
    };
    for operation in document.operations.iter().filter(unmarked) {
        let named = |words: &[&str], kind: &str| {
            let mut parameters = document.parameters_of(operation).into_iter();
            parameters.find_map(|parameter| {
                let name = parameter.get("name")?.as_str()?;
                let schema = parameter
                    .get("schema")
                    .map(|schema| document.meaning(schema));
                let is_kind = schema?.get("type")?.as_str()? == kind;
                let in_query = parameter.get("in")?.as_str()? == "query";
                (is_kind && in_query && words.contains(&last_word(name).as_str())).then_some(name)
            })
        };
        let size = named(&SIZES, "integer");
        let position = named(&POSITIONS, "integer").or_else(|| named(&CURSORS, "string"));
        let (Some(size), Some(position)) = (size, position) else {
            continue;
        };
        if size != position && returns_a_list(document, operation) {
            let name = operation.name();
            let message = format!(
                "the operation {name} has `{position}` and `{size}`, but no `x-pagination`"
            );
            findings.add(operation.place(), message);
        }
    }
}

/// Returns the last word of a name: `offset` for `page[offset]` and `page.offset`.
fn last_word(name: &str) -> String {
    let mut words = name.split(['[', ']', '.']).filter(|word| !word.is_empty());
    words.next_back().unwrap_or_default().to_lowercase()
}

/// Returns true if the response is a list or has one as a property.
fn returns_a_list<'a>(document: &Document<'a>, operation: &Operation<'a>) -> bool {
    let is_list = |schema: &'a Node| {
        let kind = document.meaning(schema).get("type").and_then(Node::as_str);
        kind == Some("array")
    };
    operation
        .responses()
        .filter(|(status, _)| status.starts_with('2'))
        .flat_map(|(_, response)| properties(document.resolve(&response.node).get("content")))
        .filter_map(|(_, content)| content.node.get("schema"))
        .any(|schema| {
            let fields = properties(document.meaning(schema).get("properties"));
            is_list(schema) || fields.into_iter().any(|(_, field)| is_list(&field.node))
        })
}
