//! The Datadog site an organization lives on.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::Error;
use crate::client::config::{parse_url, shown};

/// The Datadog site that an organization lives on; it decides which host the calls go to.
///
/// The default is [`Site::Us1`]. A key is valid on one site only, and a wrong site answers
/// `403 Forbidden`. Source: <https://docs.datadoghq.com/getting_started/site/>.
///
/// It may also be the base URL of another place that serves Datadog's API, such as a proxy. That is
/// the same as [`Config::server_url`](crate::Config::server_url) for
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
/// // Where people use Datadog is not where programs do.
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
    /// Another host name, to which the calls go with `api.` before it, or a base URL, which is used as
    /// it is; a path in it stands before the path of every operation.
    /// [`Client::new`](crate::Client::new) refuses whatever is neither, and plain http as everywhere.
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
    /// The host name, such as `us5.datadoghq.com`, or the base URL.
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

    /// Whether it is a base URL and no host name.
    pub(crate) fn is_url(&self) -> bool {
        matches!(self, Self::Custom(text) if text.contains("://"))
    }

    /// Refuses a site that is neither a host name nor a base URL, and returns the latter. `setting` is
    /// where it came from.
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
                    "{setting}: {:?} is not where a site serves its API; give the site alone, such \
                     as \"us5.datadoghq.com\"",
                    shown(text)
                )));
            }
            return Ok(Some(url));
        }
        if is_host_name(text) {
            return Ok(None);
        }
        Err(Error::configuration(format!(
            "{setting}: {:?} is no host name; give the site alone, such as \"us5.datadoghq.com\", or \
             a base URL, such as \"https://datadog.example.com\" (to send the calls of all domains \
             there, use Config::base_url or SCOREKIT_BASE_URL)",
            shown(text)
        )))
    }
}

/// Whether `host` belongs to a listed site and is not that of its API. The address that people see in
/// their browser is easily taken for it, and the keys would go where they are not expected.
fn is_for_people(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let belongs = |site: &Site| {
        let rest = host.strip_suffix(site.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    LISTED.iter().any(belongs) && !host.starts_with("api.")
}

/// Whether `host` is a DNS name of two labels or more
/// ([RFC 1123, section 2.1](https://www.rfc-editor.org/rfc/rfc1123#page-13)) and so cannot carry a
/// user name, a port or a path into the address. One label alone would go to a host of whatever
/// domain the resolver searches.
fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A name that ends in a number is read as an IP address.
    let ends_in_name = host
        .rsplit('.')
        .next()
        .is_some_and(|label| label.bytes().any(|byte| byte.is_ascii_alphabetic()));
    host.len() <= 249 && host.contains('.') && host.split('.').all(is_label) && ends_in_name
}

/// A host name that is not among the listed ones, or a base URL, becomes [`Site::Custom`], unchecked
/// until the client is made.
impl From<&str> for Site {
    fn from(host: &str) -> Self {
        LISTED
            .iter()
            .find(|site| site.as_str().eq_ignore_ascii_case(host))
            .cloned()
            .unwrap_or_else(|| Self::Custom(host.to_owned()))
    }
}

/// As from `&str`.
impl From<String> for Site {
    fn from(host: String) -> Self {
        Self::from(host.as_str())
    }
}

impl FromStr for Site {
    type Err = Error;

    /// Fails with [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) on anything that is
    /// neither a host name nor a base URL. Whether plain http is allowed is checked when the client is
    /// made.
    fn from_str(host: &str) -> Result<Self, Error> {
        let site = Self::from(host);
        site.check("site", true)?;
        Ok(site)
    }
}

/// The host name or base URL, unless that may hold a secret.
impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(shown(self.as_str()))
    }
}

/// The name of the variant; of a custom site, what `Display` shows.
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
