//! The sandbox as a command: starts it, prints how to reach it, and stops on ctrl-c.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use scorekit_sandbox::{Clock, Fault, RateLimit, Sandbox};
use serde_json::Value;

/// Serve the APIs that scorekit speaks to, on this machine only.
#[derive(Parser)]
#[command(name = "scorekit-sandbox", version)]
struct Arguments {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Time at which the sandbox's clock stands still, such as 2026-01-31T08:30:00Z.
    #[arg(long, value_name = "TIME")]
    clock: Option<Clock>,
    /// JSON file of resources that are there from the start; the README describes it.
    #[arg(long, value_name = "FILE")]
    seed_data: Option<PathBuf>,
    /// File to keep everything in across restarts; made if it does not exist. Without it, all is forgotten.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// How long to hold back every answer, such as 200ms or 1.5s.
    #[arg(long, value_name = "TIME", value_parser = scorekit_sandbox::parse_duration)]
    latency: Option<Duration>,
    /// Rate limit, such as limit=100,period=60s or ListScorecardRules:limit=5,period=1s. May be given several times; the
    /// first that covers an operation counts.
    #[arg(long, value_name = "LIMIT")]
    rate_limit: Vec<RateLimit>,
    /// What goes wrong, such as ListScorecardRules:status=503,count=2 or reset,probability=0.1. May be given several
    /// times; the first that fits a request happens. The README lists the words.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// Number that decides which requests are met by faults with a probability.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    fault_seed: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = match start(Arguments::parse()).await {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(1);
        }
    };
    // Whoever has read enough and goes away, as `head` does, does not want it to stop.
    let _ = std::io::stdout().write_all(how_to_use(&sandbox).as_bytes());
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}

/// What there is to know about a sandbox that has started.
fn how_to_use(sandbox: &Sandbox) -> String {
    let (url, credentials) = (sandbox.url(), sandbox.credentials());
    format!(
        "The sandbox listens on {url}. Stop it with ctrl-c. To use it:\n\n\
         export SCOREKIT_BASE_URL={url}\n\
         export DD_API_KEY={}\n\
         export DD_APP_KEY={}\n\
         export DCYCLE_API_KEY={}\n",
        credentials.api_key, credentials.application_key, credentials.dcycle_api_key
    )
}

async fn start(arguments: Arguments) -> Result<Sandbox, Box<dyn Error>> {
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .clock(arguments.clock.unwrap_or_default())
        .latency(arguments.latency.unwrap_or_default())
        .fault_seed(arguments.fault_seed);
    for limit in arguments.rate_limit {
        builder = builder.rate_limit(limit);
    }
    for fault in arguments.fault {
        builder = builder.fault(fault);
    }
    if let Some(file) = arguments.seed_data {
        builder = builder.seed(read_seed(&file)?);
    }
    if let Some(file) = arguments.data {
        builder = builder.data(file);
    }
    Ok(builder.start().await?)
}

fn read_seed(file: &Path) -> Result<Value, String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        format!("the seed {shown} cannot be read: {error}; `--seed-data` takes a JSON file")
    })?;
    serde_json::from_str(&text).map_err(|error| format!("the seed {shown} is no JSON: {error}"))
}
