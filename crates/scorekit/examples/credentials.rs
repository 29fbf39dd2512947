//! Gets credentials from a provider, which is asked again when they expire or are rejected.
//!
//! Run it with `cargo run --example credentials`. It starts a sandbox.

#![forbid(unsafe_code)]

mod support;

use std::error::Error;
use std::time::Duration;

use scorekit::{BoxFuture, Client, CredentialProvider, Credentials, RefreshReason};
use scorekit_sandbox::Fault;

/// A store of secrets. It returns the keys of the sandbox, which expire the first time.
struct Vault {
    api_key: &'static str,
    application_key: &'static str,
}

impl CredentialProvider for Vault {
    fn credentials(
        &self,
        reason: RefreshReason,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn Error + Send + Sync>>> {
        println!("the client asks: {reason:?}");
        let keys = Credentials::datadog_keys(self.api_key, self.application_key);
        let seconds = match reason {
            RefreshReason::Initial => 0,
            _ => 300,
        };
        Box::pin(async move { Ok(keys.valid_for(Duration::from_secs(seconds))) })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (sandbox, _) = support::sandbox().await?;
    let keys = sandbox.credentials();
    let vault = Vault {
        api_key: keys.api_key,
        application_key: keys.application_key,
    };
    let client = Client::builder()
        .base_url(&sandbox.url())
        .credential_provider(vault)
        .build()?;
    let rules = client.scorecards().rules();
    // Asks for the first keys, and before the second call for new ones.
    rules.list().send().await?;
    rules.list().send().await?;
    // The server rejects the keys once. The client asks again and repeats the request.
    sandbox.add_fault(Fault::status(401).times(1))?;
    let response = rules.list().send().await?;
    println!("{} attempts", response.attempts());
    assert_eq!(response.attempts(), 2);
    Ok(())
}
