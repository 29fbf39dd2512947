//! The sandbox as a command: starts it, prints how to reach it, and stops on ctrl-c.

#![forbid(unsafe_code)]

use std::error::Error;

use clap::Parser;
use scorekit_sandbox::{Clock, Sandbox};

/// Serve the APIs that scorekit speaks to, in memory, on this machine only.
#[derive(Parser)]
#[command(name = "scorekit-sandbox", version)]
struct Arguments {
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Time at which the sandbox's clock stands still, such as 2026-01-31T08:30:00Z.
    #[arg(long, value_name = "TIME")]
    clock: Option<Clock>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let clock = arguments.clock.unwrap_or_default();
    let sandbox = match Sandbox::builder()
        .port(arguments.port)
        .clock(clock)
        .start()
        .await
    {
        Ok(sandbox) => sandbox,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::exit(1);
        }
    };
    let credentials = sandbox.credentials();
    println!(
        "The sandbox listens on {}. Stop it with ctrl-c. To use it:",
        sandbox.url()
    );
    println!();
    println!("export SCOREKIT_BASE_URL={}", sandbox.url());
    println!("export DD_API_KEY={}", credentials.api_key);
    println!("export DD_APP_KEY={}", credentials.application_key);
    println!("export DCYCLE_API_KEY={}", credentials.dcycle_api_key);
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}
