//! Documents that a comparison must survive: circles, and long chains of references.

use std::fmt::Write as _;

use super::documents::changes;

/// Returns a document whose operation reads `first`, with the schemas `schemas`.
fn reading(first: &str, schemas: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: chains, version: 1.0.0}}\nservers: [{{url: \
         'https://api.example.com'}}]\npaths:\n  /things:\n    post:\n      operationId: Act\n      \
         requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/{first}'}}}}}}}}\n      \
         responses:\n        \"200\": {{description: Done., content: {{application/json: {{schema: {{$ref: \
         '#/components/schemas/{first}'}}}}}}}}\ncomponents:\n  schemas:\n{schemas}"
    )
}

/// Returns a circle of objects, each of which holds the next one.
fn circle(prefix: &str, length: usize, forms: [&str; 2]) -> String {
    let mut text = String::new();
    for number in 0..length {
        let next = (number + 1) % length;
        let form = forms[number % 2];
        let next = format!("{{$ref: '#/components/schemas/{prefix}{next}'}}");
        let _ = writeln!(text, "    {prefix}{number}: {}", form.replace('@', &next));
    }
    text
}

const OBJECT: &str = "{type: object, properties: {next: @, own: {type: string}}}";
const PARTS: &str = "{allOf: [{type: object, properties: {next: @}}, {type: object, properties: \
    {own: {type: string}}}]}";
const LIST: &str = "{type: object, properties: {next: {type: array, items: @}}}";
const MAP: &str = "{type: object, properties: {next: {type: object, additionalProperties: @}}}";
const UNION: &str = "{type: object, properties: {next: {oneOf: [{type: string}, @]}}}";

const DISCRIMINATED: &str = "{allOf: [@, {type: object, properties: {own: {type: string}}}], \
    discriminator: {propertyName: own}}";
const HEIR: &str = "{allOf: [@, {type: object, properties: {more: {type: string}}}]}";

/// Returns two versions of a chain of schemas, which differ at its end.
fn chain(form: &str, length: usize) -> [String; 2] {
    let last = format!("    A{}:", length - 1);
    let mut schemas = circle("A", length, [form, form]);
    schemas.truncate(schemas.find(&last).expect("the last schema"));
    ["string", "integer"].map(|kind| {
        let end = format!("{{type: object, properties: {{own: {{type: {kind}}}}}}}");
        reading("A0", &format!("{schemas}{last} {end}\n"))
    })
}

/// A schema deep in a chain of parts is generated as any value, but still compared.
#[test]
fn a_change_deep_in_a_chain_of_parts_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let [old, new] = chain(HEIR, 100);
    let found = changes(directory.path(), &old, &new);
    let breaks = found.iter().any(|change| change.wire.breaks);
    assert!(breaks, "the change at the end of the chain: {found:?}");
    let described = old.replace("own: {", "own: {description: Its own., ");
    let found = changes(directory.path(), &old, &described);
    assert!(found.iter().all(|change| !change.wire.breaks), "{found:?}");
    assert!(changes(directory.path(), &old, &old).is_empty());
}

/// The rewrite of unions follows chains of parts, and must not recurse to their end.
#[test]
fn chains_of_parts_next_to_unions_end() {
    const LENGTH: usize = 3_000;
    let directory = tempfile::tempdir().expect("a directory");
    let union = "    Z: {oneOf: [{type: string}, {type: integer}]}\n";
    for form in [HEIR, DISCRIMINATED] {
        let text = chain(form, LENGTH)[0].clone() + union;
        assert!(changes(directory.path(), &text, &text).is_empty());
    }
}

/// Many references to one schema cost no more than as many schemas.
#[test]
#[ignore = "takes a minute"]
fn wide_documents_end() {
    let directory = tempfile::tempdir().expect("a directory");
    let to = "{$ref: '#/components/schemas/B'}";
    let fields: String = (0..LONGEST).map(|at| format!("p{at}: {to}, ")).collect();
    let heirs: String = (0..LONGEST)
        .map(|at| format!("    C{at}: {}\n", HEIR.replace('@', to)))
        .collect();
    let uses: String = (0..LONGEST)
        .map(|at| format!("p{at}: {{$ref: '#/components/schemas/C{at}'}}, "))
        .collect();
    let options: String = (0..LONGEST / 10)
        .map(|at| format!("{{type: object, properties: {{p{at}: {to}}}}}, "))
        .collect();
    for (name, schemas) in [
        ("fields", format!("    A: {{properties: {{{fields}}}}}\n")),
        (
            "heirs",
            format!("    A: {{properties: {{{uses}}}}}\n{heirs}"),
        ),
        ("alternatives", format!("    A: {{oneOf: [{options}]}}\n")),
        ("parts", format!("    A: {{allOf: [{options}]}}\n")),
    ] {
        let [old, new] = ["string", "integer"].map(|kind| {
            let last = format!("    B: {{type: object, properties: {{own: {{type: {kind}}}}}}}\n");
            reading("A", &format!("{schemas}{last}"))
        });
        let found = changes(directory.path(), &old, &new);
        assert!(found.iter().any(|change| change.wire.breaks), "{name}");
        assert!(found.len() < 100, "{name}: {} changes", found.len());
        println!("{name} end");
    }
}

#[test]
fn exchanged_circles_of_every_length_end() {
    let directory = tempfile::tempdir().expect("a directory");
    for length in 1..6 {
        for forms in [
            [OBJECT, OBJECT],
            [PARTS, OBJECT],
            [LIST, MAP],
            [UNION, OBJECT],
            [UNION, PARTS],
        ] {
            let old = reading("A0", &circle("A", length, forms));
            let mut schemas = circle("B", length, [forms[1], forms[0]]);
            let new = reading("B0", &schemas);
            changes(directory.path(), &old, &new);
            // Both circles in both documents, and only the reference changes.
            schemas.push_str(&circle("A", length, forms));
            let (before, after) = (reading("A0", &schemas), reading("B0", &schemas));
            let keeper = |text: String| {
                let other = if text.contains("schemas/A0'}}}}\n") {
                    "B0"
                } else {
                    "A0"
                };
                text.replacen(
                    "paths:\n",
                    &format!(
                        "paths:\n  /others:\n    get: {{operationId: Other, responses: \
                            {{\"200\": {{description: \
                         Done., content: {{application/json: {{schema: {{$ref: '#/components/schemas/{other}'}}}}}}}}}}}}\n"
                    ),
                    1,
                )
            };
            changes(directory.path(), &keeper(before), &keeper(after));
        }
    }
}

#[test]
fn a_renamed_circle_is_no_break() {
    let directory = tempfile::tempdir().expect("a directory");
    for length in 1..5 {
        let old = reading("A0", &circle("A", length, [OBJECT, OBJECT]));
        let new = reading("B0", &circle("B", length, [OBJECT, OBJECT]));
        let found = changes(directory.path(), &old, &new);
        let breaking: Vec<_> = found.iter().filter(|change| change.wire.breaks).collect();
        assert!(breaking.is_empty(), "{length}: {breaking:?}");
    }
}

#[test]
fn a_change_deep_in_an_exchanged_chain_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let chain = |prefix: &str, last: &str| {
        let text = circle(prefix, 100, [OBJECT, OBJECT]);
        text.replace(
            &format!(
                "{prefix}99: {}",
                OBJECT.replace('@', &format!("{{$ref: '#/components/schemas/{prefix}0'}}"))
            ),
            &format!("{prefix}99: {last}"),
        )
    };
    let old = reading(
        "A0",
        &chain("A", "{type: object, properties: {own: {type: string}}}"),
    );
    let new = reading(
        "B0",
        &chain("B", "{type: object, properties: {own: {type: boolean}}}"),
    );
    let found = changes(directory.path(), &old, &new);
    assert!(
        found.iter().any(|change| change.wire.breaks),
        "the change at the end of the chain"
    );
}

#[test]
fn a_long_chain_of_references_ends() {
    let directory = tempfile::tempdir().expect("a directory");
    let old = reading("A0", &circle("A", 1_000, [OBJECT, OBJECT]));
    let new = reading("B0", &circle("B", 1_000, [OBJECT, OBJECT]));
    changes(directory.path(), &old, &new);
}

/// Chains of every form, among them those in which no schema is an object.
#[test]
#[ignore = "takes a minute"]
fn chains_of_every_form_end() {
    let directory = tempfile::tempdir().expect("a directory");
    for form in [
        "@",
        "{allOf: [@]}",
        "{allOf: [@, {type: object, properties: {own: {type: string}}}]}",
        "{type: array, items: @}",
        "{type: object, additionalProperties: @}",
        "{oneOf: [{type: string}, @]}",
        "{anyOf: [@, {type: object, properties: {own: {type: string}}}]}",
        DISCRIMINATED,
        OBJECT,
        PARTS,
        LIST,
        MAP,
        UNION,
    ] {
        let [old, new] = chain(form, LONGEST);
        changes(directory.path(), &old, &new);
        println!("{form} ends");
    }
}

/// The length of a chain that must end, without a stack that grows with it.
const LONGEST: usize = 10_000;
