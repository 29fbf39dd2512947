//! The Datadog site of an organization.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

use crate::Error;
use crate::client::url::{parse_url, shown};
use crate::request::encode::one_line;

/// The longest name that an error repeats, in characters.
const LONGEST_TEXT: usize = 100;

/// The Datadog site of an organization, which decides on the host of calls.
///
/// The default is [`Site::Us1`]. A key is valid on one site only, and other sites respond with
/// `403 Forbidden`. Source: <https://docs.datadoghq.com/getting_started/site/>.
///
/// A string converts into the listed site that it names. It may be the host name, the short name
/// (`us5`), or the URL of the site's pages or API. White space around it, case and a slash at its
/// end do not count. Any other string is a [`Site::Unlisted`], to which no key is sent.
///
/// [`Site::Custom`] is another server of Datadog's API, such as a proxy. It is the same as
/// [`Config::server_url`](crate::Config::server_url) for
/// [`datadog::SERVER`](crate::auth::datadog::SERVER), which wins over it, and so does
/// [`Config::base_url`](crate::Config::base_url).
///
/// ```
/// use scorekit_core::Site;
///
/// assert_eq!("us5.datadoghq.com".parse::<Site>()?, Site::Us5);
/// assert_eq!(Site::from("eu1"), Site::Eu1);
/// assert_eq!(Site::from("https://app.datadoghq.eu/account "), Site::Eu1);
/// let error = "datadoghq.ue".parse::<Site>().unwrap_err();
/// assert!(error.to_string().contains("did you mean datadoghq.eu?"));
/// let proxy = Site::Custom("https://proxy.example.com/datadog".to_owned());
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
    /// rejects any other string, and plain HTTP.
    ///
    /// It receives the keys, so it is never the result of a conversion.
    Custom(String),
    /// A string that names no listed site. [`Client::new`](crate::Client::new) rejects it with the
    /// listed sites and the one that is probably meant.
    Unlisted(String),
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

/// The short names of the listed sites, in their order.
const SHORT_NAMES: [&str; 8] = [
    "us1", "us3", "us5", "eu1", "ap1", "ap2", "us1-fed", "us2-fed",
];

/// The number of characters in which a string may differ from the site that is probably meant.
const MAX_TYPOS: usize = 3;

impl Site {
    /// Returns the listed site that a string names.
    fn listed(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let short = SHORT_NAMES.iter().position(|name| *name == text);
        if let Some(site) = short.and_then(|index| LISTED.get(index)) {
            return Some(site.clone());
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("https", &text));
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host.trim_end_matches('.');
        let api = host.strip_prefix("api.");
        // The path of a page does not matter, but a path of an API would be lost.
        let has_path = !path.trim_matches('/').is_empty();
        if !matches!(scheme, "https" | "http") || (api.is_some() && has_path) {
            return None;
        }
        let name = api.or(host.strip_prefix("app.")).unwrap_or(host);
        LISTED.iter().find(|site| site.as_str() == name).cloned()
    }

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
            Self::Custom(host) | Self::Unlisted(host) => host,
        }
    }

    /// Returns true if it is a base URL.
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
        let text = match self {
            Self::Custom(text) => text,
            Self::Unlisted(text) => return Err(unlisted(setting, text)),
            _ => return Ok(None),
        };
        if self.is_url() {
            let url = parse_url(text, setting, plain_http_allowed)?;
            if is_for_people(url.host_str().unwrap_or_default()) {
                return Err(Error::configuration(format!(
                    "{setting}: {:?} is not the URL of a site's API; use the name of the site, \
                     such as us5.datadoghq.com",
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

/// Creates the error for a string that names no listed site.
fn unlisted(setting: &str, text: &str) -> Error {
    let names: Vec<&str> = LISTED.iter().map(Site::as_str).collect();
    let guess = likely(text).map(|site| format!(" (did you mean {site}?)"));
    Error::configuration(format!(
        "{setting}: {:?} is not a Datadog site{}; use one of {}; for another server, use \
         SCOREKIT_BASE_URL, Config::base_url or Site::Custom",
        one_line(shown(text), LONGEST_TEXT),
        guess.unwrap_or_default(),
        names.join(", ")
    ))
}

/// Returns the listed site that a string probably means. A site that differs in one character comes
/// first, then the one whose host name it ends with, then the most similar one.
fn likely(text: &str) -> Option<&'static Site> {
    let text = text
        .trim()
        .trim_end_matches(['/', '.'])
        .to_ascii_lowercase();
    let distance = |site: &&Site| typos(&text, site.as_str());
    let similar = |most: usize| {
        let nearest = LISTED.iter().min_by_key(distance);
        nearest.filter(|site| distance(site) <= most)
    };
    let ends = |site: &&Site| {
        let rest = text.strip_suffix(site.as_str());
        rest.is_some_and(|rest| rest.ends_with('.'))
    };
    let longest = || {
        LISTED
            .iter()
            .filter(ends)
            .max_by_key(|it| it.as_str().len())
    };
    similar(1).or_else(longest).or_else(|| similar(MAX_TYPOS))
}

/// Returns the number of characters to insert, remove or replace between two strings, at most a
/// hundred.
fn typos(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, character) in one.chars().take(100).enumerate() {
        let mut diagonal = index;
        let mut left = index + 1;
        for (known, cell) in other.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(*known != character);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Returns true if `host` belongs to a listed site but is not its API.
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

/// Returns true if `host` is a DNS name of two labels or more ([RFC 1123, section
/// 2.1](https://www.rfc-editor.org/rfc/rfc1123#page-13)). Such a host cannot add a user name, a
/// port or a path to the URL. With one label alone, the resolver would search other domains for the
/// host.
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

/// Converts a string into the listed site that it names, or else into [`Site::Unlisted`].
impl From<&str> for Site {
    fn from(text: &str) -> Self {
        Self::listed(text).unwrap_or_else(|| Self::Unlisted(text.to_owned()))
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

    /// Returns [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) with the listed sites
    /// for a string that names none of them.
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

/// Shows the name of the variant, and of a site that is not listed what `Display` shows.
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
            Self::Unlisted(text) => {
                return formatter
                    .debug_tuple("Unlisted")
                    .field(&shown(text))
                    .finish();
            }
        })
    }
}
