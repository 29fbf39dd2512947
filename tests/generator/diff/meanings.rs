//! Schemas and operations that say the same in other words, and others that differ in little. Each
//! row of `meanings.tsv` is one pair.

use scorekit_codegen::diff::Unreleased;
use scorekit_codegen::diff::change::Change;
use tempfile::TempDir;

use super::documents::{between, number_of, numbered, operation, read};

const ROWS: &str = include_str!("meanings.tsv");
/// Schemas that the rows refer to.
const NAMED: &str = "    Text: {type: string}\n    Count: {type: integer, maximum: 9}\n    \
    Word: {type: string, enum: [a, b]}\n    \
    Texts: {type: array, items: {type: string}}\n    \
    Short: {allOf: [{$ref: '#/components/schemas/Text'}, {maxLength: 9}]}\n    \
    Shorter: {allOf: [{$ref: '#/components/schemas/Text'}, {maxLength: 5}]}\n    \
    Counted: {type: object, properties: {a: {type: integer}}}\n    \
    Named: {type: object, properties: {a: {type: string}}}\n";

/// One row: the verdict, the position, and both versions.
type Row = (&'static str, &'static str, [&'static str; 2]);

fn rows() -> Vec<Row> {
    let lines = ROWS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            let [verdict, position, old, new] = columns[..] else {
                panic!("not four columns: {line}");
            };
            (verdict, position, [old, new])
        })
        .collect()
}

fn verdict(changes: &[&Change]) -> &'static str {
    match changes.iter().any(|change| change.wire.breaks) {
        true => "breaks",
        false if changes.is_empty() => "same",
        false => "fine",
    }
}

/// Compares all rows in a version of OpenAPI.
fn faults(version: &str) -> Vec<String> {
    let directory = tempfile::tempdir().expect("a directory");
    let rows = rows();
    let [old, new] = [0, 1].map(|side| {
        let operations = rows
            .iter()
            .enumerate()
            .map(|(number, (_, position, contents))| {
                let content = contents[side];
                let text = match *position {
                    "operation" => content.to_owned(),
                    position => operation(position, content),
                };
                (number, text)
            });
        let text = numbered(&operations.collect::<Vec<_>>(), NAMED);
        read(
            directory.path(),
            &text.replace("openapi: 3.1.0", &format!("openapi: {version}")),
        )
    });
    let mut faults: Vec<String> = Vec::new();
    for same in [&old, &new] {
        let differing = between(same, same);
        assert!(differing.is_empty(), "differs from itself: {differing:?}");
    }
    let found = between(&old, &new);
    for (number, (wanted, position, contents)) in rows.iter().enumerate() {
        let of_row = found
            .iter()
            .filter(|change| number_of(change) == Some(number));
        let of_row: Vec<&Change> = of_row.collect();
        let verdict = verdict(&of_row);
        if verdict != *wanted {
            let shown = of_row.iter();
            let shown = shown.map(|it| format!("{} {} ({})", it.kind, it.what, it.wire.why));
            let shown = shown.collect::<Vec<_>>().join("; ");
            let [old, new] = contents;
            faults.push(format!(
                "{version} {position} {verdict}, not {wanted}:\n    {old}\n    {new}\n    {shown}"
            ));
        }
    }
    faults
}

#[test]
#[ignore = "reads hundreds of documents; `cargo xtask ci` runs it"]
fn other_words_are_no_change_and_little_is_one() {
    let faults = [faults("3.1.0"), faults("3.0.3")].concat();
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Returns a document with servers and security schemes.
fn with(directory: &TempDir, servers: &str, security: &str, schemes: &str) -> Unreleased {
    let text = format!(
        "openapi: 3.1.0\ninfo: {{title: meanings, version: 1.0.0}}\nservers: [{servers}]\n\
         security: {security}\npaths: {{/things: {{get: {{operationId: Get, responses: {{\"200\": \
         {{description: Done.}}}}}}}}}}\ncomponents: {{securitySchemes: {schemes}}}\n"
    );
    read(directory.path(), &text)
}

const KEY: &str = "{key: {type: apiKey, in: header, name: X-Key}}";
const ONE: &str = "{url: 'https://one.example.com'}";
const BOTH: &str = "{url: 'https://one.example.com'}, {url: 'https://two.example.com/'}";

/// Documents of one operation: servers, security and schemes of both, and the kinds with verdicts.
type Pair = ([[&'static str; 3]; 2], &'static [(&'static str, bool)]);

const PAIRS: [Pair; 9] = [
    (
        [
            [ONE, "[{key: []}]", KEY],
            [
                ONE,
                "[{secret: []}]",
                "{secret: {type: apiKey, in: header, name: X-Key}}",
            ],
        ],
        &[("scheme-renamed", false)],
    ),
    (
        [
            [ONE, "[{key: []}]", KEY],
            [
                ONE,
                "[{secret: []}]",
                "{secret: {type: apiKey, in: header, name: x-key}}",
            ],
        ],
        &[("scheme-renamed", false)],
    ),
    (
        [
            [ONE, "[{key: []}]", KEY],
            [
                ONE,
                "[{key: []}]",
                "{key: {type: apiKey, in: header, name: x-key}}",
            ],
        ],
        &[],
    ),
    (
        [
            [ONE, "[{key: []}]", KEY],
            [
                ONE,
                "[{key: []}]",
                "{key: {type: apiKey, in: query, name: X-Key}}",
            ],
        ],
        &[("scheme-changed", true)],
    ),
    (
        [
            [ONE, "[{key: []}]", KEY],
            [
                ONE,
                "[{secret: []}]",
                "{secret: {type: apiKey, in: query, name: X-Key}}",
            ],
        ],
        &[
            ("security-changed", true),
            ("scheme-removed", false),
            ("scheme-added", false),
        ],
    ),
    (
        // Both keys are declared, so the operation needs another one.
        [
            [ONE, "[{key: []}]", KEY],
            [
                ONE,
                "[{secret: []}]",
                "{key: {type: apiKey, in: header, name: X-Key}, secret: {type: apiKey, in: \
                    header, name: X-Key}}",
            ],
        ],
        &[
            ("security-changed", true),
            ("scheme-removed", false),
            ("scheme-added", false),
        ],
    ),
    (
        [[ONE, "[]", "{}"], [BOTH, "[]", "{}"]],
        &[("server-added", false)],
    ),
    (
        [[BOTH, "[]", "{}"], [ONE, "[]", "{}"]],
        &[("server-removed", true)],
    ),
    (
        [
            [BOTH, "[]", "{}"],
            [
                "{url: 'https://two.example.com'}, {url: 'https://one.example.com'}",
                "[]",
                "{}",
            ],
        ],
        &[("server-changed", false)],
    ),
];

#[test]
fn renamed_schemes_and_further_servers_are_reported() {
    let directory = tempfile::tempdir().expect("a directory");
    for (versions, wanted) in PAIRS {
        let [old, new] = versions
            .map(|[servers, security, schemes]| with(&directory, servers, security, schemes));
        let found = between(&old, &new);
        let found: Vec<_> = found.iter().map(|it| (it.kind, it.wire.breaks)).collect();
        assert_eq!(found, wanted, "{versions:?}");
    }
}

#[test]
fn a_bound_next_to_a_reference_is_compared_if_the_schema_differs() {
    let directory = tempfile::tempdir().expect("a directory");
    let described = NAMED.replace("maximum: 9}", "maximum: 9, description: How many.}");
    let between_bounds = |bounds: [&str; 2]| {
        let [old, new] = [(bounds[0], NAMED), (bounds[1], &described)].map(|(bound, named)| {
            let schema = format!("{{$ref: '#/components/schemas/Count'{bound}}}");
            let operation = operation("request-property", &schema);
            read(directory.path(), &numbered(&[(1, operation)], named))
        });
        let found = between(&old, &new);
        let found: Vec<_> = found.iter().map(|it| (it.kind, it.wire.breaks)).collect();
        found
    };
    let described = ("description-changed", false);
    let bound = |breaks| ("bounds-changed", breaks);
    assert_eq!(between_bounds(["", ""]), [described]);
    assert_eq!(
        between_bounds([", maximum: 8", ", maximum: 7"]),
        [bound(true), described]
    );
    assert_eq!(
        between_bounds([", maximum: 7", ", maximum: 8"]),
        [bound(false), described]
    );
}

/// Versions of the components and of the property that refers to them, and the verdict.
const USES: [([[&str; 2]; 2], &str); 4] = [
    (
        // `null` moves from the schema to its use.
        [
            [
                "Maybe: {type: string, nullable: true}",
                "{$ref: '#/components/schemas/Maybe'}",
            ],
            [
                "Maybe: {type: string}",
                "{nullable: true, allOf: [{$ref: '#/components/schemas/Maybe'}]}",
            ],
        ],
        "fine",
    ),
    (
        [
            [
                "Maybe: {type: string, nullable: true}",
                "{$ref: '#/components/schemas/Maybe'}",
            ],
            [
                "Maybe: {type: string}",
                "{$ref: '#/components/schemas/Maybe'}",
            ],
        ],
        "breaks",
    ),
    (
        // `null` moves from a schema to the union that it is an alternative of.
        [
            [
                "Maybe: {type: object, nullable: true, properties: {a: {type: string}}}",
                "{oneOf: [{$ref: '#/components/schemas/Maybe'}, {type: integer}]}",
            ],
            [
                "Maybe: {type: object, properties: {a: {type: string}}}",
                "{nullable: true, oneOf: [{$ref: '#/components/schemas/Maybe'}, {type: integer}]}",
            ],
        ],
        "fine",
    ),
    (
        [
            [
                "Maybe: {type: object, nullable: true, properties: {a: {type: string}}}",
                "{oneOf: [{$ref: '#/components/schemas/Maybe'}, {type: integer}]}",
            ],
            [
                "Maybe: {type: object, properties: {a: {type: string}}}",
                "{oneOf: [{$ref: '#/components/schemas/Maybe'}, {type: integer}]}",
            ],
        ],
        "breaks",
    ),
];

#[test]
fn null_is_compared_at_each_use_of_a_schema() {
    let directory = tempfile::tempdir().expect("a directory");
    for (versions, wanted) in USES {
        let [old, new] = versions.map(|[named, schema]| {
            let operation = operation("request-property", schema);
            let named = format!("    {named}\n");
            read(directory.path(), &numbered(&[(1, operation)], &named))
        });
        let found = between(&old, &new);
        assert_eq!(
            verdict(&found.iter().collect::<Vec<_>>()),
            wanted,
            "{versions:?}: {found:?}"
        );
    }
}
