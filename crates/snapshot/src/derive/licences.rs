//! What the tenant's and the users' licences bring.

use std::collections::HashMap;

use crate::graph::{AssignedLicense, SubscribedSku};

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

/// The editions that the tenant owns: the plan decides, not the name of the SKU. Enabled or Warning counts.
/// P2 includes P1. Gives (P1, P2).
pub(crate) fn editions(skus: &[SubscribedSku]) -> (bool, bool) {
    let owns = |plan: &str| {
        skus.iter()
            .filter(|sku| {
                sku.capability_status.as_deref().is_some_and(|status| {
                    status.eq_ignore_ascii_case("Enabled") || status.eq_ignore_ascii_case("Warning")
                })
            })
            .flat_map(|sku| sku.service_plans.iter())
            .any(|owned| owned.service_plan_id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(plan)))
    };
    let p2 = owns(P2_PLAN);
    (p2 || owns(P1_PLAN), p2)
}

/// The size of the tenant by its licences: suites with a mailbox are one per person, add-ons would count people twice.
pub(crate) fn seats(skus: &[SubscribedSku]) -> i64 {
    let in_force = |sku: &&SubscribedSku| {
        sku.capability_status
            .as_deref()
            .is_some_and(|status| status.eq_ignore_ascii_case("Enabled") || status.eq_ignore_ascii_case("Warning"))
    };
    let units = |sku: &SubscribedSku| {
        let units = sku.prepaid_units.as_ref();
        units.map_or(0, |units| units.enabled.unwrap_or(0).max(0).saturating_add(units.warning.unwrap_or(0).max(0)))
    };
    let has_mailbox = |sku: &&SubscribedSku| {
        let names = sku.service_plans.iter().filter_map(|plan| plan.service_plan_name.as_deref());
        names.map(Brings::of).any(|brings| brings.mailbox)
    };
    let suites = skus.iter().filter(in_force).filter(has_mailbox).map(units).fold(0, i64::saturating_add);
    if suites > 0 { suites } else { skus.iter().filter(in_force).map(units).max().unwrap_or(0) }
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
    all: Brings,
    /// Plan id in lower case, and what it brings.
    plans: Vec<(String, Brings)>,
}

impl Licences {
    pub(crate) fn of(skus: &[SubscribedSku]) -> Self {
        let skus = skus
            .iter()
            .filter_map(|sku| {
                let plans: Vec<(String, Brings)> = sku
                    .service_plans
                    .iter()
                    .map(|plan| {
                        let name = plan.service_plan_name.as_deref().unwrap_or_default();
                        (plan.service_plan_id.as_deref().unwrap_or_default().to_ascii_lowercase(), Brings::of(name))
                    })
                    .collect();
                let all = plans.iter().fold(Brings::default(), |all, (_, brings)| all.and(*brings));
                Some((sku.sku_id.as_ref()?.to_ascii_lowercase(), Sku { all, plans }))
            })
            .collect();
        Self { skus }
    }

    fn brings(&self, license: &AssignedLicense) -> Option<Brings> {
        let id = license.sku_id.as_deref()?;
        let sku = self.skus.get(id).or_else(|| self.skus.get(&id.to_ascii_lowercase()))?;
        let disabled = license.disabled_plans.as_deref().unwrap_or_default();
        if disabled.is_empty() {
            return Some(sku.all);
        }
        let enabled = sku.plans.iter().filter(|(plan, _)| !disabled.iter().any(|off| off.eq_ignore_ascii_case(plan)));
        Some(enabled.fold(Brings::default(), |all, (_, brings)| all.and(*brings)))
    }
}

/// `entra_licenses_only`: no assigned licence brings anything beyond Microsoft Entra ID P1 or P2 and Intune.
/// A SKU that `subscribedSkus` doesn't know leaves it open, unless another one decides.
pub(crate) fn entra_licenses_only(assigned: Option<&[AssignedLicense]>, licences: Option<&Licences>) -> Option<bool> {
    let mut known = true;
    for license in assigned? {
        match licences.and_then(|licences| licences.brings(license)) {
            Some(brings) if brings.beyond_entra => return Some(false),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(true)
}

/// `mailbox_license`: an assigned licence brings an Exchange mailbox.
pub(crate) fn mailbox_license(assigned: Option<&[AssignedLicense]>, licences: Option<&Licences>) -> Option<bool> {
    let mut known = true;
    for license in assigned? {
        match licences.and_then(|licences| licences.brings(license)) {
            Some(brings) if brings.mailbox => return Some(true),
            Some(_) => {}
            None => known = false,
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
            {"servicePlanId":"f","servicePlanName":"EXCHANGE_S_FOUNDATION"}]}]"#;

    #[test]
    fn the_plan_decides_the_edition_and_p2_includes_p1() {
        let status = |status: &str, plan: &str| {
            let json = format!(r#"[{{"capabilityStatus":"{status}","servicePlans":[{{"servicePlanId":"{plan}"}}]}}]"#);
            editions(&skus(&json))
        };
        assert_eq!(status("Enabled", P2_PLAN), (true, true));
        assert_eq!(status("Warning", P1_PLAN), (true, false));
        assert_eq!(status("Suspended", P2_PLAN), (false, false));
        assert_eq!(status("Enabled", "other"), (false, false));
        assert_eq!(editions(&[]), (false, false));
    }

    #[test]
    fn licences_beyond_entra_and_mailboxes_are_found() {
        let tenant = skus(TENANT);
        let licences = Licences::of(&tenant);
        for (json, entra_only, mailbox) in [
            ("[]", Some(true), Some(false)),
            (r#"[{"skuId":"P1","disabledPlans":[]}]"#, Some(true), Some(false)),
            (r#"[{"skuId":"e5"}]"#, Some(false), Some(true)),
            (r#"[{"skuId":"E5","disabledPlans":["EX"]}]"#, Some(true), Some(false)),
            (r#"[{"skuId":"unheard"}]"#, None, None),
            (r#"[{"skuId":"unheard"},{"skuId":"E5"}]"#, Some(false), Some(true)),
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
        assert_eq!(skus(&format!("[{suite},{add_on},{gone}]")), 412);
        assert_eq!(skus(&format!("[{add_on}]")), 900);
        assert_eq!(skus("[]"), 0);
    }
}
