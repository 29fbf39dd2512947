//! The rows of the matrix about statuses, error bodies and rate limits.

use scorekit_core::ErrorKind::Api;

use super::row::{Outcome, Row};
use super::rows::{PAGE, failed, raw_response, text};
use super::server::{Body, End, RawResponse};

/// Every 4xx and 5xx status that has a name, and some without one.
pub(crate) const STATUSES: &[&str] = &[
    "400 Bad Request",
    "401 Unauthorized",
    "402 Payment Required",
    "403 Forbidden",
    "404 Not Found",
    "405 Method Not Allowed",
    "406 Not Acceptable",
    "407 Proxy Authentication Required",
    "408 Request Timeout",
    "409 Conflict",
    "410 Gone",
    "411 Length Required",
    "412 Precondition Failed",
    "413 Content Too Large",
    "414 URI Too Long",
    "415 Unsupported Media Type",
    "416 Range Not Satisfiable",
    "417 Expectation Failed",
    "418 I'm a teapot",
    "419 Page Expired",
    "420 Enhance Your Calm",
    "421 Misdirected Request",
    "422 Unprocessable Content",
    "423 Locked",
    "424 Failed Dependency",
    "425 Too Early",
    "426 Upgrade Required",
    "427 Unassigned",
    "428 Precondition Required",
    "429 Too Many Requests",
    "430 Unassigned",
    "431 Request Header Fields Too Large",
    "440 Login Time-out",
    "444 No Response",
    "449 Retry With",
    "450 Blocked",
    "451 Unavailable For Legal Reasons",
    "499 Client Closed Request",
    "500 Internal Server Error",
    "501 Not Implemented",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "504 Gateway Timeout",
    "505 HTTP Version Not Supported",
    "506 Variant Also Negotiates",
    "507 Insufficient Storage",
    "508 Loop Detected",
    "509 Bandwidth Limit Exceeded",
    "510 Not Extended",
    "511 Network Authentication Required",
    "520 Unknown",
    "522 Connection Timed Out",
    "530 Origin Error",
    "599 Unassigned",
    "600 Unassigned",
    "999 Request Denied",
];

/// The error bodies that are sent, whatever the document declares, and the number of errors in
/// each.
pub(crate) const BODIES: &[(&str, usize)] = &[
    (r#"{"errors": ["{echo}", "text"]}"#, 2),
    (
        r#"{"errors": [{"code": "7", "title": "{echo}", "status": "1", "source": {"pointer": "/{echo}"}, "meta": {"{echo}": "{echo}"}}]}"#,
        1,
    ),
    (
        r#"{"detail": [{"loc": ["query", "{echo}"], "msg": "{echo}"}]}"#,
        1,
    ),
    (PAGE, 0),
    ("", 0),
    (r#"{"errors": ["{echo}"#, 0),
    (r#"{"data": null, "errors": []}"#, 0),
];

/// Returns the number of a status line.
fn code(status: &str) -> u16 {
    status.split(' ').next().unwrap().parse().unwrap()
}

/// Returns the rows of every status, with a gateway's page as the body.
pub(crate) fn statuses() -> Vec<Row> {
    let row = |status: &&'static str| {
        let code = code(status);
        let error = failed(Api, code);
        let name = format!("responds with {code}");
        let row = Row::new("Statuses", name, text(status, PAGE).act(), error.clone());
        match code {
            // The server has declined to act.
            429 => Row::new(
                row.section,
                row.name,
                text(status, PAGE).act(),
                error.tries(4),
            ),
            502..=504 => Row::new(
                row.section,
                row.name,
                text(status, PAGE).act(),
                error.clone().tries(4),
            )
            .post(error),
            _ => row,
        }
    };
    STATUSES.iter().map(row).collect()
}

/// Returns the rows of error bodies that break off or do not match their headers.
pub(crate) fn error_bodies() -> Vec<Row> {
    let row = |name: &str, raw: RawResponse, outcome| {
        Row::new("Bodies of errors", name, raw.act(), outcome)
    };
    let page = |end| text("404 Not Found", PAGE).end(end);
    let error = || failed(Api, 404);
    vec![
        row(
            "resets the connection within the body of a 404",
            page(End::Reset),
            error(),
        ),
        row(
            "closes the connection within the body of a 404",
            page(End::Close),
            error(),
        ),
        row(
            "goes silent within the body of a 404",
            page(End::Silent),
            error().took(30),
        ),
        row(
            "cuts off a key within the body of a 404",
            text("404 Not Found", "{\"errors\": [\"bad key {half}").end(End::Close),
            error(),
        ),
        row(
            "sends 100 MB with a 404",
            raw_response("404 Not Found", Body::Chunked(100 << 20)),
            error(),
        )
        .only_over_sockets(),
        row(
            "sends a 404 that is not compressed as announced",
            text("404 Not Found", PAGE).header("content-encoding", "gzip"),
            error(),
        )
        .only_over_sockets(),
    ]
}

/// Returns the rows of rate limit errors in HTML, with each form in which a server sends a wait.
pub(crate) fn rate_limits() -> Vec<Row> {
    let row = |name: &str, raw: RawResponse, outcome: Outcome| {
        Row::new("Rate limits", name, raw.act(), outcome)
    };
    let rejected = || text("429 Too Many Requests", PAGE);
    let busy = || text("503 Service Unavailable", PAGE);
    let error = || failed(Api, 429);
    let date = "Tue, 14 Nov 2023 22:13:20 GMT";
    let later = "Tue, 14 Nov 2023 22:13:27 GMT";
    vec![
        row(
            "responds with 429 without `Retry-After`",
            rejected(),
            error().tries(4),
        ),
        row(
            "responds with 429 with `Retry-After: 7`",
            rejected().header("retry-after", 7),
            error().requested(7),
        ),
        row(
            "responds with 429 with a date 7 s ahead in `Retry-After`",
            rejected().header("date", date).header("retry-after", later),
            error().requested(7),
        ),
        row(
            "responds with 429 with a date 7 s ahead in `Retry-After`, without a `Date`",
            rejected().header("retry-after", "Sun, 06 Nov 1994 08:49:44 GMT"),
            error().requested(7),
        ),
        row(
            "responds with 429 with `X-RateLimit-Reset: 7`",
            rejected().header("x-ratelimit-reset", 7),
            error().requested(7),
        ),
        row(
            "responds with 429 with a Unix time 7 s ahead in `X-RateLimit-Reset`",
            rejected()
                .header("date", date)
                .header("x-ratelimit-reset", 1_700_000_007),
            error().requested(7),
        ),
        row(
            "responds with 429 with `Retry-After: 7` and `X-RateLimit-Reset: 50`",
            rejected()
                .header("x-ratelimit-reset", 50)
                .header("retry-after", 7),
            error().requested(7),
        ),
        row(
            "responds with 429 with `Retry-After: 120`",
            rejected().header("retry-after", 120),
            error().requested(120),
        ),
        row(
            "responds with 429 with a `Retry-After` that is malformed",
            rejected().header("retry-after", "later"),
            error().tries(4),
        ),
        row(
            "responds with 503 with `Retry-After: 7`",
            busy().header("retry-after", 7),
            failed(Api, 503).requested(7),
        ),
    ]
}
