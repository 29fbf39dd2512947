//! Checks every line before anything is sent, and writes what is to be sent to a temporary file.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Seek as _, Write as _};

use scorekit::scorecards::types::State;
use serde_json::{Value, json};

use super::Options;
use super::fields::{Record, state};
use crate::commands::rules::Rules;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::output::clean_text;

/// The number of wrong lines that are printed.
const SHOWN: usize = 20;

/// The result of the check.
pub(super) struct Checked {
    /// The outcomes in CSV, which costs less to write and to read than JSON: the number of the
    /// line, the entity, the id of the rule, the state, and the remarks, which may be empty.
    pub(super) spool: File,
    /// The number of outcomes.
    pub(super) count: u64,
    /// The word for a part of the file.
    pub(super) unit: &'static str,
    wrong: u64,
    /// The first wrong lines, with the reason.
    problems: Vec<(u64, String)>,
}

/// Checks every line of the file.
pub(super) fn check(options: &Options, rules: &Rules) -> Result<Checked, Failure> {
    let failed =
        |error: &io::Error| Failure::failed(format!("cannot write a temporary file: {error}"));
    let spool = tempfile::tempfile().map_err(|error| failed(&error))?;
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(spool);
    let mut seen = Seen::new();
    let (mut count, mut wrong, mut problems) = (0, 0, Vec::new());
    // A pipe ends when Ctrl-C ends the program that writes to it, so a part must not be sent.
    let _waiting = interrupt::waiting("nothing was sent");
    options
        .input
        .read(&options.fields, &mut |line, record| match record
            .and_then(|record| item(record, rules, &mut seen))
        {
            Ok(item) => {
                count += 1;
                let line = line.to_string();
                let remarks = item.remarks.as_deref().unwrap_or_default();
                let fields = [&line, &item.entity, item.rule, item.state.as_str(), remarks];
                writer
                    .write_record(fields)
                    .map_err(|error| failed(&error.into()))
            }
            Err(problem) => {
                wrong += 1;
                if problems.len() < SHOWN {
                    problems.push((line, problem));
                }
                Ok(())
            }
        })?;
    let mut spool = writer.into_inner().map_err(|error| failed(error.error()))?;
    spool.rewind().map_err(|error| failed(&error))?;
    Ok(Checked {
        spool,
        count,
        unit: options.input.format.unit(),
        wrong,
        problems,
    })
}

/// An outcome that is right.
struct Item<'a> {
    entity: String,
    /// The id of the rule.
    rule: &'a str,
    state: State,
    remarks: Option<String>,
}

/// Returns the item to send for a record.
fn item<'a>(record: Record, rules: &'a Rules, seen: &mut Seen) -> Result<Item<'a>, String> {
    let rule = rules.id(&record.rule)?;
    let state = state(&record.state).ok_or_else(|| {
        format!(
            "the state {:?} is none of pass, fail and skip",
            record.state
        )
    })?;
    if !seen.insert(&record.entity, rule) {
        return Err(format!(
            "an earlier one has the same entity {} and rule {:?}; keep one",
            record.entity, record.rule
        ));
    }
    Ok(Item {
        entity: record.entity,
        rule,
        state,
        remarks: record.remarks,
    })
}

/// The pairs of entity and rule that were read: 16 bytes for each.
struct Seen {
    pairs: HashSet<u128>,
    halves: [RandomState; 2],
}

impl Seen {
    fn new() -> Self {
        Self {
            pairs: HashSet::new(),
            halves: [RandomState::new(), RandomState::new()],
        }
    }

    /// Adds a pair. `false` if it is there already.
    fn insert(&mut self, entity: &str, rule: &str) -> bool {
        let [left, right] = &self.halves;
        let halves = [
            left.hash_one((entity, rule)),
            right.hash_one((entity, rule)),
        ];
        let pair = u128::from(halves[0]) << 64 | u128::from(halves[1]);
        self.pairs.insert(pair)
    }
}

impl Checked {
    /// Returns an error if any line is wrong.
    pub(super) fn failure(&self) -> Option<Failure> {
        if self.wrong == 0 {
            return None;
        }
        let all = self.count + self.wrong;
        let message = format!(
            "cannot push: {} of {all} {}s are wrong; nothing was sent",
            self.wrong, self.unit
        );
        let help = "correct them, and run the command with --check until it succeeds";
        Some(Failure::new(Exit::Partial, message).with_help(help))
    }

    /// Prints the wrong lines: to standard error, or as JSON with the data.
    pub(super) fn print_problems(&self, context: &Context) -> Result<(), Failure> {
        if context.output.is_json() {
            let problems = self.problems.iter();
            let problems =
                problems.map(|(line, message)| json!({ self.unit: line, "message": message }));
            let document = json!({
                "problems": problems.collect::<Vec<_>>(),
                "checked": self.count + self.wrong,
                "wrong": self.wrong,
            });
            let rows = |document: &Value| document["problems"].as_array().cloned();
            let printer = context.printer()?;
            return printer.document(&document, |document| rows(document).unwrap_or_default());
        }
        let mut stderr = io::stderr().lock();
        for (line, problem) in &self.problems {
            let text = format!("{} {line}: {problem}", self.unit);
            let _ = writeln!(stderr, "{}", clean_text(&text).replace('\n', " "));
        }
        let shown = self.problems.len() as u64;
        if self.wrong > shown {
            let _ = writeln!(stderr, "and {} more", self.wrong - shown);
        }
        Ok(())
    }

    /// Prints the result of `--check`.
    pub(super) fn print(&self, context: &Context) -> Result<Exit, Failure> {
        let summary = json!({ "checked": self.count, "wrong": self.wrong });
        let printer = context.printer()?;
        printer.document(&summary, |summary| vec![summary.clone()])?;
        Ok(Exit::Success)
    }
}
