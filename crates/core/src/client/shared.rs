//! The state that all calls of a client share, and the URLs that it leads them to.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use tokio::sync::Semaphore;

use crate::auth::cache::CredentialCache;
use crate::auth::datadog;
use crate::client::config::{BASE_URL_VARIABLE, SITE_VARIABLE, Source, Sources};
use crate::client::options::Policies;
use crate::client::url::{check_encryption, host_of};
use crate::client::watch::TraceSource;
use crate::request::encode::{Piece, pieces};
use crate::send::compression::GzipSupport;
use crate::send::hooks::Hooks;
use crate::send::limiter::Limiter;
use crate::send::proxy::Proxies;
use crate::send::retry::RetryBudget;
use crate::send::trace;
use crate::send::transport::{TestHooks, Transport};
use crate::{Error, Operation, Server};

/// The state that all calls of a client share.
pub(crate) struct Shared {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) test_hooks: TestHooks,
    pub(super) base_url: Option<Url>,
    pub(super) server_urls: Vec<(String, Url)>,
    /// The URLs of the document's servers that calls have used, by the server's name.
    pub(super) documented_urls: Mutex<Vec<(&'static str, Url)>>,
    pub(super) site: Option<String>,
    pub(super) sources: Sources,
    pub(super) plain_http_allowed: bool,
    /// True if keys may go through a proxy unencrypted.
    pub(super) plain_http_through_proxy: bool,
    pub(crate) proxies: Arc<Proxies>,
    pub(crate) credentials: CredentialCache,
    pub(crate) policies: Policies,
    pub(crate) budget: RetryBudget,
    pub(crate) limiter: Limiter,
    pub(crate) gzip: GzipSupport,
    pub(crate) hooks: Hooks,
    /// Returns the trace of a request, if the program sets it.
    pub(crate) trace_context: Option<Arc<TraceSource>>,
    /// A permit for each request that may be in flight, if their number is limited.
    pub(crate) permits: Option<Arc<Semaphore>>,
    /// The preview operations that the client has warned of.
    pub(super) noted_previews: Mutex<Vec<&'static str>>,
}

impl Shared {
    /// Returns the URL of a server.
    pub(crate) fn address(&self, server: &'static Server) -> Result<Url, Error> {
        let own = self
            .server_urls
            .iter()
            .find(|(name, _)| name == server.name);
        if let Some(url) = own.map(|(_, url)| url).or(self.base_url.as_ref()) {
            return Ok(url.clone());
        }
        let mut known = self
            .documented_urls
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((_, url)) = known.iter().find(|(name, _)| *name == server.name) {
            return Ok(url.clone());
        }
        let mut text = String::new();
        for piece in pieces(server.url) {
            text.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Name(name) => self.variable(server, name),
            });
        }
        let url = Url::parse(&text).map_err(|error| {
            Error::configuration(format!(
                "the address of the server {:?} is not a URL ({error}); replace it with \
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

    /// Says which setting decides on the URL of a server; `None` if no setting can.
    pub(crate) fn origin(&self, server: &'static Server) -> Option<String> {
        let is_named = self.server_urls.iter().any(|(name, _)| name == server.name);
        if is_named && server.name == datadog::SERVER && self.site.is_none() {
            let setting = match self.sources.site {
                Source::Variable => Some(SITE_VARIABLE),
                Source::Setter => Some("Config::site"),
                Source::Default | Source::UnsetVariable => None,
            };
            if let Some(setting) = setting {
                return Some(format!("the URL in {setting}"));
            }
        }
        if is_named {
            return Some("the URL in Config::server_url".to_owned());
        }
        if self.base_url.is_some() {
            let setting = match self.sources.base_url {
                Source::Variable => BASE_URL_VARIABLE,
                _ => "Config::base_url",
            };
            return Some(format!("the URL in {setting}"));
        }
        let mut variables = server.variables.iter();
        variables.find(|it| it.name == datadog::SITE_VARIABLE && server.name == datadog::SERVER)?;
        let site = self.variable(server, datadog::SITE_VARIABLE);
        let source = match self.sources.site {
            Source::Default => "the default: Config::site is not set".to_owned(),
            Source::UnsetVariable => format!("the default: {SITE_VARIABLE} is not set"),
            Source::Variable => format!("from {SITE_VARIABLE}"),
            Source::Setter => "from Config::site".to_owned(),
        };
        Some(format!("site {site}, {source}"))
    }

    /// Rejects a request that a proxy would read.
    pub(crate) fn check_proxy(&self, url: &Url) -> Result<(), Error> {
        if url.scheme() == "https" || self.plain_http_through_proxy {
            return Ok(());
        }
        let Some(proxy) = self.proxies.of(url) else {
            return Ok(());
        };
        let host = host_of(url);
        Err(Error::configuration(format!(
            "cannot send the request: {proxy} would read the credentials for {host}, because the \
             URL is not encrypted; use https, list the host in {}, or permit it with \
             Config::allow_plain_http_through_proxy(true)",
            proxy.exceptions()
        )))
    }

    /// Rejects an operation that the site does not serve, also where another URL replaces the
    /// site's.
    pub(crate) fn check_site(&self, url: &Url, operation: &Operation) -> Result<(), Error> {
        let own = self
            .site
            .as_deref()
            .filter(|_| operation.server.name == datadog::SERVER);
        // A dot at the end of a host has no meaning.
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let called = host.strip_prefix("api.");
        let unavailable = |site: &&&str| Some(**site) == own || Some(**site) == called;
        match operation.unavailable_sites.iter().find(unavailable) {
            Some(site) => Err(Error::configuration(format!(
                "cannot send the request: the site {site} does not serve this operation; use an \
                 organization on another site"
            ))),
            None => Ok(()),
        }
    }

    /// Warns of a preview operation when this client or a clone of it calls it for the first time.
    pub(crate) fn note_preview(&self, operation: &'static Operation) {
        if !operation.preview {
            return;
        }
        let mut noted = self
            .noted_previews
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !noted.contains(&operation.id) {
            noted.push(operation.id);
            drop(noted);
            trace::preview(operation);
        }
    }
}
