//! The settings of a client.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use crate::auth::credentials::{check_secret, sources};
use crate::auth::datadog;
use crate::client::network::Network;
use crate::client::options::Policies;
use crate::client::url::{parse_url, shown};
use crate::client::watch::Watch;
use crate::{CallOptions, CredentialProvider, Credentials, Error, RetryPolicy, Site};

/// The environment variable that sends all calls to one server.
pub(crate) const BASE_URL_VARIABLE: &str = "SCOREKIT_BASE_URL";
pub(crate) const SITE_VARIABLE: &str = "DD_SITE";
const ORGANIZATION_VARIABLE: &str = "DCYCLE_ORGANIZATION_ID";
const USER_VARIABLE: &str = "DCYCLE_USER_ID";

/// The source of a setting that decides where requests go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// The program does not set it and reads no variables.
    #[default]
    Default,
    /// Its variable was read and is not set.
    UnsetVariable,
    Variable,
    Setter,
}

/// The sources of the settings that decide where requests go, which errors name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sources {
    pub(crate) site: Source,
    pub(crate) base_url: Source,
}

/// The settings of a client: servers, credentials, time limits and retries.
///
/// Setters accept any value. [`Client::new`](crate::Client::new) checks them and names the setting
/// that is wrong.
///
/// ```
/// use std::time::Duration;
/// use scorekit_core::{Client, Config, Credentials};
///
/// let config = Config::new()
///     .site("us5.datadoghq.com")
///     .credentials(Credentials::datadog_keys("api key", "application key"))
///     .timeout(Duration::from_secs(20));
/// let client = Client::new(config)?;
/// # Ok::<(), scorekit_core::Error>(())
/// ```
#[derive(Clone, Default)]
#[must_use = "settings do nothing until a client is made of them"]
pub struct Config {
    pub(crate) site: Option<Site>,
    pub(crate) sources: Sources,
    pub(crate) base_url: Option<String>,
    pub(crate) server_urls: BTreeMap<String, String>,
    pub(crate) credentials: Credentials,
    pub(crate) provider: Option<Arc<dyn CredentialProvider>>,
    options: CallOptions,
    allow_plain_http: Option<bool>,
    user_agent: Option<String>,
    pub(crate) network: Network,
    pub(crate) watch: Watch,
}

impl Config {
    /// Creates the default settings: the servers of the API documents, no credentials, `https`
    /// only, and the defaults of [`CallOptions`] and [`RetryPolicy`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the settings from environment variables.
    ///
    /// | Variable | Setting |
    /// |---|---|
    /// | `DD_SITE` | [`site`](Config::site) |
    /// | `DD_API_KEY`, `DD_APP_KEY` | [`Credentials::datadog_keys`] |
    /// | `DD_BEARER_TOKEN` | [`Credentials::datadog_bearer`] |
    /// | `DCYCLE_API_KEY` | [`Credentials::dcycle_key`] |
    /// | `DCYCLE_BEARER_TOKEN` | [`Credentials::dcycle_bearer`] |
    /// | `DCYCLE_ORGANIZATION_ID` | [`Credentials::dcycle_organization`] |
    /// | `DCYCLE_USER_ID` | [`Credentials::dcycle_user`] |
    /// | `SCOREKIT_BASE_URL` | [`base_url`](Config::base_url) |
    ///
    /// A variable that is unset or empty leaves its setting at the default. Every client reads the
    /// variables for proxies and root certificates, also without this function:
    /// [`proxy`](Config::proxy) and [`system_roots`](Config::system_roots) list them.
    ///
    /// ```no_run
    /// use scorekit_core::{Client, Config};
    ///
    /// let client = Client::new(Config::from_env()?)?;
    /// # Ok::<(), scorekit_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) with the name of the
    /// variable if one is malformed.
    pub fn from_env() -> Result<Self, Error> {
        let mut variables = BTreeMap::new();
        let others = [
            SITE_VARIABLE,
            ORGANIZATION_VARIABLE,
            USER_VARIABLE,
            BASE_URL_VARIABLE,
        ];
        for name in sources().map(|source| source.variable).chain(others) {
            if let Some(value) = std::env::var_os(name) {
                let value = value.into_string().map_err(|_| {
                    Error::configuration(format!("{name} must be valid UTF-8; set it again"))
                })?;
                variables.insert(name, value);
            }
        }
        Self::from_variables(|name| variables.get(name).cloned())
    }

    /// Reads the same settings from variables of another source: a file, a secret store, a test.
    ///
    /// ```
    /// use scorekit_core::Config;
    ///
    /// let config = Config::from_variables(|name| match name {
    ///     "DD_SITE" => Some("datadoghq.eu".to_owned()),
    ///     _ => None,
    /// })?;
    /// # Ok::<(), scorekit_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The same as of [`from_env`](Config::from_env).
    pub fn from_variables(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        Self::read(&lookup)
    }

    fn read(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let get = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let get_secret = |name: &str| match get(name) {
            Some(value) => match check_secret(&value) {
                Ok(()) => Ok(Some(value)),
                Err(problem) => Err(Error::configuration(format!("{name} {problem}"))),
            },
            None => Ok(None),
        };

        let mut config = Self::new();
        config.sources.site = Source::UnsetVariable;
        if let Some(host) = get(SITE_VARIABLE) {
            config.sources.site = Source::Variable;
            let site = Site::from(host);
            // The client checks once all settings are known if plain HTTP is allowed.
            site.check(SITE_VARIABLE, true)?;
            config.site = Some(site);
        }
        if let Some(url) = get(BASE_URL_VARIABLE) {
            parse_url(&url, BASE_URL_VARIABLE, true)?;
            config.base_url = Some(url);
            config.sources.base_url = Source::Variable;
        }
        let mut credentials = Credentials::new();
        for source in sources() {
            if let Some(secret) = get_secret(source.variable)? {
                credentials = credentials.merge(Credentials::scheme(source.scheme, secret));
            }
        }
        if let Some(id) = get_secret(ORGANIZATION_VARIABLE)? {
            credentials = credentials.dcycle_organization(id);
        }
        if let Some(id) = get_secret(USER_VARIABLE)? {
            credentials = credentials.dcycle_user(id);
        }
        Ok(config.credentials(credentials))
    }

    /// Sets the Datadog site of the organization, such as `us5` or `us5.datadoghq.com`;
    /// [`Site::Us1`] by default.
    ///
    /// [`Client::new`](crate::Client::new) rejects a string that names no listed site, because the
    /// keys would go to another host. [`Site::Custom`] permits such a host.
    pub fn site(mut self, site: impl Into<Site>) -> Self {
        self.site = Some(site.into());
        self.sources.site = Source::Setter;
        self
    }

    /// Sends all calls to this URL instead of the servers of the documents, for example to a
    /// sandbox or a proxy. A path in it is put before the path of every operation. It wins over
    /// [`site`](Config::site).
    pub fn base_url(mut self, url: &str) -> Self {
        self.base_url = Some(url.to_owned());
        self.sources.base_url = Source::Setter;
        self
    }

    /// Sends the calls for one server, such as [`dcycle::SERVER`](crate::auth::dcycle::SERVER), to
    /// this URL. It wins over [`base_url`](Config::base_url).
    pub fn server_url(mut self, server: &str, url: &str) -> Self {
        self.server_urls.insert(server.to_owned(), url.to_owned());
        self
    }

    /// Adds credentials. A later secret for the same security scheme replaces the earlier one.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = self.credentials.merge(credentials);
        self
    }

    /// Sets the provider of credentials that change while the client lives. They win over
    /// [`credentials`](Config::credentials).
    pub fn credential_provider(mut self, provider: impl CredentialProvider) -> Self {
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Sets time limits, the maximum size of responses, and retries, for all calls that do not set
    /// their own. A later value of an option replaces the earlier one.
    ///
    /// [`Client::new`](crate::Client::new) rejects an option with which every call would fail.
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options.or(self.options);
        self
    }

    /// Sets the time limit of a call. See [`CallOptions::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        self.options(CallOptions::new().timeout(timeout))
    }

    /// Sets the time limit of each attempt. See [`CallOptions::attempt_timeout`].
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.options(CallOptions::new().attempt_timeout(timeout))
    }

    /// Sets the time limit for making a connection. See [`CallOptions::connect_timeout`].
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.options(CallOptions::new().connect_timeout(timeout))
    }

    /// Sets the retry policy. See [`CallOptions::retry`].
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.options(CallOptions::new().retry(policy))
    }

    /// Permits unencrypted calls to other machines, which expose the credentials to the network.
    /// Calls to this machine (`localhost`, `127.0.0.1`, `[::1]`) need no permission.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = Some(allow);
        self
    }

    /// Adds the name of the program, such as `billing-report/1.2`, to the `User-Agent` header,
    /// after `scorekit/<version>`.
    pub fn user_agent(mut self, product: &str) -> Self {
        self.user_agent = Some(product.to_owned());
        self
    }

    /// Takes the settings that are not set here from `fallback`. Credentials and server URLs are
    /// merged one by one.
    ///
    /// ```
    /// use scorekit_core::{Config, Site};
    ///
    /// let from_file = Config::new().site(Site::Eu1);
    /// let config = from_file.or(Config::from_env()?);
    /// # Ok::<(), scorekit_core::Error>(())
    /// ```
    pub fn or(self, fallback: Self) -> Self {
        let mut server_urls = fallback.server_urls;
        server_urls.extend(self.server_urls);
        let source =
            |is_own: bool, own: Source, other: Source| match is_own || other == Source::Default {
                true => own,
                false => other,
            };
        let (own, other) = (self.sources, fallback.sources);
        let sources = Sources {
            site: source(self.site.is_some(), own.site, other.site),
            base_url: source(self.base_url.is_some(), own.base_url, other.base_url),
        };
        Self {
            site: self.site.or(fallback.site),
            sources,
            base_url: self.base_url.or(fallback.base_url),
            server_urls,
            credentials: fallback.credentials.merge(self.credentials),
            provider: self.provider.or(fallback.provider),
            options: self.options.or(fallback.options),
            allow_plain_http: self.allow_plain_http.or(fallback.allow_plain_http),
            user_agent: self.user_agent.or(fallback.user_agent),
            network: self.network.or(fallback.network),
            watch: self.watch.or(fallback.watch),
        }
    }

    /// Returns the policies of calls without options of their own.
    pub(crate) fn policies(&self) -> Result<Policies, Error> {
        Policies::default()
            .with(&self.options)
            .map_err(|problem| Error::configuration(format!("Config::{problem}")))
    }

    pub(crate) fn plain_http_allowed(&self) -> bool {
        self.allow_plain_http.unwrap_or(false)
    }

    /// Returns the complete `User-Agent` header.
    pub(crate) fn product(&self) -> String {
        let own = concat!("scorekit/", env!("CARGO_PKG_VERSION"));
        match self.user_agent.as_deref() {
            Some(product) if !product.is_empty() => format!("{own} {product}"),
            _ => own.to_owned(),
        }
    }

    /// Returns every URL that replaces one of a document, checked, with the name of its server
    /// (`None` for all servers).
    pub(crate) fn addresses(&self) -> Result<Vec<(Option<String>, Url)>, Error> {
        let allowed = self.plain_http_allowed();
        let mut addresses = Vec::new();
        if let Some(url) = &self.base_url {
            let setting = format!("Config::base_url or {BASE_URL_VARIABLE}");
            addresses.push((None, parse_url(url, &setting, allowed)?));
        }
        for (server, url) in &self.server_urls {
            let setting = format!("Config::server_url({server:?}, …)");
            addresses.push((Some(server.clone()), parse_url(url, &setting, allowed)?));
        }
        if let Some(site) = &self.site
            && let Some(url) = site.check("Config::site or DD_SITE", allowed)?
            && self.base_url.is_none()
            && !self.server_urls.contains_key(datadog::SERVER)
        {
            addresses.push((Some(datadog::SERVER.to_owned()), url));
        }
        Ok(addresses)
    }

    /// Returns the host name of the site, if one is set.
    pub(crate) fn site_host(&self) -> Option<String> {
        let site = self.site.as_ref()?;
        (!site.is_url()).then(|| site.as_str().to_owned())
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server_urls: BTreeMap<&str, &str> = self
            .server_urls
            .iter()
            .map(|(server, url)| (server.as_str(), shown(url)))
            .collect();
        formatter
            .debug_struct("Config")
            .field("site", &self.site)
            .field("base_url", &self.base_url.as_deref().map(shown))
            .field("server_urls", &server_urls)
            .field("credentials", &self.credentials)
            .field("credential_provider", &self.provider.is_some())
            .field("options", &self.options)
            .field("allow_plain_http", &self.allow_plain_http)
            .field("user_agent", &self.user_agent)
            .field("network", &self.network)
            .field("watch", &self.watch)
            .finish()
    }
}
