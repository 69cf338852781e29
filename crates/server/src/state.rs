//! What every request may use.

use std::num::NonZeroU32;
use std::sync::Arc;

use idscore_catalogue::Catalogue;
use idscore_history::Archive;

use crate::api::Throttle;
use crate::metrics::{Metrics, MetricsAccess};
use crate::uploads::{UploadRules, Uploads};

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
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) metrics_access: MetricsAccess,
    pub(crate) uploads: Arc<Uploads>,
    pub(crate) upload_rules: UploadRules,
}

impl Service {
    /// A service over a data folder.
    #[must_use]
    pub fn new(archive: Archive, catalogue: Catalogue, limits: Limits) -> Self {
        Self {
            archive,
            catalogue: Arc::new(catalogue),
            throttle: Arc::new(Throttle::new(limits)),
            metrics: Arc::new(Metrics::new()),
            metrics_access: MetricsAccess::default(),
            uploads: Arc::default(),
            upload_rules: UploadRules::default(),
        }
    }

    /// The same with other rules for uploads.
    #[must_use]
    pub fn with_uploads(self, upload_rules: UploadRules) -> Self {
        Self { upload_rules, ..self }
    }

    /// The same with metrics for others.
    #[must_use]
    pub fn with_metrics(self, metrics_access: MetricsAccess) -> Self {
        Self { metrics_access, ..self }
    }
}
