//! What takes a while over a data folder, done where it holds up no answer.

use std::ops::Range;
use std::sync::Arc;

use idscore_assess::EvidenceRow;
use idscore_history::KeptAssessment;
use tokio::runtime::Handle;

use crate::archive::Archive;
use crate::archive::evidence::EvidenceRows;
use crate::archive::work::Length;
use crate::error::HistoryError;

impl Archive {
    /// Does work of milliseconds where it holds up nobody.
    ///
    /// # Errors
    /// When it panics.
    pub async fn look<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HistoryError> {
        self.work.run(Length::Look, what, work).await
    }

    /// Does work of some length with questions to the database in between, where it holds up nobody who only looks.
    ///
    /// # Errors
    /// When it panics, or the system has no thread for it.
    pub async fn at_work<T, F>(
        &self,
        length: Length,
        what: &'static str,
        work: impl FnOnce() -> F + Send + 'static,
    ) -> Result<T, HistoryError>
    where
        T: Send + 'static,
        F: Future<Output = T>,
    {
        self.work.run(length, what, move || Handle::current().block_on(work())).await
    }

    /// Where the evidence of a control is, or the part of it in which a text stands: [`Archive::rows`] reads from there.
    ///
    /// # Errors
    /// When the file is missing or damaged.
    pub async fn evidence(
        &self,
        assessment: &KeptAssessment,
        control_id: &str,
        text: &str,
    ) -> Result<Arc<EvidenceRows>, HistoryError> {
        let (path, control_id, text) = (self.evidence_file(assessment), control_id.to_owned(), text.to_owned());
        let find = move || match path {
            Some(path) => EvidenceRows::find(&path, &control_id, &text),
            None => Ok(EvidenceRows::none()),
        };
        self.work.run(Length::Look, "evidence", find).await?.map(Arc::new)
    }

    /// Some of the rows that were found, by their number from 0. Beyond the end there are none.
    ///
    /// # Errors
    /// When the file is damaged.
    pub async fn rows(
        &self,
        found: &Arc<EvidenceRows>,
        wanted: Range<usize>,
    ) -> Result<Vec<EvidenceRow>, HistoryError> {
        let found = Arc::clone(found);
        self.work.run(Length::Look, "evidence", move || found.rows(wanted)).await?
    }
}
