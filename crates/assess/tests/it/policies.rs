//! Policies that lost something, or hold words of other years, in whole tenants: nothing gets better by it.

use std::path::{Path, PathBuf};

use idscore_assess::{Configuration, Evidence, Judgement, SetScore, assess};
use idscore_catalogue::Catalogue;
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use serde_json::{Value, json};

use crate::tenant::{Tenant, id, interval, outcome};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// One of the invented tenants without its configuration, with other policies.
fn judged(tenant: &str, change: impl FnOnce(&mut Vec<Value>)) -> Judgement {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("export");
    copy(&PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tenants")).join(tenant), &export);
    let file = export.join("policies/1.json");
    let mut page: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    change(page["value"].as_array_mut().unwrap());
    std::fs::write(&file, page.to_string()).unwrap();
    // The report counts the policies.
    let report = export.join("collection.json");
    let mut collection: Value = serde_json::from_slice(&std::fs::read(&report).unwrap()).unwrap();
    let policies =
        collection["dataSets"].as_array_mut().unwrap().iter_mut().find(|set| set["name"] == "policies").unwrap();
    policies["rows"] = json!(page["value"].as_array().unwrap().len());
    std::fs::write(&report, collection.to_string()).unwrap();
    let snapshot = folder.path().join("snapshot");
    write_snapshot(&export, &snapshot, &ReadOptions::default()).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    assess(&Snapshot::open(&snapshot).unwrap(), &catalogue, &Configuration::default(), &Evidence::None).unwrap()
}

fn wider(lost: &SetScore, whole: &SetScore, what: &str) {
    let bounds = |set: &SetScore| {
        let number = |points: &Option<idscore_score::Points>| points.as_ref().unwrap().to_f64();
        (number(&set.percent_at_least), number(&set.percent_at_most))
    };
    let ((least, most), (whole_least, whole_most)) = (bounds(lost), bounds(whole));
    assert!(least <= whole_least && whole_most <= most, "{what}: {least} to {most}, was {whole_least} to {whole_most}");
}

fn drop_at(policy: &mut Value, path: &str) -> bool {
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = if parent.is_empty() { Some(policy) } else { policy.pointer_mut(parent) };
    parent.and_then(Value::as_object_mut).is_some_and(|members| members.remove(name).is_some())
}

#[test]
fn exclude_groups_dropped_from_one_policy_of_careful_raises_nothing() {
    let whole = judged("careful", |_| {});
    let count = 10;
    for number in 0..count {
        let lost =
            judged("careful", |policies| assert!(drop_at(&mut policies[number], "/conditions/users/excludeGroups")));
        let what = format!("policy {number}");
        wider(&lost.assessment.core, &whole.assessment.core, &what);
        wider(&lost.assessment.extended, &whole.assessment.extended, &what);
        for (lost, whole) in lost.assessment.controls.iter().zip(&whole.assessment.controls) {
            let least = lost.score_at_least <= whole.score_at_least;
            let most = whole.score_at_most <= lost.score_at_most;
            assert!(least && most, "{what}: {} was {whole:?}, is {lost:?}", lost.id);
        }
    }
}

#[test]
fn whatever_is_dropped_from_every_policy_raises_no_floor_and_lowers_no_ceiling() {
    for tenant in ["careful", "risky"] {
        let whole = judged(tenant, |_| {});
        for path in [
            "/state",
            "/conditions",
            "/grantControls",
            "/sessionControls",
            "/conditions/clientAppTypes",
            "/conditions/users",
            "/conditions/users/includeUsers",
            "/conditions/users/excludeUsers",
            "/conditions/users/excludeRoles",
            "/conditions/users/excludeGroups",
            "/conditions/applications",
            "/conditions/applications/includeApplications",
            "/conditions/applications/excludeApplications",
            "/grantControls/operator",
            "/grantControls/builtInControls",
            "/grantControls/authenticationStrength",
            "/sessionControls/persistentBrowser/mode",
            "/sessionControls/signInFrequency/isEnabled",
        ] {
            let lost = judged(tenant, |policies| {
                let dropped = policies.iter_mut().filter_map(|policy| drop_at(policy, path).then_some(())).count();
                assert!(dropped > 0, "{path}");
            });
            wider(&lost.assessment.core, &whole.assessment.core, &format!("{tenant}: {path}"));
            wider(&lost.assessment.extended, &whole.assessment.extended, &format!("{tenant}: {path}"));
        }
    }
}

#[test]
fn a_reference_that_is_no_id_is_no_deleted_group() {
    let whole = judged("careful", |_| {});
    let named = judged("careful", |policies| {
        for policy in policies {
            policy["conditions"]["users"]["excludeGroups"] = json!("not-an-id");
        }
    });
    wider(&named.assessment.core, &whole.assessment.core, "named");
    assert!(named.assessment.core.percent_at_least < whole.assessment.core.percent_at_least);
    assert!(!named.assessment.warnings.iter().any(|warning| warning.contains("doesn't exist")));
}

#[test]
fn a_policy_for_agents_moves_no_score() {
    let whole = judged("risky", |_| {});
    let for_agents = |users: &str, apps: &str| {
        json!({"id": "99999999-0000-4000-8000-000000000001", "displayName": "Agents", "state": "enabled",
            "conditions": {"clientAppTypes": ["all"],
                "users": {"includeUsers": [users], "excludeUsers": [], "includeGroups": [], "excludeGroups": [],
                    "includeRoles": [], "excludeRoles": [],
                    "includeGuestsOrExternalUsers": null, "excludeGuestsOrExternalUsers": null},
                "applications": {"includeApplications": [apps], "excludeApplications": [], "includeUserActions": [],
                    "includeAuthenticationContextClassReferences": [], "applicationFilter": null}},
            "grantControls": {"operator": "OR", "builtInControls": ["block"], "termsOfUse": [],
                "customAuthenticationFactors": [], "authenticationStrength": null},
            "sessionControls": null})
    };
    for (users, apps) in [("AllAgentIdUsers", "All"), ("All", "AllAgentIdResources")] {
        let judged = judged("risky", |policies| policies.push(for_agents(users, apps)));
        let (with, without) = (&judged.assessment.core, &whole.assessment.core);
        assert_eq!(
            (&with.percent, &with.percent_at_most),
            (&without.percent, &without.percent_at_most),
            "{users} {apps}"
        );
    }
}

#[test]
fn names_in_place_of_ids_are_found_in_the_export() {
    let users = |users: Value| json!({"conditions": {"users": users}});
    let tenant = || {
        Tenant::default()
            .user("ada", json!({"userPrincipalName": "ada@contoso.test"}))
            .user("boris", json!({"displayName": "Boris B."}))
            .with("groups", json!({"id": id("staff"), "displayName": "Staff", "securityEnabled": true}))
            .with(
                "members",
                json!({"owner": id("staff"), "value": [{"@odata.type": "#microsoft.graph.user", "id": id("ada")}]}),
            )
    };
    let judged = |include: Value| outcome(&tenant().policy("p", users(include)).judge(), "mfa_enforced_all");
    assert_eq!(judged(json!({"includeUsers": ["ADA@contoso.test"]})), "partial 1 of 2 unknown 0");
    assert_eq!(judged(json!({"includeUsers": ["ada@contoso.test", "Boris B."]})), "met 2 of 2 unknown 0");
    assert_eq!(judged(json!({"includeUsers": ["None"], "includeGroups": ["staff"]})), "partial 1 of 2 unknown 0");
    let unknown = tenant().policy("p", users(json!({"includeUsers": ["nobody@contoso.test"]}))).judge();
    assert_eq!(interval(&unknown, "mfa_enforced_all"), "0.00 to 10.00");
}

#[test]
fn guests_whose_user_type_was_not_asked_for_are_unknown_as_guests_and_known_as_external() {
    let mia = json!({"id": id("mia"), "userPrincipalName": "mia_partner.test#EXT#@contoso.onmicrosoft.com",
        "accountEnabled": true, "createdDateTime": "2021-01-01T00:00:00Z", "assignedLicenses": []});
    let tenant = |exclude: Value| {
        let users = json!({"includeUsers": ["All"], "excludeUsers": exclude});
        Tenant::default().with("users", mia.clone()).policy("p", json!({"conditions": {"users": users}})).judge()
    };
    let guests = json!(["GuestsOrExternalUsers"]);
    assert_eq!(interval(&tenant(guests), "guest_mfa"), "0.00 to 5.00", "Mia is external, and a guest or a member");
}
