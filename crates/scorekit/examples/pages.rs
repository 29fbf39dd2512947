//! Reads a whole list: item by item, page by page, and with pages in flight ahead.
//!
//! Run it with `cargo run --example pages`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::scorecards::types::RuleAttributesRequest;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, client) = support::sandbox().await?;
    let rules = client.scorecards().rules();
    for number in 0..8 {
        let rule = RuleAttributesRequest::new();
        let rule = rule
            .name(format!("Rule {number}"))
            .scorecard_name("Production");
        rules.create(rule).send().await?;
    }

    // Holds one page in memory.
    let mut items = rules.list().page_size(4).items();
    let mut count = 0;
    while let Some(rule) = items.next().await {
        count += usize::from(rule?.id.is_some());
    }
    let mut pages = rules.list().page_size(4).pages();
    while let Some(page) = pages.next().await {
        println!("a page of {}", page?.data.as_ref().map_or(0, Vec::len));
    }
    let all = rules
        .list()
        .page_size(4)
        .items()
        .prefetch(4)
        .collect_all()
        .await?;
    println!("{count} rules in {} requests", sandbox.requests().len() - 8);
    assert_eq!((count, all.len()), (10, 10));
    Ok(())
}
