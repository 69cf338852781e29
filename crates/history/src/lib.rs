//! What is kept of tenants over time, and everything that follows from it: differences, comparison, ranking, portfolio, the
//! action plan.
//!
//! Values in, values out: nothing here reads a file, a database or the clock. `idscore-store` keeps what these types say.

mod ascending;
mod averages;
pub mod benchmark;
mod changes;
mod cohorts;
pub mod comparison;
pub mod difference;
mod error;
pub mod events;
pub mod instants;
pub mod invented;
mod kept;
mod licences;
mod microsoft;
mod missed;
pub mod plan;
mod portfolio;
mod ranking;
pub mod regression;
mod shown;
mod tasks;
mod tenant;
mod trend;
mod unread;
mod word;

pub use ascending::Ascending;
pub use averages::{Basis, ReferenceAverage, reference_averages};
pub use changes::{ChangeKind, Step};
pub use cohorts::{CohortDay, RANKED_FROM, cohorts_of, quantile, size_of};
pub use error::Invalid;
pub use kept::{Cause, Details, KeptAssessment, KeptControl, SetNumbers};
pub use licences::{LicenceUse, licence_use};
pub use microsoft::{PeerAverage, Served};
pub use missed::{Missed, missed};
pub use plan::{ActionChange, ActionState, Effect, Slip, needs_approval, slips};
pub use portfolio::{
    CoreControls, Fallen, HeatCell, HeatMap, HeatRow, Portfolio, PortfolioOrder, PortfolioSummary, PortfolioTenant,
    Standing,
};
pub use ranking::{RankedAction, Together, all_actions, ranked, together};
pub use tasks::{Attestation, Review, Task, TaskState, Vouched, tasks, vouched};
pub use tenant::Tenant;
pub use trend::{ControlDay, CoreControl, CoreDay, Mark, TrendPoint, days_before};
pub use unread::{FileProblem, KeptFile, UnreadFile, Which};
pub use word::{of_word, word};
