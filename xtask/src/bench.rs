//! `cargo xtask bench`: runs the benchmarks of `benches/`, and the one of `tests/vendor-client/`.

use std::path::Path;

use clap::ValueEnum;

use crate::cargo::{cargo, run as run_cargo};
use crate::exit::SUCCESS;

/// What stands in a workspace of its own.
const VENDOR: &str = "vendor";

/// A benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benchmark {
    /// Processor time of a call
    Calls,
    /// Instructions of a call, against the committed baseline; needs valgrind
    Instructions,
    /// Throughput of decoding a page
    Decode,
    /// Both with the decoder of the feature `simd`
    Simd,
    /// Time and memory of pushing a million outcomes: some minutes
    Push,
    /// Speed of reading a list ahead: some minutes
    Prefetch,
    /// Cost of compression, HTTP/2 and new connections
    Wire,
    /// Processor time, memory and size of building a program with the clients: some minutes
    Compile,
    /// Processor time of a call beside the vendor's own client, which takes ten gigabytes of memory to build
    Vendor,
    /// Time, memory and growth of generating from a document of the size of the vendor's whole API: some minutes
    Generate,
}

impl Benchmark {
    /// The bench target that it belongs to, and its name there where that holds several.
    fn target(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Calls => ("speed", Some("calls")),
            Self::Instructions => ("instructions", None),
            Self::Decode => ("speed", Some("decode")),
            Self::Simd => ("simd", None),
            Self::Push => ("streams", Some("push")),
            Self::Prefetch => ("streams", Some("prefetch")),
            Self::Wire => ("wire", None),
            Self::Compile => ("compile", None),
            Self::Vendor => (VENDOR, Some("speed")),
            Self::Generate => ("generate", None),
        }
    }
}

/// Runs the benchmarks, one table per bench target. Gives back the worst that came of them: fails if a limit is missed.
pub(crate) fn run(root: &Path, benchmarks: &[Benchmark]) -> u8 {
    let mut code = SUCCESS;
    for target in [
        "speed",
        "simd",
        "instructions",
        "streams",
        "wire",
        "compile",
        "generate",
        VENDOR,
    ] {
        let chosen = benchmarks.iter().map(|benchmark| benchmark.target());
        let chosen: Vec<_> = chosen.filter(|(its, _)| *its == target).collect();
        if chosen.is_empty() {
            continue;
        }
        let mut cargo = cargo(root);
        if target == VENDOR {
            cargo
                .args(["run", "--release", "--manifest-path"])
                .arg("tests/vendor-client/Cargo.toml");
        } else {
            cargo
                .args(["bench", "--package", "scorekit-benches"])
                .args(["--bench", if target == "simd" { "speed" } else { target }]);
        }
        // What the clients leave off unless asked.
        if ["simd", "wire"].contains(&target) {
            cargo.args(["--features", target]);
        }
        cargo
            .arg("--")
            .args(chosen.into_iter().filter_map(|(_, name)| name));
        code = code.max(run_cargo(&mut cargo));
    }
    code
}
