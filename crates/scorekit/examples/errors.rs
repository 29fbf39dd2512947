//! Decides by the kind of an error, and shows what it holds.
//!
//! Run it with `cargo run --example errors`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::{ErrorKind, StatusCode};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (_sandbox, client) = support::sandbox().await?;
    let call = client.scorecards().rules().delete("unknown").send().await;
    let Err(error) = call else {
        return Err("the rule exists".into());
    };
    match (error.kind(), error.status()) {
        (ErrorKind::Api, Some(StatusCode::NOT_FOUND)) => println!("already gone: {error}"),
        (ErrorKind::Configuration, _) => println!("the settings are wrong: {error}"),
        _ if error.is_retryable() => println!("try later: {error}"),
        _ => return Err(error.into()),
    }
    // The server's own words, and what its support asks for.
    for problem in error.errors() {
        println!("  {problem:?}");
    }
    println!(
        "  operation {:?}, request {:?}",
        error.operation(),
        error.request_id()
    );
    Ok(())
}
