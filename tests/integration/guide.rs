//! The book in `docs`: its examples run, its blocks of Rust are these examples, every page is in
//! the summary, and every link leads to a page and a heading.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use scorekit_test_support::{cargo, files, target, workspace};
use serde_json::Value;

/// Pages with blocks of Rust that are doctests of `tests/calls`.
const DOCTESTS: [&str; 1] = ["platforms.md"];

/// The address of the repository in the pages of the book, for files outside of the book.
const REPOSITORY: &str = "https://github.com/scorekit/scorekit/blob/main/";

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the pages of the book by their path in `docs`.
fn pages() -> BTreeMap<PathBuf, String> {
    let mut pages = files(&workspace().join("docs"));
    pages.retain(|path, _| path.extension().is_some_and(|it| it == "md"));
    assert!(pages.len() > 30, "{}", pages.len());
    pages
}

/// Returns the examples of the facade by name.
fn examples() -> BTreeMap<String, String> {
    let all = files(&workspace().join("crates/scorekit/examples"));
    let programs = all
        .into_iter()
        .filter(|(path, _)| path.components().count() == 1);
    programs
        .map(|(path, text)| (path.with_extension("").display().to_string(), text))
        .collect()
}

/// Runs all examples of the facade, and checks that each says what it shows and how to run it.
#[test]
fn every_example_runs() {
    // `cargo test --workspace` has built them with the same features.
    let built = cargo(
        &workspace(),
        &["build", "--quiet", "--workspace", "--examples"],
    );
    let log = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{log}");
    let mut running = Vec::new();
    for (name, text) in examples() {
        let command = format!("`cargo run --example {name}`");
        assert!(
            text.starts_with("//! "),
            "{name} does not say what it shows"
        );
        assert!(text.contains(&command), "{name} does not name {command}");
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let child = Command::new(target().join("debug/examples").join(file))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        running.push((name, child.expect("an example starts")));
    }
    assert!(running.len() >= 15, "{}", running.len());
    for (name, child) in running {
        let output = child.wait_with_output().expect("an example ends");
        let error = String::from_utf8_lossy(&output.stderr);
        let is_right = output.status.success() && !output.stdout.is_empty();
        assert!(is_right, "{name}: {}\n{error}", output.status);
    }
}

/// Returns the program of an example without its first lines: what it shows, and how to run it.
fn program(text: &str) -> &str {
    let start = text.find("\nuse ").expect("an import");
    &text[start + 1..]
}

/// Puts the programs of the examples into the blocks of a page. The line before such a block is
/// `<!-- example: NAME -->`. Other blocks of Rust are added to `foreign`.
fn with_programs(page: &str, examples: &BTreeMap<String, String>, foreign: &mut usize) -> String {
    let mut written = String::new();
    let (mut example, mut is_block, mut is_replaced) = (None, false, false);
    for line in page.lines() {
        let is_fence = line.starts_with("```");
        if is_fence && is_block {
            (is_block, is_replaced) = (false, false);
        } else if is_fence {
            is_block = true;
            let is_rust = line.starts_with("```rust");
            *foreign += usize::from(is_rust && example.is_none());
            if let (true, Some(program)) = (line == "```rust", example.take()) {
                is_replaced = true;
                written.push_str(line);
                written.push('\n');
                written.push_str(program);
                continue;
            }
        }
        if !is_replaced {
            written.push_str(line);
            written.push('\n');
        }
        let name = line.strip_prefix("<!-- example: ");
        example = name.and_then(|rest| rest.strip_suffix(" -->")).map(|name| {
            let text = examples.get(name);
            program(text.unwrap_or_else(|| panic!("no example is called {name}")))
        });
    }
    written
}

/// Checks the blocks of Rust on the pages against the examples, which a test runs.
#[test]
fn every_block_of_rust_is_an_example() {
    let examples = examples();
    let (mut wrong, mut shown) = (Vec::new(), BTreeSet::new());
    for (path, text) in pages() {
        let mut foreign = 0;
        let written = with_programs(&text, &examples, &mut foreign);
        let name = path.display();
        if foreign > 0 && !DOCTESTS.iter().any(|page| path == Path::new(page)) {
            wrong.push(format!(
                "{name}: {foreign} blocks of Rust are not an example"
            ));
        }
        for line in text.lines() {
            shown.extend(line.strip_prefix("<!-- example: ").map(str::to_owned));
        }
        if written == text {
            continue;
        }
        if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
            std::fs::write(workspace().join("docs").join(&path), written).expect("a page");
        } else {
            wrong.push(format!(
                "{name}: INSTA_UPDATE=always writes the new programs"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(shown.len() >= 15, "{shown:?}");
}

/// Returns the targets of the links in Markdown, with their lines. Blocks and inline code have no
/// links.
fn links(text: &str) -> Vec<(usize, String)> {
    let (mut links, mut is_block) = (Vec::new(), false);
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            is_block = !is_block;
        }
        if is_block || line.starts_with("```") {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect();
        let inline = prose
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'));
        links.extend(inline.map(|(target, _)| (index + 1, target.to_owned())));
        if let Some((_, target)) = prose.strip_prefix('[').and_then(|it| it.split_once("]: ")) {
            links.push((index + 1, target.to_owned()));
        }
    }
    links
}

/// Returns the anchors of the headings of a page, as GitHub and mdBook write them.
fn anchors(text: &str) -> BTreeSet<String> {
    let (mut anchors, mut is_block) = (BTreeSet::new(), false);
    for line in text.lines() {
        if line.starts_with("```") {
            is_block = !is_block;
        }
        let heading = line.trim_start_matches('#');
        if is_block || heading.len() == line.len() {
            continue;
        }
        let letters = heading.trim().chars().filter_map(|letter| match letter {
            ' ' => Some('-'),
            _ if letter.is_alphanumeric() || "-_".contains(letter) => Some(letter),
            _ => None,
        });
        let anchor: String = letters.flat_map(char::to_lowercase).collect();
        let mut unique = anchor.clone();
        let mut number = 0;
        while !anchors.insert(unique) {
            number += 1;
            unique = format!("{anchor}-{number}");
        }
    }
    anchors
}

/// Returns a path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(normal.pop()),
            part => normal.push(part),
        }
    }
    normal
}

/// Returns the fault of a link of a page, if it has one. Both paths are relative to the workspace.
fn fault(page: &Path, target: &str) -> Option<String> {
    let (target, is_ours) = match target.strip_prefix(REPOSITORY) {
        Some(path) => (path, true),
        None => (target, false),
    };
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let base = if is_ours {
        Path::new("")
    } else {
        page.parent().expect("a directory")
    };
    let to = match path {
        "" => page.to_path_buf(),
        path => normal(&base.join(path)),
    };
    if page.starts_with("docs") && !to.starts_with("docs") && !is_ours {
        return Some(format!(
            "not in the book; write {REPOSITORY}{}",
            to.display()
        ));
    }
    let full = workspace().join(&to);
    if !full.exists() {
        return Some("does not exist".to_owned());
    }
    let is_page = to.extension().is_some_and(|it| it == "md");
    let has_anchor = anchor.is_empty() || !is_page || anchors(&read(&full)).contains(anchor);
    (!has_anchor).then(|| "has no such heading".to_owned())
}

#[test]
fn every_link_leads_somewhere() {
    let mut texts: BTreeMap<PathBuf, String> = pages()
        .into_iter()
        .map(|(path, text)| (Path::new("docs").join(path), text))
        .collect();
    for entry in std::fs::read_dir(workspace()).expect("files") {
        let name = PathBuf::from(entry.expect("an entry").file_name());
        if name.extension().is_some_and(|it| it == "md") {
            texts.insert(name.clone(), read(&workspace().join(name)));
        }
    }
    for entry in std::fs::read_dir(workspace().join("crates")).expect("crates") {
        let name = Path::new("crates").join(entry.expect("an entry").file_name());
        let page = name.join("README.md");
        if workspace().join(&page).exists() {
            texts.insert(page.clone(), read(&workspace().join(page)));
        }
    }
    let (mut broken, mut count) = (Vec::new(), 0);
    for (page, text) in &texts {
        for (line, target) in links(text) {
            count += 1;
            if let Some(fault) = fault(page, &target) {
                broken.push(format!("{}:{line}: {target} {fault}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(count > 150, "{count}");
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = read(&workspace().join("docs/SUMMARY.md"));
    let listed: Vec<PathBuf> = links(&summary)
        .into_iter()
        .map(|(_, target)| PathBuf::from(target))
        .collect();
    let unique: BTreeSet<PathBuf> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), unique.len(), "a page is listed twice");
    let mut written: BTreeSet<PathBuf> = pages().into_keys().collect();
    written.remove(Path::new("SUMMARY.md"));
    assert_eq!(unique, written);
}

/// Checks that the figures of the comparison are those of the benchmarks.
#[test]
fn the_comparison_has_the_measured_figures() {
    let comparison = read(&workspace().join("docs/guide/comparison.md"));
    let benchmarks = read(&workspace().join("docs/benchmarks.md"));
    let cells = comparison
        .lines()
        .flat_map(|line| line.split(" | ").skip(1));
    let figures = cells.map(|cell| cell.trim_end_matches(" |"));
    let figures: Vec<&str> = figures
        .filter(|figure| figure.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    assert!(figures.len() >= 8, "{figures:?}");
    for figure in figures {
        let cell = format!("| {figure} |");
        assert!(benchmarks.contains(&cell), "{figure} was not measured");
    }
}

/// Checks that the documentation of each method of a resource has an example. Doctests compile it.
#[test]
fn every_operation_has_an_example() {
    let (mut count, mut bulk, mut without) = (0, 0, Vec::new());
    for domain in ["campaigns", "cases", "kpi", "sandbox-client", "scorecards"] {
        let is_domain = domain != "sandbox-client";
        let directory = format!("crates/{domain}/src/generated/resources");
        for (path, text) in files(&workspace().join(directory)) {
            let mut documentation = String::new();
            for line in text.lines() {
                let Some(name) = line.strip_prefix("    pub fn ") else {
                    match line.is_empty() {
                        true => documentation.clear(),
                        false => documentation.push_str(line),
                    }
                    continue;
                };
                let is_operation = documentation.contains("Calls [`Client::");
                let is_bulk = documentation.contains("for any number of items");
                if is_operation || is_bulk {
                    count += usize::from(is_operation && is_domain);
                    bulk += usize::from(is_bulk);
                    if !documentation.contains("# Example") {
                        without.push(format!("{domain}/{}: {name}", path.display()));
                    }
                }
            }
        }
    }
    assert!(without.is_empty(), "{}", without.join("\n"));
    assert_eq!(count, operation_ids().len());
    assert!(bulk >= 3, "{bulk}");
}

/// The words that users search for, besides the ids of the operations.
const SEARCHED: [&str; 5] = ["close", "upload", "mock", "certificate", "proxy"];

#[test]
fn what_users_search_for_is_found() {
    let mut sources = String::new();
    for name in ["campaigns", "cases", "kpi", "scorecards", "core", "sandbox"] {
        let files = files(&workspace().join("crates").join(name).join("src"));
        sources.extend(files.into_values());
    }
    let ids = operation_ids();
    let words = SEARCHED.into_iter().chain(ids.iter().map(String::as_str));
    let is_missing = |word: &&str| {
        let is_named = |start: &str| {
            let name = format!("{start} {word}");
            sources.contains(&format!("{name}(")) || sources.contains(&format!("{name}<"))
        };
        !sources.contains(&format!("doc(alias = \"{word}\")")) && !is_named("pub fn")
    };
    let missing: Vec<_> = words.filter(is_missing).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Returns the ids of the operations in the document.
fn operation_ids() -> Vec<String> {
    let mut ids = Vec::new();
    for text in files(&workspace().join("spec")).into_values() {
        let lines = text.lines().map(str::trim);
        let found = lines.filter_map(|line| line.strip_prefix("operationId: "));
        ids.extend(found.map(str::to_owned));
    }
    ids
}

#[test]
fn the_front_page_lists_all_features() {
    let arguments = ["metadata", "--format-version=1", "--no-deps", "--offline"];
    let output = cargo(&workspace(), &arguments);
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let mut packages = metadata["packages"].as_array().expect("packages").iter();
    let facade = packages.find(|package| package["name"] == "scorekit");
    let features = facade.expect("the facade")["features"].as_object();
    let page = std::fs::read_to_string(workspace().join("crates/scorekit/src/lib.rs"));
    let page = page.expect("a page");
    let names = features.expect("features").keys();
    let missing: Vec<_> = names
        .filter(|name| *name != "default" && !page.contains(&format!("`{name}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
