//! Sends a parameter that the document does not list, and reads the response as it was sent.
//!
//! Run it with `cargo run --example unlisted`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::ApiRequest;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = support::sandbox().await?;
    let rules = client.scorecards().rules();
    // The sandbox rejects what the document does not list; the vendor may know it.
    let call = rules
        .list()
        .query_unchecked("filter[beta]", true)
        .send()
        .await;
    let error = call.err().ok_or("the sandbox knows the parameter")?;
    println!("{error}");
    let query = sandbox
        .requests()
        .first()
        .map(|request| request.query.clone());
    println!("the server received {query:?}");

    let response = rules.list().send().await?;
    let body = response.raw().ok_or("the response has no body")?;
    println!("a body of {} bytes", body.bytes().len());
    Ok(())
}
