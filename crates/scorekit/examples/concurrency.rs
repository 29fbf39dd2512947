//! Limits the requests that a client has in flight, while many tasks call it.
//!
//! Run it with `cargo run --example concurrency`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::Config;
use tokio::task::JoinSet;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, _) = support::sandbox().await?;
    let config = Config::new().max_concurrent_requests(2);
    let client = support::builder(&sandbox).config(config).build()?;
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        // Clones share the limit.
        let rules = client.scorecards().rules();
        calls.spawn(async move { rules.list().send().await });
    }
    while let Some(call) = calls.join_next().await {
        call??;
    }
    println!("{} requests, at most two at once", sandbox.requests().len());
    Ok(())
}
