//! The traps of Conditional Access that concern populations, registration and licences.

use serde_json::json;

use crate::tenant::{GLOBAL_ADMINISTRATOR, Tenant, id, outcome};

const DIRECTORY_SYNC: &str = "d29b2b05-8046-44ba-8758-1e26182fcf32";
const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";

/// Ada and Boris, both registered.
fn two_members() -> Tenant {
    Tenant::default()
        .user("ada", json!({}))
        .user("boris", json!({}))
        .registered("ada", true, true, &["microsoftAuthenticatorPush"])
        .registered("boris", true, true, &["microsoftAuthenticatorPush"])
}

#[test]
fn trap_06_an_admin_who_is_only_eligible_is_judged_as_activated_and_in_compat_not_at_all() {
    let tenant = two_members()
        .with(
            "roleEligibilityScheduleInstances",
            json!({"id": "e1", "principalId": id("ada"), "roleDefinitionId": GLOBAL_ADMINISTRATOR, "directoryScopeId": "/",
                "memberType": "Direct"}),
        )
        .policy("admins", json!({"conditions": {"users": {"includeUsers": ["None"], "includeRoles": [GLOBAL_ADMINISTRATOR]}}}));
    assert_eq!(outcome(&tenant.judge(), "AdminMFAV2"), "met 1 of 1 unknown 0");
    let compat = tenant.configured("profile = 'compat'").judge();
    assert_eq!(outcome(&compat, "AdminMFAV2"), "met 0 of 0 unknown 0");
}

#[test]
fn trap_07_a_role_in_an_administrative_unit_makes_an_admin_whom_no_role_policy_reaches() {
    let tenant = two_members()
        .role_in("ada", USER_ADMINISTRATOR, "/administrativeUnits/90000000-0000-4000-8000-000000000001")
        .policy(
            "admins",
            json!({"conditions": {"users": {"includeUsers": ["None"], "includeRoles": [USER_ADMINISTRATOR]}}}),
        );
    assert_eq!(outcome(&tenant.judge(), "AdminMFAV2"), "notMet 0 of 1 unknown 0");
}

#[test]
fn trap_08_an_admin_through_a_role_assignable_group_is_judged_like_any_other() {
    let tenant = two_members()
        .with("groups", json!({"id": id("admins-group"), "displayName": "Admins", "securityEnabled": true, "isAssignableToRole": true}))
        .with("members", json!({"owner": id("admins-group"), "value": [{"@odata.type": "#microsoft.graph.user", "id": id("ada")}]}))
        .with("eligibilityScheduleInstances", json!({"owner": id("admins-group"), "value": []}))
        .role("admins-group", GLOBAL_ADMINISTRATOR);
    assert_eq!(outcome(&tenant.judge(), "AdminMFAV2"), "notMet 0 of 1 unknown 0");
}

#[test]
fn trap_23_directory_sync_accounts_leave_the_populations_in_standard_only() {
    let tenant = two_members().role("boris", DIRECTORY_SYNC);
    assert_eq!(outcome(&tenant.judge(), "MFARegistrationV2"), "met 1 of 1 unknown 0");
    let strict = tenant.configured("profile = 'strict'").judge();
    assert_eq!(outcome(&strict, "MFARegistrationV2"), "met 2 of 2 unknown 0");
}

#[test]
fn trap_24_a_service_account_is_left_out_only_by_a_declaration_that_stands() {
    let declare = |expires: &str| {
        let id = id("boris");
        format!("[[service_account]]\nid = '{id}'\nowner = 'IT'\nreason = 'scanner'\nexpires = '{expires}'")
    };
    assert_eq!(outcome(&two_members().judge(), "MFARegistrationV2"), "met 2 of 2 unknown 0");
    let declared = two_members().configured(&declare("2027-01-31")).judge();
    assert_eq!(outcome(&declared, "MFARegistrationV2"), "met 1 of 1 unknown 0");
    assert_eq!(declared.assessment.declared[0].effect, "1 account left out of the populations");
    let expired = two_members().configured(&declare("2026-01-31")).judge();
    assert_eq!(outcome(&expired, "MFARegistrationV2"), "met 2 of 2 unknown 0");
    assert_eq!(expired.assessment.declared[0].effect, "none: expired on 2026-01-31");
}

#[test]
fn trap_25_agent_users_are_in_no_population_under_any_profile() {
    for profile in ["compat", "standard", "strict"] {
        let tenant = two_members()
            .user("agent", json!({"identityParentId": "c0000000-0000-4000-8000-000000000001"}))
            .configured(&format!("profile = '{profile}'"));
        let judgement = tenant.judge();
        assert_eq!(outcome(&judgement, "MFARegistrationV2"), "met 2 of 2 unknown 0", "{profile}");
        assert_eq!(judgement.assessment.users.agents, 1);
    }
}

#[test]
fn trap_26_shared_mailboxes_count_unless_users_without_a_licence_are_left_out() {
    let tenant = two_members()
        .user("shared-mailbox", json!({}))
        .registered("shared-mailbox", false, false, &[])
        .with_only(
            "users",
            json!({"id": id("ada"), "userPrincipalName": "ada@contoso.onmicrosoft.com", "userType": "Member",
                "accountEnabled": true, "assignedLicenses": [{"skuId": "84a661c4-e949-4bd2-a560-ed7766fcaf2b"}]}),
        )
        .user("shared-mailbox", json!({}));
    assert_eq!(outcome(&tenant.judge(), "MFARegistrationV2"), "partial 1 of 2 unknown 0");
    let filtered = tenant.configured("[settings]\nexclude_unlicensed = true").judge();
    assert_eq!(outcome(&filtered, "MFARegistrationV2"), "met 1 of 1 unknown 0");
}

#[test]
fn trap_29_security_defaults_without_conditional_access_protect_admins_and_block_legacy_clients() {
    let tenant = two_members()
        .role("ada", GLOBAL_ADMINISTRATOR)
        .with_only("identitySecurityDefaultsEnforcementPolicy", json!({"id": "d", "isEnabled": true}));
    let judgement = tenant.judge();
    assert_eq!(outcome(&judgement, "AdminMFAV2"), "met 1 of 1 unknown 0");
    assert_eq!(outcome(&judgement, "BlockLegacyAuthentication"), "met 2 of 2 unknown 0");
    assert_eq!(outcome(&judgement, "SigninRiskPolicy"), "notMet 0 of 2 unknown 0");
}

#[test]
fn trap_31_policies_of_a_tenant_whose_p1_has_run_out_count_with_a_warning() {
    let tenant = two_members()
        .with_only(
            "subscribedSkus",
            json!({"skuId": "s", "skuPartNumber": "AAD_PREMIUM", "capabilityStatus": "Suspended", "servicePlans":
                [{"servicePlanId": "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "servicePlanName": "AAD_PREMIUM"}]}),
        )
        .policy(
            "block legacy",
            json!({"conditions": {"clientAppTypes": ["exchangeActiveSync", "other"]},
                "grantControls": {"builtInControls": ["block"]}}),
        );
    let judgement = tenant.judge();
    assert_eq!(outcome(&judgement, "BlockLegacyAuthentication"), "met 2 of 2 unknown 0");
    assert!(judgement.assessment.warnings.iter().any(|warning| warning.contains("P1 is not owned")));
}

#[test]
fn trap_32_a_guest_who_is_an_administrator_is_judged_as_one() {
    let guest = json!({"userType": "Guest", "userPrincipalName": "mia_partner.test#EXT#@contoso.onmicrosoft.com"});
    let tenant = two_members().user("mia", guest).role("mia", GLOBAL_ADMINISTRATOR);
    assert_eq!(outcome(&tenant.judge(), "AdminMFAV2"), "notMet 0 of 1 unknown 0");
}

#[test]
fn trap_33_a_registered_method_that_policy_does_not_allow_counts_except_in_strict() {
    let tenant = Tenant::default().user("ada", json!({})).registered("ada", true, false, &["mobilePhone"]);
    assert_eq!(outcome(&tenant.judge(), "MFARegistrationV2"), "met 1 of 1 unknown 0");
    let strict = tenant.configured("profile = 'strict'").judge();
    assert_eq!(outcome(&strict, "MFARegistrationV2"), "notMet 0 of 1 unknown 0");
}

#[test]
fn trap_34_somebody_hired_in_the_future_counts_once_the_account_is_enabled() {
    let tenant = two_members().user("noor", json!({"employeeHireDate": "2027-02-01T00:00:00Z"})).registered(
        "noor",
        false,
        false,
        &[],
    );
    assert_eq!(outcome(&tenant.judge(), "MFARegistrationV2"), "partial 2 of 3 unknown 0");
}

#[test]
fn a_declared_break_glass_account_leaves_the_populations_only_while_it_passes_the_monitored_rule() {
    let tenant = |signed_in: &str| {
        two_members()
            .user("emergency", json!({}))
            .registered("emergency", true, true, &["fido2SecurityKey"])
            .signed_in("emergency", signed_in)
            .role("emergency", GLOBAL_ADMINISTRATOR)
            .policy(
                "block legacy",
                json!({"conditions": {"clientAppTypes": ["other"], "users": {"excludeUsers": [id("emergency")]}},
                    "grantControls": {"builtInControls": ["block"]}}),
            )
            .configured(&format!(
                "[[break_glass]]\nid = '{}'\nowner = 'IT'\nreason = 'emergency'\nexpires = '2027-01-31'",
                id("emergency")
            ))
    };
    let tested = tenant("2026-10-01T08:00:00Z").judge();
    assert_eq!(outcome(&tested, "AdminMFAV2"), "met 0 of 0 unknown 0");
    assert_eq!(tested.assessment.declared[0].effect, "1 account left out of the populations");
    let untested = tenant("2026-01-01T08:00:00Z").judge();
    assert_eq!(outcome(&untested, "AdminMFAV2"), "notMet 0 of 1 unknown 0");
    assert!(untested.assessment.declared[0].effect.contains("was not tested"), "{:?}", untested.assessment.declared);
    assert_eq!(tested.assessment.users.excepted["breakGlass"], 1);
}

#[test]
fn trap_35_a_user_younger_than_the_report_is_unknown_and_not_unregistered() {
    let tenant = two_members().user("new", json!({"createdDateTime": "2026-11-22T20:00:00Z"}));
    assert_eq!(outcome(&tenant.judge(), "MFARegistrationV2"), "met 2 of 2 unknown 1");
}
