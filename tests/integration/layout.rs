//! The rules of the source tree that neither the compiler nor a lint checks.

use std::collections::BTreeSet;
use std::process::Command;

use scorekit_test_support::{cargo, workspace};

/// The longest file that is written by hand, in lines.
const LINES: usize = 500;

/// The last column of a line.
const COLUMNS: usize = 100;

/// Words that the glossary of CONTRIBUTING.md or plain English replaces, and that have no other
/// meaning here.
const REPLACED: [(&str, &str); 11] = [
    ("beside", "next to"),
    ("folder", "directory"),
    ("folders", "directories"),
    ("mend", "correct"),
    ("mended", "corrected"),
    ("nobody", "the actor"),
    ("refuse", "reject"),
    ("refused", "rejected"),
    ("refuses", "rejects"),
    ("somebody", "the actor"),
    ("whoever", "the actor"),
];

/// Files that are not written by hand, by a part of their path.
const NOT_BY_HAND: [&str; 7] = [
    "/generated/",
    "crates/scorekit/src/generated.rs",
    "crates/sandbox/openapi.json",
    "crates/sandbox/assets/rapidoc",
    ".snap",
    ".lock",
    "tests/integration/schemas/",
];

/// Returns the text files of the repository that are written by hand, with their content.
fn files() -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(workspace())
        .output()
        .expect("git runs");
    assert!(output.status.success(), "the workspace is a git repository");
    let listed = String::from_utf8(output.stdout).expect("paths are UTF-8");
    let by_hand = |path: &&str| {
        !path.is_empty()
            && !NOT_BY_HAND
                .iter()
                .any(|part| format!("/{path}").contains(part))
    };
    let read = |path: &str| {
        // A file that is deleted but not committed yet has no lines.
        let text = std::fs::read_to_string(workspace().join(path)).ok()?;
        Some((path.to_owned(), text))
    };
    let files: Vec<_> = listed
        .split('\0')
        .filter(by_hand)
        .filter_map(read)
        .collect();
    assert!(files.len() > 300, "only {} files", files.len());
    files
}

#[test]
fn files_stay_under_500_lines() {
    let files = files();
    let long: Vec<_> = files
        .iter()
        .filter(|(path, text)| path.ends_with(".rs") && text.lines().count() > LINES)
        .map(|(path, text)| format!("{path}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "split these files:\n{}", long.join("\n"));
}

/// Returns the width of each line of Rust, in columns. The text inside string literals does not
/// count, because a line break is a part of the value or needs an escape.
fn widths(text: &str) -> Vec<usize> {
    // The end of the literal that is open.
    let mut open: Option<String> = None;
    let mut widths = Vec::new();
    for line in text.lines() {
        let (mut rest, mut width) = (line, 0);
        while let Some(first) = rest.chars().next() {
            let hashes = |rest: &str| rest.len() - rest.trim_start_matches('#').len();
            let raw = rest
                .strip_prefix('r')
                .map(|rest| rest.split_at(hashes(rest)));
            let length = match &open {
                Some(end) if rest.starts_with(end.as_str()) => {
                    let length = end.len();
                    open = None;
                    length
                }
                Some(end) => {
                    let is_escape = end == "\"" && first == '\\' && rest.len() > 1;
                    let second = rest[first.len_utf8()..].chars().next();
                    rest = &rest[first.len_utf8()..];
                    if let (true, Some(second)) = (is_escape, second) {
                        rest = &rest[second.len_utf8()..];
                    }
                    continue;
                }
                None if rest.starts_with("//") => rest.len(),
                None if rest.starts_with("'\\") || rest.starts_with("'\"'") => 3.min(rest.len()),
                None => match raw {
                    Some((hashes, after)) if after.starts_with('"') => {
                        open = Some(format!("\"{hashes}"));
                        hashes.len() + 2
                    }
                    _ if first == '"' => {
                        open = Some("\"".to_owned());
                        1
                    }
                    _ => first.len_utf8(),
                },
            };
            width += rest[..length].chars().count();
            rest = &rest[length..];
        }
        widths.push(width);
    }
    widths
}

/// Returns the mark and the text of a comment or, in Markdown, of prose.
fn prose<'a>(path: &str, line: &'a str) -> Option<&'a str> {
    let line = line.trim_start();
    match path.rsplit('.').next() {
        Some("rs") => line.starts_with("//").then_some(line),
        Some("yaml" | "toml" | "sh") => line.starts_with('#').then_some(line),
        Some("md") => (!line.starts_with('|')).then_some(line),
        _ => None,
    }
}

/// Lines end at column 100, except
///
/// - rows of Markdown tables;
/// - lines of at most three words, such as a mark and a URL, which a break could not shorten;
/// - text inside string literals of Rust and TOML;
/// - the data of YAML fixtures, whose bytes and line numbers are the input of tests.
#[test]
fn lines_end_at_column_100() {
    let mut long = Vec::new();
    for (path, text) in files() {
        let widths: Vec<_> = match path.rsplit('.').next() {
            Some("rs") => widths(&text),
            Some("toml") => {
                let unquoted = |line: &str| line.split('"').step_by(2).collect::<String>();
                let shown = |line: &str| prose(&path, line).map_or(unquoted(line), str::to_owned);
                text.lines()
                    .map(|line| shown(line).chars().count())
                    .collect()
            }
            Some("md" | "yaml") => text.lines().map(|line| line.chars().count()).collect(),
            _ => continue,
        };
        let is_fixture =
            path.ends_with(".yaml") && (path.starts_with("tests/") || path.contains("/tests/"));
        let is_free = |line: &str| {
            line.split_whitespace().count() <= 3
                || (is_fixture || path.ends_with(".md")) && prose(&path, line).is_none()
        };
        for (number, (line, width)) in text.lines().zip(widths).enumerate() {
            if width > COLUMNS && !is_free(line) {
                long.push(format!("{path}:{}: {width} columns", number + 1));
            }
        }
    }
    assert!(long.is_empty(), "wrap these lines:\n{}", long.join("\n"));
}

#[test]
fn comments_and_pages_use_the_words_of_the_glossary() {
    let mut found = Vec::new();
    for (path, text) in files() {
        for (number, line) in text.lines().enumerate() {
            // Names in code are not words.
            let words: String = prose(&path, line)
                .unwrap_or_default()
                .split('`')
                .step_by(2)
                .collect();
            for word in words.split(|character: char| !character.is_alphabetic()) {
                let word = word.to_lowercase();
                if let Some((_, better)) = REPLACED.iter().find(|(replaced, _)| *replaced == word) {
                    found.push(format!("{path}:{}: `{word}`, use {better}", number + 1));
                }
            }
        }
    }
    assert!(
        found.is_empty(),
        "replace these words:\n{}",
        found.join("\n")
    );
}

/// The packages of the workspace's dependencies with the features that a command enables.
fn features(edges: &str) -> BTreeSet<String> {
    let arguments = ["tree", "--offline", "--workspace", "--edges", edges];
    let format = ["--prefix", "none", "--format", "{p} {f}"];
    let output = cargo(&workspace(), &[&arguments[..], &format[..]].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| line.trim_end_matches(" (*)").trim_end().to_owned())
        .collect()
}

/// `cargo run` and `cargo clippy` would build a dependency a second time if tests alone enabled a
/// feature of it. `tests/support` enables those for all.
#[test]
fn tests_enable_no_feature_that_programs_do_not() {
    let (programs, tests) = (features("normal,build"), features("normal,build,dev"));
    assert!(programs.len() > 200, "{}", programs.len());
    let differing: Vec<&String> = programs.difference(&tests).collect();
    assert_eq!(
        differing,
        Vec::<&String>::new(),
        "enable more features in tests/support/Cargo.toml"
    );
}

/// A package that is named selects the features of that package alone, so `cargo test` after it
/// builds dependencies a second time. What a gate's step or a page runs names none.
#[test]
fn commands_name_no_package() {
    let mut read = 0;
    for (path, text) in files() {
        let is_read = path.ends_with(".md") || path.starts_with("tests/conformance/");
        if !is_read || path == "CHANGELOG.md" {
            continue;
        }
        read += 1;
        for (index, line) in text.lines().enumerate() {
            let runs = ["build", "run", "test", "bench"].map(|it| format!("cargo {it} -p "));
            let names = runs.iter().any(|run| line.contains(run.as_str()));
            assert!(!names, "{path}:{}: {line}", index + 1);
        }
    }
    assert!(read > 20, "{read}");
}

/// Returns the filters, and the substrings to skip, of each command of the gate that runs ignored
/// tests.
fn runs_of_ignored_tests(steps: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let runs = steps.split("-- --ignored").skip(1);
    runs.map(|text| {
        let command = text.split('"').next().unwrap_or_default();
        let mut filters = Vec::new();
        let mut skipped = Vec::new();
        let mut words = command.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "--skip" => skipped.extend(words.next()),
                word if word.starts_with("--") => {}
                word => filters.push(word),
            }
        }
        (filters, skipped)
    })
    .collect()
}

/// A test that is left to a step of the gate must run there.
#[test]
fn steps_run_the_tests_that_are_left_to_them() {
    let steps = std::fs::read_to_string(workspace().join("xtask/ci.toml")).expect("the steps");
    let runs = runs_of_ignored_tests(&steps);
    let mut left = 0;
    let mut forgotten = Vec::new();
    for (path, text) in files() {
        let parts = text.match_indices("#[ignore = \"");
        for (start, opening) in parts.filter(|_| path.ends_with(".rs")) {
            let (before, after) = text.split_at(start);
            let (reason, rest) = after[opening.len()..].split_once('"').expect("a reason");
            if !reason.contains("`cargo xtask ci") {
                continue;
            }
            left += 1;
            let (_, name) = rest.split_once("fn ").expect("a function");
            let (name, _) = name.split_once('(').expect("a function");
            // The module in the file around it, if there is one.
            let inner = before.rsplit_once("\nmod ").map_or("", |(_, inner)| inner);
            let inner = inner.split_once(" {\n").map_or("", |(inner, _)| inner);
            let test = format!("{}::{inner}::{name}", path.replace('/', "::"));
            let is_in = |words: &[&str]| words.iter().any(|word| test.contains(word));
            if !runs
                .iter()
                .any(|(run, skipped)| is_in(run) && !is_in(skipped))
            {
                forgotten.push(test);
            }
        }
    }
    assert!(left > 10, "{left}");
    assert_eq!(forgotten, Vec::<String>::new(), "add them to xtask/ci.toml");
}

/// Returns the path that a `#[path]` in the file `file` names.
fn included(file: &str, name: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// A program whose manifest has `test = false` is not compiled for its unit tests. A test program
/// includes the modules that have some.
#[test]
fn unit_tests_of_programs_are_compiled() {
    let files = files();
    let sources = files.iter().filter(|(path, _)| path.ends_with(".rs"));
    let names = sources.clone().flat_map(|(path, text)| {
        let names = text.split("\n#[path = \"").skip(1);
        let names = names.filter_map(|rest| rest.split_once('"'));
        names.map(|(name, _)| included(path, name))
    });
    let names: Vec<String> = names.collect();
    let is_included = |path: &str| {
        let mut names = names.iter();
        // With the module of a directory, its other files are included.
        names.any(|it| {
            it == path
                || it
                    .strip_suffix("mod.rs")
                    .is_some_and(|it| path.starts_with(it))
        })
    };
    let programs = files.iter().filter_map(|(path, text)| {
        let package = path.strip_suffix("Cargo.toml")?;
        let has_library = files
            .iter()
            .any(|(it, _)| *it == format!("{package}src/lib.rs"));
        (text.contains("\ntest = false\n") && !has_library).then_some(package)
    });
    let programs: Vec<&str> = programs.collect();
    assert!(programs.len() > 2, "{programs:?}");
    let mut found = 0;
    for (path, text) in sources {
        let is_of_program = |it: &&str| path.starts_with(&format!("{it}src/"));
        if programs.iter().any(is_of_program) && text.contains("\n#[cfg(test)]\n") {
            assert!(is_included(path), "no test program includes {path}");
            found += 1;
        }
    }
    assert!(found > 5, "{found}");
}
