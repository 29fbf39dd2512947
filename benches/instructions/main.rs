//! The instructions of a list call of 100 outcomes, counted by callgrind
//! (<https://valgrind.org/docs/manual/cl-manual.html>), against the committed baseline. Unlike
//! times, they hardly depend on other processes.
//!
//! The difference of two runs leaves out what happens once. The compiler, the processor or a
//! library may change the count of the same call on bare reqwest. Then both counts are divided by
//! it. `SCOREKIT_BASELINE=write` updates the baseline. The exit code is 1 if the count is above the
//! limit.

#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

use scorekit_benches::{list_call, pages, server};
use serde::{Deserialize, Serialize};

/// The argument that makes this program one of the clients.
const CALL: &str = "call";
/// The calls of the shorter run, and the additional ones of the longer run.
const CALLS: u64 = 50;
const MORE_CALLS: u64 = 100;
/// The number of counts. The lowest one counts, because disturbances only add instructions.
const ROUNDS: usize = 3;
/// The limit of the ratio to the baseline.
const LIMIT: f64 = 1.01;
/// The difference of the bare call's count up to which the environment counts as unchanged.
const SAME: f64 = 0.001;

/// The counts, with the compiler's version.
#[derive(Debug, Deserialize, Serialize)]
struct Count {
    compiler: String,
    /// Instructions of a call by the client.
    client: u64,
    /// The same on bare reqwest.
    bare: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [server::SERVE] => return server::serve(&pages::outcomes()),
        [CALL, who, count, url] => call(who, count, url).map(|()| true),
        _ => compare(),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Makes calls, while callgrind counts.
fn call(who: &str, count: &str, url: &str) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let count: u64 = count.parse()?;
    runtime.block_on(async {
        if who == "client" {
            let client = list_call::client(url)?;
            for _ in 0..count {
                list_call::by_client(&client).await?;
            }
            return Ok(());
        }
        let bare = list_call::bare()?;
        for _ in 0..count {
            list_call::by_hand(&bare, url).await?;
        }
        Ok(())
    })
}

/// Counts, and compares the counts with the baseline.
fn compare() -> Result<bool, Box<dyn Error>> {
    let (_server, url) = server::start()?;
    let now = Count {
        compiler: compiler()?,
        client: lowest("client", &url)?,
        bare: lowest("bare", &url)?,
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions/baseline.json");
    if std::env::var_os("SCOREKIT_BASELINE").is_some_and(|value| value == "write") {
        std::fs::write(&path, serde_json::to_string_pretty(&now)? + "\n")?;
    }
    let baseline: Count = serde_json::from_slice(&std::fs::read(&path)?)?;
    let absolute = scorekit_benches::ratio(now.client, baseline.client);
    let to_bare = scorekit_benches::ratio(now.client, now.bare);
    let bare = scorekit_benches::ratio(now.bare, baseline.bare);
    let ratio = if (bare - 1.0).abs() <= SAME {
        absolute
    } else {
        println!(
            "on bare reqwest a call takes {bare:.4} of the instructions in the baseline ({}; this \
             is {}), so the counts are compared as ratios to it",
            baseline.compiler, now.compiler
        );
        absolute / bare
    };
    let is_kept = ratio <= LIMIT;
    println!("| what | ratio | limit | |\n| --- | --- | --- | --- |");
    println!(
        "| instructions, a list call of 100 outcomes, to the baseline | {ratio:.4} | at most \
         {LIMIT} | {} |",
        if is_kept { "kept" } else { "missed" }
    );
    println!("| instructions, a list call of 100 outcomes, to bare reqwest | {to_bare:.4} | | |");
    if !is_kept {
        eprintln!(
            "error: a call takes more instructions than the baseline: find the cause with \
             `valgrind --tool=callgrind`, or accept it with SCOREKIT_BASELINE=write"
        );
    }
    Ok(is_kept)
}

/// Returns the lowest count of a call.
fn lowest(who: &str, url: &str) -> Result<u64, Box<dyn Error>> {
    let mut lowest = u64::MAX;
    for _ in 0..ROUNDS {
        let (few, many) = (
            count(who, CALLS, url)?,
            count(who, CALLS + MORE_CALLS, url)?,
        );
        lowest = lowest.min(many.saturating_sub(few) / MORE_CALLS);
    }
    Ok(lowest)
}

/// Counts the instructions of a whole run.
fn count(who: &str, calls: u64, url: &str) -> Result<u64, Box<dyn Error>> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args([CALL, who, &calls.to_string(), url])
        .output()
        .map_err(|error| format!("cannot run valgrind: {error}; install the package valgrind"))?;
    let output_text = String::from_utf8_lossy(&output.stderr);
    let collected = output_text
        .lines()
        .find_map(|line| line.split("Collected :").nth(1)?.trim().parse().ok());
    match collected {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(format!("valgrind counted nothing:\n{output_text}").into()),
    }
}

/// Returns the version of the compiler.
fn compiler() -> Result<String, Box<dyn Error>> {
    let output = Command::new("rustc").arg("--version").output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
