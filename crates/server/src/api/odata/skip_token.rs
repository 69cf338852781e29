//! `$skiptoken`: where the next page starts. Opaque to clients.
//!
//! It carries the order keys of the last row sent, so that the next page continues after that row even when others
//! were inserted or removed meanwhile, and how many rows `$top` still allows. A checksum over it and over the filter
//! and the order refuses a token that was cut, changed, or taken from another question. The checksum has no secret:
//! a token gives its holder nothing that `$filter` would not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::ODataError;
use super::key::Key;

const CHECKSUM_BYTES: usize = 12;
const MAX_CHARACTERS: usize = 32 * 1024;

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// The order keys of the last row that was sent.
    #[serde(rename = "a")]
    pub(crate) after: Vec<Key>,
    /// How many rows `$top` still allows.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(crate) left: Option<u64>,
}

impl Cursor {
    /// The token for a question, which is the text of everything that must stay the same from page to page.
    pub(crate) fn token(&self, question: &str) -> Option<String> {
        // Keys and numbers always serialise; without a token the page would be the last one.
        let payload = serde_json::to_vec(self).ok()?;
        let mut bytes = checksum(question, &payload);
        bytes.extend_from_slice(&payload);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads a token that was made for this question and this number of keys.
    pub(crate) fn read(token: &str, question: &str, keys: usize) -> Result<Self, ODataError> {
        Self::checked(token, question)
            .filter(|cursor| cursor.after.len() == keys)
            .ok_or_else(|| ODataError::new("The $skiptoken is not valid for this request."))
    }

    fn checked(token: &str, question: &str) -> Option<Self> {
        if token.len() > MAX_CHARACTERS {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (sum, payload) = bytes.split_at_checked(CHECKSUM_BYTES)?;
        if sum != checksum(question, payload).as_slice() {
            return None;
        }
        serde_json::from_slice(payload).ok()
    }
}

fn checksum(question: &str, payload: &[u8]) -> Vec<u8> {
    let digest = Sha256::new().chain_update(question).chain_update([0]).chain_update(payload).finalize();
    digest.iter().copied().take(CHECKSUM_BYTES).collect()
}
