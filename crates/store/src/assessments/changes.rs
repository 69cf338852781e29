//! The log of a tenant: every assessment beside the one before it, and what people decided and recorded, newest first.

use idscore_history::{ChangeKind, Step};

use crate::assessments::headline;
use crate::audit::{AuditEntry, COLUMNS, entry};
use crate::database::History;
use crate::database::columns::READ;
use crate::error::{HistoryError, doing};

/// Columns of a headline; those of the controls, which are most of a row, stay where they are.
const HEADLINE: &str = "id, day, assessed_at, cause, catalogue_version, config_hash,
    core_percent, core_score, core_max, core_coverage, core_compat, core_planned, core_current_license, core_achievable,
    core_attested, core_at_least, core_at_most,
    extended_percent, extended_score, extended_max, extended_coverage, extended_compat, extended_planned,
    extended_current_license, extended_achievable, extended_attested, extended_at_least, extended_at_most, details";

/// One entry of the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// An assessment.
    Assessment(Box<Step>),
    /// What somebody did, as the audit log says it.
    Entry(Box<AuditEntry>),
}

impl Change {
    /// The instant for which it holds, in microseconds.
    #[must_use]
    pub fn at(&self) -> i64 {
        match self {
            Self::Assessment(step) => step.now.assessed_at,
            Self::Entry(entry) => entry.at,
        }
    }

    /// Whether it is of a kind; one can be of several.
    #[must_use]
    pub fn is(&self, kind: ChangeKind) -> bool {
        match self {
            Self::Assessment(step) => step.is(kind),
            Self::Entry(entry) => kind_of(&entry.action) == Some(kind),
        }
    }
}

/// Actions of the audit log that are about a tenant itself; messages that were sent about it are not.
const ACTIONS: [(&str, ChangeKind); 10] = [
    ("action.update", ChangeKind::Decision),
    ("recommendation.update", ChangeKind::Decision),
    ("review.record", ChangeKind::Review),
    ("attestation.record", ChangeKind::Review),
    ("configuration.set", ChangeKind::Rules),
    ("tenant.register", ChangeKind::Setting),
    ("tenant.industry", ChangeKind::Setting),
    ("tenant.zones", ChangeKind::Setting),
    ("token.create", ChangeKind::Setting),
    ("token.revoke", ChangeKind::Setting),
];

fn kind_of(action: &str) -> Option<ChangeKind> {
    ACTIONS.iter().find(|(known, _)| *known == action).map(|(_, kind)| *kind)
}

/// A part of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Entries, newest first.
    pub entries: Vec<Change>,
    /// How many there are of the kind that was asked for.
    pub all: usize,
}

impl History {
    /// The log of a tenant, newest first: `top` entries after the first `skip`, of one kind or of all. Settings are in it
    /// only `with_settings`: who holds tokens is not for everybody who may look at a score.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn changes(
        &self,
        tenant_id: &str,
        kind: Option<ChangeKind>,
        with_settings: bool,
        skip: usize,
        top: usize,
    ) -> Result<Changes, HistoryError> {
        let mut all: Vec<Change> =
            self.steps(tenant_id).await?.into_iter().map(|step| Change::Assessment(Box::new(step))).collect();
        all.extend(self.said(tenant_id).await?.into_iter().map(|entry| Change::Entry(Box::new(entry))));
        all.retain(|change| {
            (with_settings || !change.is(ChangeKind::Setting)) && kind.is_none_or(|kind| change.is(kind))
        });
        // What somebody said comes before the assessment that follows from it; each of both is in its order already.
        all.sort_by_key(|change| (change.at(), matches!(change, Change::Assessment(_))));
        let entries = all.iter().rev().skip(skip).take(top).cloned().collect();
        Ok(Changes { entries, all: all.len() })
    }

    /// Every assessment beside the last one before it, oldest first.
    async fn steps(&self, tenant_id: &str) -> Result<Vec<Step>, HistoryError> {
        let sql = format!("SELECT {HEADLINE} FROM assessment WHERE tenant_id = $1 ORDER BY assessed_at, sequence");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant_id).fetch_all(self.pool());
        let rows = rows.await.map_err(doing(READ))?;
        let points = rows.iter().map(headline).collect::<Result<_, _>>()?;
        Ok(Step::of_all(points))
    }

    /// What people did to a tenant, oldest first.
    async fn said(&self, tenant_id: &str) -> Result<Vec<AuditEntry>, HistoryError> {
        let failed = doing("read the audit log");
        let actions = ACTIONS.map(|(action, _)| format!("'{action}'")).join(", ");
        let sql = format!(
            "SELECT {COLUMNS} FROM audit
             WHERE tenant_id = $1 AND action IN ({actions}) ORDER BY sequence"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant_id).fetch_all(self.pool());
        rows.await.map_err(&failed)?.iter().map(entry).collect::<Result<_, sqlx::Error>>().map_err(failed)
    }
}
