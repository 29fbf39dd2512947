//! The time of `cargo xtask review` after one changed field (`cargo xtask bench review`): of a
//! response, which needs no build, and of a request, whose client and calls are built.
//!
//! It works in a copy of the workspace in the target directory, whose first build is not measured.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// The changes: the name, the start of the schema, and its file.
const CHANGES: [(&str, &str, &str); 2] = [
    (
        "a field of a response",
        "    ScorecardScoreAttributes:\n      type: object\n",
        "spec/scorecards.yaml",
    ),
    (
        "a field of a request",
        "    ProjectCreateAttributes:\n      type: object\n",
        "spec/cases/projects.yaml",
    ),
];

/// The property that is added to the schema.
const PROPERTY: &str = "        measured:\n          type: string\n          \
                        description: A property that the benchmark adds.\n";

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), Box<dyn Error>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .ok_or("the package is not in the workspace")?;
    let program = std::env::current_exe()?;
    let target = program.ancestors().nth(3).ok_or("there is no target")?;
    let copy = target.join("review");
    copy_workspace(workspace, &copy)?;
    let xtask = target.join("debug/xtask");
    build(&copy, target)?;
    review(&xtask, &copy, target)?;
    println!("| after a change of | time |\n| --- | --- |");
    println!(
        "| nothing | {:.1} s |",
        review(&xtask, &copy, target)?.as_secs_f64()
    );
    for (name, schema, file) in CHANGES {
        let path = copy.join(file);
        let text = std::fs::read_to_string(&path)?;
        let changed = with_property(&text, schema).ok_or("the schema is gone")?;
        std::fs::write(&path, changed)?;
        let time = review(&xtask, &copy, target)?;
        println!("| {name} | {:.1} s |", time.as_secs_f64());
        git(&copy, &["checkout", "--quiet", "."])?;
        git(&copy, &["clean", "--quiet", "--force", "-d"])?;
        build(&copy, target)?;
    }
    Ok(())
}

/// Adds the property to the schema that begins so.
fn with_property(text: &str, schema: &str) -> Option<String> {
    let keyword = "      properties:\n";
    let start = text.find(schema)?;
    let at = start + text[start..].find(keyword)? + keyword.len();
    Some(format!("{}{PROPERTY}{}", &text[..at], &text[at..]))
}

/// Copies what git knows of the workspace, and commits it.
fn copy_workspace(workspace: &Path, copy: &Path) -> Result<(), Box<dyn Error>> {
    if copy.exists() {
        std::fs::remove_dir_all(copy)?;
    }
    let listed = Command::new("git")
        .current_dir(workspace)
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()?;
    for path in String::from_utf8(listed.stdout)?.split_terminator('\0') {
        let (from, to): (PathBuf, PathBuf) = (workspace.join(path), copy.join(path));
        if from.is_file() {
            std::fs::create_dir_all(to.parent().ok_or("no directory")?)?;
            std::fs::copy(from, to)?;
        }
    }
    git(copy, &["init", "--quiet"])?;
    git(copy, &["add", "."])?;
    let identity = [
        "-c",
        "user.name=bench",
        "-c",
        "user.email=bench@example.com",
    ];
    git(
        copy,
        &[&identity[..], &["commit", "--quiet", "-m", "copy"]].concat(),
    )
}

fn git(directory: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut command = Command::new("git");
    match command
        .current_dir(directory)
        .args(arguments)
        .status()?
        .success()
    {
        true => Ok(()),
        false => Err(format!("git {} failed", arguments.join(" ")).into()),
    }
}

/// Builds the clients and the calls of the copy, as they are after an earlier review.
fn build(copy: &Path, target: &Path) -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    scorekit_codegen::gate::without_package(&mut cargo);
    cargo
        .current_dir(copy)
        .args("test --quiet --workspace --test wire --no-run".split(' '))
        .env("CARGO_BUILD_BUILD_DIR", target);
    match cargo.status()?.success() {
        true => Ok(()),
        false => Err("the calls of the copy do not compile".into()),
    }
}

/// Reviews the copy, with the dependencies that this workspace has built.
fn review(xtask: &Path, copy: &Path, target: &Path) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let status = Command::new(xtask)
        .args(["review", "--root"])
        .arg(copy)
        .env("CARGO_BUILD_BUILD_DIR", target)
        .env_remove("CARGO_MANIFEST_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    // 1 means that a snapshot differs, as it should.
    match status.code() {
        Some(0 | 1) => Ok(start.elapsed()),
        _ => Err("a review failed: run `cargo xtask review`".into()),
    }
}
