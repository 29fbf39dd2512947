//! The command: starts a sandbox, prints its address and keys, and stops it on Ctrl-C.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use scorekit_sandbox::{Clock, Fault, RateLimit, Sandbox};
use serde_json::Value;

/// Serve the APIs of the clients, on this machine only.
// clap does not wrap here, so the lines are short enough for a terminal of 60 columns.
#[derive(Parser)]
#[command(name = "scorekit-sandbox", version, next_line_help = true)]
struct Arguments {
    /// Address to listen on; 0.0.0.0 in a container
    #[arg(long, value_name = "ADDRESS", default_value_t = Ipv4Addr::LOCALHOST.into())]
    address: IpAddr,
    /// Port; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Time at which to stop the clock,
    /// such as 2026-01-31T08:30:00Z
    #[arg(long, value_name = "TIME", verbatim_doc_comment)]
    clock: Option<Clock>,
    /// JSON file of resources to create at the start,
    /// or `realistic` for built-in ones; see the README
    #[arg(
        long,
        visible_alias = "seed",
        value_name = "FILE",
        verbatim_doc_comment
    )]
    seed_data: Option<PathBuf>,
    /// New file for the calls that change resources,
    /// which is a seed; with --proxy, for a recording
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    record: Option<PathBuf>,
    /// Base URL of the real API, to which all requests
    /// are forwarded
    #[arg(long, value_name = "URL", verbatim_doc_comment)]
    proxy: Option<String>,
    /// Recording to respond from, made with --proxy
    /// and --record
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["proxy", "record"],
        verbatim_doc_comment
    )]
    replay: Option<PathBuf>,
    /// Print the address and the keys as JSON
    #[arg(long)]
    json: bool,
    /// File that keeps the resources across restarts;
    /// created if missing
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    data: Option<PathBuf>,
    /// Delay of every response, such as 200ms or 1.5s
    #[arg(long, value_name = "DURATION", value_parser = scorekit_sandbox::parse_duration)]
    latency: Option<Duration>,
    /// Rate limit, such as limit=100,period=60s or
    /// ListScorecards:limit=5,period=1s. Repeatable;
    /// the first that covers an operation counts
    #[arg(long, value_name = "LIMIT", verbatim_doc_comment)]
    rate_limit: Vec<RateLimit>,
    /// Fault, such as reset,probability=0.1 or
    /// ListScorecards:status=503,count=2. Repeatable;
    /// the first that matches a request applies.
    /// The README lists the options
    #[arg(long, value_name = "FAULT", verbatim_doc_comment)]
    fault: Vec<Fault>,
    /// Seed for faults with a probability
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    fault_seed: u64,
    /// Host name that requests may use, in addition to
    /// IP addresses and localhost. Repeatable
    #[arg(long, value_name = "NAME", verbatim_doc_comment)]
    allow_host: Vec<String>,
    /// Largest number of items on a page of a list
    #[arg(long, value_name = "NUMBER")]
    max_page_size: Option<NonZeroUsize>,
    /// Do only what the document says, without the rules
    /// and additions of the vendors' servers
    #[arg(long, verbatim_doc_comment)]
    documented_only: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let is_json = arguments.json;
    let sandbox = match start(arguments).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(1);
        }
    };
    // The sandbox keeps running if the reader closes the pipe, as `head` does.
    let text = match is_json {
        true => format!("{}\n", sandbox.config().to_json()),
        false => instructions(&sandbox),
    };
    let _ = std::io::stdout().write_all(text.as_bytes());
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}

/// Returns the text that a sandbox prints when it starts.
fn instructions(sandbox: &Sandbox) -> String {
    let config = sandbox.config();
    let exports = config.variables();
    let exports = exports.map(|(name, value)| format!("export {name}={value}\n"));
    format!(
        "The sandbox listens on {}. Press Ctrl-C to stop it. To use it, run:\n\n{}",
        config.url,
        exports.concat()
    )
}

async fn start(arguments: Arguments) -> Result<Sandbox, Box<dyn Error>> {
    let mut builder = Sandbox::builder()
        .address(arguments.address)
        .port(arguments.port)
        .clock(arguments.clock.unwrap_or_default())
        .latency(arguments.latency.unwrap_or_default())
        .fault_seed(arguments.fault_seed)
        .documented_only(arguments.documented_only);
    if let Some(items) = arguments.max_page_size {
        builder = builder.max_page_size(items);
    }
    for name in arguments.allow_host {
        builder = builder.allow_host(name);
    }
    for limit in arguments.rate_limit {
        builder = builder.rate_limit(limit);
    }
    for fault in arguments.fault {
        builder = builder.fault(fault);
    }
    if let Some(file) = arguments.seed_data {
        builder = builder.seed(read_seed(&file)?);
    }
    if let Some(file) = arguments.record {
        builder = builder.record(file);
    }
    if let Some(url) = arguments.proxy {
        builder = builder.proxy(url);
    }
    if let Some(file) = arguments.replay {
        builder = builder.replay(file);
    }
    if let Some(file) = arguments.data {
        builder = builder.data(file);
    }
    Ok(builder.start().await?)
}

fn read_seed(file: &Path) -> Result<Value, String> {
    if file == Path::new("realistic") {
        return Ok(scorekit_sandbox::realistic_seed());
    }
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!("cannot read the seed {shown}: {error}; `--seed-data` takes a JSON file")
    })?;
    serde_json::from_str(&text)
        .map_err(|error| format!("cannot read the seed {shown}: it is not valid JSON: {error}"))
}
