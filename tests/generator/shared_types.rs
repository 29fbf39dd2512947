//! The types that several tags of a document share: one crate, which the clients re-export.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use scorekit_codegen::{Generator, diff};
use scorekit_test_support::{files, xtask};

use crate::corpus;

/// The manifest of the crate of shared types.
const MANIFEST: &str = "crates/types/Cargo.toml";

fn document() -> PathBuf {
    corpus::directory().join("shared_types.yaml")
}

fn generate(out: &Path, more: &[&str]) -> Output {
    let (document, out) = (document().display().to_string(), out.display().to_string());
    let mut arguments = vec!["generate", "--spec", &document, "--out", &out];
    arguments.extend(more);
    xtask(&arguments)
}

fn succeeds(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
}

fn read(out: &Path, path: &str) -> String {
    std::fs::read_to_string(out.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Writes a document with these tags, each of which returns the schemas `Thing` and `Part`.
fn write_document(directory: &Path, tags: &[&str]) -> PathBuf {
    let operation = |(number, tag): (usize, &&str)| {
        let schema = "{$ref: '#/components/schemas/Thing'}";
        let content = format!("{{application/json: {{schema: {schema}}}}}");
        let responses = format!("{{'200': {{description: A thing., content: {content}}}}}");
        format!("  /{number}: {{get: {{tags: [{tag}], responses: {responses}}}}}\n")
    };
    let paths: String = tags.iter().enumerate().map(operation).collect();
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: Things, version: '1'}}\n\
         servers: [{{url: 'https://api.example.com'}}]\npaths:\n{paths}components:\n  schemas:\n    \
         Thing: {{type: object, properties: {{part: {{$ref: '#/components/schemas/Part'}}}}}}\n    \
         Part: {{type: object, properties: {{id: {{type: string}}}}}}\n"
    );
    let path = directory.join(format!("{}.yaml", tags.join("-")));
    std::fs::write(&path, text).expect("a file");
    path
}

fn generated(document: &Path) -> BTreeMap<PathBuf, String> {
    let generation = Generator::new(document).generate();
    generation.expect("a sound document").files()
}

#[test]
fn a_type_of_several_tags_is_declared_once() {
    let generated = generated(&document());
    let rust = generated
        .iter()
        .filter(|(path, _)| path.starts_with("crates") && path.ends_with("src/lib.rs").eq(&false));
    let mut declared: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, text) in
        rust.filter(|(path, _)| path.components().any(|part| part.as_os_str() == "types"))
    {
        let items = text.lines().map(str::trim);
        let items = items.filter_map(|line| {
            let item = line.strip_prefix("pub struct ");
            item.or_else(|| line.strip_prefix("pub enum "))
        });
        for item in items {
            let name = item.split([' ', ';', '(']).next().unwrap_or_default();
            *declared.entry(name).or_default() += 1;
        }
    }
    for shared in [
        "Book",
        "BookAuthor",
        "FamilyName",
        "Filter",
        "Kind",
        "Note",
        "NoteRequest",
    ] {
        assert_eq!(declared.get(shared), Some(&1), "{shared}");
    }
    let twice: Vec<_> = declared.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "declared more than once: {twice:?}");
    // The part of an `allOf` is no type, and a schema of one tag stays in its crate.
    assert_eq!(declared.get("Named"), None);
    let loans = &generated[Path::new("crates/loans/src/generated/types/loans.rs")];
    assert!(loans.contains("pub struct Loan {"), "{loans}");
}

#[test]
fn a_tag_alone_has_no_crate_of_shared_types() {
    let directory = tempfile::tempdir().expect("a directory");
    let out = directory.path().join("out");
    succeeds(&generate(&out, &[]));
    let before = files(&out);
    let check = generate(&out, &["--check"]);
    assert_eq!((check.status.code(), &*check.stdout), (Some(0), &b""[..]));

    // What the user wrote into the manifests stays.
    let manifest = read(&out, MANIFEST).replace("publish = false", "license = \"MIT\"");
    let manifest = manifest.replace("[features]", "[features]\nboth = [\"books\", \"loans\"]");
    std::fs::write(out.join(MANIFEST), manifest).expect("a file");
    succeeds(&generate(&out, &["--only", "books,loans"]));
    let manifest = read(&out, MANIFEST);
    assert!(manifest.contains("license = \"MIT\""), "{manifest}");
    assert!(
        manifest.contains("both = [\"books\", \"loans\"]"),
        "{manifest}"
    );
    assert!(!manifest.contains("search = []"), "{manifest}");

    succeeds(&generate(&out, &["--only", "books"]));
    assert!(!out.join("crates/types").exists());
    let of_books = read(&out, "crates/books/Cargo.toml");
    assert!(!of_books.contains("shared-types-types"), "{of_books}");
    assert!(!read(&out, "Cargo.toml").contains("shared-types-types"));
    let types = read(&out, "crates/books/src/generated/types/books.rs");
    assert!(types.contains("pub struct Book {"), "{types}");

    // With the other tags, everything is as it was. The order of the dependencies is the user's.
    succeeds(&generate(&out, &[]));
    let of_books = read(&out, "crates/books/Cargo.toml");
    let line = "shared-types-types = { workspace = true, features = [\"books\"] }";
    assert!(of_books.contains(line), "{of_books}");
    let after = files(&out);
    for (path, content) in &before {
        if !path.ends_with("Cargo.toml") {
            assert_eq!(after.get(path), Some(content), "{}", path.display());
        }
    }
    assert_eq!(after.len(), before.len());
}

#[test]
fn directories_of_the_user_and_of_tags_are_not_taken() {
    let directory = tempfile::tempdir().expect("a directory");
    // A tag has the name.
    let document = write_document(directory.path(), &["a", "types", "shared-types"]);
    let files = generated(&document);
    let manifest = &files[Path::new("crates/shared-types-2/Cargo.toml")];
    assert!(
        manifest.contains("name = \"things-shared-types-2\""),
        "{manifest}"
    );
    let of_tag = &files[Path::new("crates/types/src/generated/types/mod.rs")];
    assert!(
        of_tag.contains("pub use ::things_shared_types_2::{Part, Thing};"),
        "{of_tag}"
    );

    // The user has a crate there.
    let out = directory.path().join("out");
    std::fs::create_dir_all(out.join("crates/types")).expect("a directory");
    std::fs::write(out.join(MANIFEST), "[package]\nname = \"mine\"\n").expect("a file");
    let output = generate(&out, &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let expected = "the directory crates/types exists already and is not the crate of shared types";
    assert!(said.contains(expected), "{said}");
    assert_eq!(read(&out, MANIFEST), "[package]\nname = \"mine\"\n");
}

#[test]
fn a_type_that_becomes_shared_is_no_break() {
    let directory = tempfile::tempdir().expect("a directory");
    let alone = write_document(directory.path(), &["a"]);
    let shared = write_document(directory.path(), &["a", "b"]);
    let report = diff(&alone, &shared).expect("two sound documents");
    let of_a = report.crates.iter().find(|krate| krate.tag == "a");
    assert!(of_a.is_none(), "{of_a:?}");
    let report = diff(&shared, &alone).expect("two sound documents");
    let of_a = report.crates.iter().find(|krate| krate.tag == "a");
    assert!(of_a.is_none(), "{of_a:?}");
}

#[test]
fn a_build_script_has_a_module_of_shared_types() {
    let out = tempfile::tempdir().expect("a directory");
    let generation = Generator::new(document())
        .generate()
        .expect("a sound document");
    generation.write_modules(out.path()).expect("the modules");
    let root = read(out.path(), "scorekit.rs");
    assert!(root.contains("pub mod types;"), "{root}");
    let index = read(out.path(), "scorekit/types/mod.rs");
    assert!(!index.contains("feature"), "{index}");
    let of_books = read(out.path(), "scorekit/books/types/mod.rs");
    assert!(
        of_books.contains("pub use super::super::types::{"),
        "{of_books}"
    );
}

/// An unchanged document is read from the cache with its shared types.
#[test]
fn the_cache_gives_the_same_files() {
    let directory = tempfile::tempdir().expect("a directory");
    let (cache, out) = (directory.path().join("cache"), directory.path().join("out"));
    let run = || {
        let generator = Generator::new(document()).cache(&cache);
        let generation = generator.generate().expect("a sound document");
        generation.write_to(&out).expect("the files").len()
    };
    assert!(run() > 0);
    assert_eq!(run(), 0);
}
