//! The rows of `docs/faults.md` about networks: what each operation ends with.

use std::any::Any;

use super::proxies::{Resolver, dead};
use super::server::{Authority, Running};
use super::*;
use crate::faults::secrets::{DELETE, GET, POST, PUT};

/// A network that is not as a client needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Situation {
    DeadProxy,
    UnresolvedProxy,
    ProxyCredentials,
    ProxyRejects,
    ProxyCloses,
    PlainThroughProxy,
    UnknownAuthority,
    Expired,
    OtherHost,
    NoClientCertificate,
    NotTls,
    NotHttp,
}

use ErrorKind::{Configuration, Connection};
use Situation::*;

/// The situations as the page names them, with the kind and the attempts of every operation.
pub(crate) const ROWS: &[(&str, Situation, ErrorKind, u32)] = &[
    ("the proxy refuses the connection", DeadProxy, Connection, 1),
    (
        "the name of the proxy is unknown",
        UnresolvedProxy,
        Connection,
        1,
    ),
    (
        "the proxy responds with 407",
        ProxyCredentials,
        Connection,
        1,
    ),
    ("the proxy responds with 403", ProxyRejects, Connection, 4),
    (
        "the proxy closes the connection",
        ProxyCloses,
        Connection,
        4,
    ),
    (
        "the proxy would read an `http` request",
        PlainThroughProxy,
        Configuration,
        0,
    ),
    (
        "the server's authority is unknown",
        UnknownAuthority,
        Connection,
        1,
    ),
    (
        "the server's certificate is expired",
        Expired,
        Connection,
        1,
    ),
    (
        "the server's certificate is for another host",
        OtherHost,
        Connection,
        1,
    ),
    (
        "the server requires a client certificate",
        NoClientCertificate,
        Connection,
        1,
    ),
    (
        "the server of an `https` URL does not use TLS",
        NotTls,
        Connection,
        1,
    ),
    (
        "the server of an `http` URL expects TLS",
        NotHttp,
        Connection,
        1,
    ),
];

/// Returns settings for a situation, and the servers that it needs.
async fn begin(situation: Situation) -> (Config, Box<dyn Any>) {
    let authority = Authority::new();
    let root = quick()
        .root_certificates(authority.pem())
        .system_roots(false);
    let tunnel = root.clone().base_url("https://api.networks.test");
    let through = |running: Running| {
        let url = format!("http://{}", running.address);
        (
            tunnel.clone().proxy(&url),
            Box::new(running) as Box<dyn Any>,
        )
    };
    let settings = match situation {
        DeadProxy => {
            let (socket, address) = dead().await;
            return (tunnel.proxy(&address), Box::new(socket));
        }
        UnresolvedProxy => {
            let config = tunnel.proxy("http://proxy.networks.test:3128");
            let config = config.http_client(|builder| builder.dns_resolver(Resolver));
            return (config, Box::new(()));
        }
        ProxyCredentials => return through(Running::proxy(Some("user:password"), None).await),
        ProxyRejects => return through(Running::proxy(None, None).await),
        ProxyCloses => return through(Running::closing().await),
        PlainThroughProxy => {
            let (config, running) = through(Running::proxy(None, None).await);
            let config = config.base_url("http://api.networks.test");
            return (config.allow_plain_http(true), running);
        }
        NotTls => {
            let running = Running::plain("400 Bad Request", "").await;
            let config = root.base_url(&format!("https://{}", running.address));
            return (config, Box::new(running));
        }
        NotHttp => {
            let running = Running::tls(authority.server().settings(None)).await;
            let config = root.base_url(&format!("http://{}", running.address));
            return (config, Box::new(running));
        }
        UnknownAuthority => Authority::new().server().settings(None),
        NoClientCertificate => authority.server().settings(Some(&authority)),
        Expired => {
            let issued = authority.issue(HOST, |params| {
                params.not_after = rcgen::date_time_ymd(2001, 1, 1);
            });
            issued.settings(None)
        }
        OtherHost => authority
            .issue("other.networks.test", |_| {})
            .settings(None),
    };
    let running = Running::tls(settings).await;
    let url = format!("https://{HOST}:{}", running.address.port());
    let config = root.base_url(&url).resolve(HOST, [running.address.ip()]);
    (config, Box::new(running))
}

#[tokio::test]
async fn every_network_has_the_documented_outcome() {
    for (name, situation, kind, attempts) in ROWS {
        let (config, _servers) = begin(*situation).await;
        let client = Client::new(config).unwrap();
        for operation in [&GET, &PUT, &DELETE, &POST] {
            let request = client.request::<Value>(operation).path("rule_id", &"r-1");
            let error = request.send().await.unwrap_err();
            let found = (error.kind(), error.attempts(), error.status());
            assert_eq!(found, (*kind, *attempts, None), "{name}: {error}");
            assert_no_canary(&everything(&error));
        }
    }
}
