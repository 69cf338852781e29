//! Assessments over time, the action plan, reviews, comparison and the audit log, in SQLite or PostgreSQL.
//!
//! Everything that is written goes through [`History::write`](database): one writer at a time, one entry in the audit log, all
//! or nothing. A decision about an action writes a new assessment from what was judged before (`plan`), so that the past
//! stays as it was.

mod access;
mod archive;
mod ascending;
mod assessments;
mod audit;
mod averages;
mod backup;
pub mod benchmark;
mod database;
pub mod difference;
mod error;
pub mod events;
pub mod instants;
pub mod invented;
mod kept;
mod licences;
mod marks;
mod missed;
mod outbox;
mod plan;
mod ranking;
pub mod regression;
mod sha256;
mod shown;
mod tasks;
mod tenants;

pub use access::attempts::Attempted;
pub use access::sessions::{Person, Role, Roles, SESSIONS_KEPT, Session, SessionLimits};
pub use access::tokens::{NewToken, Token};
pub use archive::evidence::EvidenceRows;
pub use archive::import::{ReceiveError, Received, with_causes};
pub use archive::passing::Passing;
pub use archive::policy_documents::policies_of;
pub use archive::readiness::NotReady;
pub use archive::sizes::Sizes;
pub use archive::snapshots::KeptSnapshot;
pub use archive::unread::{FileProblem, KeptFile, UnreadFile, Which};
pub use archive::work::Length;
pub use archive::{Archive, Kept};
pub use ascending::Ascending;
pub use assessments::changes::{Change, ChangeKind, Changes, Step};
pub use assessments::cohorts::{CohortDay, RANKED_FROM, cohorts_of, quantile, size_of};
pub use assessments::comparison;
pub use assessments::days::{ControlDay, CoreControl, CoreDay, TrendPoint};
pub use assessments::microsoft::PeerAverage;
pub use assessments::portfolio::{
    Fallen, HeatCell, HeatMap, HeatRow, Portfolio, PortfolioOrder, PortfolioSummary, PortfolioTenant, Standing,
};
pub use audit::{Actor, ActorKind, AuditEntry, Emptying, Head, Remark, Verified};
pub use averages::{Basis, ReferenceAverage, reference_averages};
pub use backup::Restored;
pub use database::{History, Kind, without_password};
pub use error::HistoryError;
pub use kept::{Cause, Details, KeptAssessment, KeptControl, SetNumbers};
pub use licences::{LicenceUse, licence_use};
pub use marks::{Mark, days_before};
pub use missed::{Missed, missed};
pub use outbox::{Attempt, Delivery, DeliveryState, Raise};
pub use plan::recommendations::{RecommendationStatus, RecommendationUpdate};
pub use plan::reviews::{Attestation, Review};
pub use plan::{ActionChange, ActionState, Effect, Slip, needs_approval, slips};
pub use ranking::{RankedAction, Together, all_actions, ranked, together};
pub use tasks::{Task, TaskState, Vouched, tasks, vouched};
pub use tenants::Tenant;
pub use tenants::collections::{CollectionRun, Connected, RunDataSet, RunEnd, RunOutcome};
pub use tenants::configurations::{ConfigurationChange, ConfigurationSource};
pub use tenants::deletion::Deleted;
