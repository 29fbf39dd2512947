//! Keeps the rules of a server equal to a list: creates, updates and deletes what differs.
//!
//! Run it with `cargo run --example sync_rules`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::scorecards::types::RuleAttributesRequest;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (_sandbox, client) = support::sandbox().await?;
    let rules = client.scorecards().rules();
    let wanted = [
        ("Has on-call", "An engineer is on call."),
        ("Has tests", "The tests run."),
    ];

    let known = rules.list().items().collect_all().await?;
    let name = |rule: &scorekit::scorecards::types::ListRulesResponseDataItem| {
        let attributes = rule.attributes.as_ref();
        attributes
            .and_then(|it| it.name.clone())
            .unwrap_or_default()
    };
    for (title, description) in wanted {
        let attributes = RuleAttributesRequest::new()
            .name(title)
            .scorecard_name("Production")
            .description(description);
        match known.iter().find(|rule| name(rule) == title) {
            Some(rule) => {
                let id = rule.id.as_deref().unwrap_or_default();
                rules.update(id, attributes).send().await?;
                println!("updated {title}");
            }
            None => {
                rules.create(attributes).send().await?;
                println!("created {title}");
            }
        }
    }
    for rule in &known {
        if !wanted.iter().any(|(title, _)| name(rule) == *title) {
            rules
                .delete(rule.id.as_deref().unwrap_or_default())
                .send()
                .await?;
            println!("deleted {}", name(rule));
        }
    }
    let left = rules.list().items().collect_all().await?;
    assert_eq!(left.len(), wanted.len());
    Ok(())
}
