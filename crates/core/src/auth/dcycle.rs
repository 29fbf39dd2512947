//! The names under which Dcycle's document knows its server, credentials and context headers.

use crate::auth::credentials::Origin;

/// The name of Dcycle's server; [`Config::server_url`](crate::Config::server_url) takes it.
pub const SERVER: &str = "dcycle";

/// The security scheme of the API key.
pub const API_KEY: &str = "dcycleApiKey";

/// The security scheme of an access token, which stands in for the API key.
pub const BEARER: &str = "dcycleBearer";

/// The header that names the organization a call is made for.
pub const ORGANIZATION_HEADER: &str = "x-organization-id";

/// The header that names the user a call is made for.
pub const USER_HEADER: &str = "x-user-id";

/// Where users get each credential from.
pub(crate) const ORIGINS: &[Origin] = &[
    Origin {
        scheme: API_KEY,
        variable: "DCYCLE_API_KEY",
        setter: "Credentials::dcycle_key",
    },
    Origin {
        scheme: BEARER,
        variable: "DCYCLE_BEARER_TOKEN",
        setter: "Credentials::dcycle_bearer",
    },
];
