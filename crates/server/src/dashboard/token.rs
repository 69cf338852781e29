//! What binds a form to the session whose page it is on.

use sha2::{Digest, Sha256};

/// What proves that a form came from a page of a session: a hash that only who knows the session's secret can make.
pub(super) struct Token<'a> {
    secret: &'a str,
}

impl<'a> Token<'a> {
    pub(super) fn of(secret: &'a str) -> Self {
        Self { secret }
    }

    /// Another one for every page, so that the length of a compressed page tells nothing about it.
    pub(super) fn fresh(&self) -> String {
        let mut salt = [0; 16];
        // Without randomness the token is still bound to the session.
        if getrandom::fill(&mut salt).is_err() {
            tracing::warn!("the operating system gives no random numbers");
        }
        let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{salt}.{}", self.hash(&salt))
    }

    pub(super) fn fits(&self, token: &str) -> bool {
        let Some((salt, hash)) = token.split_once('.') else { return false };
        let expected = self.hash(salt);
        // In the same time wherever they differ.
        let differing = hash.bytes().zip(expected.bytes()).fold(0, |all, (one, other)| all | (one ^ other));
        hash.len() == expected.len() && differing == 0
    }

    fn hash(&self, salt: &str) -> String {
        let digest = Sha256::digest(format!("form {} {salt}", self.secret).as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_its_session_only_and_is_another_every_time() {
        let (token, other) = (Token::of("secret"), Token::of("another"));
        let fresh = token.fresh();
        assert!(token.fits(&fresh) && !other.fits(&fresh));
        assert_ne!(fresh, token.fresh());
        let changed = fresh.replace('.', "0.");
        assert!(![changed.as_str(), "", ".", "x"].iter().any(|forged| token.fits(forged)));
    }
}
