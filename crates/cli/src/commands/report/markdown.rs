//! The report as Markdown, for a comment or the summary of a pipeline.

use std::io::{self, Write};

use super::Report;
use super::entry::{Dimension, Entry};
use super::figures::{count, percent};
use crate::output::clean_line;

/// The most groups of a table. A comment on GitHub has at most 65,536 characters.
const ROWS: usize = 200;

pub(super) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "# {}\n", text(&report.title))?;
    let score = percent(report.total.now.share());
    write!(
        out,
        "**{score}** of {}",
        count(report.total.now.pass + report.total.now.fail)
    )?;
    write!(
        out,
        " outcomes passed, in {} services and ",
        report.services
    )?;
    writeln!(
        out,
        "{} rules. The target is {}.",
        report.rules,
        percent(Some(report.target))
    )?;
    if let Some(since) = &report.since {
        writeln!(
            out,
            "Changes are in percentage points, since {}.",
            text(since)
        )?;
    }
    table(
        report,
        out,
        "Scorecards",
        &[Dimension::Scorecard],
        &report.scorecards,
    )?;
    table(report, out, "Teams", &[Dimension::Team], &report.teams)?;
    let is_new = report.dimensions[..] != [Dimension::Scorecard]
        && report.dimensions[..] != [Dimension::Team];
    if is_new {
        let names: Vec<&str> = report.dimensions.iter().map(|it| it.name()).collect();
        let title = format!("By {}", names.join(" and "));
        table(report, out, &title, &report.dimensions, &report.groups)?;
    }
    if !report.gone.is_empty() {
        writeln!(out, "\nWithout outcomes now:\n")?;
        for entry in report.gone.iter().take(ROWS) {
            writeln!(out, "- {}", text(&entry.title()))?;
        }
    }
    writeln!(out, "\nWritten at {}.", text(&report.generated_at))
}

fn table(
    report: &Report,
    out: &mut impl Write,
    title: &str,
    dimensions: &[Dimension],
    entries: &[Entry],
) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let has_change = report.since.is_some();
    writeln!(out, "\n## {title}\n")?;
    let names = dimensions.iter().map(|it| it.name());
    let counts = ["score", "change", "pass", "fail", "skip"];
    let counts = counts
        .into_iter()
        .filter(|it| has_change || *it != "change");
    let header: Vec<&str> = names.chain(counts).collect();
    writeln!(out, "| {} |", header.join(" | "))?;
    let lines = header.iter().enumerate();
    let lines = lines.map(|(index, _)| match index < dimensions.len() {
        true => "---",
        false => "--:",
    });
    writeln!(out, "| {} |", lines.collect::<Vec<_>>().join(" | "))?;
    for entry in entries.iter().take(ROWS) {
        let mut cells: Vec<String> = entry.names.iter().map(|it| text(it)).collect();
        let is_below = entry.now.share().is_some_and(|it| it < report.target);
        let mark = if is_below { " ⚠" } else { "" };
        cells.push(format!("{}{mark}", percent(entry.now.share())));
        if has_change {
            cells.push(entry.change_text());
        }
        cells.extend(entry.now.counts().map(|(_, count)| count.to_string()));
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    match entries.len().saturating_sub(ROWS) {
        0 => Ok(()),
        more => writeln!(out, "\nAnd {more} more with higher scores."),
    }
}

/// Returns a text as Markdown that shows it unchanged, also in a cell. Markup and mentions have no
/// effect (<https://spec.commonmark.org/0.31.2/#backslash-escapes>).
fn text(text: &str) -> String {
    let mut escaped = String::new();
    for letter in clean_line(text).chars() {
        match letter {
            // GitHub links a mention also after a backslash.
            '@' => escaped.push_str("&#64;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '~' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ => escaped.push(letter),
        }
    }
    // A bare address becomes a link.
    escaped
        .replace("://", "&#58;//")
        .replace("www.", "www&#46;")
}
