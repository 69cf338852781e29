//! When a tenant is collected next.

/// After a failure it is tried again so soon, in microseconds, and twice as late after each one more.
const FIRST: i64 = 15 * 60_000_000;

/// The instant of the next run after one that ended at `at`: `every` later and a little more by chance, so that tenants that
/// were connected together don't come together for ever; after `failures` in a row sooner, and by chance anywhere in the later
/// half of a wait that doubles. `share` is that chance, from 0 to 1.
#[must_use]
pub fn next_after(at: i64, every: i64, failures: u32, share: f64) -> i64 {
    let wait = match failures {
        0 => every.saturating_add(part(every / 20, share)),
        failures => {
            let doubled = FIRST.saturating_mul(
                1_i64.checked_shl(failures.saturating_sub(1)).filter(|times| *times > 0).unwrap_or(i64::MAX),
            );
            let longest = doubled.min(every);
            (longest / 2).saturating_add(part(longest / 2, share))
        }
    };
    at.saturating_add(wait)
}

#[expect(clippy::cast_possible_truncation, reason = "a share of a number of its own size")]
fn part(whole: i64, share: f64) -> i64 {
    (whole as f64 * share.clamp(0.0, 1.0)) as i64
}

/// A share by chance; the middle where the operating system has no random numbers.
pub(crate) fn chance() -> f64 {
    let mut bytes = [0; 4];
    match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    #[test]
    fn the_next_run_is_a_day_later_and_up_to_a_twentieth_more() {
        assert_eq!(next_after(7, DAY, 0, 0.0), 7 + DAY);
        assert_eq!(next_after(7, DAY, 0, 1.0), 7 + DAY + 72 * MINUTE);
    }

    #[test]
    fn after_failures_the_wait_doubles_and_is_never_longer_than_from_run_to_run() {
        let latest: Vec<i64> =
            [1, 2, 3, 7, 8, 40, 64, u32::MAX].map(|failures| next_after(0, DAY, failures, 1.0) / MINUTE).to_vec();
        assert_eq!(latest, [15, 30, 60, 960, 1_440, 1_440, 1_440, 1_440]);
        let soonest: Vec<i64> = [1, 2, 8].map(|failures| next_after(0, DAY, failures, 0.0) / MINUTE).to_vec();
        assert_eq!(soonest, [7, 15, 720]);
        assert_eq!(next_after(i64::MAX, DAY, 0, 1.0), i64::MAX);
    }
}
