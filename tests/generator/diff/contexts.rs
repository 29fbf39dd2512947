//! A change of a schema has one verdict, wherever the schema stands: inline or by reference, in a
//! part of an `allOf`, in a list, a map or a union, and in both directions.

use std::collections::BTreeMap;

use super::checks::{Check, checks};
use super::documents::{changes, number_of, numbered, operation};

/// A position of a schema: its name, the schema around it, and the named schemas that this needs.
/// `$` is the schema, and `@` the number of the operation.
const CONTEXTS: [(&str, &str, &str); 11] = [
    (
        "part",
        "{allOf: [{type: object, properties: {value: $}}, {type: object, properties: {more: \
            {type: string}}}]}",
        "",
    ),
    (
        "beside parts",
        "{type: object, properties: {value: $}, allOf: [{type: object, properties: {more: \
            {type: string}}}]}",
        "",
    ),
    (
        "reference",
        "{type: object, properties: {value: {$ref: '#/components/schemas/Named@'}}}",
        "    Named@: $\n",
    ),
    (
        "described reference",
        "{type: object, properties: {value: {allOf: [{$ref: '#/components/schemas/Named@'}], \
            description: It.}}}",
        "    Named@: $\n",
    ),
    (
        "parent",
        "{allOf: [{$ref: '#/components/schemas/Parent@'}, {type: object, properties: {more: \
            {type: string}}}]}",
        "    Parent@: {type: object, properties: {value: $}}\n",
    ),
    (
        "grandparent",
        "{allOf: [{$ref: '#/components/schemas/Child@'}, {type: object, properties: {most: \
            {type: string}}}]}",
        "    Child@: {allOf: [{$ref: '#/components/schemas/Parent@'}, {type: object, \
            properties: {more: {type: string}}}]}\n    Parent@: {type: object, properties: \
            {value: $}}\n",
    ),
    (
        "items",
        "{type: array, items: {type: object, properties: {value: $}}}",
        "",
    ),
    (
        "values",
        "{type: object, additionalProperties: {type: object, properties: {value: $}}}",
        "",
    ),
    (
        "oneOf",
        "{oneOf: [{type: object, properties: {value: $}}, {type: boolean}]}",
        "",
    ),
    (
        "anyOf",
        "{anyOf: [{type: object, properties: {value: $}}, {type: boolean}]}",
        "",
    ),
    (
        "property of a property",
        "{type: object, properties: {outer: {type: object, properties: {value: $}}}}",
        "",
    ),
];

/// The kinds and verdicts of the changes by the number of the check.
type Verdicts = BTreeMap<usize, bool>;

/// Compares all checks in one context. Returns whether each breaks the wire.
fn verdicts(rows: &[(usize, Check)], around: &str, schemas: &str) -> Verdicts {
    let directory = tempfile::tempdir().expect("a directory");
    let written = |version: usize| {
        let (mut operations, mut named) = (Vec::new(), String::new());
        for (number, check) in rows {
            let body = check.position.replace("property", "body");
            let content = around.replace('$', "\0").replace("{\0ref", "{$ref");
            let content = content.replace('\0', check.contents[version]);
            operations.push((*number, operation(&body, &content)));
            let schema = schemas.replace('$', "\0").replace("{\0ref", "{$ref");
            let schema = schema.replace('\0', check.contents[version]);
            named.push_str(&schema.replace('@', &format!("{number}z")));
        }
        numbered(&operations, &named)
    };
    let (old, new) = (written(0), written(1));
    let mut found = Verdicts::new();
    for change in changes(directory.path(), &old, &new) {
        if let Some(number) = number_of(&change) {
            *found.entry(number).or_default() |= change.wire.breaks;
        }
    }
    found
}

/// Returns the checks of schemas.
fn schemas() -> Vec<(usize, Check<'static>)> {
    let is_schema = |check: &Check| {
        ["request-property", "response-property"].contains(&check.position) && check.kind != "-"
    };
    let rows = checks().into_iter().enumerate();
    let rows: Vec<_> = rows.filter(|(_, check)| is_schema(check)).collect();
    assert!(rows.len() > 150, "{} checks", rows.len());
    rows
}

/// Compares the checks that `is_tried` chooses for each context by number.
fn try_all(is_tried: impl Fn(usize, usize) -> bool) {
    let rows = schemas();
    let wanted = verdicts(&rows, "{type: object, properties: {value: $}}", "");
    let mut faults = Vec::new();
    for (at, (context, around, schemas)) in CONTEXTS.into_iter().enumerate() {
        let rows = rows.iter().enumerate();
        let tried = rows.filter(|(number, _)| is_tried(at, *number));
        let tried: Vec<(usize, Check)> = tried.map(|(_, row)| row.clone()).collect();
        let found = verdicts(&tried, around, schemas);
        for (number, check) in &tried {
            let (found, wanted) = (found.get(number), wanted.get(number));
            if found != wanted {
                faults.push(format!(
                    "{} as {context}: {found:?}, not {wanted:?}",
                    check.id
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Each check stands in two contexts, and each context has all kinds of checks.
#[test]
fn a_change_has_one_verdict_in_several_contexts() {
    let count = CONTEXTS.len();
    try_all(|at, number| [number % count, (number * 3 + 1) % count].contains(&at));
}

#[test]
#[ignore = "takes a minute"]
fn a_change_has_one_verdict_in_every_context() {
    try_all(|_, _| true);
}

/// Compares all checks of a position as they stand, and behind a name. Returns the verdicts of both
/// by the number of the check.
fn named(rows: &[(usize, Check)]) -> [Verdicts; 2] {
    let directory = tempfile::tempdir().expect("a directory");
    let written = |version: usize, is_named: bool| {
        let (mut operations, mut schemas) = (Vec::new(), String::new());
        for (number, check) in rows {
            let content = check.contents[version];
            let reference = format!("{{$ref: '#/components/schemas/Named{number}z'}}");
            let schema = if is_named { &reference } else { content };
            operations.push((*number, operation(check.position, schema)));
            if is_named {
                schemas.push_str(&format!("    Named{number}z: {content}\n"));
            }
        }
        numbered(&operations, &schemas)
    };
    [false, true].map(|is_named| {
        let (old, new) = (written(0, is_named), written(1, is_named));
        let mut found = Verdicts::new();
        for change in changes(directory.path(), &old, &new) {
            if let Some(number) = number_of(&change) {
                *found.entry(number).or_default() |= change.wire.breaks;
            }
        }
        found
    })
}

/// A schema behind a name is judged by its use, as if it stood there.
#[test]
fn a_name_changes_no_verdict() {
    let positions = [
        "request-body",
        "request-property",
        "response-body",
        "response-property",
        "parameter",
        "parameter-property",
        "header",
    ];
    let rows = checks().into_iter().enumerate();
    let rows: Vec<_> = rows
        .filter(|(_, check)| positions.contains(&check.position) && check.kind != "-")
        .collect();
    assert!(rows.len() > 350, "{} checks", rows.len());
    let [plain, named] = named(&rows);
    let mut faults = Vec::new();
    for (number, check) in &rows {
        let (plain, named) = (plain.get(number), named.get(number));
        if plain != named {
            faults.push(format!("{}: {named:?}, not {plain:?}", check.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
