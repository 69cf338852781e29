//! Instants around the export's, as Graph writes them.

use jiff::Timestamp;

use crate::TAKEN_AT_SECOND;

/// An instant, so many seconds after the export's.
pub(crate) fn instant(seconds: i64) -> String {
    Timestamp::from_second(TAKEN_AT_SECOND + seconds).unwrap_or_default().to_string()
}

/// An instant, so many days before the export's.
pub(crate) fn days_before(days: u32) -> String {
    instant(-i64::from(days) * 86_400)
}

/// An instant, so many hours before the export's.
pub(crate) fn hours_before(hours: u32) -> String {
    instant(-i64::from(hours) * 3600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_instant_of_every_invented_tenant_is_fixed() {
        assert_eq!(instant(0), "2026-11-20T06:00:00Z");
        assert_eq!(days_before(1), "2026-11-19T06:00:00Z");
    }
}
