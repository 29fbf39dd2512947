//! `cargo xtask release` in a small repository, and the places of this one that name the version.

use std::path::Path;
use std::process::{Command, Output};

use scorekit_test_support::{cargo, workspace, xtask};
use tempfile::TempDir;

const DOCUMENT: &str = r##"openapi: 3.0.3
info:
  title: shop
  version: 0.1.0
servers: [{url: "https://api.example.com"}]
tags: [{name: shop, description: A small shop.}]
paths:
  /orders:
    get:
      operationId: ListOrders
      summary: List orders
      tags: [shop]
      x-resource: orders
      x-verb: list
      responses:
        "200":
          description: The orders.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Order"}}
              example: [{note: urgent}]
components:
  schemas:
    Order:
      type: object
      description: An order.
      properties:
        note: {type: string, description: A remark of the customer.}
"##;

const README: &str = "# shop\n\nscorekit-shop = \"0.1\"\nscorekit-shop = { version = \"0.1\" }\n\
                      other = \"0.1\"\nscorekit/0.1.0, and scorekit 0.1.0 was the first\n";

const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Orders.\n- Notes.\n\n\
                         [Unreleased]: https://example.com/shop/commits/main\n";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A repository with a workspace of two crates.
struct Repository(TempDir);

impl Repository {
    /// Creates the repository, with everything committed and no tag.
    fn new() -> Self {
        let repository = Self(TempDir::new().expect("a temporary directory"));
        let package = |name: &str, dependencies: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion.workspace = true\n\n[dependencies]\n\
                 {dependencies}"
            )
        };
        for (path, content) in [
            (
                "Cargo.toml",
                "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n\n\
                 [workspace.package]\nversion = \"0.1.0\" # of all crates\n\n\
                 [workspace.dependencies]\n\
                 scorekit-shop = { path = \"crates/shop\", version = \"0.1.0\" }\n",
            ),
            ("crates/shop/Cargo.toml", &package("scorekit-shop", "")),
            (
                "crates/scorekit/Cargo.toml",
                &package("scorekit", "scorekit-shop.workspace = true\n"),
            ),
            ("crates/shop/src/lib.rs", ""),
            ("crates/scorekit/src/lib.rs", ""),
            ("python/pyproject.toml", "[project]\nversion = \"0.1.0\"\n"),
            (
                "typescript/package.json",
                "{\n  \"version\": \"0.1.0\"\n}\n",
            ),
            (
                "tests/other/Cargo.lock",
                "[[package]]\nname = \"far\"\nversion = \"0.1.0\"\nsource = \"far\"\n\n\
                 [[package]]\nname = \"scorekit-shop\"\nversion = \"0.1.0\"\n",
            ),
            ("spec/openapi.yaml", DOCUMENT),
            ("README.md", README),
            ("CHANGELOG.md", CHANGELOG),
        ] {
            repository.write(path, content);
        }
        let locked = cargo(repository.root(), &["generate-lockfile", "--offline"]);
        assert!(locked.status.success(), "{locked:?}");
        repository.git(&["init", "--quiet"]);
        repository.commit("Start");
        repository
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        std::fs::write(path, content).expect("a file");
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root().join(path)).expect("a file")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command
            .current_dir(self.root())
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments);
        let output = command.output().expect("git runs");
        assert!(output.status.success(), "{output:?}");
        text(&output.stdout)
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "-m", message]);
    }

    /// Returns the files that differ from the last commit.
    fn changed(&self) -> Vec<String> {
        let status = self.git(&["status", "--porcelain"]);
        status.lines().map(|line| line[3..].to_owned()).collect()
    }

    /// Runs the command, which ends with this exit code, and returns its output.
    fn release(&self, arguments: &[&str], code: i32) -> String {
        let root = self.root().display().to_string();
        let output = release(&[arguments, &["--root", &root]].concat());
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        text(&output.stdout) + &text(&output.stderr)
    }
}

fn release(arguments: &[&str]) -> Output {
    xtask(&[&["release"], arguments].concat())
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

#[test]
fn one_command_raises_the_version_and_dates_the_changes() {
    let repository = Repository::new();
    let dry = repository.release(&["--dry-run", "--version", "0.2.0"], 0);
    has(&dry, &["0.2.0 (last release: none)", "no tag is a version"]);
    assert_eq!(repository.changed(), [""; 0], "{dry}");

    let arguments = ["--date", "2026-02-28", "--version", "0.2.0"];
    let output = repository.release(&arguments, 0);
    let files = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "python/pyproject.toml",
        "spec/openapi.yaml",
        "tests/other/Cargo.lock",
        "typescript/package.json",
    ];
    assert_eq!(repository.changed(), files, "{output}");
    let changelog = repository.read("CHANGELOG.md");
    has(
        &changelog,
        &[
            "## [Unreleased]\n\n## [0.2.0] - 2026-02-28\n\n### Added\n\n- Orders.",
            "\n[Unreleased]: https://example.com/shop/compare/v0.2.0...HEAD\n\
             [0.2.0]: https://example.com/shop/releases/tag/v0.2.0\n",
        ],
    );
    let manifest = repository.read("Cargo.toml");
    has(
        &manifest,
        &[
            "version = \"0.2.0\" # of all crates",
            "shop\", version = \"0.2.0\" }",
        ],
    );
    let readme = README.replace("scorekit-shop = \"0.1\"", "scorekit-shop = \"0.2\"");
    let readme = readme.replace("{ version = \"0.1\"", "{ version = \"0.2\"");
    let readme = readme.replace("scorekit/0.1.0", "scorekit/0.2.0");
    assert_eq!(repository.read("README.md"), readme);
    let other = repository.read("tests/other/Cargo.lock");
    has(
        &other,
        &[
            "name = \"far\"\nversion = \"0.1.0\"",
            "shop\"\nversion = \"0.2.0\"",
        ],
    );
    let locked = cargo(repository.root(), &["metadata", "--locked", "--offline"]);
    assert!(locked.status.success(), "{locked:?}");

    // The printed commands commit every changed file, and tag the commit.
    let commands = output.split("next      ").nth(1).expect("commands");
    let commands = commands.replace("\\\n", "");
    for command in commands.lines().filter(|line| !line.contains("git push")) {
        let words = command.trim().strip_prefix("git ").expect("git");
        let words = words.replace("'Release 0.2.0'", "Release_0.2.0");
        let words: Vec<&str> = words.split_ascii_whitespace().collect();
        repository.git(&words);
    }
    assert_eq!(repository.changed(), [""; 0]);
    assert_eq!(repository.git(&["tag"]).trim(), "v0.2.0");
    let again = repository.release(&["--dry-run"], 1);
    has(
        &again,
        &[
            "v0.2.0 is released",
            "pass --version, higher than 0.2.0",
            "lists no changes",
        ],
    );

    let changelog = repository.read("CHANGELOG.md");
    let changelog = changelog.replacen("[Unreleased]\n", "[Unreleased]\n\n- Lists.\n", 1);
    repository.write("CHANGELOG.md", &changelog);
    repository.commit("List orders");
    repository.release(&["--date", "2026-03-31", "--version", "0.3.0"], 0);
    has(
        &repository.read("CHANGELOG.md"),
        &[
            "\n[Unreleased]: https://example.com/shop/compare/v0.3.0...HEAD\n\
             [0.3.0]: https://example.com/shop/compare/v0.2.0...v0.3.0\n\
             [0.2.0]: https://example.com/shop/releases/tag/v0.2.0\n",
        ],
    );
}

#[test]
fn the_current_version_is_released_without_another_one() {
    let repository = Repository::new();
    repository.release(&["--date", "2028-02-29"], 0);
    assert_eq!(repository.changed(), ["CHANGELOG.md"]);
    has(
        &repository.read("CHANGELOG.md"),
        &["## [0.1.0] - 2028-02-29"],
    );
}

#[test]
fn wrong_arguments_and_uncommitted_changes_are_rejected() {
    let repository = Repository::new();
    let both = ["--dry-run", "--date", "2026-01-31"];
    let calendar = "not a date of the calendar";
    for (arguments, message) in [
        (&both[..], "cannot be used with"),
        (&[], "--dry-run|--date"),
        (&["--version", "0.2.0"], "--dry-run|--date"),
        (&["--date", "tomorrow"], calendar),
        (&["--date", "2026-02-29"], calendar),
        (&["--date", "2026-1-31"], calendar),
        (&["--date", "2026-01-31T10:00:00Z"], calendar),
        (&["--dry-run", "--version", "0.2"], "not a version"),
        (&["--dry-run", "--version", "v0.2.0"], "not a version"),
    ] {
        has(&repository.release(arguments, 2), &[message]);
    }
    let low = repository.release(&["--date", "2026-01-31", "--version", "0.0.9"], 1);
    has(&low, &["0.0.9 is lower than 0.1.0 in Cargo.toml"]);
    assert_eq!(repository.changed(), [""; 0]);

    repository.write("README.md", "# changed\n");
    repository.write("notes.txt", "");
    let arguments = ["--date", "2026-01-31", "--version", "0.2.0"];
    let dirty = repository.release(&arguments, 1);
    has(
        &dirty,
        &["uncommitted changes: README.md, notes.txt; commit or stash them"],
    );
    assert_eq!(repository.changed(), ["README.md", "notes.txt"]);
    repository.release(&["--dry-run"], 0);
}

#[test]
fn changes_since_the_last_release_are_shown_and_decide_the_version() {
    let repository = Repository::new();
    repository.git(&["tag", "v0.1.0"]);
    // An older release, and tags that are not releases.
    for tag in ["v0.0.9", "vendor", "v0.9.0-rc.1"] {
        repository.git(&["tag", tag]);
    }
    repository.write("notes.txt", "");
    repository.commit("Take notes");
    let same = repository.release(&["--dry-run", "--version", "0.1.1"], 0);
    has(
        &same,
        &[
            "1 since v0.1.0\n          Take notes\n",
            "no file of spec changed since v0.1.0",
        ],
    );

    let renamed = DOCUMENT.replace("note:", "remark:");
    repository.write("spec/openapi.yaml", &renamed);
    repository.commit("Rename the note");
    let output = repository.release(&["--dry-run"], 1);
    has(
        &output,
        &[
            "2 since v0.1.0\n          Rename the note\n          Take notes\n",
            "1 change in 1 crate; 1 of them break the wire, 1 break the Rust API since v0.1.0",
            "- **Breaking**: `scorekit-shop`: field `Order.note` is now called `remark`",
            "0.2.0 is the lowest version: scorekit needs it: it exports scorekit-shop",
            "v0.1.0 is released, so 0.1.0 is too low; pass --version, 0.2.0 or higher",
        ],
    );
    let arguments = ["--date", "2026-01-31", "--version", "0.1.1"];
    let low = repository.release(&arguments, 1);
    has(
        &low,
        &["problem   0.1.1 is too low: the changes of the document since v0.1.0 need 0.2.0"],
    );
    let problem = low.split("problem   ").nth(1).expect("a problem");
    has(
        problem,
        &["\n          - **Breaking**: `scorekit-shop`: field `Order.note`"],
    );
    assert_eq!(repository.changed(), [""; 0]);
    let arguments = ["--date", "2026-01-31", "--version", "0.2.0"];
    has(
        &repository.release(&arguments, 0),
        &["git commit --message 'Release 0.2.0'"],
    );

    repository.git(&["checkout", "--quiet", "."]);
    repository.write("spec/openapi.yaml", "openapi: 2.0\n");
    let broken = repository.release(&["--dry-run", "--version", "0.2.0"], 1);
    has(
        &broken,
        &[
            "problem   cannot generate code for the document: ",
            "cargo xtask generate",
        ],
    );
    // The document of the last release cannot be used.
    repository.commit("Break the document");
    repository.git(&["tag", "v0.1.1"]);
    repository.write("spec/openapi.yaml", &renamed);
    let old = repository.release(&["--dry-run", "--version", "0.2.0"], 0);
    has(
        &old,
        &[
            "document  cannot compare it with v0.1.1: ",
            "cargo xtask diff --base v0.1.1",
        ],
    );
}

/// Checks that the command knows every place of this repository that names the version.
#[test]
fn the_release_knows_every_place_of_the_version() {
    let version = env!("CARGO_PKG_VERSION");
    let (short, _) = version.rsplit_once('.').expect("three numbers");
    let patterns = [
        format!("scorekit.*\"{short}\""),
        format!("version:\\? *=\\? *\"\\?{version}\"\\?$"),
        format!("version\"\\?: \"\\?{version}\"\\?,\\?$"),
        format!("scorekit[-a-z]*[/@=]\\+v\\?{version}"),
    ];
    let mut command = Command::new("git");
    command
        .current_dir(workspace())
        .args(["grep", "--name-only"]);
    for pattern in &patterns {
        command.args(["-e", pattern]);
    }
    // Fixtures, examples and history have versions of their own.
    let own = [
        "crates/codegen/examples",
        "crates/codegen/src",
        "tests/generator",
        "tests/integration",
        "CHANGELOG.md",
        "docs/migration.md",
    ];
    let own = own.map(|path| format!(":!{path}"));
    let output = command.arg("--").args(own).output().expect("git runs");
    let found = text(&output.stdout);
    let mut found: Vec<&str> = found.lines().collect();
    // Cargo writes this one.
    found.retain(|path| *path != "Cargo.lock");
    assert!(found.len() >= 10, "{found:?}");
    // A version that is higher than any needed one.
    let plan = text(&release(&["--dry-run", "--version", "99.0.0"]).stdout);
    let files = plan.lines().skip_while(|line| !line.starts_with("files "));
    let files = files.skip(1).take_while(|line| line.starts_with("  "));
    let files: Vec<&str> = files.map(str::trim).collect();
    assert_eq!(files, found, "{plan}");
}
