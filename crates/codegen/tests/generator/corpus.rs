//! Small documents, one for each construct of OpenAPI 3.0. The code generated from each is a snapshot,
//! less what the [`baseline`] asserts for all documents. All code compiles. A program calls it against
//! a server that responds as the document says, and the requests are a snapshot, too.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use scorekit_codegen::generate::{Generated, Options, generate_with, standalone};

use crate::baseline;
use scorekit_test_support::{cargo_with_built, check, target, workspace};

/// Every document, by name.
fn documents() -> Vec<(String, PathBuf)> {
    let folder = workspace().join("crates/codegen/tests/generator/corpus");
    let entries = std::fs::read_dir(folder).expect("the documents");
    let mut documents: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy();
            (name.into_owned(), path)
        })
        .collect();
    documents.sort();
    assert!(documents.len() >= 30, "{} documents", documents.len());
    documents
}

fn generated(document: &Path) -> Generated {
    let options = Options {
        completes: true,
        ..Options::default()
    };
    let base = document.parent().expect("a folder");
    generate_with(document, base, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

#[test]
fn everything_that_is_generated() {
    for (name, document) in documents() {
        let text = baseline::condensed(&generated(&document));
        insta::with_settings!({ snapshot_path => "snapshots/corpus", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, text);
        });
    }
}

/// Compiles all of it without a warning, runs the program, and compares what it saw.
#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn what_goes_over_the_wire() {
    let folder = target().join("tests/corpus");
    let _ = std::fs::remove_dir_all(folder.join("crates"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let core = workspace().join("crates/core");
    let mut dependencies = String::new();
    let mut manifest = String::new();
    for (name, document) in documents() {
        let generated = generated(&document);
        let place = folder.join("crates").join(&name);
        let plan = standalone::plan(&place, &core, &generated)
            .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        for (path, content) in &plan.files {
            if path == Path::new("Cargo.toml") {
                // All of them are members of one workspace here.
                manifest = content.replace("crates/*", "crates/*/crates/*\", \"exercise");
                continue;
            }
            write(&place.join(path), content);
        }
        for (domain, _) in &generated.crates {
            let krate = generated.crate_name(&domain.tag);
            let path = format!("../crates/{name}/crates/{}", domain.tag);
            let _ = writeln!(dependencies, "{krate} = {{ path = {path:?} }}");
        }
    }
    // The runtime is as far from here as from there, but for the folders between.
    let depth = manifest.find("scorekit-core = ").expect("the runtime");
    let end = manifest[depth..].find('\n').expect("a line");
    let own = format!(
        "scorekit-core = {{ path = {:?} }}",
        core.display().to_string()
    );
    manifest.replace_range(depth..depth + end, &own);
    manifest.push_str("missing_docs = \"warn\"\nunreachable_pub = \"warn\"\n");
    write(&folder.join("Cargo.toml"), &manifest);
    write(
        &folder.join("exercise/Cargo.toml"),
        &format!(
            "[package]\nname = \"exercise\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             scorekit-core.workspace = true\nserde_json.workspace = true\ntokio = {{ workspace = true, features = [\"macros\", \"net\", \"io-util\", \"rt\"] }}\n\
             {dependencies}"
        ),
    );
    for file in ["main.rs", "bodies.rs", "names.rs", "server.rs"] {
        let source = std::fs::read_to_string(
            workspace()
                .join("crates/codegen/tests/generator/corpus/exercise")
                .join(file),
        );
        write(
            &folder.join("exercise/src").join(file),
            &source.expect("the program"),
        );
    }
    let output = check(&folder);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && !said.contains("warning"),
        "{said}"
    );
    let output = cargo_with_built(&folder, &["run", "-p", "exercise"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let seen = String::from_utf8_lossy(&output.stdout).into_owned();
    for (name, _) in documents() {
        let heading = format!("== {name}\n");
        let start = seen
            .find(&heading)
            .unwrap_or_else(|| panic!("{name} is not exercised"));
        let part = &seen[start + heading.len()..];
        let part = &part[..part.find("\n== ").unwrap_or(part.len())];
        insta::with_settings!({ snapshot_path => "snapshots/corpus", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("{name}.wire"), part);
        });
    }
}

fn write(path: &Path, content: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, content).expect("a file");
}
