//! `cargo xtask diff` against the compiler: for each kind of change, what the command says of code written against the
//! old crate is what happens to such code when it is compiled with the new one.

mod command;
mod generations;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use scorekit_codegen::diff::api::Effect;
use scorekit_codegen::diff::interface::interface;
use scorekit_codegen::diff::report::Report;
use scorekit_codegen::generate::{Generated, generate};

use self::generations::{BASE, Generations};
use self::table::{ROWS, Row};
use scorekit_test_support::workspace;

fn folder() -> PathBuf {
    workspace().join("crates/codegen/tests/generator/diff")
}

fn base() -> String {
    std::fs::read_to_string(folder().join("base.yaml")).expect("the document")
}

/// The document of a row.
fn edited(row: &Row) -> String {
    let mut text = base();
    for (from, to) in row.edits {
        let count = text.matches(from).count();
        assert_eq!(count, 1, "{}: {from:?} stands {count} times", row.name);
        text = text.replace(from, to);
    }
    text
}

fn generated(document: &Path) -> Generated {
    generate(document, &folder()).unwrap_or_else(|error| panic!("{}: {error}", document.display()))
}

/// What is generated from the document of each row, and how that differs from `old`.
fn all_compared(old: &Generated) -> Vec<(Generated, Report)> {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let next = Mutex::new(ROWS.iter().enumerate());
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((at, row)) = next.lock().expect("no panic").next() else {
                        break;
                    };
                    let path = folder.path().join(format!("row{at}.yaml"));
                    std::fs::write(&path, edited(row)).expect("a file");
                    let new = generate(&path, folder.path())
                        .unwrap_or_else(|error| panic!("{}: {error}", row.name));
                    let report = compared(old, &new);
                    done.lock().expect("no panic").insert(at, (new, report));
                }
            });
        }
    });
    done.into_inner().expect("no panic").into_values().collect()
}

/// What the modules of the rows are called.
fn names() -> Vec<String> {
    (1..=ROWS.len()).map(|at| format!("row{at:03}")).collect()
}

fn compared(old: &Generated, new: &Generated) -> Report {
    let names = ["the old document".to_owned(), "the new one".to_owned()];
    scorekit_codegen::diff::compare_generated(names, old, new, &workspace())
        .unwrap_or_else(|error| panic!("{error}"))
}

fn rust(report: &Report) -> Effect {
    let effects = report.crates.iter().map(|report| report.rust);
    effects.max().unwrap_or(Effect::Compatible)
}

/// The changes of a report, each on a line.
fn said(report: &Report) -> String {
    let changes = report.crates.iter().flat_map(|report| &report.changes);
    let lines = changes.map(|change| {
        format!(
            "    {} {}: {} | wire {}: {} | Rust {:?}: {}\n",
            change.kind,
            change.subject,
            change.what,
            change.wire.breaks,
            change.wire.why,
            change.rust.effect,
            change.rust.why
        )
    });
    lines.collect()
}

#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn verdicts_are_what_the_compiler_says() {
    assert!(ROWS.len() >= 40);
    let old = generated(&folder().join("base.yaml"));
    let all = all_compared(&old);
    assert_eq!(all.len(), ROWS.len());
    let mut generations = Generations::new(&old);
    let mut breaking = BTreeSet::new();
    for (name, (new, report)) in names().iter().zip(&all) {
        generations.add(name, new);
        if rust(report) == Effect::Breaks {
            breaking.insert(name.clone());
        }
    }
    let errors = generations.compile(&breaking);

    let mut wrong = String::new();
    assert_eq!(errors.get(BASE), None, "the consumer of the base");
    let mut table = String::from(HEAD);
    for ((name, row), (_, report)) in names().iter().zip(ROWS).zip(&all) {
        let error = errors.get(name);
        let effect = rust(report);
        if (effect == Effect::Breaks) != error.is_some() {
            let _ = writeln!(
                wrong,
                "{name} ({}): the command says {effect:?}, the compiler {}\n{}",
                row.name,
                error.map_or("nothing", |text| text.lines().next().unwrap_or_default()),
                said(report)
            );
        }
        if report.breaks_wire != row.wire {
            let _ = writeln!(
                wrong,
                "{name} ({}): the wire breaks: {}, not {}\n{}",
                row.name,
                report.breaks_wire,
                row.wire,
                said(report)
            );
        }
        let changes = || report.crates.iter().flat_map(|report| &report.changes);
        if !changes().any(|change| change.kind == row.kind) {
            let kinds: BTreeSet<_> = changes().map(|change| change.kind).collect();
            let _ = writeln!(
                wrong,
                "{name} ({}): no {}, but {kinds:?}",
                row.name, row.kind
            );
        }
        let unexplained: Vec<_> = report
            .crates
            .iter()
            .flat_map(|report| &report.consequences)
            .map(|change| &change.path)
            .collect();
        if !unexplained.is_empty() {
            let _ = writeln!(wrong, "{name} ({}): unexplained {unexplained:?}", row.name);
        }
        let worst = changes().max_by_key(|change| (change.wire.breaks, change.kind == row.kind));
        let worst_rust =
            changes().max_by_key(|change| (change.rust.effect, change.kind == row.kind));
        let (Some(worst), Some(worst_rust)) = (worst, worst_rust) else {
            continue;
        };
        let _ = writeln!(
            table,
            "| {} | {}: {} | {}: {} |",
            row.name,
            if report.breaks_wire {
                "**breaks**"
            } else {
                "fine"
            },
            worst.wire.why,
            match effect {
                Effect::Compatible => "fine",
                Effect::Silent => "**compiles, but means something else**",
                Effect::Breaks => "**breaks**",
            },
            worst_rust.rust.why.replace('|', "\\|"),
        );
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(
        table.contains("compiles, but means something else"),
        "no row shows the third verdict"
    );
    document(&table);
}

const HEAD: &str = "| change | the wire | the Rust API |\n| --- | --- | --- |\n";

/// The table stands in docs/diff.md between its head and the next empty line.
fn document(table: &str) {
    let path = workspace().join("docs/diff.md");
    let text = std::fs::read_to_string(&path).expect("the page");
    let (before, rest) = text.split_once(HEAD).expect("the table's head");
    let after = rest.find("\n\n").map_or("", |end| &rest[end + 1..]);
    let wanted = format!("{before}{table}{after}");
    if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
        std::fs::write(&path, &wanted).expect("the page");
        return;
    }
    assert!(
        text == wanted,
        "docs/diff.md is not what the test finds: run it with INSTA_UPDATE=always and read what changes"
    );
}

/// What the consumer does not use, no row can break: it mentions every promise of the crates by name.
#[test]
fn the_consumer_uses_everything() {
    let consumer = std::fs::read_to_string(folder().join("consumer.rs")).expect("the consumer");
    let words: BTreeSet<&str> = consumer
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .collect();
    let generated = generated(&folder().join("base.yaml"));
    let mut missing = Vec::new();
    for (_, sources) in &generated.crates {
        for path in interface(sources).keys() {
            // `types::Value: From<&str>` and `types::Kind::default()`: the traits are used as a whole.
            let name = path
                .split([':', '.', '<', '('])
                .rfind(|part| !part.trim().is_empty());
            let name = name.expect("a name").trim();
            let is_trait = path.contains(": ") || path.ends_with("()");
            if !is_trait && !words.contains(name) {
                missing.push(path.clone());
            }
        }
    }
    assert!(missing.is_empty(), "the consumer does not use {missing:?}");
}
