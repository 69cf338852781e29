//! Unknown is not false, and not true.

use idscore_score::{Missing, MissingKind, Outcome};
use serde_json::json;

use crate::tenant::{GLOBAL_ADMINISTRATOR, Tenant, id, outcome};

fn admin_and_member() -> Tenant {
    Tenant::default()
        .user("ada", json!({}))
        .user("boris", json!({}))
        .registered("ada", true, true, &["fido2SecurityKey"])
        .registered("boris", false, false, &[])
        .role("ada", GLOBAL_ADMINISTRATOR)
        .policy("mfa", json!({}))
}

/// The same tenant, whose policy for everybody excludes a group.
fn excluding_a_group() -> Tenant {
    admin_and_member().with_only(
        "policies",
        json!({"id": id("p"), "displayName": "mfa", "state": "enabled",
                "conditions": {"clientAppTypes": ["all"], "applications": {"includeApplications": ["All"]},
                    "users": {"includeUsers": ["All"], "excludeGroups": [id("secret")]}},
                "grantControls": {"operator": "OR", "builtInControls": ["mfa"]}}),
    )
}

#[test]
fn an_unread_role_list_is_not_assessed_and_names_the_permission() {
    let judgement = admin_and_member()
        .refused("roleAssignments", "RoleManagement.Read.Directory")
        .refused("roleAssignmentScheduleInstances", "RoleAssignmentSchedule.Read.Directory")
        .judge();
    for control in ["AdminMFAV2", "OneAdmin", "RoleOverlap"] {
        let result = judgement.assessment.controls.iter().find(|result| result.id == control).unwrap();
        assert_eq!(result.outcome, Outcome::NotAssessed, "{control}");
        assert_eq!((result.score.as_ref(), result.max_score.as_ref()), (None, None), "{control}");
        let permission = Missing {
            kind: MissingKind::Permission,
            data_set: "roleAssignments".to_owned(),
            name: "RoleManagement.Read.Directory".to_owned(),
        };
        assert!(result.missing.contains(&permission), "{control}: {:?}", result.missing);
    }
    assert!(judgement.assessment.core.coverage.to_f64() < 1.0);
}

#[test]
fn a_refused_registration_report_leaves_registration_not_assessed_and_conditional_access_judged() {
    let judgement = admin_and_member().refused("userRegistrationDetails", "AuditLog.Read.All").judge();
    assert_eq!(outcome(&judgement, "MFARegistrationV2"), "notAssessed 0 of 0 unknown 0");
    assert_eq!(outcome(&judgement, "mfa_enforced_all"), "met 2 of 2 unknown 0");
}

#[test]
fn per_user_mfa_refines_and_its_absence_is_said_and_not_punished() {
    let judgement = admin_and_member().refused("requirements", "Policy.Read.All").judge();
    let result = judgement.assessment.controls.iter().find(|result| result.id == "mfa_enforced_all").unwrap();
    assert_eq!(result.outcome, Outcome::Met);
    assert_eq!(result.notes, ["per-user MFA not read"]);
    assert_eq!(result.missing[0].data_set, "requirements");
}

#[test]
fn an_unreadable_excluded_group_makes_its_possible_members_unknown() {
    let tenant = excluding_a_group()
        .with("groups", json!({"id": id("secret"), "displayName": "Hidden", "visibility": "HiddenMembership"}))
        .refused("members", "Member.Read.Hidden");
    assert_eq!(outcome(&tenant.judge(), "mfa_enforced_all"), "notAssessed 0 of 0 unknown 2");
}

#[test]
fn without_p2_the_lists_of_eligible_roles_are_empty_and_nothing_is_missing() {
    let tenant = admin_and_member()
        .with_only(
            "subscribedSkus",
            json!({"skuId": "s", "skuPartNumber": "AAD_PREMIUM", "capabilityStatus": "Enabled", "servicePlans":
                [{"servicePlanId": "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "servicePlanName": "AAD_PREMIUM"}]}),
        )
        .refused("roleEligibilityScheduleInstances", "RoleEligibilitySchedule.Read.Directory")
        .refused("roleAssignmentScheduleInstances", "RoleAssignmentSchedule.Read.Directory")
        .refused("eligibilityScheduleInstances", "PrivilegedEligibilitySchedule.Read.AzureADGroup");
    assert_eq!(outcome(&tenant.judge(), "AdminMFAV2"), "met 1 of 1 unknown 0");
}

#[test]
fn an_empty_tenant_gets_full_points_in_core_and_no_points_in_extended_where_nobody_is_judged() {
    let judgement = Tenant::default().judge();
    assert_eq!(outcome(&judgement, "MFARegistrationV2"), "met 0 of 0 unknown 0");
    assert_eq!(outcome(&judgement, "users_no_stale"), "notApplicable 0 of 0 unknown 0");
}

#[test]
fn half_a_list_of_licences_does_not_make_a_control_not_applicable() {
    let tenant = admin_and_member().with("@nextLink", json!("subscribedSkus"));
    let judgement = tenant.judge();
    let result = judgement.assessment.controls.iter().find(|result| result.id == "insiderRiskPolicy").unwrap();
    assert_eq!(result.outcome, Outcome::NotAssessed);
    assert_eq!(result.missing[0].data_set, "subscribedSkus");
    assert!(!judgement.assessment.warnings.iter().any(|warning| warning.contains("is not owned")));
}

#[test]
fn refused_groups_are_named_as_what_is_missing() {
    let tenant = excluding_a_group().refused("groups", "GroupMember.Read.All");
    let judgement = tenant.judge();
    let result = judgement.assessment.controls.iter().find(|result| result.id == "mfa_enforced_all").unwrap();
    assert_eq!(result.outcome, Outcome::NotAssessed);
    assert!(result.missing.iter().any(|missing| missing.data_set == "groups"), "{:?}", result.missing);
}
