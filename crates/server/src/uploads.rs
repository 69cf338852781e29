//! How many exports are read at a time, and by what rules.

pub(crate) mod keep;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// Exports that are read at a time, of all tenants.
const AT_A_TIME: usize = 2;
/// Exports that arrive or wait at a time, of a tenant and of all.
const ARRIVING_OF_TENANT: usize = 4;
const ARRIVING: usize = 16;
/// How long one that is there waits to be read.
const PATIENCE: Duration = Duration::from_secs(60);

/// What holds for uploads.
#[derive(Debug, Clone)]
pub struct UploadRules {
    /// The most bytes of one.
    pub max_bytes: u64,
    /// The configuration by which all are judged; where there is none, each tenant's own in the data folder.
    pub configuration: Option<PathBuf>,
}

impl Default for UploadRules {
    fn default() -> Self {
        Self { max_bytes: 256 << 20, configuration: None }
    }
}

/// The uploads that are under way.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    underway: Mutex<Underway>,
    /// A turn has ended.
    ended: Notify,
}

/// Their tenants; empty for one that nobody knows yet.
#[derive(Debug, Default)]
struct Underway {
    /// Whose bytes arrive, or wait for a turn.
    arriving: Vec<String>,
    /// Whose export is read.
    running: BTreeSet<String>,
}

/// The right to send the bytes of an upload; it ends when this goes away.
#[derive(Debug)]
pub(crate) struct Arrival {
    uploads: Arc<Uploads>,
    tenant_id: String,
}

/// The right to be read; it ends when this goes away.
#[derive(Debug)]
pub(crate) struct Turn {
    uploads: Arc<Uploads>,
    tenant_id: String,
}

impl Uploads {
    fn underway(&self) -> MutexGuard<'_, Underway> {
        self.underway.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the bytes of an upload come: the disk holds so many at once and no more.
    ///
    /// # Errors
    /// Why not now.
    pub(crate) fn arrive(self: &Arc<Self>, tenant_id: &str) -> Result<Arrival, &'static str> {
        let mut underway = self.underway();
        if underway.arriving.iter().filter(|tenant| *tenant == tenant_id).count() >= ARRIVING_OF_TENANT {
            return Err("Other uploads of this tenant are arriving; see Retry-After.");
        }
        if underway.arriving.len() >= ARRIVING {
            return Err("Uploads of other tenants are arriving; see Retry-After.");
        }
        underway.arriving.push(tenant_id.to_owned());
        Ok(Arrival { uploads: self.clone(), tenant_id: tenant_id.to_owned() })
    }

    fn enter(self: &Arc<Self>, tenant_id: &str) -> Result<Turn, &'static str> {
        let mut underway = self.underway();
        if underway.running.contains(tenant_id) {
            return Err("Another upload of this tenant is being read; see Retry-After.");
        }
        if underway.running.len() >= AT_A_TIME {
            return Err("Uploads of other tenants are being read; see Retry-After.");
        }
        underway.running.insert(tenant_id.to_owned());
        Ok(Turn { uploads: self.clone(), tenant_id: tenant_id.to_owned() })
    }
}

impl Arrival {
    /// Takes a turn for an upload that is there whole: one for a tenant, two in all. Waits for it a while.
    ///
    /// # Errors
    /// Why there is none in that time.
    pub(crate) async fn turn(self) -> Result<Turn, &'static str> {
        let end = Instant::now() + PATIENCE;
        loop {
            let mut ended = pin!(self.uploads.ended.notified());
            ended.as_mut().enable();
            match self.uploads.enter(&self.tenant_id) {
                Ok(turn) => return Ok(turn),
                Err(reason) => timeout_at(end, ended).await.map_err(|_| reason)?,
            }
        }
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let mut underway = self.uploads.underway();
        if let Some(at) = underway.arriving.iter().position(|tenant| *tenant == self.tenant_id) {
            underway.arriving.swap_remove(at);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.uploads.underway().running.remove(&self.tenant_id);
        self.uploads.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_one_turn_and_all_tenants_have_two() {
        let uploads = Arc::new(Uploads::default());
        let first = uploads.enter("a").unwrap();
        assert!(uploads.enter("a").unwrap_err().contains("this tenant"));
        let _second = uploads.enter("b").unwrap();
        assert!(uploads.enter("c").unwrap_err().contains("other tenants"));
        drop(first);
        assert!(uploads.enter("c").is_ok());
    }

    #[test]
    fn a_tenant_sends_four_at_once_and_all_tenants_sixteen() {
        let uploads = Arc::new(Uploads::default());
        let mut arriving: Vec<_> = (0..4).map(|_| uploads.arrive("a").unwrap()).collect();
        assert!(uploads.arrive("a").unwrap_err().contains("this tenant"));
        arriving.extend(["b", "c", "d"].iter().flat_map(|tenant| (0..4).map(|_| uploads.arrive(tenant).unwrap())));
        assert!(uploads.arrive("e").unwrap_err().contains("other tenants"));
        arriving.pop();
        assert!(uploads.arrive("e").is_ok());
    }

    #[tokio::test]
    async fn who_has_arrived_waits_for_the_turn_before_it() {
        let uploads = Arc::new(Uploads::default());
        let first = uploads.arrive("a").unwrap().turn().await.unwrap();
        let second = tokio::spawn(uploads.arrive("a").unwrap().turn());
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        assert!(second.await.unwrap().is_ok());
    }
}
