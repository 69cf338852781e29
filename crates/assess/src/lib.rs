//! Judges a snapshot: derived columns, controls over tables, evidence.
//!
//! `facts` and `directory` gather what policies are applied to; a `view` is the tenant under one profile, with its proofs,
//! roles and exceptions; `scan` goes through each judged table once and lets every control look at each batch
//! (`evaluate`, `judge`, `explain`); `result` turns what was found into points and reasons. `reconcile` lays a result beside
//! Microsoft's own.

mod absent;
mod access_overview;
mod assess;
mod assessment;
mod batch;
mod cases;
mod configuration;
mod data_sets;
mod declared;
mod directory;
#[cfg(all(test, feature = "duckdb"))]
mod duckdb;
mod error;
mod evaluate;
mod exceptions;
mod explain;
mod facts;
mod frame;
mod judge;
mod needs;
mod object_columns;
mod proven;
mod reconcile;
mod rescore;
mod result;
mod reviews;
mod roles;
mod scan;
mod sign_ins;
mod tenant_columns;
mod view;

pub use access_overview::{
    AccessOverview, Added, Cover, ExcludedGroup, PolicyCover, ProtectionCover, Told, Unreached, access_overview,
};
pub use assess::{Evidence, Judgement, assess, assess_keeping};
pub use assessment::{Assessment, ControlResult, DataSetState, Declared, EvidenceRow, SetScore, Urgency, UserCounts};
pub use cases::{CaseResult, run_cases};
pub use configuration::{
    Configuration, ConfigurationError, DeclaredControl, DeclaredObject, DeclaredStatus, RecordedReview,
    SettingsOverride,
};
pub use error::AssessError;
pub use idscore_access::PolicyState;
pub use needs::{Cost, needs};
pub use reconcile::{
    Microsoft, MicrosoftSide, OurSide, PolicyFacts, Reason, ReasonKind, ReconciledAverage, ReconciledControl,
    ReconciledTotals, Reconciliation, Sum, Surroundings, Verdict, newest_score, reconcile, reconcile_snapshot,
};
pub use rescore::{Decision, JudgedControl, Rescored, rescore};
pub use reviews::Review;
pub use scan::EvidenceSink;
