//! Each protection by name, and where the profiles differ.

use idscore_access::{Answer, BaselineScopes, Settings, SettingsOverrides};
use serde_json::{Value, json};

use crate::support::*;

/// What a policy is worth to Anna under compat, standard and strict.
fn by_profile(policies: impl IntoIterator<Item = Value>, protection: &str) -> [Option<bool>; 3] {
    let mut tenant = Tenant::new(policies);
    [Settings::compat(), Settings::standard(), Settings::strict()].map(|settings| {
        tenant.settings = settings;
        tenant.verdict(ANNA, protection)
    })
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

fn grant(controls: &[&str], operator: &str) -> Value {
    json!({"grantControls": {"operator": operator, "builtInControls": controls}})
}

fn with(mut one: Value, other: &Value) -> Value {
    for (name, value) in other.as_object().unwrap() {
        one[name] = value.clone();
    }
    one
}

#[test]
fn mfa_all_holds_by_one_full_policy_or_by_blocking_everybody() {
    assert_eq!(by_profile([policy(json!({}))], MFA), [YES; 3]);
    assert_eq!(by_profile([policy(grant(&["block"], "OR"))], MFA), [YES; 3]);
    assert_eq!(by_profile([policy(grant(&["compliantDevice"], "OR"))], MFA), [NO; 3]);
    assert_eq!(by_profile([policy(grant(&["mfa", "compliantDevice"], "OR"))], MFA), [YES, NO, NO]);
    let disabled = policy(json!({"state": "disabled"}));
    assert_eq!(by_profile([disabled], MFA), [NO; 3]);
}

#[test]
fn legacy_blocked_by_a_block_and_in_standard_by_what_legacy_clients_cannot_do() {
    let legacy = json!({"conditions": {"clientAppTypes": ["exchangeActiveSync", "other"]}});
    assert_eq!(by_profile([policy(with(legacy, &grant(&["block"], "OR")))], LEGACY), [YES; 3]);
    assert_eq!(by_profile([policy(json!({}))], LEGACY), [NO, YES, NO]);
    assert_eq!(by_profile([policy(grant(&["mfa", "compliantDevice"], "OR"))], LEGACY), [NO; 3]);
    let one_each = ["exchangeActiveSync", "other"]
        .map(|client| policy(with(json!({"conditions": {"clientAppTypes": [client]}}), &grant(&["block"], "OR"))));
    assert_eq!(by_profile(one_each, LEGACY), [YES; 3]);
}

#[test]
fn signin_risk_wants_a_policy_with_the_condition_and_strict_wants_a_block() {
    let risky = json!({"conditions": {"signInRiskLevels": ["medium", "high"]}});
    assert_eq!(by_profile([policy(risky.clone())], SIGN_IN_RISK), [YES, YES, NO]);
    assert_eq!(by_profile([policy(with(risky, &grant(&["block"], "OR")))], SIGN_IN_RISK), [YES; 3]);
    let only_high = json!({"conditions": {"signInRiskLevels": ["high"]}});
    assert_eq!(by_profile([policy(only_high)], SIGN_IN_RISK), [NO; 3]);
    assert_eq!(by_profile([policy(json!({}))], SIGN_IN_RISK), [NO; 3]);
    let overrides: SettingsOverrides = toml::from_str("risk_requires_explicit_condition = false").unwrap();
    let tenant = Tenant::new([policy(json!({}))]).settings(Settings::standard().with(&overrides));
    assert_eq!(tenant.verdict(ANNA, SIGN_IN_RISK), YES);
}

#[test]
fn user_risk_wants_a_password_change_with_mfa_a_remediation_or_a_block() {
    let risky = json!({"conditions": {"userRiskLevels": ["high"]}});
    let demanding = |controls: &[&str], operator: &str| [policy(with(risky.clone(), &grant(controls, operator)))];
    assert_eq!(by_profile(demanding(&["mfa", "passwordChange"], "AND"), USER_RISK), [YES, YES, NO]);
    assert_eq!(by_profile(demanding(&["mfa", "passwordChange"], "OR"), USER_RISK), [NO; 3]);
    assert_eq!(by_profile(demanding(&["riskRemediation"], "OR"), USER_RISK), [NO, YES, NO]);
    assert_eq!(by_profile(demanding(&["block"], "OR"), USER_RISK), [YES; 3]);
    assert_eq!(by_profile(demanding(&["mfa"], "OR"), USER_RISK), [NO; 3]);
    let narrowed =
        json!({"conditions": {"userRiskLevels": ["high"], "signInRiskLevels": ["none", "low", "medium", "high"]}});
    assert_eq!(
        by_profile([policy(with(narrowed, &grant(&["block"], "OR")))], USER_RISK),
        [YES; 3],
        "it narrows nothing"
    );
    let halves = [["none", "low"], ["medium", "high"]].map(|levels| {
        let half = json!({"conditions": {"userRiskLevels": ["high"], "signInRiskLevels": levels}});
        policy(with(half, &grant(&["block"], "OR")))
    });
    assert_eq!(by_profile(halves, USER_RISK), [NO; 3], "no other condition is allowed");
}

#[test]
fn admin_pr_wants_every_way_in_to_resist_phishing() {
    let strength = json!({"grantControls": {"operator": "OR", "builtInControls": [],
        "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}});
    assert_eq!(by_profile([policy(strength.clone())], PHISHING_RESISTANT), [YES; 3]);
    let mut or_device = strength.clone();
    or_device["grantControls"]["builtInControls"] = json!(["compliantDevice"]);
    assert_eq!(by_profile([policy(or_device)], PHISHING_RESISTANT), [NO; 3]);
    let mut tenant = Tenant::new([policy(with(
        json!({"conditions": {"users": {"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]}}}),
        &strength,
    ))])
    .eligible(ANNA, GLOBAL_ADMINISTRATOR);
    assert_eq!(tenant.verdict(ANNA, PHISHING_RESISTANT), YES);
    tenant.settings = Settings::compat();
    assert_eq!(tenant.verdict(ANNA, PHISHING_RESISTANT), NO);
}

#[test]
fn device_code_blocked_by_a_block_among_other_flows_or_by_demanding_a_device() {
    let flows =
        json!({"conditions": {"authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}}});
    let both = policy(with(flows.clone(), &grant(&["block"], "OR")));
    assert_eq!(by_profile([both.clone()], DEVICE_CODE), [YES; 3]);
    assert_eq!(by_profile([both], TRANSFER), [YES; 3]);
    let device = policy(with(flows, &grant(&["compliantDevice", "domainJoinedDevice"], "OR")));
    assert_eq!(by_profile([device.clone()], DEVICE_CODE), [YES; 3]);
    assert_eq!(by_profile([device], TRANSFER), [NO; 3]);
    assert_eq!(by_profile([policy(json!({}))], DEVICE_CODE), [NO; 3]);
}

#[test]
fn admin_session_may_come_from_two_policies() {
    let session = |controls: Value| policy(json!({"grantControls": null, "sessionControls": controls}));
    let frequency = session(
        json!({"signInFrequency": {"isEnabled": true, "type": "hours", "value": 4, "frequencyInterval": "timeBased"}}),
    );
    let browser = session(json!({"persistentBrowser": {"isEnabled": true, "mode": "never"}}));
    assert_eq!(by_profile([frequency.clone()], ADMIN_SESSION), [NO; 3]);
    assert_eq!(by_profile([frequency, browser.clone()], ADMIN_SESSION), [YES; 3]);
    let days = session(
        json!({"signInFrequency": {"isEnabled": true, "type": "days", "value": 4, "frequencyInterval": "timeBased"}}),
    );
    let answer = Tenant::new([days, browser.clone()]).answer(ANNA, ADMIN_SESSION);
    assert_eq!(answer.witnesses, ["Sign-in frequency is not limited to 4 hours for any sign-in"]);
    let off = session(json!({"signInFrequency": {"isEnabled": false, "type": "hours", "value": 1}}));
    assert_eq!(by_profile([off, browser.clone()], ADMIN_SESSION), [NO; 3]);
    let every_time =
        session(json!({"signInFrequency": {"isEnabled": true, "frequencyInterval": "everyTime", "value": null}}));
    assert_eq!(by_profile([every_time, browser], ADMIN_SESSION), [YES; 3]);
}

#[test]
fn register_secinfo_is_protected_by_mfa_a_device_or_a_trusted_place() {
    let registering = |more: Value| {
        let mut policy = policy(more);
        policy["conditions"]["applications"] = json!({"includeUserActions": ["urn:user:registersecurityinfo"]});
        served(policy)
    };
    let outside =
        json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}});
    assert_eq!(by_profile([registering(outside.clone())], REGISTRATION), [YES; 3]);
    assert_eq!(by_profile([registering(with(outside, &grant(&["block"], "OR")))], REGISTRATION), [YES; 3]);
    assert_eq!(by_profile([registering(grant(&["mfa", "compliantDevice"], "OR"))], REGISTRATION), [YES; 3]);
    assert_eq!(by_profile([policy(json!({}))], REGISTRATION), [NO; 3], "a policy for apps is none for user actions");
    assert_eq!(by_profile([registering(json!({}))], MFA), [NO; 3], "a policy for user actions is none for apps");
}

#[test]
fn managed_device_and_insider_risk_and_azure_management() {
    assert_eq!(by_profile([policy(grant(&["compliantDevice", "domainJoinedDevice"], "OR"))], MANAGED_DEVICE), [YES; 3]);
    assert_eq!(by_profile([policy(grant(&["compliantDevice", "mfa"], "OR"))], MANAGED_DEVICE), [NO; 3]);
    let elevated = json!({"conditions": {"insiderRiskLevels": "elevated"}});
    assert_eq!(by_profile([policy(with(elevated, &grant(&["block"], "OR")))], INSIDER_RISK), [YES; 3]);
    assert_eq!(by_profile([policy(json!({}))], INSIDER_RISK), [NO; 3]);
    let azure =
        json!({"conditions": {"applications": {"includeApplications": ["797F4846-ba00-4fd7-ba43-dac1f8f63013"]}}});
    assert_eq!(by_profile([policy(with(azure, &grant(&["block"], "OR")))], AZURE_BLOCKED), [YES; 3]);
}

#[test]
fn guest_mfa_of_the_tenant_wants_all_six_kinds_from_everywhere() {
    let kinds = "internalGuest,b2bCollaborationGuest,b2bCollaborationMember,b2bDirectConnectUser,otherExternalUser,serviceProvider";
    let of = |kinds: &str, tenants: Value| {
        policy(json!({"conditions": {"users": {"includeUsers": [],
            "includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": kinds, "externalTenants": tenants}}}}))
    };
    let all = || json!({"membershipKind": "all"});
    assert_eq!(Tenant::new([policy(json!({}))]).external(MFA).verdict, YES);
    assert_eq!(Tenant::new([of(kinds, all())]).external(MFA).verdict, YES);
    assert_eq!(Tenant::new([of("b2bCollaborationGuest", all())]).external(MFA).verdict, NO);
    let one = json!({"membershipKind": "enumerated", "members": ["0a0a0a0a-0000-0000-0000-000000000000"]});
    let answer = Tenant::new([of(kinds, one)]).external(MFA);
    assert!(answer.witnesses[0].starts_with("internalGuest from any other tenant: "), "{:?}", answer.witnesses);
}

#[test]
fn an_excluded_app_leaves_baseline_scopes_covered_unless_the_legacy_rule_holds() {
    let azure = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
    let but_azure = || policy(json!({"conditions": {"applications": {"excludeApplications": [azure]}}}));
    let azure_too = || policy(json!({"conditions": {"applications": {"includeApplications": [azure]}}}));
    let mut tenant = Tenant::new([but_azure(), azure_too()]);
    assert_eq!(tenant.verdict(ANNA, MFA), YES);
    tenant.settings.baseline_scopes = BaselineScopes::Legacy;
    assert_eq!(
        tenant.answer(ANNA, MFA).witnesses,
        ["Not demanded of sign-ins, for sign-ins that ask only for baseline scopes"]
    );
}

#[test]
fn an_app_that_may_belong_to_a_suite_is_tried_both_ways() {
    let app = "11111111-1111-1111-1111-111111111111";
    let of = |words: Value| policy(json!({"conditions": {"applications": words}}));
    let but_both = || of(json!({"includeApplications": ["All"], "excludeApplications": ["Office365", app]}));
    let office = || of(json!({"includeApplications": ["Office365"]}));
    assert_eq!(
        Tenant::new([but_both(), office()]).verdict(ANNA, MFA),
        None,
        "it depends on whether Office 365 holds the app"
    );
    let but_office = of(json!({"includeApplications": ["All"], "excludeApplications": ["Office365"]}));
    assert_eq!(Tenant::new([but_office, office(), of(json!({"includeApplications": [app]}))]).verdict(ANNA, MFA), YES);
    assert_eq!(
        Tenant::new([but_both(), of(json!({"includeApplications": ["MicrosoftAdminPortals"]}))]).verdict(ANNA, MFA),
        NO
    );
}

#[test]
fn an_app_of_the_tenant_belongs_to_no_suite() {
    let app = "11111111-1111-1111-1111-111111111111";
    let of = |words: Value| policy(json!({"conditions": {"applications": words}}));
    let but_app = of(json!({"includeApplications": ["All"], "excludeApplications": [app]}));
    let tenant = Tenant::new([but_app, of(json!({"includeApplications": ["Office365"]}))]);
    assert_eq!(tenant.verdict(ANNA, MFA), None);
    let access = tenant.access().with_apps_outside_suites([app.to_owned()]);
    assert_eq!(access.prepare(&tenant.directory).prove(&read(MFA)).verdict(0), NO);
}

#[test]
fn a_remembered_second_factor_is_noted_on_sign_in_risk() {
    let risky = json!({"conditions": {"signInRiskLevels": ["medium", "high"]}});
    let mut every_time = policy(risky.clone());
    every_time["sessionControls"] = json!({"signInFrequency": {"isEnabled": true, "frequencyInterval": "everyTime"}});
    let every_time = served(every_time);
    assert_eq!(Tenant::new([policy(risky)]).answer(ANNA, SIGN_IN_RISK).notes, [Answer::NOT_EVERY_TIME]);
    assert!(Tenant::new([every_time]).answer(ANNA, SIGN_IN_RISK).notes.is_empty());
}

#[test]
fn a_protection_that_says_nothing_has_problems() {
    assert!(read(MFA).problems().is_empty());
    let problems = read("[sign_ins]\nplatform = []").problems();
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn what_cannot_be_read_is_unknown_where_it_matters_and_only_there() {
    let somewhere = json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["office"]}}});
    let mut tenant = Tenant::new([policy(somewhere)]);
    tenant.locations = None;
    assert_eq!(tenant.answer(ANNA, MFA).unknown.unwrap(), "policy “MFA for all”: the location office is not known");
    tenant.policies.push(policy(json!({})));
    assert_eq!(tenant.verdict(ANNA, MFA), YES);
    let trusted =
        json!({"conditions": {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}});
    let mut tenant = Tenant::new([policy(trusted)]);
    tenant.locations = None;
    assert_eq!(tenant.answer(ANNA, MFA).witnesses, ["Not demanded of sign-ins from trusted locations"]);
    let filtered = json!({"conditions": {"applications": {"applicationFilter": {"mode": "exclude", "rule": "x"}}}});
    assert_eq!(Tenant::new([policy(filtered)]).verdict(ANNA, MFA), None);
    assert_eq!(Tenant::new([policy(json!({"conditions": {"times": {"all": true}}}))]).verdict(ANNA, MFA), None);
}

#[test]
fn a_powershell_export_reads_the_same() {
    let exported = json!({"DisplayName": "Exported", "State": "enabled", "PartialEnablementStrategy": null,
        "Conditions": {"ClientAppTypes": ["all"], "Times": null, "Devices": {"DeviceFilter": {"Mode": null, "Rule": null}},
            "Applications": {"ApplicationFilter": {"Mode": null, "Rule": null}, "IncludeApplications": "All",
                "ExcludeApplications": [], "IncludeUserActions": []},
            "ClientApplications": {"IncludeServicePrincipals": null}, "Locations": {"IncludeLocations": null},
            "Platforms": {"IncludePlatforms": null, "ExcludePlatforms": null},
            "Users": {"IncludeUsers": ["All"], "ExcludeGuestsOrExternalUsers": {"GuestOrExternalUserTypes": null,
                "ExternalTenants": {"MembershipKind": null}}}},
        "GrantControls": {"Operator": "OR", "BuiltInControls": ["mfa"], "AuthenticationStrength": {"Id": null}}});
    let answer = Tenant::new([exported]).answer(ANNA, MFA);
    assert_eq!((answer.verdict, answer.by), (YES, vec!["Exported".to_owned()]));
}

#[test]
fn the_witness_names_place_platform_client_and_app() {
    let but = json!({"conditions": {
        "locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}});
    let other_platforms =
        json!({"conditions": {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["macOS"]}}});
    let other_clients = json!({"conditions": {"clientAppTypes": ["mobileAppsAndDesktopClients"]}});
    let other_apps =
        json!({"conditions": {"applications": {"excludeApplications": ["797f4846-ba00-4fd7-ba43-dac1f8f63013"]}}});
    let answer = Tenant::new([but, other_platforms, other_clients, other_apps].map(policy)).answer(ANNA, MFA);
    assert!(
        answer.witnesses.contains(
            &"Not demanded of sign-ins from trusted locations on macOS in a browser, for Azure management".to_owned()
        ),
        "{:?}",
        answer.witnesses
    );
}
