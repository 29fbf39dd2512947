//! Snapshots of the public interface of each domain crate, one per resource. They show the effect
//! of a change of the document on users of the crate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use scorekit_codegen::Generator;
use scorekit_codegen::diff::interface::print;
use scorekit_test_support::{assert_snapshots, copy_of_workspace, workspace};

/// What the generator makes of the workspace at `root`.
struct Made {
    files: BTreeMap<PathBuf, String>,
    /// The interface of every resource, by the name of its snapshot.
    surfaces: Vec<(String, String)>,
}

fn made(root: &Path) -> Made {
    let generation = Generator::for_workspace(root)
        .generate()
        .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    let crates = generation.domains().iter();
    let surfaces = crates.flat_map(|(domain, sources)| {
        print(sources)
            .into_iter()
            .map(|(resource, text)| (format!("{}.{resource}", domain.tag), text))
    });
    Made {
        surfaces: surfaces.collect(),
        files: generation.files(),
    }
}

/// What the generator makes of this workspace.
static OWN: LazyLock<Made> = LazyLock::new(|| made(&workspace()));

#[test]
fn every_resource() {
    assert_snapshots(
        &workspace().join("tests/integration/snapshots/surface"),
        &OWN.surfaces,
    );
}

/// A change of one resource changes only its files and its snapshot, so that a review is short.
#[test]
fn a_renamed_field_touches_its_resource_alone() {
    let before = &*OWN;
    let copy = copy_of_workspace();
    let document = copy.path().join("spec/kpi.yaml");
    let text = std::fs::read_to_string(&document).expect("the document");
    assert!(text.contains("        assignment_ids:"));
    std::fs::write(&document, text.replace("assignment_ids:", "recipient_ids:"))
        .expect("the document");
    let after = made(copy.path());

    let changed: Vec<_> = after
        .files
        .iter()
        .filter(|(path, text)| before.files.get(*path) != Some(text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_eq!(before.files.len(), after.files.len());
    assert_eq!(
        changed,
        [
            // The flags of its command.
            "crates/cli/src/generated/kpi.rs",
            "crates/kpi/src/generated/types/campaigns.rs",
            // The document itself, as the sandbox has it.
            "crates/sandbox/openapi.json",
            "tests/calls/src/generated/kpi_campaigns.rs",
        ]
    );
    let differing: Vec<_> = after
        .surfaces
        .into_iter()
        .filter(|surface| !before.surfaces.contains(surface))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(differing, ["kpi.campaigns"]);
}
