//! Assertions with which an app signs in in place of a secret: signed with its certificate, or by another issuer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

/// What Entra says to an assertion that it doesn't take: a number and a sentence.
pub(crate) type Refused = (u32, String);

/// Seconds that clocks may differ.
const LENIENCE: i64 = 300;
/// What a federated assertion is addressed to, in each cloud.
const EXCHANGES: [&str; 3] =
    ["api://AzureADTokenExchange", "api://AzureADTokenExchangeUSGov", "api://AzureADTokenExchangeChina"];
/// Where Entra itself listens: clients that always name it are right too.
const LOGIN_HOSTS: [&str; 4] = [
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.chinacloudapi.cn",
    "https://login.partner.microsoftonline.cn",
];

#[derive(Deserialize)]
struct Head {
    alg: String,
    #[serde(rename = "x5t#S256")]
    sha256: Option<String>,
    x5t: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    aud: Option<String>,
    iss: Option<String>,
    sub: Option<String>,
    jti: Option<String>,
    exp: Option<i64>,
    nbf: Option<i64>,
}

/// Who signs in where, and when.
pub(crate) struct Expected<'a> {
    pub client_id: &'a str,
    pub tenant: &'a str,
    /// `http://127.0.0.1:1234`
    pub base: &'a str,
    pub now: i64,
    pub certificate: Option<&'a str>,
}

/// Checks an assertion.
pub(crate) fn check(assertion: &str, expected: &Expected<'_>) -> Result<(), Refused> {
    let malformed = || (50_027, "JWT token is invalid or malformed.".to_owned());
    let parts: Vec<&str> = assertion.split('.').collect();
    let [head, body, signature] = parts.as_slice() else { return Err(malformed()) };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).map_err(|_| malformed());
    let head_of: Head = serde_json::from_slice(&decode(head)?).map_err(|_| malformed())?;
    let body_of: Body = serde_json::from_slice(&decode(body)?).map_err(|_| malformed())?;
    let signature = decode(signature)?;

    in_time(&body_of, expected.now)?;
    let aud = body_of.aud.as_deref().unwrap_or_default();
    let own = body_of.iss.as_deref() == Some(expected.client_id);
    if !own {
        // Another issuer vouches; its keys are not ours to know.
        let addressed = EXCHANGES.contains(&aud);
        return if addressed && body_of.sub.is_some() && body_of.iss.is_some() {
            Ok(())
        } else if addressed {
            Err((700_213, "No matching federated identity record found for presented assertion subject.".to_owned()))
        } else {
            Err((
                700_212,
                format!("No matching federated identity record found for presented assertion audience '{aud}'."),
            ))
        };
    }
    let path = format!("/{}/oauth2/v2.0/token", expected.tenant);
    let issuer = format!("/{}/v2.0", expected.tenant);
    let here = std::iter::once(expected.base).chain(LOGIN_HOSTS);
    if !here.into_iter().any(|host| aud.strip_prefix(host).is_some_and(|rest| rest == path || rest == issuer)) {
        return Err((700_023, format!("Client assertion audience claim does not match Realm issuer: '{aud}'.")));
    }
    if body_of.sub.as_deref() != Some(expected.client_id) {
        return Err((
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.".to_owned(),
        ));
    }
    if body_of.jti.as_deref().is_none_or(str::is_empty) {
        return Err((50_027, "JWT token is invalid or malformed: it has no jti.".to_owned()));
    }
    let signed = format!("{head}.{body}");
    expected.certificate.map_or(Ok(()), |pem| signed_with(pem, &head_of, signed.as_bytes(), &signature, expected.now))
}

fn in_time(body: &Body, now: i64) -> Result<(), Refused> {
    let Some(exp) = body.exp else {
        return Err((50_027, "JWT token is invalid or malformed: it has no exp.".to_owned()));
    };
    let early = body.nbf.is_some_and(|nbf| nbf > now + LENIENCE);
    if early || exp < now - LENIENCE {
        let instant = |second| jiff::Timestamp::from_second(second).unwrap_or_default();
        return Err((
            700_024,
            format!(
                "Client assertion is not within its valid time range. Current time: {}, expiry time of assertion {}.",
                instant(now),
                instant(exp)
            ),
        ));
    }
    Ok(())
}

fn signed_with(pem: &str, head: &Head, signed: &[u8], signature: &[u8], now: i64) -> Result<(), Refused> {
    let refused = |why: &str| {
        (
            700_027,
            format!(
                "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - {why}]"
            ),
        )
    };
    let certificate =
        CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| refused("The server's certificate is no PEM."))?;
    let (_, parsed) =
        X509Certificate::from_der(&certificate).map_err(|_| refused("The server's certificate can't be read."))?;
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate));
    let short = URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate));
    let named =
        head.sha256.as_ref().map(|given| (given, &thumbprint)).or(head.x5t.as_ref().map(|given| (given, &short)));
    match named {
        Some((given, own)) if given.trim_end_matches('=') == own => {}
        _ => return Err(refused("The key was not found.")),
    }
    if parsed.validity().not_after.timestamp() < now {
        return Err(refused("The key used is expired."));
    }
    let key = parsed.public_key().subject_public_key.data.as_ref();
    let algorithm: &dyn signature::VerificationAlgorithm = match head.alg.as_str() {
        "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "ES256" => &signature::ECDSA_P256_SHA256_FIXED,
        _ => return Err(refused("The algorithm of the signature is not supported.")),
    };
    signature::UnparsedPublicKey::new(algorithm, key)
        .verify(signed, signature)
        .map_err(|_| refused("Client assertion contains an invalid signature."))
}
