//! HTTP versions, and the outcome of a call when a server rejects or breaks off an HTTP/2 stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use h2::Reason;
use h2::server::SendResponse;
use scorekit_core::{Bytes, ErrorKind};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use super::faults::{alone, trusted};
use super::networks::server_settings;
use super::*;

/// An action of an HTTP/2 server for a request.
#[derive(Clone, Copy)]
enum Act {
    Respond,
    /// It waits until this many requests have arrived.
    AnswerTogether(usize),
    Reset(Reason),
    /// It responds, and accepts no further request on this connection.
    AnswerAndClose,
}

/// An encrypted server that offers `protocols`. It handles each request over HTTP/2 as `act` says
/// for its number. It responds to one request over HTTP/1.1 on each connection.
struct Offering {
    url: String,
    connections: Arc<AtomicUsize>,
    newer: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Offering {
    async fn new(
        certified: &rcgen::CertifiedKey<rcgen::KeyPair>,
        protocols: &[&str],
        act: fn(usize) -> Act,
    ) -> Self {
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
        let mut settings = server_settings()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .unwrap();
        settings.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
        let acceptor = TlsAcceptor::from(Arc::new(settings));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let newer = Arc::new(AtomicUsize::new(0));
        let (count, requests) = (Arc::clone(&connections), Arc::clone(&newer));
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let (acceptor, requests) = (acceptor.clone(), Arc::clone(&requests));
                tokio::spawn(async move {
                    let stream = acceptor.accept(stream).await.unwrap();
                    match stream.get_ref().1.alpn_protocol() {
                        Some(b"h2") => serve_newer(stream, &requests, act).await,
                        _ => serve_older(stream).await,
                    }
                });
            }
        });
        Self {
            url,
            connections,
            newer,
            task,
        }
    }

    fn client(&self) -> Client {
        Client::new(keys().base_url(&self.url)).unwrap()
    }

    /// Returns the number of connections, and the number of requests over HTTP/2.
    fn seen(&self) -> (usize, usize) {
        let count = |it: &AtomicUsize| it.load(Ordering::SeqCst);
        (count(&self.connections), count(&self.newer))
    }
}

impl Drop for Offering {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve_older(mut stream: TlsStream<TcpStream>) {
    let mut head = vec![0; 4096];
    let length = stream.read(&mut head).await.unwrap();
    let head = String::from_utf8_lossy(&head[..length]);
    assert!(
        head.lines().next().unwrap().ends_with(" HTTP/1.1"),
        "{head}"
    );
    let response = http_response("200 OK", "connection: close\r\n", "{}");
    stream.write_all(response.as_bytes()).await.unwrap();
    stream.shutdown().await.ok();
}

async fn serve_newer(stream: TlsStream<TcpStream>, count: &AtomicUsize, act: fn(usize) -> Act) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    let mut waiting = Vec::new();
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        match act(count.fetch_add(1, Ordering::SeqCst)) {
            Act::Respond => send(respond),
            Act::AnswerTogether(all) => {
                waiting.push(respond);
                if waiting.len() == all {
                    waiting.drain(..).for_each(send);
                }
            }
            Act::Reset(reason) => respond.send_reset(reason),
            Act::AnswerAndClose => {
                connection.graceful_shutdown();
                send(respond);
            }
        }
    }
}

fn send(mut respond: SendResponse<Bytes>) {
    let mut body = respond
        .send_response(http::Response::new(()), false)
        .unwrap();
    body.send_data(Bytes::from_static(b"{}"), true).unwrap();
}

const BOTH: &[&str] = &["h2", "http/1.1"];

#[test]
fn server_selects_the_version_if_the_feature_is_on() {
    alone("http2::versions");
}

#[tokio::test]
#[ignore = "run by the test above"]
async fn versions() {
    let certified = trusted();
    let is_on = cfg!(feature = "http2");
    for (protocols, newer) in [(BOTH, is_on), (&["http/1.1"][..], false), (&[], false)] {
        let server = Offering::new(&certified, protocols, |_| Act::Respond).await;
        get_rule(&server.client()).send().await.unwrap();
        assert_eq!(server.seen(), (1, usize::from(newer)), "{protocols:?}");
    }
}

#[test]
#[cfg_attr(not(feature = "http2"), ignore = "needs the feature http2")]
fn streams_share_a_connection_and_fail_alone() {
    alone("http2::streams");
}

#[tokio::test]
#[ignore = "run by the test above"]
async fn streams() {
    let certified = trusted();
    // The streams are concurrent on one connection.
    let server = Offering::new(&certified, BOTH, |number| match number {
        0 => Act::Respond,
        _ => Act::AnswerTogether(8),
    })
    .await;
    let client = server.client();
    get_rule(&client).send().await.unwrap();
    let calls = (0..8).map(|_| get_rule(&client).send());
    for response in futures_util::future::join_all(calls).await {
        response.unwrap();
    }
    assert_eq!(server.seen(), (1, 9));

    // The server did not process a rejected stream, so even a request that must not be sent twice
    // is retried.
    let server = Offering::new(&certified, BOTH, |number| match number {
        0 => Act::Reset(Reason::REFUSED_STREAM),
        _ => Act::Respond,
    })
    .await;
    let create = |client: &Client| {
        let body = serde_json::json!({"name": "x"});
        client.request::<Value>(&CREATE_RULE).json(&body).send()
    };
    create(&server.client()).await.unwrap();
    assert_eq!(server.seen(), (1, 2));

    // The server may have processed a stream that broke off.
    let break_off = |number| match number {
        0 | 2 => Act::Reset(Reason::INTERNAL_ERROR),
        _ => Act::Respond,
    };
    let server = Offering::new(&certified, BOTH, break_off).await;
    let client = server.client();
    let response = get_rule(&client).send().await.unwrap();
    assert_eq!((response.attempts(), server.seen()), (2, (1, 2)));
    let error = create(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connection, 1));
    assert_eq!(server.seen(), (1, 3));

    // After a GOAWAY, the client connects again.
    let server = Offering::new(&certified, BOTH, |_| Act::AnswerAndClose).await;
    let client = server.client();
    for connections in 1..4 {
        create(&client).await.unwrap();
        assert_eq!(server.seen(), (connections, connections));
    }
}
