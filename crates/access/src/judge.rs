//! One question for every signature: who is covered by one policy alone first, then one proof per distinct set.

use std::collections::HashMap;

use crate::bits;
use crate::proof::first_open;
use crate::prover::{Decision, OpenBox, Prover};
use crate::question::Question;
use crate::signature::Signatures;

/// What one question says, in terms of policies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Outcome {
    pub(crate) verdict: Option<bool>,
    /// Indexes of the policies that cover.
    pub(crate) by: Vec<usize>,
    /// Boxes that escape.
    pub(crate) open: Vec<OpenBox>,
    pub(crate) unknown: Vec<String>,
}

/// The outcomes of one question.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    pub(crate) outcomes: Vec<Outcome>,
    /// Signature → outcome; `NONE` where the question wasn't asked.
    pub(crate) of_row: Vec<u32>,
    pub(crate) distinct: usize,
    pub(crate) proofs: usize,
}

/// No outcome.
pub(crate) const NONE: u32 = u32::MAX;
/// Reasons that are told of one unknown answer.
const REASONS: usize = 3;

#[derive(PartialEq, Eq, Hash)]
enum Key {
    By(Vec<usize>),
    Decided(usize),
    Unsure(Vec<usize>),
    Contradicted(usize),
}

/// Who is in scope, and the names to say it with.
#[derive(Clone, Copy)]
pub(crate) struct Population<'a> {
    pub(crate) signatures: &'a Signatures,
    /// Policy → why its users are not exactly known.
    pub(crate) scope_reasons: &'a [Vec<String>],
    /// Policy → name.
    pub(crate) names: &'a [String],
    /// Sets of policies that get witnesses of their own before witnesses of others are taken over.
    pub(crate) decided_alone: usize,
}

impl Judged {
    /// Answers the question for the signatures in `rows`.
    pub(crate) fn of(question: &Question<'_>, population: Population<'_>, rows: &[u64]) -> Judged {
        let mut prover = Prover::new(question, population.decided_alone);
        let mut judged = Judged { of_row: vec![NONE; population.signatures.count], ..Judged::default() };
        let mut known: HashMap<Key, u32> = HashMap::new();
        let mut left = rows.to_vec();
        judged.cover_alone(question, population, &mut prover, &mut known, &mut left);
        if !bits::is_none(&left) {
            judged.decide_rest(question, population, &mut prover, &mut known, &left);
        }
        judged.proofs = prover.proofs;
        judged.unsettle(question, population, &mut known, rows);
        judged
    }

    /// Makes unknown what another policy may undo.
    fn unsettle(
        &mut self,
        question: &Question<'_>,
        population: Population<'_>,
        known: &mut HashMap<Key, u32>,
        rows: &[u64],
    ) {
        if question.contradicting.is_empty() {
            return;
        }
        for row in bits::each(rows) {
            if self.outcomes.get(self.of_row[row] as usize).and_then(|outcome| outcome.verdict) != Some(true) {
                continue;
            }
            let shut: Vec<&[u64]> = question
                .blocking
                .iter()
                .filter(|(policy, _)| bits::has(population.signatures.sure(*policy), row))
                .flat_map(|(_, cubes)| cubes.iter().map(Vec::as_slice))
                .collect();
            let let_in = |cube: &Vec<u64>| first_open(&question.space.layout, cube, &shut, |_| {}) != Ok(None);
            let contradicting = question
                .contradicting
                .iter()
                .filter(|(policy, _)| bits::has(population.signatures.possible(*policy), row))
                .find(|(_, cubes)| cubes.iter().any(let_in));
            if let Some((policy, _)) = contradicting {
                let name = &population.names[*policy];
                self.of_row[row] = self.outcome(known, Key::Contradicted(*policy), |_| Outcome {
                    unknown: vec![format!(
                        "policy “{name}” may ask for the opposite, and which of two such policies wins is not documented"
                    )],
                    ..Outcome::default()
                });
            }
        }
    }

    fn outcome(&mut self, known: &mut HashMap<Key, u32>, key: Key, make: impl FnOnce(&Key) -> Outcome) -> u32 {
        if let Some(found) = known.get(&key) {
            return *found;
        }
        self.outcomes.push(make(&key));
        let number = u32::try_from(self.outcomes.len() - 1).unwrap_or(NONE);
        known.insert(key, number);
        number
    }

    fn covered(&mut self, known: &mut HashMap<Key, u32>, by: Vec<usize>) -> u32 {
        let outcome = Outcome { verdict: Some(true), by: by.clone(), ..Outcome::default() };
        self.outcome(known, Key::By(by), |_| outcome)
    }

    fn cover_alone(
        &mut self,
        question: &Question<'_>,
        population: Population<'_>,
        prover: &mut Prover<'_>,
        known: &mut HashMap<Key, u32>,
        left: &mut [u64],
    ) {
        for (index, class) in question.classes.iter().enumerate() {
            if class.boxes.sure.is_empty() || bits::is_none(left) || !prover.covers_alone(index) {
                continue;
            }
            for policy in &class.policies {
                let members = population.signatures.sure(*policy);
                let mut number = None;
                for word in 0..left.len() {
                    let taken = left[word] & members[word];
                    left[word] &= !taken;
                    if taken != 0 {
                        let number = *number.get_or_insert_with(|| self.covered(known, vec![*policy]));
                        bits::each(&[taken]).for_each(|bit| self.of_row[word * 64 + bit] = number);
                    }
                }
            }
        }
    }

    fn decide_rest(
        &mut self,
        question: &Question<'_>,
        population: Population<'_>,
        prover: &mut Prover<'_>,
        known: &mut HashMap<Key, u32>,
        left: &[u64],
    ) {
        let rows: Vec<usize> = bits::each(left).collect();
        let (keys, width) = keys(question, population.signatures, left, &rows);
        let mut number_of: HashMap<&[u64], usize> = HashMap::new();
        let mut distinct: Vec<&[u64]> = Vec::new();
        let of_row: Vec<usize> = (0..rows.len())
            .map(|at| {
                let key = &keys[at * width..(at + 1) * width];
                *number_of.entry(key).or_insert_with(|| {
                    distinct.push(key);
                    distinct.len() - 1
                })
            })
            .collect();
        self.distinct = distinct.len();
        // Small sets first: their gaps tell most, and what covers them covers many others.
        let mut order: Vec<usize> = (0..distinct.len()).collect();
        order.sort_by_cached_key(|index| bits::count(distinct[*index]));
        let mut decided = vec![0; distinct.len()];
        for index in order {
            let (sure, possible) = distinct[index].split_at(width / 2);
            decided[index] = prover.decide(sure, possible);
        }
        for (at, row) in rows.into_iter().enumerate() {
            let decision = decided[of_row[at]];
            self.of_row[row] = match &prover.decisions[decision] {
                Decision::Covered(classes) => {
                    let mut by = Vec::with_capacity(classes.len());
                    for class in classes {
                        let policies = &question.classes[*class].policies;
                        by.extend(policies.iter().find(|policy| bits::has(population.signatures.sure(**policy), row)));
                    }
                    self.covered(known, by)
                }
                Decision::Gap(open) => self.outcome(known, Key::Decided(decision), |_| Outcome {
                    verdict: Some(false),
                    open: open.clone(),
                    ..Outcome::default()
                }),
                Decision::Complex => self.outcome(known, Key::Decided(decision), |_| Outcome {
                    unknown: vec!["complex: the policies cut the sign-ins into more than 10,000 pieces".to_owned()],
                    ..Outcome::default()
                }),
                Decision::Unknown => {
                    let unsure = unsure(question, population.signatures, row);
                    self.outcome(known, Key::Unsure(unsure), |key| Outcome {
                        unknown: why(key, question, population),
                        ..Outcome::default()
                    })
                }
            };
        }
    }
}

/// For every row the classes it is in for sure, then those it may be in.
fn keys(question: &Question<'_>, signatures: &Signatures, left: &[u64], rows: &[usize]) -> (Vec<u64>, usize) {
    let half = question.classes.len().div_ceil(64).max(1);
    let width = 2 * half;
    let mut keys = vec![0_u64; rows.len() * width];
    // Position of the first row of each word of `left`.
    let mut start = Vec::with_capacity(left.len());
    let mut seen = 0;
    for word in left {
        start.push(seen);
        seen += word.count_ones() as usize;
    }
    for (index, class) in question.classes.iter().enumerate() {
        let (word_of_class, bit_of_class) = (index / 64, 1_u64 << (index % 64));
        let exact = class.policies.iter().all(|policy| signatures.is_exact(*policy));
        for (at, word) in left.iter().enumerate().filter(|(_, word)| **word != 0) {
            let members =
                |of: &dyn Fn(usize) -> u64| class.policies.iter().fold(0, |all, policy| all | of(*policy)) & word;
            let possible = members(&|policy| signatures.possible(policy)[at]);
            let sure = if exact { possible } else { members(&|policy| signatures.sure(policy)[at]) };
            for bit in bits::each(&[possible]) {
                let before = (word & ((1_u64 << bit) - 1)).count_ones() as usize;
                let key = (start[at] + before) * width + word_of_class;
                keys[key + half] |= bit_of_class;
                if sure >> bit & 1 == 1 {
                    keys[key] |= bit_of_class;
                }
            }
        }
    }
    (keys, width)
}

/// Policies that may bear on a row, and may not.
fn unsure(question: &Question<'_>, signatures: &Signatures, row: usize) -> Vec<usize> {
    let policies = question.classes.iter().flat_map(|class| &class.policies);
    let mut found: Vec<usize> = policies
        .copied()
        .filter(|policy| bits::has(signatures.possible(*policy), row))
        .filter(|policy| !bits::has(signatures.sure(*policy), row) || question.reasons.contains_key(policy))
        .collect();
    found.sort_unstable();
    found.truncate(REASONS);
    found
}

fn why(key: &Key, question: &Question<'_>, population: Population<'_>) -> Vec<String> {
    let Key::Unsure(policies) = key else { return Vec::new() };
    let mut found: Vec<String> = policies
        .iter()
        .map(|policy| {
            let mut reasons = question.reasons.get(policy).cloned().unwrap_or_default();
            reasons.extend(population.scope_reasons[*policy].iter().cloned());
            reasons.dedup();
            reasons.truncate(REASONS);
            format!("policy “{}”: {}", population.names[*policy], reasons.join(", "))
        })
        .collect();
    if found.is_empty() {
        found.push("it depends on which apps a suite holds".to_owned());
    }
    found
}
