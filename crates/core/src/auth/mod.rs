//! Credentials: the secrets of a client, the provider of those that change, and the names that each
//! vendor gives them.

pub(crate) mod cache;
pub(crate) mod credentials;
pub mod datadog;
pub mod dcycle;
pub(crate) mod provider;
pub(crate) mod scrub;
pub(crate) mod source;
