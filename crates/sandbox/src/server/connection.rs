//! The sockets: accepts connections, serves each of them, and closes all of them with the sandbox.

use std::error::Error;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::reset::ConnectionReset;
use super::service::Server;

/// The wait after a failed accept. The system lacks a resource, such as open files.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(20);

/// Accepts connections until `stopping` changes, then finishes the requests that are in progress.
/// Dropping the future closes the port and every connection at once.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // A dropped sender also ends the loop.
            _ = stopping.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&server), stopping.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
            },
            // Removes the connections that have ended.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Serves one connection.
async fn connection(stream: TcpStream, server: Arc<Server>, mut stopping: watch::Receiver<bool>) {
    // Otherwise the bytes of a drip arrive together. The connection also works without the option.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let server = Arc::clone(&server);
        Box::pin(async move { server.respond(request).await })
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut is_stopping = false;
    let outcome = loop {
        tokio::select! {
            outcome = poll_fn(|context| connection.poll_without_shutdown(context)) => break outcome,
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
