//! Of the people behind an action, those who have no method that they may use.

use serde_json::json;

use crate::tenant::Tenant;

/// Four people whom no policy protects; of the fourth the report knows nothing.
fn unprotected() -> Tenant {
    Tenant::default()
        .user("ada", json!({}))
        .user("boris", json!({}))
        .user("cleo", json!({}))
        .user("dora", json!({}))
        .registered("ada", true, true, &["fido2SecurityKey"])
        .registered("boris", false, false, &[])
        .registered("cleo", true, false, &["mobilePhone"])
}

fn without_method(tenant: &Tenant, control: &str) -> (u64, Option<u64>) {
    let judgement = tenant.judge();
    let result = judgement.assessment.controls.iter().find(|result| result.id == control).unwrap();
    (result.total - result.count, result.without_method)
}

#[test]
fn who_has_a_method_that_the_policy_forbids_has_none_and_who_is_not_known_is_not_counted() {
    assert_eq!(without_method(&unprotected(), "BlockLegacyAuthentication"), (4, Some(2)));
    assert_eq!(without_method(&unprotected(), "MFARegistrationV2"), (1, Some(1)));
}

#[test]
fn without_the_report_nothing_is_said() {
    let unread = unprotected().refused("userRegistrationDetails", "AuditLog.Read.All");
    assert_eq!(without_method(&unread, "BlockLegacyAuthentication"), (4, None));
}

#[test]
fn an_action_that_is_not_about_people_says_nothing() {
    assert_eq!(without_method(&unprotected(), "PWAgePolicyNew").1, None);
}
