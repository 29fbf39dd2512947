//! The cost of many items: pushing a million against a hand-written loop, and reading a hundred
//! thousand with prefetch against one page at a time. The sides of a pair are measured in turn, and
//! only their ratio counts.
//!
//! Arguments name the benchmarks to run (`push`, `prefetch`); without any, all run, which takes
//! some minutes. The exit code is 1 if a limit is missed.

#![forbid(unsafe_code)]

mod prefetch;
mod push;
mod server;

use std::error::Error;
use std::process::ExitCode;

use scorekit_benches::{Row, report};

type Measure = fn() -> Result<Vec<Row>, Box<dyn Error>>;

/// The rows by the name of their benchmark.
const ROWS: [(&str, Measure); 4] = [
    ("push", push::time_against_one_task),
    ("push", push::time_against_a_task_each),
    ("push", push::memory),
    ("prefetch", prefetch::run),
];

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, _)) if first == server::SERVE => return server::serve(),
        Some((first, rest)) if first == push::PUSH => return push::push_and_print_memory(rest),
        _ => {}
    }
    // Cargo adds arguments of its own.
    arguments.retain(|argument| !argument.starts_with("--"));
    let is_known = |argument: &&String| ROWS.iter().any(|(name, _)| name == argument);
    if let Some(name) = arguments.iter().find(|argument| !is_known(argument)) {
        eprintln!("error: there is no benchmark `{name}`; use `push` or `prefetch`");
        return ExitCode::from(2);
    }
    let mut rows = Vec::new();
    for (name, measure) in ROWS {
        if !arguments.is_empty() && !arguments.iter().any(|wanted| wanted == name) {
            continue;
        }
        match measure() {
            Ok(measured) => rows.extend(measured),
            Err(error) => {
                eprintln!("error: {name}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    report(&rows)
}
