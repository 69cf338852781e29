//! Data sets that are read once per object.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use tokio::time::Instant;

use super::Reader;
use super::batch::{AT_ONCE, Fate};
use super::reach::Ids;
use crate::cloud::Cloud;
use crate::error::CollectError;
use crate::outcome::status_of;
use crate::plan::Reading;
use crate::report::{DataSetReport, Status};
use crate::request::{Fault, Refusal};
use crate::write::{Folder, write_page};

/// Batches on their way at once.
const BATCHES: usize = 4;
/// Rounds of one batch in which some of it does not come.
const ROUNDS: u32 = 8;

/// How the owners of a data set fared.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) pages: u64,
    pub(crate) rows: u64,
    pub(crate) read: u64,
    /// Owners that no longer exist.
    pub(crate) gone: u64,
    refused: BTreeMap<String, (u64, Refusal)>,
    failed: BTreeMap<String, (u64, String)>,
}

impl Tally {
    /// The report that this makes.
    pub(crate) fn report(&self, reading: &Reading, cloud: Cloud) -> DataSetReport {
        let report = |status| reading.report(reading.version, status, self.pages, self.rows);
        let failed: u64 = self.failed.values().map(|(count, _)| count).sum();
        let refused: u64 = self.refused.values().map(|(count, _)| count).sum();
        let worst =
            self.failed.iter().map(|(code, (_, message))| (code.clone(), message.clone(), Status::Failed)).chain(
                self.refused
                    .iter()
                    .map(|(code, (_, refusal))| (code.clone(), refusal.message.clone(), status_of(refusal, cloud))),
            );
        let Some((code, message, status)) = worst.last() else { return report(Status::Complete) };
        let missing = failed + refused;
        if self.read == 0 {
            return report(status).because(code, message);
        }
        let of = self.read + missing;
        report(Status::Incomplete).because(code, format!("not read for {missing} of {of} objects: {message}"))
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.pages += other.pages;
        self.rows += other.rows;
        self.read += other.read;
        self.gone += other.gone;
        for (code, (count, refusal)) in other.refused {
            self.refused.entry(code).or_insert((0, refusal)).0 += count;
        }
        for (code, (count, message)) in other.failed {
            self.failed.entry(code).or_insert((0, message)).0 += count;
        }
    }

    fn lost(&mut self, code: String, message: String) {
        self.failed.entry(code).or_insert((0, message)).0 += 1;
    }
}

impl Reader<'_> {
    /// Reads a data set for some owners, in batches. Owners that an earlier run has finished are not asked again.
    pub(crate) async fn owners(
        &self,
        reading: &Reading,
        version: &'static str,
        owners: Vec<String>,
        deadline: Instant,
        rows: &AtomicU64,
    ) -> Result<Tally, Fault> {
        let folder = Folder::of(self.out, reading.name);
        let mut tally = Tally::default();
        let mut waiting = Vec::new();
        for owner in owners {
            let found = folder.owner(&owner)?.found()?;
            if found.pages > 0 && found.next.is_none() {
                tally.pages += found.pages;
                tally.rows += found.rows;
                tally.read += 1;
            } else {
                waiting.push(owner);
            }
        }
        self.watch.advances(reading.name, rows.fetch_add(tally.rows, Ordering::Relaxed) + tally.rows);
        let chunks: Vec<Vec<String>> = waiting.chunks(AT_ONCE).map(<[String]>::to_vec).collect();
        let folder = &folder;
        stream::iter(chunks)
            .map(|chunk| async move { self.chunk(reading, version, &chunk, folder, deadline, rows).await })
            .buffer_unordered(BATCHES)
            .try_fold(tally, |mut tally, one| async move {
                tally.add(one);
                Ok(tally)
            })
            .await
    }

    async fn chunk(
        &self,
        reading: &Reading,
        version: &'static str,
        owners: &[String],
        folder: &Folder,
        deadline: Instant,
        rows: &AtomicU64,
    ) -> Result<Tally, Fault> {
        let mut tally = Tally::default();
        let fates = match self.batch(reading, version, owners, deadline, ROUNDS).await {
            Ok(fates) => fates,
            Err(Fault::GaveUp { code, message, .. }) => {
                for _ in owners {
                    tally.lost(code.clone(), message.clone());
                }
                return Ok(tally);
            }
            Err(fault) => return Err(fault),
        };
        for (owner, fate) in fates {
            match fate {
                Fate::Page(page) => {
                    let folder = folder.owner(&owner)?;
                    let first = page.rows;
                    // An earlier run may have been stopped in the middle of this owner.
                    folder.clear()?;
                    folder.create()?;
                    let more = page.next.is_some();
                    write_page(&folder, 1, page).await?;
                    let told = |_| {};
                    let read = if more {
                        self.pages(reading, &folder, Some(&owner), deadline, &told)
                            .await
                            .map(|whole| (whole.pages, whole.rows))
                    } else {
                        Ok((1, first))
                    };
                    match read {
                        Ok((pages, count)) => {
                            tally.pages += pages;
                            tally.rows += count;
                            tally.read += 1;
                            self.watch.advances(reading.name, rows.fetch_add(count, Ordering::Relaxed) + count);
                        }
                        Err(Fault::Stop(error)) => return Err(Fault::Stop(error)),
                        Err(Fault::GaveUp { code, message, .. }) => tally.lost(code, message),
                        Err(Fault::Refused(refusal)) => tally.lost(refusal.code, refusal.message),
                    }
                }
                Fate::Refused(refusal) if refusal.status == 404 => tally.gone += 1,
                Fate::Refused(refusal) => {
                    tally.refused.entry(refusal.code.clone()).or_insert((0, refusal)).0 += 1;
                }
                Fate::GaveUp { code, message } => tally.lost(code, message),
            }
        }
        Ok(tally)
    }

    /// The per-user MFA state of everybody who may sign in, one page of users after the other: whose list is long,
    /// is never held.
    pub(crate) async fn enabled_users(&self, reading: &Reading, deadline: Instant) -> Result<Tally, Fault> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct User {
            id: String,
            #[serde(default)]
            account_enabled: Option<bool>,
        }
        let users = Folder::of(self.out, "users");
        let rows = AtomicU64::new(0);
        let mut tally = Tally::default();
        // A user may stand on two pages, and counts once.
        let mut asked = Ids::default();
        for number in 1.. {
            let page = users.page(number);
            let unreadable = |error| CollectError::file("read", users.page(number), error);
            let read = tokio::task::spawn_blocking(move || std::fs::read(page)).await;
            let bytes = match read.unwrap_or_else(|panicked| Err(io::Error::other(panicked))) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(error) => return Err(unreadable(error).into()),
            };
            let envelope: crate::page::Envelope<'_> =
                serde_json::from_slice(&bytes).map_err(|error| unreadable(io::Error::other(error)))?;
            let enabled = envelope.value.iter().flatten().filter_map(|user| {
                let user: User = serde_json::from_str(user.get()).ok()?;
                (user.account_enabled != Some(false) && asked.insert(&user.id)).then_some(user.id)
            });
            let owners: Vec<String> = enabled.collect();
            drop(bytes);
            tally.add(self.owners(reading, reading.version, owners, deadline, &rows).await?);
        }
        Ok(tally)
    }
}
