//! The client of all domains and its builder.

use std::time::Duration;

use scorekit_core::{
    CallOptions, Config, CredentialProvider, Credentials, Error, Operation, Request, RetryPolicy,
    SecretString, Site, datadog, dcycle,
};

/// One connection pool with credentials, and a method per enabled domain.
///
/// Cloning is cheap and shares the pool, so one client serves a whole program and all its tasks.
/// `Debug` shows no secret. Calls need a Tokio runtime with its I/O and time drivers enabled, as
/// `#[tokio::main]` creates it.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) core: scorekit_core::Client,
}

impl Client {
    /// Creates a builder with the default settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Creates a client from environment variables; [`Config::from_env`] lists them.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), and names the
    /// variable or setting at fault. Missing credentials are not an error here: the calls that need
    /// them fail.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().from_env().build()
    }

    /// Creates a request of any operation, whose response decodes into `T`. It shares the
    /// configuration and the connections of this client.
    ///
    /// Programs need it for operations that no domain has, or that they choose while they run. See
    /// [`runtime::Operation`](crate::runtime::Operation) for how to describe one.
    pub fn request<T>(&self, operation: &'static Operation) -> Request<T> {
        self.core.request(operation)
    }
}

/// Creates a client over an existing connection pool.
impl From<scorekit_core::Client> for Client {
    fn from(core: scorekit_core::Client) -> Self {
        Self { core }
    }
}

/// The settings of a future [`Client`].
///
/// Setters accept any value. [`build`](ClientBuilder::build) checks all of them and names an
/// invalid one. `Debug` shows no secret.
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
    /// Takes settings that are not set here from the environment variables that
    /// [`Config::from_env`] lists. [`build`](ClientBuilder::build) reads them, so the order of the
    /// setters does not matter.
    #[allow(
        clippy::wrong_self_convention,
        reason = "a setter, named after what it reads"
    )]
    pub fn from_env(mut self) -> Self {
        self.reads_environment = true;
        self
    }

    /// Sets the Datadog site of the organization, [`Site::Us1`] by default.
    pub fn site(self, site: impl Into<Site>) -> Self {
        self.change(|config| config.site(site))
    }

    /// Sends every call to this address, such as a sandbox's; see [`Config::base_url`].
    pub fn base_url(self, url: &str) -> Self {
        self.change(|config| config.base_url(url))
    }

    /// Sets the Datadog API key. Most operations need an [application
    /// key](ClientBuilder::application_key) as well.
    pub fn api_key(self, key: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::scheme(datadog::API_KEY_AUTH, key))
    }

    /// Sets the Datadog application key.
    pub fn application_key(self, key: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::scheme(datadog::APP_KEY_AUTH, key))
    }

    /// Sets a Datadog access token, for operations that accept one instead of the two keys. If the
    /// keys are set as well, the client uses the alternative that the operation lists first.
    pub fn bearer_token(self, token: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::datadog_bearer(token))
    }

    /// Sets the Dcycle API key.
    pub fn dcycle_api_key(self, key: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::scheme(dcycle::API_KEY, key))
    }

    /// Sets a Dcycle access token, for operations that accept one instead of the key.
    pub fn dcycle_bearer_token(self, token: impl Into<SecretString>) -> Self {
        self.credentials(Credentials::scheme(dcycle::BEARER, token))
    }

    /// Sets the Dcycle organization of calls that do not name one.
    pub fn dcycle_organization(self, id: impl Into<String>) -> Self {
        self.credentials(Credentials::new().dcycle_organization(id))
    }

    /// Sets the Dcycle user of calls that do not name one.
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

    /// Sets time limits, the size of responses and retries for all calls; see [`Config::options`].
    pub fn options(self, options: CallOptions) -> Self {
        self.change(|config| config.options(options))
    }

    /// Limits the time of a call with all its attempts; see [`Config::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        self.change(|config| config.timeout(timeout))
    }

    /// Limits the time of each attempt; see [`Config::attempt_timeout`].
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.change(|config| config.attempt_timeout(timeout))
    }

    /// Limits the time to make a connection; see [`Config::connect_timeout`].
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        self.change(|config| config.connect_timeout(timeout))
    }

    /// Sets the policy for retries; see [`Config::retry`].
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.change(|config| config.retry(policy))
    }

    /// Allows or forbids unencrypted calls to other machines; see [`Config::allow_plain_http`].
    pub fn allow_plain_http(self, allow: bool) -> Self {
        self.change(|config| config.allow_plain_http(allow))
    }

    /// Names the calling program in the `User-Agent` header; see [`Config::user_agent`].
    pub fn user_agent(self, product: &str) -> Self {
        self.change(|config| config.user_agent(product))
    }

    /// Adds the settings of `config`, including those that have no setter here. They override
    /// earlier settings.
    pub fn config(self, config: Config) -> Self {
        self.change(|earlier| config.or(earlier))
    }

    /// Creates the client. It sends nothing yet.
    ///
    /// # Errors
    ///
    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), and names the setting
    /// or environment variable at fault.
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
