//! Creates a rule, reports that a service passes it, and reads the list of rules.
//!
//! Run it with `cargo run --example quick_start`. It starts a sandbox.

#![forbid(unsafe_code)]

use std::error::Error;

use scorekit::scorecards::types::{
    EntityReference, RuleAttributesRequest, RuleId, State, UpdateOutcomesAsyncRequestItem,
};
use scorekit::{Client, Config};
use scorekit_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // With an account, these four lines are `let client = Client::from_env()?;`.
    let sandbox = Sandbox::start().await?;
    let variables = sandbox.config();
    let config = Config::from_variables(|name| variables.get(name))?;
    let client = Client::builder().config(config).build()?;

    let rule = RuleAttributesRequest::new()
        .name("Has an owner")
        .scorecard_name("Ownership");
    let rule = client.scorecards().rules().create(rule).send().await?;
    let id = rule.id.as_deref().ok_or("the rule has no id")?;

    let outcome = UpdateOutcomesAsyncRequestItem::new(
        EntityReference::from("service:checkout"),
        RuleId::from(id),
        State::Pass,
    );
    let outcomes = client.scorecards().outcomes();
    let report = outcomes.push_all([outcome]).finish().await;
    assert!(report.failures.is_empty());

    let mut rules = client.scorecards().rules().list().items();
    while let Some(rule) = rules.next().await {
        println!("{}", rule?.id.unwrap_or_default());
    }
    println!(
        "{} outcome",
        outcomes.list().items().collect_all().await?.len()
    );
    Ok(())
}
