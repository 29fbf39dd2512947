//! Unusable documents: the command names file, line and solution, writes nothing and exits with 2.

use std::path::Path;

use scorekit_test_support::{empty_workspace, files, workspace, xtask};

/// Generates from the documents of `bad_input/<name>/` and returns the output of the command.
fn rejected(name: &str) -> String {
    let directory = workspace().join("tests/generator/bad_input").join(name);
    let documents = files(&directory);
    let documents: Vec<_> = documents
        .iter()
        .map(|(path, text)| (Path::new("spec").join(path).display().to_string(), text))
        .collect();
    let documents: Vec<_> = documents
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    rejected_files(&documents)
}

/// Generates from the files and returns the output of the command.
fn rejected_files(documents: &[(&str, &str)]) -> String {
    let workspace = empty_workspace(documents);
    let before = files(workspace.path());
    let output = xtask(&[
        "generate",
        "--root",
        &workspace.path().display().to_string(),
    ]);
    assert_eq!(
        files(workspace.path()),
        before,
        "a rejected document must not change a file"
    );
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

macro_rules! snapshots {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(rejected(stringify!($name)));
            }
        )*
    };
}

snapshots! {
    yaml_error
    duplicate_key
    dangling_reference
    missing_file
    circular_path_items
    circular_components
    circular_aliases
    servers_and_schemes_with_the_same_name
    misplaced_properties
    path_item_siblings
    merge_key
    reserved_key
    lossy_schemas
    duplicate_operation_id
    clashing_names
    verbs
    undeclared_path_parameter
    missing_tag
    undeclared_tag
    tags_that_cannot_name_a_crate
    undeclared_security_scheme
    unsupported_constructs
    unsupported_bodies
    all_of
    unions
    misplaced_extensions
    pagination
    bulk
    wrong_version
    no_operations
}

#[test]
fn a_missing_document_is_named() {
    let workspace = empty_workspace(&[]);
    let output = xtask(&[
        "generate",
        "--root",
        &workspace.path().display().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("cannot read spec/openapi.yaml"), "{said}");
}

#[test]
fn bytes_that_are_not_utf8_are_rejected() {
    let workspace = empty_workspace(&[("spec/openapi.yaml", "")]);
    std::fs::write(
        workspace.path().join("spec/openapi.yaml"),
        [0xff, 0xfe, 0x00, 0x80],
    )
    .expect("a file");
    let output = xtask(&[
        "generate",
        "--root",
        &workspace.path().display().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("cannot read spec/openapi.yaml"), "{said}");
}

/// A document from a program is often one line, with megabytes before a place.
#[test]
fn places_in_a_line_of_many_characters_are_found() {
    let description = "naïve 🚀 text ".repeat(600);
    let operation = |id: &str, schema: &str| {
        format!(
            r##"{{"get": {{"operationId": "{id}", "tags": ["shop"], "description": "{description}", "responses": {{"200": {{"description": "OK.", "content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/{schema}"}}}}}}}}}}}}}}"##
        )
    };
    let start = r#"{"openapi": "3.0.3", "info": {"title": "bad", "version": "1.0.0"}, "servers": [{"url": "https://api.example.com"}], "tags": [{"name": "shop"}], "paths": {"#;
    let document = format!(
        r#"{start}"/orders": {}, "/parcels": {}}}}}"#,
        operation("ListOrders", "Orders"),
        operation("ListParcels", "Parcels")
    );
    insta::assert_snapshot!(rejected_files(&[("spec/openapi.yaml", &document)]));
    // The first line does not matter to places in the second.
    let lines = format!("{start}\r\n{}", document.trim_start_matches(start));
    let said = rejected_files(&[("spec/openapi.yaml", &lines)]);
    assert!(said.contains("spec/openapi.yaml:2:"), "{said}");
    assert!(
        said.contains(r##"{"$ref": "#/components/schemas/Parcels"}"##),
        "{said}"
    );
}
