//! Page tokens and delta tokens: opaque to clients, signed so that nobody makes their own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::chance::mix;
use crate::rows::hash;

/// Where a list goes on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Page {
    /// The path that it belongs to.
    pub path: u64,
    pub generation: u32,
    pub file: u32,
    pub row: u32,
    /// The id of the last row, for when the export has changed.
    pub last: u64,
    pub issued: i64,
}

/// Where a delta round goes on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Round {
    pub round: u64,
    pub at: usize,
    pub issued: i64,
}

/// What a client knows already.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Known {
    pub outline: u64,
}

fn check(seed: u64, body: &[u8]) -> [u8; 8] {
    mix(seed ^ hash(body)).to_le_bytes()
}

/// Makes a token.
pub(crate) fn write<T: Serialize>(seed: u64, content: &T) -> String {
    let mut bytes = serde_json::to_vec(content).unwrap_or_default();
    let signature = check(seed, &bytes);
    bytes.extend_from_slice(&signature);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a token that this server made.
pub(crate) fn read<T: DeserializeOwned>(seed: u64, token: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (body, signature) = bytes.split_at_checked(bytes.len().checked_sub(8)?)?;
    (signature == check(seed, body)).then(|| serde_json::from_slice(body).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_of_this_server_are_read() {
        let page = Page { path: 1, generation: 1, file: 2, row: 3, last: 4, issued: 5 };
        let token = write(7, &page);
        assert_eq!(read(7, &token), Some(page));
        assert_eq!(read::<Page>(8, &token), None);
        assert_eq!(read::<Round>(7, &token), None, "a page is no round");
        for bad in ["", "x", "AAAA", "????"] {
            assert_eq!(read::<Page>(7, bad), None, "{bad}");
        }
    }
}
