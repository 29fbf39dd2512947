//! Proxies from settings and variables, and their failures.

use super::server::{Authority, Running, base64_of};
use super::*;

const URL: &str = "https://api.networks.test";

/// Returns settings with a proxy and an authority.
fn through(proxy: &str, authority: &Authority) -> Config {
    let config = quick().base_url(URL).root_certificates(authority.pem());
    config.system_roots(false).proxy(proxy)
}

/// Returns an address at which nothing listens, while the value lives.
pub(crate) async fn dead() -> (tokio::net::TcpSocket, String) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}

#[tokio::test]
async fn proxy_tunnels_to_encrypted_servers() {
    let authority = Authority::new();
    let server = Running::tls(authority.server().settings(None)).await;
    let proxy = Running::proxy(Some("user:pass word"), Some(server.address)).await;
    let url = format!("http://user:pass%20word@{}", proxy.address);
    let client = Client::new(through(&url, &authority)).unwrap();
    get_rule(&client).send().await.unwrap();
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1);
    assert!(
        heads[0].starts_with("CONNECT api.networks.test:443 HTTP/1.1\r\n"),
        "{}",
        heads[0]
    );
    assert_no_canary(&heads[0]);
    assert!(server.heads()[0].contains(API_KEY));

    // A URL without a scheme is one of HTTP, and a proxy may use TLS itself.
    let open = Running::proxy(None, Some(server.address)).await;
    let client = Client::new(through(&open.address.to_string(), &authority)).unwrap();
    get_rule(&client).send().await.unwrap();
    assert_eq!(open.connections(), 1);
}

#[tokio::test]
async fn proxy_without_credentials_is_an_error_with_the_remedy() {
    let authority = Authority::new();
    let proxy = Running::proxy(Some("user:a-long-password"), None).await;
    for url in [
        format!("http://{}", proxy.address),
        format!("http://user:another-password@{}", proxy.address),
    ] {
        let error = fails_once(through(&url, &authority), ErrorKind::Connection).await;
        assert_says(
            &error,
            &[
                &format!(
                    "cannot connect to {HOST}: the proxy {} (from Config::proxy)",
                    proxy.address
                ),
                "requires a user name and a password (407); add them to Config::proxy",
            ],
        );
        assert!(!everything(&error).contains("another-password"));

        // The same without a tunnel: the proxy responds with its status.
        let config = through(&url, &authority).base_url("http://api.networks.test");
        let config = config
            .allow_plain_http(true)
            .allow_plain_http_through_proxy(true);
        let error = fails_once(config, ErrorKind::Api).await;
        assert_eq!(error.status().unwrap(), 407);
        assert_says(
            &error,
            &["requires a user name and a password; add them to Config::proxy"],
        );
        let shown = everything(&error);
        assert!(!shown.contains("another-password"), "{shown}");
        assert!(
            !shown.contains(&base64_of("user:another-password")),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn dead_proxy_is_named_with_its_setting() {
    let authority = Authority::new();
    let (_socket, address) = dead().await;
    let unresolved = |config: Config| config.http_client(|builder| builder.dns_resolver(Resolver));
    for (config, cause) in [
        (through(&format!("http://{address}"), &authority), "refused"),
        (
            unresolved(through("http://proxy.networks.test:3128", &authority)),
            "unknown to this test",
        ),
    ] {
        for config in [
            config.clone(),
            config
                .base_url("http://api.networks.test")
                .allow_plain_http(true)
                .allow_plain_http_through_proxy(true),
        ] {
            let error = fails_once(config, ErrorKind::Connection).await;
            assert_says(
                &error,
                &[
                    &format!("cannot connect to {HOST}: the proxy "),
                    "(from Config::proxy) cannot be reached: ",
                    cause,
                    "correct or remove Config::proxy, or list the host in Config::no_proxy",
                ],
            );
        }
    }
}

/// A resolver that knows no name.
pub(crate) struct Resolver;

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async { Err("unknown to this test".into()) })
    }
}

#[tokio::test]
async fn proxy_that_rejects_a_host_is_named() {
    let authority = Authority::new();
    let proxy = Running::proxy(None, None).await;
    let url = format!("http://{}", proxy.address);
    let client = Client::new(through(&url, &authority)).unwrap();
    let error = get_rule(&client).send().await.unwrap_err();
    assert_says(
        &error,
        &[
            &format!(
                "the proxy {} (from Config::proxy) does not connect to the host",
                proxy.address
            ),
            "list it in Config::no_proxy",
        ],
    );

    // The certificate is the server's fault, not the proxy's.
    let server = Running::tls(Authority::new().server().settings(None)).await;
    let proxy = Running::proxy(None, Some(server.address)).await;
    let config = through(&format!("http://{}", proxy.address), &authority);
    let error = fails_once(config, ErrorKind::Connection).await;
    let begin = format!(
        "cannot connect to {HOST} through the proxy {}",
        proxy.address
    );
    assert_says(
        &error,
        &[
            &begin,
            ": the server has a certificate of an unknown authority",
        ],
    );

    // The proxy's own certificate.
    let own = Running::tls(Authority::new().server().settings(None)).await;
    let url = format!("https://localhost:{}", own.address.port());
    let error = fails_once(through(&url, &authority), ErrorKind::Connection).await;
    assert_says(
        &error,
        &["(from Config::proxy) has a certificate of an unknown authority"],
    );
}

#[tokio::test]
async fn keys_pass_a_proxy_unencrypted_only_with_permission() {
    let proxy = Running::proxy(None, None).await;
    let url = format!("http://{}", proxy.address);
    let config = || {
        let config = quick().base_url("http://api.networks.test").proxy(&url);
        config.allow_plain_http(true)
    };
    let client = Client::new(config()).unwrap();
    let error = get_rule(&client).send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Configuration, 0)
    );
    assert_says(
        &error,
        &[
            "would read the credentials for api.networks.test",
            "Config::allow_plain_http_through_proxy(true)",
        ],
    );
    assert_eq!(proxy.connections(), 0);

    let client = Client::new(config().allow_plain_http_through_proxy(true)).unwrap();
    get_rule(&client).send().await.unwrap();
    assert!(proxy.heads()[0].starts_with("GET http://api.networks.test/api/v2/rules/r-1 "));

    // Hosts without a proxy.
    let server = Running::plain("200 OK", "{}").await;
    let address = format!("http://{HOST}:{}", server.address.port());
    for hosts in [HOST, "networks.test", "*"] {
        let config = config().base_url(&address).no_proxy(hosts);
        let client = Client::new(config.resolve(HOST, [server.address.ip()])).unwrap();
        get_rule(&client).send().await.unwrap();
    }
    assert_eq!((proxy.connections(), server.connections()), (1, 3));
    // This machine.
    let config = config().base_url(&format!("http://{}", server.address));
    get_rule(&Client::new(config).unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!((proxy.connections(), server.connections()), (1, 4));
}

#[test]
fn malformed_proxies_are_rejected() {
    for (url, says) in [
        ("", "is not the URL of a proxy"),
        ("ftp://proxy", "is not the URL of a proxy"),
        ("http://", "is not the URL of a proxy"),
        (
            "socks5://proxy:1080",
            "is a SOCKS proxy, which the client does not support",
        ),
        (
            "http://user:secret-word@proxy:port",
            "is not the URL of a proxy",
        ),
    ] {
        let error = Client::new(Config::new().system_roots(false).proxy(url)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_says(&error, &["Config::proxy: ", says]);
        assert!(!everything(&error).contains("secret-word"));
    }
}

/// The variable with the proxy that a test in a process of its own expects.
const EXPECTED: &str = "SCOREKIT_TEST_PROXY";

#[tokio::test]
async fn proxies_are_read_from_variables() {
    let (_socket, address) = dead().await;
    let proxy = format!("http://{address}");
    let proxy = proxy.as_str();
    let other = "http://other.networks.test";
    for (variables, expected) in [
        (vec![("HTTPS_PROXY", proxy)], "HTTPS_PROXY"),
        (
            vec![("https_proxy", proxy), ("ALL_PROXY", other)],
            "https_proxy",
        ),
        (vec![("HTTPS_PROXY", ""), ("all_proxy", proxy)], "all_proxy"),
        (
            vec![("ALL_PROXY", proxy), ("NO_PROXY", "example.com")],
            "ALL_PROXY",
        ),
        (vec![("HTTP_PROXY", proxy)], ""),
        (
            vec![
                ("HTTPS_PROXY", proxy),
                ("NO_PROXY", "localhost,networks.test"),
            ],
            "",
        ),
        (vec![("HTTPS_PROXY", proxy), ("no_proxy", "*")], ""),
        (vec![("HTTPS_PROXY", proxy), ("REQUEST_METHOD", "GET")], ""),
        (vec![("HTTPS_PROXY", "socks5://p")], "HTTPS_PROXY: "),
        (vec![("HTTP_PROXY", "http://:0")], "HTTP_PROXY: "),
    ] {
        let variables = [variables, vec![(EXPECTED, expected)]].concat();
        with_variables("networks::proxies::with_variables_of_proxies", &variables);
    }
}

#[tokio::test]
#[ignore = "run by the test above"]
async fn with_variables_of_proxies() {
    let expected = std::env::var(EXPECTED).unwrap();
    let (_socket, address) = dead().await;
    let port = address.rsplit_once(':').unwrap().1;
    let config = quick()
        .system_roots(false)
        .base_url(&format!("https://{HOST}:{port}"));
    let config = config.resolve(HOST, [std::net::Ipv4Addr::LOCALHOST]);
    if expected.ends_with(": ") {
        assert_says(&Client::new(config).unwrap_err(), &[&expected]);
        return;
    }
    let client = Client::new(config).unwrap();
    let error = get_rule(&client).send().await.unwrap_err();
    if expected.is_empty() {
        // The server itself rejects the connection, which may end.
        assert_eq!(error.attempts(), 4, "{error}");
        assert!(!error.to_string().contains("proxy"), "{error}");
        return;
    }
    assert_eq!(error.attempts(), 1, "{error}");
    let says = format!(
        "(from {expected}) cannot be reached: Connection refused (os error 111); correct or remove \
         {expected}, or list the host in NO_PROXY"
    );
    let begin = says.split(": ").next().unwrap();
    assert_says(
        &error,
        &[
            begin,
            &format!("correct or remove {expected}, or list the host in NO_PROXY"),
        ],
    );
}
