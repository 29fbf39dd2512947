//! The proxies of a client, and the sources of their settings.
//!
//! The HTTP client reads the same variables, but it does not say which one it used, and it ignores
//! a malformed one.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use reqwest::{NoProxy, Url};
use secrecy::{ExposeSecret, SecretString};

use crate::Error;
use crate::client::network::Network;
use crate::client::url::{host_of, is_loopback, shown};

/// The variables of each kind of request. The first that is set counts.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The variable that servers set in CGI programs, in which a request header sets `HTTP_PROXY`
/// (<https://httpoxy.org>).
const CGI: &str = "REQUEST_METHOD";

/// A proxy.
#[derive(Clone)]
pub(crate) struct Proxy {
    /// The complete URL, which may hold a password.
    url: SecretString,
    /// The host and the port.
    address: String,
    /// The setting or the variable with the URL.
    pub(crate) source: &'static str,
}

/// The proxies of a client. The default has none.
#[derive(Default)]
pub(crate) struct Proxies {
    https: Option<Proxy>,
    http: Option<Proxy>,
    /// The hosts that are called directly, as `NO_PROXY` lists them.
    exceptions: String,
    matcher: Option<Matcher>,
}

/// Finds a variable; `None` if it is not set.
type Lookup = fn(&str) -> Result<Option<String>, Error>;

/// Finds a variable of the process.
pub(crate) fn variable(name: &str) -> Result<Option<String>, Error> {
    let Some(value) = std::env::var_os(name) else {
        return Ok(None);
    };
    let value = value.into_string().map(Some);
    value.map_err(|_| Error::configuration(format!("{name} must be valid UTF-8; set it again")))
}

/// Finds the first variable that is set, with its name; `None` if its value is empty.
fn first(
    names: [&'static str; 2],
    lookup: Lookup,
) -> Result<Option<(&'static str, String)>, Error> {
    for name in names {
        if let Some(value) = lookup(name)? {
            return Ok((!value.is_empty()).then_some((name, value)));
        }
    }
    Ok(None)
}

impl Proxies {
    /// Reads the proxies of the settings, or else of the variables.
    pub(crate) fn new(network: &Network, lookup: Lookup) -> Result<Self, Error> {
        let own = network.no_proxy.clone();
        if let Some(url) = &network.proxy {
            let proxy = Proxy::new(url.expose_secret(), "Config::proxy")?;
            return Ok(Self::matching(
                Some(proxy.clone()),
                Some(proxy),
                own.unwrap_or_default(),
            ));
        }
        if lookup(CGI)?.is_some() {
            return Ok(Self::default());
        }
        let proxy = |names| {
            let found = match first(names, lookup)? {
                Some(found) => Some(found),
                None => first(ALL, lookup)?,
            };
            let proxy = found.map(|(name, url)| Proxy::new(&url, name));
            proxy.transpose()
        };
        let (https, http) = (proxy(HTTPS)?, proxy(HTTP)?);
        let exceptions = match own {
            Some(own) => own,
            None => first(EXCEPTIONS, lookup)?.map_or_else(String::new, |(_, hosts)| hosts),
        };
        Ok(Self::matching(https, http, exceptions))
    }

    fn matching(https: Option<Proxy>, http: Option<Proxy>, exceptions: String) -> Self {
        let url = |proxy: &Option<Proxy>| {
            let url = proxy.as_ref().map(|it| it.url.expose_secret().to_owned());
            url.unwrap_or_default()
        };
        let matcher = Matcher::builder()
            .https(url(&https))
            .http(url(&http))
            .no(&exceptions)
            .build();
        Self {
            matcher: (https.is_some() || http.is_some()).then_some(matcher),
            https,
            http,
            exceptions,
        }
    }

    /// Returns the proxy of requests to a URL, if they use one. Servers on this machine are called
    /// directly.
    pub(crate) fn of(&self, url: &Url) -> Option<&Proxy> {
        let matcher = self.matcher.as_ref().filter(|_| !is_loopback(url))?;
        matcher.intercept(&url.as_str().parse::<Uri>().ok()?)?;
        match url.scheme() {
            "https" => self.https.as_ref(),
            _ => self.http.as_ref(),
        }
    }

    /// Makes the requests of an HTTP client use these proxies and no others.
    pub(crate) fn apply(
        &self,
        builder: reqwest::ClientBuilder,
    ) -> reqwest::Result<reqwest::ClientBuilder> {
        let mut builder = builder.no_proxy();
        let exceptions = NoProxy::from_string(&self.exceptions);
        if let Some(proxy) = &self.https {
            let proxy = reqwest::Proxy::https(proxy.url.expose_secret())?;
            builder = builder.proxy(proxy.no_proxy(exceptions.clone()));
        }
        if let Some(proxy) = &self.http {
            let proxy = reqwest::Proxy::http(proxy.url.expose_secret())?;
            builder = builder.proxy(proxy.no_proxy(exceptions));
        }
        Ok(builder)
    }

    /// Returns the passwords of the proxies in the forms that a proxy may echo.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let proxies = [&self.https, &self.http].into_iter().flatten();
        proxies.filter_map(Proxy::secrets).flatten().collect()
    }
}

impl Proxy {
    /// Checks the URL of a proxy. `source` names the setting.
    fn new(text: &str, source: &'static str) -> Result<Self, Error> {
        let example = "use a URL such as \"http://proxy.example.com:3128\"";
        let reject = |problem: &str| {
            Err(Error::configuration(format!(
                "{source}: {:?} {problem}; {example}",
                shown(text)
            )))
        };
        let complete = match text.contains("://") {
            true => text.to_owned(),
            false => format!("http://{text}"),
        };
        let Ok(url) = Url::parse(&complete) else {
            return reject("is not the URL of a proxy");
        };
        if url.scheme().starts_with("socks") {
            return reject("is a SOCKS proxy, which the client does not support");
        }
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return reject("is not the URL of a proxy");
        }
        Ok(Self {
            address: host_of(&url),
            url: String::from(url).into(),
            source,
        })
    }

    fn secrets(&self) -> Option<[SecretString; 2]> {
        let url = Url::parse(self.url.expose_secret()).ok()?;
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let password = decoded(url.password()?);
        let encoded = BASE64_STANDARD.encode(format!("{}:{password}", decoded(url.username())));
        Some([password.into(), encoded.into()])
    }

    /// Returns the setting that excepts hosts from this proxy.
    pub(crate) fn exceptions(&self) -> &'static str {
        match self.source {
            "Config::proxy" => "Config::no_proxy",
            _ => "NO_PROXY",
        }
    }
}

/// Shows the address and the setting, without user and password.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the proxy {} (from {})",
            self.address, self.source
        )
    }
}
