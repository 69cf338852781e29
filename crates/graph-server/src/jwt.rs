//! Tokens: issued with the permissions of the app, and checked when they come back.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// What a token says of whoever holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub aud: String,
    pub iss: String,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
    pub appid: String,
    pub tid: String,
    pub oid: String,
    /// Permissions of an app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Permissions of an app that acts for a person, with blanks between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scp: Option<String>,
    /// Counts the tokens, so that those issued so far can end.
    pub uti: u64,
    pub ver: String,
}

impl Claims {
    /// Every permission.
    pub fn permissions(&self) -> Vec<&str> {
        let delegated = self.scp.iter().flat_map(|scopes| scopes.split(' '));
        self.roles.iter().map(String::as_str).chain(delegated).collect()
    }
}

/// Signs and checks with a key that follows from the seed.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    key: [u8; 32],
}

impl Signer {
    pub fn new(seed: u64) -> Self {
        use sha2::Digest;
        let mut digest = Sha256::new();
        digest.update(b"idscore graph-server");
        digest.update(seed.to_le_bytes());
        Self { key: digest.finalize().into() }
    }

    fn mac(&self, text: &str) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(text.as_bytes());
        Some(mac)
    }

    /// A JSON Web Token.
    pub fn sign(&self, claims: &Claims) -> Option<String> {
        let head = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"HS256"}"#);
        let body = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).ok()?);
        let text = format!("{head}.{body}");
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&text)?.finalize().into_bytes());
        Some(format!("{text}.{signature}"))
    }

    /// What a token says, where this server signed it.
    pub fn read(&self, token: &str) -> Option<Claims> {
        let (text, signature) = token.rsplit_once('.')?;
        let (_, body) = text.split_once('.')?;
        self.mac(text)?.verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_only_by_the_server_that_signed_it_and_unchanged() {
        let claims = Claims {
            aud: "https://graph.microsoft.com".to_owned(),
            iss: String::new(),
            iat: 1,
            nbf: 1,
            exp: 2,
            appid: "app".to_owned(),
            tid: "tenant".to_owned(),
            oid: "object".to_owned(),
            roles: vec!["User.Read.All".to_owned()],
            scp: None,
            uti: 1,
            ver: "1.0".to_owned(),
        };
        let signer = Signer::new(7);
        let token = signer.sign(&claims).unwrap();
        assert_eq!(signer.read(&token), Some(claims));
        assert_eq!(Signer::new(8).read(&token), None);
        let mut changed = token.into_bytes();
        changed[60] ^= 1;
        assert_eq!(signer.read(&String::from_utf8(changed).unwrap()), None);
        assert_eq!(signer.read("x.y"), None);
    }
}
