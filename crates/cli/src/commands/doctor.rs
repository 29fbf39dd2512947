//! `scorekit doctor`: checks what a call needs, and says what to do about each problem.

use std::time::{Duration, SystemTime};

use clap::Command;
use scorekit::runtime::{Method, Operation, PageParameter};
use scorekit::{Error, ErrorKind, HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::generated::DOMAINS;
use crate::settings::{ProfileFile, Settings};

/// The largest difference between the clocks of client and server without a warning.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

/// The variables that name a proxy.
const PROXIES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

pub(super) fn command() -> Command {
    Command::new("doctor")
        .about("Check the settings, the network, the clock and the credentials")
        .after_help("Example:\n  scorekit doctor")
}

/// A line of the result.
struct Check {
    name: &'static str,
    state: State,
    detail: String,
    /// The solution; may be empty.
    action: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Warning,
    Failed,
    Credentials,
}

impl Check {
    fn new(name: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self {
            name,
            state,
            detail: detail.into(),
            action: "",
        }
    }

    fn action(mut self, action: &'static str) -> Self {
        self.action = action;
        self
    }

    fn to_json(&self) -> Value {
        let state = match self.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed | State::Credentials => "failed",
        };
        json!({
            "check": self.name, "state": state, "detail": self.detail, "action": self.action,
        })
    }
}

pub(super) async fn run(context: &mut Context) -> Result<Exit, Failure> {
    let settings = context.settings()?;
    let mut checks = vec![settings_file(&settings)?, proxy()];
    checks.extend(server(context, &settings).await?);
    let mut printer = context.printer()?;
    for check in &checks {
        printer.item(check.to_json())?;
    }
    printer.finish()?;
    let has = |state: State| checks.iter().any(|check| check.state == state);
    Ok(match (has(State::Failed), has(State::Credentials)) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Credentials,
        (false, false) => Exit::Success,
    })
}

fn settings_file(settings: &Settings) -> Result<Check, Failure> {
    let file = ProfileFile::read()?;
    let path = file.path.display();
    let check = |state, detail: String| Check::new("settings", state, detail);
    Ok(if !file.path.exists() {
        check(
            State::Ok,
            format!("{path} does not exist, so the environment alone counts"),
        )
    } else if file.is_public() {
        check(State::Warning, format!("other users can read {path}"))
            .action("run chmod 600 on the file")
    } else {
        check(State::Ok, format!("profile {} of {path}", settings.profile))
    })
}

fn proxy() -> Check {
    let is_set = |name: &&str| {
        let lower = name.to_lowercase();
        std::env::var_os(name)
            .or_else(|| std::env::var_os(lower))
            .is_some()
    };
    let set: Vec<&str> = PROXIES
        .iter()
        .copied()
        .filter(|name| is_set(name))
        .collect();
    // The address of a proxy may hold a password.
    let detail = match set.is_empty() {
        true => "no proxy is set".to_owned(),
        false => format!("set by {}", set.join(", ")),
    };
    Check::new("proxy", State::Ok, detail)
}

/// Returns a list that costs a server little.
fn probe() -> Option<&'static Operation> {
    let resources = DOMAINS.iter().flat_map(|domain| domain.resources);
    let mut operations = resources
        .flat_map(|resource| resource.commands)
        .map(|command| command.operation);
    operations.find(|it| it.method == Method::GET && !it.path.contains('{'))
}

async fn server(context: &Context, settings: &Settings) -> Result<Vec<Check>, Failure> {
    let Some(operation) = probe() else {
        return Ok(Vec::new());
    };
    let client = context.client(settings)?;
    let mut request = client.request::<Value>(operation);
    let size = operation.pagination.and_then(|it| it.size);
    if let Some(PageParameter::Query(name)) = size {
        request = request.query(name, &1);
    }
    let http = request.to_http()?;
    let host = http.uri().host().unwrap_or_default().to_owned();
    let mut checks = vec![Check::new("server", State::Ok, &host)];
    checks.push(names(&host, http.uri().port_u16()).await);
    if settings.check_credentials(operation).is_err() {
        checks.push(
            Check::new(
                "credentials",
                State::Credentials,
                "none are set for Datadog",
            )
            .action("run `scorekit auth login`"),
        );
        return Ok(checks);
    }
    match request.send().await {
        Ok(response) => {
            checks.push(Check::new("connection", State::Ok, "the server responds"));
            checks.extend(clock(response.headers()));
            let detail = format!("{} is allowed", operation.id);
            checks.push(Check::new("credentials", State::Ok, detail));
        }
        Err(error) => checks.extend(failed(&error)),
    }
    Ok(checks)
}

async fn names(host: &str, port: Option<u16>) -> Check {
    let host = host.trim_matches(['[', ']']);
    match tokio::net::lookup_host((host, port.unwrap_or(443))).await {
        Ok(addresses) => {
            let count = addresses.count();
            Check::new(
                "name resolution",
                State::Ok,
                format!("{count} addresses of {host}"),
            )
        }
        // A proxy may resolve names itself.
        Err(error) => Check::new("name resolution", State::Warning, error.to_string())
            .action("check the site and the DNS server, unless a proxy resolves names"),
    }
}

fn clock(headers: &HeaderMap) -> Option<Check> {
    let date = headers.get("date")?.to_str().ok()?;
    let date = httpdate::parse_http_date(date).ok()?;
    let now = SystemTime::now();
    let difference = now
        .duration_since(date)
        .or_else(|_| date.duration_since(now));
    let difference = difference.unwrap_or_default();
    let detail = format!("{} s apart from the server", difference.as_secs());
    Some(match difference > CLOCK_TOLERANCE {
        true => Check::new("clock", State::Warning, detail).action("synchronize the clock"),
        false => Check::new("clock", State::Ok, detail),
    })
}

fn failed(error: &Error) -> Vec<Check> {
    let rejected = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    let is_rejected = error
        .status()
        .is_some_and(|status| rejected.contains(&status));
    let mut checks = Vec::new();
    if error.status().is_some() {
        checks.push(Check::new("connection", State::Ok, "the server responds"));
        checks.extend(clock(error.headers()));
    }
    let check = match error.kind() {
        _ if is_rejected => Check::new("credentials", State::Credentials, error.to_string())
            .action("check the keys, their scopes, and that they belong to this site"),
        ErrorKind::Connection | ErrorKind::Timeout => {
            Check::new("connection", State::Failed, error.to_string())
                .action("check the network, the proxy and the certificates")
        }
        _ => Check::new("connection", State::Failed, error.to_string())
            .action("try again later; if it stays, report it with the request id"),
    };
    checks.push(check);
    checks
}
