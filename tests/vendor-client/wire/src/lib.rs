//! Compares the requests of this workspace's client and the vendor's own for the same input, and
//! writes the page about the differences.
//!
//! Both call one sandbox. Ours makes the calls of the workspace tests: every operation with the
//! required and with all values. The vendor's client gets the same values, read from the request
//! into its own types.

#![forbid(unsafe_code)]

mod compare;
mod input;
mod page;
mod vendor;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use scorekit::Client;
use scorekit_sandbox::{RequestRecord, Sandbox};
use serde_json::Value;

use crate::compare::{Difference, Kind, differences};
use scorekit_calls::{Calls, Sent};
use crate::input::Input;
use crate::vendor::{CALLS, Call, Vendor};

/// The values of an operation that are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Amount {
    Least,
    Most,
}

/// A difference and its place.
pub(crate) struct Finding {
    pub(crate) operation: &'static str,
    pub(crate) amount: Amount,
    pub(crate) kind: Kind,
    pub(crate) detail: String,
}

/// All differences.
#[derive(Default)]
pub(crate) struct Comparison {
    /// The operations that both clients have, and those that only ours has.
    pub(crate) compared: Vec<&'static str>,
    pub(crate) only_ours: Vec<&'static str>,
    /// The pairs of requests that differ in nothing.
    pub(crate) equal: usize,
    pub(crate) findings: Vec<Finding>,
}

/// Compares the clients and writes the page at `path`, or with `check` compares the page with the
/// file. Returns true if the page is up to date.
///
/// # Errors
///
/// Returns an error if a difference is not explained, or the comparison or the page cannot be made.
pub fn run(path: &Path, check: bool) -> Result<bool, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let comparison = runtime.block_on(compare())?;
    let page = page::write(&comparison)?;
    let (compared, equal) = (comparison.compared.len(), comparison.equal);
    println!("{compared} operations compared, {equal} pairs of requests differ in nothing");
    if !check {
        fs::write(path, page)?;
        println!("wrote {}", path.display());
        return Ok(true);
    }
    let is_current = fs::read_to_string(path)? == page;
    if !is_current {
        let path = path.display();
        eprintln!(
            "error: {path} is outdated; run this without --check and review the changes"
        );
    }
    Ok(is_current)
}

async fn compare() -> Result<Comparison, Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let keys = sandbox.credentials();
    let client = Client::builder()
        .base_url(&sandbox.url())
        .api_key(keys.api_key)
        .application_key(keys.application_key)
        .dcycle_api_key(keys.dcycle_api_key)
        .build()?;
    let vendor = Arc::new(Vendor::new(&sandbox));
    let paths = paths()?;
    let mut comparison = Comparison::default();
    for calls in scorekit_calls::calls(&client) {
        let Calls {
            operation, plain, ..
        } = calls;
        let Some((_, theirs)) = CALLS.iter().find(|(id, _)| *id == operation) else {
            comparison.only_ours.push(operation);
            continue;
        };
        comparison.compared.push(operation);
        let path = paths.get(operation);
        let path = path.ok_or_else(|| format!("{operation} is not in the document"))?;
        for (call, amount) in plain.into_iter().zip([Amount::Least, Amount::Most]) {
            let found = pair(&sandbox, path, call, *theirs, &vendor, amount).await;
            let found = found.map_err(|error| format!("{operation}: {error}"))?;
            comparison.equal += usize::from(found.is_empty());
            let found = found.into_iter().map(|(kind, detail)| Finding {
                operation,
                amount,
                kind,
                detail,
            });
            comparison.findings.extend(found);
        }
    }
    for (operation, _) in CALLS {
        if !comparison.compared.contains(operation) {
            return Err(format!("`CALLS` has {operation}, which our client does not").into());
        }
    }
    Ok(comparison)
}

/// Sends the same input with both clients. Returns the differences of the requests.
async fn pair(
    sandbox: &Sandbox,
    path: &str,
    ours: Sent,
    theirs: Call,
    vendor: &Arc<Vendor>,
    amount: Amount,
) -> Result<Vec<Difference>, Box<dyn Error>> {
    sandbox.clear_requests();
    // The request has arrived, even if the response is an error.
    let _ = ours.await;
    let ours = arrived(sandbox)?;
    let input = Input::new(path, &ours);
    let notes = input.notes();
    sandbox.clear_requests();
    let mut found = match theirs(Arc::clone(vendor), input).await {
        Ok(()) => differences(&ours, &arrived(sandbox)?),
        Err(error) => vec![(Kind::NotSent, error.to_string())],
    };
    let notes = notes.take();
    let strangers = notes.strangers.into_iter();
    found.extend(strangers.map(|stranger| (Kind::NotModelled, stranger)));
    if amount == Amount::Most {
        let unset = notes.unset.into_iter();
        found.extend(unset.map(|property| (Kind::NotDocumented, property)));
    }
    Ok(found)
}

/// Returns the one request that has arrived.
fn arrived(sandbox: &Sandbox) -> Result<RequestRecord, Box<dyn Error>> {
    let mut requests = sandbox.requests();
    match (requests.pop(), requests.len()) {
        (Some(request), 0) => Ok(request),
        (None, _) => Err("no request arrived".into()),
        (Some(_), more) => Err(format!("{} requests arrived instead of one", more + 1).into()),
    }
}

/// Returns the path of each operation.
fn paths() -> Result<BTreeMap<String, String>, Box<dyn Error>> {
    let document = include_str!("../../../../crates/sandbox/openapi.json");
    let document: Value = serde_json::from_str(document)?;
    let mut paths = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let operations = item.as_object().into_iter().flatten();
        for id in operations.filter_map(|(_, operation)| operation["operationId"].as_str()) {
            paths.insert(id.to_owned(), path.clone());
        }
    }
    Ok(paths)
}
