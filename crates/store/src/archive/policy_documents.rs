//! The documents of a snapshot that decide what Conditional Access demands.

use arrow::array::AsArray;
use idscore_history::difference::{Documents, digest};
use idscore_snapshot::{DataSetRecord, DataSetStatus, OpenError, Snapshot};
use serde_json::json;

/// Data sets that decide what Conditional Access demands, and the kinds of their documents.
const POLICIES: [(&str, &str); 3] = [
    ("policies", "conditionalAccessPolicy"),
    ("namedLocations", "namedLocation"),
    ("authenticationStrengthPolicies", "authenticationStrengthPolicy"),
];

const SECURITY_DEFAULTS: &str = "identitySecurityDefaultsEnforcementPolicy";

fn was_read_whole(snapshot: &Snapshot, name: &str) -> bool {
    let whole = |set: &DataSetRecord| set.name == name && set.status == DataSetStatus::Complete;
    snapshot.manifest().data_sets.iter().any(whole)
}

/// Policies and what they name, by kind. What could not be read whole is left out: it didn't vanish.
pub(crate) fn documents_of(snapshot: &Snapshot) -> Result<Documents, OpenError> {
    let read = POLICIES.iter().filter(|(name, _)| was_read_whole(snapshot, name));
    let of = |(_, kind): &(&str, &str)| Ok(((*kind).to_owned(), snapshot.documents(kind)?));
    let mut documents: Documents = read.map(of).collect::<Result<_, OpenError>>()?;
    // Security defaults are a column of the tenant; here they are one more policy.
    if let Some(enabled) = security_defaults(snapshot)? {
        let policy = json!({"displayName": "Security defaults", "isEnabled": enabled});
        documents.insert(SECURITY_DEFAULTS.to_owned(), vec![("securityDefaults".to_owned(), policy)]);
    }
    Ok(documents)
}

/// What tells the Conditional Access policies of a snapshot from others; empty where they could not all be read.
///
/// # Errors
/// When the snapshot can't be read.
pub fn policies_of(snapshot: &Snapshot) -> Result<String, OpenError> {
    let [(name, kind), ..] = POLICIES;
    if !was_read_whole(snapshot, name) {
        return Ok(String::new());
    }
    Ok(digest(&snapshot.documents(kind)?))
}

fn security_defaults(snapshot: &Snapshot) -> Result<Option<bool>, OpenError> {
    let mut enabled = None;
    for batch in snapshot.read("tenant", &["security_defaults_enabled"])? {
        let batch = batch?;
        let column = batch.column(0).as_boolean_opt().cloned();
        enabled = column.and_then(|column| column.iter().next().flatten());
    }
    Ok(enabled)
}
