//! What may stand in a cell of a case's table.
//!
//! `true` or `false`; a whole number; `3`, `2..5` or `2..` for a number that may be a range; a date such as `2026-11-01`
//! (its first instant, in UTC) or an RFC 3339 instant; texts as they are; lists with commas, `none` for the empty one. An
//! empty cell is NULL.

use jiff::Timestamp;
use jiff::civil::DateTime;

use crate::tables::Kind;

/// What is wrong with a cell of a column of this kind: what it should be instead.
pub(crate) fn expected(kind: Kind, cell: &str) -> Option<&'static str> {
    let (fits, wanted) = match kind {
        Kind::Boolean => (cell.parse::<bool>().is_ok(), "`true` or `false`"),
        Kind::Integer => (cell.parse::<i64>().is_ok(), "a whole number"),
        Kind::Bounds => (range(cell).is_some(), "a number like `3`, `2..5` or `2..`"),
        Kind::Timestamp => (instant(cell).is_some(), "a date like `2026-11-01` or an RFC 3339 instant"),
        Kind::Text | Kind::TextList => (true, ""),
    };
    (!fits).then_some(wanted)
}

/// `3` is `(3, Some(3))`, `2..5` is `(2, Some(5))`, `2..` is `(2, None)`.
fn range(cell: &str) -> Option<(f64, Option<f64>)> {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    match cell.split_once("..") {
        None => number(cell).map(|number| (number, Some(number))),
        Some((low, "")) => number(low).map(|low| (low, None)),
        Some((low, high)) => {
            let (low, high) = (number(low)?, number(high)?);
            (low <= high).then_some((low, Some(high)))
        }
    }
}

/// A date's first instant in UTC, or an RFC 3339 instant, as a cell or a line `Taken at:` writes it.
///
/// The last two days of the year 9999, with which Graph says "never", lie beyond [`Timestamp::MAX`] and become it.
#[must_use]
pub fn instant(cell: &str) -> Option<Timestamp> {
    if let Ok(instant) = cell.parse::<Timestamp>() {
        return Some(instant);
    }
    let civil = cell.strip_suffix('Z').unwrap_or(cell).parse::<DateTime>().ok()?;
    if civil.year() == 9999 {
        return Some(Timestamp::MAX);
    }
    // A date alone means its first instant; a time without an offset means nothing.
    format!("{cell}T00:00:00Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_fits_its_column_or_the_message_says_what_would() {
        for (kind, good, bad) in [
            (Kind::Boolean, "true", "yes"),
            (Kind::Integer, "-3", "3.5"),
            (Kind::Bounds, "2..5", "5..2"),
            (Kind::Bounds, "2..", "..2"),
            (Kind::Bounds, "2.5", "NaN"),
            (Kind::Timestamp, "2026-11-01", "1 November"),
            (Kind::Timestamp, "2026-11-01T08:00:00Z", "2026-13-01"),
            (Kind::Timestamp, "9999-12-31T23:59:59Z", "2026-11-01T08:00:00"),
        ] {
            assert_eq!(expected(kind, good), None, "{good}");
            assert!(expected(kind, bad).is_some(), "{bad}");
        }
    }
}
