//! The command line: what `cargo xtask …` takes, prints and returns.
//!
//! Results go to standard output, everything else to standard error, and colours to a terminal alone. Exit codes: 0 all is
//! well, 1 there are findings or something is stale, 2 the command or the document cannot be used.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};

use scorekit_codegen::document::diagnostic::{Diagnostics, counted};
use scorekit_codegen::generate::cache::Cache;
use scorekit_codegen::generate::{self, Generated, Options, write};

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
        foreign: Foreign,
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
struct Foreign {
    /// The root file of another document, YAML or JSON
    #[arg(long, value_name = "FILE", requires = "out")]
    spec: Option<PathBuf>,
    /// The folder for the workspace with its crates, one per tag
    #[arg(long, value_name = "FOLDER", requires = "spec")]
    out: Option<PathBuf>,
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
        if std::thread::current().name() != Some(generate::parallel::THREAD) {
            report_panic(panic);
        }
    }));
    ExitCode::from(run(arguments))
}

fn run(arguments: Arguments) -> u8 {
    let root = arguments.root.unwrap_or_else(workspace_root);
    match arguments.task {
        Task::Generate { check, foreign } => match &foreign {
            Foreign {
                spec: Some(spec),
                out: Some(out),
                ..
            } => generate_foreign(&root, spec, out, &foreign, check),
            _ => generate(&root, check),
        },
        Task::Lint(options) => lint::run(&root, &options),
        Task::Diff { base, spec, format } => diff::run(&root, &base, spec.as_deref(), format),
        Task::Review { base } => match generate(&root, false) {
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

fn generate(root: &Path, check: bool) -> u8 {
    let start = Instant::now();
    let (generated, changes) = match changes(root) {
        Ok(changes) => changes,
        Err(code) => return code,
    };
    write(root, &generated, &changes, check, start)
}

fn generate_foreign(root: &Path, spec: &Path, out: &Path, foreign: &Foreign, check: bool) -> u8 {
    let start = Instant::now();
    let (out, core) = match (absolute(out), absolute(&root.join("crates/core"))) {
        (Ok(out), Ok(core)) => (out, core),
        (Err(error), _) | (_, Err(error)) => return failed("cannot tell where to write", &error),
    };
    let cache = Cache::of(&out);
    let options = Options {
        completes: true,
        only: foreign.only.clone(),
        skips_unsupported: foreign.skip_unsupported,
        cache: Some(cache.clone()),
        progress: shown(),
    };
    let base = spec.parent().unwrap_or(Path::new(""));
    let planned = generate::generate_with(spec, base, &options).and_then(|generated| {
        let plan = generate::standalone::plan(&out, &core, &generated)?;
        Ok((generated, plan))
    });
    let (generated, plan) = match planned {
        Ok(planned) => planned,
        Err(diagnostics) => {
            drop(options);
            return unusable(&diagnostics);
        }
    };
    let changes = plan.changes(&out);
    // What has been drawn is gone before anything is printed.
    drop(options);
    for operation in &generated.left_out {
        eprintln!("left out: {}", operation.operation);
        for reason in &operation.reasons {
            eprintln!("{}\n", reason.render(takes_colours(&std::io::stderr())));
        }
    }
    let changes = match changes {
        Ok(changes) => changes,
        Err(error) => {
            return failed(
                "cannot compare the generated files with those on disk",
                &error,
            );
        }
    };
    let code = write(&out, &generated, &changes, check, start);
    if code == SUCCESS
        && !check
        && let Err(error) = cache.keep(&generated.crates)
    {
        eprintln!("warning: the next run will not be faster, for nothing could be kept: {error}");
    }
    // The process ends here, and with it everything it holds: no need to take a large tree apart, piece by piece.
    std::mem::forget((generated, plan, changes));
    code
}

/// The path from the root of the file system, without `.` and `..`, whether or not anything is there.
fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    let mut missing = Vec::new();
    let mut known = std::path::absolute(path)?;
    loop {
        match known.canonicalize() {
            Ok(found) => {
                return Ok(missing
                    .iter()
                    .rev()
                    .fold(found, |path: PathBuf, name| path.join(name)));
            }
            Err(error) => {
                let Some(name) = known.file_name().map(ToOwned::to_owned) else {
                    return Err(error);
                };
                missing.push(name);
                known.pop();
            }
        }
    }
}

/// Writes what differs, or says so.
fn write(
    root: &Path,
    generated: &Generated,
    changes: &[write::Change],
    check: bool,
    start: Instant,
) -> u8 {
    // In a line each: some documents list three media types for every answer.
    for note in &generated.notes {
        let place = note.location.as_ref().map(ToString::to_string);
        let place = place.unwrap_or_default();
        eprintln!("not generated: {place}: {}; {}", note.message, note.help);
    }
    if check {
        if changes.is_empty() {
            return SUCCESS;
        }
        print(&write::unified_diff(changes));
        let files = counted(changes.len(), "stale file");
        let how = if generated.is_own {
            "run `cargo xtask generate` and commit what it changes"
        } else {
            "run the same command without `--check`"
        };
        eprintln!("{files}: {how}");
        return FAILURE;
    }
    if let Err(error) = write::apply(root, changes) {
        return failed("cannot write the generated files", &error);
    }
    print(&report(generated, changes, start));
    SUCCESS
}

fn bundle(root: &Path, out: &Path) -> u8 {
    let text = match generate::bundle(root) {
        Ok(text) => text,
        Err(diagnostics) => return unusable(&diagnostics),
    };
    if out == Path::new("-") {
        print(&text);
        return SUCCESS;
    }
    if let Err(error) = std::fs::write(out, text) {
        return failed(&format!("cannot write {}", out.display()), &error);
    }
    println!("wrote {}", out.display());
    SUCCESS
}

/// Whether the generated code is current; says so if it is not.
fn stale(root: &Path) -> u8 {
    match changes(root) {
        Ok((_, changes)) if changes.is_empty() => SUCCESS,
        Ok((_, changes)) => {
            for change in &changes {
                eprintln!("stale: {}", change.path.display());
            }
            eprintln!(
                "the generated code is not what the document says: run `cargo xtask generate`"
            );
            FAILURE
        }
        Err(code) => code,
    }
}

/// What the document makes of the workspace, and how that differs from what is there; or the code to exit with.
fn changes(root: &Path) -> Result<(Generated, Vec<write::Change>), u8> {
    let options = Options {
        progress: shown(),
        ..Options::default()
    };
    let planned = generate::plan_with(root, &options).map(|(generated, plan)| {
        options.progress.begin("comparing with the files on disk");
        (generated, plan.changes(root))
    });
    // What has been drawn is gone before anything is printed.
    drop(options);
    let (generated, changes) = planned.map_err(|diagnostics| unusable(&diagnostics))?;
    let changes = changes.map_err(|error| {
        failed(
            "cannot compare the generated files with those on disk",
            &error,
        )
    })?;
    Ok((generated, changes))
}

fn report(generated: &Generated, changes: &[write::Change], start: Instant) -> String {
    let mut text = String::new();
    let mut listed = 0;
    for (domain, sources) in &generated.crates {
        let folder = Path::new("crates").join(&domain.tag);
        let changed = changes
            .iter()
            .filter(|change| change.path.starts_with(&folder))
            .count();
        let lines: usize = sources
            .files
            .values()
            .map(|text| text.lines().count())
            .sum();
        listed += changed;
        let name = generated.crate_name(&domain.tag);
        let (operations, types) = (sources.operations, sources.types);
        let _ = writeln!(
            text,
            "{name:<22} {operations:>3} operations {types:>4} types {lines:>6} lines {changed:>3} files changed"
        );
    }
    for change in changes.iter().filter(|change| change.after.is_none()) {
        let _ = writeln!(text, "removed {}", change.path.display());
    }
    let crates = counted(generated.crates.len(), "crate");
    let others = counted(changes.len() - listed, "other file");
    let seconds = start.elapsed().as_secs_f64();
    let _ = writeln!(
        text,
        "generated {crates} in {seconds:.2} s, {others} changed"
    );
    text
}

fn unusable(diagnostics: &Diagnostics) -> u8 {
    eprintln!("{}", diagnostics.render(takes_colours(&std::io::stderr())));
    if diagnostics.are_findings() {
        FAILURE
    } else {
        UNUSABLE
    }
}

fn failed(what: &str, error: &dyn std::error::Error) -> u8 {
    eprintln!("error: {what}: {error}");
    UNUSABLE
}
