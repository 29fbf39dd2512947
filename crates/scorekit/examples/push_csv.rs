//! Sends outcomes from lines such as `checkout,on-call,pass`, as a CI job writes them.
//!
//! Run it with `cargo run --example push_csv`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::scorecards::types::{EntityReference, RuleId, State, UpdateOutcomesAsyncRequestItem};

const LINES: &str = "checkout,on-call,pass\nsearch,on-call,fail\nsearch,unknown,pass\n";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (_sandbox, client) = support::sandbox().await?;
    let mut items = Vec::new();
    for line in LINES.lines() {
        let fields: Vec<&str> = line.split(',').collect();
        let [service, rule, state] = fields[..] else {
            return Err(format!("not three fields: {line}").into());
        };
        items.push(UpdateOutcomesAsyncRequestItem::new(
            EntityReference::from(format!("service:{service}")),
            RuleId::from(rule),
            // An unknown word is an error here; `State::from` would send it.
            state.parse::<State>()?,
        ));
    }
    let report = client
        .scorecards()
        .outcomes()
        .push_all(items)
        .finish()
        .await;
    for (line, error) in &report.failures {
        println!("line {}: {error}", line + 1);
    }
    println!("{} sent", report.progress.sent);
    assert_eq!(report.failures.len(), 1);
    Ok(())
}
