//! Continues a trace on the server, with the header `traceparent`.
//!
//! Run it with `cargo run --example traces`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::{Config, TraceContext};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, _) = support::sandbox().await?;
    // A CI system passes its trace in this variable.
    let trace = std::env::var("TRACEPARENT")
        .unwrap_or_else(|_| "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned());
    let config = Config::new().trace_context(move || TraceContext::parse(&trace));
    let client = support::builder(&sandbox).config(config).build()?;
    client.scorecards().rules().list().send().await?;
    let requests = sandbox.requests();
    let request = requests.first().ok_or("nothing was sent")?;
    let header = request
        .headers
        .iter()
        .find(|(name, _)| *name == "traceparent");
    println!("the server received {header:?}");
    assert!(header.is_some());
    Ok(())
}
