//! TLS without a proxy: rustls, and certificates that change while the service runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};

/// HTTP/2, as TLS names it.
pub(crate) const HTTP_2: &[u8] = b"h2";

/// Why a certificate can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file can't be read, or is no PEM of what it should be.
    #[error("cannot read {what} `{}`", path.display())]
    Read {
        /// `the certificate` or `the key`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Everybody may read the key.
    #[error("everybody may read the key `{}` (mode {mode:o})", path.display())]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Certificate and key don't fit each other, or are of a kind that is not supported.
    #[error("cannot use the certificate `{}` with the key `{}`", certificate.display(), key.display())]
    Unusable {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// The cause.
        source: rustls::Error,
    },
}

impl TlsError {
    /// The next step.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Read { .. } => {
                "give PEM files: --tls-cert the certificate with its chain, --tls-key its private key".to_owned()
            }
            Self::Readable { path, .. } => format!("chmod 600 {}", path.display()),
            Self::Unusable { .. } => "the key must belong to the first certificate of the file".to_owned(),
        }
    }
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

struct Current {
    config: Arc<ServerConfig>,
    /// Of what the files held, the last time that they were looked at.
    seen: [u8; 32],
}

/// A certificate and its key, read again when the files change.
#[derive(Clone)]
pub struct Tls {
    files: Arc<Files>,
    current: Arc<RwLock<Current>>,
}

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// When one can't be read, everybody may read the key, or they don't fit each other.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
        let (config, seen) = (load(&files)?, files.hash());
        Ok(Self { files: Arc::new(files), current: Arc::new(RwLock::new(Current { config, seen })) })
    }

    /// Reads the files again if they changed. What can't be used changes nothing: the service goes on with what it has.
    /// Says whether there is a new certificate.
    ///
    /// # Errors
    /// As [`Tls::read`]; once for every change.
    pub fn refresh(&self) -> Result<bool, TlsError> {
        let now = self.files.hash();
        if self.current.read().unwrap_or_else(PoisonError::into_inner).seen == now {
            return Ok(false);
        }
        let loaded = load(&self.files);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.seen = now;
        current.config = loaded?;
        Ok(true)
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).config)
    }
}

impl Files {
    fn hash(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for path in [&self.certificate, &self.key] {
            let content = std::fs::read(path).unwrap_or_default();
            digest.update(content.len().to_le_bytes());
            digest.update(&content);
        }
        digest.finalize().into()
    }
}

fn load(files: &Files) -> Result<Arc<ServerConfig>, TlsError> {
    let unread = |what, path: &Path, source: Box<dyn std::error::Error + Send + Sync>| TlsError::Read {
        what,
        path: path.to_owned(),
        source,
    };
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| unread("the certificate", &files.certificate, Box::new(source)))?;
    if chain.is_empty() {
        return Err(unread("the certificate", &files.certificate, "there is none in it".into()));
    }
    private(&files.key)?;
    let key =
        PrivateKeyDer::from_pem_file(&files.key).map_err(|source| unread("the key", &files.key, Box::new(source)))?;
    let unusable =
        |source| TlsError::Unusable { certificate: files.certificate.clone(), key: files.key.clone(), source };
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unusable)?;
    config.alpn_protocols = vec![HTTP_2.to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(unix)]
fn private(path: &Path) -> Result<(), TlsError> {
    use std::os::unix::fs::PermissionsExt;
    // A file that can't be looked at can't be read either, which says more.
    let Ok(data) = std::fs::metadata(path) else { return Ok(()) };
    let mode = data.permissions().mode() & 0o777;
    // A group of its own for keys is common.
    if mode & 0o007 == 0 { Ok(()) } else { Err(TlsError::Readable { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn private(_: &Path) -> Result<(), TlsError> {
    // Elsewhere a file takes its permissions from its folder.
    Ok(())
}
