//! A property that objects do not carry is unknown: it lifts no floor, lowers no ceiling and takes no control out of the sums.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use idscore_assess::{Configuration, ControlResult, Evidence, Judgement, assess};
use idscore_catalogue::Catalogue;
use idscore_catalogue::data_sets::DATA_SETS;
use idscore_catalogue::properties::{absent_answer, properties_of};
use idscore_score::{Outcome, Points};
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use serde_json::{Value, json};

use crate::tenant::{GLOBAL_ADMINISTRATOR, Tenant, id, interval, outcome};

fn tenants() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants")
}

/// Takes a property out of an object, wherever the path leads.
fn drop_property(value: &mut Value, path: &str) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().fold(false, |dropped, item| drop_property(item, path) | dropped),
        Value::Object(properties) => match path.split_once('.') {
            None => properties.remove(path).is_some(),
            Some((name, rest)) => properties.get_mut(name).is_some_and(|value| drop_property(value, rest)),
        },
        _ => false,
    }
}

/// Takes a property out of every object of a page, or out of the object that a file holds.
fn drop_from_page(page: &mut Value, path: &str) -> bool {
    match page.get_mut("value") {
        Some(objects @ Value::Array(_)) => drop_property(objects, path),
        _ => drop_property(page, path),
    }
}

/// Copies an export; gives back whether the property was there to be dropped.
fn copy_without(from: &Path, to: &Path, property: Option<(&str, &str)>) -> bool {
    let mut dropped = false;
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let inner = property.filter(|(data_set, _)| data_set.is_empty() || *data_set == name);
        if path.is_dir() {
            fs::create_dir_all(to.join(name)).unwrap();
            // Below the folder of the data set every page is one of it.
            dropped |= copy_without(&path, &to.join(name), inner.map(|(_, path)| ("", path)));
        } else {
            let bytes = fs::read(&path).unwrap();
            let is_page = property.filter(|(data_set, _)| data_set.is_empty());
            if let (Some((_, property)), true) = (is_page, name.ends_with(".json")) {
                let mut page: Value = serde_json::from_slice(&bytes).unwrap();
                dropped |= drop_from_page(&mut page, property);
                fs::write(to.join(name), serde_json::to_vec(&page).unwrap()).unwrap();
            } else {
                fs::write(to.join(name), bytes).unwrap();
            }
        }
    }
    dropped
}

/// Judged under each configuration; none where the export is refused, which says nothing that could be too certain.
fn judge(export: &Path, configurations: &[Configuration]) -> Vec<Judgement> {
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("snapshot");
    if write_snapshot(export, &stored, &ReadOptions::default()).is_err() {
        return Vec::new();
    }
    let (snapshot, catalogue) = (Snapshot::open(&stored).unwrap(), Catalogue::embedded().unwrap());
    let judged = configurations.iter().map(|one| assess(&snapshot, &catalogue, one, &Evidence::First(0)).unwrap());
    judged.collect()
}

fn notes(tenant: &Tenant, control: &str) -> Vec<String> {
    let controls = tenant.judge().assessment.controls;
    controls.into_iter().find(|result| result.id == control).unwrap().notes
}

fn by_id(judgement: &Judgement) -> BTreeMap<&str, &ControlResult> {
    judgement.assessment.controls.iter().map(|result| (result.id.as_str(), result)).collect()
}

fn bounds(result: &ControlResult) -> Option<(&Points, &Points)> {
    result.score_at_least.as_ref().zip(result.score_at_most.as_ref())
}

/// What became more certain although less was told, in words.
fn more_certain(whole: &Judgement, less: &Judgement, what: &str) -> Vec<String> {
    let less = by_id(less);
    let mut found = Vec::new();
    for (id, before) in by_id(whole) {
        let after = less[id];
        if before.outcome != Outcome::NotApplicable && after.outcome == Outcome::NotApplicable {
            found.push(format!("{what}: {id} leaves the sums"));
        }
        let Some((floor, ceiling)) = bounds(before) else { continue };
        match bounds(after) {
            Some((lower, higher)) if lower <= floor && ceiling <= higher => {}
            after => found.push(format!("{what}: {id} from {:?} to {after:?}", (floor, ceiling))),
        }
    }
    found
}

/// Drops one property after the other of every data set that columns are made from.
fn drop_one_at_a_time(tenant: &str, least: usize) {
    let export = tenants().join(tenant);
    let mut configurations = vec![Configuration::default()];
    configurations.extend(Configuration::read(&export.join("idscore.toml")));
    let whole = judge(&export, &configurations);
    assert_eq!(whole.len(), configurations.len());
    let (mut found, mut dropped) = (Vec::new(), 0);
    for set in DATA_SETS {
        for path in properties_of(set.name).iter().flat_map(|name| name.split('|')) {
            let folder = tempfile::tempdir().unwrap();
            if !copy_without(&export, folder.path(), Some((set.name, path))) {
                continue;
            }
            dropped += 1;
            for (whole, less) in whole.iter().zip(judge(folder.path(), &configurations)) {
                found.extend(more_certain(whole, &less, &format!("{tenant} {} {path}", set.name)));
            }
        }
    }
    assert!(dropped >= least, "{dropped} properties were dropped");
    assert!(found.is_empty(), "{} of {dropped}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn whatever_property_is_dropped_from_the_careful_tenant_no_control_gets_more_certain() {
    drop_one_at_a_time("careful", 70);
}

#[test]
fn whatever_property_is_dropped_from_the_risky_tenant_no_control_gets_more_certain() {
    drop_one_at_a_time("risky", 60);
}

#[test]
fn an_absence_that_is_declared_an_answer_is_one() {
    for (data_set, property) in [("users", "identityParentId"), ("users", "creationType"), ("users", "identities")] {
        assert!(absent_answer(data_set, property).is_some());
        let folder = tempfile::tempdir().unwrap();
        let export = tenants().join("careful");
        assert!(copy_without(&export, folder.path(), Some((data_set, property))));
        let one = [Configuration::default()];
        let (whole, less) = (judge(&export, &one).remove(0), judge(folder.path(), &one).remove(0));
        for (id, before) in by_id(&whole) {
            let after = by_id(&less)[id];
            assert_eq!((before.outcome, bounds(before)), (after.outcome, bounds(after)), "{property}: {id}");
        }
    }
}

#[test]
fn domains_with_ids_only_are_not_assessed_and_the_result_says_what_to_ask_for() {
    let tenant = Tenant::default()
        .with_only("domains", json!({"id": "contoso.onmicrosoft.com"}))
        .with("domains", json!({"id": "contoso.com"}));
    let judged = tenant.judge();
    assert_eq!(outcome(&judged, "PWAgePolicyNew"), "notAssessed 0 of 0 unknown 2");
    assert_eq!(interval(&judged, "PWAgePolicyNew"), "0.00 to 8.00");
    let told = notes(&tenant, "PWAgePolicyNew");
    assert!(
        told.iter().any(|note| note
            == "`authenticationType`, `isRoot`, `isVerified` and 1 more were not in the export (2 of 2 domains): ask for them \
                with `$select`"),
        "{told:?}"
    );
    let only_type = Tenant::default().with_only(
        "domains",
        json!({"id": "contoso.com", "isVerified": true, "isRoot": true, "passwordValidityPeriodInDays": 2_147_483_647}),
    );
    assert_eq!(
        notes(&only_type, "PWAgePolicyNew").iter().filter(|note| note.contains("$select")).collect::<Vec<_>>(),
        ["`authenticationType` was not in the export (1 of 1 domains): ask for it with `$select`"]
    );
    let missing = only_type.judge().assessment.controls;
    let missing = &missing.iter().find(|result| result.id == "PWAgePolicyNew").unwrap().missing;
    assert!(missing.iter().any(|one| (one.data_set.as_str(), one.name.as_str()) == ("domains", "authenticationType")));
}

#[test]
fn a_managed_root_without_a_period_is_assessed_in_no_profile_and_its_sub_domains_inherit_that() {
    for profile in ["standard", "strict", "compat"] {
        let tenant = Tenant::default()
            .with_only(
                "domains",
                json!({"id": "contoso.com", "authenticationType": "Managed", "isVerified": true, "isRoot": true}),
            )
            .with(
                "domains",
                json!({"id": "mail.contoso.com", "authenticationType": "Managed", "isVerified": true, "isRoot": false,
                "passwordValidityPeriodInDays": 2_147_483_647}),
            )
            .configured(&format!("profile = '{profile}'"));
        assert_eq!(outcome(&tenant.judge(), "PWAgePolicyNew"), "notAssessed 0 of 0 unknown 2", "{profile}");
        assert!(notes(&tenant, "PWAgePolicyNew").iter().any(|note| note.contains("documents 90 days")), "{profile}");
    }
}

#[test]
fn licences_by_name_alone_own_p2_and_an_unheard_one_may_bring_it() {
    let with = |name: &str| {
        Tenant::default().with_only("subscribedSkus", json!({"skuPartNumber": name, "capabilityStatus": "Enabled"}))
    };
    let risk = |tenant: &Tenant| {
        let controls = tenant.judge().assessment.controls;
        controls.into_iter().find(|result| result.id == "UserRiskPolicy").unwrap()
    };
    assert_eq!(risk(&with("SPE_E5")).needs_license, None);
    assert_eq!(risk(&with("SPE_E3")).needs_license.as_deref(), Some("P2"));
    let unheard = with("LICENCE_OF_THE_FUTURE");
    assert_eq!(risk(&unheard).needs_license, None);
    let (ada, boris) = (json!({}), json!({}));
    let tenant = with("LICENCE_OF_THE_FUTURE").user("ada", ada).user("boris", boris);
    assert_eq!(interval(&tenant.judge(), "pim_no_permanent_active"), "0.00 to 6.00");
    let bare = Tenant::default().with_only("subscribedSkus", json!({"skuPartNumber": "SPE_E5"}));
    assert!(
        notes(&bare, "UserRiskPolicy").iter().any(|note| note.contains("`capabilityStatus` was not in the export")),
        "{:?}",
        notes(&bare, "UserRiskPolicy")
    );
}

#[test]
fn applications_without_lists_of_credentials_have_an_unknown_number_of_them() {
    let tenant = Tenant::default()
        .with("applications", json!({"id": "e1", "appId": "f1", "displayName": "Robot"}))
        .with("applications", json!({"id": "e2", "appId": "f2", "displayName": "Good", "keyCredentials": [],
            "passwordCredentials": [{"keyId": "k1", "startDateTime": "2026-11-01T00:00:00Z", "endDateTime": "2026-12-31T00:00:00Z"}]}));
    let judged = tenant.judge();
    assert_eq!(outcome(&judged, "app_credentials_expiry"), "met 1 of 1 unknown 2");
    let whole = interval(&judged, "app_credentials_expiry");
    assert!(whole.starts_with("0.00 to "), "the list may hold any number of bad ones: {whole}");
    let only =
        Tenant::default().with("applications", json!({"id": "e1", "appId": "f1", "displayName": "Robot"})).judge();
    assert_eq!(outcome(&only, "app_credentials_expiry"), "notAssessed 0 of 0 unknown 2");
    assert!(
        notes(&tenant, "app_credentials_expiry")
            .iter()
            .any(|note| note.contains("`keyCredentials`, `passwordCredentials`")),
        "{:?}",
        notes(&tenant, "app_credentials_expiry")
    );
}

#[test]
fn groups_without_types_and_users_without_a_type_are_unknown_in_every_population() {
    let groups = Tenant::default()
        .with("groups", json!({"id": id("g1"), "displayName": "All staff", "visibility": "Public"}))
        .with("groups", json!({"id": id("g2"), "displayName": "Board", "visibility": "Private"}));
    assert_eq!(outcome(&groups.judge(), "aad_managed_approved_public_groups_only"), "notAssessed 0 of 0 unknown 1");
    let without_type = |tenant: Tenant, name: &str, upn: &str| {
        tenant.with("users", json!({"id": id(name), "userPrincipalName": upn, "accountEnabled": true})).registered(
            name,
            true,
            true,
            &[],
        )
    };
    let tenant = without_type(Tenant::default(), "ada", "ada@contoso.onmicrosoft.com");
    let tenant = without_type(tenant, "mia", "mia_x.test#EXT#@contoso.onmicrosoft.com");
    let judged = tenant.judge();
    assert_eq!(outcome(&judged, "MFARegistrationV2"), "notAssessed 0 of 0 unknown 2");
    assert_eq!(outcome(&judged, "guest_mfa"), "notAssessed 0 of 0 unknown 2");
    let warnings = judged.assessment.warnings;
    let told: Vec<_> = warnings.iter().filter(|warning| warning.contains("without `userType`")).collect();
    assert_eq!(told, ["`users`: without `userType`, so that whether they are members or guests is unknown: 2 users"]);
}

#[test]
fn risk_detections_that_do_not_say_kind_user_or_state_leave_the_leak_open() {
    let detection =
        json!({"id": "d1", "userId": id("ada"), "riskEventType": "leakedCredentials", "riskState": "atRisk"});
    let judged = |absent: &str| {
        let mut detection = detection.clone();
        detection.as_object_mut().unwrap().remove(absent);
        Tenant::default().user("ada", json!({})).user("boris", json!({})).with("riskDetections", detection).judge()
    };
    let outcome = |absent: &str| outcome(&judged(absent), "AATP_AccountWithLeakedCredentials");
    assert_eq!(outcome("detectedDateTime"), "partial 1 of 2 unknown 0");
    assert_eq!(outcome("riskEventType"), "met 1 of 1 unknown 1");
    assert_eq!(outcome("riskState"), "met 1 of 1 unknown 1");
    assert_eq!(interval(&judged("riskState"), "AATP_AccountWithLeakedCredentials"), "1.50 to 3.00");
    assert_eq!(outcome("userId"), "notAssessed 0 of 0 unknown 2");
}

#[test]
fn settings_that_do_not_say_what_they_are_or_hold_are_unknown() {
    for setting in [
        json!({"id": "s1", "templateId": "5cf42378-d67d-4f36-ba46-e8b86229381d"}),
        json!({"id": "s1", "values": [{"name": "EnableBannedPasswordCheck", "value": "True"}]}),
    ] {
        let judged = Tenant::default().with("groupSettings", setting.clone()).judge();
        assert_eq!(outcome(&judged, "aad_custom_banned_passwords"), "notAssessed 0 of 0 unknown 1", "{setting}");
    }
    let consent = Tenant::default()
        .without("adminConsentRequestPolicy")
        .with("groupSettings", json!({"id": "s1", "templateId": "dffd5d46-495d-40a9-8e21-954ff55e198a"}));
    assert_eq!(outcome(&consent.judge(), "aad_admin_consent_workflow"), "notAssessed 0 of 0 unknown 1");
}

#[test]
fn whether_an_administrator_is_synchronised_is_unknown_where_it_was_not_asked_for() {
    let tenant = |sync: Value| {
        let mut changes = json!({"assignedLicenses": []});
        if !sync.is_string() {
            changes["onPremisesSyncEnabled"] = sync;
        }
        Tenant::default().user("ada", changes).role("ada", GLOBAL_ADMINISTRATOR).judge()
    };
    let judged = |sync| outcome(&tenant(sync), "aad_admin_accounts_separate_unassigned_cloud_only");
    assert_eq!(judged(json!(null)), "met 1 of 1 unknown 0");
    assert_eq!(judged(json!(true)), "notMet 0 of 1 unknown 0");
    assert_eq!(judged(json!("absent")), "notAssessed 0 of 0 unknown 1");
}
