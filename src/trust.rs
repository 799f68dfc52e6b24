//! Whom we trust when we call out over TLS: Mozilla's certificate authorities, compiled in, so that it works in an empty container, and those
//! of a PEM file that a setting names, for systems behind a private one.
//!
//! A file that cannot be read, or holds nothing to trust, is an error: calls would fail later, one by one.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

/// Why there is nobody to trust.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file.
    #[error("holds no certificates that can be read")]
    File(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The set-up itself.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

/// A client's side of TLS, without a certificate of its own.
///
/// # Errors
/// [`TrustError`].
pub(crate) fn tls_client(ca_file: Option<&Path>) -> Result<ClientConfig, TrustError> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = ca_file {
        let wrong = |problem: &dyn std::fmt::Display| {
            TrustError::File(format!("{}: {problem}", path.display()).into())
        };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(&error))?;
        if certificates.is_empty() {
            return Err(wrong(&"no certificate in the file"));
        }
        for certificate in certificates {
            roots.add(certificate).map_err(|error| wrong(&error))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TrustError::Tls)?;
    Ok(tls.with_root_certificates(roots).with_no_client_auth())
}
