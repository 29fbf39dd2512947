//! Who is let in: the credentials that the sandbox accepts and the check of an operation's `security`.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::errors::{ApiError, Problem, Reason, Source};

/// What a client has to present to a [`Sandbox`](crate::Sandbox). The values are fixed and no secrets: they
/// open nothing but sandboxes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Credentials {
    /// Datadog's API key, sent as `DD-API-KEY`.
    pub api_key: &'static str,
    /// Datadog's application key, sent as `DD-APPLICATION-KEY`.
    pub application_key: &'static str,
    /// The token of an OAuth app (Datadog) or a login (Dcycle), sent as `Authorization: Bearer`.
    pub bearer_token: &'static str,
    /// Dcycle's API key, sent as `x-api-key`.
    pub dcycle_api_key: &'static str,
}

impl Credentials {
    /// The credentials of every sandbox.
    pub const SANDBOX: Self = Self {
        api_key: "sandbox-api-key",
        application_key: "sandbox-application-key",
        bearer_token: "sandbox-bearer-token",
        dcycle_api_key: "sandbox-dcycle-api-key",
    };

    /// The key accepted in a header; a header that a later document adds takes Datadog's API key.
    fn key_for(&self, header: &str) -> &'static str {
        match header.to_ascii_lowercase().as_str() {
            "dd-application-key" => self.application_key,
            "x-api-key" => self.dcycle_api_key,
            _ => self.api_key,
        }
    }
}

/// One way to authenticate: every scheme in it has to be satisfied.
pub(crate) struct Requirement {
    pub(crate) schemes: Vec<Scheme>,
}

/// One credential that a request can carry.
pub(crate) enum Scheme {
    /// A key in a header of this name.
    Header(String),
    /// `Authorization: Bearer`.
    Bearer,
}

impl Scheme {
    fn header(&self) -> &str {
        match self {
            Self::Header(name) => name,
            Self::Bearer => "Authorization",
        }
    }

    /// What is wrong with the credential of a request, if anything.
    fn failure(&self, headers: &HeaderMap) -> Option<String> {
        let credentials = Credentials::SANDBOX;
        let (sent, expected) = match self {
            Self::Header(name) => (headers.get(name), credentials.key_for(name).to_owned()),
            Self::Bearer => (
                headers.get(AUTHORIZATION),
                format!("Bearer {}", credentials.bearer_token),
            ),
        };
        match sent {
            Some(sent) if sent.as_bytes() == expected.as_bytes() => None,
            Some(_) => Some(format!(
                "header `{}` carries a credential that the sandbox does not know",
                self.header()
            )),
            None => Some(format!("header `{}` is missing", self.header())),
        }
    }
}

/// Lets a request in if it satisfies one of the alternatives.
pub(crate) fn authenticate(
    alternatives: &[Requirement],
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let mut refusals = Vec::new();
    let mut first_header = None;
    for alternative in alternatives {
        let failed = alternative
            .schemes
            .iter()
            .filter_map(|scheme| Some((scheme, scheme.failure(headers)?)));
        let failed: Vec<_> = failed.collect();
        if failed.is_empty() {
            return Ok(());
        }
        first_header =
            first_header.or_else(|| failed.first().map(|(scheme, _)| scheme.header().to_owned()));
        refusals.push(
            failed
                .into_iter()
                .map(|(_, failure)| failure)
                .collect::<Vec<_>>()
                .join(" and "),
        );
    }
    let Some(header) = first_header else {
        return Ok(());
    };
    let detail = format!(
        "Not authenticated: {}. Send the credentials that the sandbox prints when it starts (`Sandbox::credentials`).",
        refusals.join("; or ")
    );
    Err(ApiError::with(
        Reason::Unauthenticated,
        vec![Problem::at(detail, Source::Header(header))],
    ))
}

/// Headers that carry credentials, of the vendors and in general, in lower case.
const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "cookie",
    "dd-api-key",
    "dd-application-key",
    "proxy-authorization",
    "x-api-key",
];

/// The headers of a request as text. Credentials that are not the sandbox's own are hidden.
pub(crate) fn without_foreign_credentials(headers: &HeaderMap) -> Vec<(String, String)> {
    let credentials = Credentials::SANDBOX;
    let known = [
        credentials.api_key.to_owned(),
        credentials.application_key.to_owned(),
        credentials.dcycle_api_key.to_owned(),
        format!("Bearer {}", credentials.bearer_token),
    ];
    let shown = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let is_foreign = SECRET_HEADERS.contains(&name.as_str()) && !known.contains(&value);
        let value = if is_foreign {
            "[hidden]".to_owned()
        } else {
            value
        };
        (name.to_string(), value)
    });
    shown.collect()
}
