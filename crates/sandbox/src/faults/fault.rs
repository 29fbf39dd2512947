//! The fault: its effect, its operations and its frequency.

use std::time::Duration;

use crate::document::Document;
use crate::options::{SettingError, check_operations};

/// A fault that the sandbox applies to requests.
///
/// By default a fault applies to every request for an operation of the document, for as long as it
/// is set ([`SandboxBuilder::fault`](crate::SandboxBuilder::fault),
/// [`Sandbox::add_fault`](crate::Sandbox::add_fault)). If several faults match a request, the first
/// one applies.
///
/// ```
/// use std::time::Duration;
/// use scorekit_sandbox::Fault;
///
/// // The first two requests for the list fail, the third one succeeds.
/// let outage = Fault::status(503).on(["ListScorecardRules"]).times(2);
/// // The same fault as a string, as `--fault` takes it:
/// assert_eq!(outage, "ListScorecardRules:status=503,count=2".parse()?);
///
/// // One in ten creations succeeds, but its response is lost.
/// let lost = Fault::reset().on(["CreateScorecardRule"]).handled().probability(0.1);
/// assert_eq!(lost.to_string(), "CreateScorecardRule:reset,probability=0.1,handled");
/// # Ok::<(), scorekit_sandbox::SettingError>(())
/// ```
///
/// # Syntax
///
/// `[OPERATION,…:]OPTION,…`. The operations are `operationId`s; leave them out, or write `*`, for
/// all operations. The options are:
///
/// | option | effect |
/// | --- | --- |
/// | `status=503` | [`status`](Self::status): an error in the vendor's shape |
/// | `html=502` | [`html`](Self::html): an error page |
/// | `cut-off` | [`cut_off`](Self::cut_off): half of the body, then the connection closes |
/// | `reset` | [`reset`](Self::reset): the connection is reset instead of a response |
/// | `drip=20ms` | [`drip`](Self::drip): one byte of the body every 20 ms |
/// | `delay=200ms` | [`delay`](Self::delay): a later response; alone or with another effect |
/// | `count=2` | [`times`](Self::times): the fault applies twice |
/// | `probability=0.1` | [`probability`](Self::probability): it applies to some requests |
/// | `retry-after=2s` | [`retry_after`](Self::retry_after): the header of that name |
/// | `handled` | [`handled`](Self::handled): the request takes effect before it fails |
///
/// [`Display`](std::fmt::Display) writes this syntax, [`FromStr`](std::str::FromStr) reads it.
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "failure")]
#[doc(alias = "chaos")]
pub struct Fault {
    pub(super) operations: Vec<String>,
    pub(super) effect: Effect,
    pub(super) delay: Duration,
    pub(super) times: Option<u64>,
    pub(super) probability: f64,
    pub(super) retry_after: Option<Duration>,
    pub(super) handled: bool,
}

/// The change that a fault makes to a response.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Effect {
    /// None; the fault is a delay alone.
    None,
    /// An error with this status code instead of the response.
    Status(u16),
    /// An error page with this status code instead of the response.
    Html(u16),
    /// Half of the body.
    CutOff,
    /// A connection reset instead of the response.
    Reset,
    /// The body byte by byte, with this pause before each.
    Drip(Duration),
}

impl Fault {
    pub(super) fn new(effect: Effect) -> Self {
        Self {
            operations: Vec::new(),
            effect,
            delay: Duration::ZERO,
            times: None,
            probability: 1.0,
            retry_after: None,
            handled: false,
        }
    }

    /// Responds with an error in the shape of the operation's vendor. The status code must be 400
    /// to
    /// 599. The request takes no effect; see [`handled`](Self::handled).
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status(status))
    }

    /// Responds with an error page, as gateways do. The status code must be 200 to 599 (some
    /// gateways send 200), but not 204 or 304, which have no body. The request takes no effect; see
    /// [`handled`](Self::handled).
    #[must_use]
    pub fn html(status: u16) -> Self {
        Self::new(Effect::Html(status))
    }

    /// Waits, then handles the request as usual. A client that gives up before has changed nothing.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self::new(Effect::None).delayed(delay)
    }

    /// Sends the headers and the first half of the body, then closes the connection. The request
    /// takes effect. A response without a body (204) is not sent at all.
    #[must_use]
    pub fn cut_off() -> Self {
        Self::new(Effect::CutOff)
    }

    /// Resets the connection (RST) instead of sending a response. The request takes no effect; see
    /// [`handled`](Self::handled).
    #[must_use]
    pub fn reset() -> Self {
        Self::new(Effect::Reset)
    }

    /// Sends the body byte by byte, with this pause before each byte. The request takes effect.
    #[must_use]
    pub fn drip(pause: Duration) -> Self {
        Self::new(Effect::Drip(pause))
    }

    /// Limits the fault to these operations, by `operationId`.
    #[must_use]
    pub fn on<S: Into<String>>(mut self, operations: impl IntoIterator<Item = S>) -> Self {
        self.operations = operations.into_iter().map(Into::into).collect();
        self
    }

    /// Limits the fault to this many requests. With a [probability](Self::probability), only the
    /// requests that fail count.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Limits the fault to a share of the requests, from 0 to 1. Which ones fail depends only on
    /// their order and on [`SandboxBuilder::fault_seed`](crate::SandboxBuilder::fault_seed).
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// Waits before the request is handled.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Adds the header `Retry-After`, in seconds, rounded up. It needs [`status`](Self::status) or
    /// [`html`](Self::html).
    #[must_use]
    pub fn retry_after(mut self, pause: Duration) -> Self {
        self.retry_after = Some(pause);
        self
    }

    /// Handles the request before [`status`](Self::status), [`html`](Self::html) or
    /// [`reset`](Self::reset) hides its response: the resource exists, but the client cannot know.
    #[must_use]
    pub fn handled(mut self) -> Self {
        self.handled = true;
        self
    }

    /// Returns true if the request takes effect.
    pub(crate) fn lets_through(&self) -> bool {
        match self.effect {
            Effect::None | Effect::CutOff | Effect::Drip(_) => true,
            Effect::Status(_) | Effect::Html(_) | Effect::Reset => self.handled,
        }
    }

    /// Returns the wait before the request is handled.
    pub(crate) fn wait(&self) -> Duration {
        self.delay
    }

    /// Returns the change that the fault makes to the response.
    pub(crate) fn effect(&self) -> Effect {
        self.effect
    }

    /// Returns true if the fault sends a response instead of the operation's.
    pub(crate) fn replaces_response(&self) -> bool {
        matches!(self.effect, Effect::Status(_) | Effect::Html(_))
    }

    /// Returns the value of `Retry-After`, in seconds.
    pub(crate) fn retry_after_seconds(&self) -> Option<u64> {
        let pause = self.retry_after?;
        Some(pause.as_secs() + u64::from(pause.subsec_nanos() > 0))
    }

    /// Checks that the values are in range and that the document has the operations.
    pub(crate) fn check(&self, document: &Document) -> Result<(), SettingError> {
        let error = |problem: &str| Err(SettingError::new(self, problem));
        match self.effect {
            Effect::Status(status) if !(400..600).contains(&status) => {
                return error("`status` must be the status code of an error, from 400 to 599");
            }
            Effect::Html(status)
                if !(200..600).contains(&status) || [204, 304].contains(&status) =>
            {
                return error(
                    "`html` must be a status code with a body, from 200 to 599 without 204 and 304",
                );
            }
            _ => {}
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return error(
                "`probability` must be from 0 to 1; write, for example, `probability=0.1`",
            );
        }
        if self.retry_after.is_some() && !self.replaces_response() {
            return error("`retry-after` needs `status` or `html`; add one of them");
        }
        check_operations(&document.operations, &self.operations, self)
    }
}
