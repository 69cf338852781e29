//! Two kept assessments beside each other, from the files of both.

use std::cell::RefCell;
use std::collections::BTreeMap;

use idscore_history::difference::{Difference, Documents, RowsOf, Side, difference};
use idscore_history::{KeptAssessment, Which};
use idscore_snapshot::Snapshot;

use crate::archive::Archive;
use crate::archive::evidence;
use crate::archive::policy_documents::documents_of;
use crate::archive::unread::noting;
use crate::archive::work::Length;
use crate::error::HistoryError;

impl Archive {
    /// What moved from one assessment to another, and why, from everything that is kept of both. `rests_on_policies` says of a
    /// control whether Conditional Access decides it.
    ///
    /// Kept files that can't be read are named in it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn difference(
        &self,
        before: &KeptAssessment,
        after: &KeptAssessment,
        rests_on_policies: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Result<Difference, HistoryError> {
        let (archive, before, after) = (self.clone(), before.clone(), after.clone());
        let work = move || async move { archive.compare(&before, &after, &rests_on_policies).await };
        self.at_work(Length::Reading, "a difference", work).await?
    }

    /// The same without evidence: which controls, policies, decisions and rules moved, but not who. Quick enough for a
    /// list of many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn outline(
        &self,
        before: &KeptAssessment,
        after: &KeptAssessment,
        rests_on_policies: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Result<Difference, HistoryError> {
        let (archive, before, after) = (self.clone(), before.clone(), after.clone());
        let work = move || async move { archive.compare_outlines(&before, &after, &rests_on_policies).await };
        self.at_work(Length::Look, "an outline", work).await?
    }

    /// All of both sides, read where it holds up nobody else.
    async fn compare(
        &self,
        before: &KeptAssessment,
        after: &KeptAssessment,
        rests_on_policies: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Difference, HistoryError> {
        let mut unread = Vec::new();
        let documents_before = noting(&mut unread, Which::Before, self.documents(before))?;
        let documents_after = noting(&mut unread, Which::After, self.documents(after))?;
        // Only the side that came later says why something was decided.
        let actions = self.history.actions_at(&after.tenant_id, after.assessed_at).await?;
        let none = BTreeMap::new();
        // Both sides are read control by control: all of it at once may be more than memory should hold.
        let open =
            |kept: &KeptAssessment| self.evidence_file(kept).map(|file| evidence::Compared::open(&file)).transpose();
        let mut kept_before = noting(&mut unread, Which::Before, open(before))?;
        let mut kept_after = noting(&mut unread, Which::After, open(after))?;
        // Damage may show in the middle of a file: the comparison is made again without it.
        loop {
            let failure = RefCell::new(None);
            let rows = |which: Which, kept: Option<&evidence::Compared>, id: &str| {
                let read = kept.map(|kept| kept.rows(id)).transpose();
                read.unwrap_or_else(|error| {
                    failure.borrow_mut().get_or_insert((which, error));
                    None
                })
            };
            let before_of = |id: &str| rows(Which::Before, kept_before.as_ref(), id).unwrap_or_default();
            let after_of = |id: &str| rows(Which::After, kept_after.as_ref(), id).unwrap_or_default();
            let was = Side {
                assessment: before,
                evidence: kept_before.as_ref().map(|_| &before_of as &RowsOf<'_>),
                documents: documents_before.as_ref(),
                actions: &none,
            };
            let is = Side {
                assessment: after,
                evidence: kept_after.as_ref().map(|_| &after_of as &RowsOf<'_>),
                documents: documents_after.as_ref(),
                actions: &actions,
            };
            let found = difference(was, is, rests_on_policies);
            let Some((which, error)) = failure.into_inner() else { return Ok(Difference { unread, ..found }) };
            noting::<()>(&mut unread, which, Err(error))?;
            match which {
                Which::Before => kept_before = None,
                Which::After => kept_after = None,
            }
        }
    }

    /// The same without evidence.
    async fn compare_outlines(
        &self,
        before: &KeptAssessment,
        after: &KeptAssessment,
        rests_on_policies: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Difference, HistoryError> {
        let actions = self.history.actions_at(&after.tenant_id, after.assessed_at).await?;
        let none = BTreeMap::new();
        // The same snapshot holds the same policies.
        let other = before.snapshot != after.snapshot;
        let mut unread = Vec::new();
        let documents = |kept| if other { self.documents(kept) } else { Ok(None) };
        let was = noting(&mut unread, Which::Before, documents(before))?;
        let is = noting(&mut unread, Which::After, documents(after))?;
        let side = |assessment, documents, actions| Side { assessment, evidence: None, documents, actions };
        let (was, is) = (side(before, was.as_ref(), &none), side(after, is.as_ref(), &actions));
        Ok(Difference { unread, ..difference(was, is, rests_on_policies) })
    }

    /// The policies of a kept snapshot and what they name.
    fn documents(&self, kept: &KeptAssessment) -> Result<Option<Documents>, HistoryError> {
        let Some(folder) = self.snapshot(kept) else { return Ok(None) };
        let documents = Snapshot::open(&folder).and_then(|snapshot| documents_of(&snapshot));
        documents.map(Some).map_err(|error| HistoryError::of_snapshot(&folder, error))
    }
}
