//! What a server says about its rate limit and about when to come back.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// A reset of this many seconds or more is a Unix time (this one is in September 2001); anything
/// less is how long to wait.
const UNIX_TIMES_BEGIN: u64 = 1_000_000_000;

/// From this on a Unix time counts milliseconds (it is in March 1973 then, and else in the year
/// 5138).
const UNIX_MILLISECONDS_BEGIN: u64 = 100_000_000_000;

// Names that are read from every answer are parsed once.
static NAME: HeaderName = HeaderName::from_static("x-ratelimit-name");
static LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
static PERIOD: HeaderName = HeaderName::from_static("x-ratelimit-period");
static REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
static RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The state of a rate limit, as an answer tells it in its `X-RateLimit-…` headers.
///
/// Source: <https://docs.datadoghq.com/api/latest/rate-limits/>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// What the limit is called (`X-RateLimit-Name`). Operations that share a limit share its name.
    pub name: Option<String>,
    /// How many requests a period allows (`X-RateLimit-Limit`).
    pub limit: Option<u64>,
    /// How long a period is (`X-RateLimit-Period`).
    pub period: Option<Duration>,
    /// How many requests are left in this period (`X-RateLimit-Remaining`).
    pub remaining: Option<u64>,
    /// How long after the answer the next period begins (`X-RateLimit-Reset`, in which servers send
    /// seconds or a Unix time, which may be one in milliseconds).
    ///
    /// It is what the server said. Calls wait for it only if that is no more than the period or an
    /// hour, whichever is longer; [`wait_for_rate_limits`](crate::CallOptions::wait_for_rate_limits)
    /// has the rule.
    pub reset: Option<Duration>,
}

impl RateLimit {
    /// What the headers say; `None` when they say nothing. `now` is the time of day where the
    /// answer does not tell its own.
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

/// How long to wait before the next attempt, if `Retry-After` says so
/// ([RFC 9110, section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    // Of several, the first that makes sense.
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

/// How long it is until `date`, by the server's clock where it tells the time; a clock that is wrong
/// here then does no harm. A date in the past is now.
fn until(date: SystemTime, headers: &HeaderMap, now: SystemTime) -> Duration {
    let told = headers
        .get(DATE)
        .and_then(|value| httpdate::parse_http_date(value.to_str().ok()?).ok());
    date.duration_since(told.unwrap_or(now)).unwrap_or_default()
}

/// A number of seconds, whole or not.
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
