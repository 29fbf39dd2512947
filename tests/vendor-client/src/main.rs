//! Compares this workspace's clients with the vendor's own: the requests on the wire, and the cost
//! of a call.

#![forbid(unsafe_code)]

mod speed;

use std::path::Path;
use std::process::ExitCode;

use scorekit_benches::{pages, server};

/// The usage of this program.
const USAGE: &str =
    "usage: scorekit-vendor-client wire [--check], or: scorekit-vendor-client speed";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["wire"] => wire(false),
        ["wire", "--check"] => wire(true),
        ["speed"] => speed::run(),
        [server::SERVE] => server::serve(&pages::outcomes()),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Compares requests, and writes or checks the page of the documentation.
fn wire(check: bool) -> ExitCode {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/vendor-client.md");
    match scorekit_vendor_wire::run(&page, check) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
