//! The server's own time, which may be wrong: the only place that reads the clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

/// The time that the server believes in.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    skew_seconds: AtomicI64,
}

impl Clock {
    pub fn skewed(seconds: i64) -> Self {
        Self { skew_seconds: AtomicI64::new(seconds) }
    }

    pub fn set_skew(&self, seconds: i64) {
        self.skew_seconds.store(seconds, Ordering::Relaxed);
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let real = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        real.saturating_add(self.skew_seconds.load(Ordering::Relaxed))
    }
}

/// As headers write it.
pub(crate) fn http_date(second: i64) -> String {
    // The last second of year 9999: later ones have no form.
    let second = u64::try_from(second).unwrap_or(0).min(253_402_300_799);
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(second))
}

/// As errors of Graph write it: without a zone.
pub(crate) fn error_date(second: i64) -> String {
    let text = Timestamp::from_second(second).unwrap_or_default().to_string();
    text.trim_end_matches('Z').to_owned()
}

/// As errors of sign-in write it.
pub(crate) fn sign_in_date(second: i64) -> String {
    Timestamp::from_second(second).unwrap_or_default().to_string().replace('T', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_each_place_wants_them() {
        assert_eq!(http_date(1_795_154_400), "Fri, 20 Nov 2026 06:00:00 GMT");
        assert_eq!(error_date(1_795_154_400), "2026-11-20T06:00:00");
        assert_eq!(sign_in_date(1_795_154_400), "2026-11-20 06:00:00Z");
        assert!(Clock::skewed(600).now() - Clock::default().now() >= 599);
    }
}
