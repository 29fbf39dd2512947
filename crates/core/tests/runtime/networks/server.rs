//! An authority, a TLS server and a proxy.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier};

use super::HOST;

/// An authority that issues certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key.
pub(crate) struct Issued {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let mut params = CertificateParams::default();
        let name = format!("authority {number}");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Issues a certificate for a host, changed by `change`.
    pub(crate) fn issue(&self, host: &str, change: fn(&mut CertificateParams)) -> Issued {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Issued { certificate, key }
    }

    pub(crate) fn server(&self) -> Issued {
        self.issue(HOST, |_| {})
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        Arc::new(roots)
    }
}

/// Returns the provider of the test servers. With all features, there are two, and none is the
/// default of the process.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Begins the settings of a test server.
pub(crate) fn server_settings() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
}

impl Issued {
    /// Returns the certificate and the key in PEM form.
    pub(crate) fn pem(&self) -> String {
        self.certificate.pem() + &self.key.serialize_pem()
    }

    /// Returns the settings of a server, which requires certificates of `clients` if given.
    pub(crate) fn settings(&self, clients: Option<&Authority>) -> ServerConfig {
        let key = PrivateKeyDer::try_from(self.key.serialize_der()).unwrap();
        let builder = server_settings();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let roots = clients.roots();
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let chain = vec![self.certificate.der().clone()];
        builder.with_single_cert(chain, key).unwrap()
    }
}

/// The heads of the requests that a server received, and its address. It stops when it is dropped.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    log: Arc<Mutex<Log>>,
    task: AbortHandle,
}

#[derive(Default)]
struct Log {
    connections: usize,
    heads: Vec<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    async fn start<F, S>(serve: S) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
        S: Fn(TcpStream, Arc<Mutex<Log>>) -> F + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Log::default()));
        let shared = Arc::clone(&log);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self {
            address,
            log,
            task: task.abort_handle(),
        }
    }

    /// Starts a server with TLS that responds with an empty object.
    pub(crate) async fn tls(settings: ServerConfig) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(settings));
        Self::start(move |stream, log| {
            let accepting = acceptor.accept(stream).into_fallible();
            async move {
                match accepting.await {
                    Ok(stream) => answer_all(stream, &log, "200 OK", "{}").await,
                    // Otherwise the system resets the connection before the client has read why.
                    Err((_, mut stream)) => {
                        let mut rest = Vec::new();
                        stream.shutdown().await.ok();
                        stream.read_to_end(&mut rest).await.ok();
                    }
                }
            }
        })
        .await
    }

    /// Starts a server without TLS.
    pub(crate) async fn plain(head: &'static str, body: &'static str) -> Self {
        Self::start(move |stream, log| async move {
            answer_all(stream, &log, head, body).await;
        })
        .await
    }

    /// Starts a proxy. `user` is the user and the password that it requires. It makes the tunnels
    /// for all hosts to `server`, or none. It responds to unencrypted requests itself.
    pub(crate) async fn proxy(user: Option<&'static str>, server: Option<SocketAddr>) -> Self {
        Self::start(move |stream, log| async move {
            proxy(stream, &log, user, server).await;
        })
        .await
    }

    /// Starts a server that closes each connection after the first request.
    pub(crate) async fn closing() -> Self {
        Self::start(|mut stream, _| async move {
            head(&mut stream).await;
        })
        .await
    }

    pub(crate) fn connections(&self) -> usize {
        self.log.lock().unwrap().connections
    }

    pub(crate) fn heads(&self) -> Vec<String> {
        self.log.lock().unwrap().heads.clone()
    }
}

/// Reads the head of a request.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.ok()? == 0 || bytes.len() > 10_000 {
            return None;
        }
        bytes.push(byte[0]);
        // A handshake is not a request.
        if !bytes[0].is_ascii_alphabetic() {
            return Some(String::new());
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

async fn answer_all<S>(mut stream: S, log: &Mutex<Log>, head_line: &str, body: &str)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(head) = head(&mut stream).await {
        log.lock().unwrap().heads.push(head);
        let answer = super::http_response(head_line, "", body);
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn proxy(
    mut stream: TcpStream,
    log: &Mutex<Log>,
    user: Option<&str>,
    server: Option<SocketAddr>,
) {
    let Some(head) = head(&mut stream).await else {
        return;
    };
    log.lock().unwrap().heads.push(head.clone());
    let is_known = user.is_none_or(|user| {
        let encoded = base64_of(user);
        head.to_lowercase()
            .contains(&format!("proxy-authorization: basic {encoded}\r\n").to_lowercase())
    });
    let is_tunnel = head.starts_with("CONNECT ");
    let answer = match (is_known, is_tunnel, server) {
        (false, ..) => {
            // It repeats what it was sent.
            let echo = head.replace("\r\n", " ");
            super::http_response("407 Proxy Authentication Required", "", &echo)
        }
        (true, false, _) => super::http_response("200 OK", "", "{}"),
        (true, true, None) => super::http_response("403 Forbidden", "", ""),
        (true, true, Some(address)) => {
            let mut server = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok();
            copy_bidirectional(&mut stream, &mut server).await.ok();
            return;
        }
    };
    stream.write_all(answer.as_bytes()).await.ok();
    stream.shutdown().await.ok();
}

/// Returns the Basic form of a user and a password.
pub(crate) fn base64_of(user: &str) -> String {
    use base64::Engine as _;
    base64::prelude::BASE64_STANDARD.encode(user)
}
