//! The TLS configuration of a client's connections: cryptographic provider, root certificates, and
//! client certificate.
//!
//! The HTTP client would build one as well, but with the provider that some crate of the program
//! enabled. Its error would name neither a variable nor a file.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use secrecy::ExposeSecret;

use crate::Error;
use crate::client::network::Network;

/// The variables with the root certificates to trust instead of the system's.
const FILE_VARIABLE: &str = "SSL_CERT_FILE";
const DIRECTORY_VARIABLE: &str = "SSL_CERT_DIR";

/// The protocols that servers may choose from.
const PROTOCOLS: &[&[u8]] = &[
    #[cfg(feature = "http2")]
    b"h2",
    b"http/1.1",
];

/// Creates the configuration of a client. Without encrypted connections, no certificates are read,
/// which takes milliseconds.
pub(crate) fn configuration(network: &Network, is_encrypted: bool) -> Result<ClientConfig, Error> {
    let provider = provider()?;
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            Error::configuration(format!("cannot configure TLS: {error}")).with_source(error)
        })?;
    let builder = match is_encrypted {
        true => match authorities(network)? {
            Authorities::Only(roots) => builder.with_root_certificates(roots),
            Authorities::System(own) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(system(own, provider)?)),
        },
        false => builder.with_root_certificates(RootCertStore::empty()),
    };
    let mut configuration = match &network.client_certificate {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let (chain, key) = client_certificate(pem.expose_secret())?;
            builder.with_client_auth_cert(chain, key).map_err(|error| {
                Error::configuration(format!(
                    "cannot use Config::client_certificate: {error}; pass a certificate with its \
                     own private key"
                ))
            })?
        }
    };
    configuration.alpn_protocols = PROTOCOLS.iter().map(|it| it.to_vec()).collect();
    Ok(configuration)
}

/// Returns the provider of the process, or else the one of this crate's features. None is installed
/// for the process, because that is the program's choice.
fn provider() -> Result<Arc<CryptoProvider>, Error> {
    if let Some(installed) = CryptoProvider::get_default() {
        return Ok(Arc::clone(installed));
    }
    built_in().map(Arc::new).ok_or_else(|| {
        Error::configuration(
            "cannot configure TLS: there is no cryptographic provider; enable the feature ring \
             or aws-lc-rs, or install one with rustls::crypto::CryptoProvider",
        )
    })
}

#[cfg(feature = "aws-lc-rs")]
fn built_in() -> Option<CryptoProvider> {
    Some(rustls::crypto::aws_lc_rs::default_provider())
}

#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
fn built_in() -> Option<CryptoProvider> {
    Some(rustls::crypto::ring::default_provider())
}

#[cfg(not(any(feature = "aws-lc-rs", feature = "ring")))]
fn built_in() -> Option<CryptoProvider> {
    None
}

/// The authorities that a client trusts.
enum Authorities {
    /// These alone.
    Only(RootCertStore),
    /// Those of the system, as the system verifies them, and these.
    System(Vec<CertificateDer<'static>>),
}

fn authorities(network: &Network) -> Result<Authorities, Error> {
    let mut own = Vec::new();
    for pem in &network.root_certificates {
        own.extend(certificates(pem, "Config::root_certificates")?);
    }
    if network.system_roots == Some(false) {
        return Ok(Authorities::Only(store(own)?));
    }
    let is_set = |name: &str| std::env::var_os(name).is_some();
    if is_set(FILE_VARIABLE) || is_set(DIRECTORY_VARIABLE) {
        let mut roots = store(own)?;
        add_variables(&mut roots)?;
        return Ok(Authorities::Only(roots));
    }
    Ok(Authorities::System(own))
}

/// Creates a store of certificates that the caller chose, each of which must be usable.
fn store(own: Vec<CertificateDer<'static>>) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in own {
        roots.add(certificate).map_err(|error| {
            Error::configuration(format!(
                "Config::root_certificates: cannot use a certificate: {error}; pass the \
                 certificates of authorities"
            ))
        })?;
    }
    Ok(roots)
}

/// Adds the certificates that the variables name. As in OpenSSL, other certificates of the system
/// are then not trusted.
fn add_variables(roots: &mut RootCertStore) -> Result<(), Error> {
    if let Some(file) = std::env::var_os(FILE_VARIABLE) {
        let path = Path::new(&file);
        let pem = std::fs::read(path).map_err(|error| {
            Error::configuration(format!(
                "{FILE_VARIABLE}: cannot read {path:?}: {error}; correct the path, or unset the \
                 variable"
            ))
            .with_source(error)
        })?;
        certificates(&pem, &format!("{FILE_VARIABLE}: {path:?}"))?;
    }
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added > 0 {
        return Ok(());
    }
    let problem = found.errors.first().map(|error| format!(": {error}"));
    Err(Error::configuration(format!(
        "{FILE_VARIABLE} and {DIRECTORY_VARIABLE} name no usable certificate{}; correct or unset \
         them",
        problem.unwrap_or_default()
    )))
}

/// Creates the verifier of the system, which trusts `own` as well.
fn system(
    own: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
) -> Result<Verifier, Error> {
    // Android's verifier takes no further certificates.
    #[cfg(target_os = "android")]
    let verifier = match own.is_empty() {
        true => Verifier::new(provider),
        false => Err(rustls::Error::General(
            "Android needs Config::system_roots(false) with Config::root_certificates".to_owned(),
        )),
    };
    #[cfg(not(target_os = "android"))]
    let verifier = Verifier::new_with_extra_roots(own, provider);
    verifier.map_err(|error| {
        Error::configuration(format!(
            "cannot use the root certificates of the system: {error}; install them, or name a file \
             with {FILE_VARIABLE} or Config::root_certificates"
        ))
        .with_source(error)
    })
}

/// Reads the certificates of a text in PEM form, at least one. `source` names the text for errors.
fn certificates(pem: &[u8], source: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(Error::configuration(format!(
            "{source} has no certificate in PEM form; it needs a text with -----BEGIN \
             CERTIFICATE-----"
        ))),
        Err(error) => Err(Error::configuration(format!(
            "{source} is not a text in PEM form: {error}; correct it"
        ))),
    }
}

/// Reads a certificate, those of its intermediate authorities, and its private key.
fn client_certificate(
    pem: &[u8],
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
    let setting = "Config::client_certificate";
    let chain = certificates(pem, setting)?;
    // The error might repeat a part of the key.
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        Error::configuration(format!(
            "{setting} has no private key in PEM form; add the key, unencrypted, to the same text"
        ))
    })?;
    Ok((chain, key))
}
