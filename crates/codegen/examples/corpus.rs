//! Generates clients from every OpenAPI document below a directory and prints a table. It has the
//! operations, those that are left out, the notes and the time. With `--check`, it also says if the
//! code compiles.
//!
//! `cargo xtask corpus DIRECTORY [--check]` runs it. It writes to a temporary directory only, and
//! exits with 1 if an operation is left out or code does not compile.

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
    let [directory] = &arguments[..] else {
        eprintln!("error: name one directory; usage: cargo xtask corpus DIRECTORY [--check]");
        return ExitCode::from(2);
    };
    match run(Path::new(directory), checks) {
        Ok((table, true)) => {
            print!("{table}");
            ExitCode::SUCCESS
        }
        Ok((table, false)) => {
            print!("{table}");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("error: cannot read {directory}: {error}");
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
fn run(directory: &Path, checks: bool) -> io::Result<(String, bool)> {
    let mut documents = Vec::new();
    collect(directory, &mut documents)?;
    documents.sort();
    let out = tempfile::tempdir()?;
    let mut rows = Vec::new();
    for path in documents {
        eprintln!("{}", path.display());
        let name = path
            .strip_prefix(directory)
            .unwrap_or(&path)
            .display()
            .to_string();
        rows.push(generate(&path, name, checks.then_some(out.path()))?);
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
        let names_version = start.lines().any(|line| {
            let line = line.trim_start_matches(['{', ' ', '\t', '"', '\'']);
            line.starts_with("openapi") || line.starts_with("swagger")
        });
        if names_version || start.contains("\"openapi\":") {
            documents.push(path);
        }
    }
    Ok(())
}

/// Generates one document, and compiles the code below `out` if there is a directory.
fn generate(path: &Path, document: String, out: Option<&Path>) -> io::Result<Row> {
    let start = Instant::now();
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core");
    let generated = Generator::new(path)
        .skip_unsupported(true)
        .core_path(core)
        .generate();
    let time = start.elapsed();
    Ok(match generated {
        Ok(generation) => {
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

/// Compiles the crates of one document. Their dependencies are compiled once.
fn check(generation: &Generation, out: &Path) -> io::Result<Result<(), String>> {
    let workspace = out.join("workspace");
    if workspace.exists() {
        std::fs::remove_dir_all(&workspace)?;
    }
    generation.write_to(&workspace).map_err(io::Error::other)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["check", "--quiet"])
        .current_dir(&workspace)
        .env("CARGO_TARGET_DIR", out.join("target"))
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() && said.trim().is_empty() {
        return Ok(Ok(()));
    }
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
