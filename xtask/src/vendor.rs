//! `cargo xtask vendor`: its arguments, output and exit statuses.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use scorekit_codegen::Diagnostics;
use scorekit_codegen::diff::{Prose, render};
use scorekit_codegen::progress::shown;
use scorekit_codegen::vendor::{self, Source, report};

use crate::diff::Format;
use crate::generate::generate;
use crate::output::{SUCCESS, print, takes_colours, unusable};

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Compare our document with the vendor's, and report the effects of taking it over
    Diff {
        #[command(flatten)]
        document: Document,
        /// Show `descriptions` or `examples` that differ, too
        #[arg(long, value_name = "PROSE", value_delimiter = ',')]
        prose: Vec<Prose>,
        /// Format of the report
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Take the vendor's changes over into spec/, and generate
    Update(Document),
    /// Write the facts about the vendor's API from its document
    Record {
        /// The vendor's document
        file: PathBuf,
        /// The date of the document
        #[arg(long)]
        date: String,
        /// The version of the document [default: the one in it]
        #[arg(long)]
        version: Option<String>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Document {
    /// The vendor's document
    file: PathBuf,
    /// Only the facts that begin so, such as `Case.status` or `ListCases`
    #[arg(long, value_name = "FACT", value_delimiter = ',')]
    only: Vec<String>,
}

/// Runs the task in the workspace at `root`.
pub(crate) fn run(root: &Path, task: Task) -> u8 {
    try_run(root, task).unwrap_or_else(|diagnostics| unusable(&diagnostics))
}

fn try_run(root: &Path, task: Task) -> Result<u8, Diagnostics> {
    let status = match task {
        Task::Diff {
            document: Document { file, only },
            prose,
            format,
        } => {
            let found = vendor::diff_with_prose(root, &file, &only, &prose, shown())?;
            print(&match format {
                Format::Text => report::text(&found, takes_colours(&std::io::stdout())),
                Format::Markdown => report::markdown(&found),
                Format::Json => render::json(&found),
            });
            u8::from(found.has_findings())
        }
        Task::Update(document) => {
            let updated = vendor::update(root, &document.file, &document.only)?;
            let generated = match updated.files.is_empty() {
                true => SUCCESS,
                false => generate(root, None, false),
            };
            eprint!("{}", updated.summary());
            generated.max(u8::from(!updated.by_hand.is_empty()))
        }
        Task::Record {
            file,
            date,
            version,
        } => {
            let [new, removed] = vendor::record(root, &file, &Source { version, date })?;
            println!("{new} new facts, {removed} removed");
            SUCCESS
        }
    };
    Ok(status)
}
