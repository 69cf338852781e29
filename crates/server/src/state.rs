//! What every request may use.

use std::num::NonZeroU32;
use std::sync::Arc;

use idscore_catalogue::Catalogue;
use idscore_history::Archive;

use crate::api::Throttle;

/// How much one token may ask.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Requests a second that a token may make without end.
    pub requests_per_second: NonZeroU32,
    /// Requests that it may make at once before that.
    pub burst: NonZeroU32,
}

impl Default for Limits {
    fn default() -> Self {
        let ten = NonZeroU32::MIN.saturating_add(9);
        Self { requests_per_second: ten, burst: ten.saturating_mul(ten) }
    }
}

/// The service: where data lie and what they are read with.
#[derive(Clone)]
pub struct Service {
    pub(crate) archive: Archive,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) throttle: Arc<Throttle>,
}

impl Service {
    /// A service over a data folder.
    #[must_use]
    pub fn new(archive: Archive, catalogue: Catalogue, limits: Limits) -> Self {
        Self { archive, catalogue: Arc::new(catalogue), throttle: Arc::new(Throttle::new(limits)) }
    }
}
