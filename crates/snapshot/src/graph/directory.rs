//! The tenant, its licences, domains, groups and their members.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::instant::Instant;
use crate::json::{List, Presence, Text};

/// Data set 1.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Organization {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) created_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) on_premises_sync_enabled: Presence<bool>,
    #[serde(default)]
    pub(crate) on_premises_last_sync_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) verified_domains: List<VerifiedDomain>,
}

/// A domain that the tenant owns.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifiedDomain {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) is_initial: Option<bool>,
}

/// Data set 2.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscribedSku {
    #[serde(default)]
    pub(crate) sku_id: Option<String>,
    #[serde(default)]
    pub(crate) sku_part_number: Option<String>,
    #[serde(default)]
    pub(crate) capability_status: Option<String>,
    #[serde(default)]
    pub(crate) prepaid_units: Option<PrepaidUnits>,
    #[serde(default)]
    pub(crate) service_plans: List<ServicePlan>,
}

/// How many units of a licence are bought.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PrepaidUnits {
    #[serde(default)]
    pub(crate) enabled: Option<i64>,
    #[serde(default)]
    pub(crate) warning: Option<i64>,
}

/// What a licence brings.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServicePlan {
    #[serde(default)]
    pub(crate) service_plan_id: Option<String>,
    #[serde(default)]
    pub(crate) service_plan_name: Option<String>,
}

/// Data set 4.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Group<'a> {
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(default, borrow)]
    pub(crate) display_name: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) security_enabled: Option<bool>,
    #[serde(default)]
    pub(crate) mail_enabled: Option<bool>,
    #[serde(default, borrow)]
    pub(crate) group_types: Presence<Vec<Text<'a>>>,
    #[serde(default, borrow)]
    pub(crate) visibility: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) is_assignable_to_role: Option<bool>,
    #[serde(default)]
    pub(crate) on_premises_sync_enabled: Option<bool>,
    /// Set where the object lies among the deleted ones.
    #[serde(default)]
    pub(crate) deleted_date_time: Option<Instant>,
    #[serde(default, rename = "@removed")]
    pub(crate) removed: Option<IgnoredAny>,
}

/// Data set 5, once per group; the group is the owner of the page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Member<'a> {
    #[serde(default, borrow, rename = "@odata.type")]
    pub(crate) odata_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    /// Set where the object lies among the deleted ones.
    #[serde(default)]
    pub(crate) deleted_date_time: Option<Instant>,
}

/// Data set 19.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Domain {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) authentication_type: Option<String>,
    #[serde(default)]
    pub(crate) is_verified: Option<bool>,
    #[serde(default)]
    pub(crate) is_root: Option<bool>,
    #[serde(default)]
    pub(crate) is_default: Option<bool>,
    #[serde(default)]
    pub(crate) is_initial: Option<bool>,
    #[serde(default)]
    pub(crate) password_validity_period_in_days: Option<i64>,
    #[serde(default)]
    pub(crate) federation_configuration: List<FederationConfiguration>,
}

/// Data set 19, once per federated domain; the domain is the owner of the page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FederationConfiguration {
    #[serde(default)]
    pub(crate) federated_idp_mfa_behavior: Option<String>,
}
