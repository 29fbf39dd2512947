//! Reads a rate limit, waits for it, or fails at once where it is used up.
//!
//! Run it with `cargo run --example rate_limits`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;
use std::time::Duration;

use scorekit::{CallOptions, RetryPolicy, StatusCode};
use scorekit_sandbox::{RateLimit, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let limit = RateLimit::new(2, Duration::from_secs(1)).on(["ListScorecardRules"]);
    let sandbox = support::start(Sandbox::builder().rate_limit(limit)).await?;
    let client = support::builder(&sandbox).build()?;
    let rules = client.scorecards().rules();

    // Five calls need three periods. The client waits for them, so the server rejects none.
    for _ in 0..5 {
        let response = rules.list().send().await?;
        let limit = response.rate_limit().ok_or("the server sends no limit")?;
        println!("{:?} of {:?} are left", limit.remaining, limit.limit);
    }

    // These calls do not wait. While the time stands still, the limit allows two at most.
    sandbox.clock().freeze();
    let hurry = CallOptions::new()
        .wait_for_rate_limits(false)
        .retry(RetryPolicy::none());
    for _ in 0..3 {
        if let Err(error) = rules.list().with(hurry.clone()).send().await {
            println!("{error}");
            assert_eq!(error.status(), Some(StatusCode::TOO_MANY_REQUESTS));
            return Ok(());
        }
    }
    Err("the server has no limit".into())
}
