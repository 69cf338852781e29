//! The difference between two assessments as people name them: by a day, an instant or an id.

use std::sync::Arc;

use idscore_catalogue::Catalogue;
use idscore_history::difference::Difference;
use idscore_history::instants::{DAY, day_of_date};
use idscore_history::{Cause, KeptAssessment};
use jiff::Timestamp;
use jiff::civil::Date;

use super::Archive;
use crate::database::History;
use crate::error::HistoryError;

/// The difference between two assessments that somebody named.
#[derive(Debug)]
pub struct Named {
    /// In the order of time.
    pub difference: Difference,
    /// Whether the later one was named first.
    pub swapped: bool,
}

impl Archive {
    /// What moved between two assessments, each named as in [`History::named`], in the order of time.
    ///
    /// # Errors
    /// When a name means no assessment, only one of the two is Microsoft's own number, or something kept can't be read.
    pub async fn difference_between(
        &self,
        tenant_id: &str,
        before: &str,
        after: &str,
        catalogue: &Arc<Catalogue>,
    ) -> Result<Named, HistoryError> {
        let mut before = self.history.named(tenant_id, before).await?;
        let mut after = self.history.named(tenant_id, after).await?;
        let order = |kept: &KeptAssessment| (kept.assessed_at, kept.sequence);
        let swapped = order(&after) < order(&before);
        if swapped {
            std::mem::swap(&mut before, &mut after);
        }
        if (before.cause == Cause::Microsoft) != (after.cause == Cause::Microsoft) {
            return Err(HistoryError::OtherMeasure);
        }
        let catalogue = Arc::clone(catalogue);
        let rests = move |id: &str| catalogue.rests_on_policies(id);
        Ok(Named { difference: self.difference(&before, &after, rests).await?, swapped })
    }
}

impl History {
    /// The assessment that a text means: the one that stands for a day, or the last before it; the last up to an instant;
    /// or the one with an id.
    ///
    /// # Errors
    /// When there is none, or the database refuses.
    pub async fn named(&self, tenant_id: &str, text: &str) -> Result<KeptAssessment, HistoryError> {
        let missing = |reason: String| HistoryError::NoAssessment { reason };
        if let Ok(date) = text.parse::<Date>()
            && text.len() == 10
        {
            let day = day_of_date(date);
            if let Some(kept) = self.newest_per_day(tenant_id, day, day, 1).await?.pop() {
                return Ok(kept);
            }
            let last = self.assessment_at(tenant_id, (day + 1) * DAY - 1).await?;
            return last.ok_or_else(|| missing(format!("there is no assessment on {date} or before")));
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            let last = self.assessment_at(tenant_id, instant.as_microsecond()).await?;
            return last.ok_or_else(|| missing(format!("there is no assessment at {instant} or before")));
        }
        // PostgreSQL takes no NUL in a text, so no id holds one.
        let found = if text.contains('\0') { None } else { Some(self.assessment(tenant_id, text).await) };
        match found {
            None | Some(Err(HistoryError::NotFound { .. })) => {
                Err(missing(format!("`{text}` is no day, no instant and no id of an assessment")))
            }
            Some(other) => other,
        }
    }
}
