//! Policies that are kept as documents, and the few properties that columns need.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::instant::Instant;
use crate::json::List;

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
    /// Judged elsewhere; here it only has to be an object.
    #[serde(default, rename = "conditions")]
    _conditions: Option<HashMap<String, IgnoredAny>>,
    #[serde(default, rename = "grantControls")]
    _grant_controls: Option<HashMap<String, IgnoredAny>>,
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
    #[serde(default)]
    pub(crate) permission_classification: Option<String>,
    #[serde(default)]
    pub(crate) client_applications_from_verified_publisher_only: Option<bool>,
    #[serde(default)]
    pub(crate) client_application_tenant_ids: List<String>,
}
