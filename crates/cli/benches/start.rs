//! The time from the start of `scorekit` to its end, for commands that send nothing, and its ratio
//! to that of an empty program.
//!
//! The runs alternate, and the median counts. The exit code is 1 if a command takes 20 ms or more.

#![forbid(unsafe_code)]

use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The runs of each program.
const RUNS: usize = 51;

/// The limit of a median.
const LIMIT: Duration = Duration::from_millis(20);

/// The commands: the version, the help of everything, the help of one command, and a request that
/// is built and not sent.
const COMMANDS: [&[&str]; 4] = [
    &["--version"],
    &["--help"],
    &["cases", "create", "--help"],
    &["rules", "list", "--page-size", "50", "--dry-run"],
];

fn main() -> ExitCode {
    let mut programs = vec![("true", &[][..])];
    programs.extend(COMMANDS.map(|arguments| (env!("CARGO_BIN_EXE_scorekit"), arguments)));
    let mut times: Vec<Vec<Duration>> = programs.iter().map(|_| Vec::new()).collect();
    for _ in 0..RUNS {
        for ((program, arguments), times) in programs.iter().zip(&mut times) {
            match run(program, arguments) {
                Ok(time) => times.push(time),
                Err(error) => {
                    eprintln!("error: cannot run {program}: {error}");
                    return ExitCode::from(2);
                }
            }
        }
    }
    let medians = times.into_iter().map(|mut times| {
        times.sort();
        times.get(RUNS / 2).copied().unwrap_or_default()
    });
    let medians: Vec<Duration> = medians.collect();
    let empty = medians.first().copied().unwrap_or_default();
    let mut code = ExitCode::SUCCESS;
    println!("{:<42} {:>8} {:>16}", "command", "median", "empty program");
    for ((_, arguments), median) in programs.iter().zip(&medians).skip(1) {
        let ratio = median.as_secs_f64() / empty.as_secs_f64().max(1e-6);
        let name = format!("scorekit {}", arguments.join(" "));
        let milliseconds = median.as_secs_f64() * 1000.0;
        println!("{name:<42} {milliseconds:>5.1} ms {ratio:>14.1} x");
        if *median >= LIMIT {
            code = ExitCode::from(1);
        }
    }
    code
}

fn run(program: &str, arguments: &[&str]) -> std::io::Result<Duration> {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env("SCOREKIT_CONFIG", "none")
        .env("DD_API_KEY", "key")
        .env("DD_APP_KEY", "key")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status()?;
    let time = start.elapsed();
    match status.success() {
        true => Ok(time),
        false => Err(std::io::Error::other(status.to_string())),
    }
}
