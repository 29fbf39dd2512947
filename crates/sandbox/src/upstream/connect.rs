//! The connections to the real API: TLS, and the proxy of the network.

use std::sync::Arc;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};

/// A connector to a server, or to a proxy.
type Direct = HttpsConnector<HttpConnector>;

/// A client with its connections.
pub(super) enum Connections {
    /// To the server itself.
    Direct(Box<Client<Direct, Full<Bytes>>>),
    /// Through the proxy of the network, which sees only encrypted bytes.
    Tunneled(Box<Client<HttpsConnector<Tunnel<Direct>>, Full<Bytes>>>),
}

impl Connections {
    /// Prepares the connections to a server. Nothing is sent.
    ///
    /// `HTTPS_PROXY` and `ALL_PROXY` name the proxy, unless `NO_PROXY` has the server or it is on
    /// this machine. The system's root certificates are trusted, or those of `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR`.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no usable certificate or proxy.
    pub(super) fn new(scheme: &Scheme, authority: &Authority) -> Result<Self, String> {
        let is_encrypted = *scheme == Scheme::HTTPS;
        let tls = tls(is_encrypted)?;
        let direct = HttpsConnectorBuilder::new()
            .with_tls_config(tls.clone())
            .https_or_http()
            .enable_http1()
            .build();
        let builder = Client::builder(TokioExecutor::new());
        // Only servers of this machine are called unencrypted.
        if !is_encrypted || is_loopback(authority.host()) {
            return Ok(Self::Direct(Box::new(builder.build(direct))));
        }
        let target = Uri::builder()
            .scheme(scheme.clone())
            .authority(authority.clone())
            .path_and_query("/")
            .build();
        let target = target.map_err(|error| error.to_string())?;
        let Some(proxy) = Matcher::from_env().intercept(&target) else {
            return Ok(Self::Direct(Box::new(builder.build(direct))));
        };
        if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
            return Err(
                "HTTPS_PROXY or ALL_PROXY names a proxy that is not one of HTTP; write \
                 http://HOST:PORT, or add the host to NO_PROXY"
                    .to_owned(),
            );
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), direct);
        if let Some(credentials) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(credentials.clone());
        }
        let tunneled = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_only()
            .enable_http1()
            .wrap_connector(tunnel);
        Ok(Self::Tunneled(Box::new(builder.build(tunneled))))
    }

    /// Sends a request, and returns the head of its response.
    ///
    /// # Errors
    ///
    /// Returns an error if the server or the proxy cannot be reached, or sends something else.
    pub(super) async fn request(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Error> {
        match self {
            Self::Direct(client) => client.request(request).await,
            Self::Tunneled(client) => client.request(request).await,
        }
    }
}

/// Returns true for an address of this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Returns the configuration of TLS. Without encryption, no certificates are read.
fn tls(is_encrypted: bool) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    if is_encrypted {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let cause = found.errors.first().map_or_else(
                || "the system has none".to_owned(),
                |error| error.to_string(),
            );
            return Err(format!(
                "no root certificate can be read: {cause}; install the system's, or set \
                 SSL_CERT_FILE to a file of them"
            ));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
