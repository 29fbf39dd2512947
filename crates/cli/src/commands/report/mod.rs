//! `scorekit report`: the outcomes, counted by team, service, rule or scorecard, as a table, as
//! data, or as a page for people who do not use the command.
//!
//! The outcomes are read once and counted as they arrive (`count`). An earlier report shows what
//! changed since then (`entry`).

mod count;
mod entry;
mod figures;
mod html;
mod markdown;

use std::io::{self, Write as _};

use clap::builder::PossibleValuesParser;
use clap::{ArgMatches, Command};
use serde_json::{Map, Value, json};

use self::entry::{Dimension, Entry, Tally};
use super::argument;
use super::parsers::score;
use super::rules::Rules;
use super::teams::Teams;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output::{Format, Output, Printer};

/// The formats of a report.
const FORMATS: [&str; 7] = ["table", "csv", "json", "jsonl", "yaml", "md", "html"];

pub(super) fn command() -> Command {
    Command::new("report")
        .about("Report scores by team, service, rule or scorecard: as a table, data or a page")
        .long_about(
            "Report scores by team, service, rule or scorecard: as a table, data or a page.\n\n\
             The outcomes of enabled rules are counted. `-o html` writes one page with charts and \
             a table to sort and filter, which needs no server and no network. With --since, the \
             report shows what changed since an earlier one, which was written with `-o json`.",
        )
        .arg(
            argument("group-by")
                .value_name("NAMES")
                .value_delimiter(',')
                .default_value("team,service")
                .value_parser(PossibleValuesParser::new(Dimension::NAMES))
                .help("Columns to group by"),
        )
        .arg(
            argument("since")
                .value_name("FILE")
                .help("Earlier report as JSON, to show what changed"),
        )
        .arg(
            argument("target")
                .value_name("SCORE")
                .value_parser(score)
                .default_value("0.8")
                .help("Score to reach, such as 0.8 or 80%, which the page and Markdown mark"),
        )
        .arg(argument("teams").value_name("FILE").help(
            "YAML or JSON file with the team of each service [default: the owner of the rule]",
        ))
        .arg(
            argument("title")
                .value_name("TEXT")
                .default_value("Scorecard report")
                .help("Title of the page and of Markdown"),
        )
        .arg(
            argument("output")
                .short('o')
                .value_name("FORMAT")
                .value_parser(PossibleValuesParser::new(FORMATS))
                .help("Format of the report"),
        )
        .after_help(
            "Examples:\n  \
             scorekit report -o json > report.json\n  \
             scorekit report --since report.json -o html > report.html\n  \
             scorekit report --group-by scorecard,team -o md",
        )
}

/// A finished report.
struct Report {
    title: String,
    target: f64,
    /// The time of the report, in UTC.
    generated_at: String,
    /// The time of the earlier report.
    since: Option<String>,
    dimensions: Vec<Dimension>,
    total: Entry,
    scorecards: Vec<Entry>,
    teams: Vec<Entry>,
    groups: Vec<Entry>,
    /// The groups of the earlier report that have no outcomes now.
    gone: Vec<Entry>,
    services: usize,
    rules: usize,
}

impl Report {
    /// Returns the report as JSON, which `--since` reads.
    fn to_json(&self) -> Value {
        let entries = |dimensions: &[Dimension], entries: &[Entry]| -> Value {
            let entries = entries.iter();
            entries.map(|entry| entry.to_json(dimensions)).collect()
        };
        let names = self.dimensions.iter().map(|it| it.name());
        let mut document = json!({
            "generated_at": self.generated_at,
            "group_by": names.collect::<Vec<_>>(),
            "services": self.services,
            "rules": self.rules,
            "total": self.total.to_json(&[]),
            "scorecards": entries(&[Dimension::Scorecard], &self.scorecards),
            "teams": entries(&[Dimension::Team], &self.teams),
            "groups": entries(&self.dimensions, &self.groups),
        });
        if let (Some(since), Value::Object(document)) = (&self.since, &mut document) {
            document.insert("since".to_owned(), json!(since));
            let gone = entries(&self.dimensions, &self.gone);
            document.insert("gone".to_owned(), gone);
        }
        document
    }

    /// Compares the report with an earlier one.
    fn compare(&mut self, earlier: &Value) -> Result<(), String> {
        let Some(time) = earlier["generated_at"].as_str() else {
            return Err("it is not a report of `scorekit report -o json`".to_owned());
        };
        let grouped: Vec<&str> = earlier["group_by"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let names: Vec<&str> = self.dimensions.iter().map(|it| it.name()).collect();
        if grouped != names {
            return Err(format!(
                "it is grouped by {}; add --group-by {}",
                grouped.join(","),
                grouped.join(",")
            ));
        }
        self.since = Some(time.to_owned());
        self.total.before = Tally::from_json(&earlier["total"]);
        let of = |dimension, name: &str| entry::read(&[dimension], &earlier[name]);
        entry::compare(&mut self.scorecards, of(Dimension::Scorecard, "scorecards"));
        entry::compare(&mut self.teams, of(Dimension::Team, "teams"));
        let groups = entry::read(&self.dimensions, &earlier["groups"]);
        self.gone = entry::compare(&mut self.groups, groups);
        Ok(())
    }
}

pub(super) async fn run(context: &Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let format = text("output").unwrap_or("table");
    let is_text = matches!(format, "md" | "html");
    if is_text && (context.output.jq.is_some() || !context.output.columns.is_empty()) {
        let message = format!("cannot use --jq or --columns with -o {format}");
        return Err(Failure::usage(message).with_help("use `-o json` or `-o csv`"));
    }
    // A wrong flag is found before anything is read.
    let printer = Printer::new(&Output {
        format: Some(Format::named(format)),
        columns: context.output.columns.clone(),
        preferred: &[],
        jq: context.output.jq.clone(),
        no_color: context.output.no_color,
        quiet: context.quiet,
    })?;
    let teams = text("teams").map(Teams::read).transpose()?;
    let earlier = match text("since") {
        Some(file) => {
            let read = super::body::read(file);
            let help = "name a report that `scorekit report -o json` wrote";
            Some((file, read.map_err(|failure| failure.with_help(help))?))
        }
        None => None,
    };
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    let rules = Rules::read(context, &settings, &client).await?;
    let names = matches.get_many::<String>("group-by").into_iter().flatten();
    let dimensions: Vec<Dimension> = names.map(|it| Dimension::named(it)).collect();
    let teams = teams.unwrap_or_default();
    let counts = count::count(context, &client, &rules, &teams, &dimensions).await?;
    let mut report = Report {
        title: text("title").unwrap_or_default().to_owned(),
        target: matches.get_one::<f64>("target").copied().unwrap_or(0.8),
        generated_at: now(),
        since: None,
        dimensions,
        total: counts.total,
        scorecards: entry::sorted(counts.scorecards),
        teams: entry::sorted(counts.teams),
        groups: entry::sorted(counts.groups),
        gone: Vec::new(),
        services: counts.services,
        rules: counts.rules,
    };
    if let Some((file, earlier)) = earlier {
        let compared = report.compare(&earlier);
        compared.map_err(|cause| Failure::usage(format!("cannot compare with {file}: {cause}")))?;
    }
    write(&report, format, printer)?;
    Ok(Exit::Success)
}

fn write(report: &Report, format: &str, printer: Printer) -> Result<(), Failure> {
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    match format {
        "html" => html::write(report, &mut stdout)?,
        "md" => markdown::write(report, &mut stdout)?,
        _ => {
            drop(stdout);
            let is_table = format == "table";
            return printer.document(&report.to_json(), |_| {
                let groups = report.groups.iter();
                groups.map(|entry| row(report, entry, is_table)).collect()
            });
        }
    }
    Ok(stdout.flush()?)
}

/// Returns a row of a table. Every row has the same cells, so that a column of changes is there
/// also if the first group is new.
fn row(report: &Report, entry: &Entry, is_table: bool) -> Value {
    let mut row = Map::new();
    for (dimension, name) in report.dimensions.iter().zip(&entry.names) {
        row.insert(dimension.name().to_owned(), json!(name));
    }
    row.insert("score".to_owned(), json!(entry.now.rounded()));
    if report.since.is_some() {
        let change = match is_table {
            true => json!(entry.change_text()),
            false => json!(entry.change()),
        };
        row.insert("change".to_owned(), change);
    }
    for (name, count) in entry.now.counts() {
        row.insert(name.to_owned(), json!(count));
    }
    Value::Object(row)
}

/// Returns the time in UTC, to the second.
fn now() -> String {
    // IMF-fixdate of RFC 9110 has the same parts, but people do not sort it.
    let now = std::time::SystemTime::now();
    let now = jiff::Timestamp::try_from(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let second = jiff::Unit::Second;
    now.round(second).unwrap_or(now).to_string()
}
