//! Rules on consent, roles, unused accounts, password settings, and what each profile demands.

use idscore_score::Outcome;
use serde_json::{Value, json};

use crate::tenant::{GLOBAL_ADMINISTRATOR, Tenant, id, outcome};

const RECOMMENDED: &str = "microsoft-user-default-recommended";
const LOW: &str = "microsoft-user-default-low";
const MAIL_CLIENTS: [&str; 2] =
    ["microsoft-user-default-allow-consent-apps", "microsoft-user-allow-default-consent-apps"];
const USER_ADMINISTRATOR: &str = "fe930be7-5e62-47db-91af-98c3a49a38b1";
const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

fn under(tenant: &Tenant, profile: &str, control: &str) -> String {
    let tenant = tenant.clone().configured(&format!("profile = '{profile}'"));
    outcome(&tenant.judge(), control)
}

fn missing(tenant: &Tenant, profile: &str, control: &str) -> Vec<String> {
    let judgement = tenant.clone().configured(&format!("profile = '{profile}'")).judge();
    let result = judgement.assessment.controls.iter().find(|result| result.id == control).unwrap();
    result.missing.iter().map(|missing| missing.data_set.clone()).collect()
}

/// Users consent by these policies; Microsoft Graph's permissions of these names are classified as low.
fn consenting(policies: &[&str], low: Option<&[&str]>) -> Tenant {
    let assigned: Vec<String> = policies.iter().map(|name| format!("ManagePermissionGrantsForSelf.{name}")).collect();
    let tenant = Tenant::default()
        .with_only(
            "authorizationPolicy",
            json!({"id": "authorizationPolicy",
                "defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": assigned}}),
        )
        .with_only("servicePrincipals", json!({"id": id("graph"), "appId": "00000003-0000-0000-c000-000000000000"}));
    match low {
        None => tenant.refused("delegatedPermissionClassifications", "Application.Read.All"),
        Some(low) => {
            let rows: Vec<Value> =
                low.iter().map(|name| json!({"permissionName": name, "classification": "low"})).collect();
            tenant.with("delegatedPermissionClassifications", json!({"owner": id("graph"), "value": rows}))
        }
    }
}

#[test]
fn the_policy_for_mail_clients_has_the_verdict_of_the_recommended_one() {
    for name in MAIL_CLIENTS {
        for policies in [&[name][..], &[RECOMMENDED, name], &[RECOMMENDED]] {
            let tenant = consenting(policies, None);
            for (profile, expected) in
                [("compat", "met 1 of 1"), ("standard", "met 1 of 1"), ("strict", "notMet 0 of 1")]
            {
                assert_eq!(
                    under(&tenant, profile, "IntegratedApps"),
                    format!("{expected} unknown 0"),
                    "{policies:?} {profile}"
                );
            }
        }
    }
}

#[test]
fn standard_accepts_five_permissions_as_low_and_compat_what_the_tenant_classified() {
    let all = ["openid", "profile", "email", "offline_access", "User.Read"];
    for (low, standard) in [
        (Some(&all[..]), "met 1 of 1 unknown 0"),
        (Some(&[][..]), "met 1 of 1 unknown 0"),
        (Some(&["User.Read", "Mail.Read"][..]), "notMet 0 of 1 unknown 0"),
        (None, "notAssessed 0 of 0 unknown 1"),
    ] {
        for policies in [&[LOW][..], &[RECOMMENDED, LOW]] {
            let tenant = consenting(policies, low);
            assert_eq!(under(&tenant, "standard", "IntegratedApps"), standard, "{policies:?} {low:?}");
            assert_eq!(under(&tenant, "compat", "IntegratedApps"), "met 1 of 1 unknown 0", "{policies:?} {low:?}");
            assert_eq!(under(&tenant, "strict", "IntegratedApps"), "notMet 0 of 1 unknown 0", "{policies:?} {low:?}");
        }
    }
    assert_eq!(
        missing(&consenting(&[LOW], None), "standard", "IntegratedApps"),
        ["delegatedPermissionClassifications"]
    );
}

#[test]
fn an_own_policy_for_low_risk_goes_by_the_classification_too() {
    let own = |low: Option<&[&str]>, classification: &str| {
        consenting(&["own"], low).with(
            "permissionGrantPolicies",
            json!({"id": "own", "excludes": [], "includes": [{"permissionType": "delegated",
                "permissionClassification": classification, "clientApplicationsFromVerifiedPublisherOnly": true}]}),
        )
    };
    let standard = |tenant: Tenant| under(&tenant, "standard", "IntegratedApps");
    assert_eq!(standard(own(Some(&["User.Read"]), "low")), "met 1 of 1 unknown 0");
    assert_eq!(standard(own(Some(&["Files.Read"]), "low")), "notMet 0 of 1 unknown 0");
    assert_eq!(standard(own(None, "low")), "notAssessed 0 of 0 unknown 1");
    assert_eq!(standard(own(Some(&["User.Read"]), "all")), "notMet 0 of 1 unknown 0");
}

#[test]
fn classifications_of_microsoft_graph_have_to_be_among_those_read() {
    let other = consenting(&[LOW], None)
        .with("servicePrincipals", json!({"id": id("other"), "appId": "a"}))
        .with("delegatedPermissionClassifications", json!({"owner": id("other"), "value": []}));
    assert_eq!(under(&other, "standard", "IntegratedApps"), "notAssessed 0 of 0 unknown 1");
    let both = consenting(&[LOW], Some(&["User.Read"])).with(
        "delegatedPermissionClassifications",
        json!({"owner": id("other"), "value": [{"permissionName": "User.Read", "classification": "low"}]}),
    );
    assert_eq!(under(&both, "standard", "IntegratedApps"), "notMet 0 of 1 unknown 0", "of another API");
}

/// Ada is Global Administrator and holds another role.
fn holding(role: &str) -> Tenant {
    Tenant::default().user("ada", json!({})).role("ada", GLOBAL_ADMINISTRATOR).role("ada", role)
}

fn defined(role: Value) -> Tenant {
    let id = role["id"].as_str().unwrap().to_owned();
    holding(&id).with("roleDefinitions", role)
}

#[test]
fn a_task_role_is_told_by_template_id_and_mark_and_never_by_name() {
    let overlap = |tenant: &Tenant| under(tenant, "standard", "RoleOverlap");
    let (met, not_met, unknown) = ("met 1 of 1 unknown 0", "notMet 0 of 1 unknown 0", "notAssessed 0 of 0 unknown 1");
    assert_eq!(overlap(&holding(USER_ADMINISTRATOR)), met);
    assert_eq!(overlap(&holding(GLOBAL_READER)), not_met);
    assert_eq!(overlap(&holding("d29b2b05-8046-44ba-8758-1e26182fcf32")), not_met);
    assert_eq!(overlap(&holding("a92aed5d-d78a-4d16-b381-09adb37eb3b0")), not_met);
    let built_in = |marked: Value| {
        defined(json!({"id": "r", "templateId": "r", "displayName": "Knowledge Administrator", "isBuiltIn": true,
            "isPrivileged": marked}))
    };
    assert_eq!(overlap(&built_in(json!(true))), met);
    assert_eq!(overlap(&built_in(json!(false))), not_met);
    assert_eq!(overlap(&built_in(Value::Null)), unknown);
    let custom = |action: &str| {
        defined(json!({"id": "r", "templateId": "r", "displayName": "Rota", "isBuiltIn": false,
            "rolePermissions": [{"allowedResourceActions": [action]}]}))
    };
    assert_eq!(overlap(&custom("microsoft.directory/applications/credentials/update")), met);
    assert_eq!(overlap(&custom("microsoft.directory/groups/standard/read")), not_met);
    assert_eq!(overlap(&custom("microsoft.directory/groups/members/update")), unknown);
    let unread = |role| holding(role).refused("roleDefinitions", "RoleManagement.Read.Directory");
    assert_eq!(overlap(&unread(USER_ADMINISTRATOR)), met);
    assert_eq!(overlap(&unread("3a2c62db-5318-420d-8d74-23affee5d9d5")), unknown);
    assert_eq!(missing(&unread("r"), "standard", "RoleOverlap"), ["roleDefinitions"]);
}

#[test]
fn compat_judges_active_administrators_without_any_list_of_eligible_ones() {
    let tenant = holding(USER_ADMINISTRATOR)
        .registered("ada", true, true, &["fido2SecurityKey"])
        .policy("mfa", json!({}))
        .refused("roleEligibilityScheduleInstances", "RoleEligibilitySchedule.Read.Directory")
        .refused("eligibilityScheduleInstances", "PrivilegedEligibilitySchedule.Read.AzureADGroup");
    assert_eq!(under(&tenant, "compat", "AdminMFAV2"), "met 1 of 1 unknown 0");
    assert_eq!(under(&tenant, "compat", "ga_count_max"), "notMet 0 of 1 unknown 0");
    assert!(under(&tenant, "standard", "AdminMFAV2").starts_with("notAssessed"));
    assert_eq!(under(&tenant, "standard", "ga_count_max"), "notAssessed 0 of 0 unknown 1");
    assert_eq!(missing(&tenant, "standard", "ga_count_max"), ["roleEligibilityScheduleInstances"]);
    let many = (0..5).fold(tenant, |tenant, number| {
        let name = format!("admin{number}");
        tenant.user(&name, json!({})).role(&name, GLOBAL_ADMINISTRATOR)
    });
    assert_eq!(under(&many, "standard", "ga_count_max"), "notMet 0 of 1 unknown 0", "a lower bound over four");
}

#[test]
fn eligibility_for_groups_is_needed_only_where_a_group_holds_a_role() {
    let without = |tenant: Tenant| {
        tenant
            .registered("ada", true, true, &["fido2SecurityKey"])
            .registered("boris", false, false, &[])
            .policy("mfa", json!({}))
            .refused("eligibilityScheduleInstances", "PrivilegedEligibilitySchedule.Read.AzureADGroup")
    };
    let users = without(holding(USER_ADMINISTRATOR).user("boris", json!({})).role("boris", GLOBAL_ADMINISTRATOR));
    assert_eq!(under(&users, "standard", "AdminMFAV2"), "partial 1 of 2 unknown 0");
    assert_eq!(under(&users, "standard", "ga_count_max"), "met 1 of 1 unknown 0");
    let group = without(
        holding(USER_ADMINISTRATOR)
            .user("boris", json!({}))
            .role("boris", GLOBAL_ADMINISTRATOR)
            .with("groups", json!({"id": id("admins"), "displayName": "Admins", "isAssignableToRole": true}))
            .with("members", json!({"owner": id("admins"), "value": []}))
            .role("admins", GLOBAL_ADMINISTRATOR),
    );
    assert!(under(&group, "standard", "AdminMFAV2").starts_with("notAssessed"));
    assert_eq!(missing(&group, "standard", "AdminMFAV2"), ["eligibilityScheduleInstances"]);
    assert_eq!(under(&group, "standard", "ga_count_max"), "notAssessed 0 of 0 unknown 1");
    assert!(under(&group, "compat", "AdminMFAV2").starts_with("partial 1 of 2"));
}

fn activity(name: &str, activity: Value) -> Tenant {
    Tenant::default()
        .user(name, json!({}))
        .role(name, USER_ADMINISTRATOR)
        .with("signInActivity", json!({"id": id(name), "signInActivity": activity}))
}

#[test]
fn attempts_never_prove_use() {
    const YESTERDAY: &str = "2026-11-22T00:00:00Z";
    for (carried, expected) in [
        (json!({"lastSuccessfulSignInDateTime": null, "lastSignInDateTime": YESTERDAY}), "notMet 0 of 1 unknown 0"),
        (
            json!({"lastSuccessfulSignInDateTime": "0001-01-01T00:00:00Z", "lastSignInDateTime": YESTERDAY}),
            "notMet 0 of 1 unknown 0",
        ),
        (json!({"lastSignInDateTime": YESTERDAY}), "notAssessed 0 of 0 unknown 1"),
        (json!({"lastNonInteractiveSignInDateTime": "2025-01-01T00:00:00Z"}), "notAssessed 0 of 0 unknown 1"),
        (json!({}), "notAssessed 0 of 0 unknown 1"),
        // Without any activity the user never signed in.
        (Value::Null, "notMet 0 of 1 unknown 0"),
        (json!({"lastSuccessfulSignInDateTime": YESTERDAY}), "met 1 of 1 unknown 0"),
        (json!({"lastSuccessfulSignInDateTime": "2026-08-25T00:00:00Z"}), "notMet 0 of 1 unknown 0"),
    ] {
        let tenant = activity("ada", carried.clone());
        for control in ["users_no_stale", "admins_no_stale"] {
            assert_eq!(under(&tenant, "standard", control), expected, "{control} {carried}");
        }
    }
}

#[test]
fn an_account_younger_than_the_control_allows_is_not_stale() {
    let tenant = activity("ada", json!({"lastSuccessfulSignInDateTime": null}));
    let young = |created: &str| {
        tenant.clone().with_only(
            "users",
            json!({"id": id("ada"), "userPrincipalName": "ada@contoso.onmicrosoft.com",
            "userType": "Member", "accountEnabled": true, "createdDateTime": created, "assignedLicenses": []}),
        )
    };
    assert_eq!(under(&young("2026-11-01T00:00:00Z"), "standard", "users_no_stale"), "met 1 of 1 unknown 0");
    assert_eq!(under(&young("2026-10-01T00:00:00Z"), "standard", "users_no_stale"), "notMet 0 of 1 unknown 0");
    assert_eq!(under(&young("2026-10-01T00:00:00Z"), "standard", "admins_no_stale"), "met 1 of 1 unknown 0");
}

#[test]
fn the_evidence_of_an_account_that_graph_did_not_answer_for_shows_its_attempts() {
    let judgement = activity("ada", json!({"lastSignInDateTime": "2026-11-22T00:00:00Z"})).judge();
    let row = &judgement.evidence["users_no_stale"][0];
    assert_eq!(row.outcome, Outcome::NotAssessed);
    assert_eq!(row.evidence["last_sign_in_date_time"], "2026-11-22T00:00:00Z");
}

#[test]
fn password_settings_that_are_absent_mean_their_defaults_only_to_a_user() {
    let read_by = |access: &str| Tenant::default().with("@access", json!(access));
    let settings = json!({"templateId": "5cf42378-d67d-4f36-ba46-e8b86229381d", "values": [
        {"name": "EnableBannedPasswordCheck", "value": "True"}, {"name": "BannedPasswordList", "value": "contoso"}]});
    let hybrid = |tenant: Tenant| {
        tenant.with_only("organization", json!({"id": crate::tenant::TENANT, "onPremisesSyncEnabled": true}))
    };
    let banned = "aad_custom_banned_passwords";
    let unknown = "notAssessed 0 of 0 unknown 1";
    for (tenant, expected) in [
        (read_by("delegated"), "notMet 0 of 1 unknown 0"),
        (read_by("application"), unknown),
        (read_by("unknownFutureValue"), unknown),
        (Tenant::default(), unknown),
    ] {
        assert_eq!(under(&tenant, "standard", banned), expected);
        assert_eq!(under(&hybrid(tenant), "standard", "aad_password_protection"), expected);
    }
    assert_eq!(under(&Tenant::default().with("groupSettings", settings), "standard", banned), "met 1 of 1 unknown 0");
    let judgement = read_by("application").judge();
    let result = judgement.assessment.controls.iter().find(|result| result.id == banned).unwrap();
    assert!(result.notes.iter().any(|note| note.contains("signed-in user")), "{:?}", result.notes);
}
