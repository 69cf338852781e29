//! When to try again: exponential, with full jitter, so that many deliveries don't come back at once.

use std::time::Duration;

/// How often and how far apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first attempt; it doubles with every other.
    pub first: Duration,
    /// The longest wait at all.
    pub longest: Duration,
    /// Attempts before a delivery is given up.
    pub attempts: u32,
}

impl Default for Backoff {
    /// Half a day on average, little more than a day at most.
    fn default() -> Self {
        Self { first: Duration::from_secs(30), longest: Duration::from_secs(6 * 3_600), attempts: 14 }
    }
}

impl Backoff {
    /// The wait after an attempt, the first being 1: a random part of what it may be at most.
    #[must_use]
    pub fn wait(&self, attempt: u32, random: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let most = self.first.saturating_mul(doubled).min(self.longest);
        most.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_limit_and_chance_takes_its_part() {
        let backoff = Backoff::default();
        let most = |attempt| backoff.wait(attempt, u32::MAX).as_secs();
        assert_eq!([most(1), most(2), most(5), most(12), most(400)], [30, 60, 480, 21_600, 21_600]);
        assert_eq!(backoff.wait(5, 0), Duration::ZERO);
        assert!((backoff.wait(2, u32::MAX / 2).as_secs_f64() - 30.0).abs() < 0.001);
        let day: u64 = (1..backoff.attempts).map(most).sum();
        assert!((24 * 3_600..28 * 3_600).contains(&day), "{day}");
    }
}
