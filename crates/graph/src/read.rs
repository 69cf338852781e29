//! Reading data sets: page after page, once per owner, and what changed since.

mod batch;
#[allow(clippy::arithmetic_side_effects, reason = "it counts pages and objects that lie on disk")]
mod delta;
#[allow(clippy::arithmetic_side_effects, reason = "it counts pages and objects that lie on disk")]
mod owners;
mod reach;

pub(crate) use delta::CaughtUp;
pub(crate) use owners::Tally;
pub(crate) use reach::Named;

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::error::CollectError;
use crate::page::Page;
use crate::plan::Reading;
use crate::request::{Ask, Fault, Graph, Refusal};
use crate::watch::Watch;
use crate::write::{Folder, write_page};

/// A data set whose page tokens keep expiring is given up after so many beginnings.
const BEGINNINGS: u32 = 4;

/// An empty page that names itself as the next is followed so often.
const EMPTY_PAGES: u32 = 50;

/// What reading needs at hand.
pub(crate) struct Reader<'r> {
    pub(crate) graph: &'r Graph,
    pub(crate) out: &'r Path,
    pub(crate) watch: &'r dyn Watch,
    /// The instant of the collection, by Graph's clock.
    pub(crate) started: Timestamp,
    /// How many days of sign-ins.
    pub(crate) sign_in_days: u32,
}

/// What lies on disk of a data set that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Whole {
    pub(crate) pages: u64,
    pub(crate) rows: u64,
    pub(crate) version: &'static str,
}

impl Reader<'_> {
    /// The addresses to try for a data set, the better first.
    pub(crate) fn addresses(&self, reading: &Reading, owner: Option<&str>) -> Vec<(&'static str, String)> {
        let versions = [Some(reading.version), reading.fallback];
        let queries = [Some(reading.query), reading.without];
        let mut addresses = Vec::new();
        for version in versions.into_iter().flatten() {
            for query in queries.into_iter().flatten() {
                addresses.push((version, self.graph.hosts.graph(version, &self.relative(reading, query, owner))));
            }
        }
        addresses
    }

    /// The path with its query, as `$batch` wants it.
    pub(crate) fn relative(&self, reading: &Reading, query: &str, owner: Option<&str>) -> String {
        let mut address = reading.path().to_owned();
        if !query.is_empty() {
            address.push('?');
            address.push_str(query);
        }
        if let Some(owner) = owner {
            address = address.replace("{id}", &encoded(owner));
        }
        if address.contains("{since}") {
            let days = jiff::SignedDuration::from_hours(i64::from(self.sign_in_days).saturating_mul(24));
            let since = self.started.checked_sub(days).unwrap_or(self.started);
            address = address.replace("{since}", &since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        }
        address
    }

    /// One page.
    pub(crate) async fn page(&self, reading: &Reading, url: &str, deadline: Instant) -> Result<Page, Fault> {
        let ask = Ask {
            data_set: reading.name,
            url,
            body: None,
            class: reading.class,
            units: reading.units,
            eventual: false,
            deadline,
        };
        let read = |body| Page::read(reading.name, reading.shape, body);
        self.graph.ask(&ask, self.watch, read).await
    }

    /// Reads every page of a folder, from where an earlier run stopped. Ends with all pages on disk, or with a fault.
    pub(crate) async fn pages(
        &self,
        reading: &Reading,
        folder: &Folder,
        owner: Option<&str>,
        deadline: Instant,
        told: &(dyn Fn(u64) + Sync),
    ) -> Result<Whole, Fault> {
        folder.create()?;
        let mut found = folder.found()?;
        let mut version = reading.version;
        if found.pages > 0 && found.next.is_none() {
            told(found.rows);
            return Ok(Whole { pages: found.pages, rows: found.rows, version });
        }
        let mut beginnings = 0_u32;
        'anew: loop {
            let mut fetched = match found.next.take() {
                Some(next) => self.page(reading, &next, deadline).await,
                None => {
                    beginnings = beginnings.saturating_add(1);
                    let first = self.first_page(reading, owner, deadline).await?;
                    version = first.0;
                    Ok(first.1)
                }
            };
            let mut seen: HashMap<String, u32> = HashMap::new();
            loop {
                let mut page = match fetched {
                    Ok(page) => page,
                    Err(Fault::Refused(refusal)) if is_expired(&refusal) && beginnings < BEGINNINGS => {
                        // The page token is used up. Half of one list and half of another would be neither.
                        self.watch.notes(&format!("`{}` begins anew: its page token has expired", reading.name));
                        folder.clear()?;
                        folder.create()?;
                        found = crate::write::Found::default();
                        continue 'anew;
                    }
                    Err(fault) => return Err(fault),
                };
                found.pages = found.pages.saturating_add(1);
                let rows = page.rows;
                found.rows = found.rows.saturating_add(rows);
                told(found.rows);
                let number = found.pages;
                let Some(next) = page.next.take() else {
                    write_page(folder, number, page).await?;
                    return Ok(Whole { pages: found.pages, rows: found.rows, version });
                };
                // An empty page may name itself, for a while: the service has nothing ready yet.
                let times = seen.entry(next.clone()).or_default();
                *times = times.saturating_add(1);
                if *times > if rows == 0 { EMPTY_PAGES } else { 1 } {
                    return Err(Fault::Refused(Refusal {
                        status: 0,
                        code: "endlessPages".to_owned(),
                        message: "Graph named a next page that it had named before".to_owned(),
                    }));
                }
                // The next page travels while this one is written.
                let (written, coming) =
                    tokio::join!(write_page(folder, number, page), self.page(reading, &next, deadline));
                written?;
                fetched = coming;
            }
        }
    }

    /// The first page, by the first address that Graph understands.
    async fn first_page(
        &self,
        reading: &Reading,
        owner: Option<&str>,
        deadline: Instant,
    ) -> Result<(&'static str, Page), Fault> {
        let addresses = self.addresses(reading, owner);
        let last = addresses.len().saturating_sub(1);
        for (at, (version, url)) in addresses.iter().enumerate() {
            match self.page(reading, url, deadline).await {
                Ok(page) => return Ok((*version, page)),
                Err(Fault::Refused(refusal)) if at < last && is_misunderstood(&refusal) => {}
                Err(fault) => return Err(fault),
            }
        }
        Err(CollectError::call(format!("`{}` has no address", reading.name), "report it as a mistake of idscore")
            .into())
    }
}

/// The page token of an address is used up.
fn is_expired(refusal: &Refusal) -> bool {
    let code = refusal.code.to_ascii_lowercase();
    matches!(refusal.status, 400 | 404 | 410)
        && (code.contains("pagetoken")
            || code.contains("skiptoken")
            || code.contains("resync")
            || refusal.status == 410)
}

/// Another form of the same question may be understood. A missing licence is said with 400 too, and stays one.
fn is_misunderstood(refusal: &Refusal) -> bool {
    matches!(refusal.status, 400 | 404)
        && crate::outcome::status_of(refusal, crate::Cloud::Global) == crate::Status::Failed
}

/// An id as a part of a path.
pub(crate) fn encoded(id: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let mut text = String::with_capacity(id.len());
    for byte in id.as_bytes() {
        if plain(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_part_of_a_path() {
        assert_eq!(encoded("b0000000-0000-4000-8000-000000000001"), "b0000000-0000-4000-8000-000000000001");
        assert_eq!(encoded("a/../b?c=d'&e"), "a%2F..%2Fb%3Fc%3Dd%27%26e");
    }
}
