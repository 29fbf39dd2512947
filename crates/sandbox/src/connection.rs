//! The sockets: accepts connections, serves each of them, and closes all of them when the sandbox goes.

use std::error::Error;
use std::fmt;
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

use crate::server::Server;

/// How long nothing is accepted after the system refused to: it is short of something, such as open files.
const PAUSE: Duration = Duration::from_millis(20);

/// Instead of an answer, the connection is reset.
#[derive(Debug)]
pub(crate) struct Reset;

impl fmt::Display for Reset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the sandbox resets this connection because a fault says so")
    }
}

impl Error for Reset {}

/// Accepts connections until `stopping` changes and serves what was accepted to the end. Dropping the future closes the
/// port and every connection at once.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // The sender going away means the same as a message.
            _ = stopping.changed() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&server), stopping.clone()));
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            // Only to forget those that ended.
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Serves one connection.
async fn connection(stream: TcpStream, server: Arc<Server>, mut stopping: watch::Receiver<bool>) {
    // Else a slow drip comes in lumps. What cannot be set is not worth losing the connection.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let server = Arc::clone(&server);
        Box::pin(async move { server.answer(request).await })
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut asked = false;
    let outcome = loop {
        tokio::select! {
            outcome = poll_fn(|context| connection.poll_without_shutdown(context)) => break outcome,
            _ = stopping.changed(), if !asked => {
                asked = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
        }
    };
    let mut stream = connection.into_parts().io.into_inner();
    let is_reset = outcome.is_err_and(|error| {
        error
            .source()
            .is_some_and(|cause| cause.downcast_ref::<Reset>().is_some())
    });
    if is_reset {
        // Closing then sends RST instead of FIN.
        let _ = stream.set_zero_linger();
    } else {
        // The client may have closed already.
        let _ = stream.shutdown().await;
    }
}
