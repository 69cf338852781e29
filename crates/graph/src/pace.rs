//! Pacing: never more in any ten seconds than Microsoft documents, for each class of service.
//!
//! Conditional Access and Identity Protection answer 429 without saying how long to wait, so their pace is kept in
//! advance. A window slides: whatever ten seconds somebody looks at, the limit holds in them.

use std::collections::VecDeque;
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
    windows: [Mutex<Window>; 4],
    pace: Pace,
}

/// What was taken in the last seconds, and how much may be.
#[derive(Debug)]
struct Window {
    limit: u32,
    length: Duration,
    taken: VecDeque<(Instant, u32)>,
    sum: u32,
    /// Everybody of the class was told to wait until then.
    held: Option<Instant>,
}

/// Clocks differ and requests overtake each other on their way: a window is a little longer than documented.
const fn cautious(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds + milliseconds / 40)
}

impl Pacer {
    pub(crate) fn new(pace: Pace) -> Self {
        let window = |limit, milliseconds| {
            Mutex::new(Window { limit, length: cautious(milliseconds), taken: VecDeque::new(), sum: 0, held: None })
        };
        // The smallest tenants' directory limit, until the size is known; the security API as the global limit says.
        Self { windows: [window(3500, 10_000), window(5, 10_000), window(1, 1000), window(2000, 1000)], pace }
    }

    fn window(&self, class: Class) -> std::sync::MutexGuard<'_, Window> {
        let [directory, reports, protection, security] = &self.windows;
        let window = match class {
            Class::Directory => directory,
            Class::Reports => reports,
            Class::Protection => protection,
            Class::Security => security,
        };
        // Whoever panicked left a window that is still a window.
        window.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Larger tenants have a larger budget.
    pub(crate) fn size(&self, users: u64) {
        self.window(Class::Directory).limit = match users {
            0..50 => 3500,
            50..=500 => 5000,
            _ => 8000,
        };
    }

    /// Waits for the turn of a request that costs so many units.
    pub(crate) async fn take(&self, class: Class, units: u32) {
        let mut turn = match self.pace {
            Pace::Documented => self.window(class).reserve(Instant::now(), units),
            Pace::Unlimited => Instant::now(),
        };
        loop {
            sleep_until(turn).await;
            // A 429 that came meanwhile holds everybody.
            match self.window(class).held {
                Some(held) if held > Instant::now() => turn = held,
                _ => return,
            }
        }
    }

    /// Holds the whole class: the limit is of the class, not of the request that met it.
    pub(crate) fn hold(&self, class: Class, until: Instant) {
        let mut window = self.window(class);
        window.held = window.held.max(Some(until));
    }
}

impl Window {
    /// The earliest instant at which so many units fit, which are taken from then on.
    fn reserve(&mut self, now: Instant, units: u32) -> Instant {
        let units = units.min(self.limit);
        let mut turn = now.max(self.taken.back().map_or(now, |(last, _)| *last)).max(self.held.unwrap_or(now));
        while let Some((at, of)) = self.taken.front().copied() {
            if at + self.length > turn {
                if self.sum + units <= self.limit {
                    break;
                }
                turn = at + self.length;
            }
            self.sum -= of;
            self.taken.pop_front();
        }
        self.taken.push_back((turn, units));
        self.sum += units;
        turn
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
        assert_eq!(turns(Class::Protection, 1, 4, 9).await, [0, 1025, 2050, 3075]);
    }

    #[tokio::test(start_paused = true)]
    async fn reports_are_asked_five_times_in_ten_seconds() {
        assert_eq!(turns(Class::Reports, 1, 7, 9).await, [0, 0, 0, 0, 0, 10_250, 10_250]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_directory_gives_as_many_units_as_the_tenant_is_large() {
        // 20 members of a batch cost 40 units: 3,500, 5,000 and 8,000 units are 87, 125 and 200 of them.
        for (users, at_once) in [(10, 87), (400, 125), (20_000, 200)] {
            let turns = turns(Class::Directory, 40, 260, users).await;
            assert_eq!(turns.iter().filter(|turn| **turn == 0).count(), at_once);
            assert_eq!(turns[at_once], 10_250);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn in_no_ten_seconds_is_more_than_the_limit() {
        let pacer = Pacer::new(Pace::Documented);
        let start = Instant::now();
        let mut taken: Vec<(u128, u32)> = Vec::new();
        for number in 0..400_u32 {
            let units = 1 + number * 7 % 90;
            pacer.take(Class::Directory, units).await;
            taken.push((start.elapsed().as_millis(), units));
            tokio::time::sleep(Duration::from_millis(u64::from(number % 13))).await;
        }
        for (from, _) in &taken {
            let sum: u32 =
                taken.iter().filter(|(at, _)| at >= from && *at < from + 10_000).map(|(_, units)| units).sum();
            assert!(sum <= 3500, "{sum} units within ten seconds from {from} ms");
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
