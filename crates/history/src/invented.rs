//! Invented tenants with a year of history, so that a demonstration has something to show. Everything follows from the seed.

use idscore_score::{Finding, Judged, Tally, Zones};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::instants::DAY;
use crate::kept::{Cause, Details, KeptAssessment, KeptControl};
use crate::tenant::Tenant;

const INDUSTRIES: [&str; 6] =
    ["Retail", "Manufacturing", "Healthcare", "Education", "Public sector", "Financial services"];
/// Controls that a policy of their own meets: a day on which the tenant begins with one has another policy.
const OF_POLICIES: [&str; 3] = ["BlockLegacyAuthentication", "SigninRiskPolicy", "UserRiskPolicy"];
const FIRST: [&str; 8] = ["Amber", "Birch", "Cedar", "Delta", "Elm", "Fjord", "Granite", "Harbour"];
const SECOND: [&str; 6] = ["Works", "Foods", "Health", "Trading", "Systems", "Logistics"];

/// A tenant of a fleet and how it does over time.
#[derive(Debug, Clone)]
pub struct InventedTenant {
    /// Labelled as invented.
    pub tenant: Tenant,
    /// From 0 to 1: how well it did at the beginning.
    start: f64,
    /// How much of the rest it wins over the year; below 0 it slips.
    growth: f64,
    /// Ends where the template stands, rather than where its own growth leads.
    reaches_template: bool,
    seed: u64,
}

/// A fleet of invented tenants.
#[must_use]
pub fn fleet(tenants: u32, seed: u64) -> Vec<InventedTenant> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    (0..tenants).map(|number| invented(number, &mut dice)).collect()
}

fn invented(number: u32, dice: &mut impl Rng) -> InventedTenant {
    let pick = |list: &[&str], at: u32| list.get(at as usize % list.len()).copied().unwrap_or_default().to_owned();
    // Sizes are spread evenly over their order of magnitude, from 20 to 20,000.
    let seats = 20.0 * 1_000_f64.powf(dice.random());
    let name = format!("{} {}", pick(&FIRST, number), pick(&SECOND, number / 8));
    InventedTenant {
        tenant: Tenant {
            id: format!("1e57ed00-0000-4000-8000-{number:012x}"),
            display_name: if number < 48 {
                format!("{name} (invented)")
            } else {
                format!("{name} {number} (invented)")
            },
            industry: pick(&INDUSTRIES, dice.random_range(0..6)),
            seats: Some(whole(seats)),
            zones: Zones::default(),
            invented: true,
        },
        start: dice.random_range(0.2..0.75),
        growth: dice.random_range(-0.15..0.3),
        reaches_template: false,
        seed: dice.random(),
    }
}

impl InventedTenant {
    /// A tenant whose template stands at its end: it comes from lower and reaches what was judged.
    #[must_use]
    pub fn of(tenant: Tenant, seed: u64) -> Self {
        Self { tenant, start: 0.35, growth: 0.45, reaches_template: true, seed }
    }

    /// Its assessments, one every `step` days over `days` days up to the instant of the template, oldest first. The controls
    /// are those of the template; how many objects meet each follows from the seed.
    #[must_use]
    pub fn history(&self, template: &KeptAssessment, days: u32, step: u32) -> Vec<KeptAssessment> {
        let mut dice = ChaCha8Rng::seed_from_u64(self.seed);
        let habits: Vec<Habit> = template.controls.iter().map(|_| Habit::of(&mut dice)).collect();
        let ages = (0..days).rev().filter(|age| age.is_multiple_of(step.max(1)));
        ages.map(|age| {
            let passed = 1.0 - f64::from(age) / f64::from(days.max(1));
            let level = self.start + (1.0 - self.start) * self.growth * passed;
            self.assessment(template, i64::from(age), level, &habits, passed)
        })
        .collect()
    }

    fn assessment(
        &self,
        template: &KeptAssessment,
        age: i64,
        level: f64,
        habits: &[Habit],
        passed: f64,
    ) -> KeptAssessment {
        let at = template.taken_at - age * DAY;
        let seats = self.tenant.seats.unwrap_or(100);
        let mut controls = template.controls.clone();
        for (control, habit) in controls.iter_mut().zip(habits) {
            if self.reaches_template {
                habit.approach(control, level, passed);
            } else {
                habit.judge(control, level, passed, seats);
            }
        }
        let mut details = if self.reaches_template { template.details.clone() } else { Details::default() };
        if !details.policies.is_empty() {
            details.policies = policies(template, habits, passed);
        }
        let kept = KeptAssessment {
            tenant_id: self.tenant.id.clone(),
            assessed_at: at,
            taken_at: at,
            cause: Cause::Snapshot,
            snapshot: String::new(),
            evidence: String::new(),
            active_users: seats,
            details,
            controls,
            ..template.clone()
        };
        kept.judged().map_or_else(|| kept.clone(), |judged| kept.rescored(&judged))
    }
}

/// Stands for the policies of a day: those of the template, less the ones that the tenant had not begun with.
fn policies(template: &KeptAssessment, habits: &[Habit], passed: f64) -> String {
    let controls =
        template.controls.iter().zip(habits).filter(|(control, _)| OF_POLICIES.contains(&control.id.as_str()));
    let missing = controls.filter(|(_, habit)| passed < habit.begins).map(|(control, _)| format!("-{}", control.id));
    std::iter::once(template.details.policies.clone()).chain(missing).collect()
}

/// How a tenant treats one control.
struct Habit {
    /// Better or worse at it than at others.
    bias: f64,
    /// When in the year it began to work on it, and when it slipped for a while.
    begins: f64,
    slips: f64,
}

impl Habit {
    fn of(dice: &mut impl Rng) -> Self {
        Self { bias: dice.random_range(-0.35..0.35), begins: dice.random(), slips: dice.random_range(0.0..1.6) }
    }

    fn share(&self, level: f64, passed: f64) -> f64 {
        let worked = if passed >= self.begins { 0.15 } else { 0.0 };
        let slipped = if (self.slips..self.slips + 0.06).contains(&passed) { 0.2 } else { 0.0 };
        (level + self.bias + worked - slipped).clamp(0.0, 1.0)
    }

    /// From a share of its own in the beginning to what the template says in the end.
    fn approach(&self, control: &mut KeptControl, level: f64, passed: f64) {
        let own = self.share(level, passed);
        let Some(judged) = &mut control.judged else { return };
        match &mut judged.finding {
            Finding::Partial(tally) if tally.total() > 1 => {
                let (total, reached) = (tally.total(), tally.met as f64 / tally.total() as f64);
                let met = whole((reached * passed + own * (1.0 - passed)) * total as f64).min(total);
                *tally = Tally { met, not_met: total - met, unknown: tally.unknown };
            }
            Finding::Partial(tally) | Finding::Binary(tally) if passed < self.begins => {
                let (total, met) = (tally.total(), if own >= 0.5 { tally.total() } else { 0 });
                *tally = Tally { met, not_met: total - met, unknown: tally.unknown };
            }
            Finding::Graded(parts) if passed < self.begins => {
                parts.iter_mut().for_each(|(_, met)| *met = met.map(|met| met && own >= 0.5));
            }
            _ => {}
        }
        count(control);
    }

    fn judge(&self, control: &mut KeptControl, level: f64, passed: f64, seats: u64) {
        let share = self.share(level, passed);
        let Some(judged) = &mut control.judged else { return };
        match &mut judged.finding {
            Finding::Partial(tally) if tally.total() > 1 => {
                let total = if tally.total() > 4 { seats.max(5) } else { tally.total() };
                let met = whole(share * total as f64).min(total);
                *tally = Tally { met, not_met: total - met, unknown: 0 };
            }
            Finding::Partial(tally) | Finding::Binary(tally) => {
                let met = u64::from(share >= 0.5);
                *tally = Tally { met, not_met: 1 - met, unknown: 0 };
            }
            Finding::Graded(parts) => {
                for ((_, met), needed) in parts.iter_mut().zip(1_u32..) {
                    *met = Some(share >= 0.3 * f64::from(needed));
                }
            }
            Finding::Task { .. } | Finding::Attested(_) => {}
        }
        count(control);
    }
}

/// The counts that go with what was judged; the same stands under *compat*.
fn count(control: &mut KeptControl) {
    let (count, total) = match control.judged.as_ref().map(|judged: &Judged| &judged.finding) {
        Some(Finding::Partial(tally) | Finding::Binary(tally)) => (tally.met, tally.total()),
        Some(Finding::Graded(parts)) => {
            (parts.iter().filter(|(_, met)| *met == Some(true)).count() as u64, parts.len() as u64)
        }
        _ => (control.count, control.total),
    };
    (control.count, control.total, control.unknown) = (count, total, 0);
    control.compat = None;
    control.notes.clear();
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never below 0 nor above a few thousand")]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_follows_from_its_seed_and_is_labelled() {
        let names = |seed| fleet(40, seed).into_iter().map(|one| (one.tenant.id, one.tenant.seats)).collect::<Vec<_>>();
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
        assert!(fleet(40, 1).iter().all(|one| one.tenant.invented && one.tenant.display_name.contains("(invented)")));
    }
}
