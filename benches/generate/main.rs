//! The cost of generating from a document as large as the vendor's whole API, and from one of 10
//! times that size. It is the time, processor time and memory of an optimized `cargo xtask generate
//! --spec`. It also measures a rerun after a change of one schema. `docs/benchmarks.md` explains
//! the figures.
//!
//! `document FILE COPIES PER_TAG` writes such a document, for other tools. The exit code is 1 if a
//! limit is missed.

#![forbid(unsafe_code)]

mod document;
mod resource;
mod schemas;
mod size;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Instant, SystemTime};

use nix::sys::resource::{UsageWho, getrusage};
use scorekit_benches::{child, cpu_time};

use self::document::document;
use self::size::Size;

/// The argument that makes this program run one command and print its cost.
const MEASURE: &str = "measure";

/// The measurements of each size, of which the median counts.
const ROUNDS: usize = 3;

/// The sizes. The vendor's API comes first, because the others are compared with it.
const SIZES: [Size; 4] = [
    Size::ONE,
    Size {
        copies: 3,
        per_tag: 1,
    },
    Size {
        copies: 10,
        per_tag: 1,
    },
    Size {
        copies: 1,
        per_tag: 10,
    },
];

/// In milliseconds, for the vendor's API.
const MAX_TIME: u64 = 3_000;
/// In megabytes, for the vendor's API.
const MAX_MEMORY: u64 = 250;
/// In milliseconds, for a rerun with one changed schema of the vendor's API.
const MAX_RERUN_TIME: u64 = 1_000;
/// The cost per operation, relative to that of the vendor's API.
const MAX_GROWTH: f64 = 1.2;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo adds arguments of its own.
    arguments.retain(|argument| !argument.starts_with("--"));
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [MEASURE, program, spec, out] => measure(program, spec, out),
        ["document", file, copies, per_tag] => write_document(file, copies, per_tag),
        _ => run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

fn write_document(file: &str, copies: &str, per_tag: &str) -> Result<ExitCode, Box<dyn Error>> {
    let size = Size {
        copies: copies.parse()?,
        per_tag: per_tag.parse()?,
    };
    std::fs::write(file, document(size, false)?)?;
    Ok(ExitCode::SUCCESS)
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let generator = generator()?;
    let mut rows: Vec<Row> = Vec::new();
    println!(
        "| operations | schemas | tags | time | CPU time | memory | CPU time per operation | \
         memory per operation | rerun | CPU time | files rewritten |\n\
         | --- | --- | --- | --- | --- | --- \
         | --- | --- | --- | --- | --- |"
    );
    for size in SIZES {
        let row = Row::new(&generator, size)?;
        let first = rows.first().unwrap_or(&row);
        let (time, memory) = row.growth(first);
        println!(
            "| {} | {} | {} | {:.2} s | {:.2} s | {} MB | {time:.2} | {memory:.2} | {:.2} s | \
             {:.2} s | {} |",
            size.operations(),
            size.schemas(),
            size.tags(),
            seconds(row.whole.time),
            seconds(row.whole.cpu_time),
            row.whole.peak,
            seconds(row.rerun.time),
            seconds(row.rerun.cpu_time),
            row.rewritten.len(),
        );
        rows.push(row);
    }
    let Some(first) = rows.first() else {
        return Ok(ExitCode::FAILURE);
    };
    println!(
        "\nRewritten after the change: {}\n",
        first.rewritten.join(", ")
    );
    let growths = rows.iter().map(|row| row.growth(first));
    let growth = growths.fold(0.0_f64, |most, (time, memory)| most.max(time).max(memory));
    let kept = [
        (
            format!("at most {MAX_TIME} ms"),
            first.whole.time <= MAX_TIME,
        ),
        (
            format!("at most {MAX_MEMORY} MB"),
            first.whole.peak <= MAX_MEMORY,
        ),
        (
            format!("a rerun in at most {MAX_RERUN_TIME} ms"),
            first.rerun.time <= MAX_RERUN_TIME,
        ),
        (
            format!("at most {MAX_GROWTH} times as much per operation"),
            growth <= MAX_GROWTH,
        ),
    ];
    println!("| limit | |\n| --- | --- |");
    for (limit, is_kept) in &kept {
        println!("| {limit} | {} |", if *is_kept { "kept" } else { "missed" });
    }
    Ok(if kept.iter().all(|(_, is_kept)| *is_kept) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The costs of a document of one size.
struct Row {
    operations: usize,
    whole: Cost,
    rerun: Cost,
    /// The files that the rerun wrote.
    rewritten: Vec<String>,
}

impl Row {
    fn new(generator: &Path, size: Size) -> Result<Self, Box<dyn Error>> {
        let directory = tempfile::tempdir()?;
        let spec = directory.path().join("openapi.yaml");
        let out = directory.path().join("out");
        let (plain, changed) = (document(size, false)?, document(size, true)?);
        let (mut whole, mut reruns, mut rewritten) = (Vec::new(), Vec::new(), Vec::new());
        for round in 1..=ROUNDS {
            eprintln!(
                "{} operations, {} tags: round {round} of {ROUNDS}",
                size.operations(),
                size.tags()
            );
            let _ = std::fs::remove_dir_all(&out);
            std::fs::write(&spec, &plain)?;
            whole.push(generate(generator, &spec, &out)?);
            let before = written(&out)?;
            std::fs::write(&spec, &changed)?;
            reruns.push(generate(generator, &spec, &out)?);
            let mut after = written(&out)?;
            after.retain(|path, time| before.get(path) != Some(time));
            rewritten = after.into_keys().collect();
        }
        Ok(Self {
            operations: size.operations(),
            whole: median(whole)?,
            rerun: median(reruns)?,
            rewritten,
        })
    }

    /// Returns processor time and memory per operation, relative to those of another document.
    fn growth(&self, other: &Self) -> (f64, f64) {
        #[allow(
            clippy::cast_precision_loss,
            reason = "none has as many digits as an f64"
        )]
        let growth = |ours: u64, theirs: u64| {
            (ours as f64 / self.operations as f64)
                / (theirs.max(1) as f64 / other.operations as f64)
        };
        (
            growth(self.whole.cpu_time, other.whole.cpu_time),
            growth(self.whole.peak, other.whole.peak),
        )
    }
}

/// The cost of a run.
#[derive(Clone, Copy)]
struct Cost {
    /// In milliseconds.
    time: u64,
    /// In milliseconds.
    cpu_time: u64,
    /// The peak memory, in megabytes.
    peak: u64,
}

/// Returns the run with the median time.
fn median(mut costs: Vec<Cost>) -> Result<Cost, Box<dyn Error>> {
    costs.sort_by_key(|cost| cost.time);
    Ok(*costs.get(costs.len() / 2).ok_or("nothing was measured")?)
}

#[allow(
    clippy::cast_precision_loss,
    reason = "none has as many digits as an f64"
)]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// Builds an optimized xtask, and returns its path.
fn generator() -> Result<PathBuf, Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .ok_or("the benchmarks are not in a workspace")?;
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(workspace)
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "xtask",
            "--bin",
            "xtask",
        ])
        .args(["--message-format", "json"])
        .stderr(Stdio::inherit())
        .output()?;
    let messages = String::from_utf8(output.stdout)?;
    let executable = messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(PathBuf::from(message.get("executable")?.as_str()?))
    });
    executable.ok_or_else(|| "cannot build xtask; see the compiler's errors".into())
}

/// Generates once.
fn generate(generator: &Path, spec: &Path, out: &Path) -> Result<Cost, Box<dyn Error>> {
    let [time, cpu_time, peak] = child::figures([Path::new(MEASURE), generator, spec, out])?;
    Ok(Cost {
        time,
        cpu_time,
        peak,
    })
}

fn measure(program: &str, spec: &str, out: &str) -> Result<ExitCode, Box<dyn Error>> {
    let start = Instant::now();
    let status = Command::new(program)
        .args(["generate", "--spec", spec, "--out", out])
        .stdout(Stdio::null())
        .status()?;
    let time = start.elapsed().as_millis();
    if !status.success() {
        return Err("cargo xtask generate failed".into());
    }
    let cpu_time = cpu_time(UsageWho::RUSAGE_CHILDREN)? / 1000;
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    // Linux reports kilobytes, macOS reports bytes.
    let unit = if cfg!(target_os = "macos") {
        1_000_000
    } else {
        1_000
    };
    println!("{time} {cpu_time} {}", peak / unit);
    Ok(ExitCode::SUCCESS)
}

/// Returns every file below a directory with the time of its last write.
fn written(directory: &Path) -> Result<BTreeMap<String, SystemTime>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![directory.to_path_buf()];
    while let Some(path) = pending.pop() {
        for entry in std::fs::read_dir(&path)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                pending.push(entry.path());
            } else {
                let path = entry.path();
                let name = path.strip_prefix(directory)?.display().to_string();
                files.insert(name, entry.metadata()?.modified()?);
            }
        }
    }
    Ok(files)
}
