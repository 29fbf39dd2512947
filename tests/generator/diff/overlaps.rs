//! Alternatives of `oneOf` that both versions have, and that allow the same values in the new one.

use super::documents::{changes, document, numbered, operation};

const CARD: &str = "{type: object, required: [number], properties: {number: {type: string}}}";
const CASH: &str = "{type: object, required: [amount], properties: {amount: {type: integer}}}";
/// Allows what a client sends as a card.
const ANYTHING: &str = "{type: object, properties: {amount: {type: integer}}}";
/// Allows no card, which has no amount.
const NOTED: &str = "{type: object, required: [amount], properties: {amount: {type: integer}, \
                     note: {type: string}}}";

/// Returns true if a new server rejects values because they match several alternatives.
fn overlaps(old: &str, new: &str) -> bool {
    let directory = tempfile::tempdir().expect("a directory");
    let found = changes(directory.path(), old, new);
    let mut overlaps = found.iter().filter(|it| it.kind == "alternatives-changed");
    overlaps.any(|change| change.wire.breaks && change.what.contains("now allows values of"))
}

#[test]
fn kept_alternatives_that_overlap_break_requests() {
    for (position, keyword, other, wanted) in [
        ("request-body", "oneOf", ANYTHING, true),
        ("request-property", "oneOf", ANYTHING, true),
        ("request-body", "oneOf", NOTED, false),
        ("request-body", "oneOf", CASH, false),
        ("request-body", "anyOf", ANYTHING, false),
        ("response-body", "oneOf", ANYTHING, false),
    ] {
        let inline = |other: &str| document(position, &format!("{{{keyword}: [{CARD}, {other}]}}"));
        let named = |other: &str| {
            let names =
                "[{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Other'}]";
            let operation = operation(position, &format!("{{{keyword}: {names}}}"));
            numbered(
                &[(1, operation)],
                &format!("    Card: {CARD}\n    Other: {other}\n"),
            )
        };
        let behind = |other: &str| {
            let operation = operation(position, "{$ref: '#/components/schemas/Means'}");
            let names =
                "[{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Other'}]";
            let schemas = format!(
                "    Card: {CARD}\n    Other: {{properties: {{}}, allOf: [{other}]}}\n    Means: \
                 {{{keyword}: {names}}}\n"
            );
            numbered(&[(1, operation)], &schemas)
        };
        let case = format!("{keyword} {position} {other}");
        assert_eq!(
            overlaps(&inline(CASH), &inline(other)),
            wanted,
            "inline {case}"
        );
        assert_eq!(
            overlaps(&named(CASH), &named(other)),
            wanted,
            "named {case}"
        );
        assert_eq!(
            overlaps(&behind(CASH), &behind(other)),
            wanted,
            "behind {case}"
        );
    }
}

#[test]
fn alternatives_that_overlapped_before_are_no_change() {
    let both = |other: &str| document("request-body", &format!("{{oneOf: [{CARD}, {other}]}}"));
    let wider = ANYTHING.replace("integer", "number");
    assert!(!overlaps(&both(ANYTHING), &both(&wider)));
}
