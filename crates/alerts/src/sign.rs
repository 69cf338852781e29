//! Signatures of webhooks, after [Standard Webhooks](https://www.standardwebhooks.com): HMAC-SHA256 over
//! `id.timestamp.body`, so that a receiver can use a library that is there already.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use idscore_secrets::Secret;

/// The header with the message's id, by which a receiver knows what it has already.
pub const ID: &str = "webhook-id";
/// The header with the instant of sending, in seconds since 1970 UTC.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header with the signature.
pub const SIGNATURE: &str = "webhook-signature";
/// The fewest bytes of a key.
const LEAST: usize = 24;

/// The key that a secret stands for.
#[derive(Clone)]
pub struct Key(Vec<u8>);

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key(***)")
    }
}

impl Key {
    /// `whsec_` and base64, or any text that is long enough; none where it is too short to be a key.
    #[must_use]
    pub fn of(secret: &Secret) -> Option<Self> {
        let bytes = match secret.reveal().strip_prefix("whsec_") {
            Some(encoded) => STANDARD.decode(encoded).ok()?,
            None => secret.reveal().as_bytes().to_vec(),
        };
        (bytes.len() >= LEAST).then_some(Self(bytes))
    }

    /// The value of the header [`SIGNATURE`]; none where the key can't be used.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
        let signature = self.mac(id, timestamp, body)?.finalize().into_bytes();
        Some(format!("v1,{}", STANDARD.encode(signature)))
    }

    /// Whether one of the signatures of a header fits, compared in constant time, and the message is at most `tolerance`
    /// seconds away from `now`. What a receiver does; the user guide shows the same in Python.
    #[must_use]
    pub fn verify(&self, id: &str, timestamp: i64, body: &[u8], header: &str, now: i64, tolerance: u64) -> bool {
        let fits = |signature: &str| {
            let signature = STANDARD.decode(signature).ok()?;
            self.mac(id, timestamp, body)?.verify_slice(&signature).ok()
        };
        now.abs_diff(timestamp) <= tolerance
            && header.split(' ').filter_map(|part| part.strip_prefix("v1,")).any(|part| fits(part).is_some())
    }

    fn mac(&self, id: &str, timestamp: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_standards_own_example() {
        let key = Key::of(&Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let body = br#"{"test": 2432232314}"#;
        let (id, at) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let signature = key.sign(id, at, body).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(key.verify(id, at, body, &format!("v1a,x v1,AAAA {signature}"), at + 300, 300));
        assert!(!key.verify(id, at, body, &signature, at + 301, 300), "too old");
        assert!(!key.verify(id, at + 1, body, &signature, at, 300), "another timestamp");
        assert!(!key.verify(id, at, b"{}", &signature, at, 300), "another body");
    }

    #[test]
    fn a_short_secret_is_no_key() {
        assert!(Key::of(&Secret::new("hunter2")).is_none());
        assert!(Key::of(&Secret::new("whsec_aHVudGVyMg==")).is_none());
        assert!(Key::of(&Secret::new("whsec_???")).is_none());
    }
}
