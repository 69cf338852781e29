//! Files in which organisations tell each other how their tenants do, without telling of any one tenant.
//!
//! A file holds one calendar month. Every tenant is in exactly one cell (an industry and a size, both from lists that are
//! the same for everybody) and there in exactly one bin of five percentage points, by its last assessment of the month. Each
//! cell says a number of tenants and a histogram, both with noise (`noise`), and is left out when it is too small
//! (`cells`). What one file says about any one tenant is bounded by its epsilon: whether the tenant is there or not, and
//! whatever it scored, no file is more than `e^epsilon` times as likely. Decision 9 has the reasoning.

mod cells;
mod file;
mod noise;

pub use cells::{Contribution, Grouping, INDUSTRIES, MINIMUM, cells, industry_label, release_from, size_label};
pub use file::{BINS, BenchmarkCell, BenchmarkFile, EPSILON, MergedCell, Quartiles, month_name};
pub use noise::{DiscreteLaplace, Random};
