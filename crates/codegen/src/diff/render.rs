//! Writes a report as text, as Markdown, and as an entry of the changelog.

use std::fmt::{Display, Write as _};

use anstyle::{AnsiColor, Style};

use super::api::Effect;
use super::change::Change;
use super::report::{CrateReport, Report, Step};
use crate::document::diagnostic::counted;

/// The number of changed items that are shown for one change.
const SHOWN: usize = 6;

/// Writes a report as JSON, with a line break at the end.
pub fn json(report: &impl serde::Serialize) -> String {
    // Reports have strings as keys, so this cannot fail.
    let text = serde_json::to_string_pretty(report);
    text.unwrap_or_else(|error| serde_json::json!({"error": error.to_string()}).to_string()) + "\n"
}

/// Writes the report as text, in colour if `coloured` is true.
pub fn text(report: &Report, coloured: bool) -> String {
    let palette = Palette { coloured };
    let mut text = format!(
        "{}\n",
        palette.bold(format!("{} -> {}", report.base, report.document))
    );
    for krate in &report.crates {
        let _ = writeln!(text, "\n{}", palette.bold(&krate.name));
        for group in groups(krate) {
            change_text(&group, palette, &mut text);
        }
        if !krate.consequences.is_empty() {
            text.push_str("  from several changes together:\n");
            for change in &krate.consequences {
                let _ = writeln!(text, "      Rust: {}, {}", rust(change.effect), change.why);
            }
        }
    }
    if report.crates.is_empty() {
        text.push_str("\nno domain crate differs\n");
    }
    versions_text(report, palette, &mut text);
    if !report.changelog.is_empty() {
        let heading = palette.bold("for CHANGELOG.md");
        let _ = write!(text, "\n{heading}\n\n{}", report.changelog);
    }
    let _ = writeln!(text, "\n{}", summary(report));
    text
}

fn change_text(group: &Group<'_>, palette: Palette, text: &mut String) {
    let change = group.first;
    let (mark, subjects) = (palette.mark(change), group.subjects());
    let _ = writeln!(text, "  {mark} {subjects}: {}", change.what);
    if let Some(location) = &change.location {
        let _ = writeln!(text, "      {}", palette.dim(location));
    }
    let _ = writeln!(text, "      wire: {}, {}", wire(change), change.wire.why);
    let worst = change.rust.effect;
    let _ = writeln!(text, "      Rust: {}, {}", rust(worst), change.rust.why);
    if worst == Effect::Compatible {
        return;
    }
    let others = change.rust.changes.iter();
    let others: Vec<_> = others
        .filter(|other| other.effect == worst && other.why != change.rust.why)
        .collect();
    for other in others.iter().take(SHOWN) {
        let _ = writeln!(text, "            {}", other.why);
    }
    if others.len() > SHOWN {
        let _ = writeln!(text, "            and {} more", others.len() - SHOWN);
    }
}

fn versions_text(report: &Report, palette: Palette, text: &mut String) {
    if report.versions.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", palette.bold("versions"));
    for advice in &report.versions {
        let step = step(advice.step);
        let _ = writeln!(
            text,
            "  {:<22} {} -> {} ({step}): {}",
            advice.name, advice.current, advice.next, advice.why
        );
    }
    let _ = writeln!(
        text,
        "  all crates share one version: {} -> {}",
        report.version.current, report.version.next
    );
}

/// The styles of the text.
#[derive(Clone, Copy)]
struct Palette {
    coloured: bool,
}

impl Palette {
    fn styled(self, style: Style, text: impl Display) -> String {
        let style = if self.coloured { style } else { Style::new() };
        format!("{style}{text}{style:#}")
    }

    fn bold(self, text: impl Display) -> String {
        self.styled(Style::new().bold(), text)
    }

    fn dim(self, text: impl Display) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    fn mark(self, change: &Change) -> String {
        let colour = |colour: AnsiColor| colour.on_default();
        let (style, word) = match (change.rust.effect, change.wire.breaks) {
            (Effect::Breaks, true) => (colour(AnsiColor::Red), "breaks both"),
            (Effect::Breaks, false) => (colour(AnsiColor::Red), "breaks Rust"),
            (Effect::Silent, true) => (colour(AnsiColor::Red), "breaks wire, alters Rust"),
            (Effect::Silent, false) => (colour(AnsiColor::Yellow), "alters Rust"),
            (Effect::Compatible, true) => (colour(AnsiColor::Yellow), "breaks wire"),
            (Effect::Compatible, false) => (Style::new().dimmed(), "fine"),
        };
        self.styled(style, format!("[{word}]"))
    }
}

/// Writes the report as Markdown, with a table per crate.
pub fn markdown(report: &Report) -> String {
    let mut text = format!(
        "## {} → {}\n\n{}\n",
        report.base,
        report.document,
        summary(report)
    );
    for krate in &report.crates {
        crate_markdown(krate, &mut text);
    }
    if !report.versions.is_empty() {
        versions_markdown(report, &mut text);
    }
    if !report.left_out.is_empty() {
        text.push_str(
            "\n### Not compared\n\n| operation | document | why |\n| --- | --- | --- |\n",
        );
    }
    for left_out in &report.left_out {
        let reasons = left_out
            .reasons
            .iter()
            .map(|reason| reason.message.as_str());
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        let (operation, document) = (&left_out.operation, &left_out.document);
        let cells = [operation, document, &reasons].map(|text| cell(text));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    if !report.changelog.is_empty() {
        let changelog = &report.changelog;
        let _ = write!(text, "\n### Changelog\n\n```markdown\n{changelog}```\n");
    }
    text
}

fn crate_markdown(krate: &CrateReport, text: &mut String) {
    let name = &krate.name;
    let _ = write!(
        text,
        "\n### `{name}`\n\n| change | wire | Rust API |\n| --- | --- | --- |\n"
    );
    for group in groups(krate) {
        let change = group.first;
        let cells = [
            format!("{}: {}", group.subjects(), change.what),
            format!("{}: {}", wire(change), change.wire.why),
            format!("{}: {}", rust(change.rust.effect), change.rust.why),
        ];
        let _ = writeln!(text, "| {} |", cells.map(|text| cell(&text)).join(" | "));
    }
    for change in &krate.consequences {
        let (effect, why) = (rust(change.effect), cell(&change.why));
        let _ = writeln!(text, "| several changes together | | {effect}: {why} |");
    }
}

fn versions_markdown(report: &Report, text: &mut String) {
    text.push_str("\n### Versions\n\n| crate | now | next | why |\n| --- | --- | --- | --- |\n");
    for advice in &report.versions {
        let (step, why) = (step(advice.step), cell(&advice.why));
        let _ = writeln!(
            text,
            "| `{}` | {} | {} ({step}) | {why} |",
            advice.name, advice.current, advice.next
        );
    }
    let _ = writeln!(
        text,
        "\nThe crates share one version: {} → {}.",
        report.version.current, report.version.next
    );
}

/// Returns `text` for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Writes the sections of an entry in the form of Keep a Changelog, breaking changes first in each.
pub(super) fn changelog(crates: &[CrateReport]) -> String {
    let mut sections = Vec::new();
    for section in ["Added", "Changed", "Deprecated", "Removed"] {
        let mut lines = Vec::new();
        for krate in crates {
            for group in groups(krate) {
                let change = group.first;
                if !is_unnoticed(change) && self::section(change) == section {
                    lines.push((!breaks(change), changelog_line(krate, &group)));
                }
            }
        }
        lines.sort_by_key(|(is_compatible, _)| *is_compatible);
        if !lines.is_empty() {
            let lines: String = lines.into_iter().map(|(_, line)| line).collect();
            sections.push(format!("### {section}\n\n{lines}"));
        }
    }
    sections.join("\n")
}

fn changelog_line(krate: &CrateReport, group: &Group<'_>) -> String {
    let change = group.first;
    let breaking = if breaks(change) { "**Breaking**: " } else { "" };
    let (name, subjects) = (&krate.name, group.subjects());
    let mut line = format!("- {breaking}`{name}`: {subjects} {}.", change.what);
    if change.rust.effect > Effect::Compatible {
        let _ = write!(line, " In Rust, {}.", change.rust.why);
    }
    if change.wire.breaks {
        let _ = write!(line, " On the wire, {}.", change.wire.why);
    }
    line.push('\n');
    line
}

fn breaks(change: &Change) -> bool {
    change.rust.effect > Effect::Compatible || change.wire.breaks
}

/// Returns the section of the changelog.
fn section(change: &Change) -> &'static str {
    match change.kind {
        "deprecated" => "Deprecated",
        kind if kind.ends_with("-added") => "Added",
        kind if kind.ends_with("-removed") => "Removed",
        _ => "Changed",
    }
}

/// Returns true if users of the crates do not notice the change.
fn is_unnoticed(change: &Change) -> bool {
    !breaks(change)
        && matches!(
            change.kind,
            "description-changed"
                | "example-changed"
                | "fields-reordered"
                | "schema-added"
                | "schema-removed"
                | "scheme-added"
                | "scheme-removed"
                | "path-parameter-renamed"
        )
}

/// Changes of several things with the same text.
struct Group<'a> {
    first: &'a Change,
    more: Vec<&'a str>,
}

impl Group<'_> {
    fn subjects(&self) -> String {
        let first = self.first.subject.as_str();
        match &self.more[..] {
            [second, third, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second}, {third} and {} more", rest.len())
            }
            more => [&[first], more].concat().join(", "),
        }
    }
}

/// Groups the changes of a crate that have the same text, the worst first.
fn groups(krate: &CrateReport) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for change in &krate.changes {
        let same = |group: &&mut Group| {
            group.first.kind == change.kind
                && group.first.what == change.what
                && group.first.wire.why == change.wire.why
                && group.first.rust.why == change.rust.why
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.more.push(&change.subject),
            None => groups.push(Group {
                first: change,
                more: Vec::new(),
            }),
        }
    }
    groups
        .sort_by_key(|group| std::cmp::Reverse((group.first.rust.effect, group.first.wire.breaks)));
    groups
}

fn wire(change: &Change) -> &'static str {
    if change.wire.breaks { "breaks" } else { "fine" }
}

fn rust(effect: Effect) -> &'static str {
    match effect {
        Effect::Compatible => "fine",
        Effect::Silent => "compiles, but behaves differently",
        Effect::Breaks => "breaks",
    }
}

fn step(step: Step) -> &'static str {
    match step {
        Step::None => "no release",
        Step::First => "first release",
        Step::Fix => "fix",
        Step::Addition => "addition",
        Step::Breaking => "breaking",
    }
}

/// Returns the number of changes, and how many of them break users, in one line.
pub(crate) fn summary(report: &Report) -> String {
    let count = |is: &dyn Fn(&Change) -> bool| {
        report
            .crates
            .iter()
            .flat_map(|krate| &krate.changes)
            .filter(|change| is(change))
            .count()
    };
    let all = count(&|_| true);
    let wire = count(&|change| change.wire.breaks);
    let rust = count(&|change| change.rust.effect > Effect::Compatible);
    let further = report
        .crates
        .iter()
        .flat_map(|krate| &krate.consequences)
        .filter(|change| change.effect > Effect::Compatible)
        .count();
    format!(
        "{} in {}; {wire} of them break the wire, {} break the Rust API",
        counted(all, "change"),
        counted(report.crates.len(), "crate"),
        rust + further
    )
}
