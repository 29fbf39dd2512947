//! The check of `Host` and `Origin`.
//!
//! A web page can point a name of its own at 127.0.0.1, and the browser then takes the sandbox for
//! the page's server (DNS rebinding). The page could read and change the sandbox's state. `Host`
//! then holds that name. A page of another site can also send requests without reading the
//! responses; `Origin` then holds that site.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};

use crate::request::{ApiError, Problem, Reason, Source};

/// The names that `Host` may hold, in addition to IP addresses and `localhost`.
#[derive(Debug, Default)]
pub(crate) struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// Creates the list. Names have neither a scheme nor a port.
    pub(crate) fn new(names: &[String]) -> Self {
        Self(names.iter().map(|name| plain(name)).collect())
    }

    /// Checks that a request is meant for this server and comes from a page that may use it.
    ///
    /// # Errors
    ///
    /// Returns an error if `Host` or the target of the request is a name that is not allowed, or if
    /// `Origin` is another site.
    pub(crate) fn check(&self, target: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host_of(host),
            _ => return Err(forbidden("`Host` must be sent exactly once", HOST.as_str())),
        };
        for name in [host.as_deref(), target.host().map(plain).as_deref()] {
            // A target that is only a path has no host.
            let Some(name) = name.or(host.as_deref()) else {
                return Err(forbidden("`Host` is not a host name", HOST.as_str()));
            };
            if address(name).is_none() && !self.names(name) {
                let problem = format!(
                    "the sandbox does not serve the host `{name}`, so that web pages cannot \
                     reach it by a name of theirs; use 127.0.0.1 or localhost, or start it with \
                     `--allow-host {name}`"
                );
                return Err(forbidden(&problem, HOST.as_str()));
            }
        }
        let Some(origin) = headers.get(ORIGIN) else {
            return Ok(());
        };
        let site = origin.to_str().ok().and_then(|text| text.parse().ok());
        let site = site.and_then(|site: Uri| site.host().map(plain));
        let is_own = site.as_deref().is_some_and(|site| {
            let is_loopback = address(site).is_some_and(|address| address.is_loopback());
            is_loopback || self.names(site) || Some(site) == host.as_deref()
        });
        if is_own {
            return Ok(());
        }
        let problem = format!(
            "the sandbox takes no requests from pages of {}; use its own page, or start it with \
             `--allow-host` and the name of the page's host",
            String::from_utf8_lossy(origin.as_bytes())
        );
        Err(forbidden(&problem, ORIGIN.as_str()))
    }

    fn names(&self, name: &str) -> bool {
        name == "localhost" || self.0.iter().any(|known| known == name)
    }
}

/// Returns the host of a `Host` header without its port.
fn host_of(value: &HeaderValue) -> Option<String> {
    let authority: Authority = value.to_str().ok()?.parse().ok()?;
    // User information is not part of `Host`.
    let is_plain = !authority.as_str().contains('@');
    is_plain.then(|| plain(authority.host()))
}

/// Returns a host name in lower case, without the dot that ends a full name.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// Returns the address if the host is one.
fn address(host: &str) -> Option<IpAddr> {
    let address = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    address.unwrap_or(host).parse().ok()
}

fn forbidden(problem: &str, header: &str) -> ApiError {
    let problem = Problem::at(problem, Source::Header(header.to_owned()));
    ApiError::with(Reason::Forbidden, vec![problem])
}
