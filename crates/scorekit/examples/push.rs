//! A bulk push with a progress bar and a journal: the second push sends only the items that failed
//! in the first.
//!
//! Run it with `cargo run --example push`. It starts a sandbox, which rejects two of
//! the two thousand outcomes in the first push.

#![forbid(unsafe_code)]

use std::error::Error;

use indicatif::{ProgressBar, ProgressStyle};
use scorekit::scorecards::types::{
    EntityReference, RuleAttributesRequest, RuleId, State, UpdateOutcomesAsyncRequestItem,
};
use scorekit::{Client, Journal};
use scorekit_sandbox::Sandbox;

const COUNT: u64 = 2000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let keys = sandbox.credentials();
    let client = Client::builder()
        .base_url(&sandbox.url())
        .api_key(keys.api_key)
        .application_key(keys.application_key)
        .build()?;
    let rule = RuleAttributesRequest::new()
        .name("Has an on-call rotation")
        .scorecard_name("Production Readiness");
    let rule = client.scorecards().rules().create(rule).send().await?;
    let rule = rule.into_inner().id.ok_or("the rule has no id")?;
    // A journal belongs to one server. This sandbox is temporary, so the example deletes it at the
    // end.
    let file = std::env::temp_dir().join(format!("outcomes-{}.journal", std::process::id()));

    // The run is over after the first push, although items failed. Another push with the journal
    // would send everything again, so the second one asks for the failed items.
    let journal = Journal::new(&file);
    let pushes = [
        ("first", journal.clone()),
        ("second", journal.only_failed()),
    ];
    for (name, journal) in pushes {
        let outcomes = (0..COUNT).map(|number| {
            // The second push has the right rule for every item.
            let is_unknown = name == "first" && number % 900 == 500;
            let rule = if is_unknown { "unknown" } else { rule.as_str() };
            let service = format!("service:service-{number:04}");
            UpdateOutcomesAsyncRequestItem::new(
                EntityReference::from(service),
                RuleId::from(rule),
                State::Pass,
            )
        });
        let style = "{msg} {wide_bar} {pos}/{len} {per_sec}";
        let bar = ProgressBar::new(COUNT).with_style(ProgressStyle::with_template(style)?);
        bar.set_message(format!("{name} push"));
        let shown = bar.clone();
        let report = client
            .scorecards()
            .outcomes()
            .push_all(outcomes)
            .concurrency(8)
            .journal(journal)?
            .on_progress(move |progress| {
                shown.set_position(progress.sent + progress.already_sent + progress.failed);
            })
            .finish()
            .await;
        bar.finish();
        for (index, error) in &report.failures {
            println!("item {index} was rejected: {error}");
        }
        let progress = report.progress;
        println!(
            "{name} push: {} sent, {} sent earlier, {} rejected, {} requests",
            progress.sent, progress.already_sent, progress.failed, progress.requests
        );
    }
    std::fs::remove_file(file)?;

    let list = client.scorecards().outcomes().list();
    let all = list.items().prefetch(8).collect_all().await?;
    println!("the list holds {} outcomes", all.len());
    if all.len() as u64 == COUNT {
        Ok(())
    } else {
        Err(format!("expected {COUNT} outcomes").into())
    }
}
