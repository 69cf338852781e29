//! Whether an account has ever been used, as far as Microsoft keeps record of it.

use arrow::array::{Array, BooleanArray};

use crate::frame::Frame;

/// 2023-12-01T00:00:00Z in microseconds: since then successful sign-ins are recorded.
const RECORDED_SINCE: i64 = 1_701_388_800_000_000;
/// How long the record must have been kept before its silence says something.
const SILENCE: i64 = 90 * 86_400_000_000;

/// Whether no sign-in has succeeded since they are recorded, from the date of the last one and whether Graph answered it, if with
/// null. `None` where it did not, or where the snapshot is too near to the beginning of the record.
pub(crate) fn never_signed_in(last: Option<i64>, carried: Option<bool>, taken_at: i64) -> Option<bool> {
    match (last, carried) {
        (Some(_), _) => Some(false),
        (None, Some(true)) => (taken_at >= RECORDED_SINCE + SILENCE).then_some(true),
        (None, _) => None,
    }
}

/// Adds `never_signed_in` to a batch of users.
pub(crate) fn add(frame: &mut Frame, taken_at: i64) {
    let dates = frame.array("last_successful_sign_in_date_time");
    let dated = |row: usize| dates.filter(|dates| dates.is_valid(row)).map(|_| 0);
    let carried =
        frame.array("last_successful_sign_in_carried").and_then(|array| array.as_any().downcast_ref::<BooleanArray>());
    let carried = |row: usize| carried.filter(|array| array.is_valid(row)).map(|array| array.value(row));
    let answers: BooleanArray =
        (0..frame.rows()).map(|row| never_signed_in(dated(row), carried(row), taken_at)).collect();
    frame.insert_boolean("never_signed_in", answers);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::TimestampMicrosecondArray;

    use super::*;

    #[test]
    fn silence_says_something_once_successes_were_recorded_for_90_days() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let (early, late) = (at("2024-02-28T23:59:59Z"), at("2024-02-29T00:00:00Z"));
        for (last, carried, taken_at, expected) in [
            (None, Some(true), late, Some(true)),
            (None, Some(true), early, None),
            (None, Some(false), late, None),
            (None, None, late, None),
            (Some(1), Some(true), late, Some(false)),
            // Snapshots of earlier versions do not say whether it was carried.
            (Some(1), None, early, Some(false)),
        ] {
            assert_eq!(never_signed_in(last, carried, taken_at), expected, "{last:?} {carried:?} {taken_at}");
        }
    }

    #[test]
    fn the_column_goes_by_date_and_by_what_was_carried() {
        let mut frame = Frame::of_rows(3);
        let dates = TimestampMicrosecondArray::from(vec![Some(1), None, None]).with_timezone("UTC");
        frame.insert("last_successful_sign_in_date_time", Arc::new(dates));
        frame.insert_boolean("last_successful_sign_in_carried", vec![Some(true), Some(true), Some(false)].into());
        add(&mut frame, RECORDED_SINCE + SILENCE);
        let answers: Vec<_> = (0..3).map(|row| frame.boolean("never_signed_in", row)).collect();
        assert_eq!(answers, [Some(false), Some(true), None]);
        let mut unread = Frame::of_rows(1);
        add(&mut unread, RECORDED_SINCE + SILENCE);
        assert_eq!(unread.boolean("never_signed_in", 0), None);
    }
}
