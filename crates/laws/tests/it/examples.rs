//! Properties that a written tenant without its configuration loses in every object, and what is said then.

use std::collections::BTreeMap;

use idscore_assess::{Assessment, Configuration};
use idscore_catalogue::Catalogue;
use serde_json::Value;

use crate::bases;
use crate::bench::Bench;
use crate::export::{Content, Export, data_set_of};
use crate::law;

const CAREFUL: usize = 0;
const RISKY: usize = 1;

/// A tenant as it is, and with every object of a data set changed.
fn judged(
    tenant: usize,
    data_set: &str,
    change: impl Fn(&mut serde_json::Map<String, Value>),
) -> (Assessment, Assessment) {
    let base = bases::base(tenant);
    let (catalogue, configuration) = (Catalogue::embedded().unwrap(), Configuration::default());
    let bench = Bench::new(&catalogue, &base.export);
    let changes = changed(&base.export, data_set, change);
    let judge = |changes| bench.judge(changes, &configuration).unwrap();
    (judge(&BTreeMap::new()), judge(&changes))
}

fn changed(
    export: &Export,
    data_set: &str,
    change: impl Fn(&mut serde_json::Map<String, Value>),
) -> BTreeMap<String, Option<Content>> {
    let files = export.files.iter().filter(|(file, _)| data_set_of(file) == data_set);
    let changes = files.map(|(file, page)| {
        let mut page = page.clone();
        for object in page["value"].as_array_mut().unwrap() {
            change(object.as_object_mut().unwrap());
        }
        (file.clone(), Some(Content::Json(page)))
    });
    let changes: BTreeMap<_, _> = changes.collect();
    assert!(!changes.is_empty(), "{data_set}");
    changes
}

/// Leaves out some properties of every object, and tells what becomes of a control.
fn without(data_set: &str, properties: &[&str], control: &str) -> String {
    let (whole, less) = judged(CAREFUL, data_set, |object| {
        properties.iter().for_each(|property| assert!(object.remove(*property).is_some(), "{property}"));
    });
    told(&whole, &less, control)
}

/// Leaves out all other properties of every object, and tells what becomes of a control.
fn with_only(data_set: &str, properties: &[&str], control: &str) -> String {
    let (whole, less) =
        judged(CAREFUL, data_set, |object| object.retain(|name, _| properties.contains(&name.as_str())));
    told(&whole, &less, control)
}

fn told(whole: &Assessment, less: &Assessment, control: &str) -> String {
    let violations = law::violations(whole, less, &Configuration::default());
    assert!(violations.is_empty(), "{violations:?}");
    less.controls.iter().find(|result| result.id == control).map(law::told).unwrap()
}

#[test]
fn domains_with_ids_only_leave_the_age_of_passwords_open() {
    assert_eq!(with_only("domains", &["id"], "PWAgePolicyNew"), "NotAssessed – [0.00, 8.00], 0 of 0, 3 unknown");
}

#[test]
fn licences_by_part_number_alone_take_no_control_out_of_the_sums() {
    let (whole, less) = judged(CAREFUL, "subscribedSkus", |sku| sku.retain(|name, _| name == "skuPartNumber"));
    assert_eq!(told(&whole, &less, "UserRiskPolicy"), "Partial 6.18 [6.18, 6.18], 15 of 17, 0 unknown");
    for (before, after) in whole.controls.iter().zip(&less.controls) {
        assert_eq!(before.needs_license, after.needs_license, "{}", before.id);
    }
}

#[test]
fn applications_without_lists_of_credentials_may_have_any_number_of_them() {
    let lists = ["keyCredentials", "passwordCredentials"];
    assert_eq!(
        without("applications", &lists, "app_credentials_expiry"),
        "NotAssessed – [0.00, 3.00], 0 of 0, 4 unknown"
    );
}

#[test]
fn groups_without_types_may_be_public_groups_of_microsoft_365() {
    assert_eq!(
        without("groups", &["groupTypes"], "aad_managed_approved_public_groups_only"),
        "NotAssessed – [0.00, 2.00], 0 of 0, 4 unknown"
    );
}

#[test]
fn detections_without_their_kind_may_be_leaked_credentials() {
    let (whole, less) = judged(RISKY, "riskDetections", |detection| {
        detection.remove("riskEventType").unwrap();
    });
    assert_eq!(told(&whole, &less, "AATP_AccountWithLeakedCredentials"), "Met 3.00 [2.84, 3.00], 18 of 18, 1 unknown");
}

#[test]
fn settings_without_values_or_template_may_hold_anything() {
    for property in ["values", "templateId"] {
        assert_eq!(
            without("groupSettings", &[property], "aad_custom_banned_passwords"),
            "NotAssessed – [0.00, 5.00], 0 of 0, 1 unknown",
            "{property}"
        );
    }
}

#[test]
fn users_without_a_type_are_unknown_as_members_and_as_guests() {
    assert_eq!(without("users", &["userType"], "MFARegistrationV2"), "NotAssessed – [0.00, 9.00], 0 of 0, 17 unknown");
    assert_eq!(without("users", &["userType"], "guest_mfa"), "NotAssessed – [0.00, 5.00], 0 of 0, 17 unknown");
}

#[test]
fn policies_without_conditions_or_controls_protect_nobody_for_certain() {
    let judged = |property| without("policies", &[property], "UserRiskPolicy");
    assert_eq!(judged("conditions"), "NotAssessed – [0.00, 7.00], 0 of 0, 17 unknown");
    // Nobody was protected who is in no policy's scope.
    assert_eq!(judged("grantControls"), "NotMet 0.00 [0.00, 6.18], 0 of 2, 15 unknown");
}

#[test]
fn an_owner_may_hold_a_role_that_was_not_read() {
    let base = bases::base(CAREFUL);
    let (_, declared) = base.configurations.iter().find(|(name, _)| name == "declared compat").unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let bench = Bench::new(&catalogue, &base.export);
    let eligible = base.export.files.keys().filter(|file| data_set_of(file) == "roleEligibilityScheduleInstances");
    let gone = eligible.map(|file| (file.clone(), None)).collect();
    let [whole, less] = [BTreeMap::new(), gone].map(|changes| {
        let assessment = bench.judge(&changes, declared).unwrap();
        let result = assessment.controls.iter().find(|result| result.id == "high_privilege_app_roles").unwrap();
        law::told(result)
    });
    assert_eq!(whole, "Met 5.00 [5.00, 5.00], 1 of 1, 0 unknown");
    assert_eq!(less, "NotAssessed – [0.00, 5.00], 0 of 0, 1 unknown");
}
