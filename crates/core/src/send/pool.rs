//! The connection pools of a client.

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::HeaderValue;
use reqwest::redirect;
use rustls::ClientConfig;

use crate::Error;
use crate::client::network::{HttpClient, Network};
use crate::client::url::is_loopback;
use crate::send::connect::{ConnectTimeoutLayer, with_connect_timeout};
use crate::send::proxy::Proxies;
use crate::send::tls;
use crate::send::transport::{BoxFuture, Stage, Transport, TransportError};

/// The servers of a client.
#[derive(Clone, Copy)]
pub(crate) struct Reach {
    /// Any of them is on this machine.
    pub(crate) any_local: bool,
    /// All of them are.
    pub(crate) all_local: bool,
    /// Connections to any of them are encrypted.
    pub(crate) is_encrypted: bool,
}

/// The settings of all connections of a client.
pub(crate) struct PoolSettings {
    pub(crate) user_agent: HeaderValue,
    pub(crate) connect_timeout: Duration,
    pub(crate) network: Network,
    pub(crate) proxies: Arc<Proxies>,
}

/// The connection pools of a client.
pub(crate) struct Pools {
    connect_timeout: Duration,
    public: Pool,
    /// The pool for servers on this machine. It uses no proxy, because unencrypted calls must not
    /// leave the machine.
    local: Pool,
}

/// A connection pool, and a second one for calls with a connect timeout of their own.
///
/// hyper copies the connector for every request, and a connector in a layer is expensive to copy,
/// so only those calls use one.
#[derive(Clone)]
struct Pool {
    settings: Arc<PoolSettings>,
    tls: ClientConfig,
    has_proxy: bool,
    usual: reqwest::Client,
    /// The pool for calls with a limit of their own, created by the first such call.
    limited: OnceLock<reqwest::Client>,
}

impl Pools {
    /// Creates the pools that the servers of a client need.
    pub(crate) fn new(settings: PoolSettings, reach: Reach) -> Result<Self, Error> {
        let connect_timeout = settings.connect_timeout;
        let tls = tls::configuration(&settings.network, reach.is_encrypted)?;
        let settings = Arc::new(settings);
        let public = Pool::new(Arc::clone(&settings), tls.clone(), !reach.all_local)?;
        let local = if reach.any_local && !reach.all_local {
            Pool::new(settings, tls, false)?
        } else {
            public.clone()
        };
        Ok(Self {
            connect_timeout,
            public,
            local,
        })
    }
}

impl Transport for Pools {
    fn send(
        &self,
        request: reqwest::Request,
        connect_timeout: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, TransportError>> {
        let pool = if is_loopback(request.url()) {
            &self.local
        } else {
            &self.public
        };
        if connect_timeout == self.connect_timeout {
            return send(&pool.usual, request);
        }
        match pool.limited() {
            Ok(http) => {
                let sending = http.execute(request);
                Box::pin(async move {
                    let sent = with_connect_timeout(connect_timeout, sending).await;
                    sent.map_err(TransportError::from)
                })
            }
            Err(error) => Box::pin(std::future::ready(Err(TransportError::new(
                Stage::Connect,
                error,
            )))),
        }
    }
}

/// A finished HTTP client of the caller.
pub(crate) struct Unchecked(pub(crate) reqwest::Client);

impl Transport for Unchecked {
    fn send(
        &self,
        request: reqwest::Request,
        _connect_timeout: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, TransportError>> {
        send(&self.0, request)
    }
}

fn send(
    http: &reqwest::Client,
    request: reqwest::Request,
) -> BoxFuture<'static, Result<reqwest::Response, TransportError>> {
    let sending = http.execute(request);
    Box::pin(async move { sending.await.map_err(TransportError::from) })
}

impl Pool {
    fn new(settings: Arc<PoolSettings>, tls: ClientConfig, has_proxy: bool) -> Result<Self, Error> {
        let usual = builder(&settings, tls.clone(), has_proxy)
            .and_then(|builder| builder.connect_timeout(settings.connect_timeout).build());
        let usual = usual.map_err(|error| {
            Error::configuration(format!("cannot create a connection pool: {error}"))
                .with_source(error)
        })?;
        Ok(Self {
            settings,
            tls,
            has_proxy,
            usual,
            limited: OnceLock::new(),
        })
    }

    fn limited(&self) -> Result<&reqwest::Client, Box<dyn StdError + Send + Sync>> {
        if let Some(http) = self.limited.get() {
            return Ok(http);
        }
        let builder = builder(&self.settings, self.tls.clone(), self.has_proxy)?;
        let http = builder.connector_layer(ConnectTimeoutLayer).build()?;
        Ok(self.limited.get_or_init(|| http))
    }
}

/// Creates the builder of both pools.
///
/// The runtime has all limits except the one for connecting. It also makes all retries except one:
/// reqwest sends a request that an HTTP/2 server rejected unprocessed over another stream.
fn builder(
    settings: &PoolSettings,
    tls: ClientConfig,
    has_proxy: bool,
) -> reqwest::Result<reqwest::ClientBuilder> {
    let mut builder = reqwest::Client::builder();
    if let Some(HttpClient::Adjusted(adjust)) = &settings.network.http_client {
        // A policy of the caller would retry what must not be sent twice.
        builder = adjust(builder).retry(reqwest::retry::never());
    }
    for (host, addresses) in &settings.network.addresses {
        let addresses = addresses.iter().map(|ip| SocketAddr::new(*ip, 0));
        builder = builder.resolve_to_addrs(host, &addresses.collect::<Vec<_>>());
    }
    builder = builder
        .user_agent(settings.user_agent.clone())
        // A redirect would send the headers with the keys to another host.
        .redirect(redirect::Policy::none())
        .referer(false)
        .tls_backend_preconfigured(tls);
    // Another crate may switch these features of reqwest on for the whole build. The wire format
    // should depend on the features of this crate alone.
    #[cfg(not(feature = "gzip"))]
    {
        builder = builder.no_gzip();
    }
    #[cfg(not(feature = "brotli"))]
    {
        builder = builder.no_brotli();
    }
    #[cfg(not(feature = "zstd"))]
    {
        builder = builder.no_zstd();
    }
    builder = builder.no_deflate();
    #[cfg(not(feature = "http2"))]
    {
        builder = builder.http1_only();
    }
    match has_proxy {
        true => settings.proxies.apply(builder),
        false => Ok(builder.no_proxy()),
    }
}
