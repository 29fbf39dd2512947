//! The secrets of a client, by security scheme, and the context headers that go with them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::auth::scrub::{Runs, scrub};
use crate::auth::source::CredentialSource;
use crate::auth::{datadog, dcycle};
use crate::request::encode::is_header_safe;
use crate::{Error, Operation, SecurityScheme};

/// The secrets of a client, by the name of their security scheme, and its default header
/// parameters.
///
/// A call sends the secrets of the first alternative of its operation that is complete, and no
/// others. `Debug` shows the names of schemes and headers, never secrets or header values. The
/// memory of a secret is wiped when it is dropped.
///
/// ```
/// use scorekit_core::{Config, Credentials};
///
/// let config = Config::new()
///     .credentials(Credentials::datadog_keys("api key", "application key"))
///     .credentials(Credentials::dcycle_key("key").dcycle_organization("org-1"));
/// assert!(!format!("{config:?}").contains("application key"));
/// ```
#[derive(Clone, Default)]
#[must_use = "credentials do nothing until they are given to a client"]
#[doc(alias = "token")]
#[doc(alias = "authentication")]
pub struct Credentials {
    secrets: BTreeMap<Cow<'static, str>, SecretString>,
    headers: BTreeMap<Cow<'static, str>, String>,
    pub(crate) lifetime: Option<Duration>,
}

impl Credentials {
    /// Creates an empty set of credentials.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates credentials with the secret of the security scheme `name` of any API document.
    ///
    /// All documents of a client share one set of names, so documents of different vendors should
    /// not use the same name.
    pub fn scheme(name: impl Into<Cow<'static, str>>, secret: impl Into<SecretString>) -> Self {
        let mut credentials = Self::new();
        credentials.secrets.insert(name.into(), secret.into());
        credentials
    }

    /// Creates credentials with Datadog's API key and application key
    /// (<https://docs.datadoghq.com/account_management/api-app-keys/>).
    pub fn datadog_keys(
        api_key: impl Into<SecretString>,
        application_key: impl Into<SecretString>,
    ) -> Self {
        Self::scheme(datadog::API_KEY_AUTH, api_key)
            .merge(Self::scheme(datadog::APP_KEY_AUTH, application_key))
    }

    /// Creates credentials with a Datadog access token, for operations that accept one.
    pub fn datadog_bearer(token: impl Into<SecretString>) -> Self {
        Self::scheme(datadog::AUTH_Z, token)
    }

    /// Creates credentials with a Dcycle API key.
    pub fn dcycle_key(api_key: impl Into<SecretString>) -> Self {
        Self::scheme(dcycle::API_KEY, api_key)
    }

    /// Creates credentials with a Dcycle access token.
    pub fn dcycle_bearer(token: impl Into<SecretString>) -> Self {
        Self::scheme(dcycle::BEARER, token)
    }

    /// Sets the header `x-organization-id` of every operation that lists this header.
    pub fn dcycle_organization(self, id: impl Into<String>) -> Self {
        self.default_header(dcycle::ORGANIZATION_HEADER, id)
    }

    /// Sets the header `x-user-id` of every operation that lists this header.
    pub fn dcycle_user(self, id: impl Into<String>) -> Self {
        self.default_header(dcycle::USER_HEADER, id)
    }

    /// Sets the header `name` of every operation that lists this header parameter. A call can
    /// replace it by a value of its own.
    pub fn default_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// Sets the time for which credentials of a [`CredentialProvider`](crate::CredentialProvider)
    /// are valid, from now; by default, they are valid until a server rejects them.
    ///
    /// The first call after that time asks the provider again, so subtract the time that a call may
    /// take. Credentials that no provider returned ignore this setting.
    pub fn valid_for(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Adds the credentials of `other`, which win where both have a secret or header.
    pub fn merge(mut self, other: Self) -> Self {
        self.lifetime = other.lifetime.or(self.lifetime);
        self.secrets.extend(other.secrets);
        self.headers.extend(other.headers);
        self
    }

    /// Creates the header values, once for all calls. `others` are further secrets that no text may
    /// show.
    pub(crate) fn resolve(self, others: &[SecretString]) -> Result<ResolvedCredentials, Error> {
        let mut keys = Vec::new();
        for (scheme, secret) in self.secrets {
            keys.push(Key::new(scheme, secret)?);
        }
        let secrets = keys.iter().map(|key| key.secret.expose_secret());
        let encoded = keys.iter().filter_map(Key::encoded);
        let others = others.iter().map(ExposeSecret::expose_secret);
        let runs = Runs::new(secrets.chain(encoded).chain(others));
        let mut resolved = ResolvedCredentials {
            keys,
            runs: Arc::new(runs),
            retired: None,
            headers: Vec::new(),
        };
        for (name, value) in self.headers {
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|error| {
                Error::configuration(format!(
                    "Credentials::default_header: {name:?} is not a header name"
                ))
                .with_source(error)
            })?;
            let value = header_value(&value).map_err(|problem| {
                Error::configuration(format!("the default header {header} {problem}"))
            })?;
            resolved.headers.push((header, value));
        }
        Ok(resolved)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("schemes", &self.secrets.keys().collect::<Vec<_>>())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// Returns the sources of all credentials that the runtime knows by name.
pub(crate) fn sources() -> impl Iterator<Item = &'static CredentialSource> {
    datadog::SOURCES.iter().chain(dcycle::SOURCES)
}

/// Returns the environment variable of a scheme, if it has one.
pub(crate) fn variable_of(scheme: &str) -> Option<&'static str> {
    sources()
        .find(|source| source.scheme == scheme)
        .map(|source| source.variable)
}

/// Says how a user supplies the secret of a scheme.
fn supply(scheme: &str) -> String {
    match sources().find(|source| source.scheme == scheme) {
        Some(CredentialSource {
            variable, setter, ..
        }) => format!("{scheme} ({variable} or {setter})"),
        None => format!("{scheme} (Credentials::scheme)"),
    }
}

/// The credentials of a client as header values, ready to be sent.
pub(crate) struct ResolvedCredentials {
    keys: Vec<Key>,
    /// The parts of all secrets, which texts must not show.
    runs: Arc<Runs>,
    /// Those of the secrets that were in use before these, which a server may still echo.
    retired: Option<Arc<Runs>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A secret in every form that a request may carry.
pub(crate) struct Key {
    scheme: Cow<'static, str>,
    pub(crate) secret: SecretString,
    pub(crate) plain: HeaderValue,
    pub(crate) bearer: HeaderValue,
    /// `None` unless the secret has the form `user:password`.
    pub(crate) basic: Option<HeaderValue>,
}

/// The security schemes of a call, each with its key.
pub(crate) type Alternative<'a> = Vec<(&'static SecurityScheme, &'a Key)>;

impl ResolvedCredentials {
    /// Returns the first alternative that is complete. One that needs no keys comes last.
    pub(crate) fn choose(
        &self,
        alternatives: &'static [&'static [&'static SecurityScheme]],
    ) -> Result<Alternative<'_>, Error> {
        if alternatives.is_empty() {
            return Ok(Vec::new());
        }
        let complete = |with_keys: bool| {
            let mut alternatives = alternatives.iter();
            alternatives.find_map(|schemes| {
                let keys = schemes
                    .iter()
                    .map(|scheme| Some((*scheme, self.key(scheme.name)?)));
                keys.collect::<Option<Alternative<'_>>>()
                    .filter(|keys| keys.is_empty() != with_keys)
            })
        };
        complete(true).or_else(|| complete(false)).ok_or_else(|| {
            let missing: Vec<String> = alternatives
                .iter()
                .map(|schemes| {
                    schemes
                        .iter()
                        .filter(|scheme| self.key(scheme.name).is_none())
                        .map(|scheme| supply(scheme.name))
                        .collect::<Vec<_>>()
                        .join(" and ")
                })
                .collect();
            Error::configuration(format!(
                "cannot send the request: credentials are missing; supply {}",
                missing.join(", or instead ")
            ))
        })
    }

    /// Scrubs the secrets of `old` as well.
    pub(crate) fn also_scrub(&mut self, old: &Self) {
        self.retired = Some(Arc::clone(&old.runs));
    }

    /// Returns the default headers that an operation lists.
    pub(crate) fn default_headers(
        &self,
        operation: &Operation,
    ) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        let listed = operation.headers;
        let is_listed = move |name: &str| listed.iter().any(|it| it.eq_ignore_ascii_case(name));
        let all = self.headers.iter();
        all.filter(move |(name, _)| is_listed(name.as_str()))
    }

    fn key(&self, scheme: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.scheme == scheme)
    }

    /// Replaces every part of a secret within `text` by asterisks of the same length, so that
    /// offsets into it stay valid.
    ///
    /// A part is a run of eight characters or more, in any case. It may be unchanged, escaped for
    /// JSON, URLs, forms or HTML, or encoded by the Basic scheme. Where `text` is cut off, the
    /// beginning of a secret is replaced from four characters on.
    pub(crate) fn scrub(&self, text: &mut [u8]) {
        match &self.retired {
            Some(retired) => scrub(text, &[&self.runs, retired]),
            None => scrub(text, &[&self.runs]),
        }
    }

    /// Does the same as [`scrub`](ResolvedCredentials::scrub) for the headers of a response.
    pub(crate) fn scrub_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            let mut bytes = value.as_bytes().to_vec();
            self.scrub(&mut bytes);
            if bytes != value.as_bytes()
                && let Ok(scrubbed) = HeaderValue::from_bytes(&bytes)
            {
                *value = scrubbed;
            }
        }
    }

    /// Does the same as [`scrub`](ResolvedCredentials::scrub) for a message.
    pub(crate) fn scrub_text(&self, text: String) -> String {
        let mut bytes = text.into_bytes();
        self.scrub(&mut bytes);
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

/// Shows the names of schemes and headers, never their values.
impl fmt::Debug for ResolvedCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schemes: Vec<_> = self.keys.iter().map(|key| &key.scheme).collect();
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        formatter
            .debug_struct("Credentials")
            .field("schemes", &schemes)
            .field("headers", &headers)
            .finish()
    }
}

impl Key {
    /// Returns what the `Basic` form of the secret shows of it.
    fn encoded(&self) -> Option<&str> {
        self.basic.as_ref()?.to_str().ok()?.strip_prefix("Basic ")
    }

    fn new(scheme: Cow<'static, str>, secret: SecretString) -> Result<Self, Error> {
        let text = secret.expose_secret();
        if let Err(problem) = check_secret(text) {
            return Err(Error::configuration(format!(
                "the secret of {} {problem}",
                supply(&scheme)
            )));
        }
        let sensitive = |text: &str| match HeaderValue::from_str(text) {
            Ok(mut value) => {
                value.set_sensitive(true);
                Ok(value)
            }
            Err(error) => Err(Error::configuration(format!(
                "the secret of {} cannot be sent in a header",
                supply(&scheme)
            ))
            .with_source(error)),
        };
        let plain = sensitive(text)?;
        let bearer = sensitive(&format!("Bearer {text}"))?;
        Ok(Self {
            basic: basic(text),
            plain,
            bearer,
            scheme,
            secret,
        })
    }
}

/// Returns the `Basic` form of `user:password`.
fn basic(secret: &str) -> Option<HeaderValue> {
    if !secret.contains(':') {
        return None;
    }
    let value = format!("Basic {}", BASE64_STANDARD.encode(secret));
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Checks a secret. The problem is the end of a sentence and never shows the secret.
pub(crate) fn check_secret(secret: &str) -> Result<(), &'static str> {
    if secret.is_empty() {
        Err("is empty; supply the secret, or leave the setting out")
    } else if !is_header_safe(secret) {
        Err(
            "contains a line break or another control character; remove it (a file with a secret \
             often ends in a line break)",
        )
    } else if secret.trim().is_empty() {
        Err("is blank; supply the secret, or leave the setting out")
    } else if secret.trim() != secret {
        // HTTP would leave it out, so that the server gets another secret than the client knows.
        Err("begins or ends with white space; remove it")
    } else {
        Ok(())
    }
}

/// Creates a header value. The problem is the end of a sentence.
pub(crate) fn header_value(text: &str) -> Result<HeaderValue, &'static str> {
    if !is_header_safe(text) {
        return Err("contains a line break or another control character; remove it");
    }
    HeaderValue::from_str(text).map_err(|_| "cannot be sent in a header")
}
