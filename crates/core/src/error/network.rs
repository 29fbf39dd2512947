//! Finds the problem of a network: its proxy, its certificates, or the scheme of a URL.

use std::error::Error as StdError;
use std::io;

use rustls::{AlertDescription, CertificateError, Error as TlsError};

use crate::ErrorKind;
use crate::send::proxy::Proxy;
use crate::send::retry::AttemptOutcome;
use crate::send::transport::{Stage, TransportError};

/// The reason why a request has no response, if it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    /// The proxy requires credentials.
    ProxyCredentials,
    /// The proxy does not connect to the server.
    ProxyRejects,
    /// No connection was made.
    Unreachable,
    UnknownAuthority,
    /// The certificate is expired, or for another host.
    Certificate,
    /// The server rejects the client's certificate, or requires one.
    ClientCertificate,
    /// The server does not use TLS.
    NotTls,
    /// The server does not use HTTP, or expects TLS.
    NotHttp,
    Unknown,
}

/// The beginning of the messages of the error type for tunnels, which the library does not export.
const TUNNEL: &str = "tunnel error: ";

/// An error of the network with its message and its consequence.
pub(crate) struct Diagnosis {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) outcome: AttemptOutcome,
}

impl Diagnosis {
    /// Explains an error between the client and `host`. `cause` is its text, without secrets.
    pub(crate) fn of(
        error: &TransportError,
        host: &str,
        is_encrypted: bool,
        proxy: Option<&Proxy>,
        cause: &str,
    ) -> Self {
        let (problem, at_proxy) = find(error);
        // Unencrypted requests go to the proxy itself.
        let at_proxy = at_proxy || !is_encrypted;
        let proxy_at_fault = proxy.filter(|_| at_proxy);
        let peer = match (proxy_at_fault, proxy) {
            (Some(proxy), _) => format!("{host}: {proxy}"),
            (None, Some(proxy)) => format!("{host} through {proxy}"),
            (None, None) => host.to_owned(),
        };
        let begin = match error.stage {
            Stage::Sent => format!("the connection to {peer} broke"),
            _ => format!("cannot connect to {peer}"),
        };
        let whose = if proxy_at_fault.is_some() {
            " "
        } else {
            ": the server "
        };
        let known = known(problem, whose, proxy, cause);
        let (text, outcome) = match (known, proxy_at_fault, error.stage) {
            (Some(text), ..) if problem == Problem::ProxyRejects => {
                (text, AttemptOutcome::NotConnected)
            }
            (Some(text), ..) => (text, AttemptOutcome::Misconfigured),
            (None, Some(proxy), Stage::Connect) if problem == Problem::Unreachable => (
                format!(
                    " cannot be reached: {cause}; correct or remove {}, or list the host in {}",
                    proxy.source,
                    proxy.exceptions()
                ),
                AttemptOutcome::Misconfigured,
            ),
            (None, _, Stage::Sent) => (format!(": {cause}"), AttemptOutcome::Broken),
            (None, _, _) => (
                format!(": {cause}; check the address and the network"),
                AttemptOutcome::NotConnected,
            ),
        };
        Self {
            kind: ErrorKind::Connection,
            message: format!("{begin}{text}"),
            outcome,
        }
    }
}

/// Explains a problem that a retry does not solve, except the proxy's rejection.
fn known(problem: Problem, whose: &str, proxy: Option<&Proxy>, cause: &str) -> Option<String> {
    let setting = proxy.map_or("the proxy's URL", |proxy| proxy.source);
    let exceptions = proxy.map_or("NO_PROXY", Proxy::exceptions);
    Some(match problem {
        Problem::ProxyCredentials => format!(
            " requires a user name and a password (407); add them to {setting}, such as \
             http://user:password@proxy.example.com:3128"
        ),
        Problem::ProxyRejects => format!(
            " does not connect to the host; ask its operator to allow the host, or list it in \
             {exceptions}"
        ),
        Problem::UnknownAuthority => format!(
            "{whose}has a certificate of an unknown authority; add the authority with \
             Config::root_certificates or SSL_CERT_FILE, if it is one of your network"
        ),
        Problem::Certificate => format!(
            "{whose}has a certificate that is not valid: {cause}; check the address, and the clock \
             of this machine"
        ),
        Problem::ClientCertificate => format!(
            "{whose}rejects the client's certificate or requires one ({cause}); set \
             Config::client_certificate"
        ),
        Problem::NotTls => format!(
            "{whose}does not use TLS on this port ({cause}); check the port and the scheme of the \
             URL"
        ),
        Problem::NotHttp => format!(
            "{whose}does not use HTTP on this port ({cause}); check the port, and use https if the \
             server expects TLS"
        ),
        Problem::Unreachable | Problem::Unknown => return None,
    })
}

/// Finds the problem in an error and its sources, and whether it is one of the proxy.
fn find(error: &TransportError) -> (Problem, bool) {
    let first: &dyn StdError = error;
    let errors = std::iter::successors(Some(first), |error| {
        let error: &dyn StdError = *error;
        error.source()
    });
    let mut at_proxy = false;
    let mut problem = match error.stage {
        Stage::Connect => Problem::Unreachable,
        Stage::ConnectTimeout | Stage::Sent => Problem::Unknown,
    };
    for error in errors {
        let text = error.to_string();
        if let Some(tunnel) = text.strip_prefix(TUNNEL) {
            at_proxy = true;
            problem = match tunnel {
                "proxy authorization required" => Problem::ProxyCredentials,
                "unsuccessful" => Problem::ProxyRejects,
                "failed to create underlying connection" => Problem::Unreachable,
                _ => Problem::Unknown,
            };
        }
        if text == "invalid HTTP version parsed" {
            problem = Problem::NotHttp;
        }
        if let Some(tls) = tls_error(error) {
            problem = of_tls(tls).unwrap_or(Problem::Unknown);
        }
    }
    (problem, at_proxy)
}

/// Returns the TLS error that an error is, or wraps as an I/O error, which hides it from `source`.
fn tls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a TlsError> {
    let mut error = error;
    while let Some(inner) = error.downcast_ref::<io::Error>() {
        error = inner.get_ref()?;
    }
    error.downcast_ref()
}

fn of_tls(error: &TlsError) -> Option<Problem> {
    use AlertDescription as Alert;
    Some(match error {
        TlsError::InvalidCertificate(CertificateError::UnknownIssuer) => Problem::UnknownAuthority,
        TlsError::InvalidCertificate(_) => Problem::Certificate,
        TlsError::InvalidMessage(_) => Problem::NotTls,
        TlsError::AlertReceived(
            Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied,
        ) => Problem::ClientCertificate,
        _ => return None,
    })
}
