//! What each policy reaches, whom it excludes, and what it alone adds to a protection.

use std::collections::HashMap;

use roaring::RoaringBitmap;

use crate::access::Prepared;
use crate::also::credits;
use crate::bits;
use crate::demand::{Reading, requirements};
use crate::judge::{Judged, Population};
use crate::policy::State;
use crate::prover::DECIDED_ALONE;
use crate::question::{Asked, Question};
use crate::scope::{Scope, View, excluded};
use crate::{Bounds, Protection};

/// Whether Entra enforces a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyState {
    /// It is enforced.
    On,
    /// It is evaluated and reported, never enforced.
    ReportOnly,
    /// It does nothing.
    Off,
    /// The word is not known: it may be enforced or not.
    Unknown,
}

/// Whom a policy is about, as if it were enabled, whatever its state.
#[derive(Debug, Clone)]
pub struct PolicyScope {
    /// Its name.
    pub name: String,
    /// Whether it is enforced.
    pub state: PolicyState,
    /// It is about service principals or agents, and so about no user.
    pub targets_workloads: bool,
    /// Users in scope: included and not excluded.
    pub users: Bounds,
    /// Users that it includes and excludes again.
    pub excluded: Bounds,
    /// Ids of users that it excludes one by one.
    pub excluded_users: Vec<String>,
    /// Ids of groups that it excludes.
    pub excluded_groups: Vec<String>,
    /// Template ids of roles that it excludes.
    pub excluded_roles: Vec<String>,
    /// It excludes some kind of guests.
    pub excludes_guests: bool,
}

/// What a policy alone adds to a protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alone {
    /// The policy, by its place among those that were given.
    pub policy: usize,
    /// Users who would lack the protection without it.
    pub lost: u64,
    /// Users of whom it would be unknown without it.
    pub unsure: u64,
}

impl Prepared<'_> {
    /// Every policy with whom it is about, in the order in which they were given.
    #[must_use]
    pub fn policy_scopes(&self) -> Vec<PolicyScope> {
        let view = View { activated: false, without_exclusions: false };
        let of = |policy: &crate::policy::Policy| PolicyScope {
            name: policy.name.clone(),
            state: match policy.state {
                State::Enabled => PolicyState::On,
                State::ReportOnly => PolicyState::ReportOnly,
                State::Disabled => PolicyState::Off,
                State::Unknown => PolicyState::Unknown,
            },
            targets_workloads: policy.workloads == Some(true),
            users: Scope::of(policy, self.directory(), self.roles(), view).users,
            excluded: excluded(policy, self.directory(), self.roles(), view),
            excluded_users: policy
                .exclude
                .users
                .iter()
                .filter(|id| !crate::scope::is_user_keyword(id))
                .cloned()
                .collect(),
            excluded_groups: policy.exclude.groups.clone(),
            excluded_roles: policy.exclude.roles.clone(),
            excludes_guests: policy.exclude.guests.is_some()
                || policy.exclude.users.iter().any(|word| crate::scope::is_all_guests(word)),
        };
        self.policies().iter().map(of).collect()
    }

    /// For each policy that counts, how many users of a population have the protection only because of it. Policies that
    /// add nothing alone are not in it.
    #[must_use]
    pub fn alone(&self, protection: &Protection, population: &RoaringBitmap) -> Vec<Alone> {
        let viewed = self.viewed(protection);
        let rows = viewed.signatures.count;
        let everybody = Population {
            signatures: &viewed.signatures,
            scope_reasons: &viewed.scope_reasons,
            names: self.names(),
            decided_alone: DECIDED_ALONE,
        };
        let (counted, settings) = (self.counted(), self.settings());
        let requirements = requirements(protection, settings);
        let mut parts: Vec<(Question<'_>, Judged)> = requirements
            .iter()
            .map(|requirement| {
                let asked = Asked {
                    protection,
                    requirement,
                    reading: Reading::new(protection, settings),
                    settings,
                    trusted_suffices: settings.trusted_location_exclusion_ok || protection.trusted_location_suffices,
                    outside_suites: self.outside_suites(),
                };
                let question = Question::new(asked, &counted, self.locations());
                let judged = Judged::of(&question, everybody, &bits::all(rows));
                (question, judged)
            })
            .collect();
        let verdict = |judged: &Judged, row: usize| {
            judged.of_row.get(row).and_then(|at| judged.outcomes.get(*at as usize)).and_then(|outcome| outcome.verdict)
        };
        let weights = self.weights(protection, population, &viewed.signatures.of_user, rows);
        let covered: Vec<usize> = (0..rows)
            .filter(|row| weights[*row] > 0 && parts.iter().all(|(_, judged)| verdict(judged, *row) == Some(true)))
            .collect();

        let mut found = Vec::new();
        // Whoever is covered without the policy stays covered when it goes, so only its own covers are asked again.
        let mut resting: HashMap<usize, Vec<Vec<u64>>> = HashMap::new();
        for (part, (_, judged)) in parts.iter().enumerate() {
            for row in &covered {
                let Some(outcome) = judged.outcomes.get(judged.of_row[*row] as usize) else { continue };
                for policy in &outcome.by {
                    let rows_of = resting.entry(*policy).or_insert_with(|| vec![bits::none(rows); requirements.len()]);
                    bits::set(&mut rows_of[part], *row);
                }
            }
        }
        let mut policies: Vec<usize> = resting.keys().copied().collect();
        policies.sort_unstable();
        for policy in policies {
            let (mut lost, mut unsure) = (bits::none(rows), bits::none(rows));
            for ((question, _), asked) in parts.iter_mut().zip(&resting[&policy]) {
                if bits::is_none(asked) {
                    continue;
                }
                let class = question.take_out(policy);
                let again = Judged::of(question, everybody, asked);
                question.put_back(policy, class);
                for row in bits::each(asked) {
                    match verdict(&again, row) {
                        Some(true) => {}
                        Some(false) => bits::set(&mut lost, row),
                        None => bits::set(&mut unsure, row),
                    }
                }
            }
            let users = |set: &[u64]| bits::each(set).map(|row| weights[row]).sum::<u64>();
            let unsure: Vec<u64> = unsure.iter().zip(&lost).map(|(unsure, lost)| unsure & !lost).collect();
            let alone = Alone { policy, lost: users(&lost), unsure: users(&unsure) };
            if alone.lost > 0 || alone.unsure > 0 {
                found.push(alone);
            }
        }
        found
    }

    /// How many users of a population each signature has, without those whom something besides policies covers.
    fn weights(&self, protection: &Protection, population: &RoaringBitmap, of_user: &[u32], rows: usize) -> Vec<u64> {
        let (defaults, activated) = (self.security_defaults(), self.activated(protection));
        let mut users = population.clone();
        for credit in credits(protection, self.settings(), self.directory(), self.roles(), defaults, activated) {
            users -= credit.users.sure;
        }
        let mut weights = vec![0_u64; rows];
        for user in users {
            if let Some(signature) = of_user.get(user as usize) {
                weights[*signature as usize] += 1;
            }
        }
        weights
    }
}
