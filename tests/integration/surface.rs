//! Snapshots of the public interface of each domain crate, one per resource. They show the effect
//! of a change of the document on users of the crate.

use std::path::Path;

use scorekit_codegen::Generator;
use scorekit_codegen::diff::interface::print;
use scorekit_test_support::{assert_snapshots, copy_of_workspace, files, workspace, xtask};

/// Returns the interface of every resource of the workspace at `root`, by the name of its snapshot.
fn all_surfaces(root: &Path) -> Vec<(String, String)> {
    let generation = Generator::for_workspace(root)
        .generate()
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let crates = generation.domains().iter();
    crates
        .flat_map(|(domain, sources)| {
            print(sources)
                .into_iter()
                .map(|(resource, text)| (format!("{}.{resource}", domain.tag), text))
        })
        .collect()
}

#[test]
fn every_resource() {
    assert_snapshots(
        &workspace().join("tests/integration/snapshots/surface"),
        &all_surfaces(&workspace()),
    );
}

/// Checks that a change of one resource changes one file and one snapshot, so that a review is
/// short.
#[test]
fn a_renamed_field_touches_its_resource_alone() {
    let copy = copy_of_workspace();
    let document = copy.path().join("spec/kpi.yaml");
    let generate = || {
        let root = copy.path().display().to_string();
        let output = xtask(&["generate", "--root", &root]);
        assert!(output.status.success(), "{output:?}");
    };
    // Stale files of the workspace must not fail this test.
    generate();
    let (before, surfaces) = (files(copy.path()), all_surfaces(copy.path()));
    let text = std::fs::read_to_string(&document).expect("the document");
    assert!(text.contains("        assignment_ids:"));
    std::fs::write(&document, text.replace("assignment_ids:", "recipient_ids:"))
        .expect("the document");

    generate();

    let after = files(copy.path());
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, text)| before.get(*path) != Some(text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_eq!(before.len(), after.len());
    assert_eq!(
        changed,
        [
            // The flags of its command.
            "crates/cli/src/generated/kpi.rs",
            "crates/kpi/src/generated/types/campaigns.rs",
            // The document itself, as the sandbox has it.
            "crates/sandbox/openapi.json",
            "spec/kpi.yaml",
            "tests/calls/src/generated/kpi_campaigns.rs",
        ]
    );
    let differing: Vec<_> = all_surfaces(copy.path())
        .into_iter()
        .filter(|surface| !surfaces.contains(surface))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(differing, ["kpi.campaigns"]);
}
