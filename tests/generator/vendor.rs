//! `cargo xtask vendor`: a small document of ours, and a vendor's document with a change.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use scorekit_codegen::diff::Prose;
use scorekit_codegen::progress::Progress;
use scorekit_codegen::vendor::{self, report};
use scorekit_codegen::{Generator, Severity};
use similar::TextDiff;
use tempfile::TempDir;

use scorekit_test_support::{assert_snapshots, empty_workspace, workspace, xtask};

/// Changes of the vendor's document: the name, the text that goes, and the text that comes.
const CHANGES: [(&str, &str, &str); 28] = [
    (
        "alias_of_a_string",
        "note: {type: string}",
        "note: {$ref: \"#/components/schemas/Note\"}",
    ),
    (
        "deprecated_by_its_type",
        "note: {type: string}",
        "note: {$ref: \"#/components/schemas/OldNote\"}",
    ),
    (
        "scope_of_two_operations",
        "[{AuthZ: [orders_read]}]\n      summary: Vendor's words\n      tags: [Orders]\n  \
         /orders/{order_id}:\n    delete:\n",
        "[{AuthZ: [orders_admin]}]\n      summary: Vendor's words\n      tags: [Orders]\n  \
         /orders/{order_id}:\n    delete:\n      security: [{AuthZ: [orders_admin]}]\n",
    ),
    (
        "default_below_our_minimum",
        "{maximum: 50, type: integer}",
        "{maximum: 50, default: 0, type: integer}",
    ),
    ("nothing", "Vendor's words.", "Other words."),
    (
        "field_added",
        "note: {type: string}",
        "note: {type: string}\n        paid_at: {type: string, format: date-time, nullable: true}",
    ),
    (
        "field_with_new_schemas",
        "total: {format",
        "buyer: {$ref: \"#/components/schemas/Buyer\"}\n        total: {format",
    ),
    ("field_removed", "note: {type: string}\n", "\n"),
    ("field_required", "required: [id]", "required: [id, note]"),
    ("field_optional", "      required: [id]\n", ""),
    (
        "field_deprecated",
        "note: {type: string}",
        "note: {type: string, deprecated: true, description: Do not use it. Use total instead.}",
    ),
    (
        "field_of_named_type_nullable",
        "state: {$ref: \"#/components/schemas/State\"}\n",
        "state: {allOf: [{$ref: \"#/components/schemas/State\"}], nullable: true}\n",
    ),
    (
        "field_of_another_type",
        "total: {format: double, type: number}",
        "total: {format: int32, type: integer, minimum: 0}",
    ),
    (
        "field_with_bounds",
        "note: {type: string}",
        "note: {type: string, maxLength: 200, pattern: \"^[a-z]: .*\"}",
    ),
    (
        "inline_object_and_list",
        "note: {type: string}",
        "note: {type: string}\n        \
         place: {type: object, properties: {street: {type: string}, floors: {type: array, items: \
         {type: integer, format: int32}}}}",
    ),
    (
        "enum_values",
        "enum: [open, paid]",
        "enum: [paid, \"on hold\"]",
    ),
    (
        "closed_object",
        "      required: [id]\n",
        "      additionalProperties: false\n      required: [id]\n",
    ),
    (
        "parameter_added",
        "- {in: query, name: state",
        "- {in: query, name: \"filter[buyer]\", required: true, schema: {type: string, format: \
         uuid}}\n        - {in: query, name: state",
    ),
    (
        "parameter_removed",
        "- {in: query, name: state, schema: {$ref: \"#/components/schemas/State\"}}",
        "",
    ),
    (
        "parameter_changed",
        "{maximum: 50, type: integer}",
        "{maximum: 100, default: 10, type: integer}",
    ),
    (
        "status_added",
        "\"204\": {description: OK}",
        "\"204\": {description: OK}\n        \"409\": {$ref: \"#/components/responses/Bad\"}\n        \
         \"503\": {description: Down}",
    ),
    (
        "status_removed",
        "        \"400\": {$ref: \"#/components/responses/Bad\"}\n      summary: Delete",
        "      summary: Delete",
    ),
    (
        "scope_added",
        "[{AuthZ: [orders_read]}]",
        "[{AuthZ: [orders_read, orders_admin]}]",
    ),
    (
        "operation_deprecated",
        "description: Vendor's words.\n      operationId: ListAllOrders",
        "deprecated: true\n      description: Use DeleteOrder.\n      operationId: ListAllOrders",
    ),
    (
        "operation_in_preview",
        "operationId: DeleteOrder",
        "operationId: DeleteOrder\n      x-unstable: Vendor's words.",
    ),
    (
        "operation_added",
        "  /other:",
        "  /orders/{id}/archive:\n    post:\n      operationId: ArchiveOrder\n      summary: Archive an \
         order\n      tags: [Orders]\n      parameters: [{$ref: \"#/components/parameters/OrderId\"}]\n      \
         requestBody: {required: true, content: {application/json: {schema: {$ref: \
         \"#/components/schemas/Buyer\"}}}}\n      responses: {\"200\": {description: OK, content: \
         {application/json: {schema: {$ref: \"#/components/schemas/Order\"}}}}, \"400\": {$ref: \
         \"#/components/responses/Bad\"}}\n  /other:",
    ),
    (
        "method_added",
        "  /orders/{order_id}:\n",
        "  /orders/{order_id}:\n    get:\n      operationId: GetOrder\n      summary: Get an order\n      \
         tags: [Orders]\n      security: [{AuthZ: [orders_audit]}]\n      \
         parameters:\n        - {in: path, name: order_id, required: true, \
         schema: {type: string}}\n      responses: {\"200\": {description: OK, content: \
         {application/json: {schema: {$ref: \"#/components/schemas/Order\"}}}}}\n",
    ),
    (
        "operation_removed",
        "    delete:\n      operationId: DeleteOrder",
        "    x-gone:\n      operationId: DeleteOrder",
    ),
];

/// Schemas of the vendor that only some changes use.
const BUYER: &str = "    Buyer:
      type: object
      required: [kind]
      properties:
        kind: {$ref: \"#/components/schemas/BuyerKind\"}
        name: {type: string}
    BuyerKind: {type: string, enum: [person, company]}
    Note: {type: string}
    OldNote: {type: string, deprecated: true}
    Error:";

fn fixture(name: &str) -> String {
    let directory = workspace().join("tests/generator/vendor");
    std::fs::read_to_string(directory.join(name)).expect("a file")
}

/// Creates a workspace with our document, and the vendor's document with a change.
fn changed(old: &str, new: &str) -> TempDir {
    let theirs = fixture("theirs.yaml").replacen("    Error:", BUYER, 1);
    assert!(theirs.contains(old), "the vendor's document lacks {old}");
    let theirs = theirs.replacen(old, new, 1);
    let names = ["openapi.yaml", "shop.yaml", "common.yaml", "vendor.yaml"];
    let files = names.map(|name| (format!("spec/{name}"), fixture(name)));
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .chain([("theirs.yaml", theirs.as_str())])
        .collect();
    empty_workspace(&files)
}

fn spec(root: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(root.join("spec")).expect("spec");
    files
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("a file");
            (name.into_owned(), text)
        })
        .collect()
}

fn difference(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (name, old) in before {
        let new = after.get(name).map_or("", String::as_str);
        let diff = TextDiff::from_lines(old.as_str(), new);
        let mut diff = diff.unified_diff();
        let _ = write!(text, "{}", diff.context_radius(2).header(name, name));
    }
    text
}

fn findings(root: &Path) -> Vec<scorekit_codegen::Diagnostic> {
    Generator::for_workspace(root).lint().expect("a document")
}

#[test]
fn changes_of_the_vendor_are_taken_over_in_place() {
    let mut texts = Vec::new();
    for (name, old, new) in CHANGES {
        let directory = changed(old, new);
        let (root, theirs) = (directory.path(), directory.path().join("theirs.yaml"));
        let before = spec(root);
        let found = vendor::diff(root, &theirs, &[], Progress::default())
            .unwrap_or_else(|diagnostics| panic!("{name}: {diagnostics}"));
        // Another name of a string says nothing about the API.
        let is_same = ["nothing", "alias_of_a_string"].contains(&name);
        assert_eq!(found.has_findings(), !is_same, "{name}: {found:?}");
        assert_eq!(spec(root), before, "{name}: a comparison changes files");
        let updated = vendor::update(root, &theirs, &[])
            .unwrap_or_else(|diagnostics| panic!("{name}: {diagnostics}"));
        let after = spec(root);
        let mut text = difference(&before, &after);
        for difference in &updated.by_hand {
            let _ = writeln!(text, "by hand: {}", report::by_hand(difference));
        }
        // Taking the change over leaves nothing to take over.
        let rest = vendor::diff(root, &theirs, &[], Progress::default())
            .unwrap_or_else(|diagnostics| panic!("{name}: {diagnostics}"));
        assert_eq!(
            rest.differences.len(),
            updated.by_hand.len(),
            "{name}: {rest:?}"
        );
        assert!(rest.stale.is_empty(), "{name}: {rest:?}");
        assert!(!text.contains("Vendor's words"), "{name}: {text}");
        let has_todo = text.contains("TODO");
        let findings = findings(root);
        let mut unwritten = findings.iter().map(|finding| finding.rule);
        assert_eq!(
            unwritten.any(|rule| rule == Some("unwritten-text")),
            has_todo,
            "{name}"
        );
        let errors = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        let errors: Vec<_> = errors.map(ToString::to_string).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        texts.push((name.to_owned(), text));
    }
    assert_snapshots(
        &workspace().join("tests/generator/snapshots/vendor"),
        &texts,
    );
}

#[test]
fn only_selects_what_is_taken_over() {
    let (old, new) = (
        "required: [id]",
        "additionalProperties: false\n      required: [id, note]",
    );
    let directory = changed(old, new);
    let (root, theirs) = (directory.path(), directory.path().join("theirs.yaml"));
    let only = ["Order.note".to_owned()];
    let updated = vendor::update(root, &theirs, &only).expect("an update");
    assert!(updated.by_hand.is_empty(), "{updated:?}");
    let shop = spec(root).remove("shop.yaml").expect("the file");
    assert!(shop.contains("required: [id, note]"), "{shop}");
    let rest = vendor::diff(root, &theirs, &[], Progress::default()).expect("a report");
    assert_eq!(rest.differences, ["- Order: closed"]);
}

#[test]
fn entries_of_the_list_that_match_nothing_are_reported() {
    let directory = changed(
        "{maximum: 50, type: integer}",
        "{maximum: 50, minimum: 1, type: integer}",
    );
    let theirs = directory.path().join("theirs.yaml");
    let found = vendor::diff(directory.path(), &theirs, &[], Progress::default());
    let found = found.expect("a report");
    assert!(
        found.differences.is_empty() && found.changes.is_none(),
        "{found:?}"
    );
    assert_eq!(found.stale, ["+ ListOrders: query size: minimum 1"]);
    assert!(found.has_findings());
}

#[test]
fn an_operation_that_is_left_out_on_purpose_does_not_show() {
    let (_, old, new) = CHANGES
        .into_iter()
        .find(|(name, ..)| *name == "operation_added")
        .expect("the change");
    let directory = changed(old, new);
    let root = directory.path();
    let settings = fixture("vendor.yaml")
        + "  - reason: The shop does not need it.\n    facts:\n      - \"- ArchiveOrder: POST /orders/{id}/archive\"\n";
    std::fs::write(root.join("spec/vendor.yaml"), settings).expect("a file");
    let found = vendor::diff(root, &root.join("theirs.yaml"), &[], Progress::default());
    let found = found.expect("a report");
    assert!(!found.has_findings(), "{found:?}");
    assert_eq!(found.intended, 2);
}

#[test]
fn texts_and_examples_show_if_they_are_asked_for() {
    let directory = changed(
        "note: {type: string}",
        "note: {type: string, example: Urgent.}",
    );
    let (root, theirs) = (directory.path(), directory.path().join("theirs.yaml"));
    let show = |kinds: &[Prose], only: &[String]| {
        let progress = Progress::default();
        let found = vendor::diff_with_prose(root, &theirs, only, kinds, progress);
        let found = found.expect("a report");
        assert!(!found.has_findings(), "{found:?}");
        (report::text(&found, false), found.prose)
    };
    let (text, prose) = show(&[], &[]);
    assert!(
        prose.is_empty() && !text.contains("texts that differ"),
        "{text}"
    );
    let (text, prose) = show(&[Prose::Examples], &["Order".to_owned()]);
    assert_eq!(prose, ["- Order.note: example \"Urgent.\""]);
    assert!(text.contains("texts that differ"), "{text}");
    let (_, prose) = show(&[Prose::Descriptions], &["ListOrders".to_owned()]);
    let theirs = "- ListOrders: description \"Vendor's words.\"".to_owned();
    assert!(prose.contains(&theirs), "{prose:?}");
    assert!(
        prose.iter().any(|line| line.starts_with("+ ListOrders: ")),
        "{prose:?}"
    );
}

#[test]
fn unusable_lists_are_rejected() {
    for (text, reason) in [
        ("domains: 1\n", "cannot use spec/vendor.yaml: domains"),
        ("other: []\n", "unknown field `other`"),
        (
            "differences: [{reason: '', facts: ['+ a']}]\n",
            "no reason for",
        ),
        (
            "differences: [{reason: R., facts: [a]}]\n",
            "begins with neither",
        ),
        (
            "differences: [{reason: R., facts: ['+ a', '+ a']}]\n",
            "is listed twice",
        ),
    ] {
        let directory = changed("Vendor's words.", "Words.");
        let root = directory.path();
        std::fs::write(root.join("spec/vendor.yaml"), text).expect("a file");
        let outcome = vendor::diff(root, &root.join("theirs.yaml"), &[], Progress::default());
        let diagnostics = outcome.expect_err("no report").to_string();
        assert!(diagnostics.contains(reason), "{diagnostics}");
    }
}

#[test]
fn facts_are_recorded_from_the_vendors_document() {
    let (_, old, new) = CHANGES
        .into_iter()
        .find(|(name, ..)| *name == "field_added")
        .expect("the change");
    let directory = changed(old, new);
    let (root, theirs) = (directory.path(), directory.path().join("theirs.yaml"));
    let facts = root.join("tests/integration/facts/datadog.txt");
    std::fs::create_dir_all(facts.parent().expect("a directory")).expect("a directory");
    let before = "# Facts.\n\nListOrders: unavailable on example.org\n\
                  ListOrders: GET /orders\nListOrders: GET /old\n\
                  GetGone: unavailable on example.org\n";
    std::fs::write(&facts, before).expect("a file");
    let source = vendor::Source {
        version: None,
        date: "2026-11-26".to_owned(),
    };
    let [new, removed] = vendor::record(root, &theirs, &source).expect("facts");
    let text = std::fs::read_to_string(&facts).expect("the facts");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.contains(&"# Version: 2.0") && lines.contains(&"# Date: 2026-11-26"));
    // Lines that stay keep their place, also what only the vendor's pages say.
    let kept = [
        "ListOrders: unavailable on example.org",
        "ListOrders: GET /orders",
    ];
    assert_eq!(lines[5..7], kept, "{text}");
    assert_eq!(removed, 2, "{text}");
    let facts = lines
        .iter()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    assert_eq!(new, facts.count() - kept.len());
    // The facts have what our document lacks, and nothing of other tags.
    assert!(
        lines.contains(&"Order.paid_at: date-time nullable"),
        "{text}"
    );
    assert!(
        !text.contains("GetOther") && !text.contains("Error"),
        "{text}"
    );
    let again = vendor::record(root, &theirs, &source).expect("facts");
    assert_eq!(again, [0, 0]);
}

#[test]
fn the_command_prints_each_format_and_exits_with_its_verdict() {
    let directory = changed("required: [id]", "required: [id, note]");
    let root = directory.path().display().to_string();
    let theirs = directory.path().join("theirs.yaml").display().to_string();
    let run = |more: &[&str]| xtask(&[&["vendor", "--root", &root], more].concat());
    for (format, words) in [
        ("text", "[breaks"),
        ("markdown", "| change | wire | Rust API |"),
        ("json", "\"differences\""),
    ] {
        let output = run(&["diff", &theirs, "--format", format]);
        let shown = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(shown.contains(words), "{shown}");
    }
    let output = run(&["update", &theirs]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = run(&["diff", &theirs]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = run(&["diff", "missing.yaml"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(shown.contains("missing.yaml"), "{shown}");
}
