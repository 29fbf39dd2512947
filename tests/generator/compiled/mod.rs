//! Generated code compiles without a warning, and its clients send the requests of their snapshots.
//!
//! These tests compile, so each is ignored and has `compiled` in its path: `cargo xtask ci` runs
//! them by that name. The code of all small documents stands in one workspace ([`generated`]). The
//! verdicts of `diff` have one of their own. Tests that compile more of the same are next to the
//! other tests of their kind, in modules named `before_release`.

pub(crate) mod workspace;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use scorekit_codegen::generate::{Generated, standalone};
use scorekit_test_support::{cargo_with_built, workspace as own_workspace};

use self::workspace::{FEATURES, Workspace, Written};
use crate::{corpus, passes, untrusted};

/// The crate with the code of the passes' documents.
const PASSES: &str = "passes";

/// The workspace with the code of all small documents.
struct Compiled {
    workspace: Workspace,
    manifest: toml_edit::DocumentMut,
    /// The dependencies of all documents.
    dependencies: toml_edit::Table,
    /// The crates of the corpus, with their paths from the root.
    corpus: Vec<(String, String)>,
    /// The other crates.
    others: Vec<String>,
}

impl Compiled {
    fn new() -> Self {
        let mut compiled = Self {
            workspace: Workspace::default(),
            manifest: toml_edit::DocumentMut::new(),
            dependencies: toml_edit::Table::new(),
            corpus: Vec::new(),
            others: Vec::new(),
        };
        compiled.add_passes();
        for (name, document) in corpus::documents() {
            let generated = corpus::generated(&document);
            let crates = compiled.add_document(&name, &generated);
            compiled.corpus.extend(crates);
        }
        for (name, generated) in untrusted::compiled_documents() {
            let crates = compiled.add_document(&name, &generated);
            compiled
                .others
                .extend(crates.into_iter().map(|(name, _)| name));
        }
        compiled.finish();
        compiled
    }

    /// Adds the crates of all documents that are generated like the workspace's own, as modules of
    /// one: a crate of its own for each would cost a run of the compiler and of rustdoc.
    fn add_passes(&mut self) {
        let directory = Path::new(PASSES);
        let mut root = String::from("//! A test.\n");
        for (name, generated) in passes::all() {
            for (domain, sources) in &generated.crates {
                let module = format!("{name}_{}", domain.tag.replace('-', "_"));
                let _ = writeln!(
                    root,
                    "/// A test.\npub mod {module} {{\n    mod generated;\n    \
                     pub use generated::{{client::Client, requests, resources, types}};\n}}"
                );
                for (path, content) in &sources.files {
                    // A crate's root is a module here.
                    let content = content.replace("crate::", &format!("crate::{module}::"));
                    let path = Path::new("src").join(&module).join("generated").join(path);
                    self.workspace.add(directory.join(path), content);
                }
            }
        }
        self.workspace.add(directory.join("src/lib.rs"), root);
        let manifest = format!(
            "[package]\nname = \"{PASSES}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nscorekit-core.workspace = true\n\
             serde_json.workspace = true\n\n[lints]\nworkspace = true\n"
        );
        self.workspace.add(directory.join("Cargo.toml"), manifest);
        self.others.push(PASSES.to_owned());
    }

    /// Adds the crates of another document as the generator writes them. Returns their names and
    /// paths.
    fn add_document(&mut self, name: &str, generated: &Generated) -> Vec<(String, String)> {
        let directory = Path::new("documents").join(name);
        let core = own_workspace().join("crates/core");
        // The files of a directory would change the result, so this directory is empty.
        let nowhere = own_workspace().join("target/nowhere");
        let plan = standalone::plan(&nowhere, Some(&core), generated)
            .unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        for (path, content) in plan.files {
            if path == Path::new("Cargo.toml") {
                self.add_manifest(&directory, &content);
            } else {
                self.workspace.add(directory.join(path), content);
            }
        }
        let krate = |tag: &str| {
            let path = directory.join("crates").join(tag).display().to_string();
            (generated.crate_name(tag), path)
        };
        generated
            .crates
            .iter()
            .map(|(domain, _)| krate(&domain.tag))
            .collect()
    }

    /// Adds the dependencies of a document's workspace. One may be the crate of its shared types.
    fn add_manifest(&mut self, directory: &Path, content: &str) {
        let manifest: toml_edit::DocumentMut = content.parse().expect("a manifest");
        let dependencies = manifest["workspace"]["dependencies"].as_table();
        for (name, dependency) in dependencies.expect("the dependencies") {
            let mut dependency = dependency.clone();
            let path = dependency.get("path").and_then(toml_edit::Item::as_str);
            if let Some(path) = path.filter(|path| path.starts_with("crates/")) {
                let path = directory.join(path).display().to_string();
                dependency["path"] = toml_edit::value(path);
            }
            self.dependencies.insert(name, dependency);
        }
        self.manifest = manifest;
    }

    /// Adds the root's manifest and the program that calls the clients of the corpus.
    fn finish(&mut self) {
        let root = &mut self.manifest["workspace"];
        let members = [PASSES, "documents/*/crates/*", "exercise"];
        root["members"] = toml_edit::value(toml_edit::Array::from_iter(members));
        root["dependencies"] = toml_edit::Item::Table(std::mem::take(&mut self.dependencies));
        let core = own_workspace().join("crates/core").display().to_string();
        root["dependencies"]["scorekit-core"]["path"] = toml_edit::value(core);
        for lint in ["missing_docs", "unreachable_pub"] {
            root["lints"]["rust"][lint] = toml_edit::value("warn");
        }
        self.workspace.add("Cargo.toml", self.manifest.to_string());
        self.workspace.add_features();
        let dependencies: String = self
            .corpus
            .iter()
            .map(|(name, path)| format!("{name} = {{ path = \"../{path}\" }}\n"))
            .collect();
        let manifest = format!(
            "[package]\nname = \"exercise\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{FEATURES} = {{ path = \"../{FEATURES}\" }}\n\
             scorekit-core.workspace = true\nserde_json.workspace = true\n\
             tokio = {{ workspace = true, features = [\"macros\", \"net\", \"io-util\", \"rt\"] }}\n\
             {dependencies}"
        );
        self.workspace.add("exercise/Cargo.toml", manifest);
        for file in [
            "main.rs",
            "bodies.rs",
            "names.rs",
            "paging.rs",
            "server.rs",
            "shared_types.rs",
            "streams.rs",
            "third_party.rs",
        ] {
            let path = corpus::directory().join("exercise").join(file);
            let source = std::fs::read_to_string(path).expect("the program");
            self.workspace
                .add(Path::new("exercise/src").join(file), source);
        }
    }
}

/// Runs cargo and returns its standard output. It must succeed without a warning.
pub(crate) fn cargo(written: &Written, arguments: &[&str]) -> String {
    let output = cargo_with_built(&written.directory, arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_clean = output.status.success() && !errors.contains("warning");
    assert!(is_clean, "cargo {}: {errors}", arguments[0]);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Returns the libraries from a registry that a command builds, with their features.
fn libraries(directory: &Path, packages: &str) -> BTreeSet<String> {
    let arguments = ["tree", packages, "--edges=normal,build", "--prefix=none"];
    let printed = cargo_with_built(directory, &[&arguments[..], &["--format={p} {f}"]].concat());
    let printed = String::from_utf8(printed.stdout).expect("text");
    // The packages of a workspace have their path, and a library is listed wherever it is used.
    let lines = printed.lines().filter(|line| !line.contains("(/"));
    let lines: BTreeSet<_> = lines
        .map(|line| line.trim_end_matches(" (*)").trim_end().to_owned())
        .collect();
    assert!(lines.len() > 50, "{lines:?}");
    lines
}

/// Checks that cargo finds every library built, because this workspace selects the same features.
fn assert_same_features(written: &Written) {
    let built = libraries(&own_workspace(), "--workspace");
    let needed = libraries(&written.directory, "--package=exercise");
    let missing: Vec<_> = needed.difference(&built).collect();
    assert!(
        missing.is_empty(),
        "cargo compiles these again; select their features in tests/support: {missing:#?}"
    );
}

#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn all_documents_compile_without_a_warning() {
    let compiled = Compiled::new();
    let (samples, others): (Vec<_>, Vec<_>) = compiled
        .others
        .iter()
        .partition(|name| name.starts_with(untrusted::SAMPLE));
    let written = compiled.workspace.write("documents");
    assert_same_features(&written);
    let packages = |names: &[&String]| -> Vec<String> {
        let names = names.iter().map(|name| name.as_str()).chain([FEATURES]);
        names.map(|name| format!("--package={name}")).collect()
    };
    let (samples, others) = (packages(&samples), packages(&others));
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    cargo(&written, &[&["check"], &others[..]].concat());
    let features = format!("--package={FEATURES}");
    cargo(
        &written,
        &["doc", "--no-deps", "--package=passes", &features],
    );
    // The compiler warns of names that look alike, and random names may.
    let samples: Vec<&str> = samples.iter().map(String::as_str).collect();
    let output = cargo_with_built(&written.directory, &[&["check"], &samples[..]].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Compiles the clients of the corpus without a warning, calls them, and compares the requests.
#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn clients_of_the_corpus_send_their_requests() {
    let compiled = Compiled::new();
    let written = compiled.workspace.write("documents");
    let printed = cargo(&written, &["run", "--package=exercise"]);
    corpus::compare_requests(&printed);
}
