//! The secrets of a client, by security scheme, and the context headers that go with them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use crate::auth::datadog;
use crate::auth::dcycle;
use crate::request::encode::is_header_safe;
use crate::{Error, SecurityScheme};

/// Shorter secrets are not looked for in answers: they would match by accident.
const SHORTEST_SCRUBBED: usize = 8;

/// Less than this of a secret at the end of an answer that broke off is not looked for either.
const SHORTEST_BEGINNING: usize = 4;

/// The secrets of a client, by the name of their security scheme, and default header parameters.
///
/// A call uses the first alternative of its operation for which every secret is here; secrets that
/// no alternative asks for stay at home. `Debug` shows names, never secrets nor what the headers hold,
/// and the memory of a secret is wiped when it is dropped.
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
pub struct Credentials {
    secrets: BTreeMap<Cow<'static, str>, SecretString>,
    headers: BTreeMap<Cow<'static, str>, String>,
    pub(crate) lifetime: Option<Duration>,
}

impl Credentials {
    /// No credentials.
    pub fn new() -> Self {
        Self::default()
    }

    /// One secret for the security scheme `name` of any API document.
    ///
    /// Names are looked up across all documents of a client, so documents of different vendors
    /// should not share one.
    pub fn scheme(name: impl Into<Cow<'static, str>>, secret: impl Into<SecretString>) -> Self {
        let mut credentials = Self::new();
        credentials.secrets.insert(name.into(), secret.into());
        credentials
    }

    /// Datadog's API key and application key
    /// (<https://docs.datadoghq.com/account_management/api-app-keys/>).
    pub fn datadog_keys(
        api_key: impl Into<SecretString>,
        application_key: impl Into<SecretString>,
    ) -> Self {
        Self::scheme(datadog::API_KEY_AUTH, api_key)
            .merge(Self::scheme(datadog::APP_KEY_AUTH, application_key))
    }

    /// A Datadog access token, for operations that accept one.
    pub fn datadog_bearer(token: impl Into<SecretString>) -> Self {
        Self::scheme(datadog::AUTH_Z, token)
    }

    /// A Dcycle API key.
    pub fn dcycle_key(api_key: impl Into<SecretString>) -> Self {
        Self::scheme(dcycle::API_KEY, api_key)
    }

    /// A Dcycle access token.
    pub fn dcycle_bearer(token: impl Into<SecretString>) -> Self {
        Self::scheme(dcycle::BEARER, token)
    }

    /// Sends `id` as `x-organization-id` with every operation that lists this header.
    pub fn dcycle_organization(self, id: impl Into<String>) -> Self {
        self.default_header(dcycle::ORGANIZATION_HEADER, id)
    }

    /// Sends `id` as `x-user-id` with every operation that lists this header.
    pub fn dcycle_user(self, id: impl Into<String>) -> Self {
        self.default_header(dcycle::USER_HEADER, id)
    }

    /// Sends `value` in the header `name` with every operation whose document lists this header
    /// parameter, unless the call sets its own.
    pub fn default_header(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
    ) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// How long from now a [`CredentialProvider`](crate::CredentialProvider) vouches for them; until
    /// a server refuses them unless set. It is asked again by the first call after that, so take off
    /// what a call may take. Without a provider it has no effect.
    pub fn valid_for(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// These credentials and `other`'s; `other`'s win where both have one.
    pub fn merge(mut self, other: Self) -> Self {
        self.lifetime = other.lifetime.or(self.lifetime);
        self.secrets.extend(other.secrets);
        self.headers.extend(other.headers);
        self
    }

    /// Makes the header values, once for all calls.
    pub(crate) fn prepare(self, http: &reqwest::Client) -> Result<Keyring, Error> {
        let mut keyring = Keyring::default();
        for (scheme, secret) in self.secrets {
            keyring.keys.push(Key::new(scheme, secret, http)?);
        }
        for (name, value) in self.headers {
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|error| {
                Error::configuration(format!(
                    "Credentials::default_header: {name:?} is no header name"
                ))
                .with_source(error)
            })?;
            let value = header_value(&value).map_err(|problem| {
                Error::configuration(format!("the default header {header} {problem}"))
            })?;
            keyring.headers.push((header, value));
        }
        Ok(keyring)
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

/// Where users get the secret of a scheme from.
pub(crate) struct Origin {
    pub(crate) scheme: &'static str,
    pub(crate) variable: &'static str,
    pub(crate) setter: &'static str,
}

pub(crate) fn origins() -> impl Iterator<Item = &'static Origin> {
    datadog::ORIGINS.iter().chain(dcycle::ORIGINS)
}

/// The environment variable of a scheme, if it has one.
pub(crate) fn variable_of(scheme: &str) -> Option<&'static str> {
    origins()
        .find(|origin| origin.scheme == scheme)
        .map(|origin| origin.variable)
}

/// How a user supplies the secret of a scheme.
fn supply(scheme: &str) -> String {
    match origins().find(|origin| origin.scheme == scheme) {
        Some(Origin {
            variable, setter, ..
        }) => format!("{scheme} ({variable} or {setter})"),
        None => format!("{scheme} (Credentials::scheme)"),
    }
}

/// The credentials of a client, ready to be sent.
#[derive(Default)]
pub(crate) struct Keyring {
    keys: Vec<Key>,
    /// Secrets that were in use before these, and which a server may still echo.
    retired: Vec<SecretString>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// One secret in every form that a request may carry it in.
pub(crate) struct Key {
    scheme: Cow<'static, str>,
    pub(crate) secret: SecretString,
    pub(crate) plain: HeaderValue,
    pub(crate) bearer: HeaderValue,
    /// Only of a secret of the form `user:password`.
    pub(crate) basic: Option<HeaderValue>,
}

/// The alternative that a call uses: each scheme with its key.
pub(crate) type Alternative<'a> = Vec<(&'static SecurityScheme, &'a Key)>;

impl Keyring {
    /// The first alternative of which every key is here; one without keys only if there is no other.
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
                "credentials are missing, nothing was sent; supply {}",
                missing.join(", or instead ")
            ))
        })
    }

    /// Hides the secrets of `old`, too.
    pub(crate) fn remember(&mut self, old: &Self) {
        self.retired = old.keys.iter().map(|key| key.secret.clone()).collect();
    }

    fn key(&self, scheme: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.scheme == scheme)
    }

    /// Replaces every secret within `text` by asterisks of the same length, so that offsets into it
    /// stay true. A secret is found as it is, as JSON, a URL or HTML escapes it, and as Basic encodes
    /// it; at the end of `text`, its beginning is found as well, for the rest may have been cut off.
    pub(crate) fn scrub(&self, text: &mut [u8]) {
        let secrets = self.keys.iter().map(|key| &key.secret);
        for secret in secrets.chain(&self.retired) {
            scrub_one(text, secret.expose_secret().as_bytes());
        }
        let encoded = self.keys.iter().filter_map(|key| key.basic.as_ref());
        for basic in encoded {
            scrub_one(
                text,
                basic.as_bytes().strip_prefix(b"Basic ").unwrap_or_default(),
            );
        }
    }

    /// [`scrub`](Keyring::scrub) for the headers of an answer.
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

    /// [`scrub`](Keyring::scrub) for a message.
    pub(crate) fn scrub_text(&self, text: String) -> String {
        let mut bytes = text.into_bytes();
        self.scrub(&mut bytes);
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

fn scrub_one(text: &mut [u8], secret: &[u8]) {
    if secret.len() < SHORTEST_SCRUBBED {
        return;
    }
    let mut position = 0;
    while let Some(rest) = text.get_mut(position..).filter(|rest| !rest.is_empty()) {
        match echo_length(rest, secret).and_then(|length| rest.get_mut(..length)) {
            Some(echo) => {
                echo.fill(b'*');
                position += echo.len();
            }
            None => position += 1,
        }
    }
}

/// How much of the start of `text` is `secret`, in whatever way its characters are escaped.
fn echo_length(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut length = 0;
    for (count, byte) in secret.iter().enumerate() {
        let rest = text.get(length..)?;
        if rest.is_empty() {
            return (count >= SHORTEST_BEGINNING).then_some(length);
        }
        length += character_length(rest, *byte)?;
    }
    Some(length)
}

/// How many bytes of the start of `text` stand for `character`, if they do.
fn character_length(text: &[u8], character: u8) -> Option<usize> {
    let is_number = |digits: Option<&[u8]>, radix| {
        let digits = std::str::from_utf8(digits.unwrap_or_default()).unwrap_or_default();
        u32::from_str_radix(digits, radix) == Ok(character.into())
    };
    match text {
        [first, ..] if *first == character => Some(match entity(text) {
            // An ampersand that is written as HTML.
            Some(name @ b"amp") => name.len() + 2,
            _ => 1,
        }),
        [b'\\', b'u', digits @ ..] if is_number(digits.get(..4), 16) => Some(6),
        [b'\\', escaped, ..] if *escaped == character => Some(2),
        [b'%', digits @ ..] if is_number(digits.get(..2), 16) => Some(3),
        [b'&', ..] => {
            let name = entity(text)?;
            let is_character = match name {
                [b'#', b'x' | b'X', digits @ ..] => is_number(Some(digits), 16),
                [b'#', digits @ ..] => is_number(Some(digits), 10),
                b"lt" => character == b'<',
                b"gt" => character == b'>',
                b"quot" => character == b'"',
                b"apos" => character == b'\'',
                _ => false,
            };
            is_character.then_some(name.len() + 2)
        }
        _ => None,
    }
}

/// What stands between `&` and `;` at the start of `text`.
fn entity(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"&")?;
    let end = rest.iter().take(8).position(|byte| *byte == b';')?;
    rest.get(..end)
}

/// Names the schemes alone.
impl fmt::Debug for Keyring {
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
    fn new(
        scheme: Cow<'static, str>,
        secret: SecretString,
        http: &reqwest::Client,
    ) -> Result<Self, Error> {
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
            basic: basic(text, http),
            plain,
            bearer,
            scheme,
            secret,
        })
    }
}

/// The `Basic` form of `user:password`, which reqwest can write without a dependency of ours.
fn basic(secret: &str, http: &reqwest::Client) -> Option<HeaderValue> {
    let (user, password) = secret.split_once(':')?;
    let request = http
        .get("https://localhost/")
        .basic_auth(user, Some(password))
        .build()
        .ok()?;
    request.headers().get(AUTHORIZATION).cloned()
}

/// What is wrong with a secret, as the end of a sentence that never shows it.
pub(crate) fn check_secret(secret: &str) -> Result<(), &'static str> {
    if secret.is_empty() {
        Err("is empty; supply the secret or leave the setting out")
    } else if !is_header_safe(secret) {
        Err(
            "holds a line break or another control character; remove it (a file that a secret was \
             read from often ends in a line break)",
        )
    } else {
        Ok(())
    }
}

/// A header value of a parameter, or what is wrong with it as the end of a sentence.
pub(crate) fn header_value(text: &str) -> Result<HeaderValue, &'static str> {
    if !is_header_safe(text) {
        return Err("holds a line break or another control character; remove it");
    }
    HeaderValue::from_str(text).map_err(|_| "cannot be sent in a header")
}
