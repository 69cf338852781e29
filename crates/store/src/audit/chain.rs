//! How entries are chained: what goes into the hash of each format.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::AuditEntry;
use crate::sha256::{hex, sha256};

/// What the first entry follows.
pub(crate) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The format of version 0.1: the hash covers what was said itself, so that an emptied entry can't be checked by it.
pub(crate) const FIRST: i64 = 1;
/// The format that is written: the hash covers the hash of what was said, so that an emptied entry still can be.
pub(crate) const SECOND: i64 = 2;
/// What makes a hash of the second format one of nothing else.
const MARKER: &str = "idscore audit 2";

/// Numbers and texts as a JSON array: no two lists of fields make the same text.
fn encoded(fields: &impl Serialize) -> String {
    // A tuple of numbers and texts always has a JSON form.
    serde_json::to_string(fields).unwrap_or_default()
}

/// The hash that an entry of the first format has, if its detail is still there.
pub(crate) fn first_hash(entry: &AuditEntry, previous: &str) -> String {
    let AuditEntry { sequence, at, actor, tenant_id, action, subject, detail, .. } = entry;
    sha256(encoded(&(sequence, at, actor, tenant_id, action, subject, detail, previous)).as_bytes())
}

/// The hash that an entry of the second format has, with its detail or without.
pub(crate) fn second_hash(entry: &AuditEntry, previous: &str) -> String {
    let AuditEntry { sequence, at, actor_kind, actor, actor_id, tenant_id, action, subject, detail_hash, .. } = entry;
    let who = (actor_kind.word(), actor, actor_id);
    sha256(encoded(&(MARKER, sequence, at, who, tenant_id, action, subject, detail_hash, previous)).as_bytes())
}

/// One digest over entries of the first format: what a seal says of all before it.
#[derive(Clone, Default)]
pub(crate) struct Digested(Sha256);

impl Digested {
    /// Takes in the next entry: every field but its detail, of which the hash stands for it.
    pub(crate) fn add(&mut self, entry: &AuditEntry) {
        let AuditEntry { sequence, at, actor_kind, actor, actor_id, tenant_id, action, subject, .. } = entry;
        let AuditEntry { detail_hash, previous_hash, hash, format, .. } = entry;
        let who = (actor_kind.word(), actor, actor_id);
        let chained = (detail_hash, previous_hash, hash, format);
        self.0.update(encoded(&(sequence, at, who, tenant_id, action, subject, chained)).as_bytes());
        self.0.update(b"\n");
    }

    /// The digest of what was taken in so far.
    pub(crate) fn finish(&self) -> String {
        hex(&self.0.clone().finalize())
    }
}
