//! The run of the process: arguments, the runtime, the command, and its exit code.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::commands::{self, Scope};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::output::{allows_color, clean_text, json_line};

/// The arguments that matter even if the others are wrong.
#[derive(Clone, Copy)]
struct Early {
    is_json: bool,
    no_color: bool,
}

impl Early {
    fn of(arguments: &[OsString]) -> Self {
        let json = [
            "-ojson",
            "-o=json",
            "--output=json",
            "-ojsonl",
            "--output=jsonl",
        ];
        let is_flag = |it: &OsStr| it == "-o" || it == "--output";
        let is_value = |it: &OsStr| it == "json" || it == "jsonl";
        let pairs = arguments.windows(2);
        let mut pairs = pairs.map(|pair| is_flag(&pair[0]) && is_value(&pair[1]));
        let joined = arguments.iter().filter_map(|it| it.to_str());
        Self {
            is_json: pairs.any(|it| it) || joined.into_iter().any(|it| json.contains(&it)),
            no_color: arguments.iter().any(|it| it == "--no-color"),
        }
    }
}

/// Runs the command that the arguments name, the first of which is the name of the program.
pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let early = Early::of(&arguments);
    let mut command = commands::root(&Scope::of(&arguments));
    if early.no_color {
        command = command.color(clap::ColorChoice::Never);
    }
    let result = match command.try_get_matches_from(&arguments) {
        Ok(matches) => execute(&matches, early),
        Err(error) => usage(&error, early.is_json),
    };
    let exit = match result {
        Ok(exit) => exit,
        Err(failure) if failure.is_closed_pipe => Exit::Success,
        Err(failure) => {
            report(&failure, &early);
            failure.exit
        }
    };
    ExitCode::from(exit.code())
}

fn execute(matches: &clap::ArgMatches, early: Early) -> Result<Exit, Failure> {
    let mut context = Context::new(matches)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start the runtime: {error}")))?;
    let exit = runtime.block_on(async {
        tokio::spawn(interrupt::listen(move |failure| report(failure, &early)));
        commands::run(&mut context, matches).await
    });
    // A thread that waits for input must not hold the process.
    runtime.shutdown_background();
    exit
}

/// Prints help, or turns a usage error of the parser into one of ours.
fn usage(error: &clap::Error, is_json: bool) -> Result<Exit, Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render();
            let mut stdout = io::stdout().lock();
            let is_styled = stdout.is_terminal() && allows_color();
            match is_styled {
                true => write!(stdout, "{}", text.ansi())?,
                false => write!(stdout, "{text}")?,
            }
            stdout.flush()?;
            Ok(Exit::Success)
        }
        _ if is_json => {
            let text = error.render().to_string();
            let line = text.lines().next().unwrap_or_default();
            let message = line.trim_start_matches("error: ").to_owned();
            let help = boolean_help(error).unwrap_or_else(|| usage_help(error));
            Err(Failure::usage(message).with_help(help))
        }
        _ => {
            let _ = error.print();
            if let Some(help) = boolean_help(error) {
                let _ = writeln!(io::stderr(), "help: {help}");
            }
            Ok(Exit::Usage)
        }
    }
}

/// Returns the next step after `--flag false`, whose value has to follow an equals sign.
fn boolean_help(error: &clap::Error) -> Option<String> {
    let given = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) if error.kind() == ErrorKind::UnknownArgument => text,
        _ => return None,
    };
    let is_boolean = ["true", "false"].contains(&given.as_str());
    is_boolean.then(|| format!("a flag takes this value after an equals sign: --FLAG={given}"))
}

/// Returns the next step after a usage error: the possible values, or a similar flag.
fn usage_help(error: &clap::Error) -> String {
    let get = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        _ => String::new(),
    };
    let values = get(ContextKind::ValidValue);
    if !values.is_empty() {
        return format!("use one of {values}");
    }
    let similar = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedCommand,
    ];
    match similar.map(get).into_iter().find(|it| !it.is_empty()) {
        Some(name) => format!("did you mean {name}?"),
        None => "run the command with `--help`".to_owned(),
    }
}

/// Writes an error to standard error.
fn report(failure: &Failure, early: &Early) {
    let mut stderr = io::stderr().lock();
    if early.is_json {
        let _ = writeln!(stderr, "{}", json_line(&failure.to_json()));
        return;
    }
    let is_styled = stderr.is_terminal() && !early.no_color && allows_color();
    let label = match is_styled {
        true => "\u{1b}[1;31merror:\u{1b}[0m",
        false => "error:",
    };
    let _ = writeln!(stderr, "{label} {}", clean_text(&failure.message));
    if let Some(help) = &failure.help {
        let _ = writeln!(stderr, "help: {}", clean_text(help));
    }
}
