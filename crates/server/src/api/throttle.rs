//! How often a token may ask. A refused request is told when to come again, as Microsoft Graph does.

use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::state::Limits;

/// Buckets of requests, one per token.
pub(crate) struct Throttle {
    buckets: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Throttle {
    pub(crate) fn new(limits: Limits) -> Self {
        let quota = Quota::per_second(limits.requests_per_second).allow_burst(limits.burst);
        Self { buckets: RateLimiter::keyed(quota), clock: DefaultClock::default() }
    }

    /// Takes one request from a token's bucket.
    ///
    /// # Errors
    /// How long to wait.
    pub(crate) fn take(&self, token: &str) -> Result<(), Duration> {
        self.buckets.check_key(&token.to_owned()).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}
