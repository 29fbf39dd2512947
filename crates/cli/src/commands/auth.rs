//! `scorekit auth`: keeps credentials in a profile. They are read from a terminal without an echo,
//! or from standard input, and never from the command line, which other users can see.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::{ArgAction, ArgMatches, Command};
use serde_json::json;

use super::argument;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::settings::{ProfileFile, SETTINGS, Setting, Settings, Source};

pub(super) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| {
        argument(name).action(ArgAction::SetTrue).help(help)
    };
    Command::new("auth")
        .about("Store, show and remove credentials: login, status, logout")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("login")
                .about("Store credentials in the profile")
                .long_about(
                    "Store credentials in the profile.\n\n\
                     On a terminal, the command asks for them. Otherwise, it reads lines such as \
                     DD_API_KEY=… from standard input. Only the owner can read the file.",
                )
                .arg(flag("bearer", "Ask for a Datadog access token instead of the two keys"))
                .arg(flag("dcycle", "Ask for the API key of Dcycle instead"))
                .after_help(
                    "Examples:\n  scorekit auth login\n  scorekit auth login --profile work < keys.env",
                ),
        )
        .subcommand(
            Command::new("status")
                .about("Show which credentials are set, and where they come from")
                .after_help("Example:\n  scorekit auth status"),
        )
        .subcommand(
            Command::new("logout")
                .about("Remove the credentials from the profile")
                .after_help("Example:\n  scorekit auth logout"),
        )
}

pub(super) async fn run(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("login", matches)) => login(context, matches),
        Some(("logout", _)) => logout(context),
        _ => status(context),
    }
}

fn login(context: &Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let values = match io::stdin().is_terminal() {
        true => ask(matches)?,
        false => read_lines()?,
    };
    if !values.iter().any(|(setting, _)| setting.scheme.is_some()) {
        let message = "cannot log in: standard input has no credential";
        return Err(Failure::usage(message)
            .with_help("write lines such as DD_API_KEY=…, or run the command in a terminal"));
    }
    check(&values)?;
    let mut file = ProfileFile::read()?;
    let profile = context.profile.clone();
    let profile = profile.unwrap_or_else(|| file.current().to_owned());
    for (setting, value) in &values {
        file.set(&profile, setting.name, value);
    }
    file.write()?;
    let names: Vec<&str> = values.iter().map(|(setting, _)| setting.name).collect();
    context.say(&format!(
        "stored {} in the profile {profile:?} of {}",
        names.join(", "),
        file.path.display()
    ));
    Ok(Exit::Success)
}

/// Returns an error if a value cannot be used, before it is stored.
fn check(values: &[(&'static Setting, String)]) -> Result<(), Failure> {
    let get = |name: &str| {
        let mut values = values.iter();
        let found = values.find(|(setting, _)| setting.variable == name)?;
        Some(found.1.clone())
    };
    match scorekit::Config::from_variables(get) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::configuration(error)),
    }
}

/// Asks for credentials on a terminal.
fn ask(matches: &ArgMatches) -> Result<Vec<(&'static Setting, String)>, Failure> {
    let names: &[&str] = if matches.get_flag("dcycle") {
        &["dcycle_api_key"]
    } else if matches.get_flag("bearer") {
        &["site", "bearer_token"]
    } else {
        &["site", "api_key", "app_key"]
    };
    let failed = |error: io::Error| Failure::failed(format!("cannot read the answer: {error}"));
    let mut values = Vec::new();
    for setting in SETTINGS.iter().filter(|it| names.contains(&it.name)) {
        let value = if setting.scheme.is_some() {
            rpassword::prompt_password(format!("{}: ", setting.variable)).map_err(failed)?
        } else {
            let _ = write!(io::stderr(), "{} [datadoghq.com]: ", setting.variable);
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line).map_err(failed)?;
            line
        };
        let value = value.trim().to_owned();
        if !value.is_empty() {
            values.push((setting, value));
        }
    }
    Ok(values)
}

/// Reads lines such as `DD_API_KEY=…` from standard input.
fn read_lines() -> Result<Vec<(&'static Setting, String)>, Failure> {
    let mut values = Vec::new();
    for (index, line) in io::stdin().lock().lines().enumerate() {
        let line =
            line.map_err(|error| Failure::failed(format!("cannot read standard input: {error}")))?;
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // The line may hold a secret, so the message does not repeat it.
        let wrong = || {
            let number = index + 1;
            let names: Vec<&str> = SETTINGS.iter().map(|it| it.variable).collect();
            Failure::usage(format!("cannot read line {number} of standard input")).with_help(
                format!("write NAME=VALUE, with one of {}", names.join(", ")),
            )
        };
        let (name, value) = line.split_once('=').ok_or_else(wrong)?;
        let mut settings = SETTINGS.iter();
        let setting = settings
            .find(|it| it.variable == name.trim())
            .ok_or_else(wrong)?;
        let value = value.trim().trim_matches(['"', '\'']);
        values.push((setting, value.to_owned()));
    }
    Ok(values)
}

fn logout(context: &Context) -> Result<Exit, Failure> {
    let mut file = ProfileFile::read()?;
    let profile = context.profile.clone();
    let profile = profile.unwrap_or_else(|| file.current().to_owned());
    let secrets = SETTINGS.iter().filter(|it| it.scheme.is_some());
    let stored = secrets.filter(|it| file.get(&profile, it.name).is_some());
    let stored: Vec<&str> = stored.map(|it| it.name).collect();
    if stored.is_empty() {
        context.say(&format!("the profile {profile:?} has no credentials"));
        return Ok(Exit::Success);
    }
    for name in &stored {
        file.set(&profile, name, "");
    }
    file.write()?;
    context.say(&format!(
        "removed {} from the profile {profile:?}",
        stored.join(", ")
    ));
    Ok(Exit::Success)
}

fn status(context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let mut printer = context.printer()?;
    let mut is_any_set = false;
    for setting in SETTINGS.iter().filter(|it| it.scheme.is_some()) {
        let found = settings.get(setting.variable);
        is_any_set |= found.is_some();
        printer.item(json!({
            "credential": setting.name,
            "is_set": found.is_some(),
            "source": found.map_or_else(String::new, |(_, source)| source_text(&settings, source)),
        }))?;
    }
    printer.finish()?;
    match is_any_set {
        true => Ok(Exit::Success),
        false => Err(Failure::new(Exit::Credentials, "no credentials are set")
            .with_help("run `scorekit auth login`")),
    }
}

/// Returns the source of a setting in words.
pub(super) fn source_text(settings: &Settings, source: Source) -> String {
    match source {
        Source::Environment => "environment".to_owned(),
        Source::Profile => format!("profile {}", settings.profile),
    }
}
