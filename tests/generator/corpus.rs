//! Small documents, one for each construct of OpenAPI 3.0. The code generated from each is a
//! snapshot, without the parts that the [`baseline`] asserts for all documents. All code compiles.
//! A program calls it against a server that responds like the document. The requests are a
//! snapshot, too.

use std::path::{Path, PathBuf};

use scorekit_codegen::generate::{Generated, Options, generate_with};

use crate::baseline;
use scorekit_test_support::{assert_snapshots, workspace};

/// Returns the directory of the documents.
pub(crate) fn directory() -> PathBuf {
    workspace().join("tests/generator/corpus")
}

/// Returns every document by name.
pub(crate) fn documents() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(directory()).expect("the documents");
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

pub(crate) fn generated(document: &Path) -> Generated {
    let options = Options {
        uses_defaults: true,
        ..Options::default()
    };
    let base = document.parent().expect("a directory");
    generate_with(document, base, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// Checks the generator's notes about each document.
#[test]
fn notes() {
    let texts = documents().into_iter().filter_map(|(name, document)| {
        let notes = generated(&document).notes;
        let lines: Vec<String> = notes.iter().map(|note| format!("note: {note}\n")).collect();
        (!lines.is_empty()).then(|| (name, lines.concat()))
    });
    let directory = workspace().join("tests/generator/snapshots/notes");
    assert_snapshots(&directory, &texts.collect::<Vec<_>>());
}

#[test]
fn generated_code() {
    let texts = documents().into_iter().map(|(name, document)| {
        let text = baseline::condensed(&generated(&document));
        (name, text)
    });
    let directory = workspace().join("tests/generator/snapshots/corpus");
    assert_snapshots(&directory, &texts.collect::<Vec<_>>());
}

/// Compares the requests that the program in `exercise` printed, a section for each document.
pub(crate) fn compare_requests(printed: &str) {
    let sections = documents().into_iter().map(|(name, _)| {
        let heading = format!("== {name}\n");
        let start = printed.find(&heading);
        let start = start.unwrap_or_else(|| panic!("no request is made of {name}"));
        let section = &printed[start + heading.len()..];
        let end = section.find("\n== ").unwrap_or(section.len());
        (name, section[..end].to_owned())
    });
    let directory = workspace().join("tests/generator/snapshots/requests");
    assert_snapshots(&directory, &sections.collect::<Vec<_>>());
}
