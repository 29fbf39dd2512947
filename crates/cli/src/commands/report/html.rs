//! The report as one page of HTML: charts, changes, and a table to sort and filter.
//!
//! The page loads nothing and works without scripts, except for sorting and filtering. Every text
//! of the server is escaped, and a content security policy forbids requests.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Report;
use super::entry::{Entry, Tally};
use super::figures::{count, percent};
use crate::output::clean_line;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The bars of a chart that are shown at first.
const BARS: usize = 12;

/// The changes of a kind that are listed.
const CHANGES: usize = 50;

pub(super) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    head(report, out)?;
    tiles(report, out)?;
    writeln!(out, "<div class=\"charts\">")?;
    chart(report, out, "scorecards", "Scorecards", &report.scorecards)?;
    chart(report, out, "teams", "Teams", &report.teams)?;
    writeln!(out, "</div>")?;
    changes(report, out)?;
    groups(report, out)?;
    writeln!(
        out,
        "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>"
    )
}

fn head(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let title = text(&report.title);
    let time = time(&report.generated_at);
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>{title}</h1>\n<p>{time}</p>\n</header>"
    )
}

/// Writes the numbers at the top.
fn tiles(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let total = &report.total;
    let below = |entries: &[Entry]| {
        let is_below = |entry: &&Entry| is_below(report, entry.now);
        entries.iter().filter(is_below).count()
    };
    writeln!(out, "<section class=\"tiles\" aria-label=\"Summary\">")?;
    let of_outcomes = format!(
        "{} of {} outcomes passed",
        count(total.now.pass),
        count(total.now.pass + total.now.fail)
    );
    let score = format!("{}{}", percent(total.now.share()), badge(report, total));
    tile(out, "Overall score", &score, &of_outcomes)?;
    let failing = format!("{} skipped", count(total.now.skip));
    tile(out, "Failing outcomes", &count(total.now.fail), &failing)?;
    let target = format!("below the target of {}", percent(Some(report.target)));
    let teams = format!("{} of {}", below(&report.teams), report.teams.len());
    tile(out, "Teams", &teams, &target)?;
    let services = count(u64::try_from(report.services).unwrap_or(u64::MAX));
    let rules = format!("checked by {} rules", report.rules);
    tile(out, "Services", &services, &rules)?;
    writeln!(out, "</section>")
}

/// Writes a number. `value` is HTML, the others are texts.
fn tile(out: &mut impl Write, name: &str, value: &str, note: &str) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"tile\"><h2>{}</h2><p class=\"value\">{value}</p><p class=\"note\">{}</p></div>",
        text(name),
        text(note)
    )
}

/// Writes a bar for each entry, the lowest score first.
fn chart(
    report: &Report,
    out: &mut impl Write,
    id: &str,
    title: &str,
    entries: &[Entry],
) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{title}</h2>"
    )?;
    if entries.is_empty() {
        return writeln!(
            out,
            "<p class=\"note\">There are no outcomes.</p></section>"
        );
    }
    let (shown, more) = entries.split_at(entries.len().min(BARS));
    bars(report, out, shown)?;
    if !more.is_empty() {
        writeln!(out, "<details><summary>{} more</summary>", more.len())?;
        bars(report, out, more)?;
        writeln!(out, "</details>")?;
    }
    writeln!(
        out,
        "<p class=\"note\">The line marks the target of {}.</p></section>",
        percent(Some(report.target))
    )
}

fn bars(report: &Report, out: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
    writeln!(out, "<table class=\"bars\"><tbody>")?;
    for entry in entries {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"chart\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>",
            text(&entry.title()),
            bar(report, entry.now),
            percent(entry.now.share()),
            badge(report, entry)
        )?;
    }
    writeln!(out, "</tbody></table>")
}

/// Returns a bar with the target. Its numbers are in the title, and in the cell next to it.
fn bar(report: &Report, tally: Tally) -> String {
    let share = tally.share().unwrap_or(0.0) * 100.0;
    let class = if is_below(report, tally) { " low" } else { "" };
    format!(
        "<span class=\"bar\" title=\"{} passed, {} failed, {} skipped\">\
         <span class=\"fill{class}\" style=\"width:{share:.2}%\"></span>\
         <span class=\"mark\" style=\"left:{:.2}%\"></span></span>",
        count(tally.pass),
        count(tally.fail),
        count(tally.skip),
        report.target * 100.0
    )
}

fn is_below(report: &Report, tally: Tally) -> bool {
    tally.share().is_some_and(|share| share < report.target)
}

/// Returns the change of a score, with a sign and an arrow. Color is not the only difference.
fn badge(report: &Report, entry: &Entry) -> String {
    if report.since.is_none() {
        return String::new();
    }
    // The blank keeps the number and its change apart for readers of the text.
    let change = entry.change_text();
    let (class, arrow) = match change.chars().next() {
        Some('+') => ("up", "▲ "),
        Some('-') => ("down", "▼ "),
        Some('0') => return " <span class=\"badge\">±0</span>".to_owned(),
        _ => ("", ""),
    };
    format!(
        " <span class=\"badge {class}\">{arrow}{}</span>",
        text(&change)
    )
}

/// Writes the groups that changed since the earlier report.
fn changes(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let Some(since) = &report.since else {
        return Ok(());
    };
    writeln!(
        out,
        "<section aria-labelledby=\"changes\"><h2 id=\"changes\">Changes</h2>\n\
         <p class=\"note\">In percentage points, since {}</p>",
        time(since)
    )?;
    let changed = |keep: &dyn Fn(f64) -> bool| -> Vec<&Entry> {
        let groups = report.groups.iter();
        let mut found: Vec<&Entry> = groups
            .filter(|entry| entry.change().is_some_and(keep))
            .collect();
        let size = |entry: &Entry| entry.change().map_or(0.0, f64::abs);
        found.sort_by(|left, right| size(right).total_cmp(&size(left)));
        found
    };
    let fresh = report.groups.iter().filter(|entry| entry.before.is_none());
    let lists = [
        ("Worse", changed(&|change| change < 0.0)),
        ("Better", changed(&|change| change > 0.0)),
        ("New", fresh.collect()),
        ("Without outcomes now", report.gone.iter().collect()),
    ];
    if lists.iter().all(|(_, entries)| entries.is_empty()) {
        return writeln!(out, "<p>Nothing changed.</p></section>");
    }
    writeln!(out, "<div class=\"changes\">")?;
    for (title, entries) in lists.iter().filter(|(_, entries)| !entries.is_empty()) {
        writeln!(out, "<div><h3>{title} ({})</h3><ul>", entries.len())?;
        for entry in entries.iter().take(CHANGES) {
            let change = match entry.change() {
                Some(_) => format!(
                    "{} → {}{}",
                    percent(entry.before.and_then(Tally::share)),
                    percent(entry.now.share()),
                    badge(report, entry)
                ),
                // An entry that is gone has earlier counts only.
                None => percent(entry.now.share().or(entry.before.and_then(Tally::share))),
            };
            writeln!(
                out,
                "<li><span>{}</span> <span class=\"number\">{change}</span></li>",
                text(&entry.title())
            )?;
        }
        writeln!(out, "</ul>")?;
        if let more @ 1.. = entries.len().saturating_sub(CHANGES) {
            writeln!(out, "<p class=\"note\">and {more} more</p>")?;
        }
        writeln!(out, "</div>")?;
    }
    writeln!(out, "</div></section>")
}

/// Writes the table of all groups.
fn groups(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let names: Vec<&str> = report.dimensions.iter().map(|it| it.name()).collect();
    writeln!(
        out,
        "<section aria-labelledby=\"groups\"><h2 id=\"groups\">By {}</h2>\n\
         <p class=\"filter\"><label for=\"filter\">Filter</label> \
         <input id=\"filter\" type=\"search\" autocomplete=\"off\" placeholder=\"name\"> \
         <label><input id=\"low\" type=\"checkbox\"> below the target</label> \
         <output id=\"shown\" for=\"filter low\"></output></p>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"groups\">\
         <table id=\"table\"><thead><tr>",
        text(&names.join(" and "))
    )?;
    let mut columns: Vec<(&str, &str)> = names.iter().map(|name| (*name, "text")).collect();
    columns.push(("score", "number"));
    if report.since.is_some() {
        columns.push(("change", "number"));
    }
    columns.extend([("pass", "number"), ("fail", "number"), ("skip", "number")]);
    for (name, class) in columns {
        write!(
            out,
            "<th scope=\"col\" class=\"{class}\"><button type=\"button\">{name}</button></th>"
        )?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for entry in &report.groups {
        let class = if is_below(report, entry.now) {
            " class=\"low\""
        } else {
            ""
        };
        writeln!(out, "<tr{class}>{}</tr>", cells(report, entry))?;
    }
    writeln!(out, "</tbody></table></div></section>")
}

fn cells(report: &Report, entry: &Entry) -> String {
    let mut cells = String::new();
    for name in &entry.names {
        let name = text(name);
        let _ = write!(cells, "<td class=\"text\">{name}</td>");
    }
    let number = |cells: &mut String, value: Option<f64>, shown: &str| {
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        let _ = write!(
            cells,
            "<td class=\"number\" data-value=\"{value}\">{shown}</td>"
        );
    };
    let share = entry.now.share();
    let shown = format!("{} {}", percent(share), bar(report, entry.now));
    number(&mut cells, share, &shown);
    if report.since.is_some() {
        number(&mut cells, entry.change(), &badge(report, entry));
    }
    for (_, value) in entry.now.counts() {
        let _ = write!(
            cells,
            "<td class=\"number\" data-value=\"{value}\">{}</td>",
            count(value)
        );
    }
    cells
}

/// Returns a time such as `2026-01-31T08:30:00Z` for readers.
fn time(time: &str) -> String {
    let shown = time.replace('T', " ").replace('Z', " UTC");
    format!("<time datetime=\"{}\">{}</time>", text(time), text(&shown))
}

/// Escapes a text for an element or a quoted attribute
/// (<https://html.spec.whatwg.org/multipage/parsing.html>).
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in clean_line(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}
