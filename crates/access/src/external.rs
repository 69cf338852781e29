//! External users without a user object: every kind and every home tenant, decided for the tenant as a whole.

use std::collections::BTreeSet;

use crate::access::Prepared;
use crate::also::SecurityDefaults;
use crate::bits;
use crate::demand::{Reading, requirements};
use crate::json::is_guid;
use crate::logic::{all, any, not};
use crate::policy::{Guests, Policy, Tenants, UserSide};
use crate::prover::{Decision, Prover};
use crate::question::{Asked, Question};
use crate::roles::NamedUser;
use crate::scope::{EXTERNAL_KINDS, is_all_guests, is_nobody};
use crate::witness::sentence;
use crate::{Also, Answer, Directory, Protection};

/// A home tenant that no policy names.
const OTHER_TENANT: &str = "any other tenant";

impl Prepared<'_> {
    /// Decides one protection for external users of all six kinds and every home tenant, including those that have no
    /// user object: the second half of the guest check. Users, groups and roles play no part: whoever is excluded by
    /// them is judged as a user.
    #[must_use]
    pub fn prove_external_users(&self, protection: &Protection) -> Answer {
        let defaults = self.security_defaults();
        let settings = self.settings();
        if protection.also.contains(&Also::SecurityDefaults) && settings.security_defaults_count_for_mfa {
            match defaults {
                SecurityDefaults::On => {
                    return Answer {
                        verdict: Some(true),
                        by: vec!["security defaults".to_owned()],
                        ..Answer::default()
                    };
                }
                SecurityDefaults::Unknown => {
                    let why = "whether security defaults are on was not read".to_owned();
                    return Answer { unknown: Some(why), ..Answer::default() };
                }
                SecurityDefaults::Off => {}
            }
        }
        let counted = self.counted();
        let mut tenants: BTreeSet<&str> = BTreeSet::from([OTHER_TENANT]);
        for (_, policy) in &counted {
            for guests in [&policy.include.guests, &policy.exclude.guests].into_iter().flatten() {
                if let Tenants::Enumerated(members) = &guests.tenants {
                    tenants.extend(members.iter().map(String::as_str));
                }
            }
        }
        let reading = Reading::new(protection, settings);
        let mut answer = Answer { verdict: Some(true), ..Answer::default() };
        let mut by = BTreeSet::new();
        for requirement in requirements(protection, settings) {
            let asked = Asked {
                protection,
                requirement: &requirement,
                reading,
                settings,
                trusted_suffices: settings.trusted_location_exclusion_ok || protection.trusted_location_suffices,
                outside_suites: self.outside_suites(),
            };
            let question = Question::new(asked, &counted, self.locations());
            let mut prover = Prover::new(&question, usize::MAX);
            for kind in EXTERNAL_KINDS {
                for tenant in &tenants {
                    let (sure, possible) = self.classes_of(&question, kind, tenant);
                    let number = prover.decide(&sure, &possible);
                    match &prover.decisions[number] {
                        Decision::Covered(classes) => {
                            for class in classes {
                                let covering = question.classes[*class].policies.iter().find(|policy| {
                                    in_scope(self.policy(**policy), self.directory(), kind, tenant) == Some(true)
                                });
                                by.extend(covering.map(|policy| self.policy(*policy).name.clone()));
                            }
                        }
                        Decision::Gap(open) => {
                            answer.verdict = Some(false);
                            let whose = format!("{kind} from {tenant}: ");
                            answer.witnesses.extend(open.first().map(|open| whose + &sentence(&question, open)));
                        }
                        Decision::Unknown | Decision::Complex => {
                            answer.verdict = answer.verdict.filter(|verdict| !verdict);
                            answer.unknown =
                                Some(format!("for {kind} from {tenant} it depends on what could not be read"));
                        }
                    }
                }
            }
        }
        if answer.verdict == Some(true) {
            answer.by = by.into_iter().collect();
        }
        if answer.verdict == Some(false) {
            answer.unknown = None;
        }
        answer.witnesses.truncate(3);
        answer
    }

    fn classes_of(&self, question: &Question<'_>, kind: &str, tenant: &str) -> (Vec<u64>, Vec<u64>) {
        let (mut sure, mut possible) = (bits::none(question.classes.len()), bits::none(question.classes.len()));
        for (index, class) in question.classes.iter().enumerate() {
            match any(class
                .policies
                .iter()
                .map(|policy| in_scope(self.policy(*policy), self.directory(), kind, tenant)))
            {
                Some(true) => {
                    bits::set(&mut sure, index);
                    bits::set(&mut possible, index);
                }
                None => bits::set(&mut possible, index),
                Some(false) => {}
            }
        }
        (sure, possible)
    }
}

fn in_scope(policy: &Policy, directory: &Directory, kind: &str, tenant: &str) -> Option<bool> {
    all([
        not(policy.workloads),
        matches(&policy.include, directory, kind, tenant),
        not(matches(&policy.exclude, directory, kind, tenant)),
    ])
}

fn matches(side: &UserSide, directory: &Directory, kind: &str, tenant: &str) -> Option<bool> {
    let users = any(side.users.iter().map(|word| {
        if word.eq_ignore_ascii_case("All") || is_all_guests(word) {
            return Some(true);
        }
        // A word that is neither known nor a user may mean them.
        let is_user = is_nobody(word) || is_guid(word) || directory.named_user(word) != NamedUser::Unknown;
        if is_user { Some(false) } else { None }
    }));
    let guests = side.guests.as_ref().map_or(Some(false), |guests| matches_guests(guests, kind, tenant));
    any([users, guests, if side.unknown.is_some() { None } else { Some(false) }])
}

fn matches_guests(guests: &Guests, kind: &str, tenant: &str) -> Option<bool> {
    let known = |word: &str| EXTERNAL_KINDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    let of_kind = any(guests.kinds.iter().map(|word| {
        if word.eq_ignore_ascii_case(kind) {
            Some(true)
        } else if known(word) || word.eq_ignore_ascii_case("none") {
            Some(false)
        } else {
            None
        }
    }));
    let from = match &guests.tenants {
        Tenants::All => Some(true),
        Tenants::Enumerated(members) => Some(members.iter().any(|member| member == tenant)),
        Tenants::Unknown => None,
    };
    all([of_kind, from])
}
