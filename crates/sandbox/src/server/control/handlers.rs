//! The handlers of the control API, by `operationId`, and those for the sandbox as a whole.

use serde_json::json;

use super::{Reply, Request, Result, settings, stored};
use crate::config::SandboxConfig;
use crate::request::ApiError;
use crate::server::steering::Part;
use crate::sync::lock;

/// A function that handles a valid request.
pub(super) type Handler = fn(&Request<'_>) -> Result<Reply>;

/// The handlers, in the order of the document.
const HANDLERS: [(&str, Handler); 32] = [
    ("GetHealth", get_health),
    ("GetConfig", get_config),
    ("Reset", reset),
    ("ApplySeed", stored::apply_seed),
    ("ApplyNamedSeed", stored::apply_named_seed),
    ("ListResourceKinds", stored::list_kinds),
    ("ListResources", stored::list_resources),
    ("UpdateResource", stored::update_resource),
    ("DeleteResource", stored::delete_resource),
    ("ListFaults", settings::list_faults),
    ("AddFault", settings::add_fault),
    ("ClearFaults", settings::clear_faults),
    ("RemoveFault", settings::remove_fault),
    ("ListRateLimits", settings::list_rate_limits),
    ("AddRateLimit", settings::add_rate_limit),
    ("ClearRateLimits", settings::clear_rate_limits),
    ("RemoveRateLimit", settings::remove_rate_limit),
    ("GetLatency", settings::get_latency),
    ("SetLatency", settings::set_latency),
    ("GetClock", settings::get_clock),
    ("SetClock", settings::set_clock),
    ("AdvanceClock", settings::advance_clock),
    ("FreezeClock", settings::freeze_clock),
    ("ResumeClock", settings::resume_clock),
    ("ListSnapshots", stored::list_snapshots),
    ("SaveSnapshot", stored::save_snapshot),
    ("DeleteSnapshot", stored::delete_snapshot),
    ("RestoreSnapshot", stored::restore_snapshot),
    ("DiffSnapshot", stored::diff_snapshot),
    ("ListRequests", stored::list_requests),
    ("ClearRequests", stored::clear_requests),
    ("GetRequest", stored::get_request),
];

/// Returns the handler of an operation.
pub(super) fn find(operation_id: &str) -> Option<Handler> {
    let mut handlers = HANDLERS.iter();
    let found = handlers.find(|(id, _)| *id == operation_id);
    found.map(|(_, handler)| *handler)
}

/// Returns the names of the operations that have a handler.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    HANDLERS.iter().map(|(name, _)| *name)
}

fn get_health(request: &Request<'_>) -> Result<Reply> {
    let server = request.server;
    Ok(Reply::json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "time": server.clock.now_text(),
        "resources": lock(&server.state).len(),
        "requests": lock(&server.log).all().count(),
        "faults": lock(&server.faults).all().len(),
    })))
}

fn get_config(request: &Request<'_>) -> Result<Reply> {
    let config = SandboxConfig::new(format!("http://{}", request.host));
    Ok(Reply::json(config.to_json()))
}

fn reset(request: &Request<'_>) -> Result<Reply> {
    let named = request.call.body.get("parts").and_then(|it| it.as_array());
    let parts: Vec<Part> = match named {
        Some(names) => {
            let is_named = |part: &Part| names.iter().any(|name| name == part.name());
            Part::ALL.into_iter().filter(is_named).collect()
        }
        None => Part::ALL.to_vec(),
    };
    let written = request.server.reset(&parts);
    let written = written.map_err(|error| ApiError::invalid_body("", error.to_string()))?;
    Ok(Reply::empty().after(written))
}
