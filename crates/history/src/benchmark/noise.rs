//! Noise for counts: the discrete Laplace distribution, from whatever randomness.

use std::io;

/// A source of uniform 64-bit numbers. Files take the operating system's; a test brings its own, from a seed.
pub trait Random {
    /// The next number.
    ///
    /// # Errors
    /// When the source fails.
    fn next(&mut self) -> io::Result<u64>;
}

/// The discrete Laplace distribution: `P(k) = (1 − p) / (1 + p) × p^|k|` with `p = e^−epsilon`.
///
/// It is Laplace noise for whole numbers (the geometric mechanism of Ghosh, Roughgarden and Sundararajan). Added to a count
/// that one tenant changes by at most 1, it makes every answer at most `e^epsilon` times as likely with the tenant as without.
/// Noise from a continuous distribution would not: the last bits of a rounded double tell which count it was added to
/// (Mironov 2012). Here everything that is drawn and written is a whole number.
#[derive(Debug, Clone, Copy)]
pub struct DiscreteLaplace {
    epsilon: f64,
    /// `p`, in 2^-64.
    again: u64,
}

/// Nobody draws so much: at the smallest epsilon its probability is below e^-2000. It ends the loop for a broken source.
const FARTHEST: i64 = 500_000;

impl DiscreteLaplace {
    /// The distribution for one count that gets `epsilon`.
    #[must_use]
    pub fn new(epsilon: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^64")]
        let again = ((-epsilon).exp() * 2_f64.powi(64)) as u64;
        Self { epsilon, again }
    }

    /// One number: the difference of two geometric ones.
    ///
    /// # Errors
    /// When the source fails.
    pub fn sample(&self, random: &mut dyn Random) -> io::Result<i64> {
        Ok(self.geometric(random)? - self.geometric(random)?)
    }

    fn geometric(&self, random: &mut dyn Random) -> io::Result<i64> {
        let mut number = 0;
        while number < FARTHEST && random.next()? < self.again {
            number += 1;
        }
        Ok(number)
    }

    /// The probability of a number.
    #[must_use]
    pub fn probability(&self, number: i64) -> f64 {
        let p = (-self.epsilon).exp();
        (1.0 - p) / (1.0 + p) * (-self.epsilon * number.abs() as f64).exp()
    }

    /// The probability of a number or a larger one; for numbers above 0.
    #[must_use]
    pub fn tail(&self, number: i64) -> f64 {
        let p = (-self.epsilon).exp();
        (-self.epsilon * number as f64).exp() / (1.0 + p)
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    struct Seeded(ChaCha8Rng);

    impl Random for Seeded {
        fn next(&mut self) -> io::Result<u64> {
            Ok(self.0.next_u64())
        }
    }

    #[test]
    fn one_more_or_less_makes_no_answer_more_than_e_to_epsilon_times_as_likely() {
        for epsilon in [0.005, 0.1, 0.5, 1.0, 5.0] {
            let noise = DiscreteLaplace::new(epsilon);
            for answer in -100..=100 {
                // The answer, where the true count was 0 or 1.
                let ratio = noise.probability(answer) / noise.probability(answer - 1);
                assert!((-epsilon - 1e-9..=epsilon + 1e-9).contains(&ratio.ln()), "{epsilon}: {answer} {ratio}");
            }
        }
    }

    #[test]
    fn what_is_drawn_has_the_distribution_that_is_promised() {
        let noise = DiscreteLaplace::new(0.5);
        let mut random = Seeded(ChaCha8Rng::seed_from_u64(7));
        let draws = 200_000_u32;
        let mut counts = [0_u32; 21];
        for _ in 0..draws {
            let drawn = noise.sample(&mut random).unwrap();
            if let Some(count) = usize::try_from(drawn + 10).ok().and_then(|at| counts.get_mut(at)) {
                *count += 1;
            }
        }
        let chi_square: f64 = counts
            .iter()
            .zip(-10_i64..)
            .map(|(count, number)| {
                let expected = f64::from(draws) * noise.probability(number);
                (f64::from(*count) - expected).powi(2) / expected
            })
            .sum();
        // The 99.9th percentile with 21 degrees of freedom is 46.8.
        assert!(chi_square < 46.8, "{chi_square}");
        let total: f64 = (-200..=200).map(|number| noise.probability(number)).sum();
        assert!((total - 1.0).abs() < 1e-9);
        assert!((noise.tail(3) - (3..=300).map(|number| noise.probability(number)).sum::<f64>()).abs() < 1e-9);
    }
}
