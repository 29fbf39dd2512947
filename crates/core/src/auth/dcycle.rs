//! The names of the server, credentials and context headers in Dcycle's document.

use crate::auth::source::CredentialSource;

/// The name of Dcycle's server; [`Config::server_url`](crate::Config::server_url) takes it.
pub const SERVER: &str = "dcycle";

/// The security scheme of the API key.
pub const API_KEY: &str = "dcycleApiKey";

/// The security scheme of an access token, which replaces the API key.
pub const BEARER: &str = "dcycleBearer";

/// The header that names the organization of a call.
pub const ORGANIZATION_HEADER: &str = "x-organization-id";

/// The header that names the user of a call.
pub const USER_HEADER: &str = "x-user-id";

/// The source of each credential.
pub(crate) const SOURCES: &[CredentialSource] = &[
    CredentialSource {
        scheme: API_KEY,
        variable: "DCYCLE_API_KEY",
        setter: "Credentials::dcycle_key",
    },
    CredentialSource {
        scheme: BEARER,
        variable: "DCYCLE_BEARER_TOKEN",
        setter: "Credentials::dcycle_bearer",
    },
];
