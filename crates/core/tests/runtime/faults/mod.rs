//! The fault matrix: the outcome of a call for every tested failure of the network, a gateway or
//! the server. It also checks that no secret appears.

mod canary;
mod compressed;
mod matrix;
mod memory;
mod redirects;
mod row;
mod rows;
pub(crate) mod secrets;
mod server;
mod statuses;
mod streams;
mod table;

use std::path::PathBuf;
use std::process::Command;

/// The variable with the file to which a test run by [`alone`] may write its authority. The TLS
/// library reads another variable. With that one, an ignored test run by hand would overwrite the
/// authorities of the machine.
const AUTHORITY_FILE: &str = "SCOREKIT_TEST_AUTHORITY_FILE";

/// Runs the ignored test `name` in a process of its own and returns its output. There it has
/// subscribers, loggers, memory and trusted authorities to itself. The test must pass.
pub(crate) fn alone(name: &str) -> String {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = directory.join(format!("{}.pem", name.replace("::", "-")));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", name])
        .env("RUST_BACKTRACE", "0")
        .env(AUTHORITY_FILE, &file)
        .env("SSL_CERT_FILE", &file)
        // Otherwise those of the system are read as well.
        .env("SSL_CERT_DIR", directory.join("none"))
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
    printed
}

/// Creates the only authority that this process trusts, and a certificate of it for this machine.
/// Otherwise every client reads all authorities of the system, which takes longer than the calls of
/// the matrix.
pub(crate) fn trusted() -> rcgen::CertifiedKey<rcgen::KeyPair> {
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let path = std::env::var(AUTHORITY_FILE).unwrap();
    std::fs::write(path, certified.cert.pem()).unwrap();
    certified
}
