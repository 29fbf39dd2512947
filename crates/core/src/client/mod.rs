//! The client, its settings, and the options of calls.

pub(crate) mod config;
pub(crate) mod network;
pub(crate) mod options;
pub(crate) mod shared;
pub(crate) mod site;
pub(crate) mod url;
pub(crate) mod watch;

use std::fmt;
use std::sync::{Arc, Mutex};

use http::HeaderValue;
use reqwest::Url;

use crate::auth::cache::CredentialCache;
use crate::client::network::HttpClient;
use crate::client::shared::Shared;
use crate::client::url::is_loopback;
use crate::request::encode::is_header_safe;
use crate::request::raw::RawRequest;
use crate::send::compression::GzipSupport;
use crate::send::limiter::Limiter;
use crate::send::pool::{PoolSettings, Pools, Reach, Unchecked};
use crate::send::proxy::{self, Proxies};
use crate::send::retry::RetryBudget;
use crate::send::transport::{TestHooks, Transport};
use crate::{Config, Error, Operation, Request};

/// A client: a connection pool with credentials and settings.
///
/// Clones are cheap and share the pool, so one client serves all domains and tasks of a program.
/// `Debug` shows no secret.
///
/// Calls need a Tokio runtime with I/O and time enabled, as `#[tokio::main]` creates it.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

impl Client {
    /// Checks the settings and creates a client. It sends nothing.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) with the name of the
    /// wrong setting. Examples are a server that is not an encrypted URL, a secret with control
    /// characters, and a timeout of zero.
    pub fn new(config: Config) -> Result<Self, Error> {
        Self::with_test_hooks(config, TestHooks::default())
    }

    /// Creates a client with another network, clock or random numbers, for the tests of this crate.
    #[doc(hidden)]
    pub fn with_test_hooks(config: Config, test_hooks: TestHooks) -> Result<Self, Error> {
        let mut config = config;
        let site = config.site_host();
        let sources = config.sources;
        let mut base_url = None;
        let mut server_urls = Vec::new();
        let mut reach = Reach {
            any_local: false,
            all_local: config.base_url.is_some(),
            is_encrypted: config.base_url.is_none(),
        };
        for (server, url) in config.addresses()? {
            let local = is_loopback(&url);
            reach.all_local &= local;
            reach.any_local |= local;
            reach.is_encrypted |= url.scheme() == "https";
            match server {
                Some(server) => server_urls.push((server, url)),
                None => base_url = Some(url),
            }
        }
        let policies = config.policies()?;
        let permits = config.watch.permits()?;
        let plain_http_allowed = config.plain_http_allowed();
        let plain_http_through_proxy = config.network.plain_http_through_proxy == Some(true);

        let network = std::mem::take(&mut config.network);
        let proxies = if reach.all_local || network.is_unchecked() || test_hooks.transport.is_some()
        {
            Proxies::default()
        } else {
            Proxies::new(&network, proxy::variable)?
        };
        let proxies = Arc::new(proxies);
        let user_agent = user_agent(&config)?;
        let credentials =
            CredentialCache::new(config.credentials, config.provider, proxies.secrets())?;
        let transport: Arc<dyn Transport> = match (&test_hooks.transport, &network.http_client) {
            (Some(transport), _) => Arc::clone(transport),
            (None, Some(HttpClient::Unchecked(http))) => Arc::new(Unchecked(http.clone())),
            (None, _) => {
                let settings = PoolSettings {
                    user_agent,
                    connect_timeout: policies.connect_timeout,
                    network,
                    proxies: Arc::clone(&proxies),
                };
                Arc::new(Pools::new(settings, reach)?)
            }
        };
        Ok(Self {
            shared: Arc::new(Shared {
                base_url,
                server_urls,
                documented_urls: Mutex::default(),
                site,
                sources,
                plain_http_allowed,
                plain_http_through_proxy,
                proxies,
                credentials,
                transport,
                test_hooks,
                budget: RetryBudget::new(policies.retry.budget),
                limiter: Limiter::default(),
                gzip: GzipSupport::default(),
                noted_previews: Mutex::default(),
                policies,
                hooks: config.watch.hooks,
                trace_context: config.watch.trace_context,
                permits,
            }),
        })
    }

    /// Creates a request of `operation`, whose response decodes into `T`.
    ///
    /// Generated clients wrap this in one method per operation. Programs need it only for an
    /// operation that no generated client has.
    pub fn request<T>(&self, operation: &'static Operation) -> Request<T> {
        Request::new(RawRequest::new(Arc::clone(&self.shared), operation))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = &self.shared;
        let server_urls: Vec<(&str, &str)> = shared
            .server_urls
            .iter()
            .map(|(server, url)| (server.as_str(), url.as_str()))
            .collect();
        formatter
            .debug_struct("Client")
            .field("site", &shared.site)
            .field("base_url", &shared.base_url.as_ref().map(Url::as_str))
            .field("server_urls", &server_urls)
            .field("credentials", &shared.credentials)
            .field("policies", &shared.policies)
            .finish_non_exhaustive()
    }
}

fn user_agent(config: &Config) -> Result<HeaderValue, Error> {
    let product = config.product();
    Some(&product)
        .filter(|product| is_header_safe(product))
        .and_then(|product| HeaderValue::from_str(product).ok())
        .ok_or_else(|| {
            Error::configuration(
                "Config::user_agent contains a line break or another control character; remove it",
            )
        })
}
