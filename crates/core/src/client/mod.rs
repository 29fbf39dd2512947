//! The client: what all calls share, checked and prepared once.

pub(crate) mod config;
pub(crate) mod options;
pub(crate) mod site;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::auth::datadog;
use crate::auth::provider::Vault;
use crate::client::config::{check_encryption, is_loopback};
use crate::client::options::Policies;
use crate::request::encode::{fill, is_header_safe};
use crate::request::raw::Call;
use crate::send::compression::Takers;
use crate::send::limiter::Limiter;
use crate::send::pool::{PoolSettings, Pools};
use crate::send::retry::RetryBudget;
use crate::send::trace;
use crate::send::transport::{Seams, Transport};
use crate::{Config, Error, Operation, Request, Server};

/// A connection pool with credentials.
///
/// Cloning is cheap and shares the pool, so one client serves a whole program, all its domains and
/// all its tasks. `Debug` shows no secret.
///
/// Calls need a Tokio runtime with its I/O and time drivers enabled, as `#[tokio::main]` makes it.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// What all calls of a client share.
pub(crate) struct Shared {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) seams: Seams,
    base_url: Option<Url>,
    server_urls: Vec<(String, Url)>,
    /// The addresses of the document that calls went to, by the server's name.
    documented: Mutex<Vec<(&'static str, Url)>>,
    site: Option<String>,
    plain_http_allowed: bool,
    pub(crate) vault: Vault,
    pub(crate) policies: Policies,
    pub(crate) budget: RetryBudget,
    pub(crate) limiter: Limiter,
    pub(crate) takers: Takers,
    /// The preview operations that a warning has been given of.
    previews: Mutex<Vec<&'static str>>,
}

impl Client {
    /// Checks the settings and prepares what every call needs. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) that names the setting at
    /// fault: an address that is no URL or not encrypted, a site that is no host name, a secret or
    /// header value with control characters, a timeout of zero.
    pub fn new(config: Config) -> Result<Self, Error> {
        Self::with_seams(config, Seams::default())
    }

    /// As [`new`](Client::new), with parts of the world around it replaced: for the tests of this
    /// crate.
    #[doc(hidden)]
    pub fn with_seams(config: Config, seams: Seams) -> Result<Self, Error> {
        let site = config.site_host();
        let mut base_url = None;
        let mut server_urls = Vec::new();
        let mut all_local = config.base_url.is_some();
        let mut any_local = false;
        for (server, url) in config.addresses()? {
            let local = is_loopback(&url);
            all_local &= local;
            any_local |= local;
            match server {
                Some(server) => server_urls.push((server, url)),
                None => base_url = Some(url),
            }
        }
        let policies = config.policies()?;
        let plain_http_allowed = config.plain_http_allowed();

        let settings = PoolSettings {
            user_agent: user_agent(&config)?,
            connect_timeout: policies.connect_timeout,
        };
        let pools = Pools::new(settings, any_local, all_local)?;
        let vault = Vault::new(config.credentials, config.provider, pools.public().clone())?;
        let transport = match &seams.transport {
            Some(transport) => Arc::clone(transport),
            None => Arc::new(pools),
        };
        Ok(Self {
            shared: Arc::new(Shared {
                base_url,
                server_urls,
                documented: Mutex::default(),
                site,
                plain_http_allowed,
                vault,
                transport,
                seams,
                budget: RetryBudget::new(policies.retry.budget),
                limiter: Limiter::default(),
                takers: Takers::default(),
                previews: Mutex::default(),
                policies,
            }),
        })
    }

    /// Begins a call of `operation`, whose successful answer decodes into `T`.
    ///
    /// Generated clients wrap this in one method per operation; programs need it only for an
    /// operation that no generated client has.
    pub fn request<T>(&self, operation: &'static Operation) -> Request<T> {
        Request::new(Call::new(Arc::clone(&self.shared), operation))
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
            .field("credentials", &shared.vault)
            .field("policies", &shared.policies)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// The address of `server`.
    pub(crate) fn address(&self, server: &'static Server) -> Result<Url, Error> {
        let own = self
            .server_urls
            .iter()
            .find(|(name, _)| name == server.name);
        if let Some(url) = own.map(|(_, url)| url).or(self.base_url.as_ref()) {
            return Ok(url.clone());
        }
        let mut known = self
            .documented
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, url)) = known.iter().find(|(name, _)| *name == server.name) {
            return Ok(url.clone());
        }
        let mut text = String::new();
        let filled: Result<(), std::convert::Infallible> =
            fill(&mut text, server.url, |target, name| {
                target.push_str(self.variable(server, name));
                Ok(())
            });
        let Ok(()) = filled;
        let url = Url::parse(&text).map_err(|error| {
            Error::configuration(format!(
                "the address of the server {:?} makes no URL ({error}); replace it with \
                 Config::server_url",
                server.name
            ))
        })?;
        check_encryption(
            &url,
            self.plain_http_allowed,
            &format!("the address of the server {:?}", server.name),
        )?;
        known.push((server.name, url.clone()));
        Ok(url)
    }

    fn variable<'a>(&'a self, server: &Server, name: &str) -> &'a str {
        if server.name == datadog::SERVER
            && name == datadog::SITE_VARIABLE
            && let Some(site) = &self.site
        {
            return site;
        }
        server
            .variables
            .iter()
            .find(|variable| variable.name == name)
            .map_or("", |variable| variable.default)
    }

    /// Refuses an operation that the site does not serve, whichever address stands in for it.
    pub(crate) fn check_site(&self, url: &Url, operation: &Operation) -> Result<(), Error> {
        let own = self
            .site
            .as_deref()
            .filter(|_| operation.server.name == datadog::SERVER);
        // A dot at the end changes nothing about a host.
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let called = host.strip_prefix("api.");
        let unavailable = |site: &&&str| Some(**site) == own || Some(**site) == called;
        match operation.unavailable_sites.iter().find(unavailable) {
            Some(site) => Err(Error::configuration(format!(
                "the site {site} does not serve this operation, nothing was sent; it takes an \
                 organization on another site"
            ))),
            None => Ok(()),
        }
    }

    /// Warns of a preview operation, the first time that this client or a clone of it calls it.
    pub(crate) fn note_preview(&self, operation: &'static Operation) {
        if !operation.preview {
            return;
        }
        let mut noted = self.previews.lock().unwrap_or_else(PoisonError::into_inner);
        if !noted.contains(&operation.id) {
            noted.push(operation.id);
            drop(noted);
            trace::preview(operation);
        }
    }
}

fn user_agent(config: &Config) -> Result<HeaderValue, Error> {
    let product = config.product();
    Some(&product)
        .filter(|product| is_header_safe(product))
        .and_then(|product| HeaderValue::from_str(product).ok())
        .ok_or_else(|| {
            Error::configuration(
                "Config::user_agent holds a line break or another control character; remove it",
            )
        })
}
