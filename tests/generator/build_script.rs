//! The example whose build script generates its client.

use std::path::PathBuf;

use scorekit_codegen::Generator;
use scorekit_test_support::workspace;

use crate::compiled::cargo;
use crate::compiled::workspace::Workspace;

/// What the example prints.
const PRINTED: &str = "GET /pets/a%2Fb\nPOST /pets\n";

fn example() -> PathBuf {
    workspace().join("crates/codegen/examples/build-script")
}

/// Returns a workspace with the files of the example, which depends on the crates by their paths.
fn copy() -> (Workspace, toml_edit::DocumentMut) {
    let mut copy = Workspace::default();
    for file in ["build.rs", "petstore.yaml", "src/main.rs"] {
        let text = std::fs::read_to_string(example().join(file)).expect("a file of the example");
        copy.add(file, text);
    }
    let manifest = std::fs::read_to_string(example().join("Cargo.toml")).expect("its manifest");
    let mut manifest: toml_edit::DocumentMut = manifest.parse().expect("a manifest");
    let path = |name: &str| {
        let path = workspace().join("crates").join(name);
        toml_edit::value(path.display().to_string())
    };
    manifest["dependencies"]["scorekit-core"]["path"] = path("core");
    manifest["build-dependencies"]["scorekit-codegen"]["path"] = path("codegen");
    // It selects the features with which the libraries are built already.
    let support = workspace().join("tests/support").display().to_string();
    manifest["dependencies"]["scorekit-test-support"]["path"] = toml_edit::value(support);
    (copy, manifest)
}

#[test]
#[ignore = "builds the generator a second time; `cargo xtask ci build-script` runs it"]
fn example_of_a_build_script_runs() {
    let (mut copy, manifest) = copy();
    copy.add("Cargo.toml", manifest.to_string());
    let printed = cargo(&copy.write("build-script"), &["run"]);
    assert_eq!(printed, PRINTED);
}

mod before_release {
    use super::*;

    /// A build script that takes the modules as they are, because a build of the generator for a
    /// build script shares nothing with the one of this test.
    const COPIES: &str = r#"//! Copies the modules.
use std::{env, fs, io, path::Path};

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &to)?,
            false => drop(fs::copy(entry.path(), to)?),
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    copy(Path::new("modules"), Path::new(&env::var("OUT_DIR")?))?;
    Ok(())
}
"#;

    #[test]
    #[ignore = "compiles generated code; `cargo xtask ci compiled-all` runs it"]
    fn modules_of_the_example_run() {
        let (mut copy, mut manifest) = copy();
        manifest.remove("build-dependencies");
        copy.add("Cargo.toml", manifest.to_string());
        copy.add("build.rs", COPIES);
        let generation = Generator::new(example().join("petstore.yaml")).generate();
        let modules = tempfile::tempdir().expect("a directory");
        let generation = generation.expect("modules");
        let written = generation.write_modules(modules.path());
        assert!(!written.expect("files").is_empty());
        for entry in walkdir::WalkDir::new(modules.path()) {
            let entry = entry.expect("an entry");
            if entry.file_type().is_file() {
                let path = entry.path().strip_prefix(modules.path());
                let path = PathBuf::from("modules").join(path.expect("a path"));
                let text = std::fs::read_to_string(entry.path()).expect("a module");
                copy.add(path, text);
            }
        }
        let printed = cargo(&copy.write("build-script"), &["run"]);
        assert_eq!(printed, PRINTED);
    }
}
