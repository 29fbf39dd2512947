//! Generates clients from OpenAPI documents and prints a table. It has the operations, those that
//! are left out, the notes and the time. With `--check`, it also says if the code compiles.
//!
//! `cargo xtask corpus PATH... [--check]` runs it. A path is a document, or a directory with
//! documents, which may refer to files anywhere below it. The reasons for what is left out and the
//! compiler's messages are on standard error. It writes to a temporary directory and to
//! `target/corpus`, and exits with 1 if an operation is left out or code does not compile.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use scorekit_codegen::{Generation, Generator};

/// The number of bytes in which a document names its version.
const START: usize = 20_000;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let checks = arguments.iter().any(|argument| argument == "--check");
    arguments.retain(|argument| argument != "--check");
    if arguments.is_empty() {
        eprintln!("error: name a path; usage: cargo xtask corpus PATH... [--check]");
        return ExitCode::from(2);
    }
    let paths: Vec<&Path> = arguments.iter().map(Path::new).collect();
    match run(&paths, checks) {
        Ok((table, true)) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Ok((table, false)) => {
            print!("{table}");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("error: cannot read the documents: {error}; name files or directories");
            ExitCode::from(2)
        }
    }
}

/// The result for one document.
struct Row {
    document: String,
    operations: usize,
    left_out: usize,
    notes: usize,
    time: Duration,
    /// The outcome of the compiler, or the reason why nothing was generated.
    remark: String,
    is_whole: bool,
}

/// Returns the table, and true if every document is whole.
fn run(paths: &[&Path], checks: bool) -> io::Result<(String, bool)> {
    let out = tempfile::tempdir()?;
    let mut rows = Vec::new();
    for given in paths {
        let is_directory = given.is_dir();
        let mut documents = Vec::new();
        if is_directory {
            collect(given, &mut documents)?;
            documents.sort();
        } else {
            documents.push(given.to_path_buf());
        }
        for path in documents {
            eprintln!("{}", path.display());
            let generator = Generator::new(&path);
            let (generator, name) = if is_directory {
                (generator.spec_root(*given), path.strip_prefix(given))
            } else {
                (generator, Ok(path.as_path()))
            };
            let name = name.unwrap_or(&path).display().to_string();
            rows.push(generate(generator, name, checks.then_some(out.path()))?);
        }
    }
    Ok((table(&rows), rows.iter().all(|row| row.is_whole)))
}

/// Collects the files that begin like a document.
fn collect(directory: &Path, documents: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(&path, documents)?;
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !matches!(extension, Some("yaml" | "yml" | "json")) {
            continue;
        }
        let text = std::fs::read(&path)?;
        let start = String::from_utf8_lossy(text.get(..START).unwrap_or(&text)).into_owned();
        if names_version(&start) {
            documents.push(path);
        }
    }
    Ok(())
}

/// Returns true if a text has a key `openapi` or `swagger` whose value is a version.
fn names_version(text: &str) -> bool {
    let is_mark = |c: char| c.is_whitespace() || c == '"' || c == '\'';
    ["openapi", "swagger"].iter().any(|key| {
        text.split(key).skip(1).any(|rest| {
            let value = rest.trim_start_matches(is_mark).strip_prefix(':');
            value.is_some_and(|value| {
                let mut value = value.trim_start_matches(is_mark).chars();
                value.next().is_some_and(|first| first.is_ascii_digit())
            })
        })
    })
}

/// Generates one document, and compiles the code below `out` if there is a directory.
fn generate(generator: Generator, document: String, out: Option<&Path>) -> io::Result<Row> {
    let start = Instant::now();
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core");
    let generated = generator.skip_unsupported(true).core_path(core).generate();
    let time = start.elapsed();
    Ok(match generated {
        Ok(generation) => {
            for left_out in generation.left_out() {
                let reasons = left_out.reasons.iter().map(ToString::to_string);
                let reasons = reasons.collect::<Vec<_>>().join("; ");
                eprintln!("  left out: {}: {reasons}", left_out.operation);
            }
            let verdict = match out {
                Some(out) => check(&generation, out)?,
                None => Ok(()),
            };
            let left_out = generation.left_out().len();
            Row {
                document,
                operations: generation.crates().map(|krate| krate.operations).sum(),
                left_out,
                notes: generation.notes().len(),
                time,
                is_whole: left_out == 0 && verdict.is_ok(),
                remark: match (verdict, out) {
                    (Err(reason), _) => reason,
                    (Ok(()), Some(_)) => "compiles".to_owned(),
                    (Ok(()), None) => String::new(),
                },
            }
        }
        Err(diagnostics) => Row {
            document,
            operations: 0,
            left_out: diagnostics.0.len(),
            notes: 0,
            time,
            remark: diagnostics
                .0
                .first()
                .map(|first| first.message.clone())
                .unwrap_or_default(),
            is_whole: false,
        },
    })
}

/// Compiles the crates of one document.
fn check(generation: &Generation, out: &Path) -> io::Result<Result<(), String>> {
    let workspace = out.join("workspace");
    if workspace.exists() {
        std::fs::remove_dir_all(&workspace)?;
    }
    generation.write_to(&workspace).map_err(io::Error::other)?;
    // Dependencies are compiled once, for all runs.
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/corpus");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["check", "--quiet"])
        .current_dir(&workspace)
        .env("CARGO_TARGET_DIR", target)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() && said.trim().is_empty() {
        return Ok(Ok(()));
    }
    eprintln!("{said}");
    let problem = said
        .lines()
        .find(|line| line.starts_with("error") || line.starts_with("warning"));
    Ok(Err(problem.unwrap_or("cargo check failed").to_owned()))
}

/// Returns the rows as a Markdown table, with the sums.
fn table(rows: &[Row]) -> String {
    let mut table = "| document | operations | left out | notes | seconds | remark |\n\
                     | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for row in rows {
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {:.2} | {} |",
            row.document,
            row.operations,
            row.left_out,
            row.notes,
            row.time.as_secs_f64(),
            row.remark
        );
    }
    let whole = rows.iter().filter(|row| row.is_whole).count();
    let sum = |count: fn(&Row) -> usize| rows.iter().map(count).sum::<usize>();
    let _ = writeln!(
        table,
        "\n{whole} of {} documents are whole: {} operations are generated, {} are left out",
        rows.len(),
        sum(|row| row.operations),
        sum(|row| row.left_out)
    );
    table
}
