//! `scorekit outcomes push`: outcomes from a file or a pipe.
//!
//! First every line is checked and written to a temporary file, as it will be sent (`check`). Only
//! if all lines are right, they are sent (`send`). Memory holds 16 bytes for each line, to find
//! duplicates.

mod check;
mod fields;
mod read;
mod reports;
mod send;

use std::path::PathBuf;

use clap::{ArgAction, ArgMatches, Command};

use self::fields::Fields;
use self::read::{Format, Input};
use super::argument;
use super::parsers::output_file;
use super::rules::Rules;
use crate::context::Context;
use crate::exit::{Exit, Failure};

pub(super) fn push_command() -> Command {
    Command::new("push")
        .about("Send outcomes from a file: CSV, JSON, or a report of JUnit or SARIF")
        .long_about(LONG_ABOUT)
        .arg(
            clap::Arg::new("file")
                .required(true)
                .value_name("FILE")
                .help("File with the outcomes, or - for standard input"),
        )
        .arg(
            argument("format")
                .value_name("FORMAT")
                .value_parser(Format::NAMES)
                .help("Format of the file; by default, the ending of its name decides"),
        )
        .arg(
            argument("map")
                .value_name("FIELD=COLUMN,…")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .help("Column, property or JSON pointer of a field: service, rule, state, remarks"),
        )
        .arg(
            argument("rule")
                .value_name("NAME")
                .help("Rule of all lines, by name or id"),
        )
        .arg(
            argument("service")
                .value_name("NAME")
                .help("Service of all lines, or another entity such as api:checkout"),
        )
        .arg(
            argument("check")
                .action(ArgAction::SetTrue)
                .help("Check every line, and send nothing"),
        )
        .arg(
            argument("resume")
                .value_name("JOURNAL")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("")
                .help("Record what was sent, and continue an interrupted push with the same file [default: FILE.journal]"),
        )
        .arg(
            argument("fail-on")
                .value_name("any|none|PERCENT")
                .value_parser(FailOn::parse)
                .default_value("any")
                .help("Failed lines from which on the exit code is 3"),
        )
        .arg(
            argument("report")
                .value_name("FILE")
                .value_parser(output_file)
                .help("File for the result of each line, as JSON lines"),
        )
        .after_help(
            "Examples:\n  \
             scorekit outcomes push outcomes.csv --check\n  \
             scorekit outcomes push outcomes.csv --map service=app,state=result\n  \
             scorekit outcomes push junit.xml --service checkout --rule 'Tests pass'",
        )
}

const LONG_ABOUT: &str = "Send outcomes from a file: CSV, JSON, or a report of JUnit or SARIF.

Every line is checked before anything is sent: its fields, its state (pass, fail or skip), its rule, \
which may be a name or an id, and that no other line has the same entity and rule. The fields of CSV \
and JSON are called service, rule, state and remarks, or as --map says.

The test cases of a JUnit report and the results of a SARIF report become one outcome for each \
service and rule: a failure makes it fail, and the remarks name the failures.";

/// The arguments of a push.
pub(super) struct Options {
    input: Input,
    fields: Fields,
    is_check: bool,
    journal: Option<PathBuf>,
    fail_on: FailOn,
    report: Option<PathBuf>,
}

/// The number of failed lines from which on the exit code is 3.
#[derive(Clone, Copy)]
enum FailOn {
    Any,
    None,
    /// More than this percentage of the lines.
    Percent(f64),
}

impl FailOn {
    /// Reads the value of the flag.
    fn parse(text: &str) -> Result<Self, String> {
        let percent = text.strip_suffix('%').unwrap_or(text).parse::<f64>().ok();
        match (text, percent) {
            ("any", _) => Ok(Self::Any),
            ("none", _) => Ok(Self::None),
            (_, Some(percent)) if (0.0..=100.0).contains(&percent) => Ok(Self::Percent(percent)),
            (_, Some(_)) => {
                Err("it is out of range; write any, none, or a percentage from 0 to 100".to_owned())
            }
            _ => Err(
                "it is not a share of lines; write any, none, or a percentage such as 5%"
                    .to_owned(),
            ),
        }
    }

    /// Returns the exit code for a number of failed lines.
    fn exit(self, failed: u64, all: u64) -> Exit {
        let is_missed = match self {
            Self::Any => failed > 0,
            Self::None => false,
            #[allow(clippy::cast_precision_loss, reason = "a percentage needs no more")]
            Self::Percent(percent) => failed as f64 * 100.0 > percent * all as f64,
        };
        if is_missed {
            Exit::Partial
        } else {
            Exit::Success
        }
    }
}

impl Options {
    fn of(matches: &ArgMatches) -> Result<Self, Failure> {
        let text = |name: &str| matches.get_one::<String>(name).cloned();
        let input = Input::new(text("file").unwrap_or_default(), text("format").as_deref())?;
        let maps = matches.get_many::<String>("map").into_iter().flatten();
        let maps: Vec<&str> = maps.map(String::as_str).collect();
        let journal = match text("resume") {
            Some(path) if !path.is_empty() => Some(PathBuf::from(path)),
            Some(_) => Some(input.default_journal()?),
            None => None,
        };
        Ok(Self {
            fields: Fields::new(input.format, &maps, text("rule"), text("service"))?,
            input,
            is_check: matches.get_flag("check"),
            journal,
            fail_on: matches
                .get_one::<FailOn>("fail-on")
                .copied()
                .unwrap_or(FailOn::Any),
            report: text("report").map(PathBuf::from),
        })
    }
}

pub(super) async fn push(context: &Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let options = Options::of(matches)?;
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    let rules = Rules::read(context, &settings, &client).await?;
    let checked = check::check(&options, &rules)?;
    if let Some(failure) = checked.failure() {
        checked.print_problems(context)?;
        return Err(failure);
    }
    if checked.count == 0 {
        context.say("note: the input has no outcomes");
    }
    if options.is_check {
        return checked.print(context);
    }
    send::send(context, &client, &options, checked).await
}
