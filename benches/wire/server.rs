//! The server of these benchmarks, a separate process. It serves a page of outcomes in the encoding
//! that the path names, accepts every `POST`, and counts the bytes of bodies. For the path `hour`,
//! it closes a connection after [`REQUESTS`] requests, and waits as a distant server does.

use std::convert::Infallible;
use std::error::Error;
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use scorekit_benches::{child, pages};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The argument that makes this program the server. The directory of the certificate follows.
pub(crate) const SERVE: &str = "serve";
/// The certificate's file.
pub(crate) const CERTIFICATE: &str = "certificate.pem";
/// The file of its key.
pub(crate) const KEY: &str = "key.pem";

/// The requests of a connection of the path `hour`.
pub(crate) const REQUESTS: usize = 4;
/// The time from here to a distant server and back.
pub(crate) const ROUND_TRIP: Duration = Duration::from_millis(20);
/// The time that a distant server takes for a response.
pub(crate) const RESPONSE: Duration = Duration::from_millis(30);
/// The argument that makes the server a distant one.
pub(crate) const DISTANT: &str = "distant";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The responses, and the counts.
struct Responder {
    /// The compressed pages, by the first segment of the path.
    pages: Vec<(&'static str, Bytes)>,
    sent: AtomicU64,
    received: AtomicU64,
    is_distant: bool,
}

/// Serves until its standard input ends with the process that started it.
pub(crate) fn serve(directory: &Path, is_distant: bool) -> Outcome<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(listen(directory, is_distant))
}

async fn listen(directory: &Path, is_distant: bool) -> Outcome<ExitCode> {
    let page = serde_json::to_vec(&pages::outcomes())?;
    let responder = Arc::new(Responder {
        pages: vec![
            ("gzip", gzip(&page)?),
            ("br", brotli(&page)?),
            ("zstd", zstd::encode_all(&page[..], 3)?.into()),
            ("identity", page.into()),
        ],
        sent: AtomicU64::new(0),
        received: AtomicU64::new(0),
        is_distant,
    });
    // One listener without encryption, one with both versions of HTTP, one with HTTP/1.1 only.
    for protocols in [&[][..], &["h2", "http/1.1"], &["http/1.1"]] {
        let acceptor = match protocols {
            [] => None,
            _ => Some(acceptor(directory, protocols)?),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        tokio::spawn(accept(listener, acceptor, Arc::clone(&responder)));
    }
    std::io::stdout().flush()?;
    let ended = || std::io::stdin().read_line(&mut String::new());
    tokio::task::spawn_blocking(ended).await??;
    Ok(ExitCode::SUCCESS)
}

/// Compresses a page with a fast level, as servers do.
fn gzip(page: &[u8]) -> Outcome<Bytes> {
    let level = flate2::Compression::default();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
    encoder.write_all(page)?;
    Ok(encoder.finish()?.into())
}

fn brotli(page: &[u8]) -> Outcome<Bytes> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    encoder.write_all(page)?;
    Ok(encoder.into_inner().into())
}

fn acceptor(directory: &Path, protocols: &[&str]) -> Outcome<TlsAcceptor> {
    let certificate = CertificateDer::from_pem_file(directory.join(CERTIFICATE))?;
    let key = PrivateKeyDer::from_pem_file(directory.join(KEY))?;
    let provider = Arc::new(ring::default_provider());
    let mut settings = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    settings.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    Ok(TlsAcceptor::from(Arc::new(settings)))
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, responder: Arc<Responder>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, responder) = (acceptor.clone(), Arc::clone(&responder));
        // The client reports a broken connection.
        tokio::spawn(async move { serve_connection(stream, acceptor, responder).await.ok() });
    }
}

async fn serve_connection(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    responder: Arc<Responder>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let requests = AtomicUsize::new(0);
    let service = service_fn(|request: Request<Incoming>| {
        let responder = Arc::clone(&responder);
        let is_hour = request.uri().path().starts_with("/hour/");
        let is_last = requests.fetch_add(1, Ordering::SeqCst) + 1 == REQUESTS;
        async move {
            if is_hour && responder.is_distant {
                tokio::time::sleep(ROUND_TRIP + RESPONSE).await;
            }
            let mut response = responder.respond(request).await;
            if is_hour && is_last {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(response)
        }
    });
    if responder.is_distant {
        // One for TCP and one for TLS 1.3.
        tokio::time::sleep(ROUND_TRIP * 2).await;
    }
    let older = hyper::server::conn::http1::Builder::new();
    let Some(acceptor) = acceptor else {
        return Ok(older
            .serve_connection(TokioIo::new(stream), service)
            .await?);
    };
    let stream = acceptor.accept(stream).await?;
    let is_newer = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let stream = TokioIo::new(stream);
    if is_newer {
        let newer = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        newer.serve_connection(stream, service).await?;
    } else {
        older.serve_connection(stream, service).await?;
    }
    Ok(())
}

impl Responder {
    async fn respond(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        let variant = path.split('/').nth(1).unwrap_or_default();
        if variant == "bytes" {
            let count = |it: &AtomicU64| it.swap(0, Ordering::SeqCst);
            let text = format!("{} {}", count(&self.sent), count(&self.received));
            return Response::new(Full::from(text));
        }
        if request.method() == Method::POST {
            let body = request.into_body().collect().await;
            let length = body.map_or(0, |body| body.to_bytes().len());
            self.received.fetch_add(length as u64, Ordering::SeqCst);
            let mut response = Response::default();
            *response.status_mut() = StatusCode::ACCEPTED;
            return response;
        }
        let known = self.pages.iter().find(|(name, _)| *name == variant);
        let known = known.or_else(|| self.pages.first().filter(|_| variant == "hour"));
        let (encoding, page) = match (known, self.pages.last()) {
            (Some((name, page)), _) => (*name, page.clone()),
            (None, Some((name, page))) => (*name, page.clone()),
            (None, None) => ("identity", Bytes::new()),
        };
        self.sent.fetch_add(page.len() as u64, Ordering::SeqCst);
        let mut response = Response::new(Full::new(page));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if encoding != "identity" {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        if variant == "close" {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// The server's process, which ends when this value is dropped.
pub(crate) struct Server {
    _process: child::Server,
    pub(crate) plain: String,
    pub(crate) both: String,
    pub(crate) older: String,
}

pub(crate) fn start(directory: &Path) -> Outcome<Server> {
    start_with(&[OsStr::new(SERVE), directory.as_os_str()])
}

/// Starts a server that waits as a distant one.
pub(crate) fn start_distant(directory: &Path) -> Outcome<Server> {
    start_with(&[
        OsStr::new(SERVE),
        directory.as_os_str(),
        OsStr::new(DISTANT),
    ])
}

fn start_with(arguments: &[&OsStr]) -> Outcome<Server> {
    let (process, [plain, both, older]) = child::serve(arguments)?;
    Ok(Server {
        _process: process,
        plain: format!("http://{plain}"),
        both: format!("https://{both}"),
        older: format!("https://{older}"),
    })
}
