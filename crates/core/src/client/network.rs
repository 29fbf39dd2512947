//! The settings of a client about its network: proxies, certificates, addresses, the HTTP client.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use secrecy::{SecretSlice, SecretString};

use crate::Config;

/// The settings about the network.
#[derive(Clone, Default)]
pub(crate) struct Network {
    /// The URL of the proxy, which may hold a password.
    pub(crate) proxy: Option<SecretString>,
    pub(crate) no_proxy: Option<String>,
    /// True if keys may go through a proxy unencrypted.
    pub(crate) plain_http_through_proxy: Option<bool>,
    /// Strings in PEM form.
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) system_roots: Option<bool>,
    /// A string in PEM form.
    pub(crate) client_certificate: Option<Arc<SecretSlice<u8>>>,
    /// The addresses of hosts.
    pub(crate) addresses: Vec<(String, Vec<IpAddr>)>,
    pub(crate) http_client: Option<HttpClient>,
}

/// The caller's part in the HTTP client.
#[derive(Clone)]
pub(crate) enum HttpClient {
    /// A function over its builder.
    Adjusted(Arc<Adjust>),
    /// A finished client, without any guarantee.
    Unchecked(reqwest::Client),
}

type Adjust = dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync;

impl Network {
    /// Takes the settings that are not set here from `fallback`.
    pub(crate) fn or(self, fallback: Self) -> Self {
        let mut root_certificates = fallback.root_certificates;
        root_certificates.extend(self.root_certificates);
        let mut addresses = fallback.addresses;
        addresses.extend(self.addresses);
        Self {
            proxy: self.proxy.or(fallback.proxy),
            no_proxy: self.no_proxy.or(fallback.no_proxy),
            plain_http_through_proxy: self
                .plain_http_through_proxy
                .or(fallback.plain_http_through_proxy),
            root_certificates,
            system_roots: self.system_roots.or(fallback.system_roots),
            client_certificate: self.client_certificate.or(fallback.client_certificate),
            addresses,
            http_client: self.http_client.or(fallback.http_client),
        }
    }

    /// Returns true if the caller supplies a finished HTTP client.
    pub(crate) fn is_unchecked(&self) -> bool {
        matches!(self.http_client, Some(HttpClient::Unchecked(_)))
    }
}

/// Shows the settings without URLs of proxies, certificates and keys.
impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Network")
            .field("proxy", &self.proxy.is_some())
            .field("no_proxy", &self.no_proxy)
            .field("plain_http_through_proxy", &self.plain_http_through_proxy)
            .field("root_certificates", &self.root_certificates.len())
            .field("system_roots", &self.system_roots)
            .field("client_certificate", &self.client_certificate.is_some())
            .field("addresses", &self.addresses)
            .field("http_client", &self.http_client.is_some())
            .finish()
    }
}

/// Settings about the network. The page `docs/networks.md` has examples.
impl Config {
    /// Sets the proxy of all calls, such as `http://user:password@proxy.example.com:3128`, instead
    /// of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    ///
    /// Calls to `https` servers open a tunnel through the proxy, so it sees neither keys nor data.
    /// Calls to this machine use no proxy. SOCKS proxies are not supported.
    #[doc(alias = "HTTPS_PROXY")]
    #[doc(alias = "HTTP_PROXY")]
    pub fn proxy(mut self, url: &str) -> Self {
        self.network.proxy = Some(url.into());
        self
    }

    /// Sets the hosts that are called without a proxy, instead of `NO_PROXY`, or `*` for all hosts.
    /// They are names with their subdomains, addresses and networks, separated by commas, such as
    /// `example.com, 10.0.0.0/8`.
    pub fn no_proxy(mut self, hosts: &str) -> Self {
        self.network.no_proxy = Some(hosts.to_owned());
        self
    }

    /// Permits calls to `http` servers on other machines through a proxy, which reads their
    /// credentials. [`allow_plain_http`](Config::allow_plain_http) is needed as well.
    pub fn allow_plain_http_through_proxy(mut self, allow: bool) -> Self {
        self.network.plain_http_through_proxy = Some(allow);
        self
    }

    /// Adds authorities that may issue the certificates of servers and proxies, as certificates in
    /// PEM form. A proxy that reads encrypted traffic needs its own.
    #[doc(alias = "ca")]
    #[doc(alias = "certificate")]
    #[doc(alias = "SSL_CERT_FILE")]
    pub fn root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.network.root_certificates.push(pem.into());
        self
    }

    /// Sets whether the authorities of the system are trusted; `true` by default. With `false`,
    /// only [`root_certificates`](Config::root_certificates) are.
    ///
    /// The variables `SSL_CERT_FILE` (a file in PEM form) and `SSL_CERT_DIR` (directories of such
    /// files) replace the authorities of the system.
    pub fn system_roots(mut self, trusted: bool) -> Self {
        self.network.system_roots = Some(trusted);
        self
    }

    /// Sets the certificate with which the client identifies itself to servers. The string in PEM
    /// form has the certificate, those of intermediate authorities, and the private key.
    #[doc(alias = "mtls")]
    #[doc(alias = "certificate")]
    pub fn client_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.network.client_certificate = Some(Arc::new(pem.into().into()));
        self
    }

    /// Sets the addresses of a host, which is then not resolved. The port is the URL's. A proxy
    /// resolves hosts itself.
    pub fn resolve(
        mut self,
        host: &str,
        addresses: impl IntoIterator<Item = impl Into<IpAddr>>,
    ) -> Self {
        let addresses = addresses.into_iter().map(Into::into).collect();
        self.network.addresses.push((host.to_owned(), addresses));
        self
    }

    /// Changes the builder of the HTTP client, for settings that have no method here, such as a
    /// resolver or the size of the pool.
    ///
    /// The guarantees of the runtime are applied afterwards: no redirects, no `Referer` and no
    /// retries. So are the proxies and TLS of these settings, and separate pools for this machine.
    /// A timeout of the builder ends an attempt like a broken connection.
    ///
    /// ```
    /// let config = scorekit_core::Config::new()
    ///     .http_client(|builder| builder.pool_max_idle_per_host(4).tcp_nodelay(false));
    /// # scorekit_core::Client::new(config)?;
    /// # Ok::<(), scorekit_core::Error>(())
    /// ```
    pub fn http_client(
        mut self,
        adjust: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.network.http_client = Some(HttpClient::Adjusted(Arc::new(adjust)));
        self
    }

    /// Sends all requests with this HTTP client, unchanged.
    ///
    /// No guarantee of the runtime about the connection holds then. Such a client may follow
    /// redirects, and send the keys to other hosts or through a proxy in the clear. The other
    /// settings about the network and [`connect_timeout`](Config::connect_timeout) have no effect.
    pub fn http_client_unchecked(mut self, client: reqwest::Client) -> Self {
        self.network.http_client = Some(HttpClient::Unchecked(client));
        self
    }
}
