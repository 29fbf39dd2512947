//! `scorekit campaigns status KEY`: the time and the progress of a campaign.

use clap::{Arg, ArgAction, ArgMatches, Command};
use jiff::Timestamp;
use scorekit::Client;
use scorekit::scorecards::types::ScorecardScoresAggregation;
use serde_json::{Value, json};

use super::operation::documented;
use super::rules::Rules;
use super::scores::rounded;
use super::{argument, lists};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::output::Format;

/// The seconds of a day.
const DAY: f64 = 86_400.0;

/// The width of a bar, in characters.
const BAR: usize = 20;

pub(super) fn status_command() -> Command {
    let filter = |name: &'static str| argument(name).value_name("NAME").action(ArgAction::Append);
    Command::new("status")
        .about("Show the time and the progress of a campaign")
        .long_about(
            "Show the time and the progress of a campaign.\n\n\
             The API does not return the rules of a campaign. Name them with --rule or \
             --scorecard, and their scores show the progress. The scores count all entities, not \
             only those of the campaign's scope.",
        )
        .arg(
            Arg::new("campaign")
                .value_name("KEY")
                .required(true)
                .help("Key or id of the campaign"),
        )
        .arg(filter("rule").help("Rule of the campaign, by name or id; may be repeated"))
        .arg(filter("scorecard").help("Scorecard with rules of the campaign; may be repeated"))
        .after_help("Example:\n  scorekit campaigns status q1-security --scorecard Production")
}

pub(super) async fn status(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let key = matches.get_one::<String>("campaign");
    let key = key.map(String::as_str).unwrap_or_default();
    let operation = documented("GetScorecardCampaign")?.operation;
    let printer = context.printer()?;
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    let request = client.request::<Value>(operation).path("campaign_id", &key);
    let request = request
        .query("include", &"scores")
        .query("include_meta", &true);
    let response = context.send(&settings, operation, request).await?;
    let mut document = response.into_inner();
    let attributes = document["data"]["attributes"].take();
    let mut summary = times(&attributes, Timestamp::now());
    let names = |name: &str| -> Vec<String> {
        let names = matches.get_many::<String>(name).into_iter().flatten();
        names.cloned().collect()
    };
    let (rules, scorecards) = (names("rule"), names("scorecard"));
    let mut rows = Vec::new();
    if !(rules.is_empty() && scorecards.is_empty()) {
        let known = Rules::read(context, &settings, &client).await?;
        let ids = ids(&known, &rules, &scorecards)?;
        let (total, scores) = progress(&client, &known, &ids).await?;
        summary["progress"] = json!(total);
        rows = scores;
    }
    let is_table = matches!(context.output.format, None | Some(Format::Table));
    if is_table {
        context.say(&headline(&summary));
    }
    if is_table && rows.is_empty() {
        context.say("hint: name its rules with --rule or --scorecard to see their progress");
    }
    let shown = json!({
        "campaign": summary,
        "attributes": attributes,
        "meta": document["meta"],
        "included": document["included"],
        "rules": rows,
    });
    printer.document(&shown, |shown| {
        let rows = shown["rules"].as_array().cloned().unwrap_or_default();
        match rows.is_empty() {
            true => vec![shown["campaign"].clone()],
            false => rows
                .into_iter()
                .map(|row| with_bar(row, is_table))
                .collect(),
        }
    })?;
    Ok(Exit::Success)
}

/// Returns the times of a campaign in days.
#[allow(clippy::cast_precision_loss, reason = "days need no more")]
fn times(attributes: &Value, now: Timestamp) -> Value {
    let time = |name: &str| attributes[name].as_str()?.parse::<Timestamp>().ok();
    let days = |from: Timestamp, to: Timestamp| (to.as_second() - from.as_second()) as f64 / DAY;
    let (start, due) = (time("start_date"), time("due_date"));
    let left = due.map(|due| days(now, due).ceil());
    let elapsed = start.zip(due).map(|(start, due)| {
        let whole = days(start, due);
        let share = if whole > 0.0 {
            days(start, now) / whole
        } else {
            1.0
        };
        rounded(share.clamp(0.0, 1.0))
    });
    json!({
        "key": attributes["key"],
        "name": attributes["name"],
        "status": attributes["status"],
        "start_date": attributes["start_date"],
        "due_date": attributes["due_date"],
        "days_left": left,
        "time_elapsed": elapsed,
    })
}

fn headline(summary: &Value) -> String {
    let text = |name: &str| summary[name].as_str().unwrap_or_default().to_owned();
    let mut line = format!("{}: {}", text("name"), text("status").replace('_', " "));
    if let (Some(left), Some(elapsed)) = (
        summary["days_left"].as_f64(),
        summary["time_elapsed"].as_f64(),
    ) {
        let elapsed = elapsed * 100.0;
        line.push_str(&match left < 0.0 {
            true => format!(", {} days overdue", -left),
            false => format!(", {left} days left, {elapsed:.0} % of the time elapsed"),
        });
    }
    if let Some(progress) = summary["progress"].as_f64() {
        line.push_str(&format!(", {:.0} % of the outcomes pass", progress * 100.0));
    }
    line
}

/// Returns the ids of rules.
fn ids(known: &Rules, rules: &[String], scorecards: &[String]) -> Result<Vec<String>, Failure> {
    let failed = |cause| Failure::failed(format!("cannot show the progress: {cause}"));
    let mut ids = Vec::new();
    for name in rules {
        ids.push(known.id(name).map_err(failed)?.to_owned());
    }
    for name in scorecards {
        let scorecard = known.scorecard_id(name).map_err(failed)?;
        let of_it = known
            .all()
            .iter()
            .filter(|rule| rule.scorecard_id == scorecard);
        ids.extend(
            of_it
                .filter(|rule| rule.is_enabled)
                .map(|rule| rule.id.clone()),
        );
    }
    Ok(ids)
}

/// Returns the share of outcomes that pass, and the scores of the rules.
async fn progress(
    client: &Client,
    known: &Rules,
    ids: &[String],
) -> Result<(Option<f64>, Vec<Value>), Failure> {
    let mut rows = Vec::new();
    let (mut passed, mut count) = (0_i64, 0_i64);
    let scores = client.scorecards().scores();
    let list = scores
        .list(ScorecardScoresAggregation::ByRule)
        .sort("score");
    let items = list.filter_rule_id(ids.join(",")).items();
    lists::each(items, "interrupted: nothing was changed", |score| {
        let attributes = score.attributes.unwrap_or_default();
        passed += attributes.numerator.unwrap_or_default();
        count += attributes.denominator.unwrap_or_default();
        let rule = known.get(&score.id).map_or(&score.id, |rule| &rule.name);
        let has_score = attributes.denominator != Some(0);
        rows.push(json!({
            "rule": rule,
            "score": attributes.score.filter(|_| has_score).map(rounded),
            "pass": attributes.total_pass,
            "fail": attributes.total_fail,
            "skip": attributes.total_skip,
            "no_data": attributes.total_no_data,
        }));
        Ok(())
    })
    .await?;
    #[allow(clippy::cast_precision_loss, reason = "a share needs no more")]
    let total = (count > 0).then(|| rounded(passed as f64 / count as f64));
    Ok((total, rows))
}

/// Adds a bar of the score to a row of a table.
fn with_bar(mut row: Value, is_table: bool) -> Value {
    if let (true, Some(score), Some(cells)) = (is_table, row["score"].as_f64(), row.as_object_mut())
    {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "a score is between 0 and 1"
        )]
        let full = (score * BAR as f64) as usize;
        let full = full.min(BAR);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full));
        cells.insert("progress".to_owned(), json!(bar));
    }
    row
}
