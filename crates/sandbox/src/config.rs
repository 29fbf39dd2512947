//! The address and the keys of a sandbox, for clients and scripts.

use serde_json::{Map, Value, json};

use crate::request::Credentials;

/// The address and the keys of a sandbox; see [`Sandbox::config`](crate::Sandbox::config).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SandboxConfig {
    /// The base URL, such as `http://127.0.0.1:8080`.
    pub url: String,
    /// The credentials that the sandbox accepts.
    pub credentials: Credentials,
}

impl SandboxConfig {
    /// Creates the configuration of the sandbox at a base URL.
    pub(crate) fn new(url: String) -> Self {
        Self {
            url,
            credentials: Credentials::SANDBOX,
        }
    }

    /// Returns the environment variables that lead a scorekit client to the sandbox, with their
    /// values.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, &str); 4] {
        [
            ("SCOREKIT_BASE_URL", &self.url),
            ("DD_API_KEY", self.credentials.api_key),
            ("DD_APP_KEY", self.credentials.application_key),
            ("DCYCLE_API_KEY", self.credentials.dcycle_api_key),
        ]
    }

    /// Returns the value of one of the [`variables`](Self::variables); `None` for all other names.
    ///
    /// A client's configuration can be made of it:
    /// `Config::from_variables(|name| config.get(name))`.
    #[must_use]
    pub fn get(&self, variable: &str) -> Option<String> {
        let variables = self.variables();
        let mut found = variables.iter().filter(|(name, _)| *name == variable);
        found.next().map(|(_, value)| (*value).to_owned())
    }

    /// Returns the configuration as JSON: `url`, `api_key`, `application_key`, `bearer_token`,
    /// `dcycle_api_key`, and the object `variables`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let variables = self.variables();
        let variables = variables.map(|(name, value)| (name.to_owned(), Value::from(value)));
        json!({
            "url": self.url,
            "api_key": self.credentials.api_key,
            "application_key": self.credentials.application_key,
            "bearer_token": self.credentials.bearer_token,
            "dcycle_api_key": self.credentials.dcycle_api_key,
            "variables": Map::from_iter(variables),
        })
    }
}
