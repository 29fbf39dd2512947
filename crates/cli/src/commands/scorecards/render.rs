//! Shows a plan: a coloured difference for each thing, and the counts.

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::plan::{Action, Change, Field, Plan, leaves};
use crate::output::{clean_text, json_line};

/// The text of a value that the server does not report.
const UNKNOWN: &str = "(not reported by the server)";

/// Shows a plan as text. A drift counts what differs instead of what will be done.
pub(super) fn plan(plan: &Plan<'_>, is_drift: bool, is_styled: bool) -> String {
    let mut text = String::new();
    for change in &plan.changes {
        self::change(&mut text, change, is_styled);
    }
    let count = |action| plan.count(action);
    let summary = match plan.changes.is_empty() {
        true => "No changes: the server is what the files declare.\n".to_owned(),
        false if is_drift => format!(
            "\nDrift: {} missing, {} different, {} not in the files.\n",
            count(Action::Create),
            count(Action::Update),
            count(Action::Delete),
        ),
        false => format!(
            "\nPlan: {} to add, {} to change, {} to delete.\n",
            count(Action::Create),
            count(Action::Update),
            count(Action::Delete),
        ),
    };
    text.push_str(&summary);
    text
}

fn change(text: &mut String, change: &Change, is_styled: bool) {
    let (sign, color) = match change.action {
        Action::Create => ('+', AnsiColor::Green),
        Action::Update => ('~', AnsiColor::Yellow),
        Action::Delete => ('-', AnsiColor::Red),
    };
    let line = format!("{sign} {} {}", change.kind.noun(), change.address);
    text.push_str(&styled(&line, color, is_styled));
    text.push('\n');
    for field in &change.fields {
        self::field(text, field, is_styled);
    }
}

fn field(text: &mut String, field: &Field, is_styled: bool) {
    let green = |text: &str| styled(text, AnsiColor::Green, is_styled);
    let red = |text: &str| styled(text, AnsiColor::Red, is_styled);
    for (path, from, to) in leaves(field) {
        let is_long = |value: &Option<Value>| {
            let text = value.as_ref().and_then(Value::as_str);
            text.is_some_and(|it| it.contains('\n'))
        };
        if is_long(&from) || is_long(&to) {
            text.push_str(&format!("    {}:\n", clean_text(&path)));
            for (sign, line) in lines(&from, &to) {
                let line = format!("      {sign} {line}");
                text.push_str(&match sign {
                    '+' => green(&line),
                    '-' => red(&line),
                    _ => clean_text(&line),
                });
                text.push('\n');
            }
            continue;
        }
        let from = match (from, field.is_unknown) {
            (_, true) => Some(UNKNOWN.to_owned()),
            (value, false) => value.as_ref().map(json_line).map(|it| red(&it)),
        };
        let to = to.as_ref().map(json_line).map(|it| green(&it));
        let line = match (from, to) {
            (Some(from), Some(to)) => format!("{from} -> {to}"),
            (Some(from), None) => format!("{from} -> (removed)"),
            (None, to) => to.unwrap_or_default(),
        };
        text.push_str(&format!("    {}: {line}\n", clean_text(&path)));
    }
}

/// Returns the lines of two texts: the same ones around, and the different ones between them.
fn lines(from: &Option<Value>, to: &Option<Value>) -> Vec<(char, String)> {
    let split = |value: &Option<Value>| {
        let text = value.as_ref().and_then(Value::as_str).unwrap_or_default();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (from, to) = (split(from), split(to));
    let same = |(left, right): &(&String, &String)| left == right;
    let before = from.iter().zip(&to).take_while(same).count();
    let (rest, more) = (&from[before..], &to[before..]);
    let after = rest.iter().rev().zip(more.iter().rev());
    let after = after.take_while(same).count();
    let mut lines = Vec::new();
    lines.extend(from[..before].iter().map(|it| (' ', it.clone())));
    lines.extend(
        rest[..rest.len() - after]
            .iter()
            .map(|it| ('-', it.clone())),
    );
    lines.extend(
        more[..more.len() - after]
            .iter()
            .map(|it| ('+', it.clone())),
    );
    lines.extend(
        rest[rest.len() - after..]
            .iter()
            .map(|it| (' ', it.clone())),
    );
    lines
}

fn styled(text: &str, color: AnsiColor, is_styled: bool) -> String {
    let text = clean_text(text);
    if !is_styled {
        return text;
    }
    let style = Style::new().fg_color(Some(color.into()));
    format!("{style}{text}{style:#}")
}
