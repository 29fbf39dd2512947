//! What a fault does to an answer on its way out.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use super::{Effect, Fault};
use crate::body::Body;
use crate::connection::Reset;
use crate::document::Operation;
use crate::errors::{ApiError, Reason};

/// The page of a gateway; nothing in it is from the document.
const PAGE: &str = "<!DOCTYPE html>\n<html>\n<head><title>STATUS</title></head>\n<body>\n<h1>STATUS</h1>\n<hr>\ngateway\n</body>\n</html>\n";

/// The answer that a fault leaves of the right one; nothing is given if the request was kept from taking effect.
pub(crate) async fn apply(
    fault: &Fault,
    operation: &Operation,
    right: Option<Response<Body>>,
) -> Result<Response<Body>, Reset> {
    match (fault.effect, right) {
        (Effect::Status(status), _) => {
            let detail = format!("This error was asked for: {fault}");
            let body = ApiError::new(Reason::Internal, detail).body(Some(operation), status);
            Ok(own(fault, status, "application/json", body.to_string()))
        }
        (Effect::Html(status), _) => {
            let title = StatusCode::from_u16(status).map(|status| status.to_string());
            let page = PAGE.replace("STATUS", &title.unwrap_or_default());
            Ok(own(fault, status, "text/html; charset=utf-8", page))
        }
        (Effect::CutOff, Some(right)) => cut_off(right).await,
        (Effect::Drip(pause), Some(right)) => Ok(drip(right, pause).await),
        (Effect::None, Some(right)) => Ok(right),
        (Effect::Reset, _) | (_, None) => Err(Reset),
    }
}

/// An answer that the fault makes itself.
fn own(fault: &Fault, status: u16, media_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    if let Some(pause) = fault.retry_after {
        let seconds = pause.as_secs() + u64::from(pause.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Announces all of an answer, sends half of its body, and breaks off.
async fn cut_off(right: Response<Body>) -> Result<Response<Body>, Reset> {
    let (parts, bytes) = whole(right).await;
    if bytes.is_empty() {
        return Err(Reset);
    }
    let (sender, pieces) = mpsc::channel(2);
    let half = bytes.slice(..bytes.len() / 2);
    let broken = io::Error::other("a fault cuts this answer off");
    for piece in [Ok(half), Err(broken)] {
        // The channel has room for both, and its other end is here.
        let _ = sender.try_send(piece);
    }
    let left = Some(bytes.len() as u64);
    Ok(Response::from_parts(parts, Body::pieces(pieces, left)))
}

/// Sends the body of an answer byte by byte.
async fn drip(right: Response<Body>, pause: Duration) -> Response<Body> {
    let (parts, bytes) = whole(right).await;
    let left = Some(bytes.len() as u64);
    let (sender, pieces) = mpsc::channel(1);
    tokio::spawn(async move {
        for index in 0..bytes.len() {
            // If the connection goes, so does this task.
            if tokio::time::timeout(pause, sender.closed()).await.is_ok()
                || sender.send(Ok(bytes.slice(index..=index))).await.is_err()
            {
                return;
            }
        }
    });
    Response::from_parts(parts, Body::pieces(pieces, left))
}

/// An answer whose body is in one piece.
async fn whole(response: Response<Body>) -> (http::response::Parts, Bytes) {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes());
    // What the operations answer is in memory already and cannot fail.
    (parts, bytes.unwrap_or_default())
}
