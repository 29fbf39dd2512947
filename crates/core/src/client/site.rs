//! The Datadog site of an organization.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::Error;
use crate::client::url::{parse_url, shown};

/// The Datadog site of an organization, which decides on the host of calls.
///
/// The default is [`Site::Us1`]. A key is valid on one site only, and other sites respond with
/// `403 Forbidden`. Source: <https://docs.datadoghq.com/getting_started/site/>.
///
/// It may also be the base URL of another server of Datadog's API, such as a proxy. That is the
/// same as [`Config::server_url`](crate::Config::server_url) for
/// [`datadog::SERVER`](crate::auth::datadog::SERVER), which wins over it, and so does
/// [`Config::base_url`](crate::Config::base_url).
///
/// ```
/// use scorekit_core::Site;
///
/// assert_eq!("us5.datadoghq.com".parse::<Site>()?, Site::Us5);
/// assert_eq!(Site::from("datadoghq.eu"), Site::Eu1);
/// let proxy: Site = "https://proxy.example.com/datadog".parse()?;
/// assert!(matches!(proxy, Site::Custom(_)));
/// // The URL of the web interface is not the URL of the API.
/// assert!("https://app.datadoghq.com/account".parse::<Site>().is_err());
/// # Ok::<(), scorekit_core::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Site {
    /// `datadoghq.com`
    #[default]
    Us1,
    /// `us3.datadoghq.com`
    Us3,
    /// `us5.datadoghq.com`
    Us5,
    /// `datadoghq.eu`
    Eu1,
    /// `ap1.datadoghq.com`
    Ap1,
    /// `ap2.datadoghq.com`
    Ap2,
    /// `ddog-gov.com`
    Us1Fed,
    /// `us2.ddog-gov.com`
    Us2Fed,
    /// Another host name, before which calls put `api.`, or a base URL, which is used unchanged. A
    /// path in it is put before the path of every operation. [`Client::new`](crate::Client::new)
    /// rejects any other text, and plain http.
    Custom(String),
}

/// The sites that Datadog lists.
const LISTED: [Site; 8] = [
    Site::Us1,
    Site::Us3,
    Site::Us5,
    Site::Eu1,
    Site::Ap1,
    Site::Ap2,
    Site::Us1Fed,
    Site::Us2Fed,
];

impl Site {
    /// Returns the host name, such as `us5.datadoghq.com`, or the base URL.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Us1 => "datadoghq.com",
            Self::Us3 => "us3.datadoghq.com",
            Self::Us5 => "us5.datadoghq.com",
            Self::Eu1 => "datadoghq.eu",
            Self::Ap1 => "ap1.datadoghq.com",
            Self::Ap2 => "ap2.datadoghq.com",
            Self::Us1Fed => "ddog-gov.com",
            Self::Us2Fed => "us2.ddog-gov.com",
            Self::Custom(host) => host,
        }
    }

    /// Returns whether it is a base URL.
    pub(crate) fn is_url(&self) -> bool {
        matches!(self, Self::Custom(text) if text.contains("://"))
    }

    /// Rejects a site that is neither a host name nor a base URL, and returns the base URL if it is
    /// one. `setting` names its source for errors.
    pub(crate) fn check(
        &self,
        setting: &str,
        plain_http_allowed: bool,
    ) -> Result<Option<Url>, Error> {
        let Self::Custom(text) = self else {
            return Ok(None);
        };
        if self.is_url() {
            let url = parse_url(text, setting, plain_http_allowed)?;
            if is_for_people(url.host_str().unwrap_or_default()) {
                return Err(Error::configuration(format!(
                    "{setting}: {:?} is not the URL of a site's API; use the name of the site, \
                     such as \"us5.datadoghq.com\"",
                    shown(text)
                )));
            }
            return Ok(Some(url));
        }
        if is_host_name(text) {
            return Ok(None);
        }
        Err(Error::configuration(format!(
            "{setting}: {:?} is not a host name; use the name of the site, such as \
             \"us5.datadoghq.com\", or a base URL, such as \"https://datadog.example.com\" \
             (Config::base_url or SCOREKIT_BASE_URL send the calls of all domains there)",
            shown(text)
        )))
    }
}

/// Returns whether `host` belongs to a listed site but is not its API.
///
/// The URL in a browser is easily mistaken for the API, and would receive the keys.
fn is_for_people(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let belongs = |site: &Site| {
        let rest = host.strip_suffix(site.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    LISTED.iter().any(belongs) && !host.starts_with("api.")
}

/// Returns whether `host` is a DNS name of two labels or more
/// ([RFC 1123, section 2.1](https://www.rfc-editor.org/rfc/rfc1123#page-13)) and so cannot add a
/// user name, a port or a path to the URL. With one label alone, the resolver would search other
/// domains for the host.
fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // URL parsers read a name that ends in a number as an IP address.
    let ends_in_name = host
        .rsplit('.')
        .next()
        .is_some_and(|label| label.bytes().any(|byte| byte.is_ascii_alphabetic()));
    host.len() <= 249 && host.contains('.') && host.split('.').all(is_label) && ends_in_name
}

/// Converts a host name that is not listed, or a base URL, into [`Site::Custom`], which
/// [`Client::new`](crate::Client::new) checks.
impl From<&str> for Site {
    fn from(host: &str) -> Self {
        LISTED
            .iter()
            .find(|site| site.as_str().eq_ignore_ascii_case(host))
            .cloned()
            .unwrap_or_else(|| Self::Custom(host.to_owned()))
    }
}

/// Does the same as the conversion from `&str`.
impl From<String> for Site {
    fn from(host: String) -> Self {
        Self::from(host.as_str())
    }
}

impl FromStr for Site {
    type Err = Error;

    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for text that is
    /// neither a host name nor a base URL. [`Client::new`](crate::Client::new) checks for plain
    /// http.
    fn from_str(host: &str) -> Result<Self, Error> {
        let site = Self::from(host);
        site.check("site", true)?;
        Ok(site)
    }
}

/// Shows the host name or base URL, unless it may contain a secret.
impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(shown(self.as_str()))
    }
}

/// Shows the name of the variant, and of a custom site what `Display` shows.
impl fmt::Debug for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Us1 => "Us1",
            Self::Us3 => "Us3",
            Self::Us5 => "Us5",
            Self::Eu1 => "Eu1",
            Self::Ap1 => "Ap1",
            Self::Ap2 => "Ap2",
            Self::Us1Fed => "Us1Fed",
            Self::Us2Fed => "Us2Fed",
            Self::Custom(text) => {
                return formatter.debug_tuple("Custom").field(&shown(text)).finish();
            }
        })
    }
}
