//! What the ways of a request over the wire cost beside each other: compressed answers and requests, HTTP/2 and HTTP/1.1,
//! connections that are kept and connections for one call. Pairs of the same client, measured in turn in one run.
//!
//! It wants the feature `wire`, which switches on what the clients leave off by default: `cargo xtask bench wire`.

#![forbid(unsafe_code)]

mod rows;
mod server;

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};

/// The argument that makes this program measure, in a process that trusts the server's certificate alone.
const MEASURE: &str = "measure";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        [server::SERVE, folder] => server::serve(Path::new(folder)),
        [MEASURE, folder] => rows::run(Path::new(folder)),
        _ if cfg!(feature = "wire") => run(),
        _ => Err(
            "this benchmark needs `--features wire`; run it with `cargo xtask bench wire`".into(),
        ),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

/// Makes a certificate for this machine, and measures in a process that trusts it and no other.
fn run() -> Result<ExitCode, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let certificate = folder.path().join(server::CERTIFICATE);
    std::fs::write(&certificate, certified.cert.pem())?;
    let key = folder.path().join(server::KEY);
    std::fs::write(key, certified.signing_key.serialize_pem())?;
    let status = Command::new(std::env::current_exe()?)
        .arg(MEASURE)
        .arg(folder.path())
        .env("SSL_CERT_FILE", certificate)
        .env("SSL_CERT_DIR", folder.path().join("none"))
        .status()?;
    Ok(match status.code() {
        Some(0) => ExitCode::SUCCESS,
        Some(1) => ExitCode::FAILURE,
        _ => ExitCode::from(2),
    })
}
