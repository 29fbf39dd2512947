//! The connection pools of a client: the transport of every program.

use std::error::Error as StdError;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect;

use crate::Error;
use crate::client::config::is_loopback;
use crate::send::connect::{ConnectTimeoutLayer, with_connect_timeout};
use crate::send::transport::{BoxFuture, Failure, Stage, Transport};

/// What all connections of a client have in common.
#[derive(Clone)]
pub(crate) struct PoolSettings {
    pub(crate) user_agent: HeaderValue,
    pub(crate) connect_timeout: Duration,
}

/// The connection pools of a client.
pub(crate) struct Pools {
    connect_timeout: Duration,
    public: Pool,
    /// The pool for servers on this machine. It uses no proxy: calls that may go unencrypted because they never leave
    /// the machine must indeed not leave it.
    local: Pool,
}

/// One pool, or two: hyper copies the connector for every request, and a connector in a layer is a good deal dearer to
/// copy, so that only calls with a time limit of their own go through one.
#[derive(Clone)]
struct Pool {
    settings: PoolSettings,
    proxy: bool,
    usual: reqwest::Client,
    /// For calls whose limit is not the client's, made when the first such call comes.
    limited: OnceLock<reqwest::Client>,
}

impl Pools {
    /// Makes the pools that the addresses of a client need: `any_local` and `all_local` say whether they are on this
    /// machine.
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

    /// The pool for addresses that the client does not know, which a credential provider may ask.
    pub(crate) fn public(&self) -> &reqwest::Client {
        &self.public.usual
    }
}

impl Transport for Pools {
    fn send(
        &self,
        request: reqwest::Request,
        connect_timeout: Duration,
    ) -> BoxFuture<'static, Result<reqwest::Response, Failure>> {
        let pool = if is_loopback(request.url()) {
            &self.local
        } else {
            &self.public
        };
        if connect_timeout == self.connect_timeout {
            let sending = pool.usual.execute(request);
            return Box::pin(async move { sending.await.map_err(Failure::from) });
        }
        match pool.limited() {
            Ok(http) => {
                let sending = http.execute(request);
                Box::pin(async move {
                    let sent = with_connect_timeout(connect_timeout, sending).await;
                    sent.map_err(Failure::from)
                })
            }
            Err(error) => Box::pin(std::future::ready(Err(Failure::new(Stage::Connect, error)))),
        }
    }
}

impl Pool {
    fn new(settings: PoolSettings, proxy: bool) -> Result<Self, Error> {
        let builder = builder(&settings, proxy).connect_timeout(settings.connect_timeout);
        let usual = builder.build().map_err(|error| {
            Error::configuration(format!("no connection pool could be made: {error}"))
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

/// What both kinds of pool have in common. All limits but that for connecting are the runtime's, and so are all retries
/// but one: what an HTTP/2 server refuses before it looks at it, reqwest sends again over another stream or connection.
fn builder(settings: &PoolSettings, proxy: bool) -> reqwest::ClientBuilder {
    let mut builder = reqwest::Client::builder()
        .user_agent(settings.user_agent.clone())
        // The headers with the keys would travel to whatever host a redirect names.
        .redirect(redirect::Policy::none())
        .referer(false);
    // Another crate may switch these on for the whole build; what goes on the wire should not depend
    // on it, but on the features of this crate alone.
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
