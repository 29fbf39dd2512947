//! The client of all domains and the builder that makes it.

use std::time::Duration;

use scorekit_core::{
    CallOptions, Config, CredentialProvider, Credentials, Error, RetryPolicy, SecretString, Site,
    datadog, dcycle,
};

/// One connection pool with credentials, and a method per domain that is switched on.
///
/// Cloning is cheap and shares the pool, so one client serves a whole program and all its tasks.
/// `Debug` shows no secret. Calls need a Tokio runtime with its I/O and time drivers enabled, as
/// `#[tokio::main]` makes it.
#[derive(Clone, Debug)]
pub struct Client {
    #[allow(dead_code, reason = "only the methods of the domains read it")]
    pub(crate) core: scorekit_core::Client,
}

impl Client {
    /// Begins a client with the default settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The client that the environment variables make; [`Config::from_env`] lists them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) that names the variable or
    /// setting at fault. Missing credentials are no error here, but of the calls that need them.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().from_env().build()
    }
}

/// A client over a pool that exists already.
impl From<scorekit_core::Client> for Client {
    fn from(core: scorekit_core::Client) -> Self {
        Self { core }
    }
}

/// The settings of a [`Client`] that is being made.
///
/// Setters accept anything; [`build`](ClientBuilder::build) checks the whole and names the setting
/// that is wrong. `Debug` shows no secret.
///
/// ```
/// use std::time::Duration;
///
/// let client = scorekit::Client::builder()
///     .base_url("http://127.0.0.1:8080")
///     .dcycle_api_key("key")
///     .dcycle_organization("org-1")
///     .timeout(Duration::from_secs(20))
///     .build()?;
/// # Ok::<(), scorekit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    config: Config,
    reads_environment: bool,
}

impl ClientBuilder {
    /// Takes whatever is not set here from the environment variables that [`Config::from_env`]
    /// lists. They are read by [`build`](ClientBuilder::build), so the order of the setters does
    /// not matter.
    #[allow(
        clippy::wrong_self_convention,
        reason = "a setter, named after what it reads"
    )]
    pub fn from_env(mut self) -> Self {
        self.reads_environment = true;
        self
    }

    /// The Datadog site that the organization lives on; [`Site::Us1`] unless set.
    pub fn site(self, site: impl Into<Site>) -> Self {
        self.change(|config| config.site(site))
    }

    /// Sends every call to this address, such as a sandbox's; see [`Config::base_url`].
    pub fn base_url(self, url: &str) -> Self {
        self.change(|config| config.base_url(url))
    }

    /// The Datadog API key. Most operations need an [application
    /// key](ClientBuilder::application_key) as well.
    pub fn api_key(self, key: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::scheme(datadog::API_KEY_AUTH, key))
    }

    /// The Datadog application key.
    pub fn application_key(self, key: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::scheme(datadog::APP_KEY_AUTH, key))
    }

    /// A Datadog access token, for operations that accept one instead of the two keys. Where the
    /// keys are set as well, the alternative that an operation lists first is used.
    pub fn bearer_token(self, token: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::datadog_bearer(token))
    }

    /// The Dcycle API key.
    pub fn dcycle_api_key(self, key: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::scheme(dcycle::API_KEY, key))
    }

    /// A Dcycle access token, for operations that accept one instead of the key.
    pub fn dcycle_bearer_token(self, token: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::scheme(dcycle::BEARER, token))
    }

    /// The Dcycle organization that calls are made for, unless a call names its own.
    pub fn dcycle_organization(self, id: impl Into<String>) -> Self {
        self.credentials(Credentials::new().dcycle_organization(id))
    }

    /// The Dcycle user that calls are made for, unless a call names its own.
    pub fn dcycle_user(self, id: impl Into<String>) -> Self {
        self.credentials(Credentials::new().dcycle_user(id))
    }

    /// Adds credentials of any kind; see [`Credentials`].
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.change(|config| config.credentials(credentials))
    }

    /// Asks `provider` for credentials that change while the client lives; see
    /// [`CredentialProvider`].
    pub fn credential_provider(self, provider: impl CredentialProvider) -> Self {
        self.change(|config| config.credential_provider(provider))
    }

    /// Sets time limits, the size of answers and retries for all calls; see [`Config::options`].
    pub fn options(self, options: CallOptions) -> Self {
        self.change(|config| config.options(options))
    }

    /// How long a call may take as a whole; see [`Config::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        self.change(|config| config.timeout(timeout))
    }

    /// How long each attempt of a call may take; see [`Config::attempt_timeout`].
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.change(|config| config.attempt_timeout(timeout))
    }

    /// How long making a connection may take; see [`Config::connect_timeout`].
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.change(|config| config.connect_timeout(timeout))
    }

    /// What is tried again, and when; see [`Config::retry`].
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.change(|config| config.retry(policy))
    }

    /// Whether calls may go unencrypted to another machine; see [`Config::allow_plain_http`].
    pub fn allow_plain_http(self, allow: bool) -> Self {
        self.change(|config| config.allow_plain_http(allow))
    }

    /// Names the calling program in the `User-Agent` header; see [`Config::user_agent`].
    pub fn user_agent(self, product: &str) -> Self {
        self.change(|config| config.user_agent(product))
    }

    /// Adds the settings of `config`, for whatever has no setter here. What it sets wins over what
    /// was set before.
    pub fn config(self, config: Config) -> Self {
        self.change(|earlier| config.or(earlier))
    }

    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) that names the setting or
    /// environment variable at fault.
    pub fn build(self) -> Result<Client, Error> {
        let config = if self.reads_environment {
            self.config.or(Config::from_env()?)
        } else {
            self.config
        };
        scorekit_core::Client::new(config).map(Client::from)
    }

    fn change(mut self, change: impl FnOnce(Config) -> Config) -> Self {
        self.config = change(self.config);
        self
    }
}
