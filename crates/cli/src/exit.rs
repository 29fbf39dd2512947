//! Exit codes, and the errors that end a command.

use std::fmt;
use std::io;

use scorekit::{Error, ErrorKind, StatusCode};
use serde_json::{Value, json};

/// The result of a command as the shell sees it. `--help` lists the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Success,
    Failed,
    Pending,
    Partial,
    Credentials,
    Usage,
    Interrupted,
}

/// Every exit code with its meaning, for `--help`, the man page and `schema`.
pub(crate) const CODES: [(Exit, &str); 7] = [
    (Exit::Success, "success"),
    (Exit::Failed, "the command failed"),
    (Exit::Pending, "changes are pending"),
    (
        Exit::Partial,
        "some items failed, or a threshold was missed",
    ),
    (
        Exit::Credentials,
        "credentials are missing or were rejected",
    ),
    (Exit::Usage, "wrong usage"),
    (Exit::Interrupted, "interrupted by Ctrl-C"),
];

impl Exit {
    /// Returns the number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Pending => 2,
            Self::Partial => 3,
            Self::Credentials => 4,
            // EX_USAGE of BSD's <sysexits.h>.
            Self::Usage => 64,
            // 128 and SIGINT, as shells report it.
            Self::Interrupted => 130,
        }
    }
}

/// Names of the Rust API in the runtime's messages, and what users of the command can set instead.
const NAMES: [(&str, &str); 11] = [
    (
        "which belong in Config::credentials",
        "which it must not; run `scorekit auth login`",
    ),
    ("Config::base_url or SCOREKIT_BASE_URL", "SCOREKIT_BASE_URL"),
    (
        "use https, or permit it with Config::allow_plain_http(true)",
        "use https",
    ),
    (
        "use SCOREKIT_BASE_URL, Config::base_url or Site::Custom",
        "use --base-url or SCOREKIT_BASE_URL",
    ),
    ("Config::site or DD_SITE", "DD_SITE"),
    ("from Config::site", "from --site"),
    ("Config::base_url", "--base-url"),
    (
        "Config::root_certificates or SSL_CERT_FILE",
        "SSL_CERT_FILE",
    ),
    ("raise Config::timeout", "raise --timeout"),
    ("raise Config::attempt_timeout", "try again later"),
    ("Config::site", "--site"),
];

/// An error that ends a command.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// The cause, in one line: "cannot do X: cause".
    pub(crate) message: String,
    /// The next step.
    pub(crate) help: Option<String>,
    /// The error of a call.
    error: Option<Box<Error>>,
    /// True if the reader of the output has gone, which is not an error.
    pub(crate) is_closed_pipe: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            help: None,
            error: None,
            is_closed_pipe: false,
        }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Returns an error of a setting, such as a site that does not exist.
    pub(crate) fn configuration(error: Error) -> Self {
        let mut failure = Self::from(error);
        failure.exit = Exit::Usage;
        failure
    }

    pub(crate) fn interrupted(message: impl Into<String>) -> Self {
        Self::new(Exit::Interrupted, message)
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Returns the error of a command that changed something and cannot show the result. A second
    /// run would change it again, so the message says what was `done`.
    pub(crate) fn not_shown(self, done: &str) -> Self {
        if self.is_closed_pipe {
            return self;
        }
        let message = format!("{done}, but the result is not shown: {}", self.message);
        Self {
            exit: Exit::Failed,
            message,
            ..self
        }
    }

    /// Returns the message of an error of the runtime, for users of the command.
    pub(crate) fn text(error: &Error) -> String {
        for_users(&error.to_string())
    }

    /// Returns the error as JSON: `{"error": {…}}`.
    pub(crate) fn to_json(&self) -> Value {
        let details = self.error.as_ref();
        let mut error = details
            .and_then(|error| serde_json::to_value(error).ok())
            .filter(Value::is_object)
            .unwrap_or_else(|| json!({ "message": self.message }));
        error["message"] = json!(self.message);
        error["exit_code"] = json!(self.exit.code());
        if let Some(help) = &self.help {
            error["help"] = json!(help);
        }
        json!({ "error": error })
    }
}

/// Replaces the names of the Rust API in a message.
fn for_users(message: &str) -> String {
    let names = NAMES.iter();
    names.fold(message.to_owned(), |text, (name, instead)| {
        text.replace(name, instead)
    })
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let rejected = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
        let is_rejected = error.status().is_some_and(|it| rejected.contains(&it));
        let (exit, help) = match error.kind() {
            _ if is_rejected => (
                Exit::Credentials,
                Some("check the keys and their scopes with `scorekit doctor`"),
            ),
            ErrorKind::InvalidRequest => (Exit::Usage, None),
            ErrorKind::Connection | ErrorKind::Timeout => (
                Exit::Failed,
                Some("check the network, the proxy and the site with `scorekit doctor`"),
            ),
            _ => (Exit::Failed, None),
        };
        Self {
            message: Self::text(&error),
            help: help.map(str::to_owned),
            error: Some(Box::new(error)),
            ..Self::new(exit, "")
        }
    }
}

/// An error of writing the output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let is_closed_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        Self {
            is_closed_pipe,
            ..Self::failed(format!("cannot write the output: {error}"))
        }
    }
}
