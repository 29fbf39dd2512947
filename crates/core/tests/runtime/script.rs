//! A scripted transport that records the time of each request. Under Tokio's paused clock the times
//! are exact, for all tests that depend on time.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body::{Body, Frame};
use reqwest::header::HeaderMap;
use scorekit_core::test_hooks::{Stage, TestHooks, Transport, TransportError};
use scorekit_core::{BoxFuture, Client, Config};
use tokio::time::{Instant, Sleep};

/// The outcome of one request.
#[derive(Clone)]
pub(crate) enum Step {
    /// The server responds.
    Respond(ScriptedResponse),
    /// The request fails at this stage.
    Fail(Stage),
    /// The server never responds.
    Silence,
    /// Another step after a delay.
    After(Duration, Box<Step>),
}

/// A response of a script.
#[derive(Clone)]
pub(crate) struct ScriptedResponse {
    status: u16,
    headers: Vec<(&'static str, String)>,
    pieces: Vec<(Duration, Bytes)>,
    end: End,
}

/// The end of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// The body is complete.
    Whole,
    /// The body never ends: no further bytes arrive.
    Silent,
    /// The connection breaks.
    Broken,
}

impl ScriptedResponse {
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            pieces: Vec::new(),
            end: End::Whole,
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// Adds a piece of the body, which arrives `after` the previous one.
    pub(crate) fn piece(mut self, after: Duration, piece: impl Into<Bytes>) -> Self {
        self.pieces.push((after, piece.into()));
        self
    }

    pub(crate) fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    pub(crate) fn step(self) -> Step {
        Step::Respond(self)
    }

    fn response(self) -> reqwest::Response {
        let mut response = http::Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let body = ScriptedBody {
            pieces: self.pieces.into(),
            end: self.end,
            pause: None,
        };
        response.body(reqwest::Body::wrap(body)).unwrap().into()
    }
}

/// Returns a success with an empty object.
pub(crate) fn success() -> Step {
    ScriptedResponse::new(200)
        .piece(Duration::ZERO, "{}")
        .step()
}

/// Creates a response with this status and no body.
pub(crate) fn status(status: u16) -> Step {
    ScriptedResponse::new(status).step()
}

struct ScriptedBody {
    pieces: VecDeque<(Duration, Bytes)>,
    end: End,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let Some((after, piece)) = self.pieces.front().cloned() else {
            return match self.end {
                End::Whole => Poll::Ready(None),
                End::Silent => Poll::Pending,
                End::Broken => Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into()))),
            };
        };
        let pause = self
            .pause
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
        if !after.is_zero() && pause.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.pause = None;
        self.pieces.pop_front();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}

/// A request that the script received.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The time since the script began.
    pub(crate) at: Duration,
    pub(crate) url: reqwest::Url,
    pub(crate) headers: HeaderMap,
    pub(crate) connect_timeout: Duration,
}

/// A function that decides a step by the request.
type Decide = dyn Fn(&reqwest::Request) -> Step + Send + Sync;

/// A script: its steps in order, of which the last repeats for ever.
pub(crate) struct Script {
    begin: Instant,
    steps: Mutex<VecDeque<Step>>,
    /// The function that decides instead of the steps.
    decide: Option<Box<Decide>>,
    asked: Mutex<Vec<Asked>>,
    pending: AtomicUsize,
}

/// Returns the time of day in all tests: Sun, 06 Nov 1994 08:49:37 GMT.
pub(crate) fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self {
            begin: Instant::now(),
            steps: Mutex::new(steps.into_iter().collect()),
            decide: None,
            asked: Mutex::default(),
            pending: AtomicUsize::new(0),
        })
    }

    /// Creates a script that decides each step by the request.
    pub(crate) fn by(
        decide: impl Fn(&reqwest::Request) -> Step + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            begin: Instant::now(),
            steps: Mutex::default(),
            decide: Some(Box::new(decide)),
            asked: Mutex::default(),
            pending: AtomicUsize::new(0),
        })
    }

    /// Creates a client over this script, which draws the bound of every wait.
    pub(crate) fn client(self: &Arc<Self>, config: Config) -> Client {
        let transport: Arc<dyn Transport> = Arc::new(Sent(Arc::clone(self)));
        let test_hooks = TestHooks {
            transport: Some(transport),
            random: |bound| bound,
            now: noon,
        };
        Client::with_test_hooks(config, test_hooks).unwrap()
    }

    /// Replaces the steps with this one for ever.
    pub(crate) fn go_on_with(&self, step: Step) {
        *self.steps.lock().unwrap() = VecDeque::from([step]);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns the time of each request, in milliseconds after the script began.
    pub(crate) fn times(&self) -> Vec<u128> {
        self.asked()
            .iter()
            .map(|asked| asked.at.as_millis())
            .collect()
    }

    /// Returns the milliseconds since the script began.
    pub(crate) fn elapsed(&self) -> u128 {
        self.begin.elapsed().as_millis()
    }

    /// Returns the number of requests that wait for a response.
    pub(crate) fn pending(&self) -> usize {
        self.pending.load(Ordering::SeqCst)
    }

    fn next(&self, request: &reqwest::Request) -> Step {
        if let Some(decide) = &self.decide {
            return decide(request);
        }
        let mut steps = self.steps.lock().unwrap();
        match steps.len() {
            1 => steps.front().cloned().unwrap(),
            _ => steps.pop_front().unwrap(),
        }
    }
}

/// A guard that counts a request as pending until it is dropped.
struct Pending(Arc<Script>);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The transport of a client over a script.
struct Sent(Arc<Script>);

impl Transport for Sent {
    fn send(
        &self,
        request: reqwest::Request,
        connect_timeout: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, TransportError>> {
        let script = &self.0;
        script.asked.lock().unwrap().push(Asked {
            at: script.begin.elapsed(),
            url: request.url().clone(),
            headers: request.headers().clone(),
            connect_timeout,
        });
        script.pending.fetch_add(1, Ordering::SeqCst);
        let pending = Pending(Arc::clone(script));
        let mut step = script.next(&request);
        Box::pin(async move {
            let _pending = pending;
            while let Step::After(pause, then) = step {
                tokio::time::sleep(pause).await;
                step = *then;
            }
            match step {
                Step::Respond(response) => Ok(response.response()),
                Step::Fail(stage) => Err(TransportError::new(stage, "scripted")),
                Step::Silence | Step::After(..) => std::future::pending().await,
            }
        })
    }
}
