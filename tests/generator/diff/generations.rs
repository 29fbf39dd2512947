//! The crates of every row and a consumer for each, compiled in as few runs of the compiler as
//! possible.
//!
//! All generations are modules of two crates, which are compiled at the same time. A third one has
//! the consumers that compile according to the command, so all of it must compile. The last one has
//! those that do not compile, and each of its modules must have an error. An error in the imports
//! of a module hides those in the functions of another. So the modules with errors are taken out
//! until none is left.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use scorekit_codegen::generate::Generated;
use serde_json::Value;

use super::directory;
use crate::compiled::workspace::write_if_new as write;
use scorekit_test_support::{cargo_with_built, target, workspace};

pub(super) const TAGS: [&str; 3] = ["depot", "shop", "stock"];
/// The generation that all others are compared with.
pub(super) const BASE: &str = "base";

/// The crates of the generations.
const CRATES: [&str; 2] = ["generations_a", "generations_b"];

/// The workspace of all generations and their consumers.
pub(super) struct Generations {
    directory: PathBuf,
    names: Vec<String>,
    /// The sources of the base by tag and path.
    base: BTreeMap<(&'static str, String), String>,
}

impl Generations {
    /// Starts with the generation that every consumer was written against.
    pub(super) fn new(base: &Generated) -> Self {
        let directory = target().join("compiled/diff");
        let core = workspace().join("crates/core").display().to_string();
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\"generations_*\", \"fine\", \"broken\"]\n\n[workspace.dependencies]\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\nscorekit-core = {{ path = {core:?} }}\n"
        );
        write(&directory.join("Cargo.toml"), &manifest);
        std::fs::copy(workspace().join("Cargo.lock"), directory.join("Cargo.lock"))
            .expect("a lock file");
        // It selects the features with which the libraries are built already.
        let support = workspace().join("tests/support").display().to_string();
        let features = format!("scorekit-test-support = {{ path = {support:?} }}\n");
        let generations = CRATES.map(|name| format!("{name} = {{ path = \"../{name}\" }}\n"));
        let generations = generations.concat();
        for (name, dependency) in [
            (CRATES[0], &features),
            (CRATES[1], &features),
            ("fine", &generations),
            ("broken", &generations),
        ] {
            let manifest = format!(
                "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\
                 scorekit-core.workspace = true\nserde.workspace = true\nserde_json.workspace = true\n"
            );
            write(&directory.join(name).join("Cargo.toml"), &manifest);
            // Cargo needs a library in every package, even before it is compiled.
            let library = directory.join(name).join("src/lib.rs");
            if !library.exists() {
                write(&library, "");
            }
        }
        let mut generations = Self {
            directory,
            names: Vec::new(),
            base: BTreeMap::new(),
        };
        let mut sources = BTreeMap::new();
        for tag in TAGS {
            for (path, content) in files(base, tag) {
                sources.insert((tag, path.clone()), content.clone());
            }
        }
        generations.add(BASE, base);
        generations.base = sources;
        generations
    }

    /// Adds the crates of a document as modules, and a consumer next to them.
    pub(super) fn add(&mut self, name: &str, generated: &Generated) {
        // The others refer to the base, so it is in both crates.
        let krate = CRATES[self.names.len() % CRATES.len()];
        let crates: &[&str] = if name == BASE { &CRATES } else { &[krate] };
        for krate in crates {
            self.add_modules(krate, name, generated);
        }
        let consumer =
            std::fs::read_to_string(directory().join("consumer.rs")).expect("the consumer");
        for package in ["fine", "broken"] {
            let directory = self.directory.join(package).join("src").join(name);
            let module = format!("use {krate}::{name}::{{depot, shop, stock}};\n\nmod consumer;\n");
            write(&directory.join("mod.rs"), &module);
            write(&directory.join("consumer.rs"), &consumer);
        }
        self.names.push(name.to_owned());
    }

    /// Writes the modules of a generation.
    fn add_modules(&self, krate: &str, name: &str, generated: &Generated) {
        let sources = self.directory.join(krate).join("src").join(name);
        let mut text = String::new();
        for tag in TAGS {
            let mut count = 0;
            let is_known = |(path, content): (&String, &String)| {
                count += 1;
                self.base.get(&(tag, path.clone())) == Some(content)
            };
            let all_known = files(generated, tag).all(is_known);
            let base_count = self.base.keys().filter(|(known, _)| *known == tag).count();
            if all_known && count == base_count && count > 0 {
                let _ = writeln!(text, "pub use crate::{BASE}::{tag};");
                continue;
            }
            if count == 0 {
                // A removed domain leaves an empty crate.
                let _ = writeln!(text, "pub mod {tag} {{}}");
                continue;
            }
            let _ = writeln!(
                text,
                "pub mod {tag} {{\n    mod generated;\n    pub use generated::{{client::Client, requests, resources, types}};\n    \
                 pub use scorekit_core::{{CallOptions, Config, Date, DateTime, Error, Items, Pages, Response}};\n}}"
            );
            let directory = sources.join(tag);
            for (path, content) in files(generated, tag) {
                // A crate's root is a module here.
                let content = content.replace(
                    "crate::generated",
                    &format!("crate::{name}::{tag}::generated"),
                );
                write(&directory.join("generated").join(path), &content);
            }
        }
        write(&sources.join("mod.rs"), &text);
    }

    /// Returns the first error of each consumer that does not compile. `breaking` are those that
    /// should not.
    pub(super) fn compile(&self, breaking: &BTreeSet<String>) -> BTreeMap<String, String> {
        let names: BTreeSet<String> = self.names.iter().cloned().collect();
        let errors = self.check(&CRATES, &names);
        assert!(
            errors.is_empty(),
            "generated code does not compile: {errors:#?}"
        );
        let mut errors = self.check(&["fine"], &names.difference(breaking).cloned().collect());
        let mut left = breaking.clone();
        while !left.is_empty() {
            let found = self.check(&["broken"], &left);
            if found.is_empty() {
                break;
            }
            left.retain(|name| !found.contains_key(name));
            errors.extend(found);
        }
        errors
    }

    /// Compiles packages of the modules `names`. Returns the first error in each of them.
    fn check(&self, packages: &[&str], names: &BTreeSet<String>) -> BTreeMap<String, String> {
        let own_target = self.directory.join("target").display().to_string();
        let mut arguments = vec!["check", "--message-format", "json"];
        arguments.extend(["--target-dir", &own_target]);
        for package in packages {
            let visibility = if CRATES.contains(package) { "pub " } else { "" };
            let sources = self.directory.join(package).join("src");
            let names = names.iter().filter(|name| sources.join(name).exists());
            let modules: String = names
                .map(|name| format!("{visibility}mod {name};\n"))
                .collect();
            let library = format!("#![allow(warnings)]\n{modules}");
            write(&sources.join("lib.rs"), &library);
            arguments.extend(["--package", *package]);
        }
        let output = cargo_with_built(&self.directory, &arguments);
        let mut errors = BTreeMap::new();
        let mut finished = false;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let message: Value = serde_json::from_str(line).expect("JSON of cargo");
            finished |= message["reason"] == "build-finished";
            let text = message["message"]["rendered"].as_str().unwrap_or_default();
            let spans = message["message"]["spans"].as_array();
            // The last error has the number of errors and no place.
            if message["message"]["level"] == "error"
                && spans.is_some_and(|spans| !spans.is_empty())
            {
                let name = module(&message["message"]["spans"], names);
                let name = name.unwrap_or_else(|| panic!("an error in no module: {text}"));
                errors.entry(name).or_insert_with(|| text.to_owned());
            }
        }
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(finished, "cargo did not finish: {said}");
        assert_eq!(output.status.success(), errors.is_empty(), "{said}");
        errors
    }
}

/// Returns the source files of a crate.
pub(super) fn files<'a>(
    generated: &'a Generated,
    tag: &str,
) -> impl Iterator<Item = (&'a String, &'a String)> {
    let crates = generated.crates.iter();
    let of_tag = crates.filter(move |(domain, _)| domain.tag == tag);
    of_tag.flat_map(|(_, sources)| &sources.files)
}

/// Returns the module of an error.
fn module(spans: &Value, names: &BTreeSet<String>) -> Option<String> {
    let files = spans
        .as_array()?
        .iter()
        .filter_map(|span| span["file_name"].as_str());
    let mut parts = files.flat_map(|file| file.split(['/', '\\']));
    parts.find(|part| names.contains(*part)).map(str::to_owned)
}
