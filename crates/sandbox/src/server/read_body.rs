//! The reader of request bodies, with limits of size and time.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};

use crate::request::{ApiError, Reason};

/// The largest request body that is read, in bytes.
pub(super) const MAX_BODY: usize = 16 * 1024 * 1024;

/// The longest time in which a request body arrives.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// Reads a request body.
pub(super) async fn read_body<B>(body: B) -> Result<Bytes, ApiError>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let whole = Limited::new(body, MAX_BODY).collect();
    match tokio::time::timeout(BODY_TIMEOUT, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Err(_) => {
            let detail = format!(
                "the request body did not arrive within {} seconds",
                BODY_TIMEOUT.as_secs()
            );
            Err(ApiError::new(Reason::Timeout, detail))
        }
        Ok(Err(_)) => {
            let detail = format!(
                "the request body is cut off, or larger than the limit of {MAX_BODY} bytes"
            );
            Err(ApiError::new(Reason::TooLarge, detail))
        }
    }
}
