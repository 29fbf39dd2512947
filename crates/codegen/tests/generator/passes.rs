//! One small document per pass. The snapshot of each holds everything that is generated from it, less
//! what the [`baseline`] asserts for all documents.

use std::path::Path;

use crate::baseline;
use scorekit_test_support::{cargo_with_built, target, workspace};

/// Generates from `passes/<name>.yaml` and returns the text of the snapshot.
fn generated(name: &str) -> String {
    let folder = workspace().join("crates/codegen/tests/generator/passes");
    let generated = scorekit_codegen::generate::generate(
        &folder.join(format!("{name}.yaml")),
        Path::new(&folder),
    )
    .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
    baseline::condensed(&generated)
}

macro_rules! snapshots {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(generated(stringify!($name)));
            }
        )*

        #[test]
        fn every_document_has_a_test() {
            let tested = [$(stringify!($name)),*];
            for entry in std::fs::read_dir(workspace().join("crates/codegen/tests/generator/passes")).expect("the documents") {
                let path = entry.expect("an entry").path();
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                assert!(tested.contains(&name.as_str()), "passes/{name}.yaml has no test");
            }
        }

        #[test]
        fn every_lowering_pass_has_a_document() {
            let tested = [$(stringify!($name)),*];
            for pass in scorekit_codegen::generate::lower::PASSES {
                assert!(tested.contains(&pass.name), "no document shows what the pass `{}` does", pass.name);
            }
        }
    };
}

// The lowering passes, then the refining ones.
snapshots! {
    answers
    deprecations
    plain_enums
    single_all_of
    any_values
    text_choices
    read_only
    free_form
    aliases
    bounds
    inline_types
    merged_all_of
    choices
    fields_of_one_name
    nullable
    names
    select
    shorten
    fields
    leniency
    documentation
    open_enums
    alternatives
    constructors
    envelopes
    requests
    resources
    pages
    bulk
    client
    layout
    nasty
}

/// What the snapshots show compiles without a warning, and so does its documentation.
#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn everything_generated_compiles() {
    let folder = target().join("tests/passes");
    // What an earlier run left would be compiled, too.
    let _ = std::fs::remove_dir_all(folder.join("crates"));
    let core = workspace().join("crates/core");
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n[workspace.lints.rust]\nmissing_docs = \"warn\"\n\
         unsafe_code = \"forbid\"\nunreachable_pub = \"warn\"\n\n[workspace.dependencies]\nserde = {{ version = \"1\", \
         features = [\"derive\"] }}\nserde_json = \"1\"\nscorekit-core = {{ path = {:?} }}\n",
        core.display().to_string()
    );
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
    for entry in std::fs::read_dir(workspace().join("crates/codegen/tests/generator/passes"))
        .expect("the documents")
    {
        let document = entry.expect("an entry").path();
        let name = document
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .replace('_', "-");
        let generated = scorekit_codegen::generate::generate(&document, &document)
            .unwrap_or_else(|error| panic!("{error}"));
        for (domain, sources) in &generated.crates {
            let package = folder.join("crates").join(format!("{name}-{}", domain.tag));
            let write = |path: &str, content: &str| {
                let path = package.join(path);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                std::fs::write(path, content).expect("a file");
            };
            let manifest = format!(
                "[package]\nname = \"{name}-{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
                 scorekit-core.workspace = true\nserde.workspace = true\nserde_json.workspace = true\n\n[lints]\nworkspace = true\n",
                domain.tag
            );
            write("Cargo.toml", &manifest);
            write(
                "src/lib.rs",
                "//! A test.\nmod generated;\npub use generated::{client::Client, requests, resources, types};\n",
            );
            for (path, content) in &sources.files {
                write(&format!("src/generated/{path}"), content);
            }
        }
    }
    // What was built already is used, but the pages are no part of the workspace's documentation.
    let target = folder.join("target").display().to_string();
    for command in ["check", "doc"] {
        let mut arguments = vec![command, "--workspace", "--target-dir", &target];
        arguments.extend((command == "doc").then_some("--no-deps"));
        let output = cargo_with_built(&folder, &arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.success() && !said.contains("warning"),
            "cargo {command}: {said}"
        );
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for name in ["layout", "requests"] {
        assert_eq!(generated(name), generated(name));
    }
}
