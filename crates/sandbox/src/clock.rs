//! The time that a sandbox lives in.

use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};

use crate::server::lock;

/// Where a sandbox takes the time from: of its records and of its rate limits. Waits are not made of it: a delay of a
/// fault is a delay of real time.
///
/// A clone is the same clock, so that a test keeps one and hands the other to a sandbox, or to several that are to agree.
///
/// ```
/// use std::time::Duration;
/// use scorekit_sandbox::Clock;
///
/// let clock: Clock = "2026-01-31T08:30:00Z".parse()?;
/// clock.advance(Duration::from_secs(3600));
/// assert_eq!(clock, "2026-01-31T09:30:00Z".parse()?);
/// # Ok::<(), scorekit_sandbox::ClockError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Clock {
    setting: Arc<Mutex<Setting>>,
}

/// What a clock goes by.
#[derive(Clone, Copy, Debug)]
enum Setting {
    /// The system's time and this much more.
    Ahead(SignedDuration),
    /// One moment.
    Still(Timestamp),
}

/// A time that no clock can be set to.
#[derive(Clone, Debug)]
pub struct ClockError {
    problem: String,
}

impl Default for Setting {
    fn default() -> Self {
        Self::Ahead(SignedDuration::ZERO)
    }
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
        let clock = Self::default();
        clock.set(time)?;
        Ok(clock)
    }

    /// Stops the clock at a time, which may be earlier than its present one.
    ///
    /// # Errors
    ///
    /// If the time lies outside the years -9999 to 9999; the clock is then as it was.
    pub fn set(&self, time: SystemTime) -> Result<(), ClockError> {
        let time = Timestamp::try_from(time).map_err(ClockError::new)?;
        *lock(&self.setting) = Setting::Still(time);
        Ok(())
    }

    /// Puts the clock forward. One that stands still does so at the new time, the system's runs on from there. The year
    /// 9999 is the last one; what leads further leads to its end.
    pub fn advance(&self, duration: Duration) {
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let mut setting = lock(&self.setting);
        *setting = match *setting {
            Setting::Ahead(ahead) => Setting::Ahead(ahead.saturating_add(duration)),
            Setting::Still(time) => {
                Setting::Still(time.checked_add(duration).unwrap_or(Timestamp::MAX))
            }
        };
    }

    /// The present moment.
    pub(crate) fn now(&self) -> Timestamp {
        match *lock(&self.setting) {
            Setting::Ahead(ahead) => Timestamp::now()
                .checked_add(ahead)
                .unwrap_or(Timestamp::MAX),
            Setting::Still(time) => time,
        }
    }

    /// The present moment as the vendors write it, such as `2026-01-31T08:30:00.000Z`.
    pub(crate) fn now_text(&self) -> String {
        format!("{:.3}", self.now())
    }
}

/// Clocks are equal if they stand still at the same time, or run equally far ahead of the system's.
impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        // One after the other: they may be the same, whose lock cannot be had twice.
        let own = *lock(&self.setting);
        let others = *lock(&other.setting);
        match (own, others) {
            (Setting::Ahead(own), Setting::Ahead(others)) => own == others,
            (Setting::Still(own), Setting::Still(others)) => own == others,
            _ => false,
        }
    }
}

/// Reads a clock that stands still from an RFC 3339 time.
impl FromStr for Clock {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let time = text.parse().map_err(ClockError::new)?;
        Ok(Self {
            setting: Arc::new(Mutex::new(Setting::Still(time))),
        })
    }
}

impl ClockError {
    fn new(error: jiff::Error) -> Self {
        Self {
            problem: error.to_string(),
        }
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
