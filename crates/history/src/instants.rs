//! Instants and days as they are kept: numbers that sort.

use jiff::civil::Date;
use jiff::{Span, Timestamp};

const EPOCH: Date = Date::constant(1970, 1, 1);

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;
/// Whether data can have been taken at an instant: since 1970, and a day after `now` at most, for clocks that differ.
#[must_use]
pub fn is_believable(at: i64, now: i64) -> bool {
    (0..=now.saturating_add(DAY)).contains(&at)
}

/// Where there is no instant or day.
pub const NONE: i64 = -1;

/// The day of an instant, in days since 1970 UTC.
#[must_use]
pub fn day_of(micros: i64) -> i64 {
    micros.div_euclid(DAY)
}

/// The day of a date.
#[must_use]
pub fn day_of_date(date: Date) -> i64 {
    EPOCH.until(date).map_or(NONE, |span| i64::from(span.get_days()))
}

/// The date of a day; none before 1970 or where the calendar ends.
#[must_use]
pub fn date_of(day: i64) -> Option<Date> {
    if day < 0 {
        return None;
    }
    EPOCH.checked_add(Span::new().try_days(day).ok()?).ok()
}

/// RFC 3339 in UTC.
#[must_use]
pub fn rfc3339(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| String::new(), |instant| instant.to_string())
}

/// Microseconds of an RFC 3339 instant.
#[must_use]
pub fn micros(rfc3339: &str) -> Option<i64> {
    rfc3339.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_same_both_ways() {
        let day = day_of(micros("2026-11-20T23:59:59Z").unwrap());
        assert_eq!(date_of(day).unwrap().to_string(), "2026-11-20");
        assert_eq!(day_of_date("2026-11-20".parse().unwrap()), day);
        assert_eq!(date_of(NONE), None);
        let never = Date::MAX;
        assert_eq!(date_of(day_of_date(never)), Some(never), "the last day is a day as every other");
    }
}
