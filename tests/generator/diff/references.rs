//! Schemas that a comparison reads as the document has them: those generated as any value and those
//! that only validate. What their references lead to counts, and its name does not.

use std::collections::BTreeSet;

use super::documents::changes;

/// Returns a document whose operation sends the schema `Sent`. `version` is one of OpenAPI.
fn sending(version: &str, schemas: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: sent, version: 1.0.0}}\nservers: [{{url: \
         'https://api.example.com'}}]\npaths:\n  /things:\n    post:\n      operationId: Act\n      \
         requestBody: {{content: {{application/json: {{schema: {{$ref: \
         '#/components/schemas/Sent'}}}}}}}}\n      responses: {{\"200\": {{description: Done.}}}}\n\
         components:\n  schemas:\n{schemas}"
    )
}

/// Returns true if the change from one document to another breaks the wire.
fn breaks(version: &str, old: &str, new: &str) -> bool {
    let directory = tempfile::tempdir().expect("a directory");
    let [old, new] = [old, new].map(|schemas| sending(version, schemas));
    let found = changes(directory.path(), &old, &new);
    found.iter().any(|change| change.wire.breaks)
}

/// Schemas that refer to `A` without generating a type for it, and the version of OpenAPI.
const BEHIND: [(&str, &str); 6] = [
    (
        "3.0.3",
        "{allOf: [{type: string}, {$ref: '#/components/schemas/A'}]}",
    ),
    (
        "3.0.3",
        "{type: object, not: {$ref: '#/components/schemas/A'}}",
    ),
    (
        "3.1.0",
        "{type: object, not: {$ref: '#/components/schemas/A'}}",
    ),
    (
        "3.1.0",
        "{type: object, if: {$ref: '#/components/schemas/A'}, then: {required: [a]}}",
    ),
    (
        "3.1.0",
        "{type: object, patternProperties: {title: {$ref: '#/components/schemas/A'}, x: {}}}",
    ),
    (
        "3.1.0",
        "{type: array, items: {}, contains: {$ref: '#/components/schemas/A'}}",
    ),
];

const CHAIN: &str = "    A: {type: object, properties: {b: {$ref: '#/components/schemas/B'}}}\n    \
    B: {type: object, properties: {a: {$ref: '#/components/schemas/A'}, own: {type: string}}}\n";

#[test]
fn renamed_schemas_behind_a_text_are_no_break_and_changed_ones_are() {
    let renamed = |text: &str| {
        text.replace("schemas/B'", "schemas/C'")
            .replace("    B:", "    C:")
    };
    let mut faults = BTreeSet::new();
    for (version, sent) in BEHIND {
        let old = format!("    Sent: {sent}\n{CHAIN}");
        if breaks(version, &old, &renamed(&old)) {
            faults.insert(format!("{version} {sent}: the second schema is renamed"));
        }
        let first = old
            .replace("schemas/A'", "schemas/D'")
            .replace("    A:", "    D:");
        if breaks(version, &old, &first) {
            faults.insert(format!("{version} {sent}: the first schema is renamed"));
        }
        for text in [old.clone(), renamed(&old), first] {
            let changed = text.replace("own: {type: string}", "own: {type: integer}");
            if !breaks(version, &old, &changed) {
                faults.insert(format!("{version} {sent}: the second schema changes"));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Two versions of a schema whose difference no client checks, and whether the server then rejects
/// more.
const NARROWED: [([&str; 2], bool); 8] = [
    (
        ["{type: object, not: {required: [a]}}", "{type: object}"],
        false,
    ),
    (
        ["{type: object}", "{type: object, not: {required: [a]}}"],
        true,
    ),
    (
        [
            "{allOf: [{type: string}, {type: object}]}",
            "{allOf: [{type: string}, {type: integer}]}",
        ],
        true,
    ),
    (
        [
            "{oneOf: [{type: string}], anyOf: [{type: integer}]}",
            "{oneOf: [{type: string}], anyOf: [{type: boolean}]}",
        ],
        true,
    ),
    (
        [
            "{oneOf: [{type: string}, {type: integer}], maxLength: 9}",
            "{oneOf: [{type: string}, {type: integer}], maxLength: 5}",
        ],
        true,
    ),
    (
        [
            "{oneOf: [{type: string}, {type: integer}], maxLength: 5}",
            "{oneOf: [{type: string}, {type: integer}], maxLength: 9}",
        ],
        false,
    ),
    (
        [
            "{type: string, anyOf: [{pattern: a}, {pattern: b}]}",
            "{type: string, anyOf: [{pattern: a}]}",
        ],
        true,
    ),
    (
        [
            "{type: string, anyOf: [{pattern: a}]}",
            "{type: string, anyOf: [{pattern: a}, {pattern: b}]}",
        ],
        false,
    ),
];

#[test]
fn keywords_that_no_client_checks_are_compared() {
    let mut faults = Vec::new();
    for version in ["3.0.3", "3.1.0"] {
        for ([old, new], is_break) in NARROWED {
            let [old, new] = [old, new].map(|sent| format!("    Sent: {sent}\n"));
            let directory = tempfile::tempdir().expect("a directory");
            let [old, new] = [old, new].map(|schemas| sending(version, &schemas));
            let found = changes(directory.path(), &old, &new);
            let breaks = found.iter().any(|change| change.wire.breaks);
            if found.is_empty() || breaks != is_break {
                faults.push(format!("{version} {old} -> {new}: {found:?}"));
            }
            let itself = changes(directory.path(), &old, &old);
            assert!(itself.is_empty(), "{itself:?}");
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A discriminator without a mapping sends the names of the alternatives.
#[test]
fn a_renamed_alternative_of_a_discriminator_is_a_break() {
    for (mapping, is_break) in [
        ("", true),
        (", mapping: {b: '#/components/schemas/B'}", false),
    ] {
        let old = format!(
            "    Sent: {{oneOf: [{{$ref: '#/components/schemas/B'}}], anyOf: [{{required: [own]}}, {{}}], \
             discriminator: {{propertyName: own{mapping}}}}}\n    B: {{type: object, required: \
             [own], properties: {{own: {{type: string}}}}}}\n"
        );
        let new = old
            .replace("schemas/B'", "schemas/C'")
            .replace("    B:", "    C:");
        assert_eq!(breaks("3.0.3", &old, &new), is_break, "{mapping}");
    }
}

#[test]
fn parameters_of_a_path_item_are_compared_like_those_of_an_operation() {
    let directory = tempfile::tempdir().expect("a directory");
    let with = |parameter: &str| {
        let text = sending("3.0.3", "    Sent: {type: object}\n");
        let parameter = format!("/things:\n    parameters: [{{name: v, in: query, {parameter}}}]");
        text.replace("/things:", &parameter)
    };
    for (from, to, kind, is_break) in [
        (
            "allowEmptyValue: true, schema: {type: string}",
            "schema: {type: string}",
            "bounds-changed",
            true,
        ),
        (
            "schema: {type: string}",
            "allowReserved: true, schema: {type: string}",
            "style-changed",
            false,
        ),
        (
            "schema: {type: string}",
            "x-sunset: '2030-01-01', schema: {type: string}",
            "sunset-changed",
            false,
        ),
    ] {
        let found = changes(directory.path(), &with(from), &with(to));
        let found: Vec<_> = found.iter().map(|it| (it.kind, it.wire.breaks)).collect();
        assert_eq!(found, [(kind, is_break)]);
    }
}
