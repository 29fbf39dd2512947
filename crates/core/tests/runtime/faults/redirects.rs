//! Redirects from an encrypted server. The client does not follow them, above all not to an
//! unencrypted server. (The rows of the matrix redirect from servers without encryption.)

use std::sync::Arc;

use scorekit_core::{Client, ErrorKind, RetryPolicy, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::secrets::{GET, KINDS, all_of, assert_clean};
use super::server::{Act, Faulty};
use super::{alone, trusted};
use crate::networks::server_settings;

#[test]
fn redirect_from_https_is_not_followed() {
    alone("faults::redirects::from_https");
}

#[tokio::test]
#[ignore = "run by the test above"]
async fn from_https() {
    let certified = trusted();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let settings = server_settings()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(settings));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let elsewhere = Faulty::new(&[Act::Closed, Act::Closed]).await;

    for (kind, port) in KINDS.iter().flat_map(|kind| [(kind, 80), (kind, 443)]) {
        let location = match port {
            80 => elsewhere.url.clone(),
            _ => elsewhere.url.replace("http:", "https:"),
        };
        let client = (kind.config)().base_url(&url).retry(RetryPolicy::none());
        let client = Client::new(client).unwrap();
        let call = tokio::spawn(client.request::<Value>(&GET).path("rule_id", &"r-1").send());

        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        // The keys arrive at the intended server.
        let request = String::from_utf8_lossy(&request[..length]);
        assert!(request.contains("canary-"), "{request}");
        let head =
            format!("HTTP/1.1 302 Found\r\nlocation: {location}/\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();

        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{error}");
        assert_eq!(error.status().unwrap(), 302);
        assert!(
            error.to_string().contains("the client does not follow"),
            "{error}"
        );
        assert_clean(&all_of(error), &kind.name);
    }
    assert_eq!(elsewhere.connections(), 0, "a redirect was followed");
}
