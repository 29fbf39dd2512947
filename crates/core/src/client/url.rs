//! Checks the URLs of servers, and shows them without secrets.

use std::net::IpAddr;

use reqwest::Url;

use crate::Error;

/// Returns `url`, unless it may contain a password or a key.
pub(crate) fn shown(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '\\']).next().unwrap_or_default();
    // A port that is not a number may be a password whose host is missing.
    let has_password = !authority.ends_with(']')
        && authority
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.bytes().all(|byte| byte.is_ascii_digit()));
    if url.contains(['@', '?', '#']) || has_password {
        "[hidden, because it may contain a secret]"
    } else {
        url
    }
}

/// Parses and checks the URL of a server. `setting` names its source for errors.
pub(crate) fn parse_url(text: &str, setting: &str, plain_http_allowed: bool) -> Result<Url, Error> {
    let example = "use a URL such as \"https://api.example.com\"";
    let url = Url::parse(text).map_err(|error| {
        Error::configuration(format!(
            "{setting}: {:?} is not a URL ({error}); {example}",
            shown(text)
        ))
    })?;
    let reject = |problem: &str| {
        Err(Error::configuration(format!(
            "{setting}: {:?} {problem}; {example}",
            shown(text)
        )))
    };
    if !matches!(url.scheme(), "http" | "https") {
        return reject("must begin with https or http");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return reject("contains a user name or password, which belong in Config::credentials");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return reject("must not have a query or a fragment");
    }
    check_encryption(&url, plain_http_allowed, setting)?;
    Ok(url)
}

/// Rejects a URL over which others could read the credentials.
pub(crate) fn check_encryption(
    url: &Url,
    plain_http_allowed: bool,
    setting: &str,
) -> Result<(), Error> {
    if url.scheme() == "https" || plain_http_allowed || is_loopback(url) {
        return Ok(());
    }
    Err(Error::configuration(format!(
        "{setting}: {} would be called over plain http, which exposes the credentials to the \
         network; use https, or permit it with Config::allow_plain_http(true)",
        host_of(url)
    )))
}

/// Returns true if the host of a URL is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Returns the host of a URL, with its port unless that is the default.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
