//! The call that several benchmarks measure: a list of 100 outcomes, with the client and by hand.

use std::error::Error;

use scorekit::Client;

use crate::{Limit, Row, compare, plain};

/// A key in the format that the client accepts.
pub const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Creates a client of the server at `url`.
pub fn client(url: &str) -> Result<Client, scorekit::Error> {
    Client::builder()
        .base_url(url)
        .api_key(KEY)
        .application_key(KEY)
        .build()
}

/// Creates the HTTP client of a call that is written by hand.
pub fn bare() -> reqwest::Result<reqwest::Client> {
    // The provider that the clients use, too. Another one may be installed already.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder().no_proxy().build()
}

/// Makes the call with the client.
pub async fn by_client(client: &Client) -> Result<(), Box<dyn Error>> {
    let outcomes = client.scorecards().outcomes();
    let page = outcomes.list().page_size(100).send().await?;
    expect_all(page.data.as_ref().map(Vec::len))
}

/// Makes the call by hand.
pub async fn by_hand(bare: &reqwest::Client, url: &str) -> Result<(), Box<dyn Error>> {
    let request = bare
        .get(format!(
            "{url}/api/v2/scorecard/outcomes?page%5Bsize%5D=100"
        ))
        .header("accept", "application/json")
        .header("DD-API-KEY", KEY)
        .header("DD-APPLICATION-KEY", KEY);
    let response = request.send().await?.error_for_status()?;
    let page: plain::Page<plain::Outcome> = serde_json::from_slice(&response.bytes().await?)?;
    expect_all(page.data.as_ref().map(Vec::len))
}

/// Measures `repeats` calls by the client against as many of `theirs`.
pub fn compare_with(
    name: &str,
    limit: Limit,
    url: &str,
    repeats: usize,
    theirs: impl AsyncFn() -> Result<(), Box<dyn Error>>,
) -> Result<Row, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = client(url)?;
    let ours = async || by_client(&client).await;
    compare(
        name,
        limit,
        || runtime.block_on(times(repeats, &ours)),
        || runtime.block_on(times(repeats, &theirs)),
    )
}

async fn times(
    count: usize,
    call: &impl AsyncFn() -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    for _ in 0..count {
        call().await?;
    }
    Ok(())
}

/// Checks that a page has all outcomes.
pub fn expect_all(count: Option<usize>) -> Result<(), Box<dyn Error>> {
    match count {
        Some(100) => Ok(()),
        other => Err(format!("expected 100 outcomes, got {other:?}").into()),
    }
}
