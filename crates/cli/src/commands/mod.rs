//! The commands. The tree is built for the words of the command line, so that a run does not pay
//! for commands that it does not name.

mod about;
mod api;
mod auth;
mod body;
mod campaigns;
mod cases;
mod codes;
mod dates;
#[cfg(feature = "sandbox")]
mod demo;
mod doctor;
mod lists;
mod names;
mod operation;
mod outcomes;
mod parsers;
mod profile;
mod projects;
mod reference;
mod report;
mod rules;
#[cfg(feature = "sandbox")]
mod sandbox;
mod scorecards;
mod scores;
mod teams;
mod triage;

use std::collections::HashSet;
use std::ffi::OsString;

use clap::{Arg, ArgMatches, Command};

use self::about::about;
pub(crate) use self::parsers::whole;
use crate::catalog::{Domain, Resource};
use crate::context::{Context, global_flags};
use crate::exit::{CODES, Exit, Failure};
use crate::generated::DOMAINS;

/// The commands to build in full.
pub(crate) enum Scope {
    /// Those whose names are among these words.
    Words(HashSet<String>),
    /// All.
    All,
}

impl Scope {
    /// Returns the scope of a command line.
    pub(crate) fn of(arguments: &[OsString]) -> Self {
        let words = arguments.iter().skip(1).filter_map(|it| it.to_str());
        Self::Words(words.map(str::to_owned).collect())
    }

    /// Returns true if the command `name` is built in full.
    fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            // `help rules list` names commands, too.
            Self::Words(words) => words.contains(name),
        }
    }
}

/// The name of a command, and the function that builds it.
type ByHand = (&'static str, fn() -> Command);

/// The commands that are written by hand.
const BY_HAND: &[ByHand] = &[
    ("api", api::command),
    ("auth", auth::command),
    ("completion", reference::completion_command),
    #[cfg(feature = "sandbox")]
    ("demo", demo::command),
    ("doctor", doctor::command),
    ("man", reference::man_command),
    ("profile", profile::command),
    ("report", report::command),
    #[cfg(feature = "sandbox")]
    ("sandbox", sandbox::command),
    ("schema", reference::schema_command),
    ("triage", triage::command),
];

/// The name of a resource, and the function that builds its commands that are written by hand.
type OfResource = (&'static str, fn() -> Vec<Command>);

/// The commands of resources that are written by hand.
const OF_RESOURCES: &[OfResource] = &[
    ("campaigns", || vec![campaigns::status_command()]),
    ("cases", cases::commands),
    ("outcomes", || vec![outcomes::push_command()]),
    ("scorecards", scorecards::commands),
];

/// The name of a resource, a description of its command, and the function that adds flags to it.
type Extension = (&'static str, &'static str, fn(Command) -> Command);

/// The resources whose command does something without a verb.
const WITHOUT_VERB: &[Extension] = &[("scores", scores::ABOUT, scores::extend)];

/// Builds the tree of the commands.
pub(crate) fn root(scope: &Scope) -> Command {
    let mut root = Command::new("scorekit")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Scorecards, outcomes, campaigns, cases and KPIs from the terminal")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .max_term_width(100)
        .after_help(after_help());
    root = global_flags(root);
    for domain in DOMAINS {
        let resources = domain.resources.iter();
        let resources = resources.map(|resource| resource_command(domain, resource, scope));
        root = match domain.group {
            Some(group) => {
                let command = Command::new(group).about(first_sentence(domain.about));
                let command = command
                    .subcommand_required(true)
                    .arg_required_else_help(true);
                root.subcommand(command.subcommands(resources))
            }
            None => root.subcommands(resources),
        };
    }
    root = root.subcommands(BY_HAND.iter().map(|(_, build)| build()));
    codes::explain(root, "")
}

fn resource_command(domain: &Domain, resource: &'static Resource, scope: &Scope) -> Command {
    let by_hand = OF_RESOURCES
        .iter()
        // Resources of other groups may have the same name.
        .filter(|(name, _)| *name == resource.name && domain.group.is_none());
    let by_hand: Vec<Command> = by_hand.flat_map(|(_, build)| build()).collect();
    let mut extensions = WITHOUT_VERB.iter();
    let extension = extensions.find(|(name, ..)| *name == resource.name && domain.group.is_none());
    let about = match extension {
        Some((_, about, _)) => (*about).to_owned(),
        None => about(domain, resource, &by_hand),
    };
    let command = Command::new(resource.name)
        .about(about)
        .subcommand_required(true)
        .arg_required_else_help(true);
    if !scope.has(resource.name) {
        return command;
    }
    let commands = resource.commands.iter();
    let commands = commands.map(|it| operation::command(it, scope.has(it.name)));
    let command = command.subcommands(by_hand).subcommands(commands);
    match extension {
        Some((.., extend)) => extend(command),
        None => command,
    }
}

/// Returns the text of `--help` after the options: the exit codes, and where settings come from.
fn after_help() -> String {
    let mut text = "Exit codes:\n".to_owned();
    for (exit, meaning) in CODES {
        text.push_str(&format!("  {:>3}  {meaning}\n", exit.code()));
    }
    text.push_str(
        "\nFlags win over environment variables, and these win over the profile.\n\
         Data goes to standard output, everything else to standard error.",
    );
    text
}

/// Runs the command that the arguments name.
pub(crate) async fn run(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let Some((name, inner)) = matches.subcommand() else {
        return Err(Failure::usage("cannot run a command: none is named")
            .with_help("run `scorekit --help`"));
    };
    match name {
        "api" => return api::run(context, inner).await,
        "auth" => return auth::run(context, inner).await,
        "completion" => return reference::completion(inner),
        "doctor" => return doctor::run(context).await,
        "man" => return reference::man(inner),
        "profile" => return profile::run(context, inner),
        "report" => return report::run(context, inner).await,
        "schema" => return reference::schema(context, inner),
        "triage" => return triage::run(context, inner).await,
        #[cfg(feature = "sandbox")]
        "demo" => return demo::run(context).await,
        #[cfg(feature = "sandbox")]
        "sandbox" => return sandbox::run(context, inner).await,
        _ => {}
    }
    let (name, inner, group) = match inner.subcommand() {
        Some((resource, inner)) if DOMAINS.iter().any(|it| it.group == Some(name)) => {
            (resource, inner, Some(name))
        }
        _ => (name, inner, None),
    };
    match (name, group, inner.subcommand()) {
        ("campaigns", None, Some(("status", inner))) => {
            return campaigns::status(context, inner).await;
        }
        ("cases", None, Some(("list", inner))) => return cases::list(context, inner).await,
        ("cases", None, Some(("comment", inner))) => return cases::comment(context, inner).await,
        ("cases", None, Some(("close", inner))) => return cases::close(context, inner).await,
        ("cases", None, Some(("bulk", inner))) => return cases::bulk(context, inner).await,
        ("outcomes", None, Some(("push", inner))) => return outcomes::push(context, inner).await,
        ("scores", None, None) => return scores::run(context, inner).await,
        ("scorecards", None, Some((verb, inner))) if scorecards::NAMES.contains(&verb) => {
            return scorecards::run(context, verb, inner).await;
        }
        _ => {}
    }
    let domains = DOMAINS.iter().filter(|domain| domain.group == group);
    let mut resources = domains.flat_map(|domain| domain.resources);
    let resource = resources.find(|resource| resource.name == name);
    let found = resource
        .zip(inner.subcommand())
        .and_then(|(resource, (verb, inner))| {
            let mut commands = resource.commands.iter();
            Some((commands.find(|it| it.name == verb)?, inner))
        });
    match found {
        Some((command, inner)) => operation::run(context, command, inner).await,
        None => Err(unknown(name)),
    }
}

/// Returns the error of a command that is in the tree and has no code, which is a defect.
fn unknown(name: &str) -> Failure {
    let message = format!("cannot run the command {name:?}: this program does not have it");
    Failure::usage(message).with_help("see `scorekit --help`")
}

/// Creates a flag with the same name and id.
pub(crate) fn argument(name: &'static str) -> Arg {
    Arg::new(name).long(name)
}

/// Returns the first sentence of a text, without the period.
fn first_sentence(text: &'static str) -> &'static str {
    let end = text.find(". ").unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}
