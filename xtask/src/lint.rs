//! What `cargo xtask lint` takes, prints and returns.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{RULES, report};
use crate::cli::{FAILURE, SUCCESS, UNUSABLE, takes_colours};
use crate::diagnostic::{Diagnostic, Severity};
use crate::generate::{DOCUMENT, load};
use crate::progress::Progress;

/// The arguments of the command.
#[derive(Args, Debug)]
pub struct Options {
    /// The document to look at [default: spec/openapi.yaml of the workspace]
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 if there is a warning, too, and not only if there is an error
    #[arg(long)]
    deny_warnings: bool,
    /// Print what is looked for, as the table in docs/lint.md, and look at nothing
    #[arg(long)]
    rules: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Format {
    /// For people: each finding with the line it speaks of
    Text,
    /// For machines: one JSON object, described in docs/lint.md
    Json,
}

/// Looks at the document of the workspace at `root`, or at the one the options name, and gives back the exit code.
pub fn run(root: &Path, options: &Options) -> u8 {
    if options.rules {
        print(&table());
        return SUCCESS;
    }
    let progress = Progress::start();
    progress.expect(2);
    progress.begin("reading the document");
    let loaded = match &options.spec {
        Some(spec) => load::load_with_files(spec, Path::new("")),
        None => load::load_with_files(&root.join(DOCUMENT), root),
    };
    let (findings, usable) = match loaded {
        Ok(loaded) => {
            progress.done();
            progress.begin("looking at the document by each rule");
            (super::lint(&loaded), true)
        }
        Err(errors) => (errors.0, false),
    };
    // What has been drawn is gone before anything is printed.
    drop(progress);
    let shown = match options.format {
        Format::Text if usable => Ok(text(&findings, takes_colours(&std::io::stdout()))),
        Format::Text => {
            eprintln!("{}", text(&findings, takes_colours(&std::io::stderr())));
            return UNUSABLE;
        }
        Format::Json => report::json(&findings),
    };
    match shown {
        Ok(shown) => print(&shown),
        Err(error) => {
            eprintln!("error: cannot write the findings: {error}");
            return UNUSABLE;
        }
    }
    if !usable {
        return UNUSABLE;
    }
    let counts = |severity| report::count(&findings, severity) > 0;
    if counts(Severity::Error) || (options.deny_warnings && counts(Severity::Warning)) {
        FAILURE
    } else {
        SUCCESS
    }
}

/// The findings for people, and how many there are; `color` for a terminal.
pub fn text(findings: &[Diagnostic], color: bool) -> String {
    let mut text = String::new();
    for finding in findings {
        let _ = writeln!(text, "{}\n", finding.render(color));
    }
    let counted = |count: usize, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let errors = counted(report::count(findings, Severity::Error), "error");
    let warnings = counted(report::count(findings, Severity::Warning), "warning");
    let _ = writeln!(text, "{errors} and {warnings} in the document");
    text
}

/// The rules as a table in Markdown.
pub fn table() -> String {
    let mut text =
        String::from("| rule | level | what it finds | what to do |\n| --- | --- | --- | --- |\n");
    for rule in RULES {
        let (id, severity, summary, help) = (rule.id, rule.severity, rule.summary, rule.help);
        let _ = writeln!(text, "| `{id}` | {severity} | {summary} | {help} |");
    }
    text
}

/// Prints to standard output; whoever closes that early has read enough.
fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
