//! The sources of secrets: an environment variable and a setter for each security scheme.

/// The ways for a user to supply the secret of a security scheme.
pub(crate) struct CredentialSource {
    pub(crate) scheme: &'static str,
    pub(crate) variable: &'static str,
    pub(crate) setter: &'static str,
}
