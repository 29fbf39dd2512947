//! The names of the server and credentials in Datadog's documents.
//!
//! Source: the `securitySchemes` and `servers` of Datadog's published OpenAPI document,
//! <https://docs.datadoghq.com/api/latest/authentication/>.

use crate::auth::source::CredentialSource;

/// The name of Datadog's server; [`Config::server_url`](crate::Config::server_url) takes it.
pub const SERVER: &str = "datadog";

/// The variable of [`SERVER`]'s address that [`Config::site`](crate::Config::site) fills in.
pub(crate) const SITE_VARIABLE: &str = "site";

/// The security scheme of the API key, which identifies the organization.
pub const API_KEY_AUTH: &str = "apiKeyAuth";

/// The security scheme of the application key, which identifies the user or service account.
pub const APP_KEY_AUTH: &str = "appKeyAuth";

/// The security scheme of an access token, which replaces both keys.
pub const AUTH_Z: &str = "AuthZ";

/// The source of each credential.
pub(crate) const SOURCES: &[CredentialSource] = &[
    CredentialSource {
        scheme: API_KEY_AUTH,
        variable: "DD_API_KEY",
        setter: "Credentials::datadog_keys",
    },
    CredentialSource {
        scheme: APP_KEY_AUTH,
        variable: "DD_APP_KEY",
        setter: "Credentials::datadog_keys",
    },
    CredentialSource {
        scheme: AUTH_Z,
        variable: "DD_BEARER_TOKEN",
        setter: "Credentials::datadog_bearer",
    },
];
