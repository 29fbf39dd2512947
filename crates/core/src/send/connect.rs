//! A connect timeout per call.
//!
//! reqwest has one connect timeout per client. [`with_connect_timeout`] puts the timeout of a call
//! into a task-local value. The layer around reqwest's connector reads it, because it runs in the
//! task that sends the request. If that ever changes, the limit of the attempt still holds.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    static CONNECT_TIMEOUT: Duration;
}

/// Runs `sending` with a limit for making its connection.
pub(crate) async fn with_connect_timeout<F: Future>(limit: Duration, sending: F) -> F::Output {
    CONNECT_TIMEOUT.scope(limit, sending).await
}

/// A layer that wraps a connector in [`LimitedConnector`].
#[derive(Clone, Copy)]
pub(crate) struct ConnectTimeoutLayer;

impl<S> Layer<S> for ConnectTimeoutLayer {
    type Service = LimitedConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LimitedConnector { inner }
    }
}

/// A connector that gives up after the connect timeout of its call.
#[derive(Clone)]
pub(crate) struct LimitedConnector<S> {
    inner: S,
}

type BoxError = Box<dyn StdError + Send + Sync>;

impl<S, R> Service<R> for LimitedConnector<S>
where
    S: Service<R, Error = BoxError>,
    S::Response: 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.inner.call(request);
        match CONNECT_TIMEOUT.try_with(|limit| *limit) {
            Ok(limit) => Box::pin(async move {
                match tokio::time::timeout(limit, connecting).await {
                    Ok(outcome) => outcome,
                    Err(elapsed) => Err(io::Error::new(io::ErrorKind::TimedOut, elapsed).into()),
                }
            }),
            Err(_) => Box::pin(connecting),
        }
    }
}
