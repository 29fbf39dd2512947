//! The fault matrix: what becomes of a call when the network, a gateway or the server fails in
//! every way that anybody has thought of, and that no secret shows whatever happens.

mod canary;
mod compressed;
mod matrix;
mod memory;
mod redirects;
mod row;
mod rows;
mod secrets;
mod server;
mod statuses;
mod table;

use std::path::PathBuf;
use std::process::Command;

/// Names the file that a test run by [`alone`] may write its authority to. Not the variable that
/// the TLS library reads: an ignored test run by hand would write over the authorities of the
/// machine.
const AUTHORITY_FILE: &str = "SCOREKIT_TEST_AUTHORITY_FILE";

/// Runs the ignored test `name` in a process of its own, where it has subscribers, loggers, memory
/// and trusted authorities to itself, and returns what it printed. It has to pass.
pub(crate) fn alone(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join(format!("{}.pem", name.replace("::", "-")));
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", name])
        .env("RUST_BACKTRACE", "0")
        .env(AUTHORITY_FILE, &file)
        .env("SSL_CERT_FILE", &file)
        // Else those of the system are read as well.
        .env("SSL_CERT_DIR", folder.join("none"))
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

/// Makes an authority that is the only one this process trusts, and a certificate of it for this
/// machine.
///
/// Every client reads all authorities of the system otherwise, which takes longer than the calls of
/// the matrix.
pub(crate) fn trusted() -> rcgen::CertifiedKey<rcgen::KeyPair> {
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let path = std::env::var(AUTHORITY_FILE).unwrap();
    std::fs::write(path, certified.cert.pem()).unwrap();
    certified
}
