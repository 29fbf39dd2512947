//! The Datadog site an organization lives on.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// The Datadog site that an organization lives on; it decides which host the calls go to.
///
/// The default is [`Site::Us1`]. A key is valid on one site only, and a wrong site answers
/// `403 Forbidden`. Source: <https://docs.datadoghq.com/getting_started/site/>.
///
/// ```
/// use scorekit_core::Site;
///
/// assert_eq!("us5.datadoghq.com".parse::<Site>()?, Site::Us5);
/// assert_eq!(Site::from("datadoghq.eu"), Site::Eu1);
/// assert!("https://app.datadoghq.com/account".parse::<Site>().is_err());
/// # Ok::<(), scorekit_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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
    /// Another host name. It must be one: [`Client::new`](crate::Client::new) refuses anything that
    /// would make the calls go to a host other than `api.` and this name.
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
    /// The host name, such as `us5.datadoghq.com`.
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

    /// Refuses a site that is no host name. `setting` is where it came from.
    pub(crate) fn check(&self, setting: &str) -> Result<(), Error> {
        let Self::Custom(host) = self else {
            return Ok(());
        };
        if is_host_name(host) {
            return Ok(());
        }
        Err(Error::configuration(format!(
            "{setting}: {host:?} is no host name; give the site alone, such as \
             \"us5.datadoghq.com\" (for a server of another kind, such as one on this machine, use \
             Config::base_url or SCOREKIT_BASE_URL)"
        )))
    }
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

/// A host name that is not among the listed ones becomes [`Site::Custom`], unchecked until the
/// client is made.
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
    /// no host name.
    fn from_str(host: &str) -> Result<Self, Error> {
        let site = Self::from(host);
        site.check("site")?;
        Ok(site)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}
