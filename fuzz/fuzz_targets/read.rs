//! The readers of exports: the first byte chooses a file name, the rest is the file.
//!
//! `cargo +nightly fuzz run read -- -max_total_time=600`; a finding goes to `crates/snapshot/tests/corpus`.

#![no_main]

use libfuzzer_sys::fuzz_target;

const NAMES: &[&str] = &[
    "export.json",
    "users.json",
    "users.ndjson",
    "groups.json",
    "policies.json",
    "roleAssignments.json",
    "roleEligibilityScheduleInstances.json",
    "servicePrincipals.json",
    "applications.json",
    "oauth2PermissionGrants.json",
    "userRegistrationDetails.json",
    "signInActivity.json",
    "riskDetections.json",
    "groupSettings.json",
    "domains.json",
    "organization.json",
    "authorizationPolicy.json",
    "authenticationMethodsPolicy.json",
    "secureScores.json",
    "collection.json",
];

fuzz_target!(|data: &[u8]| {
    if let Some((choice, bytes)) = data.split_first()
        && let Some(name) = NAMES.get(usize::from(*choice) % NAMES.len())
    {
        let _ = idscore_snapshot::read_bytes(name, bytes);
    }
});
