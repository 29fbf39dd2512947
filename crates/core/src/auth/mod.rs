//! Credentials: which ones a client has, when a rotating one is asked for, and the names that each
//! vendor gives them.

pub(crate) mod credentials;
pub mod datadog;
pub mod dcycle;
pub(crate) mod provider;
