//! Caches the credentials of a client, and asks the provider for new ones when they are needed.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::Error;
use crate::auth::credentials::{Credentials, ResolvedCredentials};
use crate::auth::provider::{CredentialProvider, RefreshReason};
use crate::error::excerpt::{LONGEST_MESSAGE, LONGEST_SAID};
use crate::request::encode::{bounded, one_line};

/// The credentials of a client: fixed ones, and those of a provider.
pub(crate) struct CredentialCache {
    fixed: Credentials,
    /// Secrets of other settings.
    others: Vec<SecretString>,
    resolved: Arc<ResolvedCredentials>,
    provider: Option<Arc<dyn CredentialProvider>>,
    /// Locked while the provider is asked, so that other calls wait for its result.
    provided: Mutex<Option<Provided>>,
}

struct Provided {
    credentials: Arc<ResolvedCredentials>,
    expires: Option<Instant>,
}

impl CredentialCache {
    pub(crate) fn new(
        fixed: Credentials,
        provider: Option<Arc<dyn CredentialProvider>>,
        others: Vec<SecretString>,
    ) -> Result<Self, Error> {
        Ok(Self {
            resolved: Arc::new(fixed.clone().resolve(&others)?),
            fixed,
            others,
            provider,
            provided: Mutex::new(None),
        })
    }

    /// Returns the credentials that need no provider.
    pub(crate) fn fixed(&self) -> Arc<ResolvedCredentials> {
        Arc::clone(&self.resolved)
    }

    /// Returns the credentials that calls use at present, without a wait.
    pub(crate) fn latest(&self) -> Arc<ResolvedCredentials> {
        match self.provided.try_lock().as_deref() {
            Ok(Some(provided)) => Arc::clone(&provided.credentials),
            _ => self.fixed(),
        }
    }

    /// Returns the credentials to use. `rejected` are those that a server has just rejected.
    pub(crate) async fn get(
        &self,
        rejected: Option<&Arc<ResolvedCredentials>>,
    ) -> Result<Arc<ResolvedCredentials>, Error> {
        let Some(provider) = &self.provider else {
            return Ok(self.fixed());
        };
        let mut provided = self.provided.lock().await;
        let reason = match &*provided {
            None => RefreshReason::Initial,
            Some(known) if rejected.is_some_and(|old| Arc::ptr_eq(old, &known.credentials)) => {
                RefreshReason::Rejected
            }
            Some(known) if known.expires.is_some_and(|end| end <= Instant::now()) => {
                RefreshReason::Expired
            }
            Some(known) => return Ok(Arc::clone(&known.credentials)),
        };
        let old = provided.as_ref().map(|known| &known.credentials);
        let new = provider.credentials(reason).await.map_err(|error| {
            let message = bounded(&error, LONGEST_SAID);
            let message = old.unwrap_or(&self.resolved).scrub_text(message);
            let message = one_line(&message, LONGEST_MESSAGE);
            Error::configuration(format!(
                "cannot get credentials from the provider: {message}"
            ))
        })?;
        let expires = new
            .lifetime
            .and_then(|lifetime| Instant::now().checked_add(lifetime));
        let mut credentials = self.fixed.clone().merge(new).resolve(&self.others)?;
        if let Some(old) = old {
            credentials.also_scrub(old);
        }
        let credentials = Arc::new(credentials);
        *provided = Some(Provided {
            credentials: Arc::clone(&credentials),
            expires,
        });
        Ok(credentials)
    }

    /// Makes the next call ask the provider again, if these are its last credentials.
    pub(crate) async fn expire(&self, credentials: &Arc<ResolvedCredentials>) {
        if let Some(known) = &mut *self.provided.lock().await
            && Arc::ptr_eq(&known.credentials, credentials)
        {
            known.expires = Some(Instant::now());
        }
    }

    /// Returns true if the provider may return other credentials later.
    pub(crate) fn may_change(&self) -> bool {
        self.provider.is_some()
    }
}

impl fmt::Debug for CredentialCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CredentialCache")
            .field("fixed", &self.fixed)
            .field("provider", &self.provider.is_some())
            .finish_non_exhaustive()
    }
}
