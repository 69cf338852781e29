//! The documented limits: a bucket for each class of requests.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::endpoints::Class;

/// How much of a request may be missing: one that was held up on its way makes the next seem early.
const TOLERANCE: f64 = 0.1;
/// How far beyond its limit a client is remembered: requests that are refused count too.
const OVERDRAFT: f64 = 0.8;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    capacity: f64,
    per_second: f64,
    level: f64,
    at: Option<Instant>,
}

impl Bucket {
    fn new(amount: f64, seconds: f64, scale: f64) -> Self {
        let capacity = amount * scale;
        Self { capacity, per_second: capacity / seconds, level: capacity, at: None }
    }

    fn take(&mut self, cost: f64, now: Instant) -> Taken {
        if let Some(at) = self.at {
            let filled = now.saturating_duration_since(at).as_secs_f64() * self.per_second;
            self.level = (self.level + filled).min(self.capacity);
        }
        self.at = Some(now);
        let allowed = self.level + TOLERANCE >= cost;
        self.level = (self.level - cost).max(-OVERDRAFT * self.capacity);
        let missing = if allowed { 0.0 } else { cost - self.level };
        Taken {
            allowed,
            wait: Duration::from_secs_f64((missing / self.per_second).max(0.0)),
            share: (self.capacity - self.level) / self.capacity,
        }
    }
}

/// What a request got of its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Taken {
    pub allowed: bool,
    /// How long until the same request is let through.
    pub wait: Duration,
    /// How much of the limit is used, 1 being all.
    pub share: f64,
}

/// The limits of one tenant, as an app that asks for everything meets them.
#[derive(Debug)]
pub(crate) struct Throttle {
    buckets: HashMap<Class, Bucket>,
    everything: Bucket,
}

impl Throttle {
    /// The limits for a tenant with so many users, made `scale` times as generous.
    pub fn new(users: u64, scale: f64) -> Self {
        let units = match users {
            0..50 => 3_500.0,
            50..=500 => 5_000.0,
            _ => 8_000.0,
        };
        let buckets = HashMap::from([
            (Class::Directory, Bucket::new(units, 10.0, scale)),
            (Class::Reports, Bucket::new(5.0, 10.0, scale)),
            (Class::Protection, Bucket::new(1.0, 1.0, scale)),
        ]);
        // A test that tightens the limit of one class means that class.
        Self { buckets, everything: Bucket::new(2_000.0, 1.0, scale.max(1.0)) }
    }

    /// Counts a request of that class and cost.
    pub fn take(&mut self, class: Class, units: u32, now: Instant) -> Taken {
        let all = self.everything.take(1.0, now);
        let own = match self.buckets.get_mut(&class) {
            Some(bucket) => bucket.take(if class == Class::Directory { units.into() } else { 1.0 }, now),
            None => Taken { allowed: true, wait: Duration::ZERO, share: 0.0 },
        };
        if all.allowed { own } else { Taken { share: own.share, ..all } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    #[test]
    fn protection_lets_one_request_through_a_second() {
        let (mut throttle, start) = (Throttle::new(10, 1.0), Instant::now());
        let mut allowed = |ms| throttle.take(Class::Protection, 1, at(start, ms)).allowed;
        assert!(allowed(0) && allowed(1000) && allowed(1999), "paced by the second");
        assert!(!allowed(2400));
        assert!(!allowed(3200), "the refused request counted");
        assert!(allowed(6000));
    }

    #[test]
    fn reports_let_five_requests_through_in_ten_seconds() {
        let (mut throttle, start) = (Throttle::new(10, 1.0), Instant::now());
        for _ in 0..5 {
            assert!(throttle.take(Class::Reports, 1, start).allowed);
        }
        let refused = throttle.take(Class::Reports, 1, start);
        assert!(!refused.allowed && refused.wait > Duration::from_secs(2), "{refused:?}");
        assert!(throttle.take(Class::Reports, 1, start + refused.wait).allowed, "who waits as told is let through");
    }

    #[test]
    fn the_directory_counts_units_by_the_size_of_the_tenant() {
        for (users, units) in [(49, 3_500), (50, 5_000), (500, 5_000), (501, 8_000)] {
            let (mut throttle, start) = (Throttle::new(users, 1.0), Instant::now());
            assert!(throttle.take(Class::Directory, units, start).allowed, "{users}");
            assert!(!throttle.take(Class::Directory, 1, start).allowed, "{users}");
        }
        let (mut throttle, start) = (Throttle::new(501, 1.0), Instant::now());
        assert!(throttle.take(Class::Directory, 6_000, start).share < 0.8);
        assert!(throttle.take(Class::Directory, 500, start).share > 0.8);
        for _ in 0..20 {
            throttle.take(Class::Directory, 8_000, start);
        }
        let share = throttle.take(Class::Directory, 1, start).share;
        assert!((1.7..=1.8).contains(&share), "{share}");
    }

    #[test]
    fn a_scale_makes_limits_more_generous() {
        let (mut throttle, start) = (Throttle::new(10, 10.0), Instant::now());
        assert!((0..10).all(|_| throttle.take(Class::Protection, 1, start).allowed));
        assert!(!throttle.take(Class::Protection, 1, start).allowed);
    }
}
