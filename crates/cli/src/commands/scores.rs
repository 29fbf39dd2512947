//! `scorekit scores --by DIMENSION`: scores per team, service, rule, scorecard or kind, and a gate
//! for pipelines.
//!
//! The server counts. The scores are printed as the pages arrive; of them, memory keeps the names
//! below the threshold.

use clap::builder::PossibleValuesParser;
use clap::{ArgAction, ArgMatches, Command};
use scorekit::Client;
use scorekit::scorecards::types::{ScorecardScoreData, ScorecardScoresAggregation};
use serde_json::{Map, Value, json};

use super::parsers::{score, whole};
use super::rules::Rules;
use super::{argument, lists};
use crate::context::Context;
use crate::exit::{Exit, Failure};

/// The number of names that a message lists.
const SHOWN: usize = 20;

/// The kind of the entities that are called services.
const SERVICE: &str = "service:";

/// The description of the command of the resource.
pub(super) const ABOUT: &str = "Print scores per team, service, rule, scorecard or kind";

/// Adds the flags to the command of the resource.
pub(super) fn extend(command: Command) -> Command {
    command
        .subcommand_required(false)
        .args_conflicts_with_subcommands(true)
        .long_about(
            "Print scores per team, service, rule, scorecard or kind, the lowest first.\n\n\
             Enabled rules count. A score is the share of outcomes that passed, from 0 to 1: \
             skipped outcomes and missing ones do not count. With --min, the exit code is 3 if a \
             score is below the threshold. A group without outcomes is not below it.",
        )
        .arg(
            argument("by")
                .value_name("DIMENSION")
                .required(true)
                .value_parser(PossibleValuesParser::new(Dimension::NAMES))
                .help("Dimension to group by"),
        )
        .arg(
            argument("min")
                .value_name("SCORE")
                .value_parser(score)
                .help("Lowest score that is good enough, such as 0.8 or 80%"),
        )
        .arg(
            argument("only")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("Print this group alone, for instance one service; may be repeated"),
        )
        .arg(
            argument("scorecard")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("Count the rules of this scorecard, by name or id; may be repeated"),
        )
        .arg(
            argument("rule")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("Count this rule, by name or id; may be repeated"),
        )
        .arg(
            argument("level")
                .value_name("LEVELS")
                .value_delimiter(',')
                .value_parser(whole(1..=3_u8))
                .help("Count rules of these maturity levels, such as 1,2"),
        )
        .after_help(
            "Examples:\n  \
             scorekit scores --by team\n  \
             scorekit scores --by service --only web --min 0.8\n  \
             scorekit scores --by rule --scorecard Production --level 1,2 -o csv",
        )
}

/// A dimension to group by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dimension {
    Team,
    Service,
    Rule,
    Scorecard,
    Kind,
}

impl Dimension {
    const NAMES: [&str; 5] = ["team", "service", "rule", "scorecard", "kind"];

    fn named(name: &str) -> Self {
        match name {
            "team" => Self::Team,
            "service" => Self::Service,
            "rule" => Self::Rule,
            "scorecard" => Self::Scorecard,
            _ => Self::Kind,
        }
    }

    fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    fn aggregation(self) -> ScorecardScoresAggregation {
        match self {
            Self::Team => ScorecardScoresAggregation::ByTeam,
            Self::Service => ScorecardScoresAggregation::ByEntity,
            Self::Rule => ScorecardScoresAggregation::ByRule,
            Self::Scorecard => ScorecardScoresAggregation::ByScorecard,
            Self::Kind => ScorecardScoresAggregation::ByKind,
        }
    }

    /// Returns the name of a group, from its id.
    fn group<'a>(self, id: &'a str, rules: &'a Rules) -> &'a str {
        let name = match self {
            Self::Team | Self::Kind => id,
            Self::Service => id.strip_prefix(SERVICE).unwrap_or(id),
            Self::Rule => rules.get(id).map_or(id, |rule| &rule.name),
            Self::Scorecard => {
                let mut rules = rules.all().iter();
                let rule = rules.find(|rule| rule.scorecard_id == id);
                rule.map_or(id, |rule| &rule.scorecard)
            }
        };
        if name.is_empty() { id } else { name }
    }
}

/// The arguments.
struct Options {
    dimension: Dimension,
    min: Option<f64>,
    only: Vec<String>,
    scorecards: Vec<String>,
    rules: Vec<String>,
    levels: Vec<u8>,
}

impl Options {
    fn of(matches: &ArgMatches) -> Self {
        let texts = |name: &str| {
            let values = matches.get_many::<String>(name);
            values.into_iter().flatten().cloned().collect()
        };
        let by = matches.get_one::<String>("by");
        let levels = matches.get_many::<u8>("level");
        Self {
            dimension: Dimension::named(by.map(String::as_str).unwrap_or_default()),
            min: matches.get_one::<f64>("min").copied(),
            only: texts("only"),
            scorecards: texts("scorecard"),
            rules: texts("rule"),
            levels: levels.into_iter().flatten().copied().collect(),
        }
    }

    /// Returns true if the names of rules or scorecards matter.
    fn needs_rules(&self) -> bool {
        let is_named = matches!(self.dimension, Dimension::Rule | Dimension::Scorecard);
        is_named || !self.scorecards.is_empty() || !self.rules.is_empty()
    }
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let options = Options::of(matches);
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    settings.check_datadog()?;
    let rules = match options.needs_rules() {
        true => Rules::read(context, &settings, &client).await?,
        false => Rules::default(),
    };
    let mut printer = context.printer()?;
    let mut gate = Gate::new(&options);
    let items = request(&client, &options, &rules)?.items();
    let read = lists::each(items, "interrupted: not every score was printed", |score| {
        let group = options.dimension.group(&score.id, &rules);
        if gate.takes(group, &score) {
            printer.item(row(&options, group, &score, &rules))?;
        }
        Ok(())
    });
    let read = read.await;
    // What came is shown, also if the list was not read to the end.
    printer.finish()?;
    read?;
    gate.verdict()
}

fn request(
    client: &Client,
    options: &Options,
    rules: &Rules,
) -> Result<scorekit::scorecards::requests::ListScorecardScores, Failure> {
    let failed = |cause| Failure::failed(format!("cannot count: {cause}"));
    let ids = |names: &[String], id: &dyn Fn(&str) -> Result<String, String>| {
        let ids: Result<Vec<String>, String> = names.iter().map(|name| id(name)).collect();
        ids.map(|ids| ids.join(",")).map_err(failed)
    };
    let scores = client.scorecards().scores();
    let mut request = scores.list(options.dimension.aggregation()).sort("score");
    request = request.filter_rule_is_enabled(true);
    if !options.scorecards.is_empty() {
        let find = |name: &str| rules.scorecard_id(name).map(str::to_owned);
        request = request.filter_rule_scorecard_id(ids(&options.scorecards, &find)?);
    }
    if !options.rules.is_empty() {
        let find = |name: &str| rules.id(name).map(str::to_owned);
        request = request.filter_rule_id(ids(&options.rules, &find)?);
    }
    if !options.levels.is_empty() {
        let levels: Vec<String> = options.levels.iter().map(u8::to_string).collect();
        request = request.filter_rule_level(levels.join(","));
    }
    Ok(request)
}

/// Returns the share of outcomes that passed; `None` without outcomes that count.
fn value(score: &ScorecardScoreData) -> Option<f64> {
    let attributes = score.attributes.as_ref()?;
    match attributes.denominator {
        Some(0) => None,
        _ => attributes.score,
    }
}

/// Rounds a share for display, to four digits.
pub(super) fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}

fn row(options: &Options, group: &str, score: &ScorecardScoreData, rules: &Rules) -> Value {
    let mut row = Map::new();
    let mut add = |name: &str, value: Value| drop(row.insert(name.to_owned(), value));
    add(options.dimension.name(), json!(group));
    let share = value(score);
    add("score", json!(share.map(rounded)));
    if let Some(min) = options.min {
        add("ok", json!(share.map(|share| share >= min)));
    }
    let attributes = score.attributes.clone().unwrap_or_default();
    add("pass", json!(attributes.total_pass));
    add("fail", json!(attributes.total_fail));
    add("skip", json!(attributes.total_skip));
    add("no_data", json!(attributes.total_no_data));
    add("entities", json!(attributes.total_entities));
    if let (Dimension::Rule, Some(rule)) = (options.dimension, rules.get(&score.id)) {
        add("scorecard", json!(rule.scorecard));
        add("level", json!(rule.level));
        add("rule_id", json!(rule.id));
    }
    Value::Object(row)
}

/// Compares the scores with the threshold.
struct Gate<'a> {
    options: &'a Options,
    /// The names of `--only` that were not found yet.
    missing: Vec<&'a str>,
    count: usize,
    below: usize,
    /// The first groups below the threshold, with their scores.
    names: Vec<String>,
}

impl<'a> Gate<'a> {
    fn new(options: &'a Options) -> Self {
        Self {
            options,
            missing: options.only.iter().map(String::as_str).collect(),
            count: 0,
            below: 0,
            names: Vec::new(),
        }
    }

    /// Counts a score. Returns true if it is to be printed.
    fn takes(&mut self, group: &str, score: &ScorecardScoreData) -> bool {
        let is_it = |name: &str| name == group || name == score.id;
        if !self.options.only.is_empty() && !self.options.only.iter().any(|it| is_it(it)) {
            return false;
        }
        self.missing.retain(|name| !is_it(name));
        self.count += 1;
        let (Some(min), Some(share)) = (self.options.min, value(score)) else {
            return true;
        };
        if share < min {
            self.below += 1;
            if self.names.len() < SHOWN {
                self.names.push(format!("{group} ({})", rounded(share)));
            }
        }
        true
    }

    fn verdict(self) -> Result<Exit, Failure> {
        let dimension = self.options.dimension.name();
        if let [name, ..] = self.missing[..] {
            let message = format!("cannot find the {dimension} {name:?}: it has no score");
            let help = format!("`scorekit scores --by {dimension}` has the names");
            return Err(Failure::failed(message).with_help(help));
        }
        let (Some(min), 1..) = (self.options.min, self.below) else {
            return Ok(Exit::Success);
        };
        let more = match self.below - self.names.len() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        let groups = match self.count {
            1 => format!("the {dimension} is"),
            count => format!("{} of {count} {dimension}s are", self.below),
        };
        let message = format!("{groups} below {min}: {}{more}", self.names.join(", "));
        Err(Failure::new(Exit::Partial, message))
    }
}
