//! The sockets: accepts connections, serves each of them, and closes all of them with the sandbox.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::parts::Server;
use super::reset::ConnectionReset;
use super::service::MAX_HEAD;
use super::slots::{Place, Slots};

/// The wait after a failed accept. The system lacks a resource, such as open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(20);

/// The limits of connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The largest number of connections.
    pub(crate) connections: usize,
    /// The longest time for the line and headers of a request, and the longest pause between two
    /// requests of a connection.
    pub(crate) header_timeout: Duration,
}

/// The default of [`Limits::connections`].
const DEFAULT_MAX_CONNECTIONS: usize = 1024;

/// The default of [`Limits::header_timeout`].
const DEFAULT_HEADER_TIMEOUT: Duration = Duration::from_secs(30);

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: DEFAULT_MAX_CONNECTIONS,
            header_timeout: DEFAULT_HEADER_TIMEOUT,
        }
    }
}

/// Accepts connections until `stopping` changes, then finishes the requests that are in progress.
/// Dropping the future closes the port and every connection at once.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    let slots = Slots::new(limits.connections);
    let mut connections = JoinSet::new();
    // The place of the next connection.
    let mut free = slots.take();
    loop {
        if free.is_none() {
            free = slots.take();
        }
        tokio::select! {
            // A dropped sender also ends the loop.
            _ = stopping.changed() => break,
            accepted = listener.accept(), if free.is_some() => match (accepted, free.take()) {
                (Ok((stream, _)), Some(place)) => {
                    let (server, stopping) = (Arc::clone(&server), stopping.clone());
                    connections.spawn(connection(stream, server, place, limits, stopping));
                    free = slots.take();
                    if free.is_none() {
                        slots.close_idle();
                    }
                }
                (accepted, place) => {
                    drop(place);
                    if accepted.is_err_and(|error| !is_of_client(&error)) {
                        slots.lower();
                        slots.close_idle();
                    }
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                }
            },
            // A connection may have become idle.
            () = tokio::time::sleep(ACCEPT_RETRY_DELAY), if free.is_none() => slots.close_idle(),
            // Removes the connections that have ended.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Returns true if a client closed the connection before it was accepted. Other errors mean that
/// the system lacks a resource.
fn is_of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionReset | Interrupted
    )
}

/// Serves one connection.
async fn connection(
    stream: TcpStream,
    server: Arc<Server>,
    place: Place,
    limits: Limits,
    mut stopping: watch::Receiver<bool>,
) {
    // Otherwise the bytes of a drip arrive together. The connection also works without the option.
    let _ = stream.set_nodelay(true);
    let place = &place;
    let service = service_fn(|request| {
        let server = Arc::clone(&server);
        Box::pin(async move {
            place.set_busy(true);
            let response = server.respond(request).await;
            place.set_busy(false);
            response
        })
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        // It reads up to twice as much.
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut is_stopping = false;
    let outcome = loop {
        tokio::select! {
            outcome = poll_fn(|context| connection.poll_without_shutdown(context)) => break outcome,
            () = place.must_close() => break Ok(()),
            _ = stopping.changed(), if !is_stopping => {
                is_stopping = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let mut stream = connection.into_parts().io.into_inner();
    let is_reset = outcome.is_err_and(|error| {
        error
            .source()
            .is_some_and(|cause| cause.downcast_ref::<ConnectionReset>().is_some())
    });
    if is_reset {
        // The close then sends RST instead of FIN.
        let _ = stream.set_zero_linger();
    } else {
        // The client may have closed already.
        let _ = stream.shutdown().await;
    }
}
