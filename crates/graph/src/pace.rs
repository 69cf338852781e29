//! Pacing: never faster than Microsoft documents, for each class of service.
//!
//! The identity services count by token buckets: so much at once, and refilled at a steady rate. Ours are a little smaller
//! and slower. Conditional Access and Identity Protection answer 429 without saying how long to wait, so their pace in
//! particular is kept in advance.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A class of Graph's services with a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Users, groups, roles, applications, most policies: resource units.
    Directory,
    /// Sign-ins and reports of credentials and registration.
    Reports,
    /// Conditional Access and Identity Protection.
    Protection,
    /// The security API, for which no figure is known.
    Security,
}

/// Whether to keep the documented pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// As Microsoft documents.
    #[default]
    Documented,
    /// As fast as the server answers: for a server of one's own. What it answers with 429 is still obeyed.
    Unlimited,
}

/// Keeps the pace of all requests of one collection.
#[derive(Debug)]
pub(crate) struct Pacer {
    buckets: [Mutex<Bucket>; 4],
    pace: Pace,
}

/// What may be taken at once, how fast it comes back, and what is left.
#[derive(Debug)]
struct Bucket {
    capacity: f64,
    per_second: f64,
    /// What is left at `at`; below nothing where turns are given away already.
    level: f64,
    at: Option<Instant>,
    /// Whether it was full when something was last taken.
    full: bool,
    /// Everybody of the class was told to wait until then.
    held: Option<Instant>,
}

/// Clocks differ, and requests overtake each other on their way.
const CAUTION: f64 = 0.99;

impl Bucket {
    fn new(amount: f64, seconds: f64) -> Self {
        let capacity = (amount * CAUTION).max(1.0);
        Self { capacity, per_second: amount / seconds * CAUTION, level: capacity, at: None, full: true, held: None }
    }

    /// The earliest instant at which so many units may be taken, which are taken from then on.
    fn reserve(&mut self, now: Instant, units: u32) -> Instant {
        let start = now.max(self.held.unwrap_or(now)).max(self.at.unwrap_or(now));
        let filled = self.at.map_or(0.0, |at| start.saturating_duration_since(at).as_secs_f64() * self.per_second);
        let cost = f64::from(units).min(self.capacity);
        let before = (self.level + filled).min(self.capacity);
        // Whoever has to wait takes what is left by then, which is just enough.
        self.full = before.max(cost) >= self.capacity - 1e-6;
        self.level = before - cost;
        self.at = Some(start);
        if self.level >= 0.0 {
            return start;
        }
        let wait = Duration::try_from_secs_f64(-self.level / self.per_second).unwrap_or_default();
        let turn = start.checked_add(wait).unwrap_or(start);
        self.level = 0.0;
        self.at = Some(turn);
        turn
    }
}

impl Pacer {
    pub(crate) fn new(pace: Pace) -> Self {
        // The smallest tenants' directory limit, until the size is known; the security API as the global limit says.
        let buckets = [(3500.0, 10.0), (5.0, 10.0), (1.0, 1.0), (2000.0, 1.0)];
        Self { buckets: buckets.map(|(amount, seconds)| Mutex::new(Bucket::new(amount, seconds))), pace }
    }

    fn bucket(&self, class: Class) -> std::sync::MutexGuard<'_, Bucket> {
        let [directory, reports, protection, security] = &self.buckets;
        let bucket = match class {
            Class::Directory => directory,
            Class::Reports => reports,
            Class::Protection => protection,
            Class::Security => security,
        };
        // Whoever panicked left a bucket that is still a bucket.
        bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Larger tenants have a larger budget.
    pub(crate) fn size(&self, users: u64) {
        let units = match users {
            0..50 => 3500.0,
            50..=500 => 5000.0,
            _ => 8000.0,
        };
        let mut bucket = self.bucket(Class::Directory);
        let more = Bucket::new(units, 10.0);
        bucket.level += more.capacity - bucket.capacity;
        (bucket.capacity, bucket.per_second) = (more.capacity, more.per_second);
    }

    /// Waits for the turn of a request that costs so many units.
    pub(crate) async fn take(&self, class: Class, units: u32) {
        let mut turn = match self.pace {
            Pace::Documented => self.bucket(class).reserve(Instant::now(), units),
            Pace::Unlimited => Instant::now(),
        };
        loop {
            sleep_until(turn).await;
            // A 429 that came meanwhile holds everybody.
            match self.bucket(class).held {
                Some(held) if held > Instant::now() => turn = held,
                _ => return,
            }
        }
    }

    /// A request was answered, so the service has counted it by now. A bucket that was full refills from the moment it
    /// was counted: on its way a request may have been held up, and the next must not come too close behind it.
    pub(crate) fn answered(&self, class: Class) {
        let mut bucket = self.bucket(class);
        if bucket.full {
            bucket.full = false;
            bucket.at = bucket.at.max(Some(Instant::now()));
        }
    }

    /// Holds the whole class: the limit is of the class, not of the request that met it.
    pub(crate) fn hold(&self, class: Class, until: Instant) {
        let mut bucket = self.bucket(class);
        bucket.held = bucket.held.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When so many requests of a class were let go, in milliseconds since the first.
    async fn turns(class: Class, units: u32, count: usize, users: u64) -> Vec<u64> {
        let pacer = Pacer::new(Pace::Documented);
        pacer.size(users);
        let start = Instant::now();
        let mut turns = Vec::new();
        for _ in 0..count {
            pacer.take(class, units).await;
            turns.push(u64::try_from(start.elapsed().as_millis()).unwrap());
        }
        turns
    }

    #[tokio::test(start_paused = true)]
    async fn conditional_access_is_asked_once_a_second_from_the_start() {
        assert_eq!(turns(Class::Protection, 1, 4, 9).await, [0, 1011, 2021, 3031]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_was_held_up_on_its_way_is_not_followed_too_closely() {
        let pacer = Pacer::new(Pace::Documented);
        let start = Instant::now();
        let mut counted = Vec::new();
        for held_up in [400, 5, 700, 5, 5] {
            pacer.take(Class::Protection, 1).await;
            tokio::time::sleep(Duration::from_millis(held_up)).await;
            counted.push(start.elapsed().as_millis());
            pacer.answered(Class::Protection);
        }
        assert!(counted.windows(2).all(|pair| pair[1] - pair[0] >= 1000), "{counted:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn reports_are_asked_five_times_at_once_and_every_two_seconds() {
        let turns = turns(Class::Reports, 1, 25, 9).await;
        assert!(turns[4] < 300 && turns[5] > 1900 && turns[6] > 3900, "{turns:?}");
        // Twenty after the first five take forty seconds by the limit itself.
        assert!((40_000..42_000).contains(&turns[24]), "{turns:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_directory_gives_as_many_units_as_the_tenant_is_large() {
        // 20 members of a batch cost 40 units: 99 % of 3,500, 5,000 and 8,000 units are 86, 123 and 198 of them.
        for (users, at_once) in [(10, 86), (400, 123), (20_000, 198)] {
            let turns = turns(Class::Directory, 40, 260, users).await;
            assert_eq!(turns.iter().filter(|turn| **turn == 0).count(), at_once);
        }
    }

    /// A server's bucket with the documented limit, which a request reaches a moment after it was sent.
    #[tokio::test(start_paused = true)]
    async fn a_server_that_counts_by_the_documented_limit_never_refuses() {
        let pacer = Pacer::new(Pace::Documented);
        pacer.size(20_000);
        let start = Instant::now();
        let (mut level, mut at) = (8000.0_f64, 0.0_f64);
        for number in 0..2000_u32 {
            let units = 1 + number * 7 % 90;
            pacer.take(Class::Directory, units).await;
            // The first is the slowest to arrive: what comes after is closer together than it was sent.
            let delay = if number == 0 { 0.08 } else { 0.01 };
            let arrived = (start.elapsed().as_secs_f64() + delay).max(at);
            level = (level + (arrived - at) * 800.0).min(8000.0);
            at = arrived;
            assert!(level >= f64::from(units), "request {number} after {arrived} s: {level} of {units} units left");
            level -= f64::from(units);
            tokio::time::sleep(Duration::from_millis(u64::from(number % 13))).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_429_holds_the_whole_class_and_no_other() {
        let pacer = Pacer::new(Pace::Unlimited);
        let start = Instant::now();
        pacer.hold(Class::Protection, start + Duration::from_secs(7));
        pacer.take(Class::Directory, 1).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        pacer.take(Class::Protection, 1).await;
        assert_eq!(start.elapsed(), Duration::from_secs(7));
    }
}
