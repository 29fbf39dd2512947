//! Credentials that change while a client lives: tokens that expire, keys that are rotated.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::auth::credentials::Keyring;
use crate::request::encode::one_line;
use crate::send::transport::BoxFuture;
use crate::{Credentials, Error};

/// The longest message of a provider that an error repeats, in characters.
const LONGEST_MESSAGE: usize = 300;

/// Supplies credentials that change while a client lives.
///
/// A client asks once, when the first call needs credentials, and uses the answer for all calls of
/// all its clones. It asks again when that is no longer [valid](Credentials::valid_for) or was not
/// enough for the call before, and when a server refuses it with 401: then the refused request is
/// sent once more, with what the provider says now. Calls that need an answer at the same time share one. Asking counts toward the
/// [timeout](crate::CallOptions::timeout) of the call.
///
/// What the provider leaves out is taken from [`Config::credentials`](crate::Config::credentials).
/// Operations without security take everything from there, their default headers too, and do not
/// ask.
///
/// A provider must not make calls of its own client that need credentials: they would wait for it.
/// Those of operations without security are fine, such as one that gives out tokens.
///
/// ```
/// use std::time::Duration;
/// use scorekit_core::{BoxFuture, Config, CredentialProvider, Credentials, Occasion};
///
/// struct TokenFile(std::path::PathBuf);
///
/// impl CredentialProvider for TokenFile {
///     fn credentials(
///         &self,
///         _occasion: Occasion,
///     ) -> BoxFuture<'_, Result<Credentials, Box<dyn std::error::Error + Send + Sync>>> {
///         Box::pin(async {
///             let token = std::fs::read_to_string(&self.0)?;
///             let credentials = Credentials::datadog_bearer(token.trim());
///             Ok(credentials.valid_for(Duration::from_secs(300)))
///         })
///     }
/// }
///
/// let config = Config::new().credential_provider(TokenFile("/run/secrets/token".into()));
/// ```
pub trait CredentialProvider: Send + Sync + 'static {
    /// The credentials to use from now on.
    ///
    /// # Errors
    ///
    /// Whatever keeps the provider from knowing. The call that asked fails, and the next one asks
    /// again. Its text becomes part of the error of the call and should hold no secret.
    fn credentials(
        &self,
        occasion: Occasion,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn StdError + Send + Sync>>>;
}

/// Why a [`CredentialProvider`] is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Occasion {
    /// Nothing is known yet.
    First,
    /// What it said last is no longer valid, or was not enough for a call.
    Expired,
    /// A server refused what it said last.
    Refused,
}

/// The credentials of a client: fixed ones, and a provider's.
pub(crate) struct Vault {
    fixed: Credentials,
    fixed_keyring: Arc<Keyring>,
    provider: Option<Arc<dyn CredentialProvider>>,
    /// Locked while the provider is asked, so that others wait for its answer.
    provided: Mutex<Option<Provided>>,
    http: reqwest::Client,
}

struct Provided {
    keyring: Arc<Keyring>,
    expires: Option<Instant>,
}

impl Vault {
    pub(crate) fn new(
        fixed: Credentials,
        provider: Option<Arc<dyn CredentialProvider>>,
        http: reqwest::Client,
    ) -> Result<Self, Error> {
        Ok(Self {
            fixed_keyring: Arc::new(fixed.clone().prepare(&http)?),
            fixed,
            provider,
            provided: Mutex::new(None),
            http,
        })
    }

    /// The credentials that need no provider.
    pub(crate) fn fixed(&self) -> Arc<Keyring> {
        Arc::clone(&self.fixed_keyring)
    }

    /// The credentials to use. `refused` are those that a server has just refused.
    pub(crate) async fn keyring(
        &self,
        refused: Option<&Arc<Keyring>>,
    ) -> Result<Arc<Keyring>, Error> {
        let Some(provider) = &self.provider else {
            return Ok(self.fixed());
        };
        let mut provided = self.provided.lock().await;
        let occasion = match &*provided {
            None => Occasion::First,
            Some(known) if refused.is_some_and(|old| Arc::ptr_eq(old, &known.keyring)) => {
                Occasion::Refused
            }
            Some(known) if known.expires.is_some_and(|end| end <= Instant::now()) => {
                Occasion::Expired
            }
            Some(known) => return Ok(Arc::clone(&known.keyring)),
        };
        let old = provided.as_ref().map(|known| &known.keyring);
        let answer = provider.credentials(occasion).await.map_err(|error| {
            let said = one_line(&error.to_string(), LONGEST_MESSAGE);
            let said = old.unwrap_or(&self.fixed_keyring).scrub_text(said);
            Error::configuration(format!("the credential provider failed: {said}"))
        })?;
        let expires = answer
            .lifetime
            .and_then(|lifetime| Instant::now().checked_add(lifetime));
        let mut keyring = self.fixed.clone().merge(answer).prepare(&self.http)?;
        if let Some(old) = old {
            keyring.remember(old);
        }
        let keyring = Arc::new(keyring);
        *provided = Some(Provided {
            keyring: Arc::clone(&keyring),
            expires,
        });
        Ok(keyring)
    }

    /// Has the provider asked again for the next call, if these are what it said last.
    pub(crate) async fn expire(&self, keyring: &Arc<Keyring>) {
        if let Some(known) = &mut *self.provided.lock().await
            && Arc::ptr_eq(&known.keyring, keyring)
        {
            known.expires = Some(Instant::now());
        }
    }

    /// Whether asking again may give other credentials.
    pub(crate) fn may_change(&self) -> bool {
        self.provider.is_some()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("fixed", &self.fixed)
            .field("provider", &self.provider.is_some())
            .finish_non_exhaustive()
    }
}
