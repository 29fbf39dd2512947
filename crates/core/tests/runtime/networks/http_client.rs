//! The function over the HTTP client's builder, and a finished client.

use reqwest::redirect::Policy;

use super::server::{Authority, Running};
use super::*;

/// Starts a server that redirects to another one.
async fn redirecting(target: &Running) -> Running {
    let head = format!("302 Found\r\nlocation: http://{}/elsewhere", target.address);
    Running::plain(Box::leak(head.into_boxed_str()), "").await
}

#[tokio::test]
async fn guarantees_are_applied_after_the_function() {
    let target = Running::plain("200 OK", "{}").await;
    let server = redirecting(&target).await;
    let other = format!("http://{}", target.address);
    let config = quick().base_url(&format!("http://{}", server.address));
    let config = config.http_client(move |builder| {
        let other = reqwest::Proxy::all(&other).unwrap();
        builder
            .redirect(Policy::limited(3))
            .referer(true)
            .user_agent("another")
            .proxy(other)
            .http1_title_case_headers()
    });
    let error = fails_once(config, ErrorKind::Api).await;
    assert_eq!(error.status().unwrap(), 302);
    assert_eq!(target.connections(), 0);
    let head = &server.heads()[0];
    assert!(
        head.contains("User-Agent: scorekit/"),
        "the function has no effect: {head}"
    );

    // It does not weaken TLS either.
    let authority = Authority::new();
    let server = Running::tls(authority.server().settings(None)).await;
    let config = quick()
        .base_url(&format!("https://{HOST}:{}", server.address.port()))
        .resolve(HOST, [server.address.ip()])
        .http_client(|builder| builder.tls_danger_accept_invalid_certs(true));
    let error = fails_once(config, ErrorKind::Connection).await;
    assert_says(&error, &["unknown authority"]);
}

#[tokio::test]
async fn finished_client_is_used_unchanged() {
    let target = Running::plain("200 OK", r#"{"a": 1}"#).await;
    let server = redirecting(&target).await;
    // The provider of a process is the program's choice.
    let http = {
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::limited(3));
        tokio_rustls::rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        builder.build().unwrap()
    };
    let config = quick().base_url(&format!("http://{}", server.address));
    let client = Client::new(config.http_client_unchecked(http)).unwrap();
    let response = get_rule(&client).send().await.unwrap();
    assert_eq!(response["a"], 1);
    assert_eq!((server.connections(), target.connections()), (1, 1));
}
