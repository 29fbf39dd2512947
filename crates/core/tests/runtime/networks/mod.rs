//! Networks as they are: proxies, TLS, and the HTTP client's settings, with a real proxy and a real
//! TLS server on this machine.

mod hints;
mod http_client;
pub(crate) mod proxies;
pub(crate) mod rows;
mod server;
mod tls;

use std::process::Command;
use std::time::Duration;

use scorekit_core::{CallOptions, Error, ErrorKind, RetryPolicy};

use super::*;
pub(crate) use server::server_settings;

/// The host that certificates are for. No resolver knows it.
const HOST: &str = "api.networks.test";

/// Returns settings with quick retries, so that a test sees whether an error is retried.
fn quick() -> Config {
    let policy = RetryPolicy::new().base_delay(Duration::from_millis(1));
    keys().retry(policy)
}

/// Makes a call and returns its error, which must be of this kind and of a single attempt.
async fn fails_once(config: Config, kind: ErrorKind) -> Error {
    let client = Client::new(config).unwrap();
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.attempts(), 1, "{error}");
    assert!(!error.is_retryable(), "{error}");
    assert_no_canary(&everything(&error));
    // A connection with a limit of its own uses another pool.
    let options = CallOptions::new().connect_timeout(Duration::from_secs(7));
    let other = get_rule(&client).options(options).send().await.unwrap_err();
    // Messages about certificates have the time.
    let without_digits = |error: &Error| error.to_string().replace(|c: char| c.is_numeric(), "");
    assert_eq!(without_digits(&other), without_digits(&error));
    error
}

/// Asserts that a text contains all parts.
#[track_caller]
fn assert_says(error: &Error, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

/// Runs the ignored test `name` in a process of its own with these variables. It must pass.
fn with_variables(name: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", name]);
    for variable in [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        "REQUEST_METHOD",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ] {
        command.env_remove(variable);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}
