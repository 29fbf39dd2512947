//! `scorekit profile`: named settings.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use super::auth::source_text;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::settings::{BASE_URL, ProfileFile, SETTINGS, SITE, Setting, unknown_profile};

pub(super) fn command() -> Command {
    let positional = |name: &'static str| Arg::new(name).value_name(name.to_uppercase());
    Command::new("profile")
        .about("Manage named settings: list, use, set, show")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("list")
                .about("List the profiles")
                .after_help("Example:\n  scorekit profile list"),
        )
        .subcommand(
            Command::new("use")
                .about("Choose the profile for later commands")
                .arg(
                    positional("name")
                        .required(true)
                        .help("Name of the profile"),
                )
                .after_help("Example:\n  scorekit profile use work"),
        )
        .subcommand(
            Command::new("set")
                .about("Change a setting of the profile; `auth login` sets credentials")
                .arg(
                    positional("setting")
                        .required(true)
                        .help("Name of the setting"),
                )
                .arg(
                    positional("value")
                        .required(true)
                        .help("Value; empty to remove the setting"),
                )
                .after_help("Example:\n  scorekit profile set site us5 --profile work"),
        )
        .subcommand(
            Command::new("show")
                .about("Show the settings that apply, without the credentials")
                .after_help("Example:\n  scorekit profile show"),
        )
}

pub(super) fn run(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    match matches.subcommand() {
        Some(("use", matches)) => choose(context, text(matches, "name")),
        Some(("set", matches)) => set(context, text(matches, "setting"), text(matches, "value")),
        Some(("show", _)) => show(context),
        _ => list(context),
    }
}

fn text<'a>(matches: &'a ArgMatches, name: &str) -> &'a str {
    let value = matches.get_one::<String>(name);
    value.map(String::as_str).unwrap_or_default()
}

fn list(context: &Context) -> Result<Exit, Failure> {
    let file = ProfileFile::read()?;
    let mut printer = context.printer()?;
    for name in file.names() {
        printer.item(json!({
            "name": name,
            "is_current": name == file.current(),
            "site": file.get(name, "site"),
            "base_url": file.get(name, "base_url"),
        }))?;
    }
    printer.finish()?;
    Ok(Exit::Success)
}

fn choose(context: &Context, name: &str) -> Result<Exit, Failure> {
    let mut file = ProfileFile::read()?;
    if !file.names().any(|it| it == name) {
        return Err(unknown_profile(name, &file));
    }
    file.set_current(name);
    file.write()?;
    context.say(&format!("the profile is now {name:?}"));
    Ok(Exit::Success)
}

fn set(context: &Context, name: &str, value: &str) -> Result<Exit, Failure> {
    let is_named = |setting: &&Setting| setting.name == name;
    let Some(setting) = SETTINGS.iter().find(is_named) else {
        let names = SETTINGS.iter().filter(|it| it.scheme.is_none());
        let names: Vec<&str> = names.map(|it| it.name).collect();
        let message = format!("cannot set {name:?}: no setting has this name");
        return Err(Failure::usage(message).with_help(format!("use one of {}", names.join(", "))));
    };
    if setting.scheme.is_some() {
        let message = format!("cannot set {name} here: other users can see a command line");
        return Err(Failure::usage(message).with_help("run `scorekit auth login`"));
    }
    let given = |variable: &str| (variable == setting.variable).then(|| value.to_owned());
    let _ = scorekit::Config::from_variables(given).map_err(Failure::configuration)?;
    let mut file = ProfileFile::read()?;
    let profile = context.profile.clone();
    let profile = profile.unwrap_or_else(|| file.current().to_owned());
    file.set(&profile, name, value)?;
    let mut note = "";
    if setting.variable == SITE && !value.is_empty() && file.get(&profile, "base_url").is_some() {
        file.set(&profile, "base_url", "")?;
        note = " and removed its base_url, which would win over the site";
    }
    file.write()?;
    context.say(&format!("set {name} in the profile {profile:?}{note}"));
    Ok(Exit::Success)
}

fn show(context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let mut printer = context.printer()?;
    for setting in &SETTINGS {
        let stored = settings.get(setting.variable);
        let (value, source) = match context.flag(setting.variable) {
            Some(value) => (value, "flag".to_owned()),
            // A site on the command line wins over it.
            None if setting.variable == BASE_URL && context.flag(SITE).is_some() => continue,
            None => match stored {
                Some((value, source)) => (value, source_text(&settings, source)),
                None => continue,
            },
        };
        let value = match setting.scheme {
            Some(_) => "(hidden)",
            None => value,
        };
        printer.item(json!({
            "setting": setting.name,
            "value": value,
            "source": source,
        }))?;
    }
    printer.finish()?;
    Ok(Exit::Success)
}
