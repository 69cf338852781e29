//! When tokens and sessions were last used. Noted in memory, so that no request waits for the database's one writer, and
//! written together from time to time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use idscore_history::instants::NONE;

use crate::database::History;
use crate::error::HistoryError;

/// How exactly a use is known, in microseconds: a write for every request would cost too much.
const GRANULARITY: i64 = 60_000_000;

/// What was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Used {
    Token,
    Session,
}

/// Uses that are not in the database yet: the last instant by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Uses(Arc<Mutex<BTreeMap<(Used, String), i64>>>);

impl Uses {
    /// Notes a use, if a minute or more has passed since the one that the database knows.
    pub(crate) fn note(&self, used: Used, id: &str, written: Option<i64>, at: i64) {
        if written.is_none_or(|written| at.saturating_sub(written) >= GRANULARITY) {
            let mut noted = self.noted();
            let last = noted.entry((used, id.to_owned())).or_insert(at);
            *last = at.max(*last);
        }
    }

    /// The last use that is not in the database yet; [`NONE`] where there is none.
    pub(crate) fn last(&self, used: Used, id: &str) -> i64 {
        self.noted().get(&(used, id.to_owned())).copied().unwrap_or(NONE)
    }

    fn noted(&self) -> MutexGuard<'_, BTreeMap<(Used, String), i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    /// Writes which tokens and sessions were used since the last time, all in one go. What could not be written, or was
    /// given up half-way, is written the next time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_uses(&self) -> Result<(), HistoryError> {
        let written = self.uses.noted().clone();
        self.write_all(&written).await?;
        self.uses.noted().retain(|key, at| written.get(key) != Some(at));
        Ok(())
    }

    async fn write_all(&self, noted: &BTreeMap<(Used, String), i64>) -> Result<(), HistoryError> {
        if noted.is_empty() {
            return Ok(());
        }
        self.write("note what was used", noted, |write, &noted| {
            Box::pin(async move {
                let failed = write.failed();
                for ((used, id), at) in noted {
                    let statement = match used {
                        Used::Token => "UPDATE token SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2",
                        Used::Session => "UPDATE session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2",
                    };
                    sqlx::query(statement).bind(id).bind(at).execute(&mut **write).await.map_err(&failed)?;
                }
                Ok(())
            })
        })
        .await
    }
}
