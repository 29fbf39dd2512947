//! The way to the real API: encryption, root certificates, and the proxy of the network.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::command::{command, exchange, started_by};
use crate::fixture::*;

/// The name in the certificate, which only a proxy can resolve.
const NAME: &str = "api.invalid";

/// Reads from a connection until the end of a head.
async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut bytes).await.unwrap_or_default() == 0 {
            break;
        }
    }
    String::from_utf8(bytes).expect("text")
}

/// Starts an encrypted server, and returns its port and its certificate.
async fn tls_server() -> (u16, String) {
    let names = ["127.0.0.1".to_owned(), NAME.to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client breaks the connection if it does not trust the certificate.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            head(&mut stream).await;
            let response = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                            content-length: 11\r\n\r\n{\"data\":[]}";
            stream
                .write_all(response.as_bytes())
                .await
                .expect("a client");
        }
    });
    (port, certified.cert.pem())
}

/// Starts a proxy that connects to this machine, whatever the name is. Returns its address and the
/// heads of its requests.
async fn network_proxy() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let text = head(&mut client).await;
            let port = text.split([':', ' ']).nth(2).and_then(|it| it.parse().ok());
            seen.lock().expect("a lock").push(text.clone());
            let port: u16 = port.expect("CONNECT HOST:PORT");
            let server = TcpStream::connect(("127.0.0.1", port)).await;
            let mut server = server.expect("a server");
            let connected = b"HTTP/1.1 200 Connection established\r\n\r\n";
            client.write_all(connected).await.expect("a client");
            tokio::spawn(async move {
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (address, heads)
}

/// Returns the command of a sandbox that forwards requests, without the settings of this machine.
fn forwarding(url: &str, certificate: &Path) -> Command {
    let mut command = command(&["--port", "0", "--proxy", url]);
    for name in ["HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
        .env("SSL_CERT_FILE", certificate)
        .env_remove("SSL_CERT_DIR");
    command
}

/// Sends a request through a sandbox, and returns its response.
async fn fetch(command: Command) -> String {
    let (_child, address) = started_by(command).await;
    let response = bounded(exchange(address, "GET", RULES, "")).await;
    response.expect("a response")
}

#[tokio::test]
async fn encrypted_servers_need_a_trusted_certificate() {
    let directory = tempfile::tempdir().expect("a directory");
    let (port, certificate) = tls_server().await;
    let url = format!("https://127.0.0.1:{port}");
    let own = directory.path().join("own.pem");
    std::fs::write(&own, certificate).expect("a file");
    let response = fetch(forwarding(&url, &own)).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    assert!(response.ends_with("{\"data\":[]}"), "{response}");

    let other = directory.path().join("other.pem");
    let (_, certificate) = tls_server().await;
    std::fs::write(&other, certificate).expect("a file");
    let response = fetch(forwarding(&url, &other)).await;
    assert!(response.starts_with("HTTP/1.1 502"), "{response}");
    assert!(response.contains("certificate"), "{response}");

    let missing = directory.path().join("missing.pem");
    let output = bounded(forwarding(&url, &missing).output()).await;
    let error = String::from_utf8(output.expect("it runs").stderr).expect("text");
    assert!(error.contains("missing.pem"), "{error}");
    assert!(error.contains("set SSL_CERT_FILE"), "{error}");
}

#[tokio::test]
async fn the_proxy_of_the_network_is_used_for_other_machines() {
    let directory = tempfile::tempdir().expect("a directory");
    let (port, certificate) = tls_server().await;
    let own = directory.path().join("own.pem");
    std::fs::write(&own, certificate).expect("a file");
    let (proxy, heads) = network_proxy().await;
    let proxy = format!("http://user:pass@{proxy}");
    let url = format!("https://{NAME}:{port}");
    let mut through = forwarding(&url, &own);
    through.env("HTTPS_PROXY", &proxy);
    let response = fetch(through).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    let text = heads.lock().expect("a lock").concat();
    assert!(
        text.starts_with(&format!("CONNECT {NAME}:{port} ")),
        "{text}"
    );
    // The credentials of the proxy, and no others.
    assert!(text.contains("Basic dXNlcjpwYXNz"), "{text}");
    assert!(!text.to_lowercase().contains("dd-api-key"), "{text}");

    // A server of this machine is called directly, and so is an exception.
    let mut direct = forwarding(&format!("https://127.0.0.1:{port}"), &own);
    direct.env("HTTPS_PROXY", &proxy);
    let response = fetch(direct).await;
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    let mut exception = forwarding(&url, &own);
    exception.env("HTTPS_PROXY", &proxy).env("NO_PROXY", NAME);
    let response = fetch(exception).await;
    assert!(response.starts_with("HTTP/1.1 502"), "{response}");
    assert_eq!(heads.lock().expect("a lock").len(), 1);

    let mut socks = forwarding(&url, &own);
    socks.env("ALL_PROXY", "socks5://127.0.0.1:1");
    let output = bounded(socks.output()).await.expect("it runs");
    let error = String::from_utf8(output.stderr).expect("text");
    assert!(error.contains("not one of HTTP"), "{error}");
}
