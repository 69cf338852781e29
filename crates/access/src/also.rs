//! Ways to a protection besides Conditional Access: security defaults and the old per-user MFA.

use roaring::RoaringBitmap;

use crate::resource::AZURE_MANAGEMENT;
use crate::roles::Roles;
use crate::{Also, Bounds, ClientApp, Demand, Directory, Flow, Protection, Settings};

/// The roles whose holders do MFA at every sign-in under security defaults: Global, Application, Authentication, Billing,
/// Cloud Application, Conditional Access, Exchange, Helpdesk, Password, Privileged Authentication, Privileged Role,
/// Security, SharePoint, User, Authentication Policy and Identity Governance Administrator.
const SECURITY_DEFAULTS_ROLES: [&str; 16] = [
    "62e90394-69f5-4237-9190-012177145e10",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "b0f54661-2d74-4c50-afa3-1ec803f12efe",
    "158c047a-c907-4556-b7ef-446551a6b5f7",
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9",
    "29232cdf-9323-42fd-ade2-1d097af3e4de",
    "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "966707d0-3269-4727-9be2-8c3a10f19b9d",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "f28a1f50-f6e7-4571-818b-6a12f2af6b6c",
    "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e",
];

/// Directory Synchronization Accounts and On Premises Directory Sync Account, which security defaults exempt.
const SYNC_ROLES: [&str; 2] = ["d29b2b05-8046-44ba-8758-1e26182fcf32", "a92aed5d-d78a-4d16-b381-09adb37eb3b0"];

/// Users that have a protection in another way.
#[derive(Debug, Default)]
pub(crate) struct Credit {
    /// What it is called.
    pub(crate) by: &'static str,
    /// Users who have it so, and who may.
    pub(crate) users: Bounds,
    /// Why that is not exactly known.
    pub(crate) unknown: String,
}

/// Whether security defaults work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecurityDefaults {
    On,
    Off,
    Unknown,
}

impl SecurityDefaults {
    /// Conditional Access and security defaults exclude each other, and policies win. `any_policy_enabled` is `None` where
    /// a policy may be.
    pub(crate) fn of(directory: &Directory, any_policy_enabled: Option<bool>) -> SecurityDefaults {
        match (any_policy_enabled, directory.security_defaults) {
            (Some(true), _) | (_, Some(false)) => SecurityDefaults::Off,
            (Some(false), Some(true)) => SecurityDefaults::On,
            (None, Some(true)) | (_, None) => SecurityDefaults::Unknown,
        }
    }
}

/// What the other ways bring.
pub(crate) fn credits(
    protection: &Protection,
    settings: &Settings,
    directory: &Directory,
    roles: &Roles,
    defaults: SecurityDefaults,
    activated: bool,
) -> Vec<Credit> {
    let mut found = Vec::new();
    if protection.also.contains(&Also::SecurityDefaults) && defaults != SecurityDefaults::Off {
        let mut credit = by_security_defaults(protection, settings, directory, roles, activated);
        if defaults == SecurityDefaults::Unknown {
            credit.users.sure.clear();
            credit.unknown = "whether security defaults are on was not read".to_owned();
        }
        found.push(credit);
    }
    if protection.also.contains(&Also::PerUserMfa) && settings.per_user_mfa_counts {
        found.extend(by_per_user_mfa(protection, directory));
    }
    found
}

fn asks_for_mfa_only(protection: &Protection) -> bool {
    protection.demands.contains(&Demand::Mfa)
        && protection.requires_condition.is_empty()
        && protection.sign_ins.user_action.is_none()
        && protection.session == crate::SessionDemand::default()
}

fn by_security_defaults(
    protection: &Protection,
    settings: &Settings,
    directory: &Directory,
    roles: &Roles,
    activated: bool,
) -> Credit {
    let region = &protection.sign_ins;
    let mut credit = Credit { by: "security defaults", ..Credit::default() };
    let everybody = || Bounds::exactly(directory.everybody());
    if protection.demands.contains(&Demand::Block) {
        let legacy = region.client_app.as_ref().is_some_and(|clients| {
            clients.iter().all(|client| matches!(client, ClientApp::ExchangeActiveSync | ClientApp::Other))
        });
        if legacy {
            credit.users = everybody();
            return credit;
        }
        if region.flow.as_deref() == Some(&[Flow::DeviceCode]) {
            credit.users = everybody();
            if directory.tenant_created_after_2026_07_01 != Some(true) {
                // Stated for new tenants only; for older ones it is not clear.
                credit.users.sure.clear();
                credit.unknown =
                    "whether security defaults block the device code flow in a tenant created before 2026-07-01 \
                                  is not clear"
                        .to_owned();
            }
            return credit;
        }
    }
    if !asks_for_mfa_only(protection) {
        return credit;
    }
    let azure_only = region
        .resource
        .as_ref()
        .is_some_and(|apps| !apps.is_empty() && apps.iter().all(|app| app.eq_ignore_ascii_case(AZURE_MANAGEMENT)));
    if azure_only || (settings.security_defaults_count_for_mfa && !protection.as_activated) {
        credit.users = everybody();
    } else {
        for role in SECURITY_DEFAULTS_ROLES {
            credit.users.add(&roles.in_policies(role, activated, directory));
        }
    }
    let mut sync = Bounds::default();
    for role in SYNC_ROLES {
        sync.add(&roles.in_policies(role, false, directory));
    }
    credit.users.sure -= &sync.possible;
    credit.users.possible -= &sync.sure;
    credit.unknown = "who holds which role was not read".to_owned();
    credit
}

fn by_per_user_mfa(protection: &Protection, directory: &Directory) -> Option<Credit> {
    let states = directory.per_user_mfa.as_ref()?;
    if !asks_for_mfa_only(protection) {
        return None;
    }
    let registered = directory.mfa_registered.as_ref();
    let enabled_sure: RoaringBitmap = registered.map(|registered| &states.enabled & registered).unwrap_or_default();
    let enabled_possible = if registered.is_some() { enabled_sure.clone() } else { states.enabled.clone() };
    Some(Credit {
        by: "per-user MFA",
        users: Bounds { sure: &states.enforced | &enabled_sure, possible: &states.enforced | &enabled_possible },
        unknown: "per-user MFA is enabled, and whether a second factor is registered was not read".to_owned(),
    })
}
