//! The command line: what `cargo xtask …` takes, prints and returns.
//!
//! Results go to standard output, everything else to standard error, and colours to a terminal alone. Exit codes: 0 all is
//! well, 1 there are findings or something is stale, 2 the command or the document cannot be used.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};

use scorekit_codegen::{
    Changes, Diagnostics, Generation, Generator, OutputError, WORKER_THREAD, counted,
};

use crate::bench::{self, Benchmark};
use crate::exit::{FAILURE, SUCCESS, UNUSABLE};
use crate::output::{print, takes_colours};
use crate::progress::shown;
use crate::{ci, demo, diff, lint, review, soak};

const EXIT_CODES: &str = "\
Exit codes:
  0  all is well
  1  there are findings: something is stale, breaks somebody, or is wrong by a rule, a limit or a test
  2  misuse, a document that cannot be used, a file that cannot be read or written, or a program that does not build";

/// Developer tasks of the scorekit workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
    /// The workspace to work on [default: the one this command was built from]
    #[arg(long, global = true, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Generate the client crates from spec/openapi.yaml, or a workspace from any OpenAPI 3.0 document
    Generate {
        /// Write nothing; print what is stale as a unified diff and exit with 1 if anything is
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        external: Option<ExternalDocument>,
    },
    /// Look for what a valid document can still do wrong, by the rules of docs/lint.md
    Lint(lint::Options),
    /// Compare two versions of the document: what breaks the wire, what the Rust API, which versions that needs
    Diff {
        /// The old document: its root file, or a git revision whose spec/ is read
        #[arg(long, value_name = "REVISION|FILE")]
        base: String,
        /// The new document's root file [default: the workspace's]
        #[arg(long, value_name = "FILE")]
        spec: Option<PathBuf>,
        /// How to write the report
        #[arg(long, value_enum, default_value_t = diff::Format::Text)]
        format: diff::Format,
    },
    /// Generate, compare with the last commit, and look through the snapshots that differ
    Review {
        /// The old document: a git revision whose spec/ is read, or its root file
        #[arg(long, value_name = "REVISION|FILE", default_value = "HEAD")]
        base: String,
    },
    /// Write the document as one JSON file without references to other files
    Bundle {
        /// Where to; `-` is standard output
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Measure what the clients cost beside code written by hand, as ratios of one run
    Bench {
        /// What to measure
        #[arg(value_enum, default_values = ["calls", "decode", "instructions", "push", "prefetch", "compile"])]
        benchmarks: Vec<Benchmark>,
    },
    /// Run the gate, or its fast steps, and print what each step took
    Ci(ci::Options),
    /// Walk through all four domains with the facade against the embedded sandbox
    Demo,
    /// Make minutes of mixed calls against a sandbox that fails, and see that nothing is lost; `--help` says more
    #[command(disable_help_flag = true)]
    Soak {
        /// What the soak itself takes
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
}

/// A document that is not the workspace's own.
#[derive(Debug, Args)]
struct ExternalDocument {
    /// The root file of another document, YAML or JSON
    #[arg(long, value_name = "FILE", requires = "out", required = false)]
    spec: PathBuf,
    /// The folder for the workspace with its crates, one per tag
    #[arg(long, value_name = "FOLDER", requires = "spec", required = false)]
    out: PathBuf,
    /// Only the operations with these tags
    #[arg(long, value_name = "TAG", value_delimiter = ',', requires = "spec")]
    only: Vec<String>,
    /// Leave out the operations that cannot be generated, and list them
    #[arg(long, requires = "spec")]
    skip_unsupported: bool,
}

/// Runs the command line of this process.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report_panic = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // What stops a worker is reported with the place in the document.
        if std::thread::current().name() != Some(WORKER_THREAD) {
            report_panic(panic);
        }
    }));
    ExitCode::from(run(arguments))
}

fn run(arguments: Arguments) -> u8 {
    let root = arguments.root.unwrap_or_else(workspace_root);
    match arguments.task {
        Task::Generate { check, external } => generate(&root, external, check),
        Task::Lint(options) => lint::run(&root, &options),
        Task::Diff { base, spec, format } => diff::run(&root, &base, spec.as_deref(), format),
        Task::Review { base } => match generate(&root, None, false) {
            SUCCESS => review::run(&root, &base),
            code => code,
        },
        Task::Bundle { out } => bundle(&root, &out),
        Task::Bench { benchmarks } => bench::run(&root, &benchmarks),
        Task::Ci(options) => ci::run(&root, &options),
        Task::Demo => match stale(&root) {
            SUCCESS => demo::run(&root),
            code => code,
        },
        Task::Soak { options } => soak::run(&root, &options),
    }
}

/// The folder above this package: cargo names the package's when it runs it, and named it when it built it.
fn workspace_root() -> PathBuf {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(package)
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Generates from the workspace's document, or from the external one.
fn generate(root: &Path, external: Option<ExternalDocument>, check: bool) -> u8 {
    let start = Instant::now();
    let progress = shown();
    let is_own = external.is_none();
    let (generator, out) = match external {
        None => (Generator::for_workspace(root), root.to_path_buf()),
        Some(external) => {
            let generator = Generator::new(external.spec)
                .only(external.only)
                .skip_unsupported(external.skip_unsupported)
                .core_path(root.join("crates/core"))
                .cache(external.out.join("target/scorekit"));
            (generator, external.out)
        }
    };
    let generation = generator.progress(progress.clone()).generate();
    let outcome = generation.map(|generation| {
        progress.begin("comparing with the files on disk");
        let changes = match check {
            true => generation.check(&out),
            false => generation.write_to(&out),
        };
        (generation, changes)
    });
    // The progress bar has to be gone before anything is printed.
    drop(progress);
    let (generation, changes) = match outcome {
        Ok((_, Err(OutputError::Rejected(diagnostics)))) | Err(diagnostics) => {
            return unusable(&diagnostics);
        }
        Ok(outcome) => outcome,
    };
    list_left_out(&generation);
    let code = match changes {
        Ok(changes) if check => check_changes(&changes, is_own),
        Ok(changes) => {
            print(&generation.summary(&changes, start.elapsed()));
            if let Some(error) = changes.cache_error() {
                eprintln!(
                    "warning: the next run will not be faster: cannot write the cache: {error}"
                );
            }
            SUCCESS
        }
        Err(error) => failed(&error),
    };
    // The process ends here, so a large tree need not be taken apart.
    std::mem::forget(generation);
    code
}

/// Prints which operations, and which parts of operations, are not generated.
fn list_left_out(generation: &Generation) {
    for operation in generation.left_out() {
        eprintln!("left out: {}", operation.operation);
        for reason in &operation.reasons {
            eprintln!("{}\n", reason.render(takes_colours(&std::io::stderr())));
        }
    }
    // In a line each: some documents list three media types for every response.
    for note in generation.notes() {
        eprintln!("not generated: {note}");
    }
}

/// Prints the stale files as a unified diff.
fn check_changes(changes: &Changes, is_own: bool) -> u8 {
    if changes.is_empty() {
        return SUCCESS;
    }
    print(&changes.unified_diff());
    let files = counted(changes.len(), "stale file");
    let how = if is_own {
        "run `cargo xtask generate` and commit what it changes"
    } else {
        "run the same command without `--check`"
    };
    eprintln!("{files}: {how}");
    FAILURE
}

fn bundle(root: &Path, out: &Path) -> u8 {
    let text = match Generator::for_workspace(root).bundle() {
        Ok(text) => text,
        Err(diagnostics) => return unusable(&diagnostics),
    };
    if out == Path::new("-") {
        print(&text);
        return SUCCESS;
    }
    if let Err(error) = std::fs::write(out, text) {
        return failed(&format!("cannot write {}: {error}", out.display()));
    }
    println!("wrote {}", out.display());
    SUCCESS
}

/// Checks that the generated code is up to date, and prints which files are not.
fn stale(root: &Path) -> u8 {
    let progress = shown();
    let generator = Generator::for_workspace(root).progress(progress.clone());
    let changes = generator
        .generate()
        .map(|generation| generation.check(root));
    drop(progress);
    let changes = match changes {
        Ok(Ok(changes)) => changes,
        Ok(Err(OutputError::Rejected(diagnostics))) | Err(diagnostics) => {
            return unusable(&diagnostics);
        }
        Ok(Err(error)) => return failed(&error),
    };
    if changes.is_empty() {
        return SUCCESS;
    }
    for change in changes.iter() {
        eprintln!("stale: {}", change.path.display());
    }
    eprintln!("the generated code is not what the document says: run `cargo xtask generate`");
    FAILURE
}

fn unusable(diagnostics: &Diagnostics) -> u8 {
    eprintln!("{}", diagnostics.render(takes_colours(&std::io::stderr())));
    if diagnostics.are_findings() {
        FAILURE
    } else {
        UNUSABLE
    }
}

fn failed(error: &impl std::fmt::Display) -> u8 {
    eprintln!("error: {error}");
    UNUSABLE
}
