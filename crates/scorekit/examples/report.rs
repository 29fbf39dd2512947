//! Prints the score of each rule.
//!
//! Run it with `cargo run --example report`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::scorecards::types::{
    EntityReference, RuleId, ScorecardScoresAggregation, State, UpdateOutcomesAsyncAttributes,
    UpdateOutcomesAsyncRequestItem,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (_sandbox, client) = support::sandbox().await?;
    let scorecards = client.scorecards();
    let outcome = |service: &str, state| {
        let entity = EntityReference::from(format!("service:{service}"));
        UpdateOutcomesAsyncRequestItem::new(entity, RuleId::from("on-call"), state)
    };
    let results = [
        outcome("checkout", State::Pass),
        outcome("search", State::Fail),
    ];
    let update = UpdateOutcomesAsyncAttributes::new().results(results);
    scorecards.outcomes().update(update).send().await?;

    let scores = scorecards
        .scores()
        .list(ScorecardScoresAggregation::ByRule)
        .send()
        .await?;
    for item in scores.data.iter().flatten() {
        let score = item
            .attributes
            .as_ref()
            .and_then(|attributes| attributes.score);
        println!("{:<40} {:.2}", item.id, score.unwrap_or_default());
    }
    assert!(scores.data.as_ref().is_some_and(|data| !data.is_empty()));
    Ok(())
}
