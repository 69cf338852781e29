//! Remarks beside an outcome: they change no points.

use idscore_score::Outcome;
use serde_json::json;

use crate::tenant::{Tenant, outcome};

fn notes(tenant: &Tenant, control: &str) -> Vec<String> {
    let judgement = tenant.judge();
    judgement.assessment.controls.iter().find(|result| result.id == control).unwrap().notes.clone()
}

#[test]
fn recommended_user_consent_passes_in_standard_with_a_remark_and_in_compat_without() {
    let tenant = || {
        Tenant::default().with_only(
            "authorizationPolicy",
            json!({"id": "authorizationPolicy", "defaultUserRolePermissions":
                {"permissionGrantPoliciesAssigned": ["managePermissionGrantsForSelf.microsoft-user-default-recommended"]}}),
        )
    };
    assert_eq!(outcome(&tenant().judge(), "IntegratedApps"), "met 1 of 1 unknown 0");
    assert_eq!(notes(&tenant(), "IntegratedApps").len(), 1);
    assert!(notes(&tenant().configured("profile = 'compat'"), "IntegratedApps").is_empty());
    assert_eq!(
        outcome(&tenant().configured("profile = 'strict'").judge(), "IntegratedApps"),
        "notMet 0 of 1 unknown 0"
    );
}

#[test]
fn a_domain_without_a_set_period_is_unknown_with_a_remark_and_a_federated_one_is_left_out() {
    let tenant = Tenant::default()
        .with(
            "domains",
            json!({"id": "old.example", "authenticationType": "managed", "isVerified": true, "isRoot": true}),
        )
        .with(
            "domains",
            json!({"id": "fed.example", "authenticationType": "Federated", "isVerified": true, "isRoot": true}),
        );
    assert_eq!(outcome(&tenant.judge(), "PWAgePolicyNew"), "notAssessed 1 of 1 unknown 1");
    assert_eq!(
        notes(&tenant, "PWAgePolicyNew"),
        [
            "managed domains without a set period: 1; Microsoft documents 90 days for them, other tools read never",
            "federated domains left out: 1; their passwords expire as the provider decides",
            "1 could not be judged",
            "`passwordValidityPeriodInDays` was not in the export (2 of 3 domains): ask for it with `$select`",
        ]
    );
}

#[test]
fn the_guest_control_says_whether_external_users_without_an_account_are_covered() {
    let guest = json!({"userType": "Guest", "userPrincipalName": "mia_partner.test#EXT#@contoso.onmicrosoft.com"});
    let covered = Tenant::default().user("mia", guest.clone()).policy("all", json!({}));
    assert!(
        notes(&covered, "guest_mfa").iter().any(|note| note.contains("are asked for multifactor authentication too"))
    );
    let kinds = json!({"conditions": {"users": {"includeUsers": ["None"],
        "includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "internalGuest,b2bCollaborationGuest,b2bCollaborationMember",
            "externalTenants": {"membershipKind": "all"}}}}});
    let direct_connect_open = Tenant::default().user("mia", guest).policy("guests", kinds);
    assert_eq!(outcome(&direct_connect_open.judge(), "guest_mfa"), "met 1 of 1 unknown 0");
    assert!(notes(&direct_connect_open, "guest_mfa").iter().any(|note| note.contains("can sign in without")));
}

#[test]
fn a_user_type_never_seen_leaves_both_populations_open() {
    let judgement = Tenant::default().user("ada", json!({"userType": "Robot"})).policy("all", json!({})).judge();
    assert_eq!(outcome(&judgement, "mfa_enforced_all"), "notAssessed 0 of 0 unknown 1");
    assert_eq!(outcome(&judgement, "guest_mfa"), "notAssessed 0 of 0 unknown 1");
}

#[test]
fn a_task_says_when_it_was_done_and_is_due_where_the_tenant_can_do_it() {
    let review = |tenant: &Tenant, control: &str| {
        let result = tenant.judge().assessment.controls.into_iter().find(|result| result.id == control).unwrap();
        (result.outcome, result.review)
    };
    let tenant = |at: &str| {
        Tenant::default()
            .configured(&format!("[[review]]\ncontrol = 'task_review_risky_users'\nowner = 'Nora Stein'\nat = '{at}'"))
    };
    let (reviewed, overdue) = (tenant("2026-11-18T09:00:00Z"), tenant("2026-11-10T09:00:00Z"));
    let (outcome, last) = review(&reviewed, "task_review_risky_users");
    assert_eq!((outcome, last.unwrap().due_at.as_deref()), (Outcome::Met, Some("2026-11-25T09:00:00Z")));
    let (outcome, last) = review(&overdue, "task_review_risky_users");
    assert_eq!((outcome, last.map(|last| last.overdue)), (Outcome::Partial, Some(true)));
    let (outcome, last) = review(&reviewed, "task_review_risky_sign_ins");
    assert_eq!((outcome, last.unwrap().last_reviewed_at), (Outcome::NotMet, None));

    let p1 = json!({"skuId": "s", "skuPartNumber": "AAD_PREMIUM", "capabilityStatus": "Enabled", "servicePlans":
        [{"servicePlanId": "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "servicePlanName": "AAD_PREMIUM"}]});
    let without_p2 = tenant("2026-11-18T09:00:00Z").with_only("subscribedSkus", p1);
    assert_eq!(review(&without_p2, "task_review_risky_users"), (Outcome::NotApplicable, None));
    assert!(review(&without_p2, "AdminMFAV2").1.is_none());
}
