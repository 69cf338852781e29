//! Every assessment beside the one before it, and what a reader of the log may look for.

use idscore_score::Set;

use crate::kept::Cause;
use crate::trend::{Mark, TrendPoint};

/// An assessment beside the one before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The assessment.
    pub now: TrendPoint,
    /// The last one before it of the same measure, ours or Microsoft's; none for the first.
    pub before: Option<TrendPoint>,
}

impl Step {
    /// Every assessment beside the last one before it of its measure; they come and go oldest first.
    #[must_use]
    pub fn of_all(points: Vec<TrendPoint>) -> Vec<Self> {
        let (mut ours, mut theirs): (Option<TrendPoint>, Option<TrendPoint>) = (None, None);
        let step = |now: TrendPoint| {
            let last = if now.cause == Cause::Microsoft { &mut theirs } else { &mut ours };
            let before = last.replace(now.clone());
            Self { now, before }
        };
        points.into_iter().map(step).collect()
    }

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

    /// Whether it is of a kind; one can be of several.
    #[must_use]
    pub fn is(&self, kind: ChangeKind) -> bool {
        match kind {
            ChangeKind::Microsoft => self.now.cause == Cause::Microsoft,
            _ if self.now.cause == Cause::Microsoft => false,
            ChangeKind::Moved => self.moved(Set::Core) || self.moved(Set::Extended),
            ChangeKind::Fell => self.fell(),
            ChangeKind::Rules => self.has(Mark::CatalogueChanged) || self.has(Mark::ConfigurationChanged),
            ChangeKind::Decision | ChangeKind::Review | ChangeKind::Setting => false,
        }
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
