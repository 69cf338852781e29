//! Policies that are kept as documents, and the few properties that columns need.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::instant::Instant;
use crate::json::{List, Presence};

/// Anything with an id.
#[derive(Debug, Deserialize)]
pub(crate) struct Identified {
    #[serde(default)]
    pub(crate) id: Option<String>,
}

/// Data set 10.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConditionalAccessPolicy {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) state: Option<String>,
    #[serde(default)]
    pub(crate) created_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) modified_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) template_id: Option<String>,
    /// Judged elsewhere; here only the types have to be Graph's.
    #[serde(default, rename = "conditions")]
    _conditions: Option<Condition>,
    #[serde(default, rename = "grantControls")]
    _grant_controls: Option<Condition>,
}

/// An object of a policy. Lists of text inside it hold text and groups of conditions are objects, at any depth.
#[derive(Debug)]
struct Condition;

const LISTS_OF_TEXT: &[&str] = &[
    "includeUsers",
    "excludeUsers",
    "includeGroups",
    "excludeGroups",
    "includeRoles",
    "excludeRoles",
    "includeApplications",
    "excludeApplications",
    "includeUserActions",
    "includeAuthenticationContextClassReferences",
    "includeLocations",
    "excludeLocations",
    "includePlatforms",
    "excludePlatforms",
    "includeServicePrincipals",
    "excludeServicePrincipals",
    "clientAppTypes",
    "signInRiskLevels",
    "userRiskLevels",
    "servicePrincipalRiskLevels",
    "builtInControls",
    "customAuthenticationFactors",
    "termsOfUse",
    "allowedCombinations",
];

const GROUPS_OF_CONDITIONS: &[&str] = &[
    "users",
    "applications",
    "locations",
    "platforms",
    "devices",
    "deviceFilter",
    "clientApplications",
    "authenticationFlows",
    "authenticationStrength",
    "includeGuestsOrExternalUsers",
    "excludeGuestsOrExternalUsers",
    "externalTenants",
];

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let properties = serde_json::Map::<String, Value>::deserialize(deserializer)?;
        properties.iter().try_for_each(|(name, value)| well_typed(name, value)).map_err(D::Error::custom)?;
        Ok(Self)
    }
}

fn well_typed(name: &str, value: &Value) -> Result<(), String> {
    let is_one_of = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let texts = |items: &[Value]| items.iter().all(|item| item.is_string() || item.is_null());
    match value {
        Value::Null => Ok(()),
        Value::String(_) if is_one_of(LISTS_OF_TEXT) => Ok(()),
        Value::Array(items) if is_one_of(LISTS_OF_TEXT) && texts(items) => Ok(()),
        _ if is_one_of(LISTS_OF_TEXT) => Err(format!("`{name}` has another type, expected a list of texts")),
        Value::Object(properties) => properties.iter().try_for_each(|(name, value)| well_typed(name, value)),
        _ if is_one_of(GROUPS_OF_CONDITIONS) => Err(format!("`{name}` has another type, expected an object")),
        _ => Ok(()),
    }
}

/// Data set 18.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PermissionGrantPolicy {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) includes: Option<List<GrantConditions>>,
}

/// What a grant policy allows.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GrantConditions {
    #[serde(default)]
    pub(crate) permission_type: Option<String>,
    /// Null is all.
    #[serde(default)]
    pub(crate) permission_classification: Presence<String>,
    /// Null is false.
    #[serde(default)]
    pub(crate) client_applications_from_verified_publisher_only: Presence<bool>,
    /// Null is all.
    #[serde(default)]
    pub(crate) client_application_tenant_ids: Presence<List<String>>,
}

/// Data set 18, once per service principal: how the tenant classified a delegated permission of the resource behind it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PermissionClassification {
    #[serde(default)]
    pub(crate) permission_name: Option<String>,
    #[serde(default)]
    pub(crate) classification: Option<String>,
}
