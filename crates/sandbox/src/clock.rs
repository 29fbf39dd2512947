//! The clock of a sandbox.

use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};

use crate::sync::lock;

/// The clock of a sandbox, for its timestamps and rate limits. The delays of faults do not use it:
/// they take real time.
///
/// A clone is the same clock: a test can keep one, or share it between several sandboxes.
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
#[doc(alias = "mock time")]
pub struct Clock {
    mode: Arc<Mutex<Mode>>,
}

/// The mode of a clock.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mode {
    /// This far ahead of the system's time.
    Ahead(SignedDuration),
    /// Stopped at a time.
    Fixed(Timestamp),
}

/// An error from setting a clock to a time.
#[derive(Clone, Debug)]
pub struct ClockError {
    problem: String,
}

impl Default for Mode {
    fn default() -> Self {
        Self::Ahead(SignedDuration::ZERO)
    }
}

impl Mode {
    fn now(self) -> Timestamp {
        match self {
            Self::Ahead(ahead) => Timestamp::now()
                .checked_add(ahead)
                .unwrap_or(Timestamp::MAX),
            Self::Fixed(time) => time,
        }
    }
}

impl Clock {
    /// Returns a clock that shows the system's time. This is the default.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// Returns a clock that is stopped at a time, so that responses repeat.
    ///
    /// # Errors
    ///
    /// Returns an error if the time is outside the years -9999 to 9999.
    pub fn fixed(time: SystemTime) -> Result<Self, ClockError> {
        let clock = Self::default();
        clock.set(time)?;
        Ok(clock)
    }

    /// Stops the clock at a time, which may be in the past.
    ///
    /// # Errors
    ///
    /// Returns an error if the time is outside the years -9999 to 9999. The clock then stays as it
    /// was.
    pub fn set(&self, time: SystemTime) -> Result<(), ClockError> {
        let time = Timestamp::try_from(time).map_err(ClockError::new)?;
        *lock(&self.mode) = Mode::Fixed(time);
        Ok(())
    }

    /// Puts the clock forward. A stopped clock stays stopped, a running one runs on. The clock
    /// never passes the end of the year 9999.
    pub fn advance(&self, duration: Duration) {
        let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let mut mode = lock(&self.mode);
        *mode = match *mode {
            Mode::Ahead(ahead) => Mode::Ahead(ahead.saturating_add(duration)),
            Mode::Fixed(time) => Mode::Fixed(time.checked_add(duration).unwrap_or(Timestamp::MAX)),
        };
    }

    /// Sets the clock to a time, which may be in the past, and lets it run on from there.
    ///
    /// # Errors
    ///
    /// Returns an error if the time is outside the years -9999 to 9999. The clock then stays as it
    /// was.
    pub fn run_from(&self, time: SystemTime) -> Result<(), ClockError> {
        let time = Timestamp::try_from(time).map_err(ClockError::new)?;
        *lock(&self.mode) = Mode::Ahead(time.duration_since(Timestamp::now()));
        Ok(())
    }

    /// Stops the clock at its present time. A stopped clock stays as it is.
    pub fn freeze(&self) {
        let mut mode = lock(&self.mode);
        *mode = Mode::Fixed(mode.now());
    }

    /// Lets a stopped clock run on from its time. A running clock stays as it is.
    pub fn resume(&self) {
        let mut mode = lock(&self.mode);
        if let Mode::Fixed(time) = *mode {
            *mode = Mode::Ahead(time.duration_since(Timestamp::now()));
        }
    }

    /// Returns true if the clock stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        matches!(*lock(&self.mode), Mode::Fixed(_))
    }

    /// Returns the time.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        // A system may not have times before 1970.
        SystemTime::try_from(self.now()).unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Returns the mode, for [`set_mode`](Self::set_mode).
    pub(crate) fn mode(&self) -> Mode {
        *lock(&self.mode)
    }

    /// Returns to an earlier mode. A clock that runs then shows the present time again.
    pub(crate) fn set_mode(&self, mode: Mode) {
        *lock(&self.mode) = mode;
    }

    /// Returns the time.
    pub(crate) fn now(&self) -> Timestamp {
        lock(&self.mode).now()
    }

    /// Returns the time as the vendors write it, such as `2026-01-31T08:30:00.000Z`.
    pub(crate) fn now_text(&self) -> String {
        format!("{:.3}", self.now())
    }
}

/// Clocks are equal if they are stopped at the same time, or run equally far ahead of the system's.
impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        // Both may be the same clock, so the first lock is released before the second one.
        let own = *lock(&self.mode);
        let others = *lock(&other.mode);
        match (own, others) {
            (Mode::Ahead(own), Mode::Ahead(others)) => own == others,
            (Mode::Fixed(own), Mode::Fixed(others)) => own == others,
            _ => false,
        }
    }
}

/// Reads an RFC 3339 time and returns a clock that is stopped at it.
impl FromStr for Clock {
    type Err = ClockError;

    fn from_str(text: &str) -> Result<Self, ClockError> {
        let time = text.parse().map_err(ClockError::new)?;
        Ok(Self {
            mode: Arc::new(Mutex::new(Mode::Fixed(time))),
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
            "cannot set the clock: {}; write the time like `2026-01-31T08:30:00Z`",
            self.problem
        )
    }
}

impl std::error::Error for ClockError {}
