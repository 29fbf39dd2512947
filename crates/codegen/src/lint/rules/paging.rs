//! Lists that come in pages.

use super::{Rule, Warning};
use crate::document::node::Node;
use crate::lint::Findings;
use crate::lint::document::{Document, Operation, members};

pub(super) static MISSING: Rule = Rule {
    id: "missing-pagination",
    severity: Warning,
    summary: "an operation that takes a page and answers a list, and does not say how to get the next page",
    help: "add `x-pagination` as CONTRIBUTING.md describes it, or say in `x-lint-allow` why the list cannot be walked",
    check: Some(missing),
};

/// Last words of the parameters that say how many items a page holds.
const SIZES: [&str; 7] = [
    "size",
    "limit",
    "per_page",
    "perpage",
    "pagesize",
    "page_size",
    "count",
];
/// Last words of the parameters that say where a page begins.
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

fn missing(document: &Document<'_>, findings: &mut Findings) {
    let unmarked = |operation: &&Operation<'_>| {
        operation.method == "get" && operation.node.get("x-pagination").is_none()
    };
    for operation in document.operations.iter().filter(unmarked) {
        let named = |words: &[&str]| {
            let mut parameters = document.parameters_of(operation).into_iter();
            parameters.find_map(|parameter| {
                let name = parameter.get("name")?.as_str()?;
                let schema = parameter
                    .get("schema")
                    .map(|schema| document.meaning(schema));
                let is_number = schema?.get("type")?.as_str()? == "integer";
                let in_query = parameter.get("in")?.as_str()? == "query";
                (is_number && in_query && words.contains(&last_word(name).as_str())).then_some(name)
            })
        };
        let (Some(size), Some(position)) = (named(&SIZES), named(&POSITIONS)) else {
            continue;
        };
        if size != position && answers_a_list(document, operation) {
            let name = operation.name();
            let message = format!(
                "the operation {name} pages with `{position}` and `{size}` and has no `x-pagination`"
            );
            findings.add(operation.place(), message);
        }
    }
}

/// `offset` of `page[offset]` and of `page.offset`.
fn last_word(name: &str) -> String {
    let mut words = name.split(['[', ']', '.']).filter(|word| !word.is_empty());
    words.next_back().unwrap_or_default().to_lowercase()
}

/// Whether the answer is a list, or one of its members is.
fn answers_a_list<'a>(document: &Document<'a>, operation: &Operation<'a>) -> bool {
    let is_list = |schema: &'a Node| {
        let kind = document.meaning(schema).get("type").and_then(Node::as_str);
        kind == Some("array")
    };
    operation
        .responses()
        .filter(|(status, _)| status.starts_with('2'))
        .flat_map(|(_, response)| members(document.resolve(&response.node).get("content")))
        .filter_map(|(_, content)| content.node.get("schema"))
        .any(|schema| {
            let fields = members(document.meaning(schema).get("properties"));
            is_list(schema) || fields.into_iter().any(|(_, field)| is_list(&field.node))
        })
}
