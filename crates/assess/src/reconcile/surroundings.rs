//! What else in the tenant explains a difference: security defaults, and policies that are new or report-only.

use idscore_snapshot::Snapshot;
use jiff::Timestamp;
use serde_json::Value;

use crate::directory::TenantFacts;
use crate::error::{AssessError, reading};

/// The tenant's settings beside its controls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Security defaults are on; none where they were not read.
    pub security_defaults: Option<bool>,
    /// Conditional Access policies that a core control rests on.
    pub policies: Vec<PolicyFacts>,
}

/// A Conditional Access policy, as far as it explains a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFacts {
    /// Its name, or its id.
    pub name: String,
    /// It is evaluated and never enforced.
    pub report_only: bool,
    /// When it was made or changed last.
    pub changed: Option<Timestamp>,
    /// The controls it is about.
    pub controls: Vec<&'static str>,
}

impl Surroundings {
    /// Reads them from a snapshot.
    ///
    /// # Errors
    /// When the snapshot can't be read.
    pub fn read(snapshot: &Snapshot) -> Result<Self, AssessError> {
        let tenant = TenantFacts::read(snapshot)?;
        let policies = reading("conditionalAccessPolicy", snapshot.documents("conditionalAccessPolicy"))?;
        let policies = policies.iter().map(|(id, policy)| PolicyFacts::of(id, policy));
        let policies = policies.filter(|policy| !policy.controls.is_empty()).collect();
        Ok(Self { security_defaults: tenant.security_defaults, policies })
    }
}

impl PolicyFacts {
    fn of(id: &str, policy: &Value) -> Self {
        let instant = |name: &str| policy.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok());
        let name = policy.get("displayName").and_then(Value::as_str).filter(|name| !name.is_empty());
        Self {
            name: name.unwrap_or(id).to_owned(),
            report_only: policy.get("state").and_then(Value::as_str) == Some("enabledForReportingButNotEnforced"),
            changed: instant("createdDateTime").max(instant("modifiedDateTime")),
            controls: controls(policy),
        }
    }
}

/// The controls that a policy is made for, told by its conditions; not what it proves.
fn controls(policy: &Value) -> Vec<&'static str> {
    let texts = |path: &str| -> Vec<&str> {
        let list = policy.pointer(path).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    };
    // A single level may be written as text: `insiderRiskLevels` is a flag enumeration.
    let named = |path: &str| match policy.pointer(path) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        _ => false,
    };
    let demands = texts("/grantControls/builtInControls");
    let strength = policy.pointer("/grantControls/authenticationStrength").is_some_and(Value::is_object);
    let clients = texts("/conditions/clientAppTypes");
    let legacy = clients.iter().any(|client| matches!(*client, "exchangeActiveSync" | "other"));
    let told = [
        (strength || demands.contains(&"mfa"), "AdminMFAV2"),
        (legacy && demands.contains(&"block"), "BlockLegacyAuthentication"),
        (named("/conditions/signInRiskLevels"), "SigninRiskPolicy"),
        (named("/conditions/userRiskLevels"), "UserRiskPolicy"),
        (named("/conditions/insiderRiskLevels"), "insiderRiskPolicy"),
    ];
    told.into_iter().filter(|(about, _)| *about).map(|(_, control)| control).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_tells_by_its_conditions_which_controls_it_is_about() {
        let policy = json!({"displayName": "Legacy", "state": "enabledForReportingButNotEnforced",
            "createdDateTime": "2026-01-01T00:00:00Z", "modifiedDateTime": "2026-02-01T00:00:00Z",
            "conditions": {"clientAppTypes": ["exchangeActiveSync", "other"], "signInRiskLevels": []},
            "grantControls": {"builtInControls": ["block"]}});
        let facts = PolicyFacts::of("c1", &policy);
        assert_eq!((facts.controls.as_slice(), facts.report_only), (&["BlockLegacyAuthentication"][..], true));
        assert_eq!(facts.changed, "2026-02-01T00:00:00Z".parse().ok());
        let risk = json!({"conditions": {"userRiskLevels": ["high"], "insiderRiskLevels": "elevated"},
            "grantControls": {"builtInControls": ["mfa"]}});
        let facts = PolicyFacts::of("c2", &risk);
        assert_eq!(facts.controls, ["AdminMFAV2", "UserRiskPolicy", "insiderRiskPolicy"]);
        assert_eq!((facts.name.as_str(), facts.changed), ("c2", None));
    }

    #[test]
    fn a_policy_of_odd_types_is_about_nothing() {
        let facts = PolicyFacts::of("c3", &json!({"conditions": 5, "grantControls": [], "displayName": 7}));
        assert_eq!((facts.controls.len(), facts.report_only), (0, false));
    }
}
