//! Reads the headers of a response that describe rate limits and waits.

use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName};

/// The smallest reset that is a Unix time in seconds (September 2001). A smaller one is a wait.
const UNIX_TIMES_BEGIN: u64 = 1_000_000_000;

/// The smallest reset that is a Unix time in milliseconds (March 1973). In seconds it would be in
/// the year 5138.
const UNIX_MILLISECONDS_BEGIN: u64 = 100_000_000_000;

// Every response is searched for these names, so they are parsed once.
static NAME: HeaderName = HeaderName::from_static("x-ratelimit-name");
static LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static PERIOD: HeaderName = HeaderName::from_static("x-ratelimit-period");
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The state of a rate limit, from the `X-RateLimit-…` headers of a response.
///
/// Source: <https://docs.datadoghq.com/api/latest/rate-limits/>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// The name of the limit (`X-RateLimit-Name`). Operations that share a limit share its name.
    pub name: Option<String>,
    /// The number of requests that a period allows (`X-RateLimit-Limit`).
    pub limit: Option<u64>,
    /// The length of a period (`X-RateLimit-Period`).
    pub period: Option<Duration>,
    /// The number of requests that are left in this period (`X-RateLimit-Remaining`).
    pub remaining: Option<u64>,
    /// The time from the response to the next period (`X-RateLimit-Reset`). Servers send seconds,
    /// or a Unix time in seconds or milliseconds.
    ///
    /// Calls wait for it only if it is not longer than the period or an hour, whichever is longer.
    /// See [`wait_for_rate_limits`](crate::CallOptions::wait_for_rate_limits) for the rule.
    pub reset: Option<Duration>,
}

impl RateLimit {
    /// Reads the headers of a response; `None` if none of them is about a limit. `now` stands in
    /// for a missing `Date` header.
    pub(crate) fn read(headers: &HeaderMap, now: SystemTime) -> Option<Self> {
        let text = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
        let count = |name: &HeaderName| text(name)?.parse().ok();
        let limit = Self {
            name: text(&NAME).map(str::to_owned),
            limit: count(&LIMIT),
            period: text(&PERIOD).and_then(seconds),
            remaining: count(&REMAINING),
            reset: text(&RESET).and_then(|text| reset(text, headers, now)),
        };
        (limit != Self::default()).then_some(limit)
    }
}

/// Returns the wait that `Retry-After` asks for
/// ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    // Of several headers, the first valid one counts.
    headers.get_all(RETRY_AFTER).iter().find_map(|value| {
        let text = value.to_str().ok()?.trim();
        seconds(text).or_else(|| {
            let date = httpdate::parse_http_date(text).ok()?;
            Some(until(date, headers, now))
        })
    })
}

fn reset(text: &str, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = seconds(text)?;
    let since_epoch = match value.as_secs() {
        ..UNIX_TIMES_BEGIN => return Some(value),
        UNIX_TIMES_BEGIN..UNIX_MILLISECONDS_BEGIN => value,
        milliseconds => Duration::from_millis(milliseconds),
    };
    let date = SystemTime::UNIX_EPOCH.checked_add(since_epoch)?;
    Some(until(date, headers, now))
}

/// Returns the time until `date`, zero for a date in the past.
///
/// The `Date` header of the response wins over the local clock, which may be wrong.
fn until(date: SystemTime, headers: &HeaderMap, now: SystemTime) -> Duration {
    let server_time = headers
        .get(DATE)
        .and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok());
    date.duration_since(server_time.unwrap_or(now))
        .unwrap_or_default()
}

/// Parses a number of seconds, which may have a fraction.
fn seconds(text: &str) -> Option<Duration> {
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !is_number {
        return None;
    }
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Duration::try_from_secs_f64(text.parse().ok()?).ok(),
    }
}
