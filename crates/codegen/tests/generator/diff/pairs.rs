//! Two edits at once: a break is put on the edit that causes it alone, and the order of the edits
//! makes no difference.

use std::collections::{BTreeMap, BTreeSet};

use scorekit_codegen::diff::api::Effect;
use scorekit_codegen::diff::report::Report;
use scorekit_codegen::generate::{Generated, generate};

use super::compiled::compared;
use super::table::{ROWS, Row};
use super::{base, directory, generated};

/// The number of rows that one run edits, and the number of their pairs that it tries.
const TRIED: usize = 10;
const PAIRS: usize = 10;

/// A change as it is reported: its kind, subject and words.
type Cause = (String, String, String);

/// The causes of each broken item by the tag and the path of the item. An item may have none.
fn causes(report: &Report) -> BTreeMap<(String, String), BTreeSet<Cause>> {
    let mut causes: BTreeMap<(String, String), BTreeSet<Cause>> = BTreeMap::new();
    for krate in &report.crates {
        for change in &krate.changes {
            let items = change.rust.changes.iter();
            for item in items.filter(|item| item.effect > Effect::Compatible) {
                let key = (krate.tag.clone(), item.path.clone());
                let cause = (
                    change.kind.to_owned(),
                    change.subject.clone(),
                    change.what.clone(),
                );
                causes.entry(key).or_default().insert(cause);
            }
        }
        let items = krate.consequences.iter();
        for item in items.filter(|item| item.effect > Effect::Compatible) {
            causes
                .entry((krate.tag.clone(), item.path.clone()))
                .or_default();
        }
    }
    causes
}

/// Returns all changes of a report.
fn all(report: &Report) -> BTreeSet<Cause> {
    let changes = report.crates.iter().flat_map(|krate| &krate.changes);
    changes
        .map(|change| {
            (
                change.kind.to_owned(),
                change.subject.clone(),
                change.what.clone(),
            )
        })
        .collect()
}

/// Returns the document with the edits of both rows; `None` where they are in each other's way.
fn with_both(first: &Row, second: &Row) -> Option<String> {
    let mut text = base();
    for (from, to) in first.edits.iter().chain(second.edits) {
        if text.matches(from).count() != 1 {
            return None;
        }
        text = text.replace(from, to);
    }
    Some(text)
}

/// Chooses numbers that differ from run to run of the same pair, but not of the test.
fn chosen(count: usize, below: usize) -> Vec<(usize, usize)> {
    let seed = std::env::var("DIFF_SEED").ok();
    let mut state = seed.and_then(|seed| seed.parse().ok()).unwrap_or(7_u64);
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    (0..count).map(|_| (next(), next())).collect()
}

fn read(text: &str) -> Option<Generated> {
    let files = tempfile::tempdir().expect("a directory");
    let path = files.path().join("pair.yaml");
    std::fs::write(&path, text).expect("a file");
    generate(&path, &directory()).ok()
}

#[test]
fn breaks_of_two_edits_are_put_on_their_cause() {
    let old = generated(&directory().join("base.yaml"));
    let count = |name: &str, usual: usize| {
        let text = std::env::var(name).ok();
        text.and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let tried = count("DIFF_ROWS", TRIED).min(ROWS.len());
    let step = (ROWS.len() / tried).max(1);
    let rows: Vec<&Row> = ROWS.iter().step_by(step).collect();
    let alone: Vec<Report> = rows
        .iter()
        .map(|row| compared(&old, &read(&super::edited(row)).expect("a document")))
        .collect();
    let (mut pairs, mut faults) = (0, Vec::new());
    for (first, second) in chosen(count("DIFF_PAIRS", PAIRS), rows.len()) {
        let both = with_both(rows[first], rows[second]);
        let Some(new) = both
            .filter(|_| first != second)
            .and_then(|text| read(&text))
        else {
            continue;
        };
        pairs += 1;
        let report = compared(&old, &new);
        for fault in wrong(&report, [&alone[first], &alone[second]]) {
            let (one, other) = (rows[first].name, rows[second].name);
            faults.push(format!("{one} + {other}: {fault}"));
        }
    }
    println!("{pairs} pairs");
    assert!(
        faults.is_empty(),
        "{} of {pairs}\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Returns the items that only one edit changes and whose cause is not of that edit.
fn wrong(report: &Report, alone: [&Report; 2]) -> Vec<String> {
    let [first, second] = alone.map(causes);
    let of = alone.map(all);
    let mut faults = Vec::new();
    for (item, found) in causes(report) {
        let (own, others) = match (first.contains_key(&item), second.contains_key(&item)) {
            (true, false) => (&of[0], &of[1]),
            (false, true) => (&of[1], &of[0]),
            _ => continue,
        };
        let is_foreign = |cause: &Cause| others.contains(cause) && !own.contains(cause);
        if found.is_empty() {
            faults.push(format!("{item:?} has no cause"));
        } else if found.iter().any(is_foreign) {
            faults.push(format!("{item:?} is put on {found:?}"));
        }
    }
    faults
}
