//! Settings of the tenant.

use serde::Deserialize;

use crate::instant::Instant;
use crate::json::{Flag, List, Number, Presence};

/// Data set 15.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecurityDefaults {
    #[serde(default)]
    pub(crate) is_enabled: Option<bool>,
}

/// Data set 16; in beta the grant list is a top-level property.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthorizationPolicy {
    #[serde(default)]
    pub(crate) allow_invites_from: Option<String>,
    #[serde(default)]
    pub(crate) guest_user_role_id: Option<String>,
    #[serde(default, rename = "allowedToUseSSPR")]
    pub(crate) allowed_to_use_sspr: Option<bool>,
    #[serde(default)]
    pub(crate) allow_email_verified_users_to_join_organization: Option<bool>,
    #[serde(default)]
    pub(crate) allowed_to_sign_up_email_based_subscriptions: Option<bool>,
    #[serde(default)]
    pub(crate) block_msol_power_shell: Option<bool>,
    #[serde(default)]
    pub(crate) default_user_role_permissions: Option<DefaultUserRolePermissions>,
    #[serde(default)]
    pub(crate) permission_grant_policy_ids_assigned_to_default_user_role: Option<List<String>>,
}

/// What every user may do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DefaultUserRolePermissions {
    #[serde(default)]
    pub(crate) allowed_to_create_apps: Option<bool>,
    #[serde(default)]
    pub(crate) allowed_to_create_security_groups: Option<bool>,
    #[serde(default)]
    pub(crate) allowed_to_create_tenants: Option<bool>,
    #[serde(default)]
    pub(crate) permission_grant_policies_assigned: Option<List<String>>,
}

/// Data set 17.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdminConsentRequestPolicy {
    #[serde(default)]
    pub(crate) is_enabled: Option<bool>,
    #[serde(default)]
    pub(crate) reviewers: Option<List<serde_json::Value>>,
}

/// Data set 27. Every value is text.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupSetting {
    #[serde(default)]
    pub(crate) template_id: Option<String>,
    #[serde(default)]
    pub(crate) values: Option<List<NameValue>>,
}

/// One value of a group setting.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NameValue {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) value: Presence<String>,
}

/// Data set 13.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticationMethodsPolicy {
    #[serde(default)]
    pub(crate) policy_migration_state: Option<String>,
    #[serde(default)]
    pub(crate) authentication_method_configurations: List<MethodConfiguration>,
}

/// One method.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MethodConfiguration {
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) state: Option<String>,
}

/// Data set 20.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OnPremisesSynchronization {
    #[serde(default)]
    pub(crate) features: Option<SyncFeatures>,
}

/// The flags of directory synchronisation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SyncFeatures {
    #[serde(default)]
    pub(crate) password_sync_enabled: Option<bool>,
}

/// Data set 32.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecureScore {
    #[serde(default)]
    pub(crate) created_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) control_scores: List<ControlScore>,
}

/// Microsoft's verdict on one control.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ControlScore {
    #[serde(default)]
    pub(crate) control_name: Option<String>,
    #[serde(default)]
    pub(crate) score: Option<Number>,
    #[serde(default)]
    pub(crate) score_in_percentage: Option<Number>,
    #[serde(default)]
    pub(crate) on: Option<Flag>,
}
