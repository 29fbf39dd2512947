//! Tests a program against a server that fails: it starts with data and rejects a request.
//!
//! Run it with `cargo run --example testing`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit_sandbox::{Fault, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = support::start(Sandbox::builder()).await?;
    let client = support::builder(&sandbox).build()?;
    let rules = client.scorecards().rules();

    sandbox.add_fault(Fault::status(403).on(["DeleteScorecardRule"]).times(1))?;
    let error = rules
        .delete("on-call")
        .send()
        .await
        .err()
        .ok_or("the fault had no effect")?;
    println!("{error}");
    rules.delete("on-call").send().await?;

    // What the program sent.
    for request in sandbox.requests() {
        println!("{} {} -> {}", request.method, request.path, request.status);
    }
    assert_eq!(rules.list().items().collect_all().await?.len(), 1);
    Ok(())
}
