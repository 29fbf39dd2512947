//! `scorekit scorecards export|validate|plan|apply|drift`: scorecards, campaigns and case projects
//! as files.
//!
//! `files` reads what files declare, checked against the table of `kinds`. `connection` reads each
//! list of the server once. `plan` computes the changes from the two, `render` shows
//! them, and `apply` makes them.

mod apply;
mod command;
mod connection;
mod export;
mod files;
mod kinds;
mod matching;
mod memory;
mod plan;
mod progress;
mod references;
mod render;
mod saved;
mod schema;
mod server;
mod shapes;
mod table;
mod values;

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use clap::ArgMatches;
use scorekit::Client;
use serde_json::{Value, json};

use self::apply::{Outcome, Report};
pub(super) use self::command::{NAMES, commands};
use self::connection::{Connection, Scope};
use self::export::Export;
use self::files::{Declared, Problem};
use self::kinds::Kind;
use self::memory::{Directory, Memory};
use self::plan::{Change, Plan};
use self::saved::Saved;
pub(super) use self::schema::schema;
use self::server::Server;
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;
use crate::output::{Format, Printer, allows_color, clean_text, print_line};
use crate::settings::Settings;

/// The name of the file that `drift` without files compares with.
const APPLIED: &str = "applied.json";

/// The number of problems that are printed.
const SHOWN: usize = 50;

/// Runs the command of this name.
pub(super) async fn run(
    context: &Context,
    name: &str,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    if name == "validate" {
        return validate(context, matches);
    }
    let settings = context.settings()?;
    let client = context.client(&settings)?;
    let session = Session::new(context, &settings, &client)?;
    match name {
        "export" => session.export(matches).await,
        "plan" => session.plan(matches).await,
        "apply" => session.apply(matches).await,
        _ => session.drift(matches).await,
    }
}

/// Returns the files of a command.
fn paths(matches: &ArgMatches) -> Vec<&String> {
    let paths = matches.get_many::<String>("file");
    paths.into_iter().flatten().collect()
}

fn validate(context: &Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let declared = files::read(&paths(matches))?;
    warn_of(context, &declared);
    check(context, &declared.problems)?;
    let mut counts = serde_json::Map::new();
    for definition in table::DEFINITIONS {
        let items = declared.items.iter();
        let count = items.filter(|it| it.kind == definition.kind).count();
        if count > 0 {
            counts.insert(definition.list.to_owned(), count.into());
        }
    }
    let printer = context.printer()?;
    printer.document(&Value::Object(counts), |counts| vec![counts.clone()])?;
    context.say("the files are valid");
    Ok(Exit::Success)
}

/// Prints the properties in the files that the document does not have.
fn warn_of(context: &Context, declared: &Declared) {
    for warning in declared.warnings.iter().take(SHOWN) {
        context.say(&format!("warning: {warning}"));
    }
}

/// Prints problems, and returns an error if there are any.
fn check(context: &Context, problems: &[Problem]) -> Result<(), Failure> {
    if problems.is_empty() {
        return Ok(());
    }
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    };
    if context.output.is_json() {
        let problems: Vec<Value> = problems.iter().map(Problem::to_json).collect();
        let document = json!({ "problems": problems });
        let printer = context.printer()?;
        printer.document(&document, |document| rows(&document["problems"]))?;
    } else {
        let mut stderr = io::stderr().lock();
        for problem in problems.iter().take(SHOWN) {
            let _ = writeln!(stderr, "{}", clean_text(&problem.to_string()));
        }
    }
    Err(Failure::failed(format!(
        "cannot use the files: {count}; nothing was changed"
    )))
}

/// A run of a command that needs the server.
struct Session<'a> {
    connection: Connection<'a>,
    url: String,
    directory: Directory,
}

impl<'a> Session<'a> {
    fn new(
        context: &'a Context,
        settings: &'a Settings,
        client: &'a Client,
    ) -> Result<Self, Failure> {
        let connection = Connection {
            context,
            settings,
            client,
        };
        let url = connection.url()?;
        let directory = Directory::of(&url)?;
        Ok(Self {
            connection,
            url,
            directory,
        })
    }

    fn context(&self) -> &'a Context {
        self.connection.context
    }

    async fn read(&self, declared: &Declared, memory: &Memory) -> Result<Server, Failure> {
        let scope = Scope::of(declared);
        self.connection.read(&scope, memory).await
    }

    async fn export(&self, matches: &ArgMatches) -> Result<Exit, Failure> {
        let memory = Memory::read(&self.directory)?;
        let names = matches.get_many::<String>("only");
        let names: Vec<&String> = names.into_iter().flatten().collect();
        let is_named = |kind: &Kind| names.iter().any(|it| *it == kind.definition().list);
        let kinds = Kind::TOP.into_iter();
        let kinds: Vec<Kind> = kinds
            .filter(|it| names.is_empty() || is_named(it))
            .collect();
        let server = self
            .connection
            .read(&Scope::of_kinds(&kinds), &memory)
            .await;
        let server = server.map_err(|failure| match failure.exit {
            Exit::Credentials if names.is_empty() => failure
                .with_help("check the keys with `scorekit doctor`, or leave lists out by --only"),
            _ => failure,
        })?;
        let is_exported =
            |index: usize| server.things[index].is_custom && kinds.contains(&server.top(index));
        let export = Export::new(&server, matches.get_flag("ids"), is_exported);
        for note in export::notes(&server) {
            self.context().say(&format!("note: {note}"));
        }
        match self.context().output.format {
            None | Some(Format::Yaml) if self.context().output.jq.is_none() => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(export.yaml().as_bytes())?;
                stdout.flush()?;
            }
            _ => {
                let printer = self.context().printer()?;
                printer.document(&export.document(), |_| export.rows())?;
            }
        }
        Ok(Exit::Success)
    }

    async fn plan(&self, matches: &ArgMatches) -> Result<Exit, Failure> {
        let prune = matches.get_flag("prune");
        let declared = read_files(self.context(), matches, prune)?;
        let memory = Memory::read(&self.directory)?;
        let server = self.read(&declared, &memory).await?;
        let plan = plan::plan(&declared, &server, prune);
        check(self.context(), &plan.problems)?;
        if let Some(path) = matches.get_one::<String>("out") {
            let text = saved::write(&plan, prune, &self.url);
            memory::write_private(Path::new(path), &text)?;
            self.context().say(&format!(
                "saved the plan; make its changes with `scorekit scorecards apply {path}`"
            ));
        }
        self.show(&plan, false)?;
        let is_pending = !plan.changes.is_empty() && matches.get_flag("detailed-exitcode");
        Ok(if is_pending {
            Exit::Pending
        } else {
            Exit::Success
        })
    }

    async fn drift(&self, matches: &ArgMatches) -> Result<Exit, Failure> {
        let prune = matches.get_flag("prune");
        let (declared, prune) = match paths(matches).first() {
            Some(_) => (read_files(self.context(), matches, prune)?, prune),
            None => {
                let text = self.directory.read(APPLIED)?.unwrap_or_default();
                let saved = saved::read(APPLIED, &text)?;
                let saved = saved.ok_or_else(|| {
                    let message = "cannot look for drift: no apply to this server is recorded here";
                    Failure::usage(message).with_help("name the files to compare with")
                })?;
                (saved.declared, saved.prune || prune)
            }
        };
        let memory = Memory::read(&self.directory)?;
        let server = self.read(&declared, &memory).await?;
        let mut plan = plan::plan(&declared, &server, prune);
        check(self.context(), &plan.problems)?;
        let is_unknown = |change: &Change| {
            change.action == plan::Action::Update && change.fields.iter().all(|it| it.is_unknown)
        };
        let before = plan.changes.len();
        plan.changes.retain(|it| !is_unknown(it));
        let unknown = before - plan.changes.len();
        if unknown > 0 {
            plan.notes.push(format!(
                "{unknown} things have properties that the server does not report; they were not \
                 compared"
            ));
        }
        self.show(&plan, true)?;
        Ok(match plan.changes.is_empty() {
            true => Exit::Success,
            false => Exit::Pending,
        })
    }

    /// Prints a plan in the format of the output.
    fn show(&self, plan: &Plan<'_>, is_drift: bool) -> Result<(), Failure> {
        let context = self.context();
        let printer = context.printer()?;
        if context.output.is_prose() {
            let mut stdout = io::stdout().lock();
            let is_styled = is_styled(context, stdout.is_terminal());
            stdout.write_all(render::plan(plan, is_drift, is_styled).as_bytes())?;
            stdout.flush()?;
        } else {
            let document = plan.to_json();
            printer.document(&document, |document| rows(&document["changes"]))?;
        }
        for note in &plan.notes {
            context.say(&format!("note: {note}"));
        }
        Ok(())
    }

    async fn apply(&self, matches: &ArgMatches) -> Result<Exit, Failure> {
        let context = self.context();
        let printer = context.printer()?;
        let is_confirmed = matches.get_flag("yes");
        let saved = saved_plan(matches)?;
        let is_saved = saved.is_some();
        let prune = match &saved {
            Some(_) if matches.get_flag("prune") => {
                let message = "cannot use --prune: the saved plan says what is deleted";
                return Err(Failure::usage(message).with_help("make a new plan with --prune"));
            }
            Some(saved) => saved.prune,
            None => matches.get_flag("prune"),
        };
        let files;
        let declared = match &saved {
            Some(saved) => &saved.declared,
            None => {
                files = read_files(self.context(), matches, prune)?;
                &files
            }
        };
        if !is_confirmed && !is_saved && !io::stdin().is_terminal() {
            let message = "cannot ask for confirmation: standard input is not a terminal";
            return Err(Failure::usage(message)
                .with_help("add --yes, or apply a plan that `plan --out` saved"));
        }
        let _lock = self.directory.lock()?;
        let mut memory = Memory::read(&self.directory)?;
        let mut server = self.read(declared, &memory).await?;
        let mut plan = plan::plan(declared, &server, prune);
        if let Some(saved) = &saved {
            saved.check(&plan, &self.url)?;
        }
        check(context, &plan.problems)?;
        let is_prose = context.output.is_prose();
        if is_prose {
            self.show(&plan, false)?;
        }
        if !plan.changes.is_empty() && !is_confirmed && !is_saved {
            if !confirm(context, &plan, !is_prose)? {
                context.say("nothing was changed");
                return Ok(Exit::Failed);
            }
            let observed = saved::observed(&plan);
            server = self.read(declared, &memory).await?;
            plan = plan::plan(declared, &server, prune);
            if saved::observed(&plan) != observed {
                let message =
                    "the server has changed since the plan was shown; nothing was changed";
                return Err(Failure::failed(message).with_help("run the command again"));
            }
        }
        let kept = self.keep(&plan)?;
        let report = match plan.changes.is_empty() {
            true => Report::default(),
            false => {
                apply::apply(self.connection, &self.directory, &mut memory, &plan, prune).await
            }
        };
        let exit = report.exit();
        if exit == Exit::Success {
            self.directory
                .write(APPLIED, &saved::write(&plan, prune, &self.url))?;
        }
        self.finish(printer, &plan, &report, kept.as_deref())?;
        Ok(exit)
    }

    /// Keeps an export of what a plan touches.
    fn keep(&self, plan: &Plan<'_>) -> Result<Option<String>, Failure> {
        let mut touched = std::collections::HashSet::new();
        for thing in plan.changes.iter().filter_map(|it| it.thing) {
            let mut next = Some(thing);
            while let Some(index) = next {
                touched.insert(index);
                next = plan.server.things[index].parent;
            }
        }
        if touched.is_empty() {
            return Ok(None);
        }
        let export = Export::new(plan.server, true, |index| touched.contains(&index));
        let path = self.directory.keep(&export.yaml())?.display().to_string();
        self.context()
            .say(&format!("kept what the changes touch in {path}"));
        Ok(Some(path))
    }

    /// Prints the results.
    fn finish(
        &self,
        printer: Printer,
        plan: &Plan<'_>,
        report: &Report,
        kept: Option<&str>,
    ) -> Result<(), Failure> {
        let context = self.context();
        let document = results(plan, report, kept);
        let count = |name: &str| document["summary"][name].as_u64().unwrap_or_default();
        let mut line = format!(
            "Applied: {} added, {} changed, {} deleted",
            count("add"),
            count("change"),
            count("delete")
        );
        for name in ["failed", "skipped", "not_tried"] {
            if count(name) > 0 {
                line.push_str(&format!(", {} {}", count(name), name.replace('_', " ")));
            }
        }
        let shown = match context.output.is_prose() {
            true if plan.changes.is_empty() => Ok(()),
            true => print_line(&format!("{line}.")),
            false => printer.document(&document, |document| rows(&document["changes"])),
        };
        if report.is_interrupted {
            context.warn(
                "interrupted; make a new plan, or apply the files again, for the other changes",
            );
        }
        if let Some(cause) = &report.unverified {
            context.warn(&format!("cannot check the result: {cause}"));
        }
        if !report.foreign.is_empty() {
            context.warn("the server still differs; another apply may run at the same time:");
            for change in &report.foreign {
                context.warn(&format!("  {change}"));
            }
        }
        shown.map_err(|failure| failure.not_shown(&line))
    }
}

/// Returns what the files declare, or an error with every problem.
fn read_files(context: &Context, matches: &ArgMatches, prune: bool) -> Result<Declared, Failure> {
    let mut declared = files::read(&paths(matches))?;
    if prune {
        // An empty scorecard of a file means that all its rules are deleted.
        declared.problems.retain(|it| !it.is_about_empty());
    }
    warn_of(context, &declared);
    check(context, &declared.problems)?;
    Ok(declared)
}

/// Returns the saved plan that the arguments name.
fn saved_plan(matches: &ArgMatches) -> Result<Option<Saved>, Failure> {
    match paths(matches).as_slice() {
        [path] if path.as_str() != "-" => saved::read(path, &files::text(path)?),
        _ => Ok(None),
    }
}

fn is_styled(context: &Context, is_terminal: bool) -> bool {
    is_terminal && !context.output.no_color && allows_color()
}

fn rows(list: &Value) -> Vec<Value> {
    list.as_array().cloned().unwrap_or_default()
}

/// Asks if the changes shall be made.
fn confirm(context: &Context, plan: &Plan<'_>, is_json: bool) -> Result<bool, Failure> {
    let mut stderr = io::stderr();
    if is_json {
        // Standard output is for the result.
        let is_styled = is_styled(context, stderr.is_terminal());
        let _ = stderr.write_all(render::plan(plan, false, is_styled).as_bytes());
    }
    let _ = write!(stderr, "Make these changes? [y/N] ");
    let _ = stderr.flush();
    let mut answer = String::new();
    let _waiting = interrupt::waiting("nothing was changed");
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::failed(format!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Returns the results as JSON.
fn results(plan: &Plan<'_>, report: &Report, kept: Option<&str>) -> Value {
    let mut counts = [0_usize; 6];
    let changes = plan.changes.iter().map(|change| {
        let mut value = plan.change_to_json(change);
        let outcome = report.outcomes.get(&saved::key(plan, change));
        let (place, result, error) = match outcome {
            Some(Outcome::Done) => (change.action as usize, "done", None),
            Some(Outcome::Failed { message, .. }) => (3, "failed", Some(message)),
            Some(Outcome::Skipped(cause)) => (4, "skipped", Some(cause)),
            Some(Outcome::NotTried) | None => (5, "not_tried", None),
        };
        counts[place] += 1;
        value["result"] = result.into();
        if let Some(error) = error {
            value["error"] = error.as_str().into();
        }
        value
    });
    let changes: Vec<Value> = changes.collect();
    let [add, change, delete, failed, skipped, not_tried] = counts;
    json!({
        "changes": changes,
        "summary": {
            "add": add, "change": change, "delete": delete,
            "failed": failed, "skipped": skipped, "not_tried": not_tried,
        },
        "foreign": report.foreign,
        "kept": kept,
    })
}
