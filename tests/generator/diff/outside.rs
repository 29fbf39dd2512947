//! Documents that were written for other purposes: the fixtures of other tests, and any that a
//! developer has.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use scorekit_codegen::diff::source::DocumentSource;
use scorekit_test_support::workspace;

/// The directories with documents, and the fewest that are readable.
const FIXTURES: [(&str, usize); 6] = [
    ("tests/generator/passes", 20),
    ("tests/generator/corpus", 5),
    ("tests/generator/lint", 10),
    ("tests/generator/any_document", 1),
    ("tests/generator/diff", 1),
    ("tests/generator/untrusted", 1),
];

/// Returns the files below a directory that may be documents.
fn documents(directory: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            documents(&path, found);
        } else if matches!(extension, Some("yaml" | "yml" | "json")) {
            found.push(path);
        }
    }
}

/// Compares a document with itself. Returns the changes, or `None` if it is not readable.
fn with_itself(path: &Path) -> Option<Vec<String>> {
    let source = || DocumentSource::file(path);
    let changes = scorekit_codegen::diff::changes(&source(), &source()).ok()?;
    let changes = changes.into_values().flatten();
    Some(
        changes
            .map(|change| {
                let path = path.display();
                format!("{path}: {} {} {}", change.kind, change.subject, change.what)
            })
            .collect(),
    )
}

#[test]
#[ignore = "reads hundreds of documents; `cargo xtask ci` runs it"]
fn no_fixture_differs_from_itself() {
    let mut faults = Vec::new();
    for (directory, fewest) in FIXTURES {
        let mut paths = Vec::new();
        documents(&workspace().join(directory), &mut paths);
        let mut count = 0;
        for path in paths {
            let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
            if let Some(changes) = with_itself(&path).filter(|_| size < 100_000) {
                count += 1;
                faults.extend(changes);
            }
        }
        assert!(count >= fewest, "{directory}: only {count} documents");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Compares every document below the directory `DIFF_DOCUMENTS` with itself.
#[test]
#[ignore = "needs documents that are not part of this repository"]
fn no_document_differs_from_itself() {
    let directory = std::env::var("DIFF_DOCUMENTS").expect("DIFF_DOCUMENTS");
    let (mut paths, mut faults, mut count) = (Vec::new(), Vec::new(), 0);
    documents(Path::new(&directory), &mut paths);
    for path in &paths {
        if let Some(changes) = with_itself(path) {
            count += 1;
            println!("{}: {} changes", path.display(), changes.len());
            faults.extend(changes);
        }
    }
    println!("{count} of {} documents are readable", paths.len());
    assert!(count > 0 && faults.is_empty(), "{}", faults.join("\n"));
}

/// Compares the pairs of documents in the file `DIFF_OUTSIDE`: a name, two paths, and the checks
/// that another tool reports, each with its level. Prints what is reported instead.
#[test]
#[ignore = "needs documents that are not part of this repository"]
fn pairs_of_others_are_compared() {
    let list = std::env::var("DIFF_OUTSIDE").expect("DIFF_OUTSIDE");
    let list = std::fs::read_to_string(list).expect("the list");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in list.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, old, new, checks] = columns[..] else {
            panic!("not four columns: {line}");
        };
        let sources = [old, new].map(|path| DocumentSource::file(Path::new(path)));
        let mut text = String::new();
        let verdict = match scorekit_codegen::diff::changes(&sources[0], &sources[1]) {
            Err(error) => {
                let _ = write!(text, "{error}");
                "unreadable"
            }
            Ok(changes) => {
                let changes: Vec<_> = changes.into_values().flatten().collect();
                for change in &changes {
                    let breaks = if change.wire.breaks { "breaks" } else { "fine" };
                    let (kind, subject, what) = (change.kind, &change.subject, &change.what);
                    let _ = write!(text, "\n    {kind} {subject} {what}: {breaks}");
                }
                let breaks = changes.iter().any(|change| change.wire.breaks);
                match (changes.is_empty(), breaks, checks.contains(":ERR")) {
                    (true, _, true) => "silent about an error",
                    (true, _, false) => "silent",
                    (false, true, _) => "breaks",
                    (false, false, true) => "fine, but an error there",
                    (false, false, false) => "fine",
                }
            }
        };
        *counts.entry(verdict).or_default() += 1;
        println!(
            "{verdict}\t{name}\t{checks}\t{}\t{}{text}",
            file(old),
            file(new)
        );
    }
    println!("{counts:?}");
}

fn file(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
