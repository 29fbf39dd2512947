//! The handlers of faults, rate limits, the latency and the clock.

use std::time::SystemTime;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Reply, Request, Result};
use crate::document::Location;
use crate::faults::{ActiveFault, Fault};
use crate::options::{SettingError, duration_text, parse_duration};
use crate::rate_limit::RateLimit;
use crate::request::{ApiError, Problem, Reason};
use crate::sync::lock;

fn fault_json(active: &ActiveFault) -> Value {
    json!({
        "id": active.id,
        "fault": active.fault.to_string(),
        "applied": active.applied,
        "remaining": active.left,
    })
}

fn rate_limit_json((id, limit): &(u64, RateLimit)) -> Value {
    json!({ "id": id, "rate_limit": limit.to_string() })
}

/// Reads a string of the body with a parser.
fn parsed<T: std::str::FromStr<Err = SettingError>>(
    request: &Request<'_>,
    property: &str,
) -> Result<T> {
    let text = text(request, property);
    text.parse().map_err(|error| unusable(property, &error))
}

fn text<'r>(request: &'r Request<'_>, property: &str) -> &'r str {
    let value = request.call.body.get(property).and_then(Value::as_str);
    value.unwrap_or_default()
}

fn unusable(property: &str, error: &SettingError) -> ApiError {
    let problem = Problem::in_body(format!("/{property}"), error.to_string());
    // The document cannot list the operations.
    let reason = match error.names_unknown_operation() {
        true => Reason::MissingReference,
        false => Reason::Invalid,
    };
    ApiError::with(reason, vec![problem])
}

/// Returns the number in the path.
fn number(request: &Request<'_>, name: &str) -> u64 {
    let value = request.call.value(Location::Path, name);
    value.and_then(Value::as_u64).unwrap_or_default()
}

fn missing(kind: &str, plural: &str, id: u64) -> ApiError {
    let detail = format!("cannot find the {kind} {id}; list the {plural} to see their numbers");
    ApiError::new(Reason::NotFound, detail)
}

pub(super) fn list_faults(request: &Request<'_>) -> Result<Reply> {
    let faults = lock(&request.server.faults);
    let faults: Vec<_> = faults.all().iter().map(fault_json).collect();
    Ok(Reply::json(json!({ "faults": faults })))
}

pub(super) fn add_fault(request: &Request<'_>) -> Result<Reply> {
    let fault: Fault = parsed(request, "fault")?;
    let added = request.server.add_fault(fault);
    let added = added.map_err(|error| unusable("fault", &error))?;
    Ok(Reply::json(fault_json(&added)))
}

pub(super) fn clear_faults(request: &Request<'_>) -> Result<Reply> {
    lock(&request.server.faults).clear();
    Ok(Reply::empty())
}

pub(super) fn remove_fault(request: &Request<'_>) -> Result<Reply> {
    let id = number(request, "fault_id");
    match lock(&request.server.faults).remove(id) {
        true => Ok(Reply::empty()),
        false => Err(missing("fault", "faults", id)),
    }
}

pub(super) fn list_rate_limits(request: &Request<'_>) -> Result<Reply> {
    let limiter = lock(&request.server.limiter);
    let limits: Vec<_> = limiter.all().iter().map(rate_limit_json).collect();
    Ok(Reply::json(json!({ "rate_limits": limits })))
}

pub(super) fn add_rate_limit(request: &Request<'_>) -> Result<Reply> {
    let limit: RateLimit = parsed(request, "rate_limit")?;
    let id = request.server.add_rate_limit(limit.clone());
    let id = id.map_err(|error| unusable("rate_limit", &error))?;
    Ok(Reply::json(rate_limit_json(&(id, limit))))
}

pub(super) fn clear_rate_limits(request: &Request<'_>) -> Result<Reply> {
    lock(&request.server.limiter).reset(&[]);
    Ok(Reply::empty())
}

pub(super) fn remove_rate_limit(request: &Request<'_>) -> Result<Reply> {
    let id = number(request, "rate_limit_id");
    match lock(&request.server.limiter).remove(id) {
        true => Ok(Reply::empty()),
        false => Err(missing("rate limit", "rate limits", id)),
    }
}

pub(super) fn get_latency(request: &Request<'_>) -> Result<Reply> {
    let latency = *lock(&request.server.latency);
    Ok(Reply::json(json!({ "latency": duration_text(latency) })))
}

/// Reads a duration of the body.
fn duration(request: &Request<'_>, property: &str) -> Result<std::time::Duration> {
    let text = text(request, property);
    // The library takes more forms than the document describes.
    let read = match has_documented_form(text) {
        true => parse_duration(text),
        false => Err("write a duration such as `200ms`, `1.5s`, `2m` or `1m30s`".to_owned()),
    };
    read.map_err(|problem| {
        let detail = format!("cannot use the duration `{text}`: {problem}");
        ApiError::invalid_body(format!("/{property}"), detail)
    })
}

/// Returns true if a duration has the form of the document: one number with a unit, or whole
/// numbers of hours, minutes and seconds.
fn has_documented_form(text: &str) -> bool {
    let is_whole = |it: &str, most: usize| {
        (1..=most).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit())
    };
    let mut units = Vec::new();
    let mut has_fraction = false;
    let mut rest = text;
    while let Some(at) = rest.find(|it: char| it.is_ascii_alphabetic()) {
        let (number, after) = rest.split_at(at);
        let end = after.find(|it: char| !it.is_ascii_alphabetic());
        let (unit, next) = after.split_at(end.unwrap_or(after.len()));
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        if !is_whole(whole, 6) || fraction.is_some_and(|it| !is_whole(it, 3)) {
            return false;
        }
        has_fraction |= fraction.is_some();
        units.push(unit);
        rest = next;
    }
    let is_known = match units.as_slice() {
        ["ms" | "s" | "m" | "h"] => true,
        ["h", "m", "s"] | ["m", "s"] | ["h", "m"] => !has_fraction,
        _ => false,
    };
    is_known && rest.is_empty()
}

pub(super) fn set_latency(request: &Request<'_>) -> Result<Reply> {
    *lock(&request.server.latency) = duration(request, "latency")?;
    get_latency(request)
}

pub(super) fn get_clock(request: &Request<'_>) -> Result<Reply> {
    let clock = &request.server.clock;
    Ok(Reply::json(json!({
        "time": clock.now_text(),
        "frozen": clock.is_frozen(),
    })))
}

pub(super) fn set_clock(request: &Request<'_>) -> Result<Reply> {
    let invalid = |error: String| ApiError::invalid_body("/time", error);
    let time: Timestamp = text(request, "time")
        .parse()
        .map_err(|error| invalid(format!("cannot use the time: {error}")))?;
    let frozen = request.call.body.get("frozen");
    let runs = frozen.and_then(Value::as_bool) == Some(false);
    let time = SystemTime::try_from(time);
    let time = time.map_err(|error| invalid(format!("cannot use the time: {error}")))?;
    let clock = &request.server.clock;
    let set = match runs {
        true => clock.run_from(time),
        false => clock.set(time),
    };
    set.map_err(|error| invalid(error.to_string()))?;
    get_clock(request)
}

pub(super) fn advance_clock(request: &Request<'_>) -> Result<Reply> {
    let duration = duration(request, "duration")?;
    request.server.clock.advance(duration);
    get_clock(request)
}

pub(super) fn freeze_clock(request: &Request<'_>) -> Result<Reply> {
    request.server.clock.freeze();
    get_clock(request)
}

pub(super) fn resume_clock(request: &Request<'_>) -> Result<Reply> {
    request.server.clock.resume();
    get_clock(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_documented_form() {
        for text in [
            "200ms",
            "1.5s",
            "2m",
            "0s",
            "1m30s",
            "1h30m",
            "1h2m3s",
            "999999.999h",
        ] {
            assert!(has_documented_form(text), "{text}");
            assert!(parse_duration(text).is_ok(), "{text}");
        }
        for text in [
            "", "1", "s", "1 s", "1s ", "-1s", "1d", "1 hour", "1S", "1.5m30s", "1s1m", "1m1m",
            "1h1s", "1234567s", "1.2345s", "1.s", ".5s", "1s5", "PT1H", "٣s",
        ] {
            assert!(!has_documented_form(text), "{text}");
        }
    }
}
