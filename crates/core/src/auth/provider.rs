//! Providers of credentials that change while a client lives: tokens that expire, keys that are
//! rotated.

use std::error::Error as StdError;

use crate::auth::credentials::Credentials;
use crate::send::transport::BoxFuture;

/// A source of credentials that change while a client lives.
///
/// A client asks its provider when the first call needs credentials, and uses them for all calls of
/// all its clones. It asks again
///
/// - when the credentials are no longer [valid](Credentials::valid_for),
/// - when they did not suffice for the call before,
/// - when a server rejects them with 401. The client then sends the rejected request once more.
///
/// Calls that need credentials at the same time share one query. It counts toward the
/// [timeout](crate::CallOptions::timeout) of the call.
///
/// [`Config::credentials`](crate::Config::credentials) fills in what the provider leaves out.
/// Operations without security do not ask the provider, and take default headers from there too.
///
/// A provider must not use its own client for calls that need credentials: they would wait for the
/// provider. Operations without security are fine, for example one that issues tokens.
///
/// ```
/// use std::time::Duration;
/// use scorekit_core::{BoxFuture, Config, CredentialProvider, Credentials, RefreshReason};
///
/// struct TokenFile(std::path::PathBuf);
///
/// impl CredentialProvider for TokenFile {
///     fn credentials(
///         &self,
///         _reason: RefreshReason,
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
    /// Returns the credentials to use from now on.
    ///
    /// # Errors
    ///
    /// Any error of the provider. The call that asked fails with its message, which must not
    /// contain a secret, and the next call asks again.
    fn credentials(
        &self,
        reason: RefreshReason,
    ) -> BoxFuture<'_, Result<Credentials, Box<dyn StdError + Send + Sync>>>;
}

/// The reason why a client asks its [`CredentialProvider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshReason {
    /// The client has no credentials of the provider yet.
    Initial,
    /// The last credentials are no longer valid, or did not suffice for a call.
    Expired,
    /// A server rejected the last credentials.
    Rejected,
}
