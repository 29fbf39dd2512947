//! The time that a sandbox lives in.

use std::str::FromStr;
use std::time::SystemTime;

use jiff::Timestamp;

/// Where a sandbox takes the time of its records from.
///
/// ```
/// use scorekit_sandbox::Clock;
///
/// let fixed: Clock = "2026-01-31T08:30:00Z".parse()?;
/// # Ok::<(), scorekit_sandbox::ClockError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Timestamp>,
}

/// A time that no clock can be set to.
#[derive(Clone, Debug)]
pub struct ClockError {
    problem: String,
}

impl Clock {
    /// The system's clock, which is the default.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still, so that answers can be compared with a stored text.
    ///
    /// # Errors
    ///
    /// If the time lies outside the years -9999 to 9999.
    pub fn fixed(time: SystemTime) -> Result<Self, ClockError> {
        let fixed = Timestamp::try_from(time).map_err(|error| ClockError {
            problem: error.to_string(),
        })?;
        Ok(Self { fixed: Some(fixed) })
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        self.fixed.unwrap_or_else(Timestamp::now)
    }

    /// The present moment as the vendors write it, such as `2026-01-31T08:30:00.000Z`.
    pub(crate) fn now_text(&self) -> String {
        format!("{:.3}", self.now())
    }
}

/// Reads a clock that stands still from an RFC 3339 time.
impl FromStr for Clock {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let fixed = text.parse().map_err(|error: jiff::Error| ClockError {
            problem: error.to_string(),
        })?;
        Ok(Self { fixed: Some(fixed) })
    }
}

impl std::fmt::Display for ClockError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "not a time for the sandbox's clock: {}; write it like `2026-01-31T08:30:00Z`",
            self.problem
        )
    }
}

impl std::error::Error for ClockError {}
