//! `scorekit doctor`: checks what a call needs, and says what to do about each problem.

use std::env::consts;
use std::time::{Duration, SystemTime};

use clap::Command;
use futures_util::future::join_all;
use scorekit::runtime::{Method, Operation, PageParameter, Request, datadog};
use scorekit::{Client, Error, HeaderMap, Response, StatusCode};
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::{Exit, Failure};
use crate::generated::DOMAINS;
use crate::settings::{BASE_URL, ProfileFile, SETTINGS, Settings};

/// The largest difference between the clocks of client and server without a warning.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

/// The variables that name a proxy.
const PROXIES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

pub(super) fn command() -> Command {
    Command::new("doctor")
        .about("Check the settings, the network, the clock, the credentials and their scopes")
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
    // A wrong flag is found before anything is checked. What to do is not cut.
    let printer = context.printer()?.wrapped();
    let checks = checks(context).await;
    let rows = checks.iter().map(Check::to_json).collect::<Value>();
    printer.document(&rows, |rows| rows.as_array().cloned().unwrap_or_default())?;
    let has = |state: State| checks.iter().any(|check| check.state == state);
    Ok(match (has(State::Failed), has(State::Credentials)) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Credentials,
        (false, false) => Exit::Success,
    })
}

/// Checks one thing after the other, until one that later checks need.
async fn checks(context: &Context) -> Vec<Check> {
    let settings = match context.settings() {
        Ok(settings) => settings,
        Err(failure) => return vec![version(), setting(&failure)],
    };
    let mut checks = vec![version(), settings_file(&settings), proxy()];
    match context.client(&settings) {
        Ok(client) => {
            checks.extend(server(&settings, &client).await);
            checks.extend(dcycle(&settings));
        }
        Err(failure) => {
            let check = setting(&failure);
            // The line of the proxy is not right in spite of the error.
            checks.retain(|it| it.name != check.name);
            checks.push(check);
        }
    }
    checks
}

/// Names this build of the command, which a report of a problem needs.
fn version() -> Check {
    let features = [
        ("sandbox", cfg!(feature = "sandbox")),
        ("keyring", cfg!(feature = "keyring")),
    ];
    let features = features.iter().filter(|(_, is_on)| *is_on);
    let features: Vec<&str> = features.map(|(name, _)| *name).collect();
    let features = match features.is_empty() {
        true => "none".to_owned(),
        false => features.join(", "),
    };
    let (version, os, arch) = (env!("CARGO_PKG_VERSION"), consts::OS, consts::ARCH);
    let detail = format!("scorekit {version}, {os} {arch}, features: {features}");
    Check::new("version", State::Ok, detail)
}

/// Explains a setting that cannot be used. Its message begins with the variable.
fn setting(failure: &Failure) -> Check {
    let message = failure.message.as_str();
    let is_about = |name: &str| {
        let start = message.get(..name.len());
        start.is_some_and(|it| it.eq_ignore_ascii_case(name))
    };
    let secrets = SETTINGS.iter().filter(|it| it.scheme.is_some());
    let secrets: Vec<&str> = secrets.map(|it| it.variable).collect();
    let (name, action) = if PROXIES.iter().any(|it| is_about(it)) {
        ("proxy", "correct the variable, or unset it")
    } else if is_about("DD_SITE") || is_about(BASE_URL) {
        (
            "site",
            "correct it with `scorekit profile set`, or in the environment",
        )
    } else if secrets.iter().any(|it| is_about(it)) {
        (
            "credentials",
            "run `scorekit auth login`, or correct the variable",
        )
    } else {
        (
            "settings",
            "correct the profile, or choose another one with --profile",
        )
    };
    let detail = match &failure.help {
        Some(help) => format!("{message}; {help}"),
        None => message.to_owned(),
    };
    Check::new(name, State::Failed, detail).action(action)
}

fn settings_file(settings: &Settings) -> Check {
    let check = |state, detail: String| Check::new("settings", state, detail);
    let file = match ProfileFile::read() {
        Ok(file) => file,
        Err(failure) => return setting(&failure),
    };
    let path = file.path.display();
    if !file.path.exists() {
        check(
            State::Ok,
            format!("{path} does not exist, so the environment alone counts"),
        )
    } else if file.is_public() {
        check(State::Warning, format!("other users can read {path}"))
            .action("run chmod 600 on the file")
    } else {
        check(State::Ok, format!("profile {} of {path}", settings.profile))
    }
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

/// Returns a list for each scope that permits one, which costs a server little.
fn probes() -> Vec<&'static Operation> {
    let resources = DOMAINS.iter().flat_map(|domain| domain.resources);
    let commands = resources.flat_map(|resource| resource.commands);
    let mut probes: Vec<&'static Operation> = Vec::new();
    for command in commands {
        let operation = command.operation;
        let is_list = operation.method == Method::GET && !operation.path.contains('{');
        let needs_nothing = command.flags.iter().all(|flag| !flag.required);
        let is_new = probes.iter().all(|it| it.scopes != operation.scopes);
        let is_datadog = operation.server.name == datadog::SERVER;
        if is_list && needs_nothing && is_new && is_datadog && operation.scopes.len() == 1 {
            probes.push(operation);
        }
    }
    probes
}

/// Returns the scopes that only operations with a change need.
fn untested(probes: &[&Operation]) -> Vec<&'static str> {
    let resources = DOMAINS.iter().flat_map(|domain| domain.resources);
    let commands = resources.flat_map(|resource| resource.commands);
    let scopes = commands.flat_map(|command| command.operation.scopes);
    let is_tested = |scope: &&str| probes.iter().any(|it| it.scopes.contains(scope));
    let mut scopes: Vec<&str> = scopes.copied().filter(|it| !is_tested(it)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Says which credentials of Dcycle are not tested: it documents no operation that only reads.
fn dcycle(settings: &Settings) -> Option<Check> {
    let resources = DOMAINS.iter().flat_map(|domain| domain.resources);
    let mut commands = resources.flat_map(|resource| resource.commands);
    let command = commands.find(|it| it.operation.server.name != datadog::SERVER)?;
    settings.check_credentials(command.operation).ok()?;
    let detail = "set, and not tested, because a test would create something";
    Some(Check::new("credentials of Dcycle", State::Ok, detail))
}

fn request(client: &Client, operation: &'static Operation) -> Request<Value> {
    let request = client.request::<Value>(operation);
    match operation.pagination.and_then(|it| it.size) {
        Some(PageParameter::Query(name)) => request.query(name, &1),
        _ => request,
    }
}

async fn server(settings: &Settings, client: &Client) -> Vec<Check> {
    let probes = probes();
    let Some(first) = probes.first() else {
        return Vec::new();
    };
    let uri = match request(client, first).to_http() {
        Ok(http) => http.uri().clone(),
        Err(error) => return vec![setting(&error.into())],
    };
    let host = uri.host().unwrap_or_default().to_owned();
    let is_encrypted = uri.scheme_str() == Some("https");
    let mut checks = vec![
        Check::new("site", State::Ok, &host),
        names(&host, uri.port_u16()).await,
    ];
    if settings.check_credentials(first).is_err() {
        let check = Check::new(
            "credentials",
            State::Credentials,
            "none are set for Datadog",
        );
        checks.push(check.action("run `scorekit auth login`"));
        return checks;
    }
    let results = probes.iter().map(|it| request(client, it).send());
    let results = join_all(results).await;
    let results: Vec<_> = probes.iter().copied().zip(results).collect();
    if let Some((_, result)) = results.first() {
        checks.extend(connection(result, &host, is_encrypted));
    }
    checks.extend(credentials(&results));
    let untested = untested(&probes);
    if results.iter().any(|(_, result)| result.is_ok()) && !untested.is_empty() {
        let detail = format!(
            "not tested, because a test would change something: {}",
            untested.join(", ")
        );
        checks.push(Check::new("scopes for changes", State::Ok, detail));
    }
    checks
}

/// The result of a probe.
type Probed = Result<Response<Value>, Error>;

/// Returns the checks of the connection, the certificates and the clock.
fn connection(result: &Probed, host: &str, is_encrypted: bool) -> Vec<Check> {
    let (headers, error) = match result {
        Ok(response) => (Some(response.headers()), None),
        Err(error) => (error.status().map(|_| error.headers()), Some(error)),
    };
    let Some(headers) = headers else {
        let text = error.map_or_else(String::new, Failure::text);
        let is_certificate = text.contains("certificate");
        let failed = |name, action| Check::new(name, State::Failed, &text).action(action);
        return vec![match is_certificate {
            true => failed(
                "certificates",
                "add the authority of your network with SSL_CERT_FILE, or correct the clock",
            ),
            false => failed("connection", "check the network, the proxy and the site"),
        }];
    };
    let certificates = match is_encrypted {
        true => format!("the certificate of {host} is valid"),
        false => "none, because the connection is not encrypted".to_owned(),
    };
    let mut checks = vec![
        Check::new("connection", State::Ok, "the server responds"),
        Check::new("certificates", State::Ok, certificates),
    ];
    checks.extend(clock(headers));
    checks
}

/// Returns the checks of the credentials, and of each scope.
fn credentials(results: &[(&'static Operation, Probed)]) -> Vec<Check> {
    let rejected = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    let is_rejected = |error: &Error| error.status().is_some_and(|it| rejected.contains(&it));
    let errors = results.iter().filter_map(|(_, it)| it.as_ref().err());
    let errors: Vec<&Error> = errors.collect();
    let is_any_allowed = errors.len() < results.len();
    let mut checks = Vec::new();
    if let Some(error) = errors
        .first()
        .filter(|it| !is_any_allowed && is_rejected(it))
    {
        let check = Check::new("credentials", State::Credentials, Failure::text(error));
        checks
            .push(check.action("check the keys, their scopes, and that they belong to this site"));
        return checks;
    }
    if is_any_allowed {
        let detail = "the server accepts them";
        checks.push(Check::new("credentials", State::Ok, detail));
    }
    for (operation, result) in results {
        let scope = operation.scopes.join(", ");
        checks.push(match result {
            Ok(_) => {
                let detail = format!("{scope}: {} is allowed", operation.id);
                Check::new("scope", State::Ok, detail)
            }
            Err(error) if is_rejected(error) => {
                let detail = format!("{scope}: {}", Failure::text(error));
                Check::new("scope", State::Credentials, detail)
                    .action("add the scope to the application key, if you need these commands")
            }
            // The line of the connection explains it.
            Err(error) if error.status().is_none() => continue,
            Err(error) => Check::new("server", State::Failed, Failure::text(error))
                .action("try again later; if it stays, report it with the request id"),
        });
    }
    checks
}

async fn names(host: &str, port: Option<u16>) -> Check {
    let host = host.trim_matches(['[', ']']);
    match tokio::net::lookup_host((host, port.unwrap_or(443))).await {
        Ok(addresses) => {
            let count = addresses.count();
            Check::new(
                "name resolution",
                State::Ok,
                match count {
                    1 => format!("1 address of {host}"),
                    count => format!("{count} addresses of {host}"),
                },
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
