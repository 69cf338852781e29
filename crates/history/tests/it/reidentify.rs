//! Somebody who knows every tenant but one, and the file, learns no more about that one than epsilon allows.
//!
//! The attackers know the mechanism and compute the likelihood of what they see under every guess: nobody can do better.

use idscore_history::benchmark::{BenchmarkCell, Contribution, DiscreteLaplace, Grouping, cells, release_from};
use rand::RngExt;

use crate::seeded::Seeded;

const RUNS: u32 = 8_000;

fn at(percent: f64) -> Contribution {
    Contribution { industry: "retail".to_owned(), seats: Some(70), percent }
}

/// The others: spread over the bins, all of them known to the attacker.
fn others(number: u32) -> Vec<Contribution> {
    (0..number).map(|number| at(f64::from(number * 7 % 100))).collect()
}

fn counts(tenants: &[Contribution]) -> [i64; 20] {
    let mut counts = [0; 20];
    for tenant in tenants {
        let bin = (0..20_usize).rev().find(|bin| tenant.percent >= 5.0 * *bin as f64).unwrap();
        counts[bin] += 1;
    }
    counts
}

fn file(tenants: &[Contribution], epsilon: f64, random: &mut Seeded) -> Option<BenchmarkCell> {
    cells(tenants, Grouping::All, epsilon, random).unwrap().pop()
}

/// The logarithm of the likelihood of a cell, were these the true counts.
fn likelihood(cell: &BenchmarkCell, counts: &[i64; 20], epsilon: f64) -> f64 {
    let noise = DiscreteLaplace::new(epsilon / 2.0);
    let tenants: i64 = counts.iter().sum();
    let bins: f64 = cell.bins.iter().zip(counts).map(|(seen, count)| noise.probability(seen - count).ln()).sum();
    bins + noise.probability(cell.tenants - tenants).ln()
}

/// Three standard errors of a share over all runs, and what 1 in 1000 seeds would exceed is accepted by fixing the seed.
fn slack(share: f64) -> f64 {
    3.0 * (share * (1.0 - share) / f64::from(RUNS)).sqrt()
}

/// How often the bin of the missing tenant is guessed, of so many candidates.
fn guessed(epsilon: f64, candidates: &[f64], seed: u64) -> f64 {
    let (known, mut random, mut right) = (others(60), Seeded::from(seed), 0);
    let guesses: Vec<[i64; 20]> =
        candidates.iter().map(|percent| counts(&[known.clone(), vec![at(*percent)]].concat())).collect();
    for _ in 0..RUNS {
        let truth = random.0.random_range(0..candidates.len());
        let seen = file(&[known.clone(), vec![at(candidates[truth])]].concat(), epsilon, &mut random);
        let best = seen.map_or(0, |cell| {
            let value = |guess: &[i64; 20]| likelihood(&cell, guess, epsilon);
            // Of guesses that are as good any one will do; the first would favour itself.
            let start = random.0.random_range(0..guesses.len());
            let order = (0..guesses.len()).map(|step| (start + step) % guesses.len());
            order.max_by(|one, other| value(&guesses[*one]).total_cmp(&value(&guesses[*other]))).unwrap()
        });
        right += u32::from(best == truth);
    }
    f64::from(right) / f64::from(RUNS)
}

#[test]
fn the_bin_of_the_missing_tenant_is_guessed_no_better_than_epsilon_allows() {
    let every: Vec<f64> = (0..20_u32).map(|bin| 5.0 * f64::from(bin) + 2.0).collect();
    for (epsilon, candidates) in [(0.5_f64, &every[..2]), (1.0, &every[3..5]), (1.0, &every[..]), (2.0, &every[..])] {
        let odds = epsilon.exp();
        let bound = odds / (odds + candidates.len() as f64 - 1.0);
        let chance = 1.0 / candidates.len() as f64;
        let share = guessed(epsilon, candidates, 11);
        assert!(share <= bound + slack(bound), "epsilon {epsilon}, {} bins: {share} over {bound}", candidates.len());
        assert!(
            share > chance + slack(chance),
            "an attacker who sees the file and gains nothing tests nothing: {share}"
        );
    }
}

#[test]
fn the_same_attacker_succeeds_where_there_is_hardly_any_noise() {
    let every: Vec<f64> = (0..20_u32).map(|bin| 5.0 * f64::from(bin) + 2.0).collect();
    assert!(guessed(40.0, &every, 12) > 0.999);
}

#[test]
fn whether_the_missing_tenant_is_there_is_guessed_no_better_than_epsilon_allows() {
    for epsilon in [0.5, 1.0, 2.0] {
        // Where one tenant more or less decides most about whether the cell is written at all.
        let known = others(u32::try_from(release_from(epsilon)).unwrap() - 1);
        let (without, with) = (counts(&known), counts(&[known.clone(), vec![at(50.0)]].concat()));
        let (mut random, mut right) = (Seeded::from(13), 0);
        for _ in 0..RUNS {
            let there: bool = random.0.random();
            let tenants = if there { [known.clone(), vec![at(50.0)]].concat() } else { known.clone() };
            let guess = match file(&tenants, epsilon, &mut random) {
                Some(cell) => likelihood(&cell, &with, epsilon) > likelihood(&cell, &without, epsilon),
                // A cell that is not written is likelier without.
                None => false,
            };
            right += u32::from(guess == there);
        }
        let (share, bound) = (f64::from(right) / f64::from(RUNS), epsilon.exp() / (1.0 + epsilon.exp()));
        assert!(share <= bound + slack(bound), "epsilon {epsilon}: {share} over {bound}");
        assert!(share > 0.5 + slack(0.5), "epsilon {epsilon}: {share}");
    }
}

#[test]
fn nothing_that_can_be_seen_is_more_than_e_to_epsilon_times_as_likely_with_a_tenant_as_without() {
    let epsilon: f64 = 1.0;
    let known = others(u32::try_from(release_from(epsilon)).unwrap() - 1);
    let with = [known.clone(), vec![at(50.0)]].concat();
    let mut random = Seeded::from(14);
    let mut seen = |tenants: &[Contribution]| {
        // Events about the cell, its number of tenants, and the tenant's bin.
        let mut events = [0_u32; 6];
        for _ in 0..RUNS {
            let cell = file(tenants, epsilon, &mut random);
            let (tenants, bin) = cell.as_ref().map_or((0, 0), |cell| (cell.tenants, cell.bins[10]));
            let line = release_from(epsilon);
            let said = [
                cell.is_none(),
                cell.is_some(),
                tenants > line + 2,
                cell.is_some() && bin > 1,
                cell.is_some() && bin < 1,
                tenants > line && bin > 2,
            ];
            events.iter_mut().zip(said).for_each(|(count, said)| *count += u32::from(said));
        }
        events.map(f64::from)
    };
    let (without, with) = (seen(&known), seen(&with));
    for (event, (without, with)) in without.into_iter().zip(with).enumerate() {
        // The standard error of the logarithm of a ratio of two counts.
        let slack = 3.0 * (1.0 / without + 1.0 / with).sqrt();
        let ratio = (with / without).ln();
        assert!(ratio.abs() <= epsilon + slack, "event {event}: e^{ratio}");
    }
    // The last event needs the tenant in both numbers: it comes near the bound, or epsilon is not what is spent.
    assert!((with[5] / without[5]).ln() > 0.75 * epsilon, "{with:?} {without:?}");
}

#[test]
fn a_cell_of_fewer_than_five_is_written_less_than_once_in_a_thousand_files() {
    for tenants in [0, 4] {
        let mut random = Seeded::from(15);
        let written = (0..RUNS).filter(|_| file(&others(tenants), 1.0, &mut random).is_some()).count();
        assert!(written <= 8 + 9, "{written} of {RUNS} with {tenants} tenants");
    }
}
