//! Measures what a program spends an hour of calls on: connecting, waiting for a distant server,
//! and processor time, which a flame graph shows.
//!
//! The program has a connection every minute. It reads three pages of 100 outcomes, and sends 100
//! outcomes. The minutes follow each other without a pause.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::UsageWho;
use scorekit::Client;
use scorekit_benches::{cpu_time, list_call};

use crate::{MEASURE, rows, server};

/// The argument that makes this program measure an hour.
pub(crate) const HOUR: &str = "hour";
/// The argument that makes this program run [`MANY`] hours without waiting, for `perf`.
pub(crate) const HOURS: &str = "hours";

const MINUTES: u32 = 60;
/// The hours without waiting whose processor time is measured.
const SOME: u32 = 20;
/// The hours of the flame graph. One has too few samples.
const MANY: u32 = 100;
/// The flame graph, for the book.
const GRAPH: &str = "docs/images/hour.svg";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The parts of the processor time, each with texts in the names of its functions. The function
/// nearest to the end of a stack that has one of them decides.
const PARTS: [(&str, &[&str]); 7] = [
    ("decompression", &["flate2", "miniz_oxide", "zlib"]),
    (
        "TLS, opening a connection",
        &[
            "handshake",
            "::hs::",
            "webpki",
            "rustls_native_certs",
            "server_cert",
        ],
    ),
    ("TLS, encryption", &["rustls", "ring_core", "ring::"]),
    (
        "decoding and encoding JSON",
        &["serde_json", "types::json", "response::json", "from_json"],
    ),
    (
        "the system: sending, receiving, waiting",
        &["entry_SYSCALL", "do_syscall", "syscall", "mio::"],
    ),
    ("HTTP", &["hyper", "reqwest", "http::", "tower", "httparse"]),
    ("the clients", &["scorekit"]),
];

/// Measures an hour, and shows its processor time.
pub(crate) fn run(directory: &Path) -> Outcome<ExitCode> {
    waiting(directory)?;
    flame_graph(directory)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the hours that `perf` records.
pub(crate) fn run_many(directory: &Path) -> Outcome<ExitCode> {
    hours(directory, MANY)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs hours with a server that responds at once, and returns the processor time.
fn hours(directory: &Path, count: u32) -> Outcome<Duration> {
    let server = server::start(directory)?;
    let client = client(&server)?;
    let runtime = runtime()?;
    let before = cpu_time(UsageWho::RUSAGE_SELF)?;
    for _ in 0..count * MINUTES {
        runtime.block_on(minute(&client))?;
    }
    let after = cpu_time(UsageWho::RUSAGE_SELF)?;
    Ok(Duration::from_micros(after - before))
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn client(server: &server::Server) -> Result<Client, scorekit::Error> {
    list_call::client(&format!("{}/hour", server.older))
}

/// Makes the calls of a minute, and returns the time of each. The server closes the connection.
async fn minute(client: &Client) -> Outcome<[Duration; server::REQUESTS]> {
    let mut times = [Duration::ZERO; server::REQUESTS];
    let last = times.len() - 1;
    for (number, time) in times.iter_mut().enumerate() {
        let begin = Instant::now();
        if number == last {
            rows::push_batch(client).await?;
        } else {
            rows::list_once(client).await?;
        }
        *time = begin.elapsed();
    }
    Ok(times)
}

/// Measures an hour with a distant server, and prints what the calls waited for. The processor
/// time is that of calls without waiting, because a machine runs a program slowly that it has just
/// woken.
fn waiting(directory: &Path) -> Outcome<()> {
    let processor = hours(directory, SOME)? / SOME;
    let server = server::start_distant(directory)?;
    let client = client(&server)?;
    let times = runtime()?.block_on(async {
        let mut times = Vec::new();
        for _ in 0..MINUTES {
            times.push(minute(&client).await?);
        }
        Ok::<_, Box<dyn Error>>(times)
    })?;
    let total: Duration = times.iter().flatten().sum();
    // The first call of a minute also connects. The second is the same call without that.
    let connecting: Duration = times
        .iter()
        .map(|[first, second, ..]| first.saturating_sub(*second))
        .sum();
    let responses = total.saturating_sub(connecting + processor);
    println!("| what | time of {MINUTES} minutes | share |\n| --- | --- | --- |");
    for (what, time) in [
        ("connecting, with TLS", connecting),
        ("waiting for responses", responses),
        ("processor time of the program", processor),
    ] {
        let share = 100.0 * time.as_secs_f64() / total.as_secs_f64();
        println!("| {what} | {:.2} s | {share:.1} % |", time.as_secs_f64());
    }
    println!();
    Ok(())
}

/// Records the processor time, writes the flame graph, and prints the parts.
fn flame_graph(directory: &Path) -> Outcome<()> {
    let recording = directory.join("perf.data");
    let mut perf = Command::new("perf");
    perf.args(["record", "--quiet", "--no-inherit", "--freq", "997"])
        .args(["--call-graph", "dwarf,16384", "--output"])
        .arg(&recording)
        .arg("--")
        .arg(std::env::current_exe()?)
        .arg(MEASURE)
        .arg(directory)
        .arg(HOURS);
    let status = perf.status().map_err(missing("perf", "linux-tools"))?;
    if !status.success() {
        return Err(format!("perf ended with {status}").into());
    }
    let stacks = directory.join("stacks");
    let mut script = Command::new("perf")
        .args(["script", "--no-inline", "--input"])
        .arg(&recording)
        .stdout(Stdio::piped())
        .spawn()?;
    let output = script.stdout.take().ok_or("perf has no output")?;
    let collapse = Command::new("inferno-collapse-perf")
        .stdin(output)
        .stdout(std::fs::File::create(&stacks)?)
        .status()
        .map_err(missing("inferno-collapse-perf", "inferno"))?;
    if !(collapse.success() && script.wait()?.success()) {
        return Err("the recording of perf cannot be read".into());
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let graph = Command::new("inferno-flamegraph")
        .args(["--title", "Processor time of a program that calls scorekit"])
        .args(["--minwidth", "0.3", "--deterministic"])
        .arg(&stacks)
        .output()
        .map_err(missing("inferno-flamegraph", "inferno"))?;
    if !graph.status.success() {
        return Err("inferno-flamegraph cannot draw the stacks".into());
    }
    std::fs::write(workspace.join(GRAPH), graph.stdout)?;
    print_parts(&std::fs::read_to_string(stacks)?)?;
    eprintln!("wrote {GRAPH}");
    Ok(())
}

/// Returns the error of a program that may not be installed.
fn missing(program: &str, package: &str) -> impl Fn(std::io::Error) -> String {
    move |error| format!("cannot run `{program}`: {error}; install {package}")
}

/// Prints the share of each part in stacks of the form `a;b;c COUNT`.
fn print_parts(stacks: &str) -> Outcome<()> {
    let mut counts = BTreeMap::<&str, u64>::new();
    let mut total = 0_u64;
    for line in stacks.lines() {
        let (stack, count) = line.rsplit_once(' ').ok_or("a stack has no count")?;
        let count: u64 = count.parse()?;
        let part = stack.rsplit(';').find_map(|function| {
            let has = |text: &&str| function.contains(text);
            let mut parts = PARTS.iter();
            parts.find(|(_, texts)| texts.iter().any(has))
        });
        *counts
            .entry(part.map_or("the rest", |(part, _)| part))
            .or_default() += count;
        total += count;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    println!("| what | share of the processor time |\n| --- | --- |");
    for (part, count) in counts {
        #[allow(
            clippy::cast_precision_loss,
            reason = "the sum of nanoseconds has fewer digits than an f64"
        )]
        let share = 100.0 * count as f64 / total as f64;
        println!("| {part} | {share:.1} % |");
    }
    Ok(())
}
