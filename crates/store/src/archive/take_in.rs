//! The one way in for an export, whoever brings it: received, checked, configured, kept.

use std::path::Path;

use idscore_assess::Configuration;
use idscore_catalogue::Catalogue;
use idscore_snapshot::Manifest;

use crate::archive::import::{ReceiveError, Received};
use crate::archive::{Archive, Kept};
use crate::audit::Actor;
use crate::error::HistoryError;
use crate::tenants::configurations::{ConfigurationChange, ConfigurationSource};

/// What whoever brings an export decides about it.
pub trait Bringing {
    /// Receives it with [`Archive::receive`].
    ///
    /// # Errors
    /// When it can't be read or the folder can't be written to.
    fn receive(&self, archive: &Archive) -> Result<Received, ReceiveError>;

    /// Whether an export with this manifest may be kept.
    ///
    /// # Errors
    /// The reason why not.
    fn check(&self, manifest: &Manifest) -> Result<(), String>;

    /// The configuration to judge it by, where `in_force` is what the tenant is judged by otherwise, and `source` where that is from.
    fn configure(&self, in_force: Configuration, source: ConfigurationSource) -> Configuration {
        let _ = source;
        in_force
    }

    /// Hears before anything is kept that the configuration is another one than that of the assessment before.
    fn warn(&self, change: &ConfigurationChange);
}

/// Why an export was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum TakeInError {
    /// It could not be received.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// Whoever brought it refuses what is in it.
    #[error("{0}")]
    Refused(String),
    /// It could not be judged or kept.
    #[error(transparent)]
    Keep(#[from] HistoryError),
}

impl Archive {
    /// Takes an export in; `named` is a configuration file that goes before those of the data folder.
    ///
    /// # Errors
    /// When it can't be read, is refused, or can't be judged or kept: nothing is kept or left then.
    pub async fn take_in(
        &self,
        actor: &Actor,
        catalogue: &Catalogue,
        named: Option<&Path>,
        bringing: &impl Bringing,
    ) -> Result<Kept, TakeInError> {
        let received = bringing.receive(self)?;
        let manifest = received.snapshot.manifest();
        bringing.check(manifest).map_err(TakeInError::Refused)?;
        let (in_force, source) = self.configuration_of(&manifest.tenant_id, named).await?;
        let configuration = bringing.configure(in_force, source);
        let warn = |change: &ConfigurationChange| bringing.warn(change);
        let kept = self.keep_warning(actor, received.folder(), catalogue, &configuration, &warn).await?;
        received.clear()?;
        Ok(kept)
    }
}
