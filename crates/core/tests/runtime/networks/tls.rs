//! Certificates of servers and clients, and the provider of cryptography.

use tokio_rustls::rustls::crypto::CryptoProvider;

use super::server::{Authority, Running};
use super::*;

/// Returns settings for a server at this address under the name of its certificate.
fn at(server: &Running) -> Config {
    let port = server.address.port();
    quick()
        .base_url(&format!("https://{HOST}:{port}"))
        .resolve(HOST, [server.address.ip()])
}

#[tokio::test]
async fn own_authority_is_trusted() {
    let authority = Authority::new();
    let server = Running::tls(authority.server().settings(None)).await;
    for config in [at(&server), at(&server).system_roots(false)] {
        let client = Client::new(config.root_certificates(authority.pem())).unwrap();
        get_rule(&client).send().await.unwrap();
    }
    let heads = server.heads();
    assert_eq!(heads.len(), 2);
    assert!(heads[0].contains(API_KEY), "{}", heads[0]);
}

#[tokio::test]
async fn unknown_authority_is_an_error_with_the_remedy() {
    let authority = Authority::new();
    let server = Running::tls(authority.server().settings(None)).await;
    let other = Authority::new().pem();
    for config in [
        at(&server),
        at(&server).root_certificates(other.clone()),
        at(&server).root_certificates(other).system_roots(false),
    ] {
        let before = server.connections();
        let error = fails_once(config, ErrorKind::Connection).await;
        assert_says(
            &error,
            &[
                &format!("cannot connect to {HOST}:"),
                "the server has a certificate of an unknown authority",
                "Config::root_certificates or SSL_CERT_FILE",
            ],
        );
        assert_eq!(server.connections() - before, 2);
    }
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn other_certificates_are_rejected_with_the_reason() {
    let authority = Authority::new();
    let expired = authority.issue(HOST, |params| {
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    });
    let elsewhere = authority.issue("other.networks.test", |_| {});
    for (certificate, reason) in [(expired, "expired"), (elsewhere, "not valid for name")] {
        let server = Running::tls(certificate.settings(None)).await;
        let config = at(&server).root_certificates(authority.pem());
        let error = fails_once(config, ErrorKind::Connection).await;
        assert_says(&error, &["a certificate that is not valid: ", reason]);
    }
}

#[tokio::test]
async fn client_certificate_is_sent() {
    let (authority, clients) = (Authority::new(), Authority::new());
    let server = Running::tls(authority.server().settings(Some(&clients))).await;
    let config = || at(&server).root_certificates(authority.pem());
    let own = |authority: &Authority| authority.issue("a program", |_| {}).pem();
    let client = Client::new(config().client_certificate(own(&clients))).unwrap();
    get_rule(&client).send().await.unwrap();

    for config in [config(), config().client_certificate(own(&authority))] {
        let error = fails_once(config, ErrorKind::Connection).await;
        assert_says(
            &error,
            &[
                "the server rejects the client's certificate or requires one",
                "set Config::client_certificate",
            ],
        );
    }
    assert_eq!(server.heads().len(), 1);
}

#[tokio::test]
async fn malformed_certificates_are_rejected() {
    let authority = Authority::new();
    let issued = authority.server().pem();
    let (certificate, key) = issued.split_at(issued.find("-----BEGIN PRIVATE").unwrap());
    let other_key = authority.server().pem();
    let other_key = &other_key[other_key.find("-----BEGIN PRIVATE").unwrap()..];
    let config = || Config::new().base_url("https://127.0.0.1:1");
    for (config, says) in [
        (
            config().root_certificates("text"),
            "Config::root_certificates has no certificate in PEM",
        ),
        (
            config().root_certificates(key),
            "Config::root_certificates has no certificate in PEM",
        ),
        (
            config().client_certificate(certificate),
            "Config::client_certificate has no private key",
        ),
        (
            config().client_certificate(key),
            "Config::client_certificate has no certificate",
        ),
        (
            config().client_certificate(format!("{certificate}{other_key}")),
            "cannot use Config::client_certificate",
        ),
    ] {
        let error = Client::new(config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_says(&error, &[says]);
        let middle = &key.lines().nth(1).unwrap()[..20];
        assert!(!everything(&error).contains(middle));
    }
    let config = config()
        .client_certificate(issued.clone())
        .proxy("http://user:password@p");
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("password") && !shown.contains("PRIVATE"),
        "{shown}"
    );
}

#[tokio::test]
async fn wrong_scheme_is_an_error_with_the_remedy() {
    let plain = Running::plain("400 Bad Request", "").await;
    let error = fails_once(at(&plain), ErrorKind::Connection).await;
    assert_says(
        &error,
        &[
            "does not use TLS on this port",
            "check the port and the scheme",
        ],
    );

    let encrypted = Running::tls(Authority::new().server().settings(None)).await;
    let config = quick().base_url(&format!("http://{}", encrypted.address));
    let error = fails_once(config, ErrorKind::Connection).await;
    assert_says(
        &error,
        &[
            "does not use HTTP on this port",
            "use https if the server expects TLS",
        ],
    );

    for page in [
        "<center>The plain HTTP request was sent to HTTPS port</center>",
        "Client sent an HTTP request to an HTTPS server.\n",
    ] {
        let server = Running::plain("400 Bad Request", page).await;
        let config = quick().base_url(&format!("http://{}", server.address));
        let error = fails_once(config, ErrorKind::Api).await;
        assert_says(&error, &["the server expects TLS on this port; use https"]);
    }
}

#[test]
fn files_of_certificates_are_read_from_variables() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let authority = Authority::new();
    std::fs::write(path("authority.pem"), authority.pem()).unwrap();
    std::fs::write(path("server.pem"), authority.server().pem()).unwrap();
    std::fs::write(path("empty.pem"), "").unwrap();
    std::fs::create_dir(path("directory")).unwrap();
    std::fs::write(path("directory/one.pem"), authority.pem()).unwrap();
    std::fs::create_dir(path("none")).unwrap();
    let missing = path("missing.pem");
    for (name, value, says) in [
        (
            "SSL_CERT_FILE",
            missing.as_str(),
            &*format!("SSL_CERT_FILE: cannot read \"{missing}\": "),
        ),
        ("SSL_CERT_FILE", "", "SSL_CERT_FILE: cannot read \"\": "),
        (
            "SSL_CERT_FILE",
            &path("empty.pem"),
            "empty.pem\" has no certificate in PEM form",
        ),
        (
            "SSL_CERT_FILE",
            &path("none"),
            "SSL_CERT_FILE: cannot read \"",
        ),
        (
            "SSL_CERT_DIR",
            &path("none"),
            "SSL_CERT_FILE and SSL_CERT_DIR name no usable",
        ),
        (
            "SSL_CERT_DIR",
            &missing,
            "SSL_CERT_FILE and SSL_CERT_DIR name no usable",
        ),
        ("SSL_CERT_FILE", &path("authority.pem"), ""),
        ("SSL_CERT_DIR", &path("directory"), ""),
    ] {
        with_variables("networks::tls::with_a_file", &[(name, value), (SAYS, says)]);
    }
}

const SAYS: &str = "SCOREKIT_TEST_SAYS";

#[tokio::test]
#[ignore = "run by the test above"]
async fn with_a_file() {
    let says = std::env::var(SAYS).unwrap();
    let outcome = Client::new(keys());
    match says.as_str() {
        "" => drop(outcome.unwrap()),
        says => {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert_says(&error, &[says]);
            // Neither of these needs the authorities of the system.
            Client::new(keys().base_url("http://127.0.0.1:1")).unwrap();
            let own = keys()
                .system_roots(false)
                .root_certificates(Authority::new().pem());
            Client::new(own).unwrap();
        }
    }
}

#[test]
fn provider_of_the_process_is_used_and_none_is_installed() {
    with_variables("networks::tls::with_a_provider", &[]);
}

#[tokio::test]
#[ignore = "run by the test above"]
async fn with_a_provider() {
    let client = Client::new(quick().system_roots(false).base_url("https://127.0.0.1:1"));
    drop(client.unwrap());
    assert!(CryptoProvider::get_default().is_none());

    // One without any cipher cannot connect.
    let mut provider = tokio_rustls::rustls::crypto::ring::default_provider();
    provider.kx_groups.clear();
    provider.install_default().unwrap();
    let authority = Authority::new();
    let error = Client::new(
        quick()
            .root_certificates(authority.pem())
            .system_roots(false),
    );
    let error = error.unwrap_err();
    assert_says(&error, &["cannot configure TLS: "]);
}
