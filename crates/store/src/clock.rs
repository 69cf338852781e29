//! The clock of this machine.

use jiff::Timestamp;

/// Microseconds since 1970 UTC, by the clock of this machine.
#[must_use]
pub fn now() -> i64 {
    Timestamp::now().as_microsecond()
}
