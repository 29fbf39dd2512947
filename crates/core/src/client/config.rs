//! The settings of a client.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use crate::auth::credentials::{check_secret, origins};
use crate::auth::datadog;
use crate::client::options::Policies;
use crate::{CallOptions, CredentialProvider, Credentials, Error, RetryPolicy, Site};

/// The variable that sends every call to one server.
const BASE_URL_VARIABLE: &str = "SCOREKIT_BASE_URL";
const SITE_VARIABLE: &str = "DD_SITE";
const ORGANIZATION_VARIABLE: &str = "DCYCLE_ORGANIZATION_ID";
const USER_VARIABLE: &str = "DCYCLE_USER_ID";

/// The settings of a client: where calls go, with which credentials, and how long they may take.
///
/// Setters accept anything; [`Client::new`](crate::Client::new) checks the whole and names the
/// setting that is wrong.
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
    pub(crate) base_url: Option<String>,
    pub(crate) server_urls: BTreeMap<String, String>,
    pub(crate) credentials: Credentials,
    pub(crate) provider: Option<Arc<dyn CredentialProvider>>,
    options: CallOptions,
    allow_plain_http: Option<bool>,
    user_agent: Option<String>,
}

impl Config {
    /// The default settings: every server at the address of its API document, no credentials,
    /// `https` only, and the time limits, sizes and retries that [`CallOptions`] and
    /// [`RetryPolicy`] name.
    pub fn new() -> Self {
        Self::default()
    }

    /// The settings that the environment variables make.
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
    /// A variable that is unset or empty leaves its setting at the default.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) that names the variable when
    /// one is malformed.
    pub fn from_env() -> Result<Self, Error> {
        let mut variables = BTreeMap::new();
        let others = [
            SITE_VARIABLE,
            ORGANIZATION_VARIABLE,
            USER_VARIABLE,
            BASE_URL_VARIABLE,
        ];
        for name in origins().map(|origin| origin.variable).chain(others) {
            if let Some(value) = std::env::var_os(name) {
                let value = value.into_string().map_err(|_| {
                    Error::configuration(format!("{name} is not valid UTF-8; set it again"))
                })?;
                variables.insert(name, value);
            }
        }
        Self::from_variables(|name| variables.get(name).cloned())
    }

    /// As [`from_env`](Config::from_env), with variables from elsewhere: a file, a secret store, a
    /// test.
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
    /// As [`from_env`](Config::from_env).
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
        if let Some(host) = get(SITE_VARIABLE) {
            let site = Site::from(host);
            // Whether plain http is allowed is decided once all settings are known.
            site.check(SITE_VARIABLE, true)?;
            config.site = Some(site);
        }
        if let Some(url) = get(BASE_URL_VARIABLE) {
            parse_url(&url, BASE_URL_VARIABLE, true)?;
            config.base_url = Some(url);
        }
        let mut credentials = Credentials::new();
        for origin in origins() {
            if let Some(secret) = get_secret(origin.variable)? {
                credentials = credentials.merge(Credentials::scheme(origin.scheme, secret));
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

    /// The Datadog site that the organization lives on, or the base URL of another place that serves
    /// Datadog's API; [`Site::Us1`] unless set.
    ///
    /// A site that is neither a host name nor such a URL is refused by
    /// [`Client::new`](crate::Client::new), for it could send the keys elsewhere.
    pub fn site(mut self, site: impl Into<Site>) -> Self {
        self.site = Some(site.into());
        self
    }

    /// Sends every call to this address, whichever server its document names: a sandbox, a proxy, a
    /// recorder. A path in it stands before the path of every operation. It wins over
    /// [`site`](Config::site).
    pub fn base_url(mut self, url: &str) -> Self {
        self.base_url = Some(url.to_owned());
        self
    }

    /// Sends the calls for one server, such as [`dcycle::SERVER`](crate::auth::dcycle::SERVER), to this
    /// address; it wins over [`base_url`](Config::base_url).
    pub fn server_url(mut self, server: &str, url: &str) -> Self {
        self.server_urls.insert(server.to_owned(), url.to_owned());
        self
    }

    /// Adds credentials. May be called repeatedly; a later secret for the same security scheme
    /// replaces the earlier.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = self.credentials.merge(credentials);
        self
    }

    /// Asks `provider` for credentials that change while the client lives. Its answers win over
    /// [`credentials`](Config::credentials).
    pub fn credential_provider(mut self, provider: impl CredentialProvider) -> Self {
        self.provider = Some(Arc::new(provider));
        self
    }

    /// Sets time limits, the size of answers and retries for all calls that do not set their own.
    /// May be called repeatedly; a later value of an option replaces the earlier.
    ///
    /// An option that lets no call succeed is refused by [`Client::new`](crate::Client::new).
    pub fn options(mut self, options: CallOptions) -> Self {
        self.options = options.or(self.options);
        self
    }

    /// How long a call may take as a whole; the same as [`CallOptions::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        self.options(CallOptions::new().timeout(timeout))
    }

    /// How long each attempt of a call may take; the same as [`CallOptions::attempt_timeout`].
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.options(CallOptions::new().attempt_timeout(timeout))
    }

    /// How long making a connection may take; the same as [`CallOptions::connect_timeout`].
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.options(CallOptions::new().connect_timeout(timeout))
    }

    /// What is tried again, and when; the same as [`CallOptions::retry`].
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.options(CallOptions::new().retry(policy))
    }

    /// Whether calls may go unencrypted to another machine. Everyone on the way can then read the
    /// credentials. Calls to this machine (`localhost`, `127.0.0.1`, `[::1]`) need no permission.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = Some(allow);
        self
    }

    /// Names the calling program, such as `billing-report/1.2`, after `scorekit/<version>` in the
    /// `User-Agent` header.
    pub fn user_agent(mut self, product: &str) -> Self {
        self.user_agent = Some(product.to_owned());
        self
    }

    /// These settings, with those of `fallback` for whatever is not set here. Credentials and
    /// server addresses are taken from both, one by one.
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
        Self {
            site: self.site.or(fallback.site),
            base_url: self.base_url.or(fallback.base_url),
            server_urls,
            credentials: fallback.credentials.merge(self.credentials),
            provider: self.provider.or(fallback.provider),
            options: self.options.or(fallback.options),
            allow_plain_http: self.allow_plain_http.or(fallback.allow_plain_http),
            user_agent: self.user_agent.or(fallback.user_agent),
        }
    }

    /// The policies of calls that set none of their own.
    pub(crate) fn policies(&self) -> Result<Policies, Error> {
        Policies::default()
            .with(&self.options)
            .map_err(|problem| Error::configuration(format!("Config::{problem}")))
    }

    pub(crate) fn plain_http_allowed(&self) -> bool {
        self.allow_plain_http.unwrap_or(false)
    }

    /// The whole `User-Agent` header.
    pub(crate) fn product(&self) -> String {
        let own = concat!("scorekit/", env!("CARGO_PKG_VERSION"));
        match self.user_agent.as_deref() {
            Some(product) if !product.is_empty() => format!("{own} {product}"),
            _ => own.to_owned(),
        }
    }

    /// Every address that replaces one of a document, checked, with the server it belongs to
    /// (`None` for all).
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

    /// The host name of the site, if one is set.
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
            .finish()
    }
}

/// `url`, unless it may hold a password or a key.
pub(crate) fn shown(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '\\']).next().unwrap_or_default();
    // What stands after a colon and is no port may be a password whose host was forgotten.
    let has_password = !authority.ends_with(']')
        && authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.bytes().all(|byte| byte.is_ascii_digit()));
    if url.contains(['@', '?', '#']) || has_password {
        "[hidden, for it may hold a secret]"
    } else {
        url
    }
}

/// Checks an address that replaces one of a document; `setting` is where it came from.
pub(crate) fn parse_url(text: &str, setting: &str, plain_http_allowed: bool) -> Result<Url, Error> {
    let example = "give an address such as \"https://api.example.com\"";
    let url = Url::parse(text).map_err(|error| {
        Error::configuration(format!(
            "{setting}: {:?} is no URL ({error}); {example}",
            shown(text)
        ))
    })?;
    let refuse = |problem: &str| {
        Err(Error::configuration(format!(
            "{setting}: {:?} {problem}; {example}",
            shown(text)
        )))
    };
    if !matches!(url.scheme(), "http" | "https") {
        return refuse("is neither https nor http");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a user name or password, which belong into Config::credentials");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("holds a query or fragment, which no operation could follow");
    }
    check_encryption(&url, plain_http_allowed, setting)?;
    Ok(url)
}

/// Refuses an address over which others could read the credentials.
pub(crate) fn check_encryption(
    url: &Url,
    plain_http_allowed: bool,
    setting: &str,
) -> Result<(), Error> {
    if url.scheme() == "https" || plain_http_allowed || is_loopback(url) {
        return Ok(());
    }
    Err(Error::configuration(format!(
        "{setting}: {} would be called over plain http, which shows the credentials to everyone on \
         the way; use https, or permit it with Config::allow_plain_http(true)",
        host_of(url)
    )))
}

/// Whether the address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The host of an address, with the port unless it is the usual one.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
