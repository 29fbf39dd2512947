//! `scorekit auth`: keeps credentials in a profile. They are read from a terminal without an echo,
//! or from standard input, and never from the command line, which other users can see.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::{ArgAction, ArgMatches, Command};
use serde_json::json;

use super::argument;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::keyring;
use crate::settings::{BASE_URL, ProfileFile, SETTINGS, SITE, Setting, Settings, Source};

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
                     DD_API_KEY=… from standard input. Only the owner can read the file. --site and \
                     --base-url are stored, too.",
                )
                .arg(flag("bearer", "Ask for a Datadog access token instead of the two keys"))
                .arg(flag("dcycle", "Ask for the API key of Dcycle instead"))
                .arg(flag(
                    "keyring",
                    "Store the credentials in the system's keyring, which needs a build with the \
                     feature `keyring`",
                ))
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
    let waiting = interrupt::waiting("nothing was stored");
    let mut values = match io::stdin().is_terminal() {
        true => ask(context, matches)?,
        false => read_lines()?,
    };
    drop(waiting);
    if !values.iter().any(|(setting, _)| setting.scheme.is_some()) {
        let message = "cannot log in: standard input has no credential";
        return Err(Failure::usage(message)
            .with_help("write lines such as DD_API_KEY=…, or run the command in a terminal"));
    }
    // The flags win over what was read, as everywhere.
    for setting in &SETTINGS {
        if let Some(value) = context.flag(setting.variable) {
            values.retain(|(it, _)| it.name != setting.name);
            values.push((setting, value.to_owned()));
        }
    }
    check(&values).map_err(|failure| context.naming_flags(failure))?;
    let mut file = ProfileFile::read()?;
    let profile = context.profile.clone();
    let profile = profile.unwrap_or_else(|| file.current().to_owned());
    let mut in_keyring = file.in_keyring(&profile);
    for (setting, value) in &values {
        if setting.scheme.is_none() {
            file.set(&profile, setting.name, value)?;
            continue;
        }
        let was_there = in_keyring.contains(&setting.name);
        in_keyring.retain(|it| *it != setting.name);
        if matches.get_flag("keyring") {
            keyring::set(&profile, setting.name, value)?;
            in_keyring.push(setting.name);
            file.set(&profile, setting.name, "")?;
        } else {
            if was_there {
                keyring::remove(&profile, setting.name)?;
            }
            file.set(&profile, setting.name, value)?;
        }
    }
    file.set_in_keyring(&profile, &in_keyring);
    let is_stored = |name: &str| {
        values
            .iter()
            .any(|(it, value)| it.variable == name && !value.is_empty())
    };
    if is_stored(SITE) && !is_stored(BASE_URL) {
        // The address would win over the site.
        file.set(&profile, "base_url", "")?;
    }
    file.write()?;
    let names: Vec<&str> = values.iter().map(|(setting, _)| setting.name).collect();
    let place = match matches.get_flag("keyring") {
        true => "; the credentials are in the system's keyring",
        false => "",
    };
    context.say(&format!(
        "stored {} in the profile {profile:?} of {}{place}",
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
fn ask(
    context: &Context,
    matches: &ArgMatches,
) -> Result<Vec<(&'static Setting, String)>, Failure> {
    let names: &[&str] = if matches.get_flag("dcycle") {
        &["dcycle_api_key"]
    } else if matches.get_flag("bearer") {
        &["site", "bearer_token"]
    } else {
        &["site", "api_key", "app_key"]
    };
    let failed = |error: io::Error| Failure::failed(format!("cannot read the answer: {error}"));
    let mut values = Vec::new();
    let asked = SETTINGS.iter().filter(|it| names.contains(&it.name));
    for setting in asked.filter(|it| context.flag(it.variable).is_none()) {
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
            let message = format!("cannot read line {number} of standard input: it has no setting");
            Failure::usage(message).with_help(format!(
                "write NAME=VALUE, with one of {}",
                names.join(", ")
            ))
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
    let in_keyring = file.in_keyring(&profile);
    let is_stored = |name: &str| file.get(&profile, name).is_some() || in_keyring.contains(&name);
    let stored: Vec<&str> = secrets
        .map(|it| it.name)
        .filter(|it| is_stored(it))
        .collect();
    if stored.is_empty() {
        context.say(&format!("the profile {profile:?} has no credentials"));
        return Ok(Exit::Success);
    }
    for name in &stored {
        if in_keyring.contains(name) {
            keyring::remove(&profile, name)?;
        }
        file.set(&profile, name, "")?;
    }
    file.set_in_keyring(&profile, &[]);
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
        false => Err(Failure::new(
            Exit::Credentials,
            "cannot call the APIs: no credentials are set",
        )
        .with_help("run `scorekit auth login`")),
    }
}

/// Returns the source of a setting in words.
pub(super) fn source_text(settings: &Settings, source: Source) -> String {
    match source {
        Source::Environment => "environment".to_owned(),
        Source::Profile => format!("profile {}", settings.profile),
        Source::Keyring => format!("keyring, profile {}", settings.profile),
    }
}
