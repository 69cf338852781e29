//! Credentials of applications.

const DAY: i64 = 86_400_000_000;

/// From start to end in whole days, rounded up; both in microseconds.
pub(crate) fn lifetime_in_days(start: Option<i64>, end: Option<i64>) -> Option<i64> {
    let length = end?.checked_sub(start?)?;
    Some(length.div_euclid(DAY) + i64::from(length.rem_euclid(DAY) > 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instant::Instant;

    #[test]
    fn a_part_of_a_day_counts_as_a_day() {
        let days =
            |start: &str, end: &str| lifetime_in_days(Instant::parse(start).unwrap().0, Instant::parse(end).unwrap().0);
        assert_eq!(days("2026-01-01T00:00:00Z", "2026-06-30T00:00:00Z"), Some(180));
        assert_eq!(days("2026-01-01T00:00:00Z", "2026-06-30T00:00:01Z"), Some(181));
        assert_eq!(days("2024-01-01T00:00:00Z", "2299-12-31T00:00:00Z"), Some(100_806));
        assert_eq!(days("0001-01-01T00:00:00Z", "2299-12-31T00:00:00Z"), None);
        assert_eq!(days("2024-01-01T00:00:00Z", "9999-12-31T23:59:59Z"), Some(2_913_174));
    }
}
