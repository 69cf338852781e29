//! Directory roles: definitions, assignments, eligibility.

use serde::Deserialize;

use crate::instant::{Instant, unless_blank};
use crate::json::{List, Presence};

/// Data set 6.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleDefinition {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) template_id: Option<String>,
    #[serde(default)]
    pub(crate) display_name: Option<String>,
    #[serde(default)]
    pub(crate) is_built_in: Option<bool>,
}

/// Data sets 7, 7b and 8: an assignment, or an instance of a schedule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleSchedule {
    #[serde(default)]
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) principal_id: Option<String>,
    #[serde(default)]
    pub(crate) role_definition_id: Option<String>,
    #[serde(default)]
    pub(crate) directory_scope_id: Option<String>,
    #[serde(default)]
    pub(crate) app_scope_id: Option<String>,
    #[serde(default)]
    pub(crate) assignment_type: Option<String>,
    #[serde(default)]
    pub(crate) member_type: Option<String>,
    #[serde(default)]
    pub(crate) start_date_time: Option<Instant>,
    /// Null is without end.
    #[serde(default, deserialize_with = "unless_blank")]
    pub(crate) end_date_time: Presence<Instant>,
    #[serde(default)]
    pub(crate) status: Option<String>,
    #[serde(default)]
    pub(crate) schedule_info: Option<ScheduleInfo>,
    #[serde(default)]
    pub(crate) principal: Option<Principal>,
}

/// The frame of an eligibility schedule.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleInfo {
    #[serde(default)]
    pub(crate) start_date_time: Option<Instant>,
    #[serde(default)]
    pub(crate) expiration: Option<Expiration>,
}

/// When a schedule ends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Expiration {
    #[serde(default, rename = "type")]
    pub(crate) kind: Option<String>,
    #[serde(default)]
    pub(crate) end_date_time: Option<Instant>,
}

/// The holder, where the assignment was read with `$expand=principal`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Principal {
    #[serde(default, rename = "@odata.type")]
    pub(crate) odata_type: Option<String>,
}

/// Data set 9.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DirectoryRole {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) role_template_id: Option<String>,
    #[serde(default)]
    pub(crate) members: List<RoleMember>,
}

/// A holder of an activated role.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RoleMember {
    pub(crate) id: String,
    #[serde(default, rename = "@odata.type")]
    pub(crate) odata_type: Option<String>,
}

/// Data set 8c, once per group.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupEligibilityInstance {
    #[serde(default)]
    pub(crate) group_id: Option<String>,
    #[serde(default)]
    pub(crate) principal_id: Option<String>,
    #[serde(default)]
    pub(crate) access_id: Option<String>,
}
