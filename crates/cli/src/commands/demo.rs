//! `scorekit demo`: a scorecard from its rules to the cases, against a sandbox of its own.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::Stdio;

use clap::Command;
use scorekit_sandbox::Sandbox;

use super::sandbox::not_started;
use crate::context::Context;
use crate::exit::{Exit, Failure};

/// A step: what it shows, and its command.
struct Step {
    about: &'static str,
    /// The words after `scorekit`, with quotation marks as in a shell.
    command: &'static str,
    /// A file that is written before, with its content.
    file: Option<(&'static str, &'static str)>,
    /// The exit code that the step shows.
    exit: i32,
}

const fn step(about: &'static str, command: &'static str) -> Step {
    Step {
        about,
        command,
        file: None,
        exit: 0,
    }
}

/// The scorecard of the demo.
const SCORECARDS: &str = "scorecards:
  - name: Production
    rules:
      - { name: On call, owner: sre, level: 1, enabled: true }
      - { name: Runbook, owner: web, level: 2, enabled: true }
";

/// The outcomes that the demo pushes first.
const OUTCOMES: &str = "service,rule,state,remarks
checkout,On call,pass,
checkout,Runbook,fail,Last changed in 2019.
search,On call,pass,
search,Runbook,pass,
";

/// The outcomes after the work is done.
const FIXED: &str = "service,rule,state\ncheckout,Runbook,pass\n";

const STEPS: [Step; 14] = [
    Step {
        file: Some(("scorecards.yaml", SCORECARDS)),
        ..step(
            "Keep scorecards as files: see what would change.",
            "scorecards plan scorecards.yaml",
        )
    },
    step(
        "Change the server.",
        "scorecards apply scorecards.yaml --yes",
    ),
    step(
        "List the rules as a table.",
        "rules list --all --columns name,scorecard_name,owner",
    ),
    Step {
        file: Some(("outcomes.csv", OUTCOMES)),
        ..step(
            "Send the outcomes of services. A pipeline can send JUnit and SARIF, too.",
            "outcomes push outcomes.csv",
        )
    },
    step("See the scores.", "scores --by service"),
    Step {
        exit: 3,
        ..step(
            "Stop a pipeline at a low score: the exit code is 3.",
            "scores --by service --only checkout --min 0.8",
        )
    },
    step(
        "Report by team and service. `-o html` writes a page with charts.",
        "report --group-by team,service",
    ),
    step(
        "Open a project for cases.",
        "projects create --name Platform --key PLATFORM -o name",
    ),
    step(
        "Plan a case for each failing rule and service.",
        "triage --project PLATFORM --from-failing --plan",
    ),
    step(
        "Create the cases. A second run creates none.",
        "triage --project PLATFORM --from-failing --close-passing",
    ),
    Step {
        file: Some(("outcomes.csv", FIXED)),
        ..step(
            "The runbook is written.",
            "outcomes push outcomes.csv --quiet",
        )
    },
    step(
        "The next run comments on the case and closes it.",
        "triage --project PLATFORM --from-failing --close-passing",
    ),
    step(
        "Show a request without sending it.",
        "rules update RULE_ID --name Rota --dry-run",
    ),
    step(
        "Reach any path.",
        "api GET /api/v2/scorecard/scorecards --jq '.data[].attributes.name'",
    ),
];

pub(super) fn command() -> Command {
    Command::new("demo")
        .about("Show the commands at work against a sandbox, without an account")
        .after_help("Example:\n  scorekit demo")
}

/// Runs the steps with this program, so that they are what a user types.
pub(super) async fn run(context: &mut Context) -> Result<Exit, Failure> {
    let sandbox = Sandbox::start().await.map_err(not_started)?;
    let failed = |what: &str, error: io::Error| Failure::failed(format!("cannot {what}: {error}"));
    let program = std::env::current_exe().map_err(|error| failed("find this program", error))?;
    let directory =
        tempfile::tempdir().map_err(|error| failed("create a temporary directory", error))?;
    for step in &STEPS {
        context.say(&format!("\n# {}", step.about));
        if let Some((name, content)) = step.file {
            context.say(&format!("$ cat {name}\n{}", content.trim_end()));
            std::fs::write(directory.path().join(name), content)
                .map_err(|error| failed("write a file", error))?;
        }
        context.say(&format!("$ scorekit {}", step.command));
        run_step(context, &sandbox, &program, directory.path(), step).await?;
    }
    Ok(Exit::Success)
}

async fn run_step(
    context: &Context,
    sandbox: &Sandbox,
    program: &Path,
    directory: &Path,
    step: &Step,
) -> Result<(), Failure> {
    let mut command = tokio::process::Command::new(program);
    command
        .args(words(step.command))
        .current_dir(directory)
        .envs(sandbox.config().variables())
        // The settings of the user do not matter here.
        .env("SCOREKIT_CONFIG", directory.join("config.toml"))
        .env_remove("SCOREKIT_PROFILE")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = command.output().await;
    let output = output
        .map_err(|error| Failure::failed(format!("cannot run {}: {error}", program.display())))?;
    let mut stdout = io::stdout().lock();
    stdout.write_all(&output.stdout)?;
    stdout.flush()?;
    if !context.quiet || output.status.code() != Some(step.exit) {
        let _ = io::stderr().write_all(&output.stderr);
    }
    match output.status.code() == Some(step.exit) {
        true => Ok(()),
        false => Err(Failure::failed(format!(
            "cannot finish the demo: a step ended with {}",
            output.status
        ))),
    }
}

/// Splits a command as a shell does, with single quotation marks only.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for letter in command.chars() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => {
                if let Some(word) = words.last_mut() {
                    word.push(letter);
                }
            }
        }
    }
    words
}
