//! The lines of `--verbose`: the requests of a command and their responses, on standard error.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderValue;
use scorekit::runtime::Request;
use scorekit::{Attempt, AttemptHook, AttemptResult};

use crate::exit::Failure;
use crate::output::clean_text;

/// Prints the requests and responses of a command. A clone prints for the same command.
#[derive(Clone)]
pub(crate) struct Log {
    /// The number of `-v`.
    level: u8,
    /// The operations whose requests were printed in full, so that the hook prints only the
    /// results.
    printed: Arc<Mutex<HashSet<&'static str>>>,
}

impl Log {
    pub(crate) fn new(level: u8) -> Self {
        Self {
            level,
            printed: Arc::default(),
        }
    }

    /// Returns true if requests are printed.
    pub(crate) fn is_on(&self) -> bool {
        self.level > 0
    }

    /// Prints a request, without credentials.
    pub(crate) fn request(
        &self,
        operation: &'static str,
        request: &Request<serde_json::Value>,
    ) -> Result<(), Failure> {
        if !self.is_on() {
            return Ok(());
        }
        let http = request.to_http()?;
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
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.insert(operation);
        let _ = write!(io::stderr(), "{}", clean_text(&text));
        Ok(())
    }

    fn is_printed(&self, operation: &str) -> bool {
        let printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.contains(operation)
    }
}

/// The attempts of every call, also of those that no command prints in full: the pages of a list,
/// the batches of a push, and retries.
impl AttemptHook for Log {
    fn before(&self, attempt: &Attempt<'_>) {
        if !self.is_printed(attempt.operation_id()) {
            let port = attempt.server_port();
            let port = port.map_or_else(String::new, |port| format!(":{port}"));
            let (method, path) = (attempt.method(), attempt.url_template());
            let text = format!("> {method} {}{port}{path}", attempt.server_address());
            let _ = writeln!(io::stderr(), "{}", clean_text(&text));
        }
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
