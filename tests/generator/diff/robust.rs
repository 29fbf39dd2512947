//! Documents that a comparison must survive: circles, and long chains of references.

use super::documents::changes;
use crate::chains::{
    DISCRIMINATED, FORMS, HEIR, LINKS, LIST, MAP, OBJECT, PARTS, UNION, chain, circle, grows,
    on_a_small_stack, reading,
};

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
#[ignore = "reads long documents; `cargo xtask ci` runs it"]
fn chains_of_parts_next_to_unions_end() {
    let directory = tempfile::tempdir().expect("a directory");
    let union = "    Z: {oneOf: [{type: string}, {type: integer}]}\n";
    for form in [HEIR, DISCRIMINATED] {
        let text = chain(form, 400)[0].clone() + union;
        on_a_small_stack(|| assert!(changes(directory.path(), &text, &text).is_empty()));
    }
}

/// Many references to one schema cost no more than as many schemas.
#[test]
fn wide_documents_cost_as_much_as_they_are_wide() {
    let to = "{$ref: '#/components/schemas/B'}";
    let schemas = |form: &str, count: usize| {
        let all = |one: &dyn Fn(usize) -> String| -> String { (0..count).map(one).collect() };
        let options = all(&|at| format!("{{type: object, properties: {{p{at}: {to}}}}}, "));
        match form {
            "fields" => {
                let fields = all(&|at| format!("p{at}: {to}, "));
                format!("    A: {{properties: {{{fields}}}}}\n")
            }
            "heirs" => {
                let heirs = all(&|at| format!("    C{at}: {}\n", HEIR.replace('@', to)));
                let uses = all(&|at| format!("p{at}: {{$ref: '#/components/schemas/C{at}'}}, "));
                format!("    A: {{properties: {{{uses}}}}}\n{heirs}")
            }
            "alternatives" => format!("    A: {{oneOf: [{options}]}}\n"),
            _ => format!("    A: {{allOf: [{options}]}}\n"),
        }
    };
    let mut faults = Vec::new();
    for (form, count) in [
        ("fields", 200),
        ("heirs", 60),
        ("alternatives", 20),
        ("parts", 50),
    ] {
        grows(form, count, &mut faults, |count| {
            let [old, new] = ["string", "integer"].map(|kind| {
                let last =
                    format!("    B: {{type: object, properties: {{own: {{type: {kind}}}}}}}\n");
                reading("A", &format!("{}{last}", schemas(form, count)))
            });
            let directory = tempfile::tempdir().expect("a directory");
            let found = changes(directory.path(), &old, &new);
            assert!(found.iter().any(|change| change.wire.breaks), "{form}");
            assert!(found.len() < 100, "{form}: {} changes", found.len());
        });
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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
    let old = reading("A0", &circle("A", 400, [OBJECT, OBJECT]));
    let new = reading("B0", &circle("B", 400, [OBJECT, OBJECT]));
    on_a_small_stack(|| changes(directory.path(), &old, &new));
}

/// Chains of every form, among them those in which no schema is an object.
#[test]
#[ignore = "reads long documents; `cargo xtask ci` runs it"]
fn chains_of_every_form_cost_as_much_as_they_are_long() {
    let mut faults = Vec::new();
    for form in FORMS {
        grows(form, LINKS, &mut faults, |length| {
            let directory = tempfile::tempdir().expect("a directory");
            let [old, new] = chain(form, length);
            changes(directory.path(), &old, &new);
        });
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
