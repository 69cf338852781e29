//! Users and what other data sets say about them. The structs borrow from the page: there may be millions.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::instant::{Instant, unless_blank};
use crate::json::{Presence, Text};

/// Data set 3. The fields stand in the order in which they are asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User<'a> {
    #[serde(default, borrow, rename = "@odata.type")]
    pub(crate) odata_type: Option<Text<'a>>,
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(default, borrow)]
    pub(crate) user_principal_name: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) display_name: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) user_type: Presence<Text<'a>>,
    #[serde(default)]
    pub(crate) account_enabled: Presence<bool>,
    #[serde(default)]
    pub(crate) created_date_time: Option<Instant>,
    #[serde(default, borrow)]
    pub(crate) creation_type: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) external_user_state: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) on_premises_sync_enabled: Presence<bool>,
    #[serde(default, borrow)]
    pub(crate) password_policies: Presence<Text<'a>>,
    #[serde(default)]
    pub(crate) last_password_change_date_time: Option<Instant>,
    #[serde(default, borrow)]
    pub(crate) assigned_licenses: Option<Vec<AssignedLicense<'a>>>,
    #[serde(default)]
    pub(crate) employee_hire_date: Option<Instant>,
    #[serde(default, borrow)]
    pub(crate) identities: Option<Vec<Identity<'a>>>,
    #[serde(default, borrow)]
    pub(crate) identity_parent_id: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) sign_in_activity: Presence<SignInActivity>,
    /// Set where the object lies among the deleted ones.
    #[serde(default)]
    pub(crate) deleted_date_time: Option<Instant>,
    /// Only in answers of `/users/delta`: the user is gone.
    #[serde(default, rename = "@removed")]
    pub(crate) removed: Option<IgnoredAny>,
}

/// A licence of a user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignedLicense<'a> {
    #[serde(default, borrow)]
    pub(crate) sku_id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) disabled_plans: Option<Vec<Text<'a>>>,
}

/// How a user signs in.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Identity<'a> {
    #[serde(default, borrow)]
    pub(crate) issuer: Option<Text<'a>>,
}

/// Data set 3b: the row of a user.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActivityRow<'a> {
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(default)]
    pub(crate) sign_in_activity: Option<SignInActivity>,
}

/// When a user signed in last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignInActivity {
    #[serde(default)]
    pub(crate) last_sign_in_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) last_non_interactive_sign_in_date_time: Option<Instant>,
    #[serde(default, deserialize_with = "unless_blank")]
    pub(crate) last_successful_sign_in_date_time: Presence<Instant>,
}

/// Data set 14.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registration<'a> {
    #[serde(borrow)]
    pub(crate) id: Text<'a>,
    #[serde(default)]
    pub(crate) is_mfa_registered: Option<bool>,
    #[serde(default)]
    pub(crate) is_mfa_capable: Option<bool>,
    #[serde(default)]
    pub(crate) is_sspr_enabled: Option<bool>,
    #[serde(default)]
    pub(crate) is_sspr_registered: Option<bool>,
    #[serde(default)]
    pub(crate) is_sspr_capable: Option<bool>,
    #[serde(default)]
    pub(crate) is_passwordless_capable: Option<bool>,
    #[serde(default, borrow)]
    pub(crate) methods_registered: Option<Vec<Text<'a>>>,
    #[serde(default)]
    pub(crate) last_updated_date_time: Option<Instant>,
}

/// Data set 28, once per user; the user is the owner of the page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Requirement<'a> {
    #[serde(default, borrow)]
    pub(crate) id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) per_user_mfa_state: Option<Text<'a>>,
}

/// Data set 25.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RiskDetection<'a> {
    #[serde(default, borrow)]
    pub(crate) user_id: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) risk_event_type: Option<Text<'a>>,
    #[serde(default, borrow)]
    pub(crate) risk_state: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) detected_date_time: Option<Instant>,
}
