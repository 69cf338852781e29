//! What a policy demands: every way through it must imply the demand.

use crate::logic::{all, any};
use crate::policy::{Control, Frequency, Grant, Operator, Persistence, Policy};
use crate::{ClientApp, Condition, Demand, Flow, HighRisk, PersistentBrowser, Protection, Risk, Settings};

/// One requirement that must hold for every sign-in of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// A grant control that implies one of these, at some levels of a risk where they are given.
    Grant { demands: Vec<Demand>, at: Option<(Condition, Vec<Risk>)> },
    /// Signing in again every time, or at least after so many hours.
    SignInFrequency(u32),
    /// What `persistentBrowser` must be.
    PersistentBrowser(PersistentBrowser),
}

/// How controls are read for one protection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) custom_controls_count: bool,
    /// "MFA or managed device" counts as MFA.
    pub(crate) managed_device_as_mfa: bool,
    /// The region has legacy clients only, and what they can't do blocks them.
    pub(crate) legacy_implicit: bool,
    /// The region has the device code flow only, where no device can be shown.
    pub(crate) device_code: bool,
}

impl Reading {
    pub(crate) fn new(protection: &Protection, settings: &Settings) -> Reading {
        let clients = protection.sign_ins.client_app.as_deref().unwrap_or(ClientApp::ALL);
        let legacy = !clients.is_empty()
            && clients.iter().all(|client| matches!(client, ClientApp::ExchangeActiveSync | ClientApp::Other));
        let device_code = protection.sign_ins.flow.as_deref() == Some(&[Flow::DeviceCode]);
        Reading {
            custom_controls_count: settings.custom_controls_count,
            managed_device_as_mfa: settings.or_with_managed_device_counts_as_mfa,
            legacy_implicit: legacy && settings.legacy_implicit,
            device_code: device_code && settings.device_code_device_grant_counts,
        }
    }
}

/// The requirements of a protection: its demands and each limit of the session are separate questions, because different
/// policies that apply together may answer them.
pub(crate) fn requirements(protection: &Protection, settings: &Settings) -> Vec<Requirement> {
    let mut found = grants(protection, settings);
    found.extend(protection.session.sign_in_frequency_hours.map(Requirement::SignInFrequency));
    found.extend(protection.session.persistent_browser.map(Requirement::PersistentBrowser));
    found
}

fn grants(protection: &Protection, settings: &Settings) -> Vec<Requirement> {
    if protection.demands.is_empty() {
        return Vec::new();
    }
    let everywhere = |demands: Vec<Demand>| vec![Requirement::Grant { demands, at: None }];
    let Some((condition, levels)) = risk(protection) else { return everywhere(protection.demands.clone()) };
    let of_profile = protection.demands.iter().copied();
    match settings.high_risk_requires {
        HighRisk::Remediation => everywhere(protection.demands.clone()),
        HighRisk::PasswordChange => {
            everywhere(of_profile.filter(|demand| *demand != Demand::RiskRemediation).collect())
        }
        // A block at high, and below it whatever the protection asks.
        HighRisk::Block => {
            let part = |demands: Vec<Demand>, high: bool| {
                let part: Vec<Risk> = levels.iter().copied().filter(|level| (*level == Risk::High) == high).collect();
                let at = (part.len() < levels.len()).then(|| (condition, part.clone()));
                (!part.is_empty()).then_some(Requirement::Grant { demands, at })
            };
            [part(vec![Demand::Block], true), part(of_profile.collect(), false)].into_iter().flatten().collect()
        }
    }
}

/// The risk that a protection is about, and its levels.
fn risk(protection: &Protection) -> Option<(Condition, Vec<Risk>)> {
    let region = &protection.sign_ins;
    protection.requires_condition.iter().find_map(|condition| {
        let levels = match condition {
            Condition::SignInRisk => &region.sign_in_risk,
            Condition::UserRisk => &region.user_risk,
            Condition::InsiderRisk | Condition::Flow => return None,
        };
        Some((*condition, levels.clone().unwrap_or_else(|| Risk::ALL.to_vec())))
    })
}

/// Whether a policy that applies meets the requirement.
pub(crate) fn meets(policy: &Policy, requirement: &Requirement, reading: Reading) -> Option<bool> {
    // Nobody gets in, so no session is left to limit.
    let blocked = || blocks(policy, reading);
    match requirement {
        Requirement::Grant { demands: wanted, .. } => demands(&policy.grant, wanted, reading),
        Requirement::SignInFrequency(hours) => {
            let limit = u64::from(*hours);
            let own = match policy.session.frequency {
                None => Some(false),
                Some(Frequency::EveryTime) => Some(true),
                Some(Frequency::Hours(value)) => Some(value <= limit),
                Some(Frequency::AtMost(value)) if value <= limit => Some(true),
                Some(Frequency::AtMost(_) | Frequency::Unknown) => None,
            };
            any([own, blocked()])
        }
        Requirement::PersistentBrowser(wanted) => any([persists(policy, *wanted), blocked()]),
    }
}

/// Whether a policy leaves browser sessions as they are wanted.
fn persists(policy: &Policy, wanted: PersistentBrowser) -> Option<bool> {
    match policy.session.persistent_browser {
        None => Some(false),
        Some(Persistence::Unknown) => None,
        Some(Persistence::Never) => Some(wanted == PersistentBrowser::Never),
        Some(Persistence::Always) => Some(wanted == PersistentBrowser::Always),
    }
}

/// Whether a policy may ask for the opposite of a requirement, and does not shut everybody out. Which of two such policies
/// wins is not documented.
pub(crate) fn contradicts(policy: &Policy, requirement: &Requirement, reading: Reading) -> bool {
    let Requirement::PersistentBrowser(wanted) = requirement else { return false };
    policy.session.persistent_browser.is_some()
        && persists(policy, *wanted) != Some(true)
        && blocks(policy, reading) != Some(true)
}

/// Whether a policy lets nobody in.
pub(crate) fn blocks(policy: &Policy, reading: Reading) -> Option<bool> {
    demands(&policy.grant, &[Demand::Block], Reading { legacy_implicit: false, device_code: false, ..reading })
}

/// Whether every alternative of the grant implies one of the demands. No control at all demands nothing.
pub(crate) fn demands(grant: &Grant, wanted: &[Demand], reading: Reading) -> Option<bool> {
    if grant.controls.is_empty() {
        return Some(false);
    }
    let implied: Vec<Option<bool>> =
        grant.controls.iter().map(|control| implies_any(control, wanted, reading)).collect();
    let either = || {
        let strictly = all(implied.iter().copied());
        if !reading.managed_device_as_mfa || !wanted.contains(&Demand::Mfa) {
            return strictly;
        }
        let managed = grant.controls.iter().map(is_managed_device);
        let loosely = all(implied.iter().zip(managed).map(|(implied, managed)| any([*implied, Some(managed)])));
        all([loosely, any(implied.iter().copied())])
    };
    let together = || any(wanted.iter().map(|demand| implies_together(&grant.controls, *demand, reading)));
    match grant.operator {
        Operator::And => together(),
        Operator::Or => either(),
        Operator::Unknown => {
            let (either, together) = (either(), together());
            if either == together { either } else { None }
        }
    }
}

fn is_managed_device(control: &Control) -> bool {
    matches!(control, Control::CompliantDevice | Control::DomainJoinedDevice)
}

fn implies_any(control: &Control, wanted: &[Demand], reading: Reading) -> Option<bool> {
    any(wanted.iter().map(|demand| implies(control, *demand, reading)))
}

/// Whether controls that must all be met imply a demand. A new password must stand with multifactor authentication.
fn implies_together(controls: &[Control], demand: Demand, reading: Reading) -> Option<bool> {
    let some = |test: &dyn Fn(&Control) -> Option<bool>| any(controls.iter().map(test));
    match demand {
        Demand::PasswordChange => all([
            some(&|control| match control {
                Control::Unknown(_) => None,
                control => Some(matches!(control, Control::PasswordChange | Control::Block)),
            }),
            some(&|control| implies(control, Demand::Mfa, reading)),
        ]),
        _ => some(&|control| implies(control, demand, reading)),
    }
}

fn implies(control: &Control, demand: Demand, reading: Reading) -> Option<bool> {
    if let Control::Unknown(_) = control {
        return None;
    }
    if *control == Control::Block {
        return Some(true);
    }
    match demand {
        Demand::Mfa => match control {
            Control::Mfa | Control::RiskRemediation => Some(true),
            Control::Strength(strength) => strength.mfa,
            Control::Custom => Some(reading.custom_controls_count),
            _ => Some(false),
        },
        Demand::PhishingResistant => match control {
            Control::Strength(strength) => strength.phishing_resistant,
            _ => Some(false),
        },
        Demand::Block if reading.device_code && is_managed_device(control) => Some(true),
        Demand::Block if reading.legacy_implicit => match control {
            Control::Mfa | Control::PasswordChange | Control::RiskRemediation => Some(true),
            Control::Strength(strength) => strength.mfa,
            _ => Some(false),
        },
        Demand::Block => Some(false),
        // Alone it asks for no second factor.
        Demand::PasswordChange => Some(false),
        Demand::RiskRemediation => Some(*control == Control::RiskRemediation),
        Demand::ManagedDevice => Some(is_managed_device(control)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::Absent;
    use crate::strength::Strengths;

    const PLAIN: Reading = Reading {
        custom_controls_count: false,
        managed_device_as_mfa: false,
        legacy_implicit: false,
        device_code: false,
    };

    fn grant(value: serde_json::Value) -> Grant {
        Policy::read(&json!({"grantControls": value}), &Strengths::default(), Absent::NotSet).grant
    }

    #[test]
    fn an_unknown_control_leaves_or_unknown_but_and_may_be_settled_by_the_others() {
        let either = grant(json!({"operator": "OR", "builtInControls": ["mfa", "unknownFutureValue"]}));
        assert_eq!(demands(&either, &[Demand::Mfa], PLAIN), None);
        let both = grant(json!({"operator": "AND", "builtInControls": ["mfa", "unknownFutureValue"]}));
        assert_eq!(demands(&both, &[Demand::Mfa], PLAIN), Some(true));
    }

    #[test]
    fn mfa_or_password_change_demands_no_password_change() {
        let either = grant(json!({"operator": "OR", "builtInControls": ["mfa", "passwordChange"]}));
        assert_eq!(demands(&either, &[Demand::PasswordChange, Demand::Block], PLAIN), Some(false));
        let both = grant(json!({"operator": "AND", "builtInControls": ["mfa", "passwordChange"]}));
        assert_eq!(demands(&both, &[Demand::PasswordChange, Demand::Block], PLAIN), Some(true));
    }

    #[test]
    fn a_managed_device_alone_is_never_mfa() {
        let reading = Reading { managed_device_as_mfa: true, ..PLAIN };
        let alone = grant(json!({"operator": "OR", "builtInControls": ["compliantDevice"]}));
        assert_eq!(demands(&alone, &[Demand::Mfa], reading), Some(false));
        let either = grant(json!({"operator": "OR", "builtInControls": ["compliantDevice", "mfa"]}));
        assert_eq!(demands(&either, &[Demand::Mfa], reading), Some(true));
        assert_eq!(demands(&either, &[Demand::Mfa], PLAIN), Some(false));
    }
}
