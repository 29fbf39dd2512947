//! The commands and examples in README and other pages work. The gate runs the commands, and a new
//! crate runs the example of a single crate against the sandbox.

use std::path::PathBuf;

use scorekit_sandbox::Sandbox;

use scorekit_test_support::{cargo_command, files, target, workspace, xtask};

const DOCUMENTS: [&str; 5] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/guide/getting-started.md",
    "crates/sandbox/README.md",
];

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the code blocks of a Markdown text that have this language.
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
fn the_gate_runs_every_command() {
    let listed = xtask(&["ci", "--list"]);
    // The gate, its commands, and the commands of the scripts that it runs.
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

#[tokio::test]
async fn snapshots_and_pages_show_no_key() {
    let sandbox = Sandbox::start().await.expect("the sandbox starts");
    let keys = sandbox.credentials();
    let secrets = [
        keys.api_key,
        keys.application_key,
        keys.bearer_token,
        keys.dcycle_api_key,
        // The keys in the tests of the runtime, whose servers echo them.
        "canary-",
    ];
    let mut read = 0;
    for directory in [
        "tests/integration/snapshots",
        "tests/cli/snapshots",
        "tests/generator/snapshots",
        "docs",
    ] {
        for (path, text) in files(&workspace().join(directory)) {
            for secret in secrets {
                assert!(!text.contains(secret), "{} shows {secret}", path.display());
            }
            read += 1;
        }
    }
    assert!(read > 100, "{read}");
}

/// Tests that compile; `cargo xtask ci` runs them by this name.
mod compiled {
    use super::*;

    #[tokio::test]
    #[ignore = "compiles generated code; `cargo xtask ci` runs it"]
    async fn the_single_crate_example_works_in_a_new_crate() {
        let readme = read("README.md");
        let examples = blocks(&readme, "rust,no_run");
        let example = examples
            .iter()
            .find(|example| example.contains("scorekit_campaigns"))
            .expect("an example");
        assert!(
            !example.contains("scorekit::"),
            "the example must not use the facade"
        );

        let directory: PathBuf = target().join("compiled/consumer");
        std::fs::create_dir_all(directory.join("src")).expect("a directory");
        let campaigns = workspace().join("crates/campaigns");
        // Another profile would build every dependency again.
        let manifest = format!(
            "[package]\nname = \"consumer\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n\n\
             [profile.dev.build-override]\ndebug = \"line-tables-only\"\n\n[dependencies]\n\
             scorekit-campaigns = {{ path = {:?} }}\n\
             scorekit-test-support = {{ path = {:?} }}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
            campaigns.display().to_string(),
            // It selects the features with which the libraries are built already.
            workspace().join("tests/support").display().to_string(),
        );
        std::fs::write(directory.join("Cargo.toml"), manifest).expect("a manifest");
        std::fs::write(directory.join("src/main.rs"), example).expect("a program");
        // The versions of the workspace, which are downloaded already.
        std::fs::copy(workspace().join("Cargo.lock"), directory.join("Cargo.lock"))
            .expect("a lock file");

        let sandbox = Sandbox::start().await.expect("a sandbox");
        let keys = sandbox.credentials();
        let mut command = cargo_command(&directory);
        command
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

        let tree = cargo_command(&directory)
            .args(["tree", "--offline", "--prefix", "none"])
            .output();
        let tree = String::from_utf8_lossy(&tree.expect("cargo runs").stdout).into_owned();
        assert!(tree.contains("scorekit-core v"), "{tree}");
        assert!(
            !tree.contains("scorekit v") && !tree.contains("progenitor"),
            "{tree}"
        );
    }
}

/// Returns the names between backticks in a line of Markdown.
fn inline_code(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Returns the targets of the links in a line of Markdown, without fragments.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
}

/// Returns true if inline code is a relative path: it has a directory and only letters of file
/// names, and is not a media type.
fn is_path(code: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "._/-".contains(letter);
    code.contains('/')
        && code.chars().all(is_letter)
        && !code.starts_with(['/', '-'])
        && !["application/", "text/", "target/"]
            .iter()
            .any(|prefix| code.starts_with(prefix))
}

/// Returns the paths of a document that do not exist, with their lines. A path is relative to the
/// workspace, to the document, or to a directory in the last heading.
fn missing_paths(document: &str) -> Vec<String> {
    let own = workspace().join(document);
    let own = own.parent().expect("a directory").to_owned();
    let mut bases = vec![workspace(), own.clone()];
    let (mut missing, mut is_block) = (Vec::new(), false);
    for (index, line) in read(document).lines().enumerate() {
        if line.starts_with("```") {
            is_block = !is_block;
        }
        if is_block {
            continue;
        }
        if line.starts_with('#') {
            bases.truncate(2);
            bases.extend(inline_code(line).map(|path| workspace().join(path)));
        }
        let code = inline_code(line)
            .filter(|code| is_path(code) && !bases.iter().any(|base| base.join(code).exists()));
        let links = links(line).filter(|target| !own.join(target).exists());
        missing.extend(
            code.chain(links)
                .map(|path| format!("{document}:{}: {path}", index + 1)),
        );
    }
    missing
}

#[test]
fn every_path_in_the_documents_exists() {
    let mut documents: Vec<String> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
        .map(str::to_owned)
        .into();
    for (path, _) in files(&workspace().join("docs")) {
        // Its inline code has strings of the wire, such as the name of a client and its version.
        if path.extension().is_some_and(|extension| extension == "md")
            && !path.ends_with("vendor-client.md")
        {
            documents.push(format!("docs/{}", path.display()));
        }
    }
    assert!(documents.len() > 8, "{documents:?}");
    let missing: Vec<String> = documents
        .iter()
        .flat_map(|name| missing_paths(name))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_directory_of_the_code_is_on_the_map() {
    let map = read("ARCHITECTURE.md");
    let mut missing = Vec::new();
    for root in [
        "crates/cli/src",
        "crates/core/src",
        "crates/codegen/src",
        "crates/sandbox/src",
    ] {
        for entry in std::fs::read_dir(workspace().join(root)).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").display().to_string();
            let is_named = map.contains(&format!("`{name}`"))
                || map.contains(&format!("`src/{name}`"))
                || map.contains(&format!("`{root}/{name}`"));
            if path.is_dir() && !is_named {
                missing.push(format!("{root}/{name}"));
            }
        }
    }
    for root in ["crates", "tests", "benches"] {
        for entry in std::fs::read_dir(workspace().join(root)).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = format!("{root}/{}", path.file_name().expect("a name").display());
            if path.is_dir() && !map.contains(&format!("`{name}`")) {
                missing.push(name);
            }
        }
    }
    assert_eq!(missing, [""; 0], "ARCHITECTURE.md does not list them");
}

/// Returns the crates of the workspace that a package depends on, outside of tests.
fn dependencies(package: &str) -> Vec<String> {
    let manifest = read(&format!("{package}/Cargo.toml"));
    let mut names = Vec::new();
    let mut section = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        if matches!(section, "[dependencies]" | "[build-dependencies]")
            && name.starts_with("scorekit")
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    names
}

/// Compares the dependencies with the table of ARCHITECTURE.md.
#[test]
fn crates_depend_only_on_the_crates_below_them() {
    for package in ["core", "schema"] {
        let found = dependencies(&format!("crates/{package}"));
        assert_eq!(found, [""; 0], "{package}");
    }
    for package in ["sandbox", "codegen"] {
        let found = dependencies(&format!("crates/{package}"));
        assert_eq!(found, ["scorekit-schema"], "{package}");
    }
    let found = dependencies("crates/sandbox-client");
    assert_eq!(found, ["scorekit-core"]);
    let domains = ["campaigns", "cases", "kpi", "scorecards"];
    for domain in domains {
        let found = dependencies(&format!("crates/{domain}"));
        assert_eq!(found, ["scorekit-core"], "{domain}");
    }
    let mut expected = domains.map(|domain| format!("scorekit-{domain}")).to_vec();
    expected.push("scorekit-core".to_owned());
    expected.sort();
    assert_eq!(dependencies("crates/scorekit"), expected);
    let command = ["scorekit", "scorekit-sandbox", "scorekit-sandbox-client"];
    assert_eq!(dependencies("crates/cli"), command);
    assert_eq!(dependencies("xtask"), ["scorekit-codegen"]);
}
