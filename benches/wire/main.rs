//! The cost of variants of the transport: compression of responses and requests, HTTP/2 against
//! HTTP/1.1, and kept connections against new ones. Both sides of a pair use the same client. With
//! `hour`, it shows what the time of a program goes to.
//!
//! It needs the feature `wire`, which enables optional features of the clients: `cargo xtask bench
//! wire` and `cargo xtask bench hour`.

#![forbid(unsafe_code)]

mod hour;
mod rows;
mod server;

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

/// The argument that makes this program measure, in a process that trusts only the server's
/// certificate.
const MEASURE: &str = "measure";

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo adds arguments of its own.
    arguments.retain(|argument| !argument.starts_with("--"));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        [server::SERVE, directory] => server::serve(Path::new(directory), false),
        [server::SERVE, directory, server::DISTANT] => server::serve(Path::new(directory), true),
        [MEASURE, directory] => rows::run(Path::new(directory)),
        [MEASURE, directory, hour::HOUR] => hour::run(Path::new(directory)),
        [MEASURE, directory, hour::HOURS] => hour::run_many(Path::new(directory)),
        _ if !cfg!(feature = "wire") => Err(
            "this benchmark needs `--features wire`; run it with `cargo xtask bench wire`".into(),
        ),
        [] => run(&[]),
        [hour::HOUR] => run(&[hour::HOUR]),
        _ => Err("the only argument is `hour`".into()),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

/// Creates a certificate for this machine, and measures in a process that trusts only that.
fn run(what: &[&str]) -> Result<ExitCode, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let certificate = directory.path().join(server::CERTIFICATE);
    std::fs::write(&certificate, certified.cert.pem())?;
    let key = directory.path().join(server::KEY);
    std::fs::write(key, certified.signing_key.serialize_pem())?;
    let status = Command::new(std::env::current_exe()?)
        .arg(MEASURE)
        .arg(directory.path())
        .args(what)
        .env("SSL_CERT_FILE", certificate)
        .env("SSL_CERT_DIR", directory.path().join("none"))
        .status()?;
    Ok(match status.code() {
        Some(0) => ExitCode::SUCCESS,
        Some(1) => ExitCode::FAILURE,
        _ => ExitCode::from(2),
    })
}
