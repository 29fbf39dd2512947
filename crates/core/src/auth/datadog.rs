//! The names under which Datadog's documents know their server and credentials.
//!
//! Source: the `securitySchemes` and `servers` of Datadog's published OpenAPI document,
//! <https://docs.datadoghq.com/api/latest/authentication/>.

use crate::auth::credentials::Origin;

/// The name of Datadog's server; [`Config::server_url`](crate::Config::server_url) takes it.
pub const SERVER: &str = "datadog";

/// The variable of [`SERVER`]'s address that [`Config::site`](crate::Config::site) fills in.
pub(crate) const SITE_VARIABLE: &str = "site";

/// The security scheme of the API key, which identifies the organization.
pub const API_KEY_AUTH: &str = "apiKeyAuth";

/// The security scheme of the application key, which identifies the user or service account.
pub const APP_KEY_AUTH: &str = "appKeyAuth";

/// The security scheme of an access token, which stands in for both keys.
pub const AUTH_Z: &str = "AuthZ";

/// Where users get each credential from.
pub(crate) const ORIGINS: &[Origin] = &[
    Origin {
        scheme: API_KEY_AUTH,
        variable: "DD_API_KEY",
        setter: "Credentials::datadog_keys",
    },
    Origin {
        scheme: APP_KEY_AUTH,
        variable: "DD_APP_KEY",
        setter: "Credentials::datadog_keys",
    },
    Origin {
        scheme: AUTH_Z,
        variable: "DD_BEARER_TOKEN",
        setter: "Credentials::datadog_bearer",
    },
];
