//! The commands that change a running sandbox.

use clap::ArgMatches;
use scorekit_sandbox_client::Client;
use scorekit_sandbox_client::types::{
    AdvanceRequest, ClockRequest, FaultRequest, LatencyRequest, RateLimitRequest, ResetRequest,
    Seed,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{client, done, shown};
use crate::commands::{body, dates, unknown};
use crate::context::Context;
use crate::exit::{Exit, Failure};

/// Turns JSON into the body of a request.
fn typed<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, Failure> {
    serde_json::from_value(value)
        .map_err(|error| Failure::usage(format!("cannot use {what}: {error}")))
}

fn text<'m>(matches: &'m ArgMatches, name: &str) -> &'m str {
    matches.get_one::<String>(name).map_or("", String::as_str)
}

pub(super) async fn run(
    context: &Context,
    name: &str,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    let client = client(context, matches)?;
    match (name, matches.subcommand()) {
        ("config", _) => shown(context, None, client.config().get().send()).await,
        ("health", _) => shown(context, None, client.health().get().send()).await,
        ("seed", _) => {
            let file = text(matches, "file");
            if file == "realistic" {
                let request = client.named_seeds().apply(file.into());
                return shown(context, None, request.send()).await;
            }
            let seed: Seed = typed(&format!("the seed {file}"), body::read(file)?)?;
            shown(context, None, client.seeds().apply(seed).send()).await
        }
        ("reset", _) => {
            let mut request = client.parts().reset();
            if let Some(parts) = matches.get_many::<String>("part") {
                let parts: Vec<&String> = parts.collect();
                let body: ResetRequest = typed("the parts", json!({ "parts": parts }))?;
                request = request.body(&body);
            }
            let text = match matches.contains_id("part") {
                true => "these parts of the sandbox are as they were at its start",
                false => "the sandbox is as it was at its start",
            };
            done(context, text, request.send()).await
        }
        ("latency", _) => match matches.get_one::<String>("duration") {
            Some(latency) => {
                let latency = LatencyRequest::new(latency.as_str());
                shown(context, None, client.latency().set(latency).send()).await
            }
            None => shown(context, None, client.latency().get().send()).await,
        },
        ("fault", Some((verb, matches))) => fault(context, &client, verb, matches).await,
        ("limit", Some((verb, matches))) => limit(context, &client, verb, matches).await,
        ("clock", Some((verb, matches))) => clock(context, &client, verb, matches).await,
        ("snapshot", Some((verb, matches))) => snapshot(context, &client, verb, matches).await,
        _ => Err(unknown(name)),
    }
}

async fn fault(
    context: &Context,
    client: &Client,
    verb: &str,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    let faults = client.faults();
    let number = matches.try_get_one::<i64>("number").ok().flatten();
    match (verb, number) {
        ("add", _) => {
            let fault = FaultRequest::new(text(matches, "fault"));
            shown(context, None, faults.create(fault).send()).await
        }
        ("remove", Some(id)) => {
            done(context, "the fault is removed", faults.delete(*id).send()).await
        }
        ("clear", _) => done(context, "no fault is set", faults.clear().send()).await,
        _ => shown(context, Some("faults"), faults.list().send()).await,
    }
}

async fn limit(
    context: &Context,
    client: &Client,
    verb: &str,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    let limits = client.rate_limits();
    let number = matches.try_get_one::<i64>("number").ok().flatten();
    match (verb, number) {
        ("add", _) => {
            let limit = RateLimitRequest::new(text(matches, "limit"));
            shown(context, None, limits.create(limit).send()).await
        }
        ("remove", Some(id)) => {
            done(
                context,
                "the rate limit is removed",
                limits.delete(*id).send(),
            )
            .await
        }
        ("clear", _) => done(context, "no rate limit is set", limits.clear().send()).await,
        _ => shown(context, Some("rate_limits"), limits.list().send()).await,
    }
}

async fn clock(
    context: &Context,
    client: &Client,
    verb: &str,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    let clock = client.clock();
    match verb {
        "set" => {
            let frozen = !matches.get_flag("running");
            let time = dates::time("the time", text(matches, "time"))?;
            let body = json!({ "time": time, "frozen": frozen });
            let body: ClockRequest = typed("the time", body)?;
            shown(context, None, clock.set(body).send()).await
        }
        "advance" => {
            let duration = AdvanceRequest::new(text(matches, "duration"));
            shown(context, None, clock.advance(duration).send()).await
        }
        "freeze" => shown(context, None, clock.freeze().send()).await,
        "resume" => shown(context, None, clock.resume().send()).await,
        _ => shown(context, None, clock.get().send()).await,
    }
}

async fn snapshot(
    context: &Context,
    client: &Client,
    verb: &str,
    matches: &ArgMatches,
) -> Result<Exit, Failure> {
    let snapshots = client.snapshots();
    let name = matches.try_get_one::<String>("name").ok().flatten();
    let name = name.map_or("", String::as_str);
    match verb {
        "save" => shown(context, None, snapshots.save(name).send()).await,
        "diff" => {
            let mut request = snapshots.diff(name);
            if let Some(to) = matches.get_one::<String>("to") {
                request = request.to(to.as_str());
            }
            shown(context, None, request.send()).await
        }
        "restore" => {
            let text = "the resources are those of the snapshot";
            done(context, text, snapshots.restore(name).send()).await
        }
        "delete" => {
            done(
                context,
                "the snapshot is deleted",
                snapshots.delete(name).send(),
            )
            .await
        }
        _ => shown(context, Some("snapshots"), snapshots.list().send()).await,
    }
}
