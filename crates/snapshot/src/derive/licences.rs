//! What the tenant's and the users' licences bring.

use std::collections::HashMap;

use idscore_catalogue::logic::{all, any};

use crate::derive::skus::{Edition, edition};
use crate::graph::{AssignedLicense, SubscribedSku};
use crate::ids::is_guid;

/// AAD_PREMIUM.
const P1_PLAN: &str = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
/// AAD_PREMIUM_P2.
const P2_PLAN: &str = "eec0eb4f-6444-4f95-aba0-50c24d67f998";

/// Beginnings of plan names that belong to Microsoft Entra ID or Intune. The foundation plans come with every SKU and
/// bring nothing by themselves.
const ENTRA_PLANS: &[&str] =
    &["AAD_PREMIUM", "INTUNE_", "MFA_PREMIUM", "ADALLOM_S_DISCOVERY", "EXCHANGE_S_FOUNDATION", "AAD_BASIC"];
/// Beginnings of plan names with a mailbox.
const MAILBOX_PLANS: &[&str] = &[
    "EXCHANGE_S_STANDARD",
    "EXCHANGE_S_ENTERPRISE",
    "EXCHANGE_S_DESKLESS",
    "EXCHANGE_S_ESSENTIALS",
    "EXCHANGE_L_STANDARD",
    "EXCHANGE_B_STANDARD",
];

/// The editions that the tenant owns. Enabled or Warning counts. P2 includes P1. Gives (P1, P2); None where a licence that may
/// bring the edition says too little, and no other one decides.
pub(crate) fn editions(skus: &[SubscribedSku]) -> (Option<bool>, Option<bool>) {
    let owns =
        |edition: fn(&SubscribedSku) -> Option<bool>| any(skus.iter().map(|sku| all([in_force(sku), edition(sku)])));
    (owns(brings_p1), owns(brings_p2))
}

/// Whether a licence is in force: `Enabled`, or `Warning` in its grace period. A word never seen may be either.
fn in_force(sku: &SubscribedSku) -> Option<bool> {
    match sku.capability_status.as_deref()?.to_ascii_lowercase().as_str() {
        "enabled" | "warning" => Some(true),
        "suspended" | "deleted" | "lockedout" => Some(false),
        _ => None,
    }
}

fn brings_p1(sku: &SubscribedSku) -> Option<bool> {
    match has_plan(sku, P1_PLAN, "AAD_PREMIUM") {
        Some(true) => Some(true),
        told => match (told, brings_p2(sku)) {
            (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => edition_of(sku).map(|edition| edition != Edition::Free),
        },
    }
}

fn brings_p2(sku: &SubscribedSku) -> Option<bool> {
    has_plan(sku, P2_PLAN, "AAD_PREMIUM_P2").or_else(|| edition_of(sku).map(|edition| edition == Edition::P2))
}

/// The plans decide, where the licence carries them: every licence has some.
fn has_plan(sku: &SubscribedSku, id: &str, name: &str) -> Option<bool> {
    let is = |told: Option<&String>, wanted: &str| told.map(|told| told.eq_ignore_ascii_case(wanted));
    if sku.service_plans.is_empty() {
        return None;
    }
    any(sku.service_plans.iter().map(|plan| {
        // A text that is no id says nothing about the plan.
        let told = plan.service_plan_id.as_ref().filter(|id| is_guid(id));
        is(told, id).or_else(|| is(plan.service_plan_name.as_ref().filter(|name| !name.trim().is_empty()), name))
    }))
}

fn edition_of(sku: &SubscribedSku) -> Option<Edition> {
    edition(sku.sku_id.as_deref(), sku.sku_part_number.as_deref())
}

/// The size of the tenant by its licences: suites with a mailbox are one per person, add-ons would count people twice. None where a
/// licence that may be in force does not say how many units or which plans it has.
pub(crate) fn seats(skus: &[SubscribedSku]) -> Option<i64> {
    let mut suites = 0_i64;
    let mut most = 0_i64;
    for sku in skus {
        if !in_force(sku)? {
            continue;
        }
        let bought = sku.prepaid_units.as_ref()?;
        let units = bought.enabled?.max(0).saturating_add(bought.warning.unwrap_or(0).max(0));
        most = most.max(units);
        if Sku::of(sku).all?.mailbox {
            suites = suites.saturating_add(units);
        }
    }
    Some(if suites > 0 { suites } else { most })
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Brings {
    beyond_entra: bool,
    mailbox: bool,
}

impl Brings {
    fn of(name: &str) -> Self {
        let begins = |list: &[&str]| list.iter().any(|start| starts_ignoring_case(name, start));
        Self { beyond_entra: !begins(ENTRA_PLANS), mailbox: begins(MAILBOX_PLANS) }
    }
    fn and(self, other: Self) -> Self {
        Self { beyond_entra: self.beyond_entra || other.beyond_entra, mailbox: self.mailbox || other.mailbox }
    }
}

fn starts_ignoring_case(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// What each SKU of the tenant brings.
#[derive(Debug)]
pub(crate) struct Licences {
    skus: HashMap<String, Sku>,
}

#[derive(Debug)]
struct Sku {
    /// What all plans together bring; None where the licence does not carry them, or one of them has no name.
    all: Option<Brings>,
    /// Plan id in lower case, and what it brings; None where it does not say which it is or how it is called.
    plans: Vec<(Option<String>, Option<Brings>)>,
}

impl Sku {
    fn of(sku: &SubscribedSku) -> Self {
        let plans: Vec<_> = sku
            .service_plans
            .iter()
            .map(|plan| {
                let id = plan.service_plan_id.as_deref().map(str::to_ascii_lowercase);
                (id, plan.service_plan_name.as_deref().map(Brings::of))
            })
            .collect();
        let all = plans.iter().try_fold(Brings::default(), |all, (_, brings)| Some(all.and((*brings)?)));
        Self { all: all.filter(|_| !plans.is_empty()), plans }
    }
}

impl Licences {
    pub(crate) fn of(skus: &[SubscribedSku]) -> Self {
        let skus =
            skus.iter().filter_map(|sku| Some((sku.sku_id.as_ref()?.to_ascii_lowercase(), Sku::of(sku)))).collect();
        Self { skus }
    }

    /// What an assigned licence brings for certain, and what it may bring.
    fn brings(&self, license: &AssignedLicense) -> Option<(Brings, Brings)> {
        let id = license.sku_id.as_deref()?;
        let sku = self.skus.get(id).or_else(|| self.skus.get(&id.to_ascii_lowercase()))?;
        let Some(disabled) = license.disabled_plans.as_deref() else {
            // All plans may be on, or all off.
            return Some((Brings::default(), sku.all?));
        };
        if disabled.is_empty() {
            return sku.all.map(|all| (all, all));
        }
        let (mut sure, mut possible) = (Brings::default(), Brings::default());
        for (plan, brings) in &sku.plans {
            let off = plan.as_ref().map(|plan| disabled.iter().any(|off| off.eq_ignore_ascii_case(plan)));
            if off == Some(true) {
                continue;
            }
            let brings = (*brings)?;
            possible = possible.and(brings);
            if off == Some(false) {
                sure = sure.and(brings);
            }
        }
        (!sku.plans.is_empty()).then_some((sure, possible))
    }
}

/// `entra_licenses_only`: no assigned licence brings anything beyond Microsoft Entra ID P1 or P2 and Intune.
/// A SKU that `subscribedSkus` doesn't know leaves it open, unless another one decides.
pub(crate) fn entra_licenses_only(assigned: Option<&[AssignedLicense]>, licences: Option<&Licences>) -> Option<bool> {
    any_brings(assigned, licences, |brings| brings.beyond_entra).map(|beyond| !beyond)
}

/// `mailbox_license`: an assigned licence brings an Exchange mailbox.
pub(crate) fn mailbox_license(assigned: Option<&[AssignedLicense]>, licences: Option<&Licences>) -> Option<bool> {
    any_brings(assigned, licences, |brings| brings.mailbox)
}

fn any_brings(
    assigned: Option<&[AssignedLicense]>,
    licences: Option<&Licences>,
    what: impl Fn(Brings) -> bool,
) -> Option<bool> {
    let mut known = true;
    for license in assigned? {
        match licences.and_then(|licences| licences.brings(license)) {
            Some((sure, _)) if what(sure) => return Some(true),
            Some((_, possible)) if !what(possible) => {}
            _ => known = false,
        }
    }
    known.then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skus(json: &str) -> Vec<SubscribedSku> {
        serde_json::from_str(json).unwrap()
    }

    const TENANT: &str = r#"[
        {"skuId":"E5","capabilityStatus":"Enabled","servicePlans":[
            {"servicePlanId":"eec0eb4f-6444-4f95-aba0-50c24d67f998","servicePlanName":"AAD_PREMIUM_P2"},
            {"servicePlanId":"ex","servicePlanName":"EXCHANGE_S_ENTERPRISE"}]},
        {"skuId":"P1","capabilityStatus":"Enabled","servicePlans":[
            {"servicePlanId":"41781fb2-bc02-4b7c-bd55-b576c07bb09d","servicePlanName":"AAD_PREMIUM"},
            {"servicePlanId":"f","servicePlanName":"EXCHANGE_S_FOUNDATION"}]},
        {"skuId":"Plain","capabilityStatus":"Enabled"},
        {"skuId":"Nameless","capabilityStatus":"Enabled","servicePlans":[
            {"servicePlanId":"f","servicePlanName":"EXCHANGE_S_FOUNDATION"},{"servicePlanId":"ex"}]}]"#;

    #[test]
    fn the_plan_decides_the_edition_and_p2_includes_p1() {
        let status = |status: &str, plan: &str| {
            let json = format!(r#"[{{"capabilityStatus":"{status}","servicePlans":[{{"servicePlanId":"{plan}"}}]}}]"#);
            editions(&skus(&json))
        };
        assert_eq!(status("Enabled", P2_PLAN), (Some(true), Some(true)));
        assert_eq!(status("Warning", P1_PLAN), (Some(true), Some(false)));
        assert_eq!(status("Suspended", P2_PLAN), (Some(false), Some(false)));
        assert_eq!(status("Enabled", "efb87545-963c-4e0d-99df-69c6916d9eb0"), (Some(false), Some(false)));
        for unreadable in ["neverSeenBefore", "", " "] {
            assert_eq!(status("Enabled", unreadable), (None, None), "{unreadable}");
        }
        assert_eq!(editions(&[]), (Some(false), Some(false)));
        let by_name = r#"[{"capabilityStatus":"Enabled","servicePlans":[{"servicePlanName":"AAD_PREMIUM"}]}]"#;
        assert_eq!(editions(&skus(by_name)), (Some(true), Some(false)));
    }

    #[test]
    fn without_plans_a_licence_is_known_by_its_id_or_name_and_not_owned_is_said_only_where_every_one_is_known() {
        let (yes, no) = (Some(true), Some(false));
        for (json, expected) in [
            (r#"[{"skuPartNumber":"SPE_E5","capabilityStatus":"Enabled"}]"#, (yes, yes)),
            (r#"[{"skuId":"05e9a617-0261-4cee-bb44-138d3ef5d965","capabilityStatus":"Enabled"}]"#, (yes, no)),
            (r#"[{"skuPartNumber":"ENTERPRISEPACK","capabilityStatus":"Enabled"}]"#, (no, no)),
            (
                r#"[{"skuPartNumber":"SPE_E3","capabilityStatus":"Enabled"},{"skuPartNumber":"NEW","capabilityStatus":"Enabled"}]"#,
                (yes, None),
            ),
            (r#"[{"skuPartNumber":"NEW","capabilityStatus":"Enabled"}]"#, (None, None)),
            (r#"[{"skuPartNumber":"NEW","capabilityStatus":"Suspended"}]"#, (no, no)),
            (r#"[{"skuPartNumber":"NEW","capabilityStatus":"Enabled","servicePlans":null}]"#, (None, None)),
            (r#"[{"skuPartNumber":"SPE_E5"}]"#, (None, None)),
            (r#"[{"skuPartNumber":"ENTERPRISEPACK"}]"#, (no, no)),
            (r#"[{"skuPartNumber":"SPE_E5","capabilityStatus":"NewWord"}]"#, (None, None)),
            (r#"[{}]"#, (None, None)),
            (r#"[{"capabilityStatus":"Enabled","servicePlans":[{"appliesTo":"User"}]}]"#, (None, None)),
        ] {
            assert_eq!(editions(&skus(json)), expected, "{json}");
        }
    }

    #[test]
    fn licences_beyond_entra_and_mailboxes_are_found() {
        let tenant = skus(TENANT);
        let licences = Licences::of(&tenant);
        for (json, entra_only, mailbox) in [
            ("[]", Some(true), Some(false)),
            (r#"[{"skuId":"P1","disabledPlans":[]}]"#, Some(true), Some(false)),
            (r#"[{"skuId":"e5","disabledPlans":[]}]"#, Some(false), Some(true)),
            (r#"[{"skuId":"E5"}]"#, None, None),
            (r#"[{"skuId":"P1"}]"#, Some(true), Some(false)),
            (r#"[{"disabledPlans":[]}]"#, None, None),
            (r#"[{"skuId":"Plain","disabledPlans":[]}]"#, None, None),
            (r#"[{"skuId":"Nameless","disabledPlans":[]}]"#, None, None),
            (r#"[{"skuId":"Nameless","disabledPlans":["EX"]}]"#, Some(true), Some(false)),
            (r#"[{"skuId":"E5","disabledPlans":["EX"]}]"#, Some(true), Some(false)),
            (r#"[{"skuId":"unheard","disabledPlans":[]}]"#, None, None),
            (r#"[{"skuId":"unheard"},{"skuId":"E5","disabledPlans":[]}]"#, Some(false), Some(true)),
        ] {
            let assigned: Vec<AssignedLicense> = serde_json::from_str(json).unwrap();
            assert_eq!(entra_licenses_only(Some(&assigned), Some(&licences)), entra_only, "{json}");
            assert_eq!(mailbox_license(Some(&assigned), Some(&licences)), mailbox, "{json}");
        }
    }

    #[test]
    fn without_the_tenants_skus_only_a_user_without_licence_is_decided() {
        let assigned: Vec<AssignedLicense> = serde_json::from_str(r#"[{"skuId":"E5"}]"#).unwrap();
        assert_eq!(entra_licenses_only(Some(&assigned), None), None);
        assert_eq!(entra_licenses_only(Some(&[]), None), Some(true));
        assert_eq!(entra_licenses_only(None, None), None);
    }

    #[test]
    fn seats_are_the_units_of_suites_with_a_mailbox() {
        let skus = |json: &str| seats(&serde_json::from_str::<Vec<SubscribedSku>>(json).unwrap());
        let suite = r#"{"capabilityStatus":"Enabled","prepaidUnits":{"enabled":400,"warning":12},"servicePlans":[{"servicePlanName":"EXCHANGE_S_ENTERPRISE"}]}"#;
        let add_on = r#"{"capabilityStatus":"Enabled","prepaidUnits":{"enabled":900},"servicePlans":[{"servicePlanName":"AAD_PREMIUM_P2"}]}"#;
        let gone = suite.replace("Enabled", "Suspended");
        assert_eq!(skus(&format!("[{suite},{add_on},{gone}]")), Some(412));
        assert_eq!(skus(&format!("[{add_on}]")), Some(900));
        assert_eq!(skus("[]"), Some(0));
        for unsaid in [
            suite.replace(r#""enabled":400,"#, ""),
            suite.replace(r#""capabilityStatus":"Enabled","#, ""),
            suite.replace("EXCHANGE_S_ENTERPRISE", "").replace(r#"{"servicePlanName":""}"#, "{}"),
        ] {
            assert_eq!(skus(&format!("[{unsaid},{add_on}]")), None, "{unsaid}");
        }
    }
}
