//! Documents that cannot be used: the command names file and line, says what to do, writes nothing
//! and exits with 2.

use std::path::Path;

use scorekit_test_support::{empty_workspace, files, workspace, xtask};

/// Generates from the documents of `bad_input/<name>/` and gives back what the command says.
fn refused(name: &str) -> String {
    let folder = workspace()
        .join("crates/codegen/tests/generator/bad_input")
        .join(name);
    let documents = files(&folder);
    let documents: Vec<_> = documents
        .iter()
        .map(|(path, text)| (Path::new("spec").join(path).display().to_string(), text))
        .collect();
    let documents: Vec<_> = documents
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let workspace = empty_workspace(&documents);
    let before = files(workspace.path());
    let output = xtask(&[
        "generate",
        "--root",
        &workspace.path().display().to_string(),
    ]);
    assert_eq!(
        files(workspace.path()),
        before,
        "a refused document must not change a file"
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
                insta::assert_snapshot!(refused(stringify!($name)));
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
    servers_and_schemes_of_one_name
    misplaced_members
    path_item_siblings
    merge_key
    reserved_key
    schemas_that_would_lose_something
    duplicate_operation_id
    clashing_names
    verbs
    undeclared_path_parameter
    missing_tag
    undeclared_tag
    tag_that_names_no_crate
    undeclared_security_scheme
    unsupported_constructs
    unsupported_bodies
    all_of
    choices
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
fn bytes_that_are_no_text_are_refused() {
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
