//! The effect of a fault on a response.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use super::body::Body;
use super::reset::ConnectionReset;
use crate::document::Operation;
use crate::faults::{Effect, Fault};
use crate::request::{ApiError, Reason};

/// The error page of a gateway.
const PAGE: &str = "<!DOCTYPE html>\n<html>\n<head><title>STATUS</title></head>\n\
                    <body>\n<h1>STATUS</h1>\n<hr>\ngateway\n</body>\n</html>\n";

/// Applies a fault to a response. `served` is `None` if the request was not handled.
///
/// # Errors
///
/// Returns an error if the fault resets the connection.
pub(crate) async fn apply(
    fault: &Fault,
    operation: &Operation,
    served: Option<Response<Body>>,
) -> Result<Response<Body>, ConnectionReset> {
    match (fault.effect(), served) {
        (Effect::Status(status), _) => {
            let detail = format!("a fault of the sandbox: {fault}");
            let body = ApiError::new(Reason::Internal, detail).body(Some(operation), status);
            Ok(replacement(
                fault,
                status,
                "application/json",
                body.to_string(),
            ))
        }
        (Effect::Html(status), _) => {
            let title = StatusCode::from_u16(status).map(|status| status.to_string());
            let page = PAGE.replace("STATUS", &title.unwrap_or_default());
            Ok(replacement(fault, status, "text/html; charset=utf-8", page))
        }
        (Effect::CutOff, Some(served)) => cut_off(served).await,
        (Effect::Drip(pause), Some(served)) => Ok(drip(served, pause).await),
        (Effect::None, Some(served)) => Ok(served),
        (Effect::Reset, _) | (_, None) => Err(ConnectionReset),
    }
}

/// Creates the response of a fault that replaces the operation's.
fn replacement(
    fault: &Fault,
    status: u16,
    media_type: &'static str,
    body: String,
) -> Response<Body> {
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Some(seconds) = fault.retry_after_seconds() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Announces the whole body, sends half of it, and closes the connection.
async fn cut_off(served: Response<Body>) -> Result<Response<Body>, ConnectionReset> {
    let (parts, bytes) = whole(served).await;
    if bytes.is_empty() {
        return Err(ConnectionReset);
    }
    let (sender, pieces) = mpsc::channel(2);
    let half = bytes.slice(..bytes.len() / 2);
    let broken = io::Error::other("a fault of the sandbox cuts this response off");
    for piece in [Ok(half), Err(broken)] {
        // The channel has room for both, and the receiver is alive.
        let _ = sender.try_send(piece);
    }
    let left = Some(bytes.len() as u64);
    Ok(Response::from_parts(parts, Body::pieces(pieces, left)))
}

/// Sends the body byte by byte.
async fn drip(served: Response<Body>, pause: Duration) -> Response<Body> {
    let (parts, bytes) = whole(served).await;
    let left = Some(bytes.len() as u64);
    let (sender, pieces) = mpsc::channel(1);
    tokio::spawn(async move {
        for index in 0..bytes.len() {
            // This task ends with the connection.
            if tokio::time::timeout(pause, sender.closed()).await.is_ok()
                || sender.send(Ok(bytes.slice(index..=index))).await.is_err()
            {
                return;
            }
        }
    });
    Response::from_parts(parts, Body::pieces(pieces, left))
}

/// Splits a response into its head and its whole body.
async fn whole(response: Response<Body>) -> (http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes());
    // The bodies of operations are in memory, so reading them cannot fail.
    (parts, bytes.unwrap_or_default())
}
