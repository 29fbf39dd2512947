//! `scorekit sandbox start`.

use std::io::{self, Write as _};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use scorekit_sandbox::{Clock, Fault, RateLimit, Sandbox, SandboxBuilder, StartError};

use crate::commands::parsers::{address, whole};
use crate::commands::{argument, body};
use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::interrupt;

pub(super) fn command() -> Command {
    let repeated = |name: &'static str| argument(name).action(ArgAction::Append);
    Command::new("start")
        .about("Start a sandbox, and print the variables that lead to it")
        .arg(
            argument("address")
                .value_name("ADDRESS")
                .value_parser(address)
                .default_value("127.0.0.1")
                .help("Address to listen on; 0.0.0.0 in a container"),
        )
        .arg(
            argument("port")
                .value_name("PORT")
                .value_parser(whole(0..=u16::MAX))
                .default_value("8080")
                .help("Port; 0 takes a free one"),
        )
        .args(files())
        .arg(
            argument("clock")
                .value_name("TIME")
                .value_parser(value_parser!(Clock))
                .help("Time at which to stop the clock, such as 2026-01-31T08:30:00Z"),
        )
        .arg(
            argument("latency")
                .value_name("DURATION")
                .value_parser(scorekit_sandbox::parse_duration)
                .help("Delay of every response, such as 200ms"),
        )
        .arg(
            repeated("rate-limit")
                .value_name("LIMIT")
                .value_parser(value_parser!(RateLimit))
                .help("Rate limit, such as limit=100,period=60s; repeatable"),
        )
        .arg(
            repeated("fault")
                .value_name("FAULT")
                .value_parser(value_parser!(Fault))
                .help("Fault, such as ListScorecards:status=503,count=2; repeatable"),
        )
        .arg(
            argument("fault-seed")
                .value_name("NUMBER")
                .value_parser(whole(0..=u64::MAX))
                .help("Seed for faults with a probability"),
        )
        .arg(
            argument("max-page-size")
                .value_name("NUMBER")
                .value_parser(whole(1..=u32::MAX))
                .help("Largest number of items on a page of a list"),
        )
        .arg(
            repeated("allow-host")
                .value_name("NAME")
                .help("Host name that requests may use, such as `sandbox`; repeatable"),
        )
        .arg(flag("documented-only").help("Do only what the document says"))
        .arg(flag("json").help("Print the address and the keys as JSON"))
        .after_help("Example:\n  scorekit sandbox start --port 0 --fault status=503,count=1")
}

/// Returns the flags that name the source of the responses, and the files.
fn files() -> [Arg; 5] {
    [
        argument("seed")
            .value_name("FILE")
            .help("JSON file of resources to create at the start, or `realistic`"),
        argument("record")
            .value_name("FILE")
            .help("New file for the calls that change resources, or what --proxy returned"),
        argument("proxy")
            .value_name("URL")
            .help("Base URL of the real API, to which all requests are forwarded"),
        argument("replay")
            .value_name("FILE")
            .conflicts_with_all(["proxy", "record"])
            .help("Recording to respond from, made with --proxy and --record"),
        argument("data")
            .value_name("FILE")
            .help("File that keeps the resources across restarts"),
    ]
}

fn flag(name: &'static str) -> Arg {
    argument(name).action(ArgAction::SetTrue)
}

/// Returns the settings of the flags.
fn builder(matches: &ArgMatches) -> Result<SandboxBuilder, Failure> {
    let port = matches.get_one::<u16>("port").copied().unwrap_or_default();
    let mut builder = Sandbox::builder()
        .port(port)
        .documented_only(matches.get_flag("documented-only"));
    if let Some(file) = matches.get_one::<String>("seed") {
        builder = builder.seed(match file.as_str() {
            "realistic" => scorekit_sandbox::realistic_seed(),
            file => body::read(file)?,
        });
    }
    if let Some(file) = matches.get_one::<String>("record") {
        builder = builder.record(file);
    }
    if let Some(url) = matches.get_one::<String>("proxy") {
        builder = builder.proxy(url);
    }
    if let Some(file) = matches.get_one::<String>("replay") {
        builder = builder.replay(file);
    }
    if let Some(address) = matches.get_one::<IpAddr>("address") {
        builder = builder.address(*address);
    }
    if let Some(file) = matches.get_one::<String>("data") {
        builder = builder.data(file);
    }
    if let Some(clock) = matches.get_one::<Clock>("clock") {
        builder = builder.clock(clock.clone());
    }
    if let Some(latency) = matches.get_one::<Duration>("latency") {
        builder = builder.latency(*latency);
    }
    if let Some(seed) = matches.get_one::<u64>("fault-seed") {
        builder = builder.fault_seed(*seed);
    }
    let items = matches.get_one::<u32>("max-page-size");
    let items = items.and_then(|it| NonZeroUsize::new(usize::try_from(*it).ok()?));
    if let Some(items) = items {
        builder = builder.max_page_size(items);
    }
    for limit in matches
        .get_many::<RateLimit>("rate-limit")
        .into_iter()
        .flatten()
    {
        builder = builder.rate_limit(limit.clone());
    }
    for fault in matches.get_many::<Fault>("fault").into_iter().flatten() {
        builder = builder.fault(fault.clone());
    }
    for name in matches
        .get_many::<String>("allow-host")
        .into_iter()
        .flatten()
    {
        builder = builder.allow_host(name);
    }
    Ok(builder)
}

pub(super) async fn run(context: &mut Context, matches: &ArgMatches) -> Result<Exit, Failure> {
    let sandbox = builder(matches)?.start().await.map_err(not_started)?;
    let config = sandbox.config();
    let mut stdout = io::stdout().lock();
    if matches.get_flag("json") {
        writeln!(stdout, "{}", config.to_json())?;
    } else {
        for (name, value) in config.variables() {
            writeln!(stdout, "export {name}={value}")?;
        }
    }
    stdout.flush()?;
    drop(stdout);
    context.say(&format!(
        "the sandbox listens on {}; stop it with Ctrl-C",
        sandbox.url()
    ));
    interrupt::interrupted().await;
    sandbox.stop().await;
    context.say(match matches.contains_id("data") {
        true => "the sandbox has stopped, and its data is in the file",
        false => "the sandbox has stopped, and its data is gone",
    });
    Ok(Exit::Success)
}

pub(in crate::commands) fn not_started(error: StartError) -> Failure {
    let message = format!("cannot start the sandbox: {error}");
    match error {
        StartError::Setting(_) => Failure::usage(message),
        // The message has the next step.
        _ => Failure::failed(message),
    }
}
