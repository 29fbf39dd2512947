//! Authentication: the credentials that the sandbox accepts, and the check of an operation's
//! `security`.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::error::{ApiError, Problem, Reason, Source};
use crate::document::{Requirement, Scheme};

/// The credentials that a [`Sandbox`](crate::Sandbox) accepts. The values are fixed and are not
/// secrets: they work only with sandboxes. They look random, because clients hide every part of a
/// key in errors.
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
        api_key: "sbx-4c81e09d7ab3f265",
        application_key: "sbx-b7f20d6e93a5c418",
        bearer_token: "sbx-05e9a1c7d48b3f62",
        dcycle_api_key: "sbx-e3d76b1f80c94a25",
    };

    /// Returns the key for a header. A header that is new to the sandbox takes Datadog's API key.
    fn key_for(&self, header: &str) -> &'static str {
        match header.to_ascii_lowercase().as_str() {
            "dd-application-key" => self.application_key,
            "x-api-key" => self.dcycle_api_key,
            _ => self.api_key,
        }
    }
}

/// Returns the name of the header that carries a credential.
fn header_of(scheme: &Scheme) -> &str {
    match scheme {
        Scheme::Header(name) => name,
        Scheme::Bearer => "Authorization",
    }
}

/// Returns the problem with a request's credential for a scheme, if there is one.
fn problem_with(scheme: &Scheme, headers: &HeaderMap) -> Option<String> {
    let credentials = Credentials::SANDBOX;
    let (sent, expected) = match scheme {
        Scheme::Header(name) => (headers.get(name), credentials.key_for(name).to_owned()),
        Scheme::Bearer => (
            headers.get(AUTHORIZATION),
            format!("Bearer {}", credentials.bearer_token),
        ),
    };
    let header = header_of(scheme);
    match sent {
        Some(sent) if sent.as_bytes() == expected.as_bytes() => None,
        Some(_) => Some(format!(
            "header `{header}` carries a credential that the sandbox does not know"
        )),
        None => Some(format!("header `{header}` is missing")),
    }
}

/// Checks that a request satisfies one of the alternatives.
///
/// # Errors
///
/// Returns an error if it satisfies none of them.
pub(crate) fn authenticate(
    alternatives: &[Requirement],
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let mut failures = Vec::new();
    let mut first_header = None;
    for alternative in alternatives {
        let failed = alternative
            .schemes
            .iter()
            .filter_map(|scheme| Some((scheme, problem_with(scheme, headers)?)));
        let failed: Vec<_> = failed.collect();
        if failed.is_empty() {
            return Ok(());
        }
        first_header = first_header.or_else(|| {
            failed
                .first()
                .map(|(scheme, _)| header_of(scheme).to_owned())
        });
        failures.push(
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
        "Not authenticated: {}. Send the credentials that the sandbox prints when it starts \
         (`Sandbox::credentials`).",
        failures.join("; or ")
    );
    Err(ApiError::with(
        Reason::Unauthenticated,
        vec![Problem::at(detail, Source::Header(header))],
    ))
}

/// The headers that carry credentials, in lower case.
pub(crate) const SECRET_HEADERS: [&str; 6] = [
    "authorization",
    "cookie",
    "dd-api-key",
    "dd-application-key",
    "proxy-authorization",
    "x-api-key",
];

/// Returns the headers of a request, with every credential hidden that is not the sandbox's own.
pub(crate) fn redacted_headers(headers: &HeaderMap) -> Vec<(String, String)> {
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
