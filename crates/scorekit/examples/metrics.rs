//! Measures every attempt, by the names of OpenTelemetry.
//!
//! Run it with `cargo run --example metrics`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::{Attempt, AttemptHook, AttemptResult, Config};
use scorekit_sandbox::{Fault, Sandbox};

struct Metrics;

impl AttemptHook for Metrics {
    fn after(&self, attempt: &Attempt<'_>, result: &AttemptResult<'_>) {
        // In place of this output, record the value in a histogram of the library that you use.
        let labels = attempt.attributes().chain(result.attributes());
        let labels: Vec<String> = labels
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let seconds = result.duration().as_secs_f64();
        println!(
            "http.client.request.duration {seconds:.4} {{{}}}",
            labels.join(", ")
        );
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let fault = Fault::status(503).on(["ListScorecardRules"]).times(1);
    let sandbox = support::start(Sandbox::builder().fault(fault)).await?;
    let client = support::builder(&sandbox)
        .config(Config::new().hook(Metrics))
        .build()?;
    client.scorecards().rules().list().send().await?;
    Ok(())
}
