//! The traps of Conditional Access that concern policies and their users, each by its number.

use idscore_access::{Answer, PerUserMfa, Settings, States};
use serde_json::{Value, json};

use crate::support::*;

#[test]
fn trap_01_mfa_or_a_compliant_device_is_no_mfa() {
    let tenant = Tenant::new([policy(json!({"grantControls": {"builtInControls": ["mfa", "compliantDevice"]}}))]);
    let answer = tenant.answer(ANNA, MFA);
    assert_eq!(answer.verdict, Some(false));
    assert_eq!(answer.notes, [Answer::ALTERNATIVE_MANAGED_DEVICE, Answer::PER_USER_MFA_NOT_READ]);
    assert_eq!(tenant.settings(Settings::compat()).verdict(ANNA, MFA), Some(true));
    let both = policy(json!({"grantControls": {"operator": "AND", "builtInControls": ["mfa", "compliantDevice"]}}));
    assert_eq!(Tenant::new([both]).verdict(ANNA, MFA), Some(true));
}

#[test]
fn trap_02_all_locations_but_the_trusted_ones() {
    let outside =
        json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}});
    let tenant = Tenant::new([policy(outside)]);
    let answer = tenant.answer(ANNA, MFA);
    assert_eq!(answer.verdict, Some(false));
    assert!(
        answer.witnesses.contains(&"Not demanded of sign-ins from trusted locations".to_owned()),
        "{:?}",
        answer.witnesses
    );
    assert!(answer.notes.contains(&Answer::COVERED_EXCEPT_TRUSTED.to_owned()));
    assert_eq!(tenant.settings(Settings::compat()).verdict(ANNA, MFA), Some(true));
}

#[test]
fn trap_03_one_excluded_group_lets_its_members_escape() {
    let tenant = Tenant::new([policy(json!({"conditions": {"users": {"excludeGroups": ["big"]}}}))]).group(
        "big",
        &[BORIS, CARLA],
        &[],
    );
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    assert_eq!(tenant.answer(BORIS, MFA).witnesses, ["Not demanded of any sign-in"]);
    let without = format!("without_exclusions = true\n{MFA}");
    assert_eq!(tenant.verdict(BORIS, &without), Some(true));
}

#[test]
fn trap_04_a_list_of_platforms_leaves_unrecognised_ones_open() {
    let listed = ["android", "iOS", "windows", "windowsPhone", "macOS", "linux"];
    let tenant = Tenant::new([policy(json!({"conditions": {"platforms": {"includePlatforms": listed}}}))]);
    assert_eq!(tenant.answer(ANNA, MFA).witnesses, ["Not demanded of sign-ins on an unrecognised platform"]);
    assert_eq!(tenant.settings(Settings::compat()).verdict(ANNA, MFA), Some(true));
    let without_linux = &listed[..5];
    let tenant = Tenant::new([policy(json!({"conditions": {"platforms": {"includePlatforms": without_linux}}}))]);
    assert_eq!(tenant.answer(ANNA, MFA).witnesses, ["Not demanded of sign-ins on Linux or an unrecognised platform"]);
}

#[test]
fn trap_05_an_excluded_suite_is_most_of_a_tenant() {
    let but_office = || policy(json!({"conditions": {"applications": {"excludeApplications": ["Office365"]}}}));
    let tenant = Tenant::new([but_office()]);
    assert_eq!(tenant.answer(ANNA, MFA).witnesses, ["Not demanded of sign-ins, for Office 365"]);
    let mut allowing = Settings::standard();
    allowing.allowed_app_exclusions.extend(["Office365".to_owned(), "11111111-1111-1111-1111-111111111111".to_owned()]);
    assert_eq!(tenant.settings(allowing.clone()).verdict(ANNA, MFA), Some(false));
    let but_one =
        json!({"conditions": {"applications": {"excludeApplications": ["11111111-1111-1111-1111-111111111111"]}}});
    let tenant = Tenant::new([policy(but_one)]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(false));
    let tenant = tenant.settings(allowing);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    assert_eq!(tenant.settings(Settings::compat()).verdict(ANNA, MFA), Some(true));
    assert_eq!(Tenant::new([but_office()]).settings(Settings::compat()).verdict(ANNA, MFA), Some(true));
}

fn for_admins() -> Value {
    policy(json!({"conditions": {"users": {"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]}}}))
}

#[test]
fn trap_06_an_eligible_admin_is_in_scope_only_as_activated() {
    let tenant = Tenant::new([for_admins()]).eligible(ANNA, GLOBAL_ADMINISTRATOR);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(false));
    assert_eq!(tenant.verdict(ANNA, ADMIN_MFA), Some(true));
    assert_eq!(tenant.settings(Settings::compat()).verdict(ANNA, ADMIN_MFA), Some(false));
}

#[test]
fn trap_07_a_role_in_an_administrative_unit_or_a_custom_role_is_never_in_scope() {
    let mut tenant = Tenant::new([for_admins()]).role(ANNA, GLOBAL_ADMINISTRATOR).role(BORIS, GLOBAL_ADMINISTRATOR);
    tenant.directory.role_assignments.as_mut().unwrap()[0].tenant_wide = false;
    assert_eq!(tenant.verdict(ANNA, ADMIN_MFA), Some(false));
    assert_eq!(tenant.verdict(BORIS, ADMIN_MFA), Some(true));
    tenant.directory.role_assignments.as_mut().unwrap()[1].built_in = Some(false);
    assert_eq!(tenant.verdict(BORIS, ADMIN_MFA), Some(false));
}

#[test]
fn trap_08_an_admin_through_a_role_assignable_group_now_or_by_pim_for_groups() {
    let mut tenant = Tenant::new([for_admins()]).group("admins", &[ANNA], &[]).role("admins", GLOBAL_ADMINISTRATOR);
    tenant.directory.group_eligibility.insert("admins".to_owned(), vec![BORIS.to_owned()]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    assert_eq!(tenant.verdict(BORIS, MFA), Some(false));
    assert_eq!(tenant.verdict(BORIS, ADMIN_MFA), Some(true));
}

#[test]
fn trap_09_guests_excluded_by_kind() {
    let excluded = json!({"guestOrExternalUserTypes": "b2bCollaborationGuest,b2bDirectConnectUser",
        "externalTenants": {"@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants", "membershipKind": "all"}});
    let tenant = Tenant::new([policy(json!({"conditions": {"users": {"excludeGuestsOrExternalUsers": excluded}}}))])
        .guest(BORIS, b2b_guest)
        .guest(CARLA, internal_guest);
    assert_eq!(tenant.verdict(BORIS, MFA), Some(false));
    assert_eq!(tenant.verdict(CARLA, MFA), Some(true));
    let external = tenant.external(MFA);
    assert_eq!(external.verdict, Some(false));
    assert_eq!(external.witnesses[0], "b2bCollaborationGuest from any other tenant: Not demanded of any sign-in");
}

#[test]
fn trap_10_the_home_tenant_of_a_guest_is_unknown() {
    let enumerated = json!({"guestOrExternalUserTypes": "b2bCollaborationGuest",
        "externalTenants": {"membershipKind": "enumerated", "members": ["0a0a0a0a-0000-0000-0000-000000000000"]}});
    let excluding = policy(json!({"conditions": {"users": {"excludeGuestsOrExternalUsers": enumerated}}}));
    let tenant = Tenant::new([excluding]).guest(BORIS, b2b_guest);
    let answer = tenant.answer(BORIS, MFA);
    assert_eq!(answer.verdict, None);
    assert_eq!(answer.unknown.unwrap(), "policy “MFA for all”: the home tenant of a guest is not in Graph");
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    assert_eq!(tenant.external(MFA).verdict, Some(false), "for the tenant as a whole it is known");
}

#[test]
fn trap_11_report_only_never_counts_but_can_be_tried() {
    let tenant = Tenant::new([policy(json!({"state": "enabledForReportingButNotEnforced"}))]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(false));
    let what_if = tenant.access().counting(States::EnabledAndReportOnly);
    assert_eq!(what_if.prepare(&tenant.directory).prove(&read(MFA)).verdict(0), Some(true));
}

#[test]
fn trap_12_both_risks_in_one_policy_must_both_be_there() {
    let both = json!({"conditions": {"signInRiskLevels": ["medium", "high"], "userRiskLevels": ["high"]}});
    let tenant = Tenant::new([policy(both)]);
    let answer = tenant.answer(ANNA, SIGN_IN_RISK);
    assert_eq!(answer.verdict, Some(false));
    assert_eq!(answer.witnesses, ["Not demanded of sign-ins, at user risk none, low or medium"]);
}

#[test]
fn trap_13_a_policy_for_browsers_only() {
    let tenant = Tenant::new([policy(json!({"conditions": {"clientAppTypes": ["browser"]}}))]);
    assert_eq!(tenant.answer(ANNA, MFA).witnesses, ["Not demanded of sign-ins in mobile apps and desktop clients"]);
}

#[test]
fn trap_14_two_policies_that_together_cover() {
    let outside = json!({"displayName": "Outside",
        "conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}});
    let inside = json!({"displayName": "Inside", "conditions": {"locations": {"includeLocations": ["AllTrusted"]}}});
    let tenant = Tenant::new([policy(outside), policy(inside)]);
    let answer = tenant.answer(ANNA, MFA);
    assert_eq!((answer.verdict, answer.by), (Some(true), vec!["Outside".to_owned(), "Inside".to_owned()]));
}

#[test]
fn trap_14_overlapping_locations_together_do_not_cover() {
    let germany =
        json!({"conditions": {"locations": {"includeLocations": ["DE"], "excludeLocations": ["AllTrusted"]}}});
    let elsewhere = json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["DE"]}}});
    let tenant = Tenant::new([policy(germany), policy(elsewhere)]).locations([office(), country("DE", &["DE"])]);
    let answer = tenant.answer(ANNA, MFA);
    assert_eq!(answer.verdict, Some(false));
    assert!(
        answer.witnesses.contains(&"Not demanded of sign-ins from trusted locations from DE".to_owned()),
        "{:?}",
        answer.witnesses
    );
}

#[test]
fn trap_15_a_user_in_an_included_and_an_excluded_group_is_out() {
    let users = json!({"includeUsers": [], "includeGroups": ["in"], "excludeGroups": ["out"]});
    let tenant = Tenant::new([policy(json!({"conditions": {"users": users}}))]).group("in", &[ANNA, BORIS], &[]).group(
        "out",
        &[BORIS],
        &[],
    );
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    assert_eq!(tenant.verdict(BORIS, MFA), Some(false));
}

#[test]
fn trap_16_a_deleted_group_holds_nobody_and_an_unread_one_may_hold_anybody() {
    let of = |group: &str| policy(json!({"conditions": {"users": {"includeUsers": [], "includeGroups": [group]}}}));
    let tenant = Tenant::new([of(DELETED)]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(false));
    let access = tenant.access();
    let dangling = access.prepare(&tenant.directory).dangling();
    assert_eq!((dangling[0].kind, dangling[0].id.as_str(), dangling[0].excluded), ("group", DELETED, false));
    let tenant = Tenant::new([of("unread")]).unread_group("unread");
    let answer = tenant.answer(ANNA, MFA);
    assert_eq!(answer.verdict, None);
    assert_eq!(answer.unknown.unwrap(), "policy “MFA for all”: the members of group unread could not be read");
    let excluding_deleted = policy(json!({"conditions": {"users": {"excludeGroups": [DELETED]}}}));
    assert_eq!(Tenant::new([excluding_deleted]).verdict(ANNA, MFA), Some(true));
}

#[test]
fn trap_17_groups_may_hold_each_other() {
    let tenant = Tenant::new([policy(json!({"conditions": {"users": {"includeUsers": [], "includeGroups": ["a"]}}}))])
        .group("a", &[], &["b"])
        .group("b", &[ANNA], &["a"]);
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    assert_eq!(tenant.verdict(BORIS, MFA), Some(false));
}

fn with_strength(strength: Value) -> Value {
    policy(json!({"grantControls": {"builtInControls": [], "authenticationStrength": strength}}))
}

#[test]
fn trap_18_a_strength_is_never_judged_by_its_name() {
    let renamed = json!({"id": "00000000-0000-0000-0000-000000000004", "displayName": "Phishingresistente MFA"});
    assert_eq!(Tenant::new([with_strength(renamed)]).verdict(ANNA, PHISHING_RESISTANT), Some(true));
    let pretending =
        json!({"id": "5a6b", "displayName": "Phishing-resistant MFA", "allowedCombinations": ["password,sms"]});
    assert_eq!(Tenant::new([with_strength(pretending)]).verdict(ANNA, PHISHING_RESISTANT), Some(false));
}

#[test]
fn trap_19_one_weak_combination_spoils_a_strength() {
    let custom = json!({"id": "5a6b", "allowedCombinations": ["fido2", "deviceBasedPush"]});
    let tenant = Tenant::new([with_strength(custom)]);
    assert_eq!(tenant.verdict(ANNA, PHISHING_RESISTANT), Some(false));
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    let mut tenant = Tenant::new([with_strength(json!({"id": "7c8d"}))]);
    assert_eq!(tenant.verdict(ANNA, PHISHING_RESISTANT), None, "its combinations were not read");
    tenant.strengths = Some(vec![json!({"id": "7c8d", "allowedCombinations": ["fido2"]})]);
    assert_eq!(tenant.verdict(ANNA, PHISHING_RESISTANT), Some(true));
}

#[test]
fn trap_20_a_policy_for_the_admin_portals_only() {
    let portals = json!({"conditions": {"applications": {"includeApplications": ["MicrosoftAdminPortals"]}}});
    let answer = Tenant::new([policy(portals)]).answer(ANNA, MFA);
    assert_eq!(answer.verdict, Some(false));
    assert_eq!(answer.witnesses, ["Not demanded of sign-ins, for all apps but the Microsoft admin portals"]);
}

#[test]
fn trap_21_a_device_filter_that_excludes_joined_devices() {
    let filter = json!({"deviceFilter": {"mode": "exclude", "rule": "device.trustType -eq \"ServerAD\""}});
    let answer = Tenant::new([policy(json!({"conditions": {"devices": filter}}))]).answer(ANNA, MFA);
    assert_eq!(
        answer.witnesses,
        ["Not demanded of sign-ins, on a device that matches the filter `device.trustType -eq \"ServerAD\"`"]
    );
}

#[test]
fn trap_21_two_policies_with_opposite_filters_cover_and_a_gap_between_two_filters_is_labelled() {
    let with = |mode: &str, rule: &str| {
        policy(json!({"conditions": {"devices": {"deviceFilter": {"mode": mode, "rule": rule}}}}))
    };
    let opposite =
        Tenant::new([with("include", "device.isCompliant -eq True"), with("exclude", "device.isCompliant -eq True")]);
    assert_eq!(opposite.verdict(ANNA, MFA), Some(true));
    let different =
        Tenant::new([with("include", "device.isCompliant -eq True"), with("include", "device.model -eq \"X\"")]);
    let answer = different.answer(ANNA, MFA);
    assert!(answer.witnesses[0].ends_with("(if one device can be both)"), "{:?}", answer.witnesses);
}

#[test]
fn trap_22_a_session_only_policy_demands_nothing() {
    let session = json!({"grantControls": null,
        "sessionControls": {"signInFrequency": {"isEnabled": true, "type": "hours", "value": 4}}});
    assert_eq!(Tenant::new([policy(session)]).verdict(ANNA, MFA), Some(false));
}

#[test]
fn trap_23_a_directory_sync_account_excluded_by_role_escapes_and_security_defaults_exempt_it() {
    let excluding = policy(json!({"conditions": {"users": {"excludeRoles": [SYNC_ACCOUNT]}}}));
    let tenant = Tenant::new([excluding]).role(CARLA, SYNC_ACCOUNT);
    assert_eq!(tenant.verdict(CARLA, MFA), Some(false));
    assert_eq!(tenant.verdict(ANNA, MFA), Some(true));
    let mut defaults = Tenant::new([]).role(CARLA, SYNC_ACCOUNT);
    defaults.directory.security_defaults = Some(true);
    assert_eq!(defaults.verdict(CARLA, MFA), Some(false));
    assert_eq!(defaults.verdict(CARLA, LEGACY), Some(true));
}

#[test]
fn trap_24_an_excluded_service_account_is_never_forgiven_here() {
    let excluding = policy(json!({"conditions": {"users": {"excludeUsers": [CARLA]}}}));
    let tenant = Tenant::new([excluding]).settings(Settings::compat());
    assert_eq!(tenant.verdict(CARLA, MFA), Some(false));
}

#[test]
fn trap_25_a_policy_for_workload_identities_targets_no_user() {
    let workloads =
        json!({"conditions": {"clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}}});
    assert_eq!(Tenant::new([policy(workloads)]).verdict(ANNA, MFA), Some(false));
    let husk = json!({"conditions": {"clientApplications": {"includeServicePrincipals": null, "servicePrincipalFilter": {"mode": null}}}});
    assert_eq!(Tenant::new([policy(husk)]).verdict(ANNA, MFA), Some(true));
}

#[test]
fn trap_27_insider_risk_or_a_flow_narrows_a_full_policy_to_almost_nothing() {
    let insider = Tenant::new([policy(json!({"conditions": {"insiderRiskLevels": "moderate,elevated"}}))]);
    assert_eq!(insider.verdict(ANNA, MFA), Some(false));
    assert_eq!(insider.verdict(ANNA, INSIDER_RISK), Some(true));
    let flow = json!({"conditions": {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}});
    assert_eq!(Tenant::new([policy(flow)]).verdict(ANNA, MFA), Some(false));
    let not_configured = json!({"conditions": {"authenticationFlows": {"transferMethods": "none"}}});
    assert_eq!(Tenant::new([policy(not_configured)]).verdict(ANNA, MFA), Some(true));
}

#[test]
fn trap_28_no_apps_but_an_authentication_context() {
    let context = json!({"conditions": {"applications": {"includeApplications": ["None"],
        "includeAuthenticationContextClassReferences": ["c1"]}}});
    assert_eq!(Tenant::new([policy(context)]).verdict(ANNA, MFA), Some(false));
}

#[test]
fn trap_29_security_defaults_without_policies() {
    let mut tenant = Tenant::new([]).eligible(ANNA, GLOBAL_ADMINISTRATOR);
    tenant.directory.security_defaults = Some(true);
    assert_eq!(tenant.answer(ANNA, ADMIN_MFA).by, ["security defaults"]);
    assert_eq!(tenant.verdict(BORIS, ADMIN_MFA), Some(false), "no administrator of the 16 roles");
    assert_eq!(tenant.verdict(BORIS, MFA), Some(true));
    assert_eq!(tenant.verdict(BORIS, LEGACY), Some(true));
    assert_eq!(tenant.verdict(BORIS, SIGN_IN_RISK), Some(false));
    assert_eq!(tenant.verdict(BORIS, DEVICE_CODE), None, "older tenants: not clear");
    tenant.directory.tenant_created_after_2026_07_01 = Some(true);
    assert_eq!(tenant.verdict(BORIS, DEVICE_CODE), Some(true));
    let strict = Tenant { settings: Settings::strict(), ..tenant };
    assert_eq!(strict.verdict(BORIS, MFA), Some(false));
    assert_eq!(strict.verdict(ANNA, ADMIN_MFA), Some(true));
}

#[test]
fn trap_29_security_defaults_that_were_not_read_are_off_beside_a_policy_and_unknown_without() {
    let mut tenant = Tenant::new([]);
    tenant.directory.security_defaults = None;
    assert_eq!(tenant.verdict(ANNA, LEGACY), None);
    tenant.policies.push(policy(json!({"conditions": {"users": {"includeUsers": [BORIS]}}})));
    assert_eq!(tenant.verdict(ANNA, LEGACY), Some(false));
    tenant.directory.security_defaults = Some(true);
    assert_eq!(tenant.verdict(ANNA, LEGACY), Some(false), "policies win");
    let access = tenant.access();
    assert_eq!(access.prepare(&tenant.directory).warnings().len(), 1);
}

#[test]
fn trap_30_a_policy_managed_by_microsoft_counts_like_any_other() {
    let managed = json!({"displayName": "Microsoft-managed: MFA for all users", "templateId": "a3d0a415-b068-4326-9251-f9cdf9feeb64"});
    assert_eq!(Tenant::new([policy(managed)]).verdict(ANNA, MFA), Some(true));
}

#[test]
fn trap_32_a_guest_may_be_an_administrator() {
    let excluding = json!({"conditions": {"users": {"excludeUsers": ["GuestsOrExternalUsers"]}}});
    let mut tenant = Tenant::new([policy(excluding)]).role(BORIS, GLOBAL_ADMINISTRATOR).guest(BORIS, b2b_guest);
    assert_eq!(tenant.verdict(BORIS, ADMIN_MFA), Some(false));
    tenant.policies.push(for_admins());
    assert_eq!(tenant.verdict(BORIS, ADMIN_MFA), Some(true));
}

#[test]
fn trap_36_or_over_nothing_demands_nothing() {
    for empty in [
        json!({"operator": "OR", "builtInControls": [], "termsOfUse": [], "customAuthenticationFactors": null}),
        json!({"operator": "OR", "builtInControls": [], "customAuthenticationFactors": []}),
        json!({"operator": "OR", "authenticationStrength": {"id": null, "allowedCombinations": [], "policyType": null}}),
    ] {
        let mut policy = policy(json!({}));
        policy["grantControls"] = empty;
        let policy = served(policy);
        assert_eq!(Tenant::new([policy]).verdict(ANNA, MFA), Some(false));
    }
    let custom = || policy(json!({"grantControls": {"builtInControls": [], "customAuthenticationFactors": ["duo"]}}));
    assert_eq!(Tenant::new([custom()]).verdict(ANNA, MFA), Some(false));
    assert_eq!(Tenant::new([custom()]).settings(Settings::compat()).verdict(ANNA, MFA), Some(true));
}

#[test]
fn per_user_mfa_counts_when_enforced_or_enabled_and_registered() {
    let mut tenant = Tenant::new([]);
    let states = PerUserMfa { enforced: [0].into_iter().collect(), enabled: [1].into_iter().collect() };
    tenant.directory.per_user_mfa = Some(states);
    assert_eq!(tenant.answer(ANNA, MFA).by, ["per-user MFA"]);
    assert_eq!(tenant.verdict(ANNA, LEGACY), Some(false), "app passwords go on working");
    assert_eq!(tenant.verdict(BORIS, MFA), None, "whether Boris is registered was not read");
    tenant.directory.mfa_registered = Some([1].into_iter().collect());
    assert_eq!(tenant.verdict(BORIS, MFA), Some(true));
    assert_eq!(tenant.verdict(CARLA, MFA), Some(false));
    let strict = Tenant { settings: Settings::strict(), ..tenant };
    assert_eq!(strict.verdict(ANNA, MFA), Some(false));
}
