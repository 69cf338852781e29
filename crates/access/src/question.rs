//! One requirement over one region, with the policies that bear on it.

use std::collections::{BTreeSet, HashMap};

use crate::boxes::{Boxes, boxes};
use crate::demand::{Reading, Requirement, blocks, contradicts, meets};
use crate::layout::Cube;
use crate::location::Locations;
use crate::policy::{Control, Policy};
use crate::space::{CLIENT, Client, DEVICE, FLOW, INSIDER_RISK, RESOURCE, SIGN_IN_RISK, Space, USER_RISK};
use crate::{Condition, Protection, Risk, Settings};

/// Policies with the same boxes, which differ only in their users.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) boxes: Boxes,
    /// Indexes of the policies, ascending.
    pub(crate) policies: Vec<usize>,
}

/// What is to be proven.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) requirement: Requirement,
    pub(crate) space: Space<'a>,
    pub(crate) region: Cube,
    /// Parts of the region that the settings, or the protection, forgive for sure, and those that they may forgive.
    pub(crate) forgiven: Vec<Cube>,
    pub(crate) maybe_forgiven: Vec<Cube>,
    pub(crate) classes: Vec<Class>,
    /// Policies that may ask for the opposite, with the boxes where they may.
    pub(crate) contradicting: Vec<(usize, Vec<Cube>)>,
    /// Where there are such, the policies that let nobody in, with the boxes where they do.
    pub(crate) blocking: Vec<(usize, Vec<Cube>)>,
    /// Policy → what about its conditions and demands is unknown.
    pub(crate) reasons: HashMap<usize, Vec<String>>,
}

/// What makes one question of a protection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) protection: &'a Protection,
    pub(crate) requirement: &'a Requirement,
    pub(crate) reading: Reading,
    pub(crate) settings: &'a Settings,
    /// Trusted locations are forgiven.
    pub(crate) trusted_suffices: bool,
    /// Apps that no suite holds.
    pub(crate) outside_suites: &'a BTreeSet<String>,
}

impl<'a> Question<'a> {
    /// Asks about the policies that count, given with their indexes.
    pub(crate) fn new(asked: Asked<'_>, policies: &[(usize, &Policy)], locations: &'a Locations) -> Question<'a> {
        let Asked { protection, requirement, reading, settings, trusted_suffices, outside_suites } = asked;
        let people = || policies.iter().copied().filter(|(_, policy)| policy.workloads != Some(true));
        let opposed: Vec<(usize, &Policy)> =
            people().filter(|(_, policy)| contradicts(policy, requirement, reading)).collect();
        let demanding: Vec<(usize, &Policy, Option<bool>)> = people()
            .filter(|(_, policy)| has_conditions(policy, protection, settings))
            .map(|(index, policy)| (index, policy, meets(policy, requirement, reading)))
            .filter(|(_, _, demanded)| *demanded != Some(false))
            .collect();
        let named: Vec<&Policy> =
            demanding.iter().map(|(_, policy, _)| *policy).chain(opposed.iter().map(|(_, policy)| *policy)).collect();
        let space = Space::new(&named, locations, protection, trusted_suffices, outside_suites);
        let region = narrowed(space.region(protection, settings), &space, requirement);

        let mut classes: Vec<Class> = Vec::new();
        let mut by_boxes: HashMap<Boxes, usize> = HashMap::new();
        let mut reasons = HashMap::new();
        for (index, policy, demanded) in demanding {
            let (mut own, mut why) = boxes(policy, &space, &region, settings);
            if demanded.is_none() {
                own.sure.clear();
                why.extend(unread_demand(policy, requirement));
            }
            if protection.only_without_other_conditions {
                let plain = |cube: &Cube| is_plain(cube, &space, &region, protection);
                own.sure.retain(plain);
                own.possible.retain(plain);
            }
            if own.possible.is_empty() {
                continue;
            }
            if own.sure != own.possible {
                reasons.insert(index, why);
            }
            let class = *by_boxes.entry(own.clone()).or_insert_with(|| {
                classes.push(Class { boxes: own, policies: Vec::new() });
                classes.len() - 1
            });
            classes[class].policies.push(index);
        }
        let compliant_network = settings.trusted_location_exclusion_ok;
        let forgiven =
            |may_be| if trusted_suffices { space.trusted(&region, may_be, compliant_network) } else { Vec::new() };
        let boxes_of = |policy: &Policy| boxes(policy, &space, &region, settings).0;
        let contradicting: Vec<(usize, Vec<Cube>)> =
            opposed.iter().map(|(index, policy)| (*index, boxes_of(policy).possible)).collect();
        let blocking = if contradicting.is_empty() {
            Vec::new()
        } else {
            let shut = people().filter(|(_, policy)| blocks(policy, reading) == Some(true));
            shut.map(|(index, policy)| (index, boxes_of(policy).sure)).collect()
        };
        Question {
            requirement: requirement.clone(),
            forgiven: forgiven(false),
            maybe_forgiven: forgiven(true),
            contradicting,
            blocking,
            space,
            region,
            classes,
            reasons,
        }
    }

    /// Takes a policy out of its class, and says which; a class without policies applies to nobody.
    pub(crate) fn take_out(&mut self, policy: usize) -> Option<usize> {
        let class = self.classes.iter().position(|class| class.policies.contains(&policy))?;
        self.classes[class].policies.retain(|kept| *kept != policy);
        Some(class)
    }

    /// Puts a policy back into its class.
    pub(crate) fn put_back(&mut self, policy: usize, class: Option<usize>) {
        if let Some(class) = class {
            self.classes[class].policies.push(policy);
            self.classes[class].policies.sort_unstable();
        }
    }

    /// Whether some policy leaves out some place, so that forgiving trusted places could matter.
    pub(crate) fn depends_on_place(&self) -> bool {
        use crate::space::{COMPLIANT_NETWORK, IP, MFA_TRUSTED};
        let layout = &self.space.layout;
        self.classes.iter().flat_map(|class| &class.boxes.possible).any(|cube| {
            [IP, MFA_TRUSTED, COMPLIANT_NETWORK].iter().any(|dimension| !layout.same_in(cube, &self.region, *dimension))
        })
    }
}

/// Why it is not known whether a policy demands something.
fn unread_demand(policy: &Policy, requirement: &Requirement) -> Vec<String> {
    let mut found: Vec<String> = match requirement {
        Requirement::Grant { .. } => Vec::new(),
        Requirement::SignInFrequency(_) | Requirement::PersistentBrowser(_) => policy.session.lost.clone(),
    };
    found.extend(policy.grant.controls.iter().filter_map(|control| match control {
        Control::Unknown(reason) => Some(reason.clone()),
        _ => None,
    }));
    if found.is_empty() {
        found.push("what it demands can't be read".to_owned());
    }
    found
}

/// The part of a region that a requirement is about: some levels of a risk, or the clients whose sessions can persist.
fn narrowed(mut region: Cube, space: &Space<'_>, requirement: &Requirement) -> Cube {
    let mut keep = |dimension: usize, accept: &dyn Fn(usize) -> bool| {
        let before = space.layout.atoms(&region, dimension);
        if before.iter().any(|atom| accept(*atom)) {
            space.layout.fill(&mut region, dimension, |atom| accept(atom) && before.contains(&atom));
        }
    };
    match requirement {
        Requirement::Grant { at: Some((condition, levels)), .. } => {
            let dimension = if *condition == Condition::UserRisk { USER_RISK } else { SIGN_IN_RISK };
            keep(dimension, &|atom| levels.contains(&Risk::ALL[atom]));
        }
        // Other clients keep no browser session.
        Requirement::PersistentBrowser(_) => keep(CLIENT, &|atom| Client::ALL[atom] == Client::Browser),
        Requirement::Grant { at: None, .. } | Requirement::SignInFrequency(_) => {}
    }
    region
}

fn has_conditions(policy: &Policy, protection: &Protection, settings: &Settings) -> bool {
    let explicit = settings.risk_requires_explicit_condition;
    protection.requires_condition.iter().all(|condition| match condition {
        Condition::SignInRisk => !policy.sign_in_risk.is_empty() || !explicit,
        Condition::UserRisk => !policy.user_risk.is_empty() || !explicit,
        Condition::InsiderRisk => !policy.insider_risk.is_empty() || !explicit,
        Condition::Flow => !policy.flows.is_empty(),
    })
}

/// Whether a box is as wide as the region in everything but resources and the required conditions.
fn is_plain(cube: &[u64], space: &Space<'_>, region: &[u64], protection: &Protection) -> bool {
    let exempt = |dimension: usize| {
        protection.requires_condition.iter().any(|condition| {
            dimension
                == match condition {
                    Condition::SignInRisk => SIGN_IN_RISK,
                    Condition::UserRisk => USER_RISK,
                    Condition::InsiderRisk => INSIDER_RISK,
                    Condition::Flow => FLOW,
                }
        })
    };
    (RESOURCE + 1..DEVICE + space.devices.len())
        .all(|dimension| exempt(dimension) || space.layout.same_in(cube, region, dimension))
}
