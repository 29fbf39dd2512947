//! What the documents tell a reader to do works: commands are run by `.ci/run`, and the README's example of a single
//! crate talks to the sandbox from a new crate.

use std::path::PathBuf;
use std::process::Command;

use scorekit_sandbox::Sandbox;

use scorekit_test_support::{files, target, workspace, xtask};

const DOCUMENTS: [&str; 4] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "crates/sandbox/README.md",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The code blocks of a Markdown text that are marked with `language`.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut current: Option<String> = None;
    for line in text.lines() {
        match &mut current {
            Some(block) if line == "```" => {
                blocks.push(std::mem::take(block));
                current = None;
            }
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line == format!("```{language}") => current = Some(String::new()),
            None => {}
        }
    }
    blocks
}

#[test]
fn every_command_is_run_by_the_gate() {
    let listed = xtask(&["ci", "--list"]);
    // The gate itself, what it runs, and what that runs.
    let gate = format!(
        ".ci/run\ncargo xtask ci\ncargo xtask ci --fast\n{}{}",
        String::from_utf8_lossy(&listed.stdout),
        read("tests/conformance/standalone")
    );
    let run: Vec<&str> = gate.lines().map(str::trim).collect();
    let mut count = 0;
    for document in DOCUMENTS {
        for command in blocks(&read(document), "sh")
            .iter()
            .flat_map(|block| block.lines())
        {
            let command = command.split(" #").next().unwrap_or_default().trim();
            assert!(
                run.contains(&command),
                "{document} says `{command}`, which `cargo xtask ci` does not run"
            );
            count += 1;
        }
    }
    assert!(count >= 2, "the documents name no commands");
}

#[test]
fn the_readme_names_the_two_first_commands() {
    let readme = read("README.md");
    assert_eq!(
        blocks(&readme, "sh").first().map(String::as_str),
        Some("cargo xtask demo\ncargo test --workspace\n")
    );
}

/// Keys that the tests call with end in no snapshot and on no page, wherever a test writes one.
#[tokio::test]
async fn no_snapshot_and_no_page_shows_a_key() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let keys = sandbox.credentials();
    let secrets = [
        keys.api_key,
        keys.application_key,
        keys.bearer_token,
        keys.dcycle_api_key,
        // What the tests of the runtime call every key that they have a server echo.
        "canary-",
    ];
    let mut read = 0;
    for folder in [
        "tests/integration/snapshots",
        "crates/codegen/tests/generator/snapshots",
        "docs",
    ] {
        for (path, text) in files(&workspace().join(folder)) {
            for secret in secrets {
                assert!(!text.contains(secret), "{} shows {secret}", path.display());
            }
            read += 1;
        }
    }
    assert!(read > 100, "{read}");
}

#[tokio::test]
#[ignore = "compiles generated code; `cargo xtask ci` runs it"]
async fn the_single_crate_example_talks_to_the_sandbox_from_a_new_crate() {
    let readme = read("README.md");
    let examples = blocks(&readme, "rust,no_run");
    let example = examples
        .iter()
        .find(|example| example.contains("scorekit_campaigns"))
        .expect("an example");
    assert!(
        !example.contains("scorekit::"),
        "the example must do without the facade"
    );

    let folder: PathBuf = target().join("tests/consumer");
    std::fs::create_dir_all(folder.join("src")).expect("a folder");
    let campaigns = workspace().join("crates/campaigns");
    let manifest = format!(
        "[package]\nname = \"consumer\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\nscorekit-campaigns = {{ path = {:?} }}\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
        campaigns.display().to_string()
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(folder.join("src/main.rs"), example).expect("a program");
    // The versions that the workspace is tested with, which are there already.
    std::fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");

    let sandbox = Sandbox::start().await.expect("a sandbox");
    let keys = sandbox.credentials();
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(&folder)
        .args(["run", "--quiet", "--offline", "--target-dir"])
        .arg(target());
    command.env("SCOREKIT_BASE_URL", sandbox.url());
    command
        .env("DD_API_KEY", keys.api_key)
        .env("DD_APP_KEY", keys.application_key);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("a thread")
        .expect("cargo runs");

    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0 campaigns\n");
    let requests = sandbox.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        requests[0].operation_id.as_deref(),
        Some("ListScorecardCampaigns")
    );

    let tree = Command::new(env!("CARGO"))
        .current_dir(&folder)
        .args(["tree", "--offline", "--prefix", "none"])
        .output();
    let tree = String::from_utf8_lossy(&tree.expect("cargo runs").stdout).into_owned();
    assert!(tree.contains("scorekit-core v"), "{tree}");
    assert!(
        !tree.contains("scorekit v") && !tree.contains("progenitor"),
        "{tree}"
    );
}
