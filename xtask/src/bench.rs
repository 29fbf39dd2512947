//! `cargo xtask bench`: runs the benchmarks of `benches/` and of `tests/vendor-client/`.

use std::path::Path;

use clap::ValueEnum;

use crate::cargo::{cargo, run as run_cargo};
use crate::output::SUCCESS;

/// The benchmark in a workspace of its own.
const VENDOR: &str = "vendor";

/// The benchmark that shares a program with `wire`.
const HOUR: &str = "hour";

/// The benchmark that is an example of the generator, because it needs no optimized build.
const REVIEW: &str = "review";

/// The benchmarks that run unless others are named.
pub(crate) const DEFAULT: &str = "calls decode instructions push prefetch sandbox compile";

/// A benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Benchmark {
    /// Processor time of a call
    Calls,
    /// Throughput of decoding a page
    Decode,
    /// Instructions of a call, against the committed baseline; needs valgrind
    Instructions,
    /// Time and memory of pushing a million outcomes: some minutes
    Push,
    /// Speed of reading a list ahead: some minutes
    Prefetch,
    /// Cost of compression, HTTP/2 and new connections
    Wire,
    /// Time of an hour of calls, by part, with a flame graph; needs perf and inferno
    Hour,
    /// Time of starting a sandbox
    Sandbox,
    /// Processor time, memory and size of building a program with the clients: some minutes
    Compile,
    /// Time and memory of generating a document as large as the vendor's whole API: some minutes
    Generate,
    /// Time of `cargo xtask review` after one changed field: the first build takes some minutes
    Review,
    /// Processor time of a call, compared with the vendor's client: building takes 10 GB of memory
    Vendor,
}

impl Benchmark {
    /// Returns the bench target of the benchmark, and its name there if the target has several.
    fn target(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Calls => ("speed", Some("calls")),
            Self::Instructions => ("instructions", None),
            Self::Decode => ("speed", Some("decode")),
            Self::Push => ("streams", Some("push")),
            Self::Prefetch => ("streams", Some("prefetch")),
            Self::Wire => ("wire", None),
            Self::Hour => (HOUR, Some("hour")),
            Self::Sandbox => ("sandbox", None),
            Self::Compile => ("compile", None),
            Self::Vendor => (VENDOR, Some("speed")),
            Self::Generate => ("generate", None),
            Self::Review => (REVIEW, None),
        }
    }
}

/// Returns the name of the program of a target.
fn bench(target: &str) -> &str {
    match target {
        HOUR => "wire",
        other => other,
    }
}

/// Returns the feature that a target needs.
fn feature(target: &str) -> Option<&str> {
    match target {
        "wire" => Some(target),
        HOUR => Some("wire"),
        _ => None,
    }
}

/// Runs the benchmarks, one table for each target, and returns the worst exit status.
pub(crate) fn run(root: &Path, benchmarks: &[Benchmark]) -> u8 {
    let mut code = SUCCESS;
    let all = Benchmark::value_variants().iter();
    let mut targets: Vec<_> = all.map(|benchmark| benchmark.target().0).collect();
    targets.dedup();
    for target in targets {
        let chosen = benchmarks.iter().map(|benchmark| benchmark.target());
        let chosen: Vec<_> = chosen.filter(|(its, _)| *its == target).collect();
        if chosen.is_empty() {
            continue;
        }
        let mut cargo = cargo(root);
        if target == VENDOR {
            let vendor = "tests/vendor-client/Cargo.toml";
            cargo.args(["run", "--release", "--manifest-path", vendor]);
        } else if target == REVIEW {
            cargo.args(["run", "--quiet", "--example", REVIEW]);
        } else {
            cargo
                .args(["bench", "--package", "scorekit-benches"])
                .args(["--bench", bench(target)]);
        }
        // The features that the clients leave off by default.
        if let Some(feature) = feature(target) {
            cargo.args(["--features", feature]);
        }
        let names = chosen.into_iter().filter_map(|(_, name)| name);
        cargo.arg("--").args(names);
        code = code.max(run_cargo(&mut cargo));
    }
    code
}
