//! A report for people: as text, as Markdown, and as an entry of the changelog.

use std::fmt::Write as _;

use super::api::Effect;
use super::change::Change;
use super::report::{CrateReport, Report};
use super::semver::Step;
use crate::document::diagnostic::counted;

/// The colours of a terminal.
struct Palette {
    bold: &'static str,
    red: &'static str,
    yellow: &'static str,
    dim: &'static str,
    reset: &'static str,
}

const COLOURS: Palette = Palette {
    bold: "\u{1b}[1m",
    red: "\u{1b}[31m",
    yellow: "\u{1b}[33m",
    dim: "\u{1b}[2m",
    reset: "\u{1b}[0m",
};
const PLAIN: Palette = Palette {
    bold: "",
    red: "",
    yellow: "",
    dim: "",
    reset: "",
};
/// How many promises of one change are shown; the rest is counted.
const SHOWN: usize = 6;

/// The report as text, in colours if they are wanted.
pub fn text(report: &Report, coloured: bool) -> String {
    let palette = if coloured { &COLOURS } else { &PLAIN };
    let Palette {
        bold, dim, reset, ..
    } = palette;
    let mut text = format!("{bold}{} -> {}{reset}\n", report.base, report.document);
    for krate in &report.crates {
        let _ = writeln!(text, "\n{bold}{}{reset}", krate.name);
        for group in groups(krate) {
            let change = group.first;
            let _ = writeln!(
                text,
                "  {} {}: {}",
                mark(change, palette),
                group.subjects(),
                change.what
            );
            if let Some(place) = &change.place {
                let _ = writeln!(text, "      {dim}{place}{reset}");
            }
            let _ = writeln!(text, "      wire: {}, {}", wire(change), change.wire.why);
            let _ = writeln!(
                text,
                "      Rust: {}, {}",
                rust(change.rust.effect),
                change.rust.why
            );
            let worst = change.rust.effect;
            let others = change.rust.changes.iter();
            let others: Vec<_> = others
                .filter(|other| other.effect == worst && other.why != change.rust.why)
                .collect();
            if worst > Effect::Compatible {
                for other in others.iter().take(SHOWN) {
                    let _ = writeln!(text, "            {}", other.why);
                }
                if others.len() > SHOWN {
                    let _ = writeln!(text, "            and {} more", others.len() - SHOWN);
                }
            }
        }
        if !krate.consequences.is_empty() {
            let _ = writeln!(text, "  follows from the changes together:");
            for change in &krate.consequences {
                let _ = writeln!(text, "      Rust: {}, {}", rust(change.effect), change.why);
            }
        }
    }
    if report.crates.is_empty() {
        text.push_str("\nno domain crate differs\n");
    }
    if !report.versions.is_empty() {
        let _ = writeln!(text, "\n{bold}versions{reset}");
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
            "  they share one version: {} -> {}",
            report.version.current, report.version.next
        );
    }
    if !report.changelog.is_empty() {
        let _ = write!(
            text,
            "\n{bold}for CHANGELOG.md{reset}\n\n{}",
            report.changelog
        );
    }
    let _ = writeln!(text, "\n{}", summary(report));
    text
}

/// The report as Markdown, with a table per crate.
pub fn markdown(report: &Report) -> String {
    let mut text = format!(
        "## {} → {}\n\n{}\n",
        report.base,
        report.document,
        summary(report)
    );
    for krate in &report.crates {
        let _ = write!(
            text,
            "\n### `{}`\n\n| change | wire | Rust API |\n| --- | --- | --- |\n",
            krate.name
        );
        for group in groups(krate) {
            let change = group.first;
            let cells = [
                format!("{}: {}", group.subjects(), change.what),
                format!("{}: {}", wire(change), change.wire.why),
                format!("{}: {}", rust(change.rust.effect), change.rust.why),
            ];
            let _ = writeln!(
                text,
                "| {} |",
                cells
                    .map(|cell| cell.replace('|', "\\|").replace('\n', " "))
                    .join(" | ")
            );
        }
        for change in &krate.consequences {
            let why = change.why.replace('|', "\\|");
            let _ = writeln!(
                text,
                "| the changes together | | {}: {why} |",
                rust(change.effect)
            );
        }
    }
    if !report.versions.is_empty() {
        text.push_str(
            "\n### Versions\n\n| crate | now | next | why |\n| --- | --- | --- | --- |\n",
        );
        for advice in &report.versions {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} ({}) | {} |",
                advice.name,
                advice.current,
                advice.next,
                step(advice.step),
                advice.why.replace('|', "\\|")
            );
        }
        let _ = writeln!(
            text,
            "\nThe crates share one version: {} → {}.",
            report.version.current, report.version.next
        );
    }
    if !report.changelog.is_empty() {
        let _ = write!(
            text,
            "\n### Changelog\n\n```markdown\n{}```\n",
            report.changelog
        );
    }
    text
}

/// The sections of an entry in the form of Keep a Changelog, breaking changes first in each.
pub(super) fn changelog(crates: &[CrateReport]) -> String {
    let mut text = String::new();
    for section in ["Added", "Changed", "Deprecated", "Removed"] {
        let mut lines = Vec::new();
        for krate in crates {
            for group in groups(krate) {
                let change = group.first;
                if is_quiet(change) || self::section(change) != section {
                    continue;
                }
                let breaks = change.rust.effect > Effect::Compatible || change.wire.breaks;
                let mut line = String::from("- ");
                if breaks {
                    line.push_str("**Breaking**: ");
                }
                let _ = write!(
                    line,
                    "`{}`: {} {}.",
                    krate.name,
                    group.subjects(),
                    change.what
                );
                match change.rust.effect {
                    Effect::Compatible => {}
                    _ => {
                        let _ = write!(line, " In Rust, {}.", change.rust.why);
                    }
                }
                if change.wire.breaks {
                    let _ = write!(line, " On the wire, {}.", change.wire.why);
                }
                lines.push((!breaks, line));
            }
        }
        lines.sort_by_key(|(is_harmless, _)| *is_harmless);
        if !lines.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            let _ = writeln!(text, "### {section}\n");
            for (_, line) in lines {
                text.push_str(&line);
                text.push('\n');
            }
        }
    }
    text
}

/// The section of the changelog.
fn section(change: &Change) -> &'static str {
    match change.kind {
        "deprecated" => "Deprecated",
        kind if kind.ends_with("-added") => "Added",
        kind if kind.ends_with("-removed") => "Removed",
        _ => "Changed",
    }
}

/// What no user of the crates notices.
fn is_quiet(change: &Change) -> bool {
    let harmless = change.rust.effect == Effect::Compatible && !change.wire.breaks;
    harmless
        && matches!(
            change.kind,
            "description-changed"
                | "example-changed"
                | "fields-moved"
                | "schema-added"
                | "schema-removed"
                | "scheme-added"
                | "scheme-removed"
                | "path-parameter-renamed"
        )
}

/// Changes that say the same of several things.
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

/// The changes of a crate, the worst first, and those together that say the same.
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

fn mark(change: &Change, palette: &Palette) -> String {
    let Palette {
        red,
        yellow,
        dim,
        reset,
        ..
    } = palette;
    let (colour, word) = match (change.rust.effect, change.wire.breaks) {
        (Effect::Breaks, true) => (red, "breaks both"),
        (Effect::Breaks, false) => (red, "breaks Rust"),
        (Effect::Silent, true) => (red, "breaks wire, alters Rust"),
        (Effect::Silent, false) => (yellow, "alters Rust"),
        (Effect::Compatible, true) => (yellow, "breaks wire"),
        (Effect::Compatible, false) => (dim, "fine"),
    };
    format!("{colour}[{word}]{reset}")
}

fn wire(change: &Change) -> &'static str {
    if change.wire.breaks { "breaks" } else { "fine" }
}

fn rust(effect: Effect) -> &'static str {
    match effect {
        Effect::Compatible => "fine",
        Effect::Silent => "compiles, but means something else",
        Effect::Breaks => "breaks",
    }
}

fn step(step: Step) -> &'static str {
    match step {
        Step::None => "no release",
        Step::Fix => "fix",
        Step::Addition => "addition",
        Step::Breaking => "breaking",
    }
}

fn summary(report: &Report) -> String {
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
        "{} in {}; of these break the wire: {wire}, the Rust API: {}",
        counted(all, "change"),
        counted(report.crates.len(), "crate"),
        rust + further
    )
}
