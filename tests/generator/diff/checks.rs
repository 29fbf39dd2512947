//! The checks of oasdiff, one row of `checks.tsv` each: the pair of documents behind it shows how
//! `diff` reports the change, and the table of docs/diff.md has the result.

use std::collections::BTreeSet;

use scorekit_codegen::diff::change::Change;

use super::documents::{between, document, number_of, numbered, operation, read};
use super::write_table;

const CHECKS: &str = include_str!("checks.tsv");
const HEAD: &str = "| check | level there | reported as | the wire |\n| --- | --- | --- | --- |\n";

/// One check of the catalogue.
#[derive(Clone)]
pub(super) struct Check<'a> {
    pub(super) id: &'a str,
    level: &'a str,
    /// The kind of change that `diff` reports; `-` if it reports none.
    pub(super) kind: &'a str,
    pub(super) position: &'a str,
    /// The content of the position in both documents, or the reason why nothing is reported.
    pub(super) contents: [&'a str; 2],
}

pub(super) fn checks() -> Vec<Check<'static>> {
    let lines = CHECKS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default();
            Check {
                id: next(),
                level: next(),
                kind: next(),
                position: next(),
                contents: [next(), next()],
            }
        })
        .collect()
}

#[test]
#[ignore = "reads hundreds of documents; `cargo xtask ci` runs it"]
fn every_check_of_the_catalogue_is_reported_or_has_a_reason() {
    let checks = checks();
    let ids: BTreeSet<&str> = checks.iter().map(|check| check.id).collect();
    assert_eq!((checks.len(), ids.len()), (509, 509));
    let found = compared(&checks);
    let mut table = HEAD.to_owned();
    let mut faults = Vec::new();
    for (check, found) in checks.iter().zip(&found) {
        let (id, level) = (check.id, check.level);
        if check.kind == "-" {
            let reason = check.contents[0];
            table.push_str(&format!("| {id} | {level} | not reported | {reason} |\n"));
            continue;
        }
        let Some(change) = shown(found, check.kind) else {
            let kinds: Vec<_> = found.iter().map(|change| change.kind).collect();
            faults.push(format!("{id}: no {}, but {kinds:?}", check.kind));
            continue;
        };
        let wire = if change.wire.breaks {
            "**breaks**"
        } else {
            "fine"
        };
        table.push_str(&format!(
            "| {id} | {level} | `{}` | {wire}: {} |\n",
            change.kind, change.wire.why
        ));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    table.push_str(UNNAMED);
    write_table(HEAD, &table);
}

/// The last row of the table: what any check of a parameter says of one that is not sent.
const UNNAMED: &str = "| any check of a path parameter that the path does not name | ERR | not \
    reported | the parameter has no place in the URL, so no client sends it |\n";

#[test]
fn a_path_parameter_that_the_path_does_not_name_is_not_compared() {
    let directory = tempfile::tempdir().expect("a directory");
    let [old, new, required] = [
        "{type: string}",
        "{type: integer}",
        "{type: string, enum: [a]}",
    ]
    .map(|schema| {
        let parameter = format!("{{name: unnamed, in: path, required: true, schema: {schema}}}");
        let operation = format!(
            "{{operationId: Act, parameters: [{parameter}], responses: {{\"200\": {{description: \
             Done.}}}}}}"
        );
        read(directory.path(), &document("operation", &operation))
    });
    assert!(between(&old, &new).is_empty());
    assert!(between(&old, &required).is_empty());
}

/// Returns the changes of each check. Most are operations of one pair of documents.
fn compared(checks: &[Check]) -> Vec<Vec<Change>> {
    let directory = tempfile::tempdir().expect("a directory");
    let mut found: Vec<Vec<Change>> = checks.iter().map(|_| Vec::new()).collect();
    let mut operations = [Vec::new(), Vec::new()];
    for (number, check) in checks
        .iter()
        .enumerate()
        .filter(|(_, check)| check.kind != "-")
    {
        let is_named = |content: &str| content.starts_with("{operationId: Act");
        let contents = check.contents.map(|content| match check.position {
            "root" | "paths" => String::new(),
            "operation" => content.to_owned(),
            position => operation(position, content),
        });
        if contents.iter().all(|content| is_named(content)) {
            for (operations, content) in operations.iter_mut().zip(contents) {
                operations.push((number, content));
            }
            continue;
        }
        let [old, new] = check
            .contents
            .map(|content| document(check.position, content));
        let old = read(directory.path(), &old);
        assert!(between(&old, &old).is_empty(), "{}", check.id);
        found[number] = between(&old, &read(directory.path(), &new));
    }
    let [old, new] = operations.map(|operations| {
        let text = numbered(&operations, "");
        read(directory.path(), &text)
    });
    for same in [&old, &new] {
        let differing = between(same, same);
        assert!(differing.is_empty(), "differs from itself: {differing:?}");
    }
    for change in between(&old, &new) {
        if let Some(number) = number_of(&change) {
            found[number].push(change);
        }
    }
    found
}

/// Returns the change of the kind; one that breaks the wire if there are several.
fn shown<'a>(changes: &'a [Change], kind: &str) -> Option<&'a Change> {
    let mut of_kind = changes.iter().filter(|change| change.kind == kind);
    let breaking = of_kind.clone().find(|change| change.wire.breaks);
    breaking.or_else(|| of_kind.next())
}
