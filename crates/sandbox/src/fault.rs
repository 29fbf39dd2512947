//! Faults on demand: what a network, a gateway or a server may do wrong, for tests of what a client makes of it.

mod draw;
mod effect;
mod language;

use std::time::Duration;

pub(crate) use draw::Faults;
pub(crate) use effect::apply;

use crate::document::Document;
use crate::setting::{SettingError, check_operations};

/// Something that goes wrong with requests.
///
/// Without further settings a fault happens to every request for an operation of the document, for as long as it is set
/// ([`SandboxBuilder::fault`](crate::SandboxBuilder::fault), [`Sandbox::add_fault`](crate::Sandbox::add_fault)). Of several
/// that fit, the first one happens.
///
/// ```
/// use std::time::Duration;
/// use scorekit_sandbox::Fault;
///
/// // The first two times, the list is not available; the third time it is.
/// let outage = Fault::status(503).on(["ListScorecardRules"]).times(2);
/// // The same as text, as `--fault` takes it:
/// assert_eq!(outage, "ListScorecardRules:status=503,count=2".parse()?);
///
/// // One in ten rules is created, and the answer is lost.
/// let lost = Fault::reset().on(["CreateScorecardRule"]).handled().probability(0.1);
/// assert_eq!(lost.to_string(), "CreateScorecardRule:reset,probability=0.1,handled");
/// # Ok::<(), scorekit_sandbox::SettingError>(())
/// ```
///
/// # The language
///
/// `[OPERATION,…:]WORD,…`, where the operations are `operationId`s, `*` or nothing at all for all of them, and the words
/// are:
///
/// | word | what happens |
/// | --- | --- |
/// | `status=503` | [`status`](Self::status): an error in the vendor's shape |
/// | `html=502` | [`html`](Self::html): an error page |
/// | `cut-off` | [`cut_off`](Self::cut_off): half of the body, then the connection closes |
/// | `reset` | [`reset`](Self::reset): the connection is reset instead of an answer |
/// | `drip=20ms` | [`drip`](Self::drip): one byte of the body each 20 ms |
/// | `delay=200ms` | [`delay`](Self::delay): the answer comes later; alone or with one of the others |
/// | `count=2` | [`times`](Self::times): only that often |
/// | `probability=0.1` | [`probability`](Self::probability): only now and then |
/// | `retry-after=2s` | [`retry_after`](Self::retry_after): the header of that name |
/// | `handled` | [`handled`](Self::handled): the request takes effect all the same |
///
/// [`Display`](std::fmt::Display) writes it, [`FromStr`](std::str::FromStr) reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    operations: Vec<String>,
    effect: Effect,
    delay: Duration,
    times: Option<u64>,
    probability: f64,
    retry_after: Option<Duration>,
    handled: bool,
}

/// What a fault does to an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Effect {
    /// Nothing but the delay.
    None,
    Status(u16),
    Html(u16),
    CutOff,
    Reset,
    Drip(Duration),
}

impl Fault {
    fn new(effect: Effect) -> Self {
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

    /// An error with this status, from 400 to 599, in the shape that the operation's vendor gives it. The request takes no
    /// effect, see [`handled`](Self::handled).
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Effect::Status(status))
    }

    /// An error page, as gateways send it, with this status, from 200 to 599 (some send theirs with 200), but not 204 or 304,
    /// which have no body. The request takes no effect, see [`handled`](Self::handled).
    #[must_use]
    pub fn html(status: u16) -> Self {
        Self::new(Effect::Html(status))
    }

    /// The right answer, after this time. Its request takes effect after it, too: a client that gives up before has not
    /// changed anything.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self::new(Effect::None).delayed(delay)
    }

    /// The right answer with its whole length announced, and only the first half of its body before the connection closes.
    /// The request takes effect. An answer without a body (204) is not sent at all.
    #[must_use]
    pub fn cut_off() -> Self {
        Self::new(Effect::CutOff)
    }

    /// The connection is reset (RST) instead of an answer. The request takes no effect, see [`handled`](Self::handled).
    #[must_use]
    pub fn reset() -> Self {
        Self::new(Effect::Reset)
    }

    /// The right answer, its body byte by byte with this pause before each of them. The request takes effect.
    #[must_use]
    pub fn drip(pause: Duration) -> Self {
        Self::new(Effect::Drip(pause))
    }

    /// Only to these operations, by `operationId`.
    #[must_use]
    pub fn on<S: Into<String>>(mut self, operations: impl IntoIterator<Item = S>) -> Self {
        self.operations = operations.into_iter().map(Into::into).collect();
        self
    }

    /// Only to this many requests, the first ones for its operations. With a [probability](Self::probability), those that
    /// are spared do not count.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Only to this share of the requests, from 0 to 1. Which ones depends on nothing but their order and
    /// [`SandboxBuilder::fault_seed`](crate::SandboxBuilder::fault_seed).
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// Waits this long before anything else.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Asks for this pause with the header `Retry-After`, in seconds, rounded up. Only for answers that the fault makes itself,
    /// [`status`](Self::status) and [`html`](Self::html).
    #[must_use]
    pub fn retry_after(mut self, pause: Duration) -> Self {
        self.retry_after = Some(pause);
        self
    }

    /// The request takes effect before [`status`](Self::status), [`html`](Self::html) or [`reset`](Self::reset) hides it: what
    /// was created exists, and the client does not know.
    #[must_use]
    pub fn handled(mut self) -> Self {
        self.handled = true;
        self
    }

    /// Whether the request takes effect.
    pub(crate) fn lets_through(&self) -> bool {
        match self.effect {
            Effect::None | Effect::CutOff | Effect::Drip(_) => true,
            Effect::Status(_) | Effect::Html(_) | Effect::Reset => self.handled,
        }
    }

    /// How long to wait before anything else.
    pub(crate) fn wait(&self) -> Duration {
        self.delay
    }

    pub(crate) fn check(&self, document: &Document) -> Result<(), SettingError> {
        let refused = |problem: &str| Err(SettingError::new(self, problem));
        match self.effect {
            Effect::Status(status) if !(400..600).contains(&status) => {
                return refused("`status` is that of an error, from 400 to 599");
            }
            Effect::Html(status)
                if !(200..600).contains(&status) || [204, 304].contains(&status) =>
            {
                return refused(
                    "`html` takes a status with a body, from 200 to 599 without 204 and 304",
                );
            }
            _ => {}
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return refused("`probability` goes from 0 to 1, such as `probability=0.1`");
        }
        let own_answer = matches!(self.effect, Effect::Status(_) | Effect::Html(_));
        if self.retry_after.is_some() && !own_answer {
            return refused(
                "`retry-after` goes with `status` or `html`, whose answer is the fault's own",
            );
        }
        check_operations(&document.operations, &self.operations, self)
    }
}
