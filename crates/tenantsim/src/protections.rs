//! What is asked of the policies: which sign-ins, and what must be demanded of each.

use crate::policy::{AZURE_MANAGEMENT, Client, Control, Flow, Frequency, Policy, Risk, STRENGTHS};
use crate::space::Resource;

/// What a policy must demand to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    Mfa,
    PhishingResistant,
    Block,
    /// Block, or anything that a legacy client can't do.
    BlockLegacy,
    /// Block, or a managed device, which nobody can show in that flow.
    BlockDeviceCode,
    /// A new password together with MFA, or block.
    NewPassword,
    ManagedDevice,
    MfaOrManagedDevice,
    /// A sign-in at least every four hours.
    ShortSession,
    /// A browser that never stays signed in.
    NoPersistentBrowser,
}

/// A risk that a policy must name itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    None,
    SignInRisk,
    UserRisk,
    InsiderRisk,
}

/// One statement about sign-ins; an empty list is all of the dimension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Statement {
    pub name: &'static str,
    /// All of them at once.
    pub demands: &'static [Demand],
    pub apps: Apps,
    pub clients: &'static [Client],
    pub flows: &'static [Flow],
    pub sign_in_risk: &'static [Risk],
    pub user_risk: &'static [Risk],
    pub insider_elevated: bool,
    pub condition: Condition,
    /// Judged with all eligible roles taken.
    pub as_activated: bool,
    /// Sign-ins from trusted locations need nothing.
    pub trusted_suffices: bool,
    /// What else protects everybody.
    pub security_defaults: SecurityDefaults,
    /// The old per-user MFA counts.
    pub per_user_mfa: bool,
}

/// What security defaults say to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecurityDefaults {
    Nothing,
    Protect,
    /// In tenants as old as ours Microsoft's text leaves it open.
    Unclear,
}

/// Which resources a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apps {
    All,
    AzureManagement,
    SecurityInfo,
}

impl Apps {
    pub fn holds(self, resource: &Resource) -> bool {
        match self {
            Self::All => *resource != Resource::RegisterSecurityInfo,
            Self::AzureManagement => matches!(resource, Resource::App(id) if id == AZURE_MANAGEMENT),
            Self::SecurityInfo => *resource == Resource::RegisterSecurityInfo,
        }
    }
}

const PLAIN: Statement = Statement {
    name: "",
    demands: &[],
    apps: Apps::All,
    clients: &[],
    flows: &[],
    sign_in_risk: &[],
    user_risk: &[],
    insider_elevated: false,
    condition: Condition::None,
    as_activated: false,
    trusted_suffices: false,
    security_defaults: SecurityDefaults::Nothing,
    per_user_mfa: false,
};
const MODERN: &[Client] = &[Client::Browser, Client::Modern];
const LEGACY: &[Client] = &[Client::ActiveSync, Client::Other];
const MFA: Statement = Statement {
    name: "mfa_required",
    demands: &[Demand::Mfa],
    clients: MODERN,
    flows: &[Flow::None],
    security_defaults: SecurityDefaults::Protect,
    per_user_mfa: true,
    ..PLAIN
};
const PHISHING_RESISTANT: Statement =
    Statement { name: "phishing_resistant_required", demands: &[Demand::PhishingResistant], clients: MODERN, ..PLAIN };

/// Every statement, by the names of the columns that an assessment gives.
pub(crate) const STATEMENTS: &[Statement] = &[
    MFA,
    Statement { name: "admin_mfa_required", as_activated: true, ..MFA },
    Statement {
        name: "legacy_auth_blocked",
        demands: &[Demand::BlockLegacy],
        clients: LEGACY,
        security_defaults: SecurityDefaults::Protect,
        ..PLAIN
    },
    Statement {
        name: "sign_in_risk_protected",
        demands: &[Demand::Mfa],
        clients: MODERN,
        flows: &[Flow::None],
        sign_in_risk: &[Risk::Medium, Risk::High],
        condition: Condition::SignInRisk,
        ..PLAIN
    },
    Statement {
        name: "user_risk_protected",
        demands: &[Demand::NewPassword],
        user_risk: &[Risk::High],
        condition: Condition::UserRisk,
        ..PLAIN
    },
    PHISHING_RESISTANT,
    Statement { name: "admin_phishing_resistant_required", as_activated: true, ..PHISHING_RESISTANT },
    Statement {
        name: "device_code_blocked",
        demands: &[Demand::BlockDeviceCode],
        flows: &[Flow::DeviceCode],
        security_defaults: SecurityDefaults::Unclear,
        ..PLAIN
    },
    Statement { name: "auth_transfer_blocked", demands: &[Demand::Block], flows: &[Flow::Transfer], ..PLAIN },
    Statement {
        name: "admin_session_limited",
        demands: &[Demand::ShortSession, Demand::NoPersistentBrowser],
        clients: MODERN,
        as_activated: true,
        ..PLAIN
    },
    Statement {
        name: "security_info_registration_protected",
        demands: &[Demand::MfaOrManagedDevice],
        apps: Apps::SecurityInfo,
        clients: MODERN,
        trusted_suffices: true,
        ..PLAIN
    },
    Statement { name: "managed_device_required", demands: &[Demand::ManagedDevice], ..PLAIN },
    Statement {
        name: "insider_risk_protected",
        demands: &[Demand::Mfa],
        clients: MODERN,
        flows: &[Flow::None],
        insider_elevated: true,
        condition: Condition::InsiderRisk,
        ..PLAIN
    },
    Statement { name: "azure_management_blocked", demands: &[Demand::Block], apps: Apps::AzureManagement, ..PLAIN },
];

impl Statement {
    /// The policy demands it, and names the risk that the statement wants named.
    pub fn counts(&self, demand: Demand, policy: &Policy, managed_device_is_mfa: bool) -> bool {
        let names_condition = match self.condition {
            Condition::None => true,
            Condition::SignInRisk => !policy.sign_in_risk.is_empty(),
            Condition::UserRisk => !policy.user_risk.is_empty(),
            Condition::InsiderRisk => policy.insider_elevated,
        };
        names_condition && demands(demand, policy, managed_device_is_mfa)
    }
}

/// The policy lets nobody in who has not done what is demanded.
fn demands(demand: Demand, policy: &Policy, managed_device_is_mfa: bool) -> bool {
    match demand {
        Demand::ShortSession => match policy.frequency {
            Some(Frequency::EveryTime) => return true,
            Some(Frequency::Hours(hours)) => return hours <= 4,
            None => return false,
        },
        Demand::NoPersistentBrowser => return policy.persistent_browser == Some("never"),
        _ => {}
    }
    let Some(grant) = &policy.grant else { return false };
    // With a new password under "any of", plain MFA would do: only "all of" with MFA is a new password.
    let does = |control: &Control| {
        implies(demand, *control)
            || managed_device_is_mfa
                && demand == Demand::Mfa
                && matches!(control, Control::CompliantDevice | Control::DomainJoinedDevice)
    };
    let mut controls = grant.controls.iter();
    if grant.all { controls.any(does) } else { !grant.controls.is_empty() && controls.all(does) }
}

fn implies(demand: Demand, control: Control) -> bool {
    let strength = |test: fn(&crate::policy::Strength) -> bool| match control {
        Control::Strength(number) => STRENGTHS.get(number).is_some_and(test),
        _ => false,
    };
    let managed = matches!(control, Control::CompliantDevice | Control::DomainJoinedDevice);
    let mfa = matches!(control, Control::Mfa | Control::PasswordChange) || strength(|strength| strength.mfa);
    control == Control::Block
        || match demand {
            Demand::Mfa | Demand::BlockLegacy => mfa,
            Demand::PhishingResistant => strength(|strength| strength.phishing_resistant),
            Demand::BlockDeviceCode | Demand::ManagedDevice => managed,
            Demand::NewPassword => control == Control::PasswordChange,
            Demand::MfaOrManagedDevice => mfa || managed,
            Demand::Block | Demand::ShortSession | Demand::NoPersistentBrowser => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(demand: Demand, policy: &Policy) -> bool {
        demands(demand, policy, false)
    }

    #[test]
    fn an_alternative_without_mfa_demands_no_mfa() {
        let policy = Policy::named("").asking(&[Control::Mfa, Control::CompliantDevice]);
        assert!(!asks(Demand::Mfa, &policy));
        assert!(asks(Demand::MfaOrManagedDevice, &policy));
        assert!(asks(Demand::Mfa, &Policy::named("").asking_all(&[Control::Mfa, Control::CompliantDevice])));
    }

    #[test]
    fn a_policy_without_controls_demands_nothing() {
        assert!(!asks(Demand::Mfa, &Policy::named("").asking(&[])));
        assert!(!asks(Demand::Mfa, &Policy::named("").asking_all(&[])));
        assert!(!asks(Demand::Block, &Policy::named("")));
    }

    #[test]
    fn one_weak_combination_makes_a_strength_weak() {
        assert!(asks(Demand::PhishingResistant, &Policy::named("").asking(&[Control::Strength(3)])));
        assert!(!asks(Demand::PhishingResistant, &Policy::named("").asking(&[Control::Strength(4)])));
        assert!(asks(Demand::Mfa, &Policy::named("").asking(&[Control::Strength(4)])));
    }

    #[test]
    fn mfa_instead_of_a_new_password_answers_no_user_risk() {
        let either = Policy::named("").asking(&[Control::Mfa, Control::PasswordChange]);
        let both = Policy::named("").asking_all(&[Control::Mfa, Control::PasswordChange]);
        assert!(!asks(Demand::NewPassword, &either));
        assert!(asks(Demand::NewPassword, &both));
    }
}
