//! The example with a build script compiles without a warning, and calls the generated client.

use scorekit_test_support::workspace;

use super::cargo;
use super::workspace::Workspace;

#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn example_of_a_build_script_runs() {
    let crates = workspace().join("crates");
    let example = crates.join("codegen/examples/build-script");
    let mut copy = Workspace::default();
    for file in ["build.rs", "petstore.yaml", "src/main.rs"] {
        let text = std::fs::read_to_string(example.join(file)).expect("a file of the example");
        copy.add(file, text);
    }
    let manifest = std::fs::read_to_string(example.join("Cargo.toml")).expect("its manifest");
    let mut manifest: toml_edit::DocumentMut = manifest.parse().expect("a manifest");
    let path = |name: &str| toml_edit::value(crates.join(name).display().to_string());
    manifest["dependencies"]["scorekit-core"]["path"] = path("core");
    manifest["build-dependencies"]["scorekit-codegen"]["path"] = path("codegen");
    copy.add("Cargo.toml", manifest.to_string());
    let written = copy.write("build-script");
    let printed = cargo(&written, &["run"]);
    assert_eq!(printed, "GET /pets/a%2Fb\nPOST /pets\n");
}
