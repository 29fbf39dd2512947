//! The lines of `--verbose`: the requests of a command and their responses, on standard error.

use std::io::{self, Write as _};

use http::HeaderValue;
use scorekit::{Attempt, AttemptHook, AttemptResult};

use crate::output::clean_text;

/// Prints the requests and responses of a command. A hook sees each attempt of every call: also the
/// pages of a list, the batches of a push, and retries.
#[derive(Clone, Copy)]
pub(crate) struct Log {
    /// The number of `-v`.
    level: u8,
}

impl Log {
    pub(crate) fn new(level: u8) -> Self {
        Self { level }
    }

    /// Returns true if requests are printed.
    pub(crate) fn is_on(self) -> bool {
        self.level > 0
    }

    /// Returns the lines for a request, without credentials.
    fn request(self, attempt: &Attempt<'_>) -> String {
        let Ok(http) = attempt.to_http() else {
            // It was assembled with credentials, so that it can be without.
            return format!("> {} {}\n", attempt.method(), attempt.url_template());
        };
        let mut text = format!("> {} {}\n", http.method(), http.uri());
        if self.level > 1 {
            for (name, value) in http.headers() {
                let value = String::from_utf8_lossy(HeaderValue::as_bytes(value));
                text.push_str(&format!("> {name}: {value}\n"));
            }
        }
        if self.level > 2 && !http.body().is_empty() {
            text.push_str(&format!("{}\n", String::from_utf8_lossy(http.body())));
        }
        text
    }
}

impl AttemptHook for Log {
    fn before(&self, attempt: &Attempt<'_>) {
        let _ = write!(io::stderr(), "{}", clean_text(&self.request(attempt)));
    }

    fn after(&self, attempt: &Attempt<'_>, result: &AttemptResult<'_>) {
        let outcome = match (result.status(), result.error_type()) {
            (Some(status), _) => status.to_string(),
            (None, kind) => format!("no response ({})", kind.as_deref().unwrap_or("unknown")),
        };
        let mut text = format!(
            "< {} {}: {outcome}, attempt {}, {} ms",
            attempt.method(),
            attempt.url_template(),
            attempt.resend_count() + 1,
            result.duration().as_millis()
        );
        if let Some(id) = result.request_id() {
            text.push_str(&format!(", request id {id}"));
        }
        let _ = writeln!(io::stderr(), "{}", clean_text(&text));
    }
}
