//! One protection for every user: its questions, what else counts, and the answers in words.

use std::collections::HashMap;

use crate::access::Prepared;
use crate::also::{Credit, credits};
use crate::bits;
use crate::demand::{Reading, Requirement, requirements};
use crate::judge::{Judged, NONE, Outcome, Population};
use crate::policy::{Control, Frequency, Operator, Policy};
use crate::prover::DECIDED_ALONE;
use crate::question::{Asked, Question};
use crate::witness::sentence;
use crate::{Also, Answer, Condition, Demand, Proofs, Protection, Statistics};

/// A question and what it says, with the notes on its gaps.
struct Part<'a> {
    question: Question<'a>,
    judged: Judged,
    /// Signatures whose gap closes when trusted locations are forgiven, and when a managed device counts as MFA.
    except_trusted: Vec<u64>,
    managed_device: Vec<u64>,
}

impl Prepared<'_> {
    /// Decides one protection for every user.
    #[must_use]
    pub fn prove(&self, protection: &Protection) -> Proofs {
        let viewed = self.viewed(protection);
        let population = Population {
            signatures: &viewed.signatures,
            scope_reasons: &viewed.scope_reasons,
            names: self.names(),
            decided_alone: DECIDED_ALONE,
        };
        let mut statistics = Statistics::default();
        let parts: Vec<Part<'_>> = requirements(protection, self.settings())
            .iter()
            .map(|requirement| self.part(protection, requirement, population, &mut statistics))
            .collect();
        let (answers, of_row) = self.in_words(protection, &parts, viewed.signatures.count);
        let answer_of_user = viewed.signatures.of_user.iter().map(|row| of_row[*row as usize]).collect();
        let mut proofs = Proofs { answers, answer_of_user, statistics };
        let activated = self.activated(protection);
        let defaults = self.security_defaults();
        for credit in credits(protection, self.settings(), self.directory(), self.roles(), defaults, activated) {
            add_credit(&mut proofs, &credit);
        }
        let per_user = protection.also.contains(&Also::PerUserMfa) && self.settings().per_user_mfa_counts;
        if per_user && self.directory().per_user_mfa.is_none() {
            for answer in proofs.answers.iter_mut().filter(|answer| answer.verdict != Some(true)) {
                answer.notes.push(Answer::PER_USER_MFA_NOT_READ.to_owned());
            }
        }
        proofs
    }

    /// The boxes that escape for one user, question by question.
    #[cfg(any(test, feature = "reference"))]
    pub(crate) fn open_boxes(
        &self,
        protection: &Protection,
        row: u32,
        decided_alone: usize,
    ) -> Vec<(Question<'_>, Vec<crate::prover::OpenBox>)> {
        let viewed = self.viewed(protection);
        let population = Population {
            signatures: &viewed.signatures,
            scope_reasons: &viewed.scope_reasons,
            names: self.names(),
            decided_alone,
        };
        let signature = viewed.signatures.of_user[row as usize] as usize;
        requirements(protection, self.settings())
            .iter()
            .map(|requirement| {
                let part = self.part(protection, requirement, population, &mut Statistics::default());
                let outcome = part.judged.of_row[signature] as usize;
                (part.question, part.judged.outcomes[outcome].open.clone())
            })
            .collect()
    }

    fn part(
        &self,
        protection: &Protection,
        requirement: &Requirement,
        population: Population<'_>,
        statistics: &mut Statistics,
    ) -> Part<'_> {
        let settings = self.settings();
        let counted = self.counted();
        let asked = Asked {
            protection,
            requirement,
            reading: Reading::new(protection, settings),
            settings,
            trusted_suffices: settings.trusted_location_exclusion_ok || protection.trusted_location_suffices,
            outside_suites: self.outside_suites(),
        };
        let rows = population.signatures.count;
        let question = Question::new(asked, &counted, self.locations());
        let judged = Judged::of(&question, population, &bits::all(rows));
        statistics.relevant_policies += question.classes.iter().map(|class| class.policies.len()).sum::<usize>();
        statistics.signatures += judged.distinct;
        statistics.proofs += judged.proofs;

        let mut gaps = bits::none(rows);
        for (row, outcome) in judged.of_row.iter().enumerate() {
            if judged.outcomes[*outcome as usize].verdict == Some(false) {
                bits::set(&mut gaps, row);
            }
        }
        let closed = |asked: Asked<'_>| {
            let again = Judged::of(&Question::new(asked, &counted, self.locations()), population, &gaps);
            let mut closed = bits::none(rows);
            for row in bits::each(&gaps) {
                let outcome = again.of_row[row];
                if outcome != NONE && again.outcomes[outcome as usize].verdict == Some(true) {
                    bits::set(&mut closed, row);
                }
            }
            closed
        };
        let any_gap = !bits::is_none(&gaps);
        let except_trusted = if any_gap && !asked.trusted_suffices && question.depends_on_place() {
            closed(Asked { trusted_suffices: true, ..asked })
        } else {
            bits::none(rows)
        };
        let managed_device = if any_gap && self.managed_device_could_count(requirement, asked.reading) {
            closed(Asked { reading: Reading { managed_device_as_mfa: true, ..asked.reading }, ..asked })
        } else {
            bits::none(rows)
        };
        Part { question, judged, except_trusted, managed_device }
    }

    fn managed_device_could_count(&self, requirement: &Requirement, reading: Reading) -> bool {
        let Requirement::Grant { demands, .. } = requirement else { return false };
        demands.contains(&Demand::Mfa)
            && !reading.managed_device_as_mfa
            && self.counted().iter().any(|(_, policy)| {
                let controls = &policy.grant.controls;
                policy.grant.operator != Operator::And
                    && controls.len() > 1
                    && controls
                        .iter()
                        .any(|control| matches!(control, Control::CompliantDevice | Control::DomainJoinedDevice))
            })
    }

    /// The answer of every signature; equal answers are one.
    fn in_words(&self, protection: &Protection, parts: &[Part<'_>], rows: usize) -> (Vec<Answer>, Vec<u32>) {
        let mut answers: Vec<Answer> = Vec::new();
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut key = Vec::new();
        let of_row = (0..rows)
            .map(|row| {
                key.clear();
                for part in parts {
                    key.push(part.judged.of_row[row]);
                    key.push(u32::from(bits::has(&part.except_trusted, row)));
                    key.push(u32::from(bits::has(&part.managed_device, row)));
                }
                if let Some(found) = known.get(&key) {
                    return *found;
                }
                answers.push(self.answer(protection, parts, row));
                let number = u32::try_from(answers.len() - 1).unwrap_or(NONE);
                known.insert(key.clone(), number);
                number
            })
            .collect();
        (answers, of_row)
    }

    fn answer(&self, protection: &Protection, parts: &[Part<'_>], row: usize) -> Answer {
        let outcome = |part: &Part<'_>| -> Outcome { part.judged.outcomes[part.judged.of_row[row] as usize].clone() };
        let outcomes: Vec<Outcome> = parts.iter().map(outcome).collect();
        let verdict = crate::logic::all(outcomes.iter().map(|outcome| outcome.verdict));
        let mut answer = Answer { verdict, ..Answer::default() };
        match verdict {
            Some(true) => {
                let mut by: Vec<usize> = outcomes.iter().flat_map(|outcome| outcome.by.iter().copied()).collect();
                by.sort_unstable();
                by.dedup();
                if protection.requires_condition.contains(&Condition::SignInRisk)
                    && by.iter().any(|policy| remembers(self.policy(*policy)))
                {
                    answer.notes.push(Answer::NOT_EVERY_TIME.to_owned());
                }
                answer.by = by.into_iter().map(|policy| self.names()[policy].clone()).collect();
            }
            Some(false) => {
                let sentences = parts
                    .iter()
                    .zip(&outcomes)
                    .flat_map(|(part, outcome)| outcome.open.iter().map(|open| sentence(&part.question, open)));
                answer.witnesses = sentences.take(3).collect();
                // A note stands only when it is true of every part that fails.
                let failing = || {
                    parts
                        .iter()
                        .filter(|part| part.judged.outcomes[part.judged.of_row[row] as usize].verdict != Some(true))
                };
                if failing().all(|part| bits::has(&part.except_trusted, row)) {
                    answer.notes.push(Answer::COVERED_EXCEPT_TRUSTED.to_owned());
                }
                if failing().all(|part| bits::has(&part.managed_device, row)) {
                    answer.notes.push(Answer::ALTERNATIVE_MANAGED_DEVICE.to_owned());
                }
            }
            None => {
                let reasons: Vec<String> = outcomes.into_iter().flat_map(|outcome| outcome.unknown).take(3).collect();
                answer.unknown = Some(reasons.join("; "));
            }
        }
        answer
    }
}

/// Whether a policy lets somebody in who showed the second factor before.
fn remembers(policy: &Policy) -> bool {
    let controls = &policy.grant.controls;
    policy.session.frequency != Some(Frequency::EveryTime)
        && !controls.iter().any(|control| matches!(control, Control::Block | Control::RiskRemediation))
}

fn add_credit(proofs: &mut Proofs, credit: &Credit) {
    let mut push = |answer: Answer| {
        proofs.answers.push(answer);
        u32::try_from(proofs.answers.len() - 1).unwrap_or(NONE)
    };
    let covered = push(Answer { verdict: Some(true), by: vec![credit.by.to_owned()], ..Answer::default() });
    let open = push(Answer { unknown: Some(credit.unknown.clone()), ..Answer::default() });
    let (answers, of_user) = (&proofs.answers, &mut proofs.answer_of_user);
    let mut replace = |users: &roaring::RoaringBitmap, number: u32, only_gaps: bool| {
        for user in users {
            let Some(answer) = of_user.get_mut(user as usize) else { break };
            let verdict = answers.get(*answer as usize).and_then(|answer| answer.verdict);
            if verdict == Some(false) || (!only_gaps && verdict.is_none()) {
                *answer = number;
            }
        }
    };
    replace(&credit.users.sure, covered, false);
    replace(&(&credit.users.possible - &credit.users.sure), open, true);
}
