//! The command line: the arguments of `cargo xtask …`.
//!
//! Results go to standard output, everything else to standard error. Only terminals get colours.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use scorekit_codegen::WORKER_THREAD;
use scorekit_codegen::diff::{Prose, Selection};

use crate::bench::{self, Benchmark};
use crate::cargo::{self, cargo};
use crate::generate::{self, ExternalDocument};
use crate::output::SUCCESS;
use crate::{ci, diff, lint, new, release, review, vendor};

const EXIT_STATUSES: &str = "\
Exit statuses:
  0  all is well
  1  findings: something is stale, breaks users, or violates a rule, a limit or a test
  2  misuse, a document that cannot be used, a file that cannot be read or written, or a
     program that does not build";

/// Developer tasks of the scorekit workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXIT_STATUSES)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
    /// The workspace to work on [default: the one this command was built from]
    #[arg(long, global = true, value_name = "DIRECTORY")]
    root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Generate the client crates from spec/openapi.yaml, or a workspace from another document
    Generate {
        /// Write nothing; print what is stale as a unified diff and exit with 1 if anything is
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        external: Option<ExternalDocument>,
    },
    /// Check the document by the rules of docs/lint.md
    Lint(lint::Options),
    /// Compare two versions of the document, and report what breaks the wire or the Rust API
    Diff {
        /// The old document: its root file, or a git revision whose spec/ is read
        #[arg(long, value_name = "REVISION|FILE")]
        base: String,
        /// The new document's root file [default: the workspace's]
        #[arg(long, value_name = "FILE")]
        spec: Option<PathBuf>,
        /// The directory below which documents that are files may refer to files [default: that of
        /// each document]
        #[arg(long, value_name = "DIRECTORY")]
        spec_root: Option<PathBuf>,
        /// Only the operations with these tags; both documents must be files
        #[arg(long, value_name = "TAG", value_delimiter = ',', requires = "spec")]
        only: Vec<String>,
        /// Leave out changes of `descriptions` or `examples`
        #[arg(long, value_name = "PROSE", value_delimiter = ',')]
        ignore: Vec<Prose>,
        /// Format of the report
        #[arg(long, value_enum, default_value_t = diff::Format::Text)]
        format: diff::Format,
    },
    /// Compare our document with the vendor's own one, and take it over
    #[command(subcommand)]
    Vendor(vendor::Task),
    /// Write the skeleton of an operation or a domain, its stubs, and what is left to do
    #[command(subcommand)]
    New(new::Task),
    /// Generate, compare with the last commit, and review the snapshots that differ
    Review {
        /// The old document: a git revision whose spec/ is read, or its root file
        #[arg(long, value_name = "REVISION|FILE", default_value = "HEAD")]
        base: String,
    },
    /// Write the document as one JSON file without references to other files
    Bundle {
        /// The file to write; `-` is standard output
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Measure the cost of the clients, as ratios to code written by hand
    Bench {
        /// Benchmarks to run
        #[arg(value_enum, default_values = bench::DEFAULT.split(' '))]
        benchmarks: Vec<Benchmark>,
    },
    /// Generate from every document below directories, and print what is whole as a table
    Corpus {
        /// Documents or directories, and `--check` to compile what is generated
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        paths: Vec<String>,
    },
    /// Show what a release would do, or raise its version and date its changes
    Release(release::Options),
    /// Run the gate, or its fast steps, and print the time of each step
    Ci(ci::Options),
    /// Walk through all four domains with the facade against the embedded sandbox
    Demo,
    /// Make minutes of mixed calls against a sandbox that fails, and check the result
    #[command(disable_help_flag = true)]
    Soak {
        /// The options of the soak test; `--help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
}

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report_panic = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // A worker that panics is reported as a diagnostic with a place in the document.
        if std::thread::current().name() != Some(WORKER_THREAD) {
            report_panic(panic);
        }
    }));
    ExitCode::from(run(arguments))
}

fn run(arguments: Arguments) -> u8 {
    let root = arguments.root.unwrap_or_else(workspace_root);
    match arguments.task {
        Task::Generate { check, external } => generate::generate(&root, external, check),
        Task::Lint(options) => lint::run(&root, &options),
        Task::Diff {
            base,
            spec,
            spec_root,
            only: tags,
            ignore: ignored,
            format,
        } => {
            let selection = Selection { tags, ignored };
            let (spec, spec_root) = (spec.as_deref(), spec_root.as_deref());
            diff::run(&root, &base, spec, spec_root, &selection, format)
        }
        Task::Review { base } => match generate::generate(&root, None, false) {
            SUCCESS => review::run(&root, &base),
            code => code,
        },
        Task::New(task) => new::run(&root, task),
        Task::Vendor(task) => vendor::run(&root, task),
        Task::Bundle { out } => generate::bundle(&root, &out),
        Task::Bench { benchmarks } => bench::run(&root, &benchmarks),
        Task::Corpus { paths } => run_program(&root, "--example corpus --", paths),
        Task::Release(options) => release::run(&root, &options),
        Task::Ci(options) => ci::run(&root, &options),
        Task::Demo => match generate::generate(&root, None, true) {
            SUCCESS => run_program(&root, "--example demo", Vec::new()),
            code => code,
        },
        Task::Soak { options } => run_program(&root, "--bin scorekit-endurance --", options),
    }
}

/// Runs a program of a package by cargo: xtask has to build even when the generated code does not.
fn run_program(root: &Path, program: &str, options: Vec<String>) -> u8 {
    let program = program.split(' ');
    cargo::run(cargo(root).arg("run").args(program).args(options))
}

/// Returns the directory above this package, which cargo names at run time and named at build time.
fn workspace_root() -> PathBuf {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let mut root = PathBuf::from(package);
    root.pop();
    root
}
