//! The cost of a call against bare reqwest, and of decoding against hand-written structs. The sides
//! of a pair are measured in turn, and only their ratio counts. `docs/benchmarks.md` explains the
//! figures.
//!
//! Arguments name the benchmarks to run (`calls`, `decode`); without any, all run. The exit code is
//! 1 if a limit is missed.

#![forbid(unsafe_code)]

mod calls;
mod decode;

use std::process::ExitCode;

use scorekit_benches::{pages, report, server};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().map(String::as_str) == Some(server::SERVE) {
        return server::serve(&pages::outcomes());
    }
    // Cargo adds arguments of its own.
    arguments.retain(|argument| !argument.starts_with("--"));
    let unknown = arguments
        .iter()
        .find(|name| !["calls", "decode"].contains(&name.as_str()));
    if let Some(name) = unknown {
        eprintln!("error: there is no benchmark `{name}`; use `calls` or `decode`");
        return ExitCode::from(2);
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|known| known == name);
    let mut rows = Vec::new();
    if wanted("calls") {
        match calls::run() {
            Ok(row) => rows.push(row),
            Err(error) => {
                eprintln!("error: calls: {error}");
                return ExitCode::from(2);
            }
        }
    }
    if wanted("decode") {
        match decode::run() {
            Ok(found) => rows.extend(found),
            Err(error) => {
                eprintln!("error: decode: {error}");
                return ExitCode::from(2);
            }
        }
    }
    report(&rows)
}
