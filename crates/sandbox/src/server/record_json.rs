//! Recorded requests as JSON, for the control API and the page.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::request_log::RequestRecord;

/// Returns a recorded request as JSON.
pub(super) fn record_json(record: &RequestRecord) -> Value {
    let duration = record.duration.map(|duration| {
        // Microseconds are enough, and read better.
        (duration.as_secs_f64() * 1e6).round() / 1e3
    });
    json!({
        "number": record.number,
        "time": time_text(record),
        "method": record.method,
        "path": record.path,
        "query": record.query,
        "operation_id": record.operation_id,
        "status": record.status,
        "fault": record.fault,
        "dropped": record.dropped,
        "headers": headers(&record.headers),
        "body": String::from_utf8_lossy(&record.body),
        "duration_ms": duration,
        "retry_of": record.retry_of,
        "response_headers": headers(&record.response_headers),
        "response_body": String::from_utf8_lossy(&record.response_body),
    })
}

/// Returns the time of a request's arrival in RFC 3339.
fn time_text(record: &RequestRecord) -> String {
    let time = Timestamp::try_from(record.time).unwrap_or_default();
    format!("{time:.3}")
}

fn headers(headers: &[(String, String)]) -> Value {
    let headers = headers.iter();
    headers
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}
