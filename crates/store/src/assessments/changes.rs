//! The log of a tenant: every assessment beside the one before it, and what people decided and recorded, newest first.

use idscore_score::Set;

use crate::assessments::days::TrendPoint;
use crate::assessments::headline;
use crate::audit::{AuditEntry, COLUMNS, entry};
use crate::database::History;
use crate::database::columns::READ;
use crate::error::{HistoryError, doing};
use crate::kept::Cause;
use crate::marks::Mark;

/// Columns of a headline; those of the controls, which are most of a row, stay where they are.
const HEADLINE: &str = "id, day, assessed_at, cause, catalogue_version, config_hash,
    core_percent, core_score, core_max, core_coverage, core_compat, core_planned, core_current_license, core_achievable,
    core_attested, core_at_least, core_at_most,
    extended_percent, extended_score, extended_max, extended_coverage, extended_compat, extended_planned,
    extended_current_license, extended_achievable, extended_attested, extended_at_least, extended_at_most, details";

/// An assessment beside the one before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The assessment.
    pub now: TrendPoint,
    /// The last one before it of the same measure, ours or Microsoft's; none for the first.
    pub before: Option<TrendPoint>,
}

impl Step {
    /// Percentage less the one before; none for the first.
    #[must_use]
    pub fn change(&self, set: Set) -> Option<f64> {
        self.now.change_since(self.before.as_ref()?, set)
    }

    /// What a reader should know about it.
    #[must_use]
    pub fn marks(&self, set: Set) -> Vec<Mark> {
        self.now.marks(self.before.as_ref(), set)
    }

    /// Whether points of a set are others than before, or none were before.
    #[must_use]
    pub fn moved(&self, set: Set) -> bool {
        self.before.as_ref().is_none_or(|before| {
            let (was, is) = (before.of_set(set), self.now.of_set(set));
            (was.current_score - is.current_score).abs() > 1e-9 || (was.max_score - is.max_score).abs() > 1e-9
        })
    }

    /// Whether a percentage is lower, for whatever reason.
    fn fell(&self) -> bool {
        [Set::Core, Set::Extended].into_iter().any(|set| self.change(set).is_some_and(|change| change < 0.0))
    }

    fn has(&self, mark: Mark) -> bool {
        [Set::Core, Set::Extended].into_iter().any(|set| self.marks(set).contains(&mark))
    }
}

/// What a reader of the log may look for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// Assessments of ours after which points are others.
    Moved,
    /// Assessments after which a percentage is lower.
    Fell,
    /// Assessments by other controls or another configuration.
    Rules,
    /// What was decided about actions and recommendations.
    Decision,
    /// Reviews and attestations.
    Review,
    /// Microsoft's own days.
    Microsoft,
    /// Changes of the tenant's industry, zones and tokens.
    Setting,
}

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
        match (self, kind) {
            (Self::Assessment(step), ChangeKind::Microsoft) => step.now.cause == Cause::Microsoft,
            (Self::Assessment(step), _) if step.now.cause == Cause::Microsoft => false,
            (Self::Assessment(step), ChangeKind::Moved) => step.moved(Set::Core) || step.moved(Set::Extended),
            (Self::Assessment(step), ChangeKind::Fell) => step.fell(),
            (Self::Assessment(step), ChangeKind::Rules) => {
                step.has(Mark::CatalogueChanged) || step.has(Mark::ConfigurationChanged)
            }
            (Self::Assessment(_), _) => false,
            (Self::Entry(entry), kind) => kind_of(&entry.action) == Some(kind),
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
        let (mut ours, mut theirs): (Option<TrendPoint>, Option<TrendPoint>) = (None, None);
        let mut steps = Vec::with_capacity(rows.len());
        for row in &rows {
            let now = headline(row)?;
            let last = if now.cause == Cause::Microsoft { &mut theirs } else { &mut ours };
            let before = last.replace(now.clone());
            steps.push(Step { now, before });
        }
        Ok(steps)
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
