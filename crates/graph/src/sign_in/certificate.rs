//! A certificate in place of a secret: PEM or PFX, and the assertion that it signs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use idscore_secrets::{Secret, read_private};
use jiff::Timestamp;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::error::CollectError;

/// How long an assertion is good. It is made anew for every token.
const LIFETIME: i64 = 600;
/// Small differences of clocks do no harm.
const SLACK: i64 = 60;

/// A certificate with its key.
#[derive(Clone)]
pub struct Certificate {
    path: PathBuf,
    thumbprint: String,
    not_before: i64,
    not_after: i64,
    key: Arc<RsaKeyPair>,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Certificate").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads a certificate and its key: both in one PEM file, or a PFX with its password.
    ///
    /// # Errors
    /// When the file is readable by others, holds no RSA key that fits, or needs another password.
    pub fn read(path: &Path, password: Option<&Secret>) -> Result<Self, CollectError> {
        let bytes = read_private(path)?;
        let (certificates, key) = if bytes.windows(11).any(|window| window == b"-----BEGIN ") {
            from_pem(path, &bytes)?
        } else {
            from_pfx(path, &bytes, password)?
        };
        Self::of(path, &certificates, &key)
    }

    fn of(path: &Path, certificates: &[Vec<u8>], key: &PrivateKeyDer<'_>) -> Result<Self, CollectError> {
        let wrong = |reason: &str, hint: &str| refused(path, reason, hint);
        let key = match key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => return Err(wrong("its key is no RSA key", "Microsoft Entra ID takes RSA keys of 2048 bits or more")),
        };
        let key = key.map_err(|_| {
            wrong(
                "its key is no RSA key of 2048 to 4096 bits",
                "Microsoft Entra ID takes RSA keys of 2048 bits or more",
            )
        })?;
        // A file may hold the chain besides: ours is the one of the key.
        let public = key.public();
        let modulus = |certificate: &X509Certificate<'_>| {
            certificate
                .public_key()
                .subject_public_key
                .data
                .windows(public.as_ref().len())
                .any(|w| w == public.as_ref())
        };
        let own = certificates.iter().find_map(|der| {
            let (_, certificate) = X509Certificate::from_der(der).ok()?;
            let validity = certificate.validity();
            modulus(&certificate).then(|| (der, validity.not_before.timestamp(), validity.not_after.timestamp()))
        });
        let (der, not_before, not_after) =
            own.ok_or_else(|| wrong("no certificate in it fits its key", "give one file with both, as it was made"))?;
        Ok(Self {
            path: path.to_owned(),
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(der)),
            not_before,
            not_after,
            key: Arc::new(key),
        })
    }

    /// Whether it is good at an instant.
    pub(super) fn valid_at(&self, now: Timestamp) -> Result<(), CollectError> {
        let day =
            |second| Timestamp::from_second(second).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
        if now.as_second() > self.not_after {
            return Err(refused(
                &self.path,
                &format!("it expired on {}", day(self.not_after)),
                "make a new one and upload it under \"Certificates & secrets\" of the app registration",
            ));
        }
        if now.as_second().saturating_add(SLACK) < self.not_before {
            return Err(refused(
                &self.path,
                &format!("it is valid from {} on", day(self.not_before)),
                "check this machine's clock, or use another certificate",
            ));
        }
        Ok(())
    }

    /// The signed statement that stands in for a secret.
    pub(super) fn assertion(&self, client_id: &str, audience: &str, now: Timestamp) -> Result<Secret, CollectError> {
        let failed = || refused(&self.path, "it could not sign", "try another certificate");
        let mut unique = [0_u8; 16];
        getrandom::fill(&mut unique).map_err(|_| failed())?;
        let now = now.as_second();
        let head = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let body = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": URL_SAFE_NO_PAD.encode(unique),
            "iat": now, "nbf": now.saturating_sub(SLACK), "exp": now.saturating_add(LIFETIME),
        });
        let encoded = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encoded(&head), encoded(&body));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).map_err(|_| failed())?;
        Ok(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

type Read = (Vec<Vec<u8>>, PrivateKeyDer<'static>);

fn from_pem(path: &Path, bytes: &[u8]) -> Result<Read, CollectError> {
    let certificates: Vec<Vec<u8>> =
        CertificateDer::pem_slice_iter(bytes).filter_map(Result::ok).map(|der| der.to_vec()).collect();
    let text = String::from_utf8_lossy(bytes);
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(refused(
            path,
            "its key is encrypted",
            "give it as a PFX with its password, which `openssl pkcs12 -export` makes, or the key unencrypted in a private file",
        ));
    }
    let key = PrivateKeyDer::from_pem_slice(bytes).map_err(|_| {
        refused(path, "it holds no private key", "give one PEM file with the certificate and its key, mode 600")
    })?;
    Ok((certificates, key))
}

fn from_pfx(path: &Path, bytes: &[u8], password: Option<&Secret>) -> Result<Read, CollectError> {
    let password = password.map_or("", Secret::reveal);
    let store = KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed).map_err(|_| {
        refused(
            path,
            "it is no PEM, and no PFX that this password opens",
            "give the PFX's password in AZURE_CLIENT_CERTIFICATE_PASSWORD or with --certificate-password-file",
        )
    })?;
    let (_, chain) = store
        .private_key_chain()
        .ok_or_else(|| refused(path, "it holds no private key", "export the certificate together with its key"))?;
    let certificates = chain.certs().iter().map(|certificate| certificate.as_der().to_vec()).collect();
    let key = PrivateKeyDer::Pkcs8(chain.key().as_der().to_vec().into());
    Ok((certificates, key))
}

fn refused(path: &Path, reason: &str, hint: &str) -> CollectError {
    CollectError::Certificate { path: path.to_owned(), reason: reason.to_owned(), hint: hint.to_owned() }
}
