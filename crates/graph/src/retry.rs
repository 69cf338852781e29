//! When to ask again: as the service says, else later each time, by chance.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// How long to go on asking for a data set that doesn't come.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The longest first wait where the service names none.
    pub first: Duration,
    /// The longest wait where the service names none.
    pub longest: Duration,
    /// The longest wait that the service may name; a longer one is cut to this.
    pub longest_asked: Duration,
    /// Attempts at one request without an answer that can be used.
    pub attempts: u32,
    /// All the time that one data set may take.
    pub deadline: Duration,
    /// All the time that a collection may take.
    pub whole: Duration,
    /// The time that one answer may take, from its request to its last byte.
    pub answer: Duration,
    /// The time within which something of an answer must come.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            // Microsoft names seconds or a few minutes.
            longest_asked: Duration::from_secs(600),
            attempts: 8,
            // A million users' per-user MFA states take 21 minutes by the limits alone, and their registration 34.
            deadline: Duration::from_secs(6 * 3600),
            whole: Duration::from_secs(12 * 3600),
            answer: Duration::from_secs(600),
            silence: Duration::from_secs(90),
        }
    }
}

impl Patience {
    /// Full jitter: anything between nothing and a bound that doubles. Clients that failed together don't come back together.
    pub(crate) fn backoff(&self, attempt: u32) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX));
        let bound = doubled.min(self.longest);
        let mut random = [0_u8; 4];
        // Without chance, the bound itself is as good.
        let share =
            getrandom::fill(&mut random).map_or(1.0, |()| f64::from(u32::from_ne_bytes(random)) / f64::from(u32::MAX));
        bound.mul_f64(share)
    }

    /// The wait before the next attempt: as the service asked, else by [`Patience::backoff`]. A wait that is cut is also told
    /// in words.
    pub(crate) fn wait(&self, asked: Option<Duration>, attempt: u32) -> (Duration, Option<String>) {
        let Some(asked) = asked else { return (self.backoff(attempt), None) };
        let wait = asked.min(self.longest_asked);
        let told = || format!("it asked for a wait of {asked:?}, cut to {wait:?}");
        (wait, (wait < asked).then(told))
    }
}

/// The instant after a wait from now, however long the wait.
pub(crate) fn from_now(wait: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let now = Instant::now();
    now.checked_add(wait.min(FAR)).unwrap_or(now)
}

/// `Retry-After`, in seconds or as the date by the service's own clock.
pub(crate) fn retry_after(header: &str, date: Option<&str>) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    if let Ok(seconds) = header.parse::<f64>() {
        return (0.0..1e9).contains(&seconds).then(|| Duration::from_secs_f64(seconds));
    }
    let (until, now) = (http_date(header)?, http_date(date?)?);
    Some(Duration::from_secs(u64::try_from(until.as_second().saturating_sub(now.as_second())).unwrap_or(0)))
}

/// A date as HTTP writes it.
pub(crate) fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let date = Some("Fri, 20 Nov 2026 06:00:00 GMT");
        assert_eq!(retry_after("7", date), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("Fri, 20 Nov 2026 06:01:30 GMT", date), Some(Duration::from_secs(90)));
        // A date that is past asks for no wait; one that can't be compared asks for nothing.
        assert_eq!(retry_after("Fri, 20 Nov 2026 05:00:00 GMT", date), Some(Duration::ZERO));
        assert_eq!(retry_after("Fri, 20 Nov 2026 06:01:30 GMT", None), None);
        assert_eq!(retry_after("soon", date), None);
    }

    #[test]
    fn numbers_that_are_no_wait_ask_for_none() {
        for header in ["-1", "-18446744073709551616", "1e999", "NaN", "inf", "18446744073709551616", ""] {
            assert_eq!(retry_after(header, None), None, "{header}");
        }
        let first = Some("Thu, 01 Jan 1970 00:00:00 GMT");
        assert!(
            retry_after("Mon, 01 Nov 9999 00:00:00 GMT", first).is_some_and(|wait| wait.as_secs() > 250_000_000_000)
        );
        assert_eq!(retry_after("Fri, 31 Dec 99999 23:59:59 GMT", first), None);
    }

    #[test]
    fn a_wait_that_is_longer_than_any_sensible_one_is_cut_and_told() {
        let patience = Patience::default();
        let wait = |asked: u64| patience.wait(Some(Duration::from_secs(asked)), 1);
        assert_eq!(wait(600), (Duration::from_secs(600), None));
        let told = "it asked for a wait of 18446744073709551615s, cut to 600s";
        assert_eq!(wait(u64::MAX), (Duration::from_secs(600), Some(told.to_owned())));
        assert!(from_now(Duration::MAX) > from_now(Duration::from_secs(3600)));
    }

    #[test]
    fn waits_grow_up_to_a_minute_and_are_spread_by_chance() {
        let patience = Patience::default();
        for attempt in 1..40 {
            let bound = Duration::from_secs(1 << (attempt - 1).min(6)).min(Duration::from_secs(60));
            let waits: Vec<Duration> = (0..20).map(|_| patience.backoff(attempt)).collect();
            assert!(waits.iter().all(|wait| *wait <= bound));
            assert!(waits.iter().any(|wait| wait != &waits[0]));
        }
    }
}
