//! Assessments over time, the action plan, reviews, comparison and the audit log, in SQLite or PostgreSQL.
//!
//! Everything that is written goes through [`History::write`](store): one writer at a time, one entry in the audit log, all
//! or nothing. A decision about an action writes a new assessment from what was judged before (`plan`), so that the past
//! stays as it was.

mod alerts;
mod archive;
mod ascending;
mod assessments;
mod attempts;
mod audit;
mod averages;
mod backup;
pub mod benchmark;
mod changes;
mod cohorts;
mod columns;
pub mod comparison;
mod days;
mod deletion;
pub mod difference;
mod error;
pub mod events;
mod evidence;
mod import;
pub mod instants;
pub mod invented;
mod kept;
mod licences;
mod marks;
mod microsoft;
mod missed;
mod plan;
mod portfolio;
mod ranking;
mod recommendations;
mod reviews;
mod sessions;
mod shown;
mod sizes;
mod snapshots;
mod store;
mod tasks;
mod tenants;
mod tokens;

pub use alerts::{Attempt, Delivery, DeliveryState, Raise};
pub use archive::{Archive, Kept, policies_of};
pub use ascending::Ascending;
pub use attempts::Attempted;
pub use audit::{Actor, AuditEntry, Verified};
pub use averages::{Basis, ReferenceAverage, reference_averages};
pub use changes::{Change, ChangeKind, Changes, Step};
pub use cohorts::{CohortDay, RANKED_FROM, cohorts_of, quantile, size_of};
pub use days::{ControlDay, CoreControl, CoreDay, TrendPoint};
pub use deletion::Deleted;
pub use error::HistoryError;
pub use evidence::EvidenceRows;
pub use import::{ReceiveError, Received, with_causes};
pub use kept::{Cause, Details, KeptAssessment, KeptControl, SetNumbers};
pub use licences::{LicenceUse, licence_use};
pub use marks::{Mark, days_before};
pub use microsoft::PeerAverage;
pub use missed::{Missed, missed};
pub use plan::{ActionChange, ActionState, Effect, Slip, needs_approval, slips};
pub use portfolio::{Fallen, HeatMap, HeatRow, Portfolio, PortfolioOrder, PortfolioSummary, PortfolioTenant, Standing};
pub use ranking::{RankedAction, Together, all_actions, ranked, together};
pub use recommendations::{RecommendationStatus, RecommendationUpdate};
pub use reviews::{Attestation, Review};
pub use sessions::{Person, Role, Roles, SESSIONS_KEPT, Session, SessionLimits};
pub use sizes::Sizes;
pub use snapshots::KeptSnapshot;
pub use store::{History, Kind, without_password};
pub use tasks::{Task, TaskState, Vouched, tasks, vouched};
pub use tenants::Tenant;
pub use tokens::{NewToken, Token};
