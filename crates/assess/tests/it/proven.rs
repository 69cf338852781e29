//! What refines a verdict and was not read leaves the headline as it is, and widens floor and ceiling.

use serde_json::json;

use crate::tenant::{GLOBAL_ADMINISTRATOR, Tenant, id, interval, outcome};

const INTUNE_ADMINISTRATOR: &str = "3a2c62db-5318-420d-8d74-23affee5d9d5";

fn registered(tenant: Tenant, names: &[&str]) -> Tenant {
    names.iter().fold(tenant, |tenant, name| {
        tenant.user(name, json!({})).registered(name, true, true, &["microsoftAuthenticatorPush"])
    })
}

fn per_user(tenant: Tenant, name: &str, state: &str) -> Tenant {
    tenant.with("requirements", json!({"owner": id(name), "value": [{"perUserMfaState": state}]}))
}

#[test]
fn per_user_mfa_that_was_not_read_may_protect_whoever_no_policy_protects() {
    let tenant = || {
        registered(Tenant::default(), &["ada", "boris"])
            .policy("ada", json!({"conditions": {"users": {"includeUsers": [id("ada")]}}}))
    };
    let read = per_user(per_user(tenant(), "ada", "disabled"), "boris", "disabled");
    let judged = read.judge();
    assert_eq!(
        (outcome(&judged, "mfa_enforced_all"), interval(&judged, "mfa_enforced_all")),
        ("partial 1 of 2 unknown 0".to_owned(), "5.00 to 5.00".to_owned())
    );
    let unread = tenant().without("requirements").judge();
    assert_eq!(
        (outcome(&unread, "mfa_enforced_all"), interval(&unread, "mfa_enforced_all")),
        ("partial 1 of 2 unknown 0".to_owned(), "5.00 to 10.00".to_owned())
    );
    let strict = tenant().without("requirements").configured("profile = 'strict'").judge();
    assert_eq!(interval(&strict, "mfa_enforced_all"), "5.00 to 5.00", "strict gives it no credit");
}

#[test]
fn a_role_of_which_graph_does_not_say_whether_it_is_privileged_may_make_an_administrator() {
    let definition = |privileged: serde_json::Value| {
        json!({"id": INTUNE_ADMINISTRATOR, "templateId": INTUNE_ADMINISTRATOR,
        "displayName": "Intune Administrator", "isBuiltIn": true, "isEnabled": true, "isPrivileged": privileged})
    };
    let tenant = |privileged: serde_json::Value| {
        registered(Tenant::default(), &["ada", "boris"])
            .with("roleDefinitions", definition(privileged))
            .role("ada", GLOBAL_ADMINISTRATOR)
            .role("boris", INTUNE_ADMINISTRATOR)
            .policy("ada", json!({"conditions": {"users": {"includeUsers": [id("ada")]}}}))
    };
    let said = |privileged| per_user(per_user(tenant(privileged), "ada", "disabled"), "boris", "disabled").judge();
    let both = |judged| (outcome(&judged, "AdminMFAV2"), interval(&judged, "AdminMFAV2"));
    assert_eq!(both(said(json!(true))), ("partial 1 of 2 unknown 0".to_owned(), "5.00 to 5.00".to_owned()));
    assert_eq!(both(said(json!(false))), ("met 1 of 1 unknown 0".to_owned(), "10.00 to 10.00".to_owned()));
    assert_eq!(both(said(json!(null))), ("met 1 of 1 unknown 0".to_owned(), "5.00 to 10.00".to_owned()));
}

#[test]
fn a_declared_break_glass_account_that_cannot_be_checked_stays_in_and_may_leave() {
    let glass = id("glass");
    let declared =
        format!("[[break_glass]]\nid = '{glass}'\nowner = 'IT'\nreason = 'emergency'\nexpires = '2027-01-31'");
    let without_glass = json!({"includeUsers": ["All"], "excludeUsers": [glass]});
    let block = json!({"conditions": {"users": without_glass, "clientAppTypes": ["other"]},
        "grantControls": {"builtInControls": ["block"]}});
    let tenant = registered(Tenant::default(), &["ada"])
        .user("glass", json!({}))
        .registered("glass", true, true, &["fido2SecurityKey"])
        .role("glass", GLOBAL_ADMINISTRATOR)
        .policy("mfa", json!({"conditions": {"users": without_glass}}))
        .policy("block", block)
        .configured(&declared);
    let tenant = per_user(per_user(tenant, "ada", "disabled"), "glass", "disabled");
    let checked = tenant.signed_in("glass", "2026-11-20T00:00:00Z");
    let judged = checked.judge();
    assert_eq!(outcome(&judged, "mfa_enforced_all"), "met 1 of 1 unknown 0");
    assert_eq!(interval(&judged, "mfa_enforced_all"), "10.00 to 10.00");
    let judged = checked.refused("signInActivity", "AuditLog.Read.All").judge();
    assert_eq!(outcome(&judged, "mfa_enforced_all"), "partial 1 of 2 unknown 0");
    assert_eq!(interval(&judged, "mfa_enforced_all"), "5.00 to 10.00");
}

#[test]
fn without_the_role_list_any_account_may_be_one_of_directory_synchronisation() {
    let tenant =
        registered(Tenant::default(), &["ada", "boris"]).refused("roleAssignments", "RoleManagement.Read.Directory");
    let tenant = tenant.refused("roleAssignmentScheduleInstances", "RoleManagement.Read.Directory");
    let judged = tenant.judge();
    assert_eq!(
        (outcome(&judged, "MFARegistrationV2"), interval(&judged, "MFARegistrationV2")),
        ("met 2 of 2 unknown 0".to_owned(), "0.00 to 9.00".to_owned())
    );
}
