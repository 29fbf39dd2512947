//! The workspace that is generated from a third-party document compiles unchanged.

use scorekit_test_support::{check, files};

use super::{generate, said};
use crate::compiled::workspace::Workspace;

#[test]
#[ignore = "compiles generated code; `cargo xtask ci compiled-all` runs it"]
fn the_workspace_compiles_unchanged() {
    // The generator keeps files that it writes once, so each run starts in an empty directory.
    let out = tempfile::tempdir().expect("a directory");
    let generated = generate(out.path(), &["--skip-unsupported"]);
    assert_eq!(generated.status.code(), Some(0), "{}", said(&generated));
    let mut workspace = Workspace::default();
    for (path, content) in files(out.path()) {
        workspace.add(path, content);
    }
    let core = scorekit_test_support::workspace().join("crates/core");
    workspace.point_to_runtime(&core);
    workspace.add_features();
    let written = workspace.write("any_document");
    let output = check(&written.directory);
    assert!(
        output.status.success() && said(&output).is_empty(),
        "{}",
        said(&output)
    );
}
