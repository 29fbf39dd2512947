//! What holds for every pair of documents. The documents have many operations, each with a schema
//! from one list, so that one comparison tries many pairs.

use std::collections::{BTreeMap, BTreeSet};

use scorekit_codegen::diff::change::Change;

use super::documents::{changes, number_of, numbered, operation};

/// Schemas that differ in one or several ways.
const SCHEMAS: [&str; 36] = [
    "{}",
    "{type: string}",
    "{type: string, nullable: true}",
    "{type: string, format: date}",
    "{type: string, format: uuid}",
    "{type: string, maxLength: 5}",
    "{type: string, maxLength: 9, pattern: '^a'}",
    "{type: string, enum: [a, b]}",
    "{type: string, enum: [a, b, c]}",
    "{type: string, const: a}",
    "{type: integer}",
    "{type: integer, format: int32}",
    "{type: integer, maximum: 9}",
    "{type: integer, enum: [1, 2]}",
    "{type: integer, exclusiveMaximum: 9, minimum: 1}",
    "{type: number}",
    "{type: number, multipleOf: 0.5}",
    "{type: boolean}",
    "{type: array, items: {type: string}}",
    "{type: array, items: {type: integer}, minItems: 1}",
    "{type: object}",
    "{type: object, additionalProperties: {type: string}}",
    "{type: object, additionalProperties: {type: integer}}",
    "{type: object, properties: {a: {type: string}}}",
    "{type: object, properties: {a: {type: string}, b: {type: integer}}}",
    "{type: object, required: [a], properties: {a: {type: string}}}",
    "{type: object, required: [a], properties: {a: {type: string, nullable: true}}}",
    "{type: object, additionalProperties: false, properties: {a: {type: string}}}",
    "{type: object, properties: {a: {type: string, readOnly: true}, b: {type: integer}}}",
    "{allOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: \
        {type: integer}}}]}",
    "{$ref: '#/components/schemas/Cat'}",
    "{$ref: '#/components/schemas/Dog'}",
    "{oneOf: [{type: string}, {type: integer}]}",
    "{oneOf: [{type: string}, {type: integer}, {type: boolean}]}",
    "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}",
    "{anyOf: [{$ref: '#/components/schemas/Cat'}, {type: string}]}",
];
/// Changes after which an old name can return with another meaning.
const REMOVALS: [&str; 6] = [
    "alternative-removed",
    "enum-value-removed",
    "field-removed",
    "field-renamed",
    "type-changed",
    "write-only-changed",
];

/// The operations of a document, and the schema of each.
struct Document(Vec<&'static str>);

impl Document {
    /// Chooses a schema for each operation. Documents of other seeds have other ones.
    fn chosen(count: usize, seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap_or(0) % SCHEMAS.len()
        };
        Self((0..count).map(|_| SCHEMAS[next()]).collect())
    }

    fn operations(&self) -> Vec<(usize, String)> {
        let schemas = self.0.iter().enumerate();
        schemas
            .map(|(number, schema)| {
                let position = ["request-property", "response-property"][number % 2];
                (number, operation(position, schema))
            })
            .collect()
    }

    fn text(&self) -> String {
        numbered(&self.operations(), "")
    }
}

fn compared(old: &str, new: &str) -> Vec<Change> {
    let directory = tempfile::tempdir().expect("a directory");
    changes(directory.path(), old, new)
}

/// Returns the changes of each operation.
fn by_operation(changes: &[Change]) -> BTreeMap<usize, Vec<&Change>> {
    let mut found: BTreeMap<usize, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        if let Some(number) = number_of(change) {
            found.entry(number).or_default().push(change);
        }
    }
    found
}

fn breaks(changes: Option<&Vec<&Change>>) -> bool {
    changes.is_some_and(|changes| changes.iter().any(|change| change.wire.breaks))
}

/// Returns what a report says of each change.
fn verdicts(changes: &[Change]) -> BTreeSet<(&str, &str, &str, bool)> {
    let all = changes.iter();
    all.map(|change| {
        let wire = change.wire.breaks;
        (
            change.kind,
            change.subject.as_str(),
            change.what.as_str(),
            wire,
        )
    })
    .collect()
}

#[test]
fn a_document_does_not_differ_from_itself() {
    let text = Document::chosen(200, 1).text();
    assert!(compared(&text, &text).is_empty());
}

#[test]
fn two_steps_break_what_one_step_breaks() {
    const COUNT: usize = 300;
    let documents = [1, 2, 3].map(|seed| Document::chosen(COUNT, seed));
    let texts = documents.each_ref().map(Document::text);
    let steps = [[0, 1], [1, 2], [0, 2]].map(|[old, new]| compared(&texts[old], &texts[new]));
    let [first, second, whole] = steps.each_ref().map(|changes| by_operation(changes));
    let mut faults = Vec::new();
    for number in 0..COUNT {
        let returns = first
            .get(&number)
            .is_some_and(|changes| changes.iter().any(|change| REMOVALS.contains(&change.kind)));
        let is_covered = breaks(first.get(&number)) || breaks(second.get(&number)) || returns;
        if breaks(whole.get(&number)) && !is_covered {
            let schemas = documents.each_ref().map(|document| document.0[number]);
            faults.push(format!("{number}: {schemas:?} {:?}", whole.get(&number)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_order_of_operations_is_irrelevant() {
    let [old, new] = [4, 5].map(|seed| Document::chosen(100, seed));
    let reversed = |document: &Document| {
        let mut operations = document.operations();
        operations.reverse();
        numbered(&operations, "")
    };
    let found = compared(&old.text(), &new.text());
    let other = compared(&reversed(&old), &reversed(&new));
    assert_eq!(verdicts(&found), verdicts(&other));
    let moved = compared(&old.text(), &reversed(&old));
    assert!(moved.is_empty(), "{moved:?}");
}

/// Half of the operations change first, then the other half, and the reverse.
#[test]
fn the_order_of_edits_is_irrelevant() {
    let [old, new] = [8, 9].map(|seed| Document::chosen(120, seed));
    let half = |is_first: bool| {
        let versions = old.0.iter().zip(&new.0).enumerate();
        let chosen = versions.map(|(number, (old, new))| match (number % 4 < 2) == is_first {
            true => *new,
            false => *old,
        });
        Document(chosen.collect()).text()
    };
    let (before, after) = (old.text(), new.text());
    let of_operations = |changes: Vec<Change>| -> Vec<Change> {
        let changes = changes.into_iter();
        changes
            .filter(|change| number_of(change).is_some())
            .collect()
    };
    let through = |middle: &str| {
        let mut changes = of_operations(compared(&before, middle));
        changes.extend(of_operations(compared(middle, &after)));
        changes
    };
    let whole = of_operations(compared(&before, &after));
    assert!(whole.len() > 100, "{} changes", whole.len());
    for is_first in [true, false] {
        let steps = through(&half(is_first));
        assert_eq!(verdicts(&steps), verdicts(&whole));
    }
}

#[test]
#[ignore = "reads hundreds of documents; `cargo xtask ci` runs it"]
fn a_harmless_edit_changes_no_other_verdict() {
    let [old, new] = [6, 7].map(|seed| Document::chosen(100, seed));
    let found = compared(&old.text(), &new.text());
    let (before, after) = (old.text(), new.text());
    for (from, to) in [
        (
            "lives: {type: integer}",
            "lives: {type: integer}, name: {type: string, description: Its name.}",
        ),
        (
            "kind: {type: string}, lives",
            "kind: {type: string, description: The kind.}, lives",
        ),
        (
            "paths:\n",
            "paths:\n  /more: {get: {operationId: More, responses: {\"200\": {description: \
                More.}}}}\n",
        ),
        (
            "paths:\n",
            "paths:\n  /cats: {put: {operationId: PutCat, requestBody: {content: \
                {application/json: {schema: {$ref: '#/components/schemas/Cat'}}}}, responses: \
                {\"200\": {description: Put.}}}}\n",
        ),
        ("description: Done.", "description: It is done."),
        (
            "responses: {\"200\"",
            "responses: {\"404\": {description: No such thing.}, \"200\"",
        ),
    ] {
        let edited = after.replace(from, to);
        assert_ne!(edited, after);
        let with_edit = compared(&before, &edited);
        let missing: Vec<_> = verdicts(&found)
            .difference(&verdicts(&with_edit))
            .cloned()
            .collect();
        assert!(missing.is_empty(), "{to}: {missing:?}");
        let added = with_edit.iter().filter(|change| change.wire.breaks);
        let count = found.iter().filter(|change| change.wire.breaks).count();
        assert_eq!(added.count(), count, "{to}");
    }
}
