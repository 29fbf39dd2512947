//! What a client spends on a list call of 100 outcomes over loopback, against hand-written structures on bare reqwest.
//! The server runs in a process of its own, so that only the clients' time counts.

use std::error::Error;

use scorekit::Client;
use scorekit_benches::{Limit, Row, compare, server};

use crate::plain;

/// How many calls a round makes.
const REPEATS: usize = 40;
const KEY: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn run() -> Result<Row, Box<dyn Error>> {
    let (_server, url) = server::start()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Client::builder()
        .base_url(&url)
        .api_key(KEY)
        .application_key(KEY)
        .build()?;
    let bare = reqwest::Client::builder().no_proxy().build()?;
    let ours = async || -> Result<(), Box<dyn Error>> {
        for _ in 0..REPEATS {
            let outcomes = client.scorecards().outcomes();
            let page = outcomes.list().page_size(100).send().await?;
            assert_count(page.data.as_ref().map(Vec::len))?;
        }
        Ok(())
    };
    let theirs = async || -> Result<(), Box<dyn Error>> {
        for _ in 0..REPEATS {
            let request = bare
                .get(format!(
                    "{url}/api/v2/scorecard/outcomes?page%5Bsize%5D=100"
                ))
                .header("accept", "application/json")
                .header("DD-API-KEY", KEY)
                .header("DD-APPLICATION-KEY", KEY);
            let answer = request.send().await?.error_for_status()?;
            let page: plain::Page<plain::Outcome> = serde_json::from_slice(&answer.bytes().await?)?;
            assert_count(page.data.as_ref().map(Vec::len))?;
        }
        Ok(())
    };
    compare(
        "client CPU time, a list call of 100 outcomes",
        Limit::AtMost(1.05),
        || runtime.block_on(ours()),
        || runtime.block_on(theirs()),
    )
}

fn assert_count(count: Option<usize>) -> Result<(), Box<dyn Error>> {
    match count {
        Some(100) => Ok(()),
        other => Err(format!("expected 100 outcomes, got {other:?}").into()),
    }
}
