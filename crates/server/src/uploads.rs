//! How many exports are read at a time, and by what rules.

pub(crate) mod keep;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Exports that are read at a time, of all tenants.
const AT_A_TIME: usize = 2;

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
    /// Their tenants.
    running: Mutex<BTreeSet<String>>,
}

/// The right to upload; it ends when this goes away.
#[derive(Debug)]
pub(crate) struct Turn {
    uploads: Arc<Uploads>,
    tenant_id: String,
}

impl Uploads {
    /// Takes a turn: one for a tenant, two in all.
    ///
    /// # Errors
    /// Why there is none now.
    pub(crate) fn enter(self: &Arc<Self>, tenant_id: &str) -> Result<Turn, &'static str> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains(tenant_id) {
            return Err("Another upload of this tenant is being read; see Retry-After.");
        }
        if running.len() >= AT_A_TIME {
            return Err("Uploads of other tenants are being read; see Retry-After.");
        }
        running.insert(tenant_id.to_owned());
        Ok(Turn { uploads: self.clone(), tenant_id: tenant_id.to_owned() })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.uploads.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.tenant_id);
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
}
