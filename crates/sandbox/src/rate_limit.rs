//! Rate limits: how often an operation may be called in a period, and what answers say about it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;

use crate::document::{Document, Operation};
use crate::setting::{SettingError, Words, check_operations, duration_text, write_operations};

/// How many requests are served in a period.
///
/// Periods begin when the clock shows a multiple of them since 1970, as Datadog's do: one of 60 seconds at each full
/// minute. Every answer of an operation with a limit, except to callers who are not let in, tells it in the headers
/// `X-RateLimit-Limit`, `-Period` (seconds), `-Remaining`, `-Reset` (seconds until the next period, at least 1) and
/// `-Name`. When none remains, the answer is 429 with `Retry-After`, and the request has no effect. Time is that of the
/// sandbox's [`Clock`](crate::Clock), so that a test need not wait for the next period.
///
/// ```
/// use std::time::Duration;
/// use scorekit_sandbox::RateLimit;
///
/// let limit = RateLimit::new(100, Duration::from_secs(60))
///     .on(["ListScorecardRules", "ListScorecards"])
///     .shared("scorecard_reads");
/// // The same as text, as `--rate-limit` takes it:
/// let text = "ListScorecardRules,ListScorecards:limit=100,period=1m,name=scorecard_reads";
/// assert_eq!(limit, text.parse()?);
/// # Ok::<(), scorekit_sandbox::SettingError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RateLimit {
    operations: Vec<String>,
    limit: u64,
    period: Duration,
    name: Option<String>,
}

impl RateLimit {
    /// At most `limit` requests in each `period`, which has to be of whole seconds, for each operation by itself: every one
    /// has a bucket of its own, named like the operation. A limit of 0 refuses everything.
    #[must_use]
    pub fn new(limit: u64, period: Duration) -> Self {
        Self {
            operations: Vec::new(),
            limit,
            period,
            name: None,
        }
    }

    /// Only for these operations, by `operationId`, instead of all.
    #[must_use]
    pub fn on<S: Into<String>>(mut self, operations: impl IntoIterator<Item = S>) -> Self {
        self.operations = operations.into_iter().map(Into::into).collect();
        self
    }

    /// All operations of this limit share one bucket of this name, which may hold visible ASCII characters.
    #[must_use]
    pub fn shared(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    pub(crate) fn check(&self, document: &Document) -> Result<(), SettingError> {
        if self.period.as_secs() == 0 || self.period.subsec_nanos() != 0 {
            return Err(SettingError::new(
                self,
                "a period has whole seconds, at least one; write `period=60s`",
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
                "a name has letters, digits and signs other than a comma, and no spaces",
            ));
        }
        check_operations(&document.operations, &self.operations, self)
    }
}

/// The text that [`FromStr`] reads.
impl fmt::Display for RateLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_operations(formatter, &self.operations)?;
        let period = duration_text(self.period);
        write!(formatter, "limit={},period={period}", self.limit)?;
        match &self.name {
            Some(name) => write!(formatter, ",name={name}"),
            None => Ok(()),
        }
    }
}

/// Reads `[OPERATION,…:]limit=NUMBER,period=TIME[,name=NAME]`.
impl FromStr for RateLimit {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let words = Words::read(text);
        let (mut limit, mut period, mut name) = (None, None, None);
        for &word in &words.words {
            match word {
                ("limit", _) => limit = Some(words.number(word, "100")?),
                ("period", _) => period = Some(words.duration(word)?),
                ("name", Some(value)) => name = Some(value.to_owned()),
                (key, _) => {
                    return Err(words.error(format!(
                        "`{key}` is no word of a rate limit; it has `limit=100`, `period=60s` and `name=reads`"
                    )));
                }
            }
        }
        let (Some(limit), Some(period)) = (limit, period) else {
            return Err(words.error(
                "a rate limit needs `limit=` and `period=`, such as `limit=100,period=60s`",
            ));
        };
        Ok(Self {
            operations: words.operations,
            limit,
            period,
            name,
        })
    }
}

/// The limits of a sandbox and what was used of them.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    limits: Vec<RateLimit>,
    /// What was used, by the limit's place in the list and the bucket's name.
    buckets: BTreeMap<(usize, String), Window>,
}

/// What was used of a bucket in a period.
#[derive(Debug, Default)]
struct Window {
    /// Which period since 1970 it is.
    period: i64,
    used: u64,
}

/// What became of one request.
pub(crate) struct Verdict {
    /// What its answer tells of the limit.
    pub(crate) headers: HeaderMap,
    /// If it is refused: why.
    pub(crate) refusal: Option<String>,
}

impl Limiter {
    pub(crate) fn new(limits: Vec<RateLimit>) -> Self {
        Self {
            limits,
            buckets: BTreeMap::new(),
        }
    }

    /// Counts a request for an operation; nothing if it has no limit. The first limit that covers it counts.
    pub(crate) fn count(&mut self, operation: &Operation, now: Timestamp) -> Option<Verdict> {
        let covers = |limit: &RateLimit| {
            limit.operations.is_empty() || limit.operations.contains(&operation.id)
        };
        let index = self.limits.iter().position(covers)?;
        let limit = self.limits.get(index)?;
        let name = limit.name.as_ref().unwrap_or(&operation.id).clone();
        // Whole seconds and at least one, which was checked when the limit was set.
        let length = i64::try_from(limit.period.as_secs())
            .unwrap_or(i64::MAX)
            .max(1);
        let period = now.as_second().div_euclid(length);
        let reset = length - now.as_second().rem_euclid(length);
        let window = self.buckets.entry((index, name.clone())).or_default();
        // Also when the clock went back: the count is that of the period which the clock shows.
        if window.period != period {
            *window = Window { period, used: 0 };
        }
        let is_refused = window.used >= limit.limit;
        if !is_refused {
            window.used += 1;
        }
        let told = [
            ("x-ratelimit-limit", limit.limit.to_string()),
            ("x-ratelimit-period", length.to_string()),
            (
                "x-ratelimit-remaining",
                (limit.limit - window.used).to_string(),
            ),
            ("x-ratelimit-reset", reset.to_string()),
            ("x-ratelimit-name", name.clone()),
        ];
        let mut headers: HeaderMap = told
            .into_iter()
            .filter_map(|(header, value)| {
                let value = HeaderValue::try_from(value).ok()?;
                Some((HeaderName::from_static(header), value))
            })
            .collect();
        let refusal = is_refused.then(|| {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(reset));
            format!(
                "Rate limit of {} requests in {length} seconds exceeded for `{name}`; the next period begins in {reset} seconds.",
                limit.limit
            )
        });
        Some(Verdict { headers, refusal })
    }
}
