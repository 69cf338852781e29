//! The rows on which honest readers of Conditional Access differ.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Which app exclusions of an otherwise complete policy are forgiven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppExclusions {
    /// Every excluded app.
    Any,
    /// Only the ids in [`Settings::allowed_app_exclusions`]; never Azure management, Office 365 or the admin portals.
    Listed,
    /// None.
    None,
}

/// What answers a high risk. Multifactor authentication answers sign-in risk only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HighRisk {
    /// MFA for sign-in risk, password change for user risk; or block.
    PasswordChange,
    /// The same, and risk remediation for user risk.
    Remediation,
    /// Block only (the rule of SCuBA).
    Block,
}

/// How an administrator is judged who holds a role only when it is activated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EligibleAdmins {
    /// As if every eligible role were activated.
    AsActivated,
    /// By the roles that are active now.
    ActiveOnly,
}

/// What an exclusion from "all resources" means for sign-ins that ask only for baseline scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineScopes {
    /// They stay covered, the rule of the rollout that began on 15 June 2026.
    Enforced,
    /// Every policy for all resources with an exclusion loses them.
    Legacy,
}

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)*) => {
        /// How strictly policies are read.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Settings {
            $($(#[$doc])* pub $name: $kind,)*
        }

        /// Single settings that replace those of a profile.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct SettingsOverrides {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$kind>,)*
        }

        impl Settings {
            /// These settings with single ones replaced.
            #[must_use]
            pub fn with(mut self, overrides: &SettingsOverrides) -> Settings {
                $(if let Some(value) = &overrides.$name { self.$name = value.clone(); })*
                self
            }
        }
    };
}

settings! {
    /// "MFA or managed device" counts as MFA. When false it is reported as "alternative: managed device".
    or_with_managed_device_counts_as_mfa: bool,
    /// Sign-ins from trusted locations may go without. When false they are reported apart.
    trusted_location_exclusion_ok: bool,
    /// Which excluded apps are forgiven.
    app_exclusions_allowed: AppExclusions,
    /// The app ids that `app_exclusions_allowed = "listed"` forgives.
    allowed_app_exclusions: BTreeSet<String>,
    /// A list of platforms may leave unrecognised platforms open.
    unknown_platform_hole_ok: bool,
    /// A demand that a legacy client can't meet counts as blocking it.
    legacy_implicit: bool,
    /// What answers a high risk.
    high_risk_requires: HighRisk,
    /// How eligible administrators are judged.
    eligible_admins: EligibleAdmins,
    /// Custom authentication factors count as MFA.
    custom_controls_count: bool,
    /// Per-user MFA (`enforced`, or `enabled` and registered) counts.
    per_user_mfa_counts: bool,
    /// Security defaults count as MFA for everybody, although they ask other users only when Microsoft finds it necessary.
    security_defaults_count_for_mfa: bool,
    /// A risk protection wants policies with that risk condition: a remembered MFA claim satisfies a plain MFA policy.
    risk_requires_explicit_condition: bool,
    /// A managed device can't be shown in the device code flow, so demanding one blocks it.
    device_code_device_grant_counts: bool,
    /// What app exclusions mean for baseline scopes.
    baseline_scopes: BaselineScopes,
}

impl Settings {
    /// As Microsoft seems to count.
    #[must_use]
    pub fn compat() -> Settings {
        Settings {
            or_with_managed_device_counts_as_mfa: true,
            trusted_location_exclusion_ok: true,
            app_exclusions_allowed: AppExclusions::Any,
            unknown_platform_hole_ok: true,
            legacy_implicit: false,
            high_risk_requires: HighRisk::PasswordChange,
            eligible_admins: EligibleAdmins::ActiveOnly,
            custom_controls_count: true,
            ..Settings::standard()
        }
    }

    /// The default.
    #[must_use]
    pub fn standard() -> Settings {
        Settings {
            or_with_managed_device_counts_as_mfa: false,
            trusted_location_exclusion_ok: false,
            app_exclusions_allowed: AppExclusions::Listed,
            allowed_app_exclusions: BTreeSet::new(),
            unknown_platform_hole_ok: false,
            legacy_implicit: true,
            high_risk_requires: HighRisk::Remediation,
            eligible_admins: EligibleAdmins::AsActivated,
            custom_controls_count: false,
            per_user_mfa_counts: true,
            security_defaults_count_for_mfa: true,
            risk_requires_explicit_condition: true,
            device_code_device_grant_counts: true,
            baseline_scopes: BaselineScopes::Enforced,
        }
    }

    /// Nothing is forgiven.
    #[must_use]
    pub fn strict() -> Settings {
        Settings {
            app_exclusions_allowed: AppExclusions::None,
            legacy_implicit: false,
            high_risk_requires: HighRisk::Block,
            per_user_mfa_counts: false,
            security_defaults_count_for_mfa: false,
            ..Settings::standard()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings::standard()
    }
}
