//! Bounds and values in the parts of an `allOf` that describe one string, number or list, and
//! required properties that no schema describes.

use super::documents::{changes, numbered, operation};

const NAMED: &str = "    Text: {type: string}\n    Word: {type: string, enum: [a, b]}\n    Count: \
                     {type: integer, maximum: 9}\n";

/// Each row: both versions of a property of a request, and true if the change breaks clients.
const ROWS: [([&str; 2], bool); 14] = [
    (["[@Text, {maxLength: 5}]", "[@Text, {maxLength: 3}]"], true),
    (
        ["[@Text, {maxLength: 5}]", "[@Text, {maxLength: 9}]"],
        false,
    ),
    (["[@Text]", "[@Text, {maxLength: 3}]"], true),
    (["[@Text, {maxLength: 3}]", "[@Text]"], false),
    (
        [
            "[{type: string, maxLength: 5}, {pattern: a}]",
            "[{type: string, maxLength: 5}, {pattern: b}]",
        ],
        true,
    ),
    (
        [
            "[{maxLength: 5}, {type: string, maxLength: 3}]",
            "[{maxLength: 4}, {type: string, maxLength: 3}]",
        ],
        false,
    ),
    (
        [
            "[{maxLength: 5}, {type: string, maxLength: 3}]",
            "[{maxLength: 2}, {type: string, maxLength: 3}]",
        ],
        true,
    ),
    (["[@Word, {enum: [a, b]}]", "[@Word, {enum: [a]}]"], true),
    (["[@Word, {enum: [a]}]", "[@Word, {enum: [a, b]}]"], false),
    (["[@Count, {minimum: 1}]", "[@Count, {minimum: 2}]"], true),
    (
        ["[@Count, {maximum: 12}]", "[@Count, {maximum: 10}]"],
        false,
    ),
    (["[@Count, {maximum: 12}]", "[@Count, {maximum: 7}]"], true),
    (
        [
            "[{type: array, items: {type: string}}, {minItems: 1}]",
            "[{type: array, items: {type: string}}, {minItems: 2}]",
        ],
        true,
    ),
    (["[@Text], maxLength: 5", "[@Text], maxLength: 3"], true),
];

/// Returns the changes between two schemas in a position, as kinds with their verdicts.
fn between(position: &str, schemas: [&str; 2]) -> Vec<(&'static str, bool)> {
    let directory = tempfile::tempdir().expect("a directory");
    let [old, new] = schemas.map(|schema| {
        let mut schema = schema.to_owned();
        for name in ["Text", "Word", "Count"] {
            let reference = format!("{{$ref: '#/components/schemas/{name}'}}");
            schema = schema.replace(&format!("@{name}"), &reference);
        }
        numbered(&[(1, operation(position, &schema))], NAMED)
    });
    let found = changes(directory.path(), &old, &new).into_iter();
    found
        .map(|change| (change.kind, change.wire.breaks))
        .collect()
}

#[test]
fn bounds_of_parts_hold_together() {
    for (versions, breaks) in ROWS {
        let schemas = versions.map(|parts| format!("{{allOf: {parts}}}"));
        let schemas = [schemas[0].as_str(), schemas[1].as_str()];
        let found = between("request-property", schemas);
        let is_break = found.iter().any(|(_, breaks)| *breaks);
        assert_eq!(is_break, breaks, "{versions:?}: {found:?}");
        let response = between("response-property", schemas);
        assert!(
            response.iter().all(|(_, breaks)| !breaks),
            "{versions:?}: {response:?}"
        );
    }
    // A value that another part already forbids does not change the verdict.
    let wider = [
        "{allOf: [@Count, {maximum: 12}]}",
        "{allOf: [@Count, {maximum: 10}]}",
    ];
    assert_eq!(between("request-property", wider), []);
}

#[test]
fn required_properties_that_no_schema_describes_are_compared() {
    let object = "{type: object, properties: {a: {type: string}}}";
    let required = "{type: object, required: [zz], properties: {a: {type: string}}}";
    let found = between("request-body", [object, required]);
    assert_eq!(found, [("bounds-changed", true)]);
    let found = between("request-body", [required, object]);
    assert_eq!(found, [("bounds-changed", false)]);
    let found = between("response-body", [object, required]);
    assert_eq!(found, [("bounds-changed", false)]);
}
