//! Random policies: one that would give some protection by itself, or that one cut in two, with oddities on top.

use serde_json::{Value, json};

use super::tenants::{
    COMPLIANT_NETWORK, CONDITIONAL_ACCESS_ADMINISTRATOR, CUSTOM_ROLE, Chance, DELETED, GLOBAL_ADMINISTRATOR,
    MFA_TRUSTED_ADDRESSES, OWN_APP, UNKNOWN_APP, group_id, location_id, user_id,
};

pub const OFFICE: &str = "Office365";
pub const ADMIN_PORTALS: &str = "MicrosoftAdminPortals";
pub const AZURE: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
pub const EXCHANGE: &str = "00000002-0000-0ff1-ce00-000000000000";
pub const BASELINE: &str = "00000002-0000-0000-c000-000000000000";
const PLATFORMS: [&str; 6] = ["android", "iOS", "windows", "windowsPhone", "macOS", "linux"];
const RULES: [&str; 2] = ["device.isCompliant -eq True", "device.trustType -eq \"ServerAD\""];

/// One to six policies. In one tenant of four no policy has a null or an empty list, as some tools write them.
pub fn policies(chance: &mut Chance) -> Vec<Value> {
    let mut policies = Vec::new();
    // Few conditions a tenant, so that they meet in several policies, and the sign-ins can be counted.
    let themes = chance.some(&["platforms", "locations", "devices", "clientAppTypes", "insiderRiskLevels", "flows"]);
    let themes = &themes[..themes.len().min(2)];
    let wanted = 1 + chance.below(4);
    let purpose = chance.below(PURPOSES.len());
    while policies.len() < wanted {
        let purpose = if chance.one_in(3) { chance.below(PURPOSES.len()) } else { purpose };
        let mut policy = PURPOSES[purpose](chance);
        for _ in 0..[0, 0, 1, 1, 2, 3][chance.below(6)] {
            oddity(&mut policy, themes, chance);
        }
        if chance.one_in(3) {
            let other = cut(&mut policy, themes, chance);
            policies.extend(other);
        }
        policies.push(policy);
    }
    for (number, policy) in policies.iter_mut().enumerate() {
        policy["id"] = json!(format!("ca000000-0000-4000-8000-{number:012x}"));
        policy["displayName"] = json!(format!("policy {number}"));
    }
    if chance.one_in(4) {
        policies.iter_mut().for_each(leave_out_empty);
    }
    policies
}

fn leave_out_empty(value: &mut Value) {
    if let Value::Object(members) = value {
        members.values_mut().for_each(leave_out_empty);
        members.retain(|_, member| !is_empty(member));
    }
}

/// Nothing at all, or an object in which nothing is.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

const PURPOSES: [fn(&mut Chance) -> Value; 11] = [
    |chance| policy(chance, |_, _| {}),
    |chance| {
        policy(chance, |policy, chance| {
            policy["grantControls"] = grant(json!([]));
            policy["grantControls"]["authenticationStrength"] = strength(chance);
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            policy["conditions"]["clientAppTypes"] = json!(["exchangeActiveSync", "other"]);
            policy["grantControls"] = grant(json!([chance.one(&["block", "block", "mfa"])]));
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            policy["conditions"]["signInRiskLevels"] = json!(["high", "medium"]);
            policy["grantControls"] = grant(json!([chance.one(&["block", "mfa"])]));
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            policy["conditions"]["userRiskLevels"] = json!(["high"]);
            policy["grantControls"] = match chance.below(4) {
                0 => grant(json!(["block"])),
                1 => grant(json!(["riskRemediation"])),
                _ => json!({"operator": "AND", "builtInControls": ["mfa", "passwordChange"],
                    "customAuthenticationFactors": [], "termsOfUse": [], "authenticationStrength": null}),
            };
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            let flows =
                chance.one(&["deviceCodeFlow", "deviceCodeFlow,authenticationTransfer", "authenticationTransfer"]);
            policy["conditions"]["authenticationFlows"] = json!({"transferMethods": flows});
            policy["grantControls"] = grant(json!([chance.one(&["block", "block", "compliantDevice"])]));
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            let applications = &mut policy["conditions"]["applications"];
            applications["includeApplications"] = json!([]);
            applications["includeUserActions"] = json!(["urn:user:registersecurityinfo"]);
            policy["grantControls"] =
                grant(json!(chance.one(&[vec!["mfa"], vec!["mfa", "compliantDevice"], vec!["block"]])));
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            policy["grantControls"] = grant(json!(chance.some(&["compliantDevice", "domainJoinedDevice"])));
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            policy["grantControls"] = if chance.one_in(2) { Value::Null } else { grant(json!(["mfa"])) };
            policy["sessionControls"] = session(chance);
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            policy["conditions"]["insiderRiskLevels"] = json!(chance.one(&["elevated", "moderate,elevated"]));
            policy["grantControls"] = grant(json!([chance.one(&["block", "mfa"])]));
        })
    },
    |chance| {
        policy(chance, |policy, chance| {
            policy["conditions"]["applications"]["includeApplications"] = json!([chance.one(&[AZURE, "All"])]);
            policy["grantControls"] = grant(json!(["block"]));
        })
    },
];

/// Every user, every app, second factor, written as Graph answers; changed by what is given.
fn policy(chance: &mut Chance, change: fn(&mut Value, &mut Chance)) -> Value {
    let mut policy = json!({
        "id": null, "displayName": null, "state": "enabled", "templateId": null,
        "conditions": {
            "clientAppTypes": ["all"], "signInRiskLevels": [], "userRiskLevels": [], "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": null, "platforms": null, "locations": null, "devices": null, "authenticationFlows": null,
            "clientApplications": null,
            "applications": {"includeApplications": ["All"], "excludeApplications": [], "includeUserActions": [],
                "includeAuthenticationContextClassReferences": [], "applicationFilter": null},
            "users": {"includeUsers": ["All"], "excludeUsers": [], "includeGroups": [], "excludeGroups": [],
                "includeRoles": [], "excludeRoles": [], "includeGuestsOrExternalUsers": null,
                "excludeGuestsOrExternalUsers": null},
        },
        "grantControls": grant(json!(["mfa"])),
        "sessionControls": null,
    });
    change(&mut policy, chance);
    policy
}

fn grant(controls: Value) -> Value {
    json!({"operator": "OR", "builtInControls": controls, "customAuthenticationFactors": [], "termsOfUse": [],
        "authenticationStrength": null})
}

fn strength(chance: &mut Chance) -> Value {
    match chance.below(9) {
        0 | 1 => json!({"id": "00000000-0000-0000-0000-000000000004", "displayName": "Phishing-resistant MFA"}),
        2 => json!({"id": "00000000-0000-0000-0000-000000000003"}),
        3 => json!({"id": "57000000-0000-4000-8000-000000000001"}),
        4 => json!({"id": "57000000-0000-4000-8000-000000000002"}),
        5 => json!({"id": "57000000-0000-4000-8000-000000000003",
            "allowedCombinations": ["x509CertificateMultiFactor", "fido2"], "requirementsSatisfied": "mfa"}),
        6 => json!({"id": "57000000-0000-4000-8000-000000000004", "allowedCombinations": ["fido2", "mindReading"]}),
        7 => json!({"id": "57000000-0000-4000-8000-000000000005", "displayName": "not in the export"}),
        _ => json!({"id": null, "displayName": null, "allowedCombinations": null, "requirementsSatisfied": null}),
    }
}

fn session(chance: &mut Chance) -> Value {
    let mut session = json!({"applicationEnforcedRestrictions": null, "cloudAppSecurity": null,
        "disableResilienceDefaults": null, "signInFrequency": null, "persistentBrowser": null});
    if !chance.one_in(4) {
        session["signInFrequency"] = match chance.below(8) {
            0..=2 => json!({"isEnabled": true, "type": "hours", "value": 4, "frequencyInterval": "timeBased",
                "authenticationType": "primaryAndSecondaryAuthentication"}),
            3 | 4 => json!({"isEnabled": true, "type": null, "value": null, "frequencyInterval": "everyTime",
                "authenticationType": "primaryAndSecondaryAuthentication"}),
            5 => json!({"isEnabled": true, "type": "days", "value": 1, "frequencyInterval": "timeBased",
                "authenticationType": "primaryAndSecondaryAuthentication"}),
            6 => json!({"isEnabled": true, "type": "hours", "value": 1, "frequencyInterval": "timeBased",
                "authenticationType": "secondaryAuthentication"}),
            _ => json!({"type": "hours", "value": 2, "frequencyInterval": "timeBased",
                "authenticationType": "primaryAndSecondaryAuthentication"}),
        };
    }
    if !chance.one_in(4) {
        session["persistentBrowser"] = match chance.below(8) {
            0..=4 => json!({"isEnabled": true, "mode": "never"}),
            5 => json!({"isEnabled": true, "mode": "always"}),
            6 => json!({"isEnabled": true, "mode": "sometimes"}),
            _ => json!({"isEnabled": false, "mode": "never"}),
        };
    }
    if chance.one_in(6) {
        session["globalSecureAccessFilteringProfile"] = json!({"isEnabled": true, "profileId": "p1"});
    }
    session
}

/// A policy in two halves along one condition: it keeps one half, the other is given back.
fn cut(policy: &mut Value, themes: &[&str], chance: &mut Chance) -> Option<Value> {
    let mut other = policy.clone();
    let (name, one, two) = match chance.one(themes) {
        "platforms" => {
            let some = chance.some(&PLATFORMS[..3]);
            let rest = json!({"includePlatforms": ["all"], "excludePlatforms": some});
            ("platforms", rest, json!({"includePlatforms": some, "excludePlatforms": []}))
        }
        "locations" => {
            let place = place(chance);
            let outside = json!({"includeLocations": ["All"], "excludeLocations": [place]});
            ("locations", outside, json!({"includeLocations": [place], "excludeLocations": []}))
        }
        "devices" => {
            let rule = chance.one(&RULES);
            let filter = |mode: &str| json!({"deviceFilter": {"mode": mode, "rule": rule}});
            ("devices", filter("include"), filter("exclude"))
        }
        "clientAppTypes" => {
            let halves = [
                (json!(["browser", "other"]), json!(["mobileAppsAndDesktopClients", "exchangeActiveSync"])),
                (json!(["browser", "modern"]), json!(["exchangeActiveSync", "other"])),
                (json!(["browser", "modern", "other", "easSupported"]), json!(["easUnsupported"])),
            ];
            let (one, two) = chance.one(&halves);
            ("clientAppTypes", one, two)
        }
        "insiderRiskLevels" => ("insiderRiskLevels", json!("none,minor"), json!("moderate,elevated")),
        _ => return None,
    };
    let conditions = policy.get_mut("conditions")?.as_object_mut()?;
    conditions.insert(name.to_owned(), one);
    other["conditions"][name] = two;
    Some(other)
}

fn place(chance: &mut Chance) -> Value {
    json!(match chance.below(9) {
        0 | 1 => "AllTrusted".to_owned(),
        2..=5 => location_id(chance.below(3)),
        6 => MFA_TRUSTED_ADDRESSES.to_owned(),
        7 => COMPLIANT_NETWORK.to_owned(),
        _ => format!("Place {}", chance.below(3)),
    })
}

/// Changes one thing about a policy.
fn oddity(policy: &mut Value, themes: &[&str], chance: &mut Chance) {
    match chance.below(10) {
        0..=3 if policy["conditions"]["users"].is_object() => users(&mut policy["conditions"]["users"], chance),
        4 | 5 if policy["conditions"]["applications"].is_object() => {
            applications(&mut policy["conditions"]["applications"], chance);
        }
        6 | 7 if policy["conditions"].is_object() => {
            let theme = chance.one(themes);
            condition(&mut policy["conditions"], theme, chance);
        }
        8 => demand(policy, chance),
        9 => whole(policy, chance),
        _ => {}
    }
}

fn users(users: &mut Value, chance: &mut Chance) {
    let group = group_id(chance.below(4));
    let role = chance.one(&[GLOBAL_ADMINISTRATOR, CONDITIONAL_ACCESS_ADMINISTRATOR, CUSTOM_ROLE]);
    let user = user_id(chance.below(6));
    match chance.below(24) {
        0 | 1 => users["excludeGroups"] = json!([group]),
        2 => users["excludeUsers"] = json!([user, "GuestsOrExternalUsers"]),
        3 => users["excludeRoles"] = json!([role]),
        4 => {
            users["includeUsers"] = json!([user]);
            users["includeGroups"] = json!([group]);
        }
        5 => {
            users["includeUsers"] = json!(["None"]);
            users["includeRoles"] = json!([GLOBAL_ADMINISTRATOR, role]);
        }
        6 => users["excludeGuestsOrExternalUsers"] = guests(chance),
        7 => {
            users["includeUsers"] = json!([]);
            users["includeGuestsOrExternalUsers"] = guests(chance);
        }
        8 => users["includeUsers"] = json!(["AllAgentIdUsers"]),
        9 => users["excludeUsers"] = json!(["AllAgentIdUsers", user]),
        10 => users["excludeUsers"] = json!([""]),
        11 => users["includeUsers"] = json!([" ", user]),
        12 => users["excludeUsers"] = json!(["user1@contoso.onmicrosoft.com"]),
        13 => users["excludeGroups"] = json!(["Group 2"]),
        14 => users["excludeGroups"] = json!(["No such group"]),
        15 => users["excludeGroups"] = json!([DELETED]),
        16 => {
            users["includeUsers"] = json!([DELETED, user_id(2)]);
            users["includeGroups"] = json!([DELETED, group]);
        }
        17 => users["includeUsers"] = json!(["AllFutureUsers", user]),
        18 => {
            let name = chance.one(&["excludeUsers", "excludeGroups", "excludeRoles", "includeGroups", "includeUsers"]);
            users.as_object_mut().unwrap().remove(name);
        }
        19 => users["includeUsers"] = json!(["GuestsOrExternalUsers"]),
        20 => users["excludeRoles"] = json!(["Global Administrator"]),
        21 => users["excludeRoles"] = json!(["Chief of Everything"]),
        22 => users["includeSomethingNew"] = json!(["x"]),
        _ => users["excludeGroups"] = json!([group, group_id(chance.below(4))]),
    }
}

fn guests(chance: &mut Chance) -> Value {
    let kinds = ["internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember", "serviceProvider"];
    let mut kinds = chance.some(&kinds);
    if chance.one_in(8) {
        kinds.push("unknownFutureValue");
    }
    let tenants = match chance.below(6) {
        0 => json!({"@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants",
            "membershipKind": "enumerated", "members": ["7e4a0000-0000-4000-8000-000000000001"]}),
        _ => json!({"@odata.type": "#microsoft.graph.conditionalAccessAllExternalTenants", "membershipKind": "all"}),
    };
    json!({"guestOrExternalUserTypes": kinds.join(","), "externalTenants": tenants})
}

fn applications(applications: &mut Value, chance: &mut Chance) {
    let ids = [UNKNOWN_APP, OWN_APP, AZURE, BASELINE, EXCHANGE, OFFICE, ADMIN_PORTALS, "AllAgentIdResources"];
    let new = json!({"mode": chance.one(&["include", "exclude", "exclude", "sideways"]), "rule": "CustomSecurityAttribute.a_b -eq \"c\""});
    match chance.below(14) {
        0..=2 => applications["excludeApplications"] = json!([chance.one(&ids)]),
        3 | 4 => applications["includeApplications"] = json!(chance.some(&ids)),
        5 => applications["includeApplications"] = json!(["AllAgentIdResources"]),
        6 => applications["includeApplications"] = json!(["AllFutureThings"]),
        7 => applications["excludeApplications"] = json!(["unknownFutureValue"]),
        8 => applications["excludeApplications"] = json!(["  "]),
        9 => applications["applicationFilter"] = new,
        10 => applications["applicationFilter"] = json!({"mode": null, "rule": null}),
        11 => {
            let name = chance.one(&["excludeApplications", "includeApplications"]);
            applications.as_object_mut().unwrap().remove(name);
        }
        12 => {
            applications["includeApplications"] = json!(["None"]);
            applications["includeAuthenticationContextClassReferences"] = json!(["c1"]);
        }
        _ => applications["includeApplications"] = json!(chance.one(&[json!([]), json!(["None"]), Value::Null])),
    }
}

fn condition(conditions: &mut Value, theme: &str, chance: &mut Chance) {
    match theme {
        "platforms" => {
            conditions["platforms"] = match chance.below(8) {
                0 | 1 => json!({"includePlatforms": ["all"], "excludePlatforms": chance.some(&PLATFORMS)}),
                2 => json!({"includePlatforms": chance.some(&PLATFORMS), "excludePlatforms": []}),
                3 => json!({"includePlatforms": PLATFORMS, "excludePlatforms": []}),
                4 => json!({"includePlatforms": ["all"], "excludePlatforms": ["visionOS"]}),
                5 => json!({"includePlatforms": ["unknownFutureValue", "windows"], "excludePlatforms": null}),
                6 => json!({"includePlatforms": ["all"]}),
                _ => json!({"includePlatforms": null, "excludePlatforms": chance.one(&[json!([""]), Value::Null])}),
            };
        }
        "locations" => {
            conditions["locations"] = match chance.below(8) {
                0..=2 => json!({"includeLocations": ["All"], "excludeLocations": [place(chance)]}),
                3 => json!({"includeLocations": [place(chance), place(chance)], "excludeLocations": [place(chance)]}),
                4 => json!({"includeLocations": ["All"], "excludeLocations": [DELETED]}),
                5 => {
                    json!({"includeLocations": ["All"], "excludeLocations": chance.one(&[json!(["Nowhere"]), json!([""])])})
                }
                6 => json!({"includeLocations": chance.one(&[json!([]), json!(["All"])])}),
                _ => json!({"includeLocations": null, "excludeLocations": null}),
            };
        }
        "devices" => {
            let rule = chance.one(&RULES);
            match chance.below(7) {
                0..=2 => {
                    let mode = chance.one(&["include", "exclude", "exclude", "sideways"]);
                    conditions["devices"] = json!({"deviceFilter": {"mode": mode, "rule": rule}});
                }
                3 => conditions["devices"] = json!({"deviceFilter": {"mode": null, "rule": null}}),
                4 => {
                    conditions["devices"] = json!({"includeDevices": ["All"],
                        "excludeDevices": chance.some(&["Compliant", "DomainJoined"]), "deviceFilter": null});
                }
                5 => {
                    conditions["deviceStates"] =
                        json!({"includeStates": ["All"], "excludeStates": chance.some(&["Compliant", "DomainJoined"])});
                }
                _ => conditions["deviceStates"] = json!({"includeStates": ["All"], "excludeStates": ["Haunted"]}),
            }
        }
        "clientAppTypes" => {
            let words =
                ["browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other", "modern", "easSupported"];
            match chance.below(8) {
                0..=2 => conditions["clientAppTypes"] = json!(chance.some(&words)),
                3 => conditions["clientAppTypes"] = json!(["easSupported", "easUnsupported", "other"]),
                4 => conditions["clientAppTypes"] = json!(["browser", "unknownFutureValue"]),
                5 => conditions["clientAppTypes"] = chance.one(&[json!([]), Value::Null, json!([""])]),
                6 => {
                    conditions.as_object_mut().unwrap().remove("clientAppTypes");
                }
                _ => conditions["clientAppTypes"] = json!(["browser", "mobileAppsAndDesktopClients"]),
            }
        }
        "insiderRiskLevels" => {
            let levels = ["minor", "elevated", "moderate,elevated", "elevated,unheardOf"];
            conditions["insiderRiskLevels"] = json!(chance.one(&levels));
        }
        _ => {
            let flows = [
                "deviceCodeFlow",
                "authenticationTransfer",
                "deviceCodeFlow,authenticationTransfer",
                "none",
                "carrierPigeon",
            ];
            conditions["authenticationFlows"] = match chance.below(6) {
                0 => json!({"transferMethods": null}),
                _ => json!({"transferMethods": chance.one(&flows)}),
            };
        }
    }
}

fn demand(policy: &mut Value, chance: &mut Chance) {
    if !policy["grantControls"].is_object() {
        policy["grantControls"] = grant(json!(["mfa"]));
    }
    let grant = &mut policy["grantControls"];
    let mut add = |control: &str| {
        if let Some(controls) = grant["builtInControls"].as_array_mut() {
            controls.push(json!(control));
        }
    };
    match chance.below(16) {
        0 | 1 => add("compliantDevice"),
        2 => add("verifiedID"),
        3 => add("unknownFutureValue"),
        4 => add(""),
        5 => add("approvedApplication"),
        6 => grant["operator"] = json!("AND"),
        7 => grant["operator"] = chance.one(&[json!("XOR"), Value::Null]),
        8 => {
            grant.as_object_mut().unwrap().remove("operator");
        }
        9 => grant["termsOfUse"] = json!(["70500000-0000-4000-8000-000000000001"]),
        10 => grant["customAuthenticationFactors"] = json!(["Duo"]),
        11 => grant["builtInControls"] = json!([]),
        12 => grant["somethingNew"] = json!(["x"]),
        13 => grant["builtInControls"] = json!(["passwordChange"]),
        14 => policy["grantControls"] = Value::Null,
        _ => {
            policy.as_object_mut().unwrap().remove("grantControls");
        }
    }
}

fn whole(policy: &mut Value, chance: &mut Chance) {
    match chance.below(16) {
        0 | 1 => policy["state"] = json!("enabledForReportingButNotEnforced"),
        2 => policy["state"] = json!("disabled"),
        3 => policy["state"] = json!("enabledOnSundays"),
        4 => {
            let name = chance.one(&["state", "conditions", "sessionControls"]);
            policy.as_object_mut().unwrap().remove(name);
        }
        5 if policy["conditions"].is_object() => {
            let name = chance.one(&["users", "applications"]);
            policy["conditions"].as_object_mut().unwrap().remove(name);
        }
        6..=15 if policy["conditions"].is_object() => {
            let conditions = &mut policy["conditions"];
            match chance.below(9) {
                0 => conditions["signInRiskLevels"] = json!(["high"]),
                1 => conditions["userRiskLevels"] = json!(["high"]),
                2 => conditions["signInRiskLevels"] = json!(["high", "hidden"]),
                3 => conditions["userRiskLevels"] = json!(["unheardOf"]),
                4 => conditions["somethingNew"] = json!({"level": 3}),
                5 => conditions["somethingNew"] = json!({"level": null, "list": []}),
                6 => {
                    conditions["clientApplications"] =
                        json!({"includeServicePrincipals": [], "excludeServicePrincipals": null});
                }
                7 => {
                    let name = chance.one(&["includeServicePrincipals", "includeAgentIdServicePrincipals"]);
                    conditions["clientApplications"] = json!({name: ["ServicePrincipalsInMyTenant"]});
                    conditions["users"]["includeUsers"] = json!(["None"]);
                }
                _ => {
                    conditions["agentIdRiskLevels"] = json!("high");
                    conditions["users"]["includeUsers"] = json!(["AllAgentIdUsers"]);
                }
            }
        }
        _ => {}
    }
}
