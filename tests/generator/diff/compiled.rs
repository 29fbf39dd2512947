//! The command and the compiler agree about each row of the table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use scorekit_codegen::diff::api::Effect;
use scorekit_codegen::diff::change::Change;
use scorekit_codegen::diff::report::Report;
use scorekit_codegen::generate::{Generated, generate};

use super::generations::{BASE, Generations};
use super::table::{ROWS, Row};
use super::{directory, edited, generated, write_table};
use scorekit_test_support::workspace;

/// Returns the generated code of each row, and its report against `old`.
fn all_compared(rows: &[&Row], old: &Generated) -> Vec<(Generated, Report)> {
    let directory = tempfile::TempDir::new().expect("a temporary directory");
    let next = Mutex::new(rows.iter().enumerate());
    let done = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some((at, row)) = next.lock().expect("no panic").next() else {
                        break;
                    };
                    let path = directory.path().join(format!("row{at}.yaml"));
                    std::fs::write(&path, edited(row)).expect("a file");
                    let new = generate(&path, directory.path())
                        .unwrap_or_else(|error| panic!("{}: {error}", row.name));
                    let report = compared(old, &new);
                    done.lock().expect("no panic").insert(at, (new, report));
                }
            });
        }
    });
    done.into_inner().expect("no panic").into_values().collect()
}

pub(super) fn compared(old: &Generated, new: &Generated) -> Report {
    let names = ["the old document".to_owned(), "the new one".to_owned()];
    scorekit_codegen::diff::compare_generated(names, old, new, &workspace())
        .unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn rust(report: &Report) -> Effect {
    let effects = report.crates.iter().map(|report| report.rust);
    effects.max().unwrap_or(Effect::Compatible)
}

/// The report of the command and the result of the compiler for a row.
struct Verdict<'a> {
    name: &'a str,
    row: &'a Row,
    report: &'a Report,
    /// The first error of the compiler.
    error: Option<&'a str>,
}

impl Verdict<'_> {
    fn changes(&self) -> impl Iterator<Item = &Change> {
        let crates = self.report.crates.iter();
        crates.flat_map(|report| &report.changes)
    }

    /// Writes each change on a line.
    fn listed(&self) -> String {
        let lines = self.changes().map(|change| {
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

    /// Lists where the report differs from the compiler and the table.
    fn faults(&self) -> String {
        let mut faults = Vec::new();
        let effect = rust(self.report);
        if (effect == Effect::Breaks) != self.error.is_some() {
            let error = self.error.and_then(|text| text.lines().next());
            let error = error.unwrap_or("nothing");
            let listed = self.listed();
            faults.push(format!(
                "the command says {effect:?}, the compiler {error}\n{listed}"
            ));
        }
        let (found, wanted) = (self.report.breaks_wire, self.row.wire);
        if found != wanted {
            let listed = self.listed();
            faults.push(format!("the wire breaks: {found}, not {wanted}\n{listed}"));
        }
        if !self.changes().any(|change| change.kind == self.row.kind) {
            let kinds: BTreeSet<_> = self.changes().map(|change| change.kind).collect();
            faults.push(format!("no {}, but {kinds:?}", self.row.kind));
        }
        let crates = self.report.crates.iter();
        let unexplained: Vec<_> = crates
            .flat_map(|report| &report.consequences)
            .map(|change| &change.path)
            .collect();
        if !unexplained.is_empty() {
            faults.push(format!("unexplained {unexplained:?}"));
        }
        let of_row = |fault: String| format!("{} ({}): {fault}\n", self.name, self.row.name);
        faults.into_iter().map(of_row).collect()
    }
}

/// Returns the row of the page's table.
fn documented(row: &Row, report: &Report) -> Option<String> {
    let changes = || {
        let crates = report.crates.iter();
        crates.flat_map(|report| &report.changes)
    };
    let is_own = |change: &Change| change.kind == row.kind;
    let wire = changes().max_by_key(|change| (change.wire.breaks, is_own(change)))?;
    let rust_api = changes().max_by_key(|change| (change.rust.effect, is_own(change)))?;
    Some(format!(
        "| {} | {}: {} | {}: {} |\n",
        row.name,
        if report.breaks_wire {
            "**breaks**"
        } else {
            "fine"
        },
        wire.wire.why,
        match rust(report) {
            Effect::Compatible => "fine",
            Effect::Silent => "**compiles, but behaves differently**",
            Effect::Breaks => "**breaks**",
        },
        rust_api.rust.why.replace('|', "\\|"),
    ))
}

#[test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
fn a_sample_of_the_verdicts_agrees_with_the_compiler() {
    assert_verdicts(6);
}

#[test]
#[ignore = "compiles generated code; `cargo xtask ci compiled-all` runs it"]
fn all_verdicts_agree_with_the_compiler_before_release() {
    assert_verdicts(1);
}

/// Compares each `step`th row with the table, the page and the compiler.
fn assert_verdicts(step: usize) {
    assert!(ROWS.len() >= 40);
    let rows: Vec<&Row> = ROWS.iter().step_by(step).collect();
    let old = generated(&directory().join("base.yaml"));
    let all = all_compared(&rows, &old);
    assert_eq!(all.len(), rows.len());
    let lines = rows.iter().zip(&all);
    let lines: Vec<_> = lines
        .filter_map(|(row, (_, report))| documented(row, report))
        .collect();
    if step == 1 {
        let table: String = std::iter::once(HEAD.to_owned()).chain(lines).collect();
        assert!(
            table.contains("compiles, but behaves differently"),
            "no row shows the third verdict"
        );
        write_table(HEAD, &table);
    } else {
        assert_documented(&lines);
    }
    let mut generations = Generations::new(&old);
    let (mut names, mut breaking) = (Vec::new(), BTreeSet::new());
    for (at, (new, report)) in all.iter().enumerate() {
        let name = format!("row{at:03}");
        generations.add(&name, new);
        if rust(report) == Effect::Breaks {
            breaking.insert(name.clone());
        }
        names.push(name);
    }
    assert!(
        !breaking.is_empty() && breaking.len() < names.len(),
        "all rows have one verdict"
    );
    let errors = generations.compile(&breaking);
    assert_eq!(errors.get(BASE), None, "the consumer of the base");

    let verdicts = names.iter().zip(rows).zip(&all);
    let verdicts: Vec<_> = verdicts
        .map(|((name, row), (_, report))| Verdict {
            name,
            row,
            report,
            error: errors.get(name).map(String::as_str),
        })
        .collect();
    let faults: String = verdicts.iter().map(Verdict::faults).collect();
    assert!(faults.is_empty(), "{faults}");
}

/// Checks that the page has these lines of its table.
fn assert_documented(lines: &[String]) {
    let page = std::fs::read_to_string(workspace().join("docs/diff.md")).expect("the page");
    let missing: String = lines
        .iter()
        .filter(|line| !page.contains(*line))
        .cloned()
        .collect();
    assert!(
        missing.is_empty(),
        "docs/diff.md is stale: run `cargo xtask ci compiled-all` with INSTA_UPDATE=always, and \
         read what changes\n{missing}"
    );
}

const HEAD: &str = "| change | the wire | the Rust API |\n| --- | --- | --- |\n";
