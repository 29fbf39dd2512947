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
fn all_compared(old: &Generated) -> Vec<(Generated, Report)> {
    let directory = tempfile::TempDir::new().expect("a temporary directory");
    let next = Mutex::new(ROWS.iter().enumerate());
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

/// Returns the names of the rows' modules.
fn names() -> Vec<String> {
    (1..=ROWS.len()).map(|at| format!("row{at:03}")).collect()
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
fn verdicts_agree_with_the_compiler() {
    assert!(ROWS.len() >= 40);
    let old = generated(&directory().join("base.yaml"));
    let all = all_compared(&old);
    assert_eq!(all.len(), ROWS.len());
    let rows = ROWS.iter().zip(&all);
    let rows = rows.filter_map(|(row, (_, report))| documented(row, report));
    let table: String = std::iter::once(HEAD.to_owned()).chain(rows).collect();
    assert!(
        table.contains("compiles, but behaves differently"),
        "no row shows the third verdict"
    );
    write_table(HEAD, &table);
    let names = names();
    let mut generations = Generations::new(&old);
    let mut breaking = BTreeSet::new();
    for (name, (new, report)) in names.iter().zip(&all) {
        generations.add(name, new);
        if rust(report) == Effect::Breaks {
            breaking.insert(name.clone());
        }
    }
    let errors = generations.compile(&breaking);
    assert_eq!(errors.get(BASE), None, "the consumer of the base");

    let verdicts = names.iter().zip(ROWS).zip(&all);
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

const HEAD: &str = "| change | the wire | the Rust API |\n| --- | --- | --- |\n";
