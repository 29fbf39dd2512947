//! The connection pools of a client.

use std::error::Error as StdError;
use std::sync::OnceLock;
use std::time::Duration;

use http::HeaderValue;
use reqwest::redirect;

use crate::Error;
use crate::client::url::is_loopback;
use crate::send::connect::{ConnectTimeoutLayer, with_connect_timeout};
use crate::send::transport::{BoxFuture, Stage, Transport, TransportError};

/// The settings of all connections of a client.
#[derive(Clone)]
pub(crate) struct PoolSettings {
    pub(crate) user_agent: HeaderValue,
    pub(crate) connect_timeout: Duration,
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
    settings: PoolSettings,
    proxy: bool,
    usual: reqwest::Client,
    /// The pool for calls with a limit of their own, created by the first such call.
    limited: OnceLock<reqwest::Client>,
}

impl Pools {
    /// Creates the pools that the addresses of a client need. `any_local` and `all_local` say
    /// whether any or all of them are on this machine.
    pub(crate) fn new(
        settings: PoolSettings,
        any_local: bool,
        all_local: bool,
    ) -> Result<Self, Error> {
        let connect_timeout = settings.connect_timeout;
        let public = Pool::new(settings.clone(), !all_local)?;
        let local = if any_local && !all_local {
            Pool::new(settings, false)?
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
            let sending = pool.usual.execute(request);
            return Box::pin(async move { sending.await.map_err(TransportError::from) });
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

impl Pool {
    fn new(settings: PoolSettings, proxy: bool) -> Result<Self, Error> {
        let builder = builder(&settings, proxy).connect_timeout(settings.connect_timeout);
        let usual = builder.build().map_err(|error| {
            Error::configuration(format!("cannot create a connection pool: {error}"))
                .with_source(error)
        })?;
        Ok(Self {
            settings,
            proxy,
            usual,
            limited: OnceLock::new(),
        })
    }

    fn limited(&self) -> Result<&reqwest::Client, Box<dyn StdError + Send + Sync>> {
        if let Some(http) = self.limited.get() {
            return Ok(http);
        }
        let builder = builder(&self.settings, self.proxy).connector_layer(ConnectTimeoutLayer);
        let http = builder.build()?;
        Ok(self.limited.get_or_init(|| http))
    }
}

/// Creates the builder of both pools.
///
/// The runtime has all limits except the one for connecting. It also makes all retries except one:
/// reqwest sends a request that an HTTP/2 server rejected unprocessed over another stream.
fn builder(settings: &PoolSettings, proxy: bool) -> reqwest::ClientBuilder {
    let mut builder = reqwest::Client::builder()
        .user_agent(settings.user_agent.clone())
        // A redirect would send the headers with the keys to another host.
        .redirect(redirect::Policy::none())
        .referer(false);
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
    if !proxy {
        builder = builder.no_proxy();
    }
    builder
}
