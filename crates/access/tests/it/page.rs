//! The definitions, row by row in the order of the page that defines them, with every setting that the profiles treat
//! differently. Each row says in the page's words what is asked; what follows is one policy set that meets it and those
//! that come closest without. Nothing here is taken from the prover or the reference function.

use idscore_access::{Answer, PerUserMfa, Settings};
use serde_json::{Value, json};

use crate::support::*;

/// Verdicts under compat, standard and strict.
type ByProfile = [Option<bool>; 3];

const YES: ByProfile = [Some(true); 3];
const NO: ByProfile = [Some(false); 3];
const COMPAT_ONLY: ByProfile = [Some(true), Some(false), Some(false)];

fn profiles() -> [Settings; 3] {
    [Settings::compat(), Settings::standard(), Settings::strict()]
}

fn verdicts(mut tenant: Tenant, protection: &str) -> ByProfile {
    profiles().map(|settings| {
        tenant.settings = settings;
        tenant.verdict(ANNA, protection)
    })
}

/// A policy with these conditions and controls.
fn p(conditions: Value, operator: &str, controls: &[&str]) -> Value {
    policy(json!({"conditions": conditions, "grantControls": {"operator": operator, "builtInControls": controls}}))
}

fn session(controls: Value) -> Value {
    policy(json!({"grantControls": null, "sessionControls": controls}))
}

/// A row: what the page says, the protection, and policy sets with what they are worth.
struct Row {
    says: &'static str,
    protection: &'static str,
    cases: Vec<(Vec<Value>, ByProfile)>,
}

fn rows() -> Vec<Row> {
    let everywhere = || json!({});
    let risk = |levels: Value| json!({"signInRiskLevels": levels});
    let user_risk = |levels: Value| json!({"userRiskLevels": levels});
    let frequency = |value: u64, unit: &str| json!({"isEnabled": true, "type": unit, "value": value, "frequencyInterval": "timeBased"});
    let every_time = || json!({"isEnabled": true, "frequencyInterval": "everyTime", "value": null, "type": null});
    let never = || json!({"isEnabled": true, "mode": "never"});
    vec![
        Row {
            says: "mfa_all: must do MFA for all cloud apps, browsers and modern clients, every platform, place and risk",
            protection: MFA,
            cases: vec![
                (vec![p(everywhere(), "OR", &["mfa"])], YES),
                (vec![p(json!({"clientAppTypes": ["browser", "mobileAppsAndDesktopClients"]}), "OR", &["mfa"])], YES),
                (vec![p(json!({"clientAppTypes": ["browser"]}), "OR", &["mfa"])], NO),
                (vec![p(risk(json!(["high"])), "OR", &["mfa"])], NO),
                (vec![p(user_risk(json!(["high"])), "OR", &["mfa"])], NO),
                (vec![p(json!({"insiderRiskLevels": "elevated"}), "OR", &["mfa"])], NO),
                (vec![p(everywhere(), "OR", &["compliantDevice"])], NO),
                // A password change must stand with MFA, under AND.
                (vec![p(everywhere(), "AND", &["mfa", "passwordChange"])], YES),
                (vec![p(everywhere(), "OR", &["passwordChange"])], NO),
                (vec![p(everywhere(), "AND", &["mfa", "compliantDevice"])], YES),
            ],
        },
        Row {
            says: "or_with_managed_device_counts_as_mfa: yes | no | no",
            protection: MFA,
            cases: vec![(vec![p(everywhere(), "OR", &["mfa", "compliantDevice"])], COMPAT_ONLY)],
        },
        Row {
            says: "trusted_location_exclusion_ok: yes | no, but reported apart | no",
            protection: MFA,
            cases: vec![(
                vec![p(
                    json!({"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}}),
                    "OR",
                    &["mfa"],
                )],
                COMPAT_ONLY,
            )],
        },
        Row {
            says: "app_exclusions_allowed: any | only ids listed in config; Azure, Office, admin portals never | none",
            protection: MFA,
            cases: [
                "Office365",
                "MicrosoftAdminPortals",
                "797f4846-ba00-4fd7-ba43-dac1f8f63013",
                "11111111-1111-1111-1111-111111111111",
            ]
            .map(|app| {
                let but = json!({"applications": {"includeApplications": ["All"], "excludeApplications": [app]}});
                (vec![p(but, "OR", &["mfa"])], COMPAT_ONLY)
            })
            .to_vec(),
        },
        Row {
            says: "unknown_platform_hole_ok: yes | no | no",
            protection: MFA,
            cases: vec![(
                vec![p(
                    json!({"platforms": {"includePlatforms": ["android", "iOS", "windows", "windowsPhone", "macOS", "linux"]}}),
                    "OR",
                    &["mfa"],
                )],
                COMPAT_ONLY,
            )],
        },
        Row {
            says: "custom_controls_count: yes | no | no",
            protection: MFA,
            cases: vec![(
                vec![policy(
                    json!({"grantControls": {"operator": "OR", "builtInControls": [], "customAuthenticationFactors": ["duo"]}}),
                )],
                COMPAT_ONLY,
            )],
        },
        Row {
            says: "legacy_blocked: block, all apps, exchangeActiveSync and other; legacy.implicit: no | yes | no",
            protection: LEGACY,
            cases: vec![
                (vec![p(json!({"clientAppTypes": ["exchangeActiveSync", "other"]}), "OR", &["block"])], YES),
                (vec![p(json!({"clientAppTypes": ["other"]}), "OR", &["block"])], NO),
                (vec![p(everywhere(), "OR", &["mfa"])], [Some(false), Some(true), Some(false)]),
                // ActiveSync can meet device controls.
                (vec![p(everywhere(), "OR", &["compliantDevice"])], NO),
            ],
        },
        Row {
            says: "signin_risk: MFA at sign-in risk medium and high, by a policy with that condition; strict: block at high, \
                   at least MFA at medium",
            protection: SIGN_IN_RISK,
            cases: vec![
                (vec![p(risk(json!(["medium", "high"])), "OR", &["mfa"])], [Some(true), Some(true), Some(false)]),
                (vec![p(risk(json!(["medium", "high"])), "OR", &["block"])], YES),
                (vec![p(risk(json!(["high"])), "OR", &["block"]), p(risk(json!(["medium"])), "OR", &["mfa"])], YES),
                (
                    vec![
                        p(risk(json!(["high"])), "OR", &["block"]),
                        p(risk(json!(["medium", "high"])), "OR", &["mfa"]),
                    ],
                    YES,
                ),
                (
                    vec![p(risk(json!(["high"])), "OR", &["mfa"]), p(risk(json!(["medium"])), "OR", &["block"])],
                    [Some(true), Some(true), Some(false)],
                ),
                (vec![p(risk(json!(["high"])), "OR", &["block"])], NO),
                (vec![p(everywhere(), "OR", &["mfa"])], NO),
                // Both risks on one policy are AND.
                (
                    vec![p(
                        json!({"signInRiskLevels": ["medium", "high"], "userRiskLevels": ["high"]}),
                        "OR",
                        &["block"],
                    )],
                    NO,
                ),
            ],
        },
        Row {
            says: "user_risk: at high, no other narrowing, passwordChange AND mfa (under OR the plain MFA would do), \
                   riskRemediation or block; compat: MFA never, password change or block; strict: block at high",
            protection: USER_RISK,
            cases: vec![
                (
                    vec![p(user_risk(json!(["high"])), "AND", &["mfa", "passwordChange"])],
                    [Some(true), Some(true), Some(false)],
                ),
                (vec![p(user_risk(json!(["high"])), "AND", &["passwordChange"])], NO),
                (vec![p(user_risk(json!(["high"])), "OR", &["passwordChange"])], NO),
                (vec![p(user_risk(json!(["high"])), "OR", &["mfa", "passwordChange"])], NO),
                (vec![p(user_risk(json!(["high"])), "OR", &["mfa"])], NO),
                (
                    vec![p(user_risk(json!(["high"])), "OR", &["riskRemediation"])],
                    [Some(false), Some(true), Some(false)],
                ),
                (vec![p(user_risk(json!(["high"])), "OR", &["block"])], YES),
                (vec![p(user_risk(json!(["medium"])), "OR", &["block"])], NO),
                (vec![p(json!({"userRiskLevels": ["high"], "clientAppTypes": ["browser"]}), "OR", &["block"])], NO),
            ],
        },
        Row {
            says: "admin_pr: phishing-resistant, all apps, browsers and modern clients",
            protection: PHISHING_RESISTANT,
            cases: vec![
                (
                    vec![policy(json!({"grantControls": {"builtInControls": [],
                        "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}}))],
                    YES,
                ),
                (
                    vec![policy(json!({"grantControls": {"builtInControls": [],
                        "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000003"}}}))],
                    NO,
                ),
                (vec![p(everywhere(), "OR", &["mfa"])], NO),
                (vec![p(everywhere(), "OR", &["block"])], YES),
            ],
        },
        Row {
            says: "device_code_blocked: block in that flow; a managed-device grant cannot be met there",
            protection: DEVICE_CODE,
            cases: vec![
                (vec![p(json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}), "OR", &["block"])], YES),
                (
                    vec![p(
                        json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}),
                        "OR",
                        &["compliantDevice"],
                    )],
                    YES,
                ),
                (vec![p(json!({"authenticationFlows": {"transferMethods": "deviceCodeFlow"}}), "OR", &["mfa"])], NO),
                (
                    vec![p(
                        json!({"authenticationFlows": {"transferMethods": "authenticationTransfer"}}),
                        "OR",
                        &["block"],
                    )],
                    NO,
                ),
            ],
        },
        Row {
            says: "auth_transfer_blocked: the same with authenticationTransfer, without the devices",
            protection: TRANSFER,
            cases: vec![
                (
                    vec![p(
                        json!({"authenticationFlows": {"transferMethods": "authenticationTransfer"}}),
                        "OR",
                        &["block"],
                    )],
                    YES,
                ),
                (
                    vec![p(
                        json!({"authenticationFlows": {"transferMethods": "authenticationTransfer"}}),
                        "OR",
                        &["compliantDevice"],
                    )],
                    NO,
                ),
            ],
        },
        Row {
            says: "admin_session: all apps, every time or at most 4 hours, persistent browser never",
            protection: ADMIN_SESSION,
            cases: vec![
                (vec![session(json!({"signInFrequency": frequency(4, "hours"), "persistentBrowser": never()}))], YES),
                (vec![session(json!({"signInFrequency": every_time(), "persistentBrowser": never()}))], YES),
                (vec![session(json!({"signInFrequency": frequency(5, "hours"), "persistentBrowser": never()}))], NO),
                (vec![session(json!({"signInFrequency": frequency(1, "days"), "persistentBrowser": never()}))], NO),
                (vec![session(json!({"signInFrequency": frequency(4, "hours")}))], NO),
                (vec![session(json!({"persistentBrowser": never()}))], NO),
                (
                    vec![session(json!({"signInFrequency": frequency(4, "hours"),
                        "persistentBrowser": {"isEnabled": true, "mode": "always"}}))],
                    NO,
                ),
            ],
        },
        Row {
            says: "register_secinfo: the user action covered by MFA, managed device or trusted location only",
            protection: REGISTRATION,
            cases: vec![
                (vec![p(action(), "OR", &["mfa", "compliantDevice"])], YES),
                (vec![p(action(), "OR", &["mfa", "approvedApplication"])], NO),
                (vec![p(everywhere(), "OR", &["mfa"])], NO),
            ],
        },
        Row {
            says: "managed_device: compliant or hybrid-joined, all apps",
            protection: MANAGED_DEVICE,
            cases: vec![
                (vec![p(everywhere(), "OR", &["compliantDevice", "domainJoinedDevice"])], YES),
                (vec![p(everywhere(), "OR", &["compliantDevice", "mfa"])], NO),
                (vec![p(everywhere(), "OR", &["compliantApplication"])], NO),
            ],
        },
    ]
}

fn action() -> Value {
    json!({"applications": {"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]}})
}

#[test]
fn every_definition_and_every_setting_holds_as_the_page_says() {
    for Row { says, protection, cases } in rows() {
        for (number, (policies, expected)) in cases.into_iter().enumerate() {
            let tenant = Tenant::new(policies);
            assert_eq!(verdicts(tenant, protection), expected, "{says}: case {number}");
        }
    }
}

#[test]
fn eligible_admins_are_judged_as_activated_but_in_compat() {
    let for_admins =
        policy(json!({"conditions": {"users": {"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]}}}));
    let tenant = Tenant::new([for_admins]).eligible(ANNA, GLOBAL_ADMINISTRATOR);
    assert_eq!(verdicts(tenant, ADMIN_MFA), [Some(false), Some(true), Some(true)]);
}

#[test]
fn per_user_mfa_and_security_defaults_count_for_mfa_but_in_strict() {
    let but_strict = [Some(true), Some(true), Some(false)];
    let mut tenant = Tenant::new([]);
    tenant.directory.per_user_mfa = Some(PerUserMfa { enforced: [0].into_iter().collect(), ..PerUserMfa::default() });
    assert_eq!(verdicts(tenant, MFA), but_strict);
    let mut tenant = Tenant::new([]);
    tenant.directory.security_defaults = Some(true);
    assert_eq!(verdicts(tenant, MFA), but_strict);
}

#[test]
fn what_is_open_in_trusted_locations_only_is_reported_apart() {
    let outside = json!({"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}});
    let answer = Tenant::new([p(outside, "OR", &["mfa"])]).answer(ANNA, MFA);
    assert!(answer.notes.contains(&Answer::COVERED_EXCEPT_TRUSTED.to_owned()));
}

#[test]
fn a_gap_at_one_level_of_a_risk_says_which() {
    let medium_only = p(json!({"signInRiskLevels": ["medium"]}), "OR", &["mfa"]);
    let answer = Tenant::new([medium_only]).settings(Settings::strict()).answer(ANNA, SIGN_IN_RISK);
    assert_eq!(answer.witnesses, ["No sign-in is blocked, at sign-in risk high"]);
}

#[test]
fn two_policies_together_limit_every_session_and_one_that_says_always_makes_it_unknown() {
    let short = || {
        session(
            json!({"signInFrequency": {"isEnabled": true, "type": "hours", "value": 4, "frequencyInterval": "timeBased"}}),
        )
    };
    let mut in_browsers = session(json!({"persistentBrowser": {"isEnabled": true, "mode": "never"}}));
    in_browsers["conditions"]["clientAppTypes"] = json!(["browser"]);
    assert_eq!(
        verdicts(Tenant::new([short(), in_browsers.clone()]), ADMIN_SESSION),
        YES,
        "other clients have no browser"
    );
    let always = |users: Value| {
        let mut always = session(json!({"persistentBrowser": {"isEnabled": true, "mode": "always"}}));
        always["conditions"]["users"]["includeUsers"] = users;
        always
    };
    let overlapping = Tenant::new([short(), in_browsers.clone(), always(json!(["All"]))]);
    assert_eq!(verdicts(overlapping, ADMIN_SESSION), [None; 3]);
    let of_another = Tenant::new([short(), in_browsers.clone(), always(json!([BORIS]))]);
    assert_eq!(verdicts(of_another, ADMIN_SESSION), YES);
    let mut on_phones = always(json!(["All"]));
    on_phones["conditions"]["clientAppTypes"] = json!(["mobileAppsAndDesktopClients"]);
    assert_eq!(verdicts(Tenant::new([short(), in_browsers.clone(), on_phones]), ADMIN_SESSION), YES);
    let blocked = p(json!({}), "OR", &["block"]);
    let shut = Tenant::new([short(), in_browsers, always(json!(["All"])), blocked]);
    assert_eq!(verdicts(shut, ADMIN_SESSION), YES, "no session is left");
}

#[test]
fn asking_for_the_second_factor_again_does_not_end_a_session() {
    let second = session(json!({"persistentBrowser": {"isEnabled": true, "mode": "never"},
        "signInFrequency": {"isEnabled": true, "type": "hours", "value": 4, "frequencyInterval": "timeBased",
            "authenticationType": "secondaryAuthentication"}}));
    assert_eq!(verdicts(Tenant::new([second]), ADMIN_SESSION), [None; 3]);
}
