//! Two edits at once: a break is put on the edit that causes it alone, and the order of the edits
//! makes no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use scorekit_codegen::diff::api::Effect;
use scorekit_codegen::diff::report::Report;
use scorekit_codegen::generate::cache::Cache;
use scorekit_codegen::generate::{Generated, Options, generate_with};
use tempfile::TempDir;

use super::compiled::compared;
use super::table::ROWS;
use super::{base, directory, generated};

/// The numbers of edits and of pairs that the gate tries.
const TRIED: usize = 24;
const PAIRS: usize = 16;

/// Edits that break nothing, in places that the rows leave alone.
const HARMLESS: [Edits; 10] = [
    (
        "a summary",
        &[("summary: Get an order", "summary: Get one order")],
    ),
    (
        "a description of a schema",
        &[("description: An amount.", "description: Money.")],
    ),
    (
        "a description of a field",
        &[("description: In cents.", "description: As cents.")],
    ),
    (
        "a description of a tag",
        &[("description: A small shop.", "description: A shop.")],
    ),
    (
        "a documented error",
        &[(
            "        \"404\": {description: No such order.}\n",
            "        \"404\": {description: No such order.}\n        \"410\": {description: Gone.}\n",
        )],
    ),
    (
        "an optional field of an object that is sent and read",
        &[(
            "        rounded: {type",
            "        exact: {type: boolean, description: Whether exact.}\n        rounded: {type",
        )],
    ),
    (
        "an optional field of a response",
        &[(
            "        left: {type",
            "        right: {type: string, description: More.}\n        left: {type",
        )],
    ),
    (
        "an optional field of a list's item",
        &[(
            "        stored: {type",
            "        shelf: {type: string, description: Where.}\n        stored: {type",
        )],
    ),
    (
        "an optional parameter",
        &[(
            "        - {name: shelves, in: query",
            "        - {name: rows, in: query, description: In rows., schema: {type: integer}}\n        \
                - {name: shelves, in: query",
        )],
    ),
    (
        "a bound",
        &[(
            "description: How many are left.}",
            "description: How many are left., minimum: 0}",
        )],
    ),
];

/// The name of an edit, and strings that occur once in the document, each with its replacement.
type Edits = (&'static str, &'static [(&'static str, &'static str)]);

/// Returns the edits of the table and the harmless ones.
fn edits() -> Vec<Edits> {
    let rows = ROWS.iter().map(|row| (row.name, row.edits));
    rows.chain(HARMLESS).collect()
}

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

/// Returns the document with all edits; `None` where they are in each other's way.
fn with(all: &[Edits]) -> Option<String> {
    let mut text = base();
    for (from, to) in all.iter().flat_map(|(_, edits)| *edits) {
        if text.matches(from).count() != 1 {
            return None;
        }
        text = text.replace(from, to);
    }
    Some(text)
}

/// Chooses numbers that differ from pair to pair, but not from run to run.
fn chosen(count: usize, below: usize) -> Vec<(usize, usize)> {
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    (0..count).map(|_| (next(), next())).collect()
}

/// The base, whose crates are generated once, and the reports of single edits.
struct Bench {
    old: Generated,
    options: Options,
    files: TempDir,
    alone: Mutex<BTreeMap<&'static str, Arc<Report>>>,
}

impl Bench {
    fn new() -> Self {
        let files = tempfile::tempdir().expect("a directory");
        let old = generated(&directory().join("base.yaml"));
        let cache = Cache::new(files.path().join("cache"));
        cache.keep(&old).expect("a cache");
        Self {
            old,
            options: Options {
                cache: Some(cache),
                ..Options::default()
            },
            files,
            alone: Mutex::default(),
        }
    }

    /// Returns the report of the base against a document; `None` if it cannot be generated.
    fn report(&self, text: &str) -> Option<Report> {
        let mut file = tempfile::Builder::new();
        let file = file.suffix(".yaml").tempfile_in(self.files.path());
        let file = file.expect("a file");
        std::fs::write(file.path(), text).expect("a file");
        let new = generate_with(file.path(), self.files.path(), &self.options).ok()?;
        Some(compared(&self.old, &new))
    }

    fn alone(&self, edits: Edits) -> Arc<Report> {
        let known = self.alone.lock().expect("no panic").get(edits.0).cloned();
        known.unwrap_or_else(|| {
            let text = with(&[edits]).unwrap_or_else(|| panic!("{} fits", edits.0));
            let report = self.report(&text);
            let report = Arc::new(report.unwrap_or_else(|| panic!("{}", edits.0)));
            let mut alone = self.alone.lock().expect("no panic");
            alone.insert(edits.0, Arc::clone(&report));
            report
        })
    }

    /// Returns the faults of a pair; `None` if the edits are in each other's way.
    fn faults(&self, pair: [Edits; 2]) -> Option<Vec<String>> {
        let report = self.report(&with(&pair)?)?;
        let alone = pair.map(|edits| self.alone(edits));
        let faults = wrong(&report, [&alone[0], &alone[1]]).into_iter();
        let [(one, _), (other, _)] = pair;
        Some(
            faults
                .map(|fault| format!("{one} + {other}: {fault}"))
                .collect(),
        )
    }
}

/// Tries pairs of edits and fails if a break is put on another edit than the one that causes it.
fn try_all(pairs: Vec<[Edits; 2]>) {
    let bench = Bench::new();
    let next = Mutex::new(pairs.into_iter());
    let done = Mutex::new((0, Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some(pair) = next.lock().expect("no panic").next() else {
                        break;
                    };
                    if let Some(faults) = bench.faults(pair) {
                        let mut done = done.lock().expect("no panic");
                        done.0 += 1;
                        done.1.extend(faults);
                    }
                }
            });
        }
    });
    let (count, faults) = done.into_inner().expect("no panic");
    println!("{count} pairs");
    assert!(count > 0);
    let shown = faults.join("\n");
    assert!(
        faults.is_empty(),
        "{} in {count} pairs\n{shown}",
        faults.len()
    );
}

#[test]
#[ignore = "reads hundreds of documents; `cargo xtask ci` runs it"]
fn breaks_of_two_edits_are_put_on_their_cause() {
    let edits = edits();
    let edits: Vec<Edits> = edits.iter().step_by(edits.len() / TRIED).copied().collect();
    let pairs = chosen(PAIRS, edits.len()).into_iter();
    try_all(
        pairs
            .map(|(one, other)| [edits[one], edits[other]])
            .collect(),
    );
}

/// Tries every pair of edits: run it after a change of the records.
#[test]
#[ignore = "takes minutes"]
fn breaks_of_any_two_edits_are_put_on_their_cause() {
    let edits = edits();
    let mut pairs = Vec::new();
    for (at, one) in edits.iter().enumerate() {
        pairs.extend(edits[at + 1..].iter().map(|other| [*one, *other]));
    }
    let step = std::env::var("DIFF_STEP")
        .ok()
        .and_then(|it| it.parse().ok());
    try_all(pairs.into_iter().step_by(step.unwrap_or(1)).collect());
}

/// Returns what the single edits leave unexplained.
#[test]
#[ignore = "takes a minute"]
fn every_break_of_a_single_edit_has_a_cause() {
    let bench = Bench::new();
    let mut faults = Vec::new();
    for edits in edits() {
        for (item, causes) in causes(&bench.alone(edits)) {
            if causes.is_empty() {
                faults.push(format!("{}: {item:?}", edits.0));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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
