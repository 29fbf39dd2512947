//! A sandbox with two rules, and a client for it, for the examples.

#![allow(dead_code, reason = "each example uses a part of it")]

use std::error::Error;

use scorekit::{Client, ClientBuilder};
use scorekit_sandbox::{Sandbox, SandboxBuilder};
use serde_json::json;

/// Starts a sandbox with these settings and the rules `on-call` and `runbook`.
pub(crate) async fn start(builder: SandboxBuilder) -> Result<Sandbox, Box<dyn Error>> {
    let rule = |id: &str, name: &str| {
        let attributes = json!({ "name": name, "scorecard_name": "Production", "enabled": true });
        json!({ "id": id, "attributes": attributes })
    };
    let rules = [
        rule("on-call", "Has on-call"),
        rule("runbook", "Has a runbook"),
    ];
    Ok(builder.seed(json!({ "rules": rules })).start().await?)
}

/// Returns the settings of a client for the sandbox. A program uses `Client::from_env()` instead.
pub(crate) fn builder(sandbox: &Sandbox) -> ClientBuilder {
    let keys = sandbox.credentials();
    Client::builder()
        .base_url(&sandbox.url())
        .api_key(keys.api_key)
        .application_key(keys.application_key)
}

/// Starts a sandbox and creates a client for it.
pub(crate) async fn sandbox() -> Result<(Sandbox, Client), Box<dyn Error>> {
    let sandbox = start(Sandbox::builder()).await?;
    let client = builder(&sandbox).build()?;
    Ok((sandbox, client))
}
