//! The schema of `planted.json`: what an invented tenant knows about itself.
//!
//! All of it is judged as profile *standard* judges, with the declarations of the `idscore.toml` beside it in force, and
//! as `collect` with the same options would bring the data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::options::{Edition, Posture};

/// Everything that was planted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Planted {
    /// 1; fields are only ever added.
    pub format_version: u32,
    /// Which tenant it is.
    pub tenant: Tenancy,
    /// How many of whom there are.
    pub populations: Populations,
    /// Enabled members and their second factor.
    pub registration: PlantedRegistration,
    /// Who is protected, by the column's name (`mfa_required`, …).
    pub protections: BTreeMap<String, PlantedProtection>,
    /// Distinct sets of policies in force (enabled or report-only) that users have.
    pub distinct_signatures: u64,
    /// Enabled members, not excepted, who escape MFA only because policies exclude users, groups or roles.
    pub mfa_escapes_by_exclusion: Names,
    /// Enabled members, not excepted, older than 30 days and not seen for 90.
    pub stale_users: Names,
    /// Users who hold Global Administrator tenant-wide now, enabled or not.
    pub global_admins_active: Names,
    /// The same, and those who could activate it.
    pub global_admins_active_or_eligible: Names,
    /// Key ids of credentials that are valid, and valid for too long.
    pub credentials_too_long: Names,
    /// Service principals with a permission by which they could become any administrator.
    pub tier0_holders: Names,
    /// Microsoft 365 groups that are public.
    pub public_groups: Names,
    /// What controls must answer, by their id; a control that isn't here is not predicted.
    pub controls: BTreeMap<String, Expected>,
}

/// Which tenant it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenancy {
    /// The tenant's id.
    pub tenant_id: String,
    /// The organisation's name.
    pub display_name: String,
    /// The export's instant, RFC 3339.
    pub taken_at: String,
    /// The seed it follows from.
    pub seed: u64,
    /// What it owns.
    pub edition: Edition,
    /// How careful its administrators are.
    pub posture: Posture,
    /// Users are synchronised from on premises.
    pub hybrid: bool,
    /// Conditional Access policies in any state.
    pub policies: u64,
}

/// How many of whom there are; "judged" is enabled and not excepted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Populations {
    /// User objects.
    pub users: u64,
    /// Enabled user objects.
    pub enabled: u64,
    /// U: judged members.
    pub members: u64,
    /// UG: judged members and guests.
    pub members_and_guests: u64,
    /// G: judged guests.
    pub guests: u64,
    /// A: judged holders of a privileged role, active or eligible.
    pub admins: u64,
    /// Left out: agent users.
    pub agents: u64,
    /// Left out: directory synchronisation accounts.
    pub directory_sync: u64,
    /// Left out: declared service accounts.
    pub service_accounts: u64,
    /// Left out: declared break-glass accounts that pass the monitored rule.
    pub break_glass: u64,
    /// Declared break-glass accounts.
    pub break_glass_declared: u64,
}

/// Ids: all of them in small tenants, the first of them in large ones.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Names {
    /// How many there are.
    pub count: u64,
    /// `ids` holds every one of them; else the first 1,000.
    pub complete: bool,
    /// Object ids, in the order of the export.
    pub ids: Vec<String>,
}

/// Judged members (U) and their second factor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlantedRegistration {
    /// Have a second factor.
    pub registered: Names,
    /// Have none.
    pub not_registered: Names,
    /// Are not in the report: too young, or the tenant has no licence for it.
    pub not_reported: Names,
}

/// Who has a protection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlantedProtection {
    /// U: judged members.
    pub members: Tally,
    /// UG: judged members and guests.
    pub members_and_guests: Tally,
    /// A: judged administrators.
    pub admins: Tally,
    /// Why the escaping of UG escape: `noPolicy`, `excludedByGroup`, `excludedByRole`, `excludedByKind`, `reportOnly`,
    /// `managedDeviceAlternative`, `trustedLocation`, `platform`, `application`, `deviceFilter`, `clientApp`, `several`.
    pub how: BTreeMap<String, u64>,
    /// The escaping of UG.
    pub escaping: Names,
    /// Those of UG for whom it can't be decided.
    pub unknown: Names,
}

/// How a population divides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tally {
    /// Every sign-in is met.
    pub covered: u64,
    /// A sign-in escapes.
    pub escaping: u64,
    /// It can't be decided.
    pub unknown: u64,
}

/// What a control must answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expected {
    /// `met`, `partial`, `notMet`, `notApplicable` or `notAssessed`.
    pub outcome: String,
    /// Objects that meet it, where it counts objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Objects that were decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Objects that could not be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<u64>,
}
