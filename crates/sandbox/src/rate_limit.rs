//! Rate limits: the number of requests per period, and the headers that report it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;

use crate::document::{Document, Operation};
use crate::options::{
    OptionParser, SettingError, check_operations, duration_text, write_operations,
};

/// A limit on the number of requests per period.
///
/// ```
/// use std::time::Duration;
/// use scorekit_sandbox::RateLimit;
///
/// let limit = RateLimit::new(100, Duration::from_secs(60))
///     .on(["ListScorecardRules", "ListScorecards"])
///     .shared("scorecard_reads");
/// // The same limit as a string, as `--rate-limit` takes it:
/// let text = "ListScorecardRules,ListScorecards:limit=100,period=1m,name=scorecard_reads";
/// assert_eq!(limit, text.parse()?);
/// # Ok::<(), scorekit_sandbox::SettingError>(())
/// ```
///
/// Periods begin at multiples of their length since 1970, as Datadog's do: a period of 60 seconds
/// begins at each full minute. The time is that of the sandbox's [`Clock`](crate::Clock), so that a
/// test can move to the next period.
///
/// Every response of a limited operation has the headers `X-RateLimit-Limit`, `-Period` (seconds),
/// `-Remaining`, `-Reset` (seconds until the next period, at least 1) and `-Name`. Responses to
/// requests without valid credentials do not, and those requests do not count. When no request
/// remains, the response is 429, and the request takes no effect. Like Datadog's, it has no
/// `Retry-After`; see [`retry_after`](Self::retry_after).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RateLimit {
    operations: Vec<String>,
    limit: u64,
    period: Duration,
    name: Option<String>,
    retry_after: bool,
}

impl RateLimit {
    /// Creates a limit of `limit` requests per `period`, which must be whole seconds. Each
    /// operation has a bucket of its own, with the operation's name. A limit of 0 rejects all
    /// requests.
    #[must_use]
    pub fn new(limit: u64, period: Duration) -> Self {
        Self {
            operations: Vec::new(),
            limit,
            period,
            name: None,
            retry_after: false,
        }
    }

    /// Limits these operations, by `operationId`, instead of all.
    #[must_use]
    pub fn on<S: Into<String>>(mut self, operations: impl IntoIterator<Item = S>) -> Self {
        self.operations = operations.into_iter().map(Into::into).collect();
        self
    }

    /// Shares one bucket between all operations of this limit. The name may have visible ASCII
    /// characters.
    #[must_use]
    pub fn shared(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds `Retry-After` to each 429, with the seconds until the next period. Clients that wait
    /// for this header, such as Datadog's own, then hide the limit from the code under test.
    #[must_use]
    pub fn retry_after(mut self) -> Self {
        self.retry_after = true;
        self
    }

    /// Checks that the values are in range and that the document has the operations.
    pub(crate) fn check(&self, document: &Document) -> Result<(), SettingError> {
        if self.period.as_secs() == 0 || self.period.subsec_nanos() != 0 {
            return Err(SettingError::new(
                self,
                "`period` must be whole seconds, at least one; write, for example, `period=60s`",
            ));
        }
        let is_visible = |name: &String| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b',')
        };
        if !self.name.as_ref().is_none_or(is_visible) {
            return Err(SettingError::new(
                self,
                "`name` must be visible ASCII characters, with no comma and no spaces",
            ));
        }
        check_operations(&document.operations, &self.operations, self)
    }
}

/// Writes the string that [`FromStr`] reads.
impl fmt::Display for RateLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_operations(formatter, &self.operations)?;
        let period = duration_text(self.period);
        write!(formatter, "limit={},period={period}", self.limit)?;
        if let Some(name) = &self.name {
            write!(formatter, ",name={name}")?;
        }
        if self.retry_after {
            formatter.write_str(",retry-after")?;
        }
        Ok(())
    }
}

/// Reads `[OPERATION,…:]limit=NUMBER,period=TIME[,name=NAME][,retry-after]`.
impl FromStr for RateLimit {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let parser = OptionParser::new(text);
        let (mut limit, mut period, mut name) = (None, None, None);
        let mut retry_after = false;
        for &option in &parser.options {
            match option {
                ("limit", _) => limit = Some(parser.number(option, "100")?),
                ("period", _) => period = Some(parser.duration(option)?),
                ("name", Some(value)) => name = Some(value.to_owned()),
                ("retry-after", None) => retry_after = true,
                (key, _) => {
                    return Err(parser.error(format!(
                        "`{key}` is not an option of a rate limit; write `limit=100,period=60s` \
                         and, if needed, `name=reads` for a shared bucket and `retry-after`"
                    )));
                }
            }
        }
        let (Some(limit), Some(period)) = (limit, period) else {
            return Err(parser.error(
                "`limit` or `period` is missing; write, for example, `limit=100,period=60s`",
            ));
        };
        Ok(Self {
            operations: parser.operations,
            limit,
            period,
            name,
            retry_after,
        })
    }
}

/// The limits of a sandbox, with the requests that count against them.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    /// The limits with their numbers: 1 for the first one of a sandbox.
    limits: Vec<(u64, RateLimit)>,
    /// The windows, by the limit's number and the bucket's name.
    buckets: BTreeMap<(u64, String), Window>,
    /// The number of limits that were added.
    added: u64,
}

/// The requests to one bucket in one period.
#[derive(Debug, Default)]
struct Window {
    /// The number of the period since 1970.
    period: i64,
    used: u64,
}

/// The state of a rate limit after one request.
pub(crate) struct LimitStatus {
    /// The headers that report the limit.
    pub(crate) headers: HeaderMap,
    /// The error message, if the request exceeds the limit.
    pub(crate) exceeded: Option<String>,
}

impl Limiter {
    /// Starts with unused limits.
    pub(crate) fn new(limits: &[RateLimit]) -> Self {
        let mut limiter = Self::default();
        limiter.reset(limits);
        limiter
    }

    /// Adds a limit after the others, and returns its number.
    pub(crate) fn add(&mut self, limit: RateLimit) -> u64 {
        self.added += 1;
        self.limits.push((self.added, limit));
        self.added
    }

    /// Returns the limits with their numbers, in the order in which they are tried.
    pub(crate) fn all(&self) -> &[(u64, RateLimit)] {
        &self.limits
    }

    /// Removes a limit by its number. Returns false if it is not set.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.limits.len();
        self.limits.retain(|(known, _)| *known != id);
        self.buckets.retain(|(known, _), _| *known != id);
        self.limits.len() < before
    }

    /// Removes all limits, and sets others, which are unused.
    pub(crate) fn reset(&mut self, limits: &[RateLimit]) {
        self.limits.clear();
        self.buckets.clear();
        for limit in limits {
            self.add(limit.clone());
        }
    }

    /// Returns the first limit that covers an operation, with its number and the bucket's name.
    fn covering(&self, operation: &Operation) -> Option<(u64, &RateLimit, String)> {
        let covers = |limit: &RateLimit| {
            limit.operations.is_empty() || limit.operations.contains(&operation.id)
        };
        let (id, limit) = self.limits.iter().find(|(_, limit)| covers(limit))?;
        let name = limit.name.as_ref().unwrap_or(&operation.id).clone();
        Some((*id, limit, name))
    }

    /// Counts a request for an operation against the first limit that covers it. Returns `None` if
    /// there is no such limit.
    pub(crate) fn count(&mut self, operation: &Operation, now: Timestamp) -> Option<LimitStatus> {
        let (id, limit, name) = self.covering(operation)?;
        let (limit, retry_after) = (limit.clone(), limit.retry_after);
        let (period, length, reset) = period_at(&limit, now);
        let window = self.buckets.entry((id, name.clone())).or_default();
        // The clock can also be set back.
        if window.period != period {
            *window = Window { period, used: 0 };
        }
        let is_exceeded = window.used >= limit.limit;
        if !is_exceeded {
            window.used += 1;
        }
        let left = limit.limit - window.used;
        let mut headers = limit_headers(limit.limit, length, left, reset, &name);
        let exceeded = is_exceeded.then(|| {
            if retry_after {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(reset));
            }
            format!(
                "Rate limit of {} requests in {length} seconds exceeded for `{name}`; the next \
                 period begins in {reset} seconds.",
                limit.limit
            )
        });
        Some(LimitStatus { headers, exceeded })
    }

    /// Returns the headers for a fault that replaces a response. They report the limit of the
    /// operation; a 429 has them even without a limit. Then the period ends after `wait` seconds,
    /// and is as long as that: a longer one would claim a limit that nothing enforces afterwards.
    pub(crate) fn headers_of_fault(
        &self,
        operation: &Operation,
        now: Timestamp,
        status: u16,
        wait: Option<u64>,
    ) -> HeaderMap {
        const LIMIT: u64 = 100;
        let is_limit = status == 429;
        if let Some((id, limit, name)) = self.covering(operation) {
            let (period, length, reset) = period_at(limit, now);
            let window = self.buckets.get(&(id, name.clone()));
            let used = window.filter(|window| window.period == period);
            let left = limit.limit - used.map_or(0, |window| window.used);
            let left = if is_limit { 0 } else { left };
            return limit_headers(limit.limit, length, left, reset, &name);
        }
        if !is_limit {
            return HeaderMap::new();
        }
        let reset = wait.and_then(|wait| i64::try_from(wait).ok()).unwrap_or(1);
        limit_headers(LIMIT, reset.max(1), 0, reset, &operation.id)
    }
}

/// Returns the number of a limit's period at a time, its length, and the seconds until it ends.
fn period_at(limit: &RateLimit, now: Timestamp) -> (i64, i64, i64) {
    // The check of the limit ensures whole seconds, at least one.
    let length = i64::try_from(limit.period.as_secs())
        .unwrap_or(i64::MAX)
        .max(1);
    let second = now.as_second();
    (
        second.div_euclid(length),
        length,
        length - second.rem_euclid(length),
    )
}

/// Returns the headers that report a limit.
fn limit_headers(limit: u64, period: i64, left: u64, reset: i64, name: &str) -> HeaderMap {
    let values = [
        ("x-ratelimit-limit", limit.to_string()),
        ("x-ratelimit-period", period.to_string()),
        ("x-ratelimit-remaining", left.to_string()),
        ("x-ratelimit-reset", reset.to_string()),
        ("x-ratelimit-name", name.to_owned()),
    ];
    let headers = values.into_iter().filter_map(|(header, value)| {
        let value = HeaderValue::try_from(value).ok()?;
        Some((HeaderName::from_static(header), value))
    });
    headers.collect()
}
