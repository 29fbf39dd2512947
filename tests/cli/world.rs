//! A sandbox with a directory of its own, and runs of the binary in it.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Output, Stdio};

use scorekit_sandbox::{Clock, Sandbox, SandboxBuilder};
use scorekit_test_support::program;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// Returns the value of `PATH` with the directory of the binary first, for scripts.
pub(crate) fn search_path() -> OsString {
    let own = program().parent().expect("a directory").to_owned();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own).chain(std::env::split_paths(&others));
    std::env::join_paths(all).expect("paths without separators")
}

/// The variables that the tool reads. None of the machine's own reach a run.
const VARIABLES: [&str; 12] = [
    "DD_SITE",
    "DD_API_KEY",
    "DD_APP_KEY",
    "DD_BEARER_TOKEN",
    "DCYCLE_API_KEY",
    "DCYCLE_BEARER_TOKEN",
    "DCYCLE_ORGANIZATION_ID",
    "DCYCLE_USER_ID",
    "SCOREKIT_BASE_URL",
    "SCOREKIT_PROFILE",
    "NO_COLOR",
    "COLUMNS",
];

/// A sandbox and a directory.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) directory: TempDir,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code().expect("an exit code"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Returns the output of a run that succeeded.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }

    /// Returns the output as JSON.
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.ok()).expect("JSON")
    }
}

impl World {
    /// Starts a sandbox at a fixed time.
    pub(crate) async fn new() -> Self {
        Self::with(Sandbox::builder()).await
    }

    pub(crate) async fn with(builder: SandboxBuilder) -> Self {
        let clock: Clock = "2026-01-31T08:30:00Z".parse().expect("a time");
        Self {
            sandbox: builder.clock(clock).start().await.expect("a sandbox"),
            directory: TempDir::new().expect("a directory"),
        }
    }

    /// Returns a run without credentials and address.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        bare(self.directory.path(), arguments)
    }

    /// Returns a run with the address and the keys of the sandbox.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        self.add_variables(&mut command);
        command
    }

    pub(crate) fn add_variables(&self, command: &mut Command) {
        let keys = self.sandbox.credentials();
        command
            .env("SCOREKIT_BASE_URL", self.sandbox.url())
            .env("DD_API_KEY", keys.api_key)
            .env("DD_APP_KEY", keys.application_key)
            .env("DCYCLE_API_KEY", keys.dcycle_api_key);
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments)).await
    }

    /// Creates a rule and returns its id.
    pub(crate) async fn rule(&self, name: &str) -> String {
        let arguments = ["rules", "create", "--scorecard-name", "Production"];
        let rest = ["--name", name, "--enabled", "-o", "name"];
        let run = self.run(&[&arguments[..], &rest].concat()).await;
        run.ok().trim().to_owned()
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.display().to_string()
    }
}

/// Returns a run in a directory, without credentials and address.
pub(crate) fn bare(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .current_dir(directory)
        .env("SCOREKIT_CONFIG", directory.join("config.toml"))
        .env("SCOREKIT_STATE", directory.join("state"))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

pub(crate) async fn run(mut command: Command) -> Run {
    Run::of(command.output().await.expect("the binary runs"))
}

/// Runs with text as standard input.
pub(crate) async fn run_with_input(mut command: Command, input: &str) -> Run {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).await.expect("a reader");
    drop(stdin);
    Run::of(child.wait_with_output().await.expect("the binary ends"))
}

/// Sends a signal, such as `-INT` for Ctrl-C, to a running binary.
#[cfg(unix)]
pub(crate) async fn signal(child: &tokio::process::Child, name: &str) {
    let pid = child.id().expect("a process").to_string();
    let mut kill = Command::new("kill");
    assert!(
        kill.args([name, &pid])
            .status()
            .await
            .expect("kill runs")
            .success()
    );
}
