//! What a collection tells whoever watches it.

use std::time::Duration;

use crate::report::DataSetReport;

/// Somebody who watches a collection: a progress bar, a service's page, a log.
pub trait Watch: Send + Sync {
    /// A person has to open an address and type a code.
    fn device_code(&self, address: &str, code: &str) {
        let _ = (address, code);
    }
    /// A data set begins; how many objects it will have, where that is known.
    fn begins(&self, data_set: &'static str, expected: Option<u64>) {
        let _ = (data_set, expected);
    }
    /// So many objects of it were read so far.
    fn advances(&self, data_set: &'static str, rows: u64) {
        let _ = (data_set, rows);
    }
    /// It waits, because the service asked to or doesn't answer.
    fn waits(&self, data_set: &'static str, how_long: Duration, why: &str) {
        let _ = (data_set, how_long, why);
    }
    /// It is complete, or it isn't and says why.
    fn ends(&self, report: &DataSetReport) {
        let _ = report;
    }
    /// Something worth knowing that is no error.
    fn notes(&self, text: &str) {
        let _ = text;
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Watch for Unwatched {}
