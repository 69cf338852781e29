//! What is kept, in SQLite or PostgreSQL and in the data folder beside it: assessments, the action plan, sessions, tokens, the
//! outbox of alerts, collections and the audit log. What follows from it is worked out by `idscore-history`.
//!
//! What people and the program do goes through [`History::write`](database): one writer at a time, all or nothing, with an entry in
//! the audit log where somebody decided something. A decision about an action writes a new assessment from what was judged before (`plan`), so that the past
//! stays as it was.

mod access;
mod archive;
mod assessments;
mod audit;
mod backup;
mod clock;
mod database;
mod error;
mod outbox;
mod plan;
mod random;
mod sha256;
mod tenants;

pub use access::attempts::Attempted;
pub use access::sessions::{Person, Role, Roles, SESSIONS_KEPT, Session, SessionLimits};
pub use access::tokens::{NewToken, Token};
pub use archive::evidence::EvidenceRows;
pub use archive::import::{ReceiveError, Received, with_causes};
pub use archive::named::Named;
pub use archive::passing::Passing;
pub use archive::policy_documents::policies_of;
pub use archive::readiness::NotReady;
pub use archive::sizes::Sizes;
pub use archive::snapshots::KeptSnapshot;
pub use archive::take_in::{Bringing, TakeInError};
pub use archive::work::Length;
pub use archive::{Archive, Kept};
pub use assessments::benchmark::{ExportRequest, Exported};
pub use assessments::changes::{Change, Changes};
pub use audit::{Actor, ActorKind, AuditEntry, Emptying, Head, Remark, Verified};
pub use backup::Restored;
pub use clock::now;
pub use database::{History, Kind, without_password};
pub use error::HistoryError;
pub use outbox::{Attempt, Delivery, DeliveryState, Raise};
pub use plan::recommendations::{RecommendationStatus, RecommendationUpdate};
pub use random::OsRandom;
pub use tenants::collections::{CollectionRun, Connected, RunDataSet, RunEnd, RunOutcome};
pub use tenants::configurations::{ConfigurationChange, ConfigurationSource};
pub use tenants::deletion::Deleted;
