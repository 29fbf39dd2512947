//! Stops and advances the time of the sandbox, so that a test of dates repeats.
//!
//! Run it with `cargo run --example clock`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;
use std::time::Duration;

use scorekit::scorecards::types::RuleAttributesRequest;
use scorekit_sandbox::{Clock, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let clock = "2026-01-31T08:30:00Z".parse::<Clock>()?;
    let sandbox = support::start(Sandbox::builder().clock(clock)).await?;
    let client = support::builder(&sandbox).build()?;
    let rules = client.scorecards().rules();
    let mut times = Vec::new();
    for name in ["Has tests", "Has owners"] {
        let rule = RuleAttributesRequest::new()
            .name(name)
            .scorecard_name("Production");
        let rule = rules.create(rule).send().await?.into_inner();
        let time = rule.attributes.and_then(|attributes| attributes.created_at);
        times.push(time.ok_or("the rule has no time")?.to_string());
        sandbox.clock().advance(Duration::from_secs(24 * 60 * 60));
    }
    println!("created {}", times.join(" and "));
    assert!(times[0].starts_with("2026-01-31T08:30") && times[1].starts_with("2026-02-01T08:30"));
    Ok(())
}
