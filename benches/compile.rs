//! The cost of compiling a program with the clients, against the same program on bare reqwest and
//! serde. It is the processor time, the memory of the largest process, the processor time to build
//! again after a changed line, and the size of the release binary.
//!
//! Each consumer is built with all its dependencies, in a directory of its own. All use the
//! workspace's `Cargo.lock`. `docs/benchmarks.md` has the last figures.

#![forbid(unsafe_code)]

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use nix::sys::resource::{UsageWho, getrusage};
use scorekit_benches::{Limit, Row, child, cpu_time, ratio, report};

/// The argument that makes this program build one consumer and print the cost.
const MEASURE: &str = "measure";

/// The builds of each consumer for its processor time and memory.
const ROUNDS: usize = 3;

/// The builds after a changed line that follow each of them. Their median counts.
const REBUILDS: usize = 7;

/// A program that makes one call.
struct Consumer {
    name: &'static str,
    what: &'static str,
    dependencies: &'static str,
    source: &'static str,
}

const BARE: Consumer = Consumer {
    name: "bare",
    what: "bare reqwest and serde",
    dependencies: r#"serde = { version = "1", features = ["derive"] }
serde_json = "1"

[dependencies.reqwest]
version = "0.13"
default-features = false
features = ["rustls", "gzip", "json"]
"#,
    source: include_str!("consumers/bare.rs"),
};

/// The consumers, each with the limit of its processor time.
const OURS: [(Consumer, f64); 2] = [
    (
        Consumer {
            name: "campaigns",
            what: "`scorekit-campaigns`",
            dependencies: "scorekit-campaigns = { path = \"{workspace}/crates/campaigns\" }\n",
            source: include_str!("consumers/campaigns.rs"),
        },
        0.80,
    ),
    (
        Consumer {
            name: "facade",
            what: "the whole facade",
            dependencies: "scorekit = { path = \"{workspace}/crates/scorekit\" }\n",
            source: include_str!("consumers/facade.rs"),
        },
        0.88,
    ),
];

const MAX_MEMORY: f64 = 1.20;
const MAX_REBUILD: f64 = 1.0;
const MAX_BINARY: f64 = 0.95;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [MEASURE, package, profile] => measure(Path::new(package), profile),
        _ => run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let bare = BARE.write(directory.path())?;
    let ours = OURS
        .iter()
        .map(|(consumer, most)| Ok((consumer, *most, consumer.write(directory.path())?)))
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let mut rows = Vec::new();
    let mut costs: Vec<[Vec<f64>; 3]> = vec![Default::default(); ours.len()];
    for round in 1..=ROUNDS {
        // The order changes every round, because the speed of a machine changes over time.
        let mut order: Vec<usize> = (0..=ours.len()).collect();
        if round % 2 == 0 {
            order.reverse();
        }
        let mut built: Vec<Option<Cost>> = order.iter().map(|_| None).collect();
        for number in order {
            let consumer = number.checked_sub(1).and_then(|number| ours.get(number));
            let (what, package) = match consumer {
                Some((consumer, _, package)) => (consumer.what, package),
                None => (BARE.what, &bare),
            };
            eprintln!("round {round} of {ROUNDS}, unoptimized: {what}");
            built[number] = Some(build(package, "dev")?);
        }
        let Some((Some(yardstick), ours)) = built.split_first() else {
            return Err("the yardstick was not built".into());
        };
        for (cost, [times, peaks, rebuilds]) in ours.iter().flatten().zip(&mut costs) {
            times.push(ratio(cost.cpu_time, yardstick.cpu_time));
            peaks.push(ratio(cost.peak, yardstick.peak));
            rebuilds.push(ratio(cost.rebuild, yardstick.rebuild));
        }
    }
    for ((consumer, most, _), [times, peaks, rebuilds]) in ours.iter().zip(costs) {
        let what = format!("processor time to build with {}", consumer.what);
        rows.push(Row::new(what, Limit::AtMost(*most), times));
        let what = format!("largest process building with {}", consumer.what);
        rows.push(Row::new(what, Limit::AtMost(MAX_MEMORY), peaks));
        let what = format!("processor time to build again with {}", consumer.what);
        rows.push(Row::new(what, Limit::AtMost(MAX_REBUILD), rebuilds));
    }
    eprintln!("release: {}", BARE.what);
    let yardstick = build(&bare, "release")?;
    for (consumer, _, package) in &ours {
        eprintln!("release: {}", consumer.what);
        let size = build(package, "release")?.size;
        let what = format!("release binary of one call with {}", consumer.what);
        let ratios = vec![ratio(size, yardstick.size)];
        rows.push(Row::new(what, Limit::AtMost(MAX_BINARY), ratios));
    }
    Ok(report(&rows))
}

impl Consumer {
    /// Writes the package of the program into a directory, and returns its path.
    fn write(&self, directory: &Path) -> Result<PathBuf, Box<dyn Error>> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or("the benchmarks are not in a workspace")?;
        let package = directory.join(self.name);
        std::fs::create_dir_all(package.join("src"))?;
        // In TOML strings, backslashes are escapes.
        let workspace_path = workspace.display().to_string().replace('\\', "/");
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n{}\n\
             [workspace]\n",
            self.name,
            self.dependencies.replace("{workspace}", &workspace_path),
        );
        std::fs::write(package.join("Cargo.toml"), manifest)?;
        std::fs::write(package.join("src/main.rs"), self.source)?;
        std::fs::copy(workspace.join("Cargo.lock"), package.join("Cargo.lock"))?;
        // The workspace does not build the default provider of bare reqwest's TLS, so it may not be
        // downloaded yet. Without a network, the build reports what is missing.
        let mut fetch = Command::new(cargo());
        fetch.current_dir(&package).args(["fetch", "--quiet"]);
        fetch.status()?;
        Ok(package)
    }
}

/// The cost of a build.
struct Cost {
    /// The processor time, in microseconds.
    cpu_time: u64,
    /// The memory of the largest process, in the system's unit.
    peak: u64,
    /// The size of the program, in bytes.
    size: u64,
    /// The processor time of a build after a changed line, in microseconds. It is 0 for a release.
    rebuild: u64,
}

/// Builds a package with all its dependencies.
fn build(package: &Path, profile: &str) -> Result<Cost, Box<dyn Error>> {
    let arguments = [
        OsStr::new(MEASURE),
        package.as_os_str(),
        OsStr::new(profile),
    ];
    let [cpu_time, peak, size, rebuild] = child::figures(arguments)?;
    Ok(Cost {
        cpu_time,
        peak,
        size,
        rebuild,
    })
}

/// Returns the cargo that runs this program.
fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Builds a package, and prints the cost.
fn measure(package: &Path, profile: &str) -> Result<ExitCode, Box<dyn Error>> {
    let target = package.join("target");
    let _ = std::fs::remove_dir_all(&target);
    let build = |incremental: &str| -> Result<u64, Box<dyn Error>> {
        let before = cpu_time(UsageWho::RUSAGE_CHILDREN)?;
        let mut cargo = Command::new(cargo());
        cargo
            .current_dir(package)
            // All dependencies are downloaded.
            .args(["build", "--quiet", "--offline", "--profile", profile])
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_INCREMENTAL", incremental)
            .env_remove("RUSTFLAGS");
        if !cargo.status()?.success() {
            let package = package.display();
            return Err(format!("cannot build {package}; see the compiler's errors").into());
        }
        Ok(cpu_time(UsageWho::RUSAGE_CHILDREN)? - before)
    };
    // Cargo compiles dependencies from a registry in this way. Here they are directories.
    let time = build("0")?;
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    let name = package.file_name().ok_or("the package has no directory")?;
    let built = if profile == "dev" { "debug" } else { profile };
    let mut program = target.join(built).join(name);
    program.set_extension(std::env::consts::EXE_EXTENSION);
    let size = std::fs::metadata(&program)?.len();
    let mut rebuilds = vec![0];
    if profile == "dev" {
        let source = package.join("src/main.rs");
        let text = std::fs::read_to_string(&source)?;
        rebuilds.clear();
        // It prepares the following ones, as the first build of a program does.
        build("1")?;
        for number in 0..REBUILDS {
            let changed = text.replacen("{}\"", &format!("{{}} {number}\""), 1);
            if changed == text {
                return Err(format!("no line of {} could be changed", source.display()).into());
            }
            std::fs::write(&source, changed)?;
            rebuilds.push(build("1")?);
        }
        std::fs::write(&source, text)?;
    }
    rebuilds.sort_unstable();
    let rebuild = rebuilds[rebuilds.len() / 2];
    std::fs::remove_dir_all(&target)?;
    println!("{time} {peak} {size} {rebuild}");
    Ok(ExitCode::SUCCESS)
}
