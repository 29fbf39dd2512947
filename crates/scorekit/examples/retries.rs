//! Sets the retries and time limits of a client and of one call.
//!
//! Run it with `cargo run --example retries`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;
use std::time::Duration;

use scorekit::{CallOptions, RetryPolicy};
use scorekit_sandbox::{Fault, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let fault = Fault::status(503).on(["ListScorecardRules"]).times(3);
    let sandbox = support::start(Sandbox::builder().fault(fault)).await?;
    let policy = RetryPolicy::new()
        .max_attempts(3)
        .base_delay(Duration::from_millis(10));
    let client = support::builder(&sandbox)
        .timeout(Duration::from_secs(20))
        .retry(policy)
        .build()?;
    let rules = client.scorecards().rules();

    // This call alone is not retried.
    let once = CallOptions::new().retry(RetryPolicy::none());
    let error = rules
        .list()
        .with(once)
        .send()
        .await
        .err()
        .ok_or("the server does not fail")?;
    println!("{error}");
    // The server fails twice more.
    let response = rules.list().send().await?;
    println!(
        "{} after {} attempts",
        response.status(),
        response.attempts()
    );
    assert_eq!(response.attempts(), 3);
    Ok(())
}
