//! Uses the client of one domain, as a program does that depends on its crate alone.
//!
//! Run it with `cargo run --example one_domain`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;

use scorekit::campaigns::{Client, Config, Credentials};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Such a program writes `scorekit_campaigns` in place of `scorekit::campaigns`.
    let (sandbox, _) = support::sandbox().await?;
    let keys = sandbox.credentials();
    let config = Config::new()
        .base_url(&sandbox.url())
        .credentials(Credentials::datadog_keys(
            keys.api_key,
            keys.application_key,
        ));
    let client = Client::new(config)?;
    let page = client.campaigns().list().page_limit(10).send().await?;
    println!("{} campaigns", page.meta.total);
    assert_eq!(page.meta.total, 0);
    Ok(())
}
