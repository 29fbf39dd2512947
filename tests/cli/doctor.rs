//! `doctor`: each problem is a line with what to do.

use std::env::consts;
use std::path::Path;
use std::sync::Arc;

use scorekit_sandbox::Sandbox;
use scorekit_test_support::workspace;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::world::{World, bare, run, run_with_input};

/// The lines of `doctor`: the check, its state, its detail, and what to do.
struct Lines(Vec<Value>);

impl Lines {
    /// Returns the line of a check, which has this state.
    fn line(&self, check: &str, state: &str) -> &Value {
        let mut lines = self.0.iter();
        let line = lines.find(|it| it["check"] == check && it["state"] == state);
        line.unwrap_or_else(|| panic!("{check} {state} in {:?}", self.0))
    }

    /// Checks the detail of a line and what it says to do.
    fn has(&self, check: &str, state: &str, detail: &str, action: &str) {
        let line = self.line(check, state);
        for (name, text) in [("detail", detail), ("action", action)] {
            let found = line[name].as_str().expect("a text");
            assert!(found.contains(text), "{text} in {line}");
        }
    }
}

/// Returns the version, the system and the default features of the command.
fn build() -> String {
    let (version, os, arch) = (env!("CARGO_PKG_VERSION"), consts::OS, consts::ARCH);
    format!("scorekit {version}, {os} {arch}, features: sandbox")
}

/// Runs `doctor`, which ends with this exit code.
async fn doctor(mut command: Command, code: i32) -> Lines {
    command.args(["-o", "json"]);
    let run = run(command).await;
    assert_eq!(run.code, code, "{run:?}");
    let lines: Vec<Value> = serde_json::from_str(&run.stdout).expect("JSON");
    // A report of a problem needs the build, even if no setting can be used.
    assert_eq!(lines[0]["check"], "version", "{lines:?}");
    assert_eq!(lines[0]["detail"], build(), "{lines:?}");
    for line in &lines {
        // A problem has a solution, which users of a command reach without Rust.
        let has_action = line["action"] != "";
        assert_eq!(has_action, line["state"] != "ok", "{line}");
        let text = line.to_string();
        assert!(
            !text.contains("Config::") && !text.contains("Site::"),
            "{line}"
        );
    }
    Lines(lines)
}

#[tokio::test]
async fn a_healthy_setup_has_no_problem() {
    let world = World::new().await;
    let lines = doctor(world.command(&["doctor"]), 0).await;
    for check in [
        "settings",
        "proxy",
        "site",
        "name resolution",
        "connection",
        "certificates",
        "clock",
        "credentials",
        "scopes for changes",
        "credentials of Dcycle",
    ] {
        lines.line(check, "ok");
    }
    let scopes = lines.0.iter().filter(|it| it["check"] == "scope");
    let scopes: Vec<_> = scopes
        .map(|it| it["detail"].as_str().expect("a text"))
        .collect();
    assert!(
        scopes.iter().all(|it| it.ends_with(" is allowed")),
        "{scopes:?}"
    );
    for scope in ["apm_service_catalog_read: ", "cases_read: "] {
        assert!(scopes.iter().any(|it| it.starts_with(scope)), "{scopes:?}");
    }
}

#[tokio::test]
async fn the_issue_forms_ask_for_the_first_line() {
    let world = World::new().await;
    let text = world.run(&["doctor"]).await.ok();
    let first = text.lines().find(|line| line.contains("version"));
    assert!(first.expect("a line").contains(&build()), "{text}");
    for form in ["problem.yml", "request.yml"] {
        let form = workspace().join(".github/ISSUE_TEMPLATE").join(form);
        let form = std::fs::read_to_string(form).expect("a form");
        assert!(form.contains("scorekit doctor"), "{form}");
        assert!(form.contains("It names the version"), "{form}");
    }
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_lines() {
    let world = World::new().await;
    let with = |variable: &str, value: &str| {
        let mut command = world.command(&["doctor"]);
        command.env(variable, value);
        command
    };
    let url = "SCOREKIT_BASE_URL";
    let site = doctor(with("DD_SITE", "nowhere.example"), 1).await;
    site.has(
        "site",
        "failed",
        "not a Datadog site; use one of",
        "scorekit profile set",
    );
    let plain = doctor(with(url, "http://api.example.com"), 1).await;
    plain.has("site", "failed", "plain http", "scorekit profile set");
    let mut proxy = with("HTTPS_PROXY", "::wrong");
    proxy.env_remove(url);
    let proxy = doctor(proxy, 1).await;
    proxy.has("proxy", "failed", "not the URL of a proxy", "unset it");
    let blank = doctor(with("DD_API_KEY", " "), 1).await;
    blank.has("credentials", "failed", "blank", "scorekit auth login");
    world.file("config.toml", "[profiles\n");
    let file = doctor(world.command(&["doctor"]), 1).await;
    file.has(
        "settings",
        "failed",
        "not valid TOML",
        "correct the profile",
    );
    world.file("config.toml", "");
    let profile = doctor(world.command(&["doctor", "--profile", "none"]), 1).await;
    profile.has("settings", "failed", "does not exist", "--profile");
}

#[tokio::test]
async fn networks_that_do_not_work_are_lines() {
    let world = World::new().await;
    // Nothing listens on the port for TCP multiplexers (RFC 1078).
    let nowhere = "127.0.0.1:1";
    let mut unreachable = world.command(&["doctor"]);
    unreachable.env("SCOREKIT_BASE_URL", format!("http://{nowhere}"));
    let unreachable = doctor(unreachable, 1).await;
    unreachable.has("connection", "failed", "refused", "check the network");
    let mut proxy = world.command(&["doctor"]);
    proxy
        .env_remove("SCOREKIT_BASE_URL")
        .env("HTTPS_PROXY", format!("http://{nowhere}"));
    let proxy = doctor(proxy, 1).await;
    proxy.has(
        "connection",
        "failed",
        "correct or remove HTTPS_PROXY",
        "the proxy",
    );
    proxy.has("proxy", "ok", "set by HTTPS_PROXY", "");
    let mut scheme = world.command(&["doctor"]);
    let url = world.sandbox.url().replace("http:", "https:");
    scheme.env("SCOREKIT_BASE_URL", url);
    let scheme = doctor(scheme, 1).await;
    scheme.has("connection", "failed", "does not use TLS", "the site");
    let mut name = world.command(&["doctor"]);
    // RFC 2606 reserves the name, so that it never resolves.
    name.env("SCOREKIT_BASE_URL", "https://scorekit.invalid");
    let name = doctor(name, 1).await;
    name.has("name resolution", "warning", "", "DNS server");
}

#[tokio::test]
async fn credentials_and_scopes_are_lines() {
    let world = World::new().await;
    let mut without = world.bare(&["doctor"]);
    without.env("SCOREKIT_BASE_URL", world.sandbox.url());
    let without = doctor(without, 4).await;
    without.has(
        "credentials",
        "failed",
        "none are set",
        "scorekit auth login",
    );
    let mut wrong = world.command(&["doctor"]);
    wrong.env("DD_API_KEY", "0123456789abcdef");
    let wrong = doctor(wrong, 4).await;
    wrong.has(
        "credentials",
        "failed",
        "403 Forbidden",
        "check the keys, their scopes",
    );
    let fault = "ListScorecardRules:status=403".parse().expect("a fault");
    let world = World::with(Sandbox::builder().fault(fault)).await;
    let scope = doctor(world.command(&["doctor"]), 4).await;
    scope.has("credentials", "ok", "accepts them", "");
    scope.has("scope", "ok", "cases_read: ", "");
    let action = "add the scope to the application key";
    scope.has("scope", "failed", "apm_service_catalog_read: ", action);
    let keys = world.sandbox.credentials();
    let login = format!(
        "DD_API_KEY={}\nDD_APP_KEY={}\n",
        keys.api_key, keys.application_key
    );
    run_with_input(world.bare(&["auth", "login"]), &login)
        .await
        .ok();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o644);
        let file = world.directory.path().join("config.toml");
        std::fs::set_permissions(file, mode).expect("permissions");
        let public = doctor(world.command(&["doctor"]), 4).await;
        public.has("settings", "warning", "other users can read", "chmod 600");
    }
}

/// Serves empty lists with the date of 2020 on a connection.
async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> std::io::Result<()> {
    let mut head = Vec::new();
    while stream.read_buf(&mut head).await? > 0 {
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            let response = "HTTP/1.1 200 OK\r\ndate: Wed, 01 Jan 2020 00:00:00 GMT\r\n\
                            content-type: application/json\r\ncontent-length: 11\r\n\r\n{\"data\":[]}";
            stream.write_all(response.as_bytes()).await?;
        }
    }
    Ok(())
}

/// Starts a server with a certificate that no authority has signed, and returns its URL and the
/// certificate.
async fn tls_server() -> (String, String) {
    let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
    let certified = certified.expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            // The client breaks the connection if it does not trust the certificate.
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let _ = serve(stream).await;
                }
            });
        }
    });
    (format!("https://{address}"), certified.cert.pem())
}

fn to(directory: &Path, url: &str) -> Command {
    let mut command = bare(directory, &["doctor"]);
    command
        .env("SCOREKIT_BASE_URL", url)
        .env("DD_API_KEY", "0123456789abcdef")
        .env("DD_APP_KEY", "0123456789abcdef");
    command
}

#[tokio::test]
async fn certificates_and_clocks_are_lines() {
    let directory = tempfile::tempdir().expect("a directory");
    let (url, certificate) = tls_server().await;
    let unknown = doctor(to(directory.path(), &url), 1).await;
    unknown.has(
        "certificates",
        "failed",
        "unknown authority",
        "SSL_CERT_FILE",
    );
    let file = directory.path().join("authority.pem");
    std::fs::write(&file, certificate).expect("a file");
    let mut known = to(directory.path(), &url);
    known.env("SSL_CERT_FILE", file);
    let known = doctor(known, 0).await;
    known.has("certificates", "ok", "is valid", "");
    known.has(
        "clock",
        "warning",
        " s apart from the server",
        "synchronize the clock",
    );
}
