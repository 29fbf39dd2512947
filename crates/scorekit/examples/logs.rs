//! Logs calls and their attempts.
//!
//! Run it with `cargo run --example logs`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit_sandbox::{Fault, Sandbox};
use tracing_subscriber::fmt::format::FmtSpan;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A span is logged when it closes, with its attributes.
    tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .init();
    let fault = Fault::status(503).on(["ListScorecardRules"]).times(1);
    let sandbox = support::start(Sandbox::builder().fault(fault)).await?;
    let client = support::builder(&sandbox).build()?;
    client.scorecards().rules().list().send().await?;
    Ok(())
}
