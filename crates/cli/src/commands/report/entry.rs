//! The lines of a report: counts of outcomes, and their change.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::commands::rules::Rule;
use crate::commands::scores::rounded;
use crate::commands::teams::Teams;

/// The name of a group of outcomes that have none, such as the team of a rule without an owner.
const NONE: &str = "(none)";

/// A column to group by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dimension {
    Team,
    Service,
    Rule,
    Scorecard,
    Level,
}

impl Dimension {
    pub(super) const NAMES: [&str; 5] = ["team", "service", "rule", "scorecard", "level"];

    pub(super) fn named(name: &str) -> Self {
        match name {
            "team" => Self::Team,
            "service" => Self::Service,
            "rule" => Self::Rule,
            "scorecard" => Self::Scorecard,
            _ => Self::Level,
        }
    }

    pub(super) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Returns the name of the group of an outcome.
    pub(super) fn of(self, rule: &Rule, service: &str, teams: &Teams) -> String {
        let name = match self {
            Self::Team => teams.team(service, &rule.owner).to_owned(),
            Self::Service => service.to_owned(),
            Self::Rule => rule.name.clone(),
            Self::Scorecard => rule.scorecard.clone(),
            Self::Level => rule.level.map(|it| it.to_string()).unwrap_or_default(),
        };
        if name.is_empty() {
            NONE.to_owned()
        } else {
            name
        }
    }
}

/// The numbers of outcomes of each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) pass: u64,
    pub(super) fail: u64,
    pub(super) skip: u64,
}

impl Tally {
    /// Returns the share of outcomes that passed; `None` if none counts.
    #[allow(clippy::cast_precision_loss, reason = "the numbers are far below 2^53")]
    pub(super) fn share(self) -> Option<f64> {
        match self.pass + self.fail {
            0 => None,
            count => Some(self.pass as f64 / count as f64),
        }
    }

    pub(super) fn rounded(self) -> Option<f64> {
        self.share().map(rounded)
    }

    pub(super) fn counts(self) -> [(&'static str, u64); 3] {
        [
            ("pass", self.pass),
            ("fail", self.fail),
            ("skip", self.skip),
        ]
    }

    /// Reads the counts of an earlier report.
    pub(super) fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            pass: value["pass"].as_u64()?,
            fail: value["fail"].as_u64()?,
            skip: value["skip"].as_u64()?,
        })
    }
}

/// A group of outcomes.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// The names of the group, one for each dimension.
    pub(super) names: Vec<String>,
    pub(super) now: Tally,
    /// The counts of the earlier report.
    pub(super) before: Option<Tally>,
}

impl Entry {
    pub(super) fn to_json(&self, dimensions: &[Dimension]) -> Value {
        let mut object = Map::new();
        for (dimension, name) in dimensions.iter().zip(&self.names) {
            object.insert(dimension.name().to_owned(), json!(name));
        }
        object.insert("score".to_owned(), json!(self.now.rounded()));
        for (name, count) in self.now.counts() {
            object.insert(name.to_owned(), json!(count));
        }
        if let Some(before) = self.before {
            object.insert("previous_score".to_owned(), json!(before.rounded()));
            object.insert("change".to_owned(), json!(self.change()));
        }
        Value::Object(object)
    }

    /// Returns the names as a text.
    pub(super) fn title(&self) -> String {
        self.names.join(" / ")
    }

    /// Returns the change of the score, if both reports have one.
    pub(super) fn change(&self) -> Option<f64> {
        let change = rounded(self.now.share()? - self.before?.share()?);
        // The smallest change that is shown, a tenth of a percentage point, hides noise.
        Some(if change.abs() < 0.0005 { 0.0 } else { change })
    }

    /// Returns the change in percentage points, such as `+12.5`, or `new`.
    pub(super) fn change_text(&self) -> String {
        match (self.before, self.change()) {
            (None, _) => "new".to_owned(),
            (_, None | Some(0.0)) => "0".to_owned(),
            (_, Some(change)) => format!("{:+.1}", change * 100.0),
        }
    }
}

/// Returns the entries of counts, the lowest score first. Those without a score come last.
pub(super) fn sorted(counts: BTreeMap<Vec<String>, Tally>) -> Vec<Entry> {
    let entries = counts.into_iter().map(|(names, now)| Entry {
        names,
        now,
        before: None,
    });
    let mut entries: Vec<Entry> = entries.collect();
    let key = |entry: &Entry| entry.now.share().unwrap_or(f64::INFINITY);
    entries.sort_by(|left, right| key(left).total_cmp(&key(right)));
    entries
}

/// Reads the entries of an earlier report.
pub(super) fn read(dimensions: &[Dimension], list: &Value) -> BTreeMap<Vec<String>, Tally> {
    let list = list.as_array().into_iter().flatten();
    list.filter_map(|entry| {
        let names = dimensions.iter();
        let names = names.map(|it| Some(entry[it.name()].as_str()?.to_owned()));
        Some((
            names.collect::<Option<Vec<String>>>()?,
            Tally::from_json(entry)?,
        ))
    })
    .collect()
}

/// Adds the earlier counts to the entries. Returns the earlier entries that are not there now.
pub(super) fn compare(
    entries: &mut [Entry],
    mut earlier: BTreeMap<Vec<String>, Tally>,
) -> Vec<Entry> {
    for entry in entries {
        entry.before = earlier.remove(&entry.names);
    }
    let gone = earlier.into_iter().map(|(names, before)| Entry {
        names,
        now: Tally::default(),
        before: Some(before),
    });
    gone.collect()
}
