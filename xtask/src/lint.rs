//! `cargo xtask lint`: its arguments, output and exit status.

use std::io::{stderr, stdout};
use std::path::{Path, PathBuf};

use clap::Args;
use scorekit_codegen::lint::report;
use scorekit_codegen::progress::shown;
use scorekit_codegen::{Generator, Severity};

use crate::output::{FAILURE, Format, SUCCESS, UNUSABLE, failed, print, takes_colours};

/// The arguments of the command.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The document to check [default: spec/openapi.yaml of the workspace]
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,
    /// The directory below which the document may refer to files [default: that of the document]
    #[arg(long, value_name = "DIRECTORY", requires = "spec")]
    spec_root: Option<PathBuf>,
    /// Format of the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Exit with 1 on warnings too
    #[arg(long)]
    deny_warnings: bool,
    /// Print the table of rules in docs/lint.md and check nothing
    #[arg(long)]
    rules: bool,
}

/// Checks the document of the workspace at `root`, or the one that the options name.
pub(crate) fn run(root: &Path, options: &Options) -> u8 {
    if options.rules {
        print(&report::table());
        return SUCCESS;
    }
    let generator = match &options.spec {
        Some(spec) => {
            let directory = options.spec_root.iter();
            directory.fold(Generator::new(spec), Generator::spec_root)
        }
        None => Generator::for_workspace(root),
    };
    let (findings, usable) = match generator.progress(shown()).lint() {
        Ok(findings) => (findings, true),
        Err(errors) => (errors.0, false),
    };
    match options.format {
        Format::Text if usable => print(&report::text(&findings, takes_colours(&stdout()))),
        Format::Text => eprintln!("{}", report::text(&findings, takes_colours(&stderr()))),
        Format::Json => match report::json(&findings) {
            Ok(json) => print(&json),
            Err(error) => return failed(&format!("cannot write the findings: {error}")),
        },
    }
    let has = |severity| report::count(&findings, severity) > 0;
    match usable {
        false => UNUSABLE,
        true if has(Severity::Error) => FAILURE,
        true if options.deny_warnings && has(Severity::Warning) => FAILURE,
        true => SUCCESS,
    }
}
