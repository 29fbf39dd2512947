//! The workspace that is generated from another document compiles as it is.

use scorekit_test_support::{check, target};

use super::{generate, said};

#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn the_workspace_compiles_as_it_stands() {
    // What an earlier run wrote stays: cargo compiles again only what differs.
    let out = target().join("compiled/any_document");
    let written = generate(&out, &["--skip-unsupported"]);
    assert_eq!(written.status.code(), Some(0), "{}", said(&written));
    let output = check(&out);
    assert!(
        output.status.success() && said(&output).is_empty(),
        "{}",
        said(&output)
    );
}
