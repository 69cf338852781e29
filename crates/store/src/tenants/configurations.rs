//! One configuration that travels: whatever a tenant was last judged by holds for uploads, scheduled runs and the next
//! `score`, until another one is named.

use std::fmt;
use std::path::{Path, PathBuf};

use idscore_assess::Configuration;
use idscore_history::instants::date_of;
use idscore_history::{KeptAssessment, SetNumbers};
use serde_json::json;
use sqlx::Row;

use crate::archive::Archive;
use crate::audit::{Actor, append};
use crate::clock::now;
use crate::database::History;
use crate::database::columns::of_text;
use crate::database::writer::Write;
use crate::error::{HistoryError, doing};

/// Where the configuration of a tenant comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigurationSource {
    /// A file that was named for this run or for the whole service.
    Named(PathBuf),
    /// `configurations/TENANT.toml` in the data folder.
    Folder(PathBuf),
    /// What the last assessment of the tenant was judged by.
    Stored,
    /// Nothing declares anything.
    Default,
}

/// A tenant is about to be judged by another configuration than the time before.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigurationChange {
    /// The hash of the configuration before.
    pub hash_before: String,
    /// The hash of the one that is in force from now on.
    pub hash: String,
    /// Core and extended by the configuration before.
    pub before: [SetNumbers; 2],
    /// Core and extended by the new one.
    pub after: [SetNumbers; 2],
    /// The day of the assessment whose numbers stand for `before`, where its configuration was not stored; none where the
    /// same data were judged by both.
    pub before_of: Option<jiff::civil::Date>,
}

impl fmt::Display for ConfigurationChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [(core, extended), (core_after, extended_after)] =
            [self.before, self.after].map(|[core, extended]| (core.percent, extended.percent));
        let before = match self.before_of {
            None => "by that one".to_owned(),
            Some(day) => format!("in that assessment ({day}), whose configuration was not stored"),
        };
        write!(
            formatter,
            "judged by another configuration than the assessment before: core {core:.2} % {before}, {core_after:.2} % by this \
             one; extended {extended:.2} % and {extended_after:.2} %"
        )
    }
}

/// What the assessment before was judged by.
pub(crate) enum ConfigurationBefore {
    /// There was none, or it was this one.
    Same,
    /// Another one, which can judge again.
    Other(Box<Configuration>),
    /// Another one, of which only the hash and the numbers are known.
    Unknown(Box<KeptAssessment>),
}

impl ConfigurationChange {
    pub(crate) fn between(before: &KeptAssessment, after: &KeptAssessment, same_data: bool) -> Self {
        let numbers = |kept: &KeptAssessment| [kept.core, kept.extended];
        Self {
            hash_before: before.config_hash.clone(),
            hash: after.config_hash.clone(),
            before: numbers(before),
            after: numbers(after),
            before_of: if same_data { None } else { date_of(before.day()) },
        }
    }
}

impl Archive {
    /// The configuration by which a tenant is judged: the named file, else `configurations/TENANT.toml` in the data folder,
    /// else what its last assessment was judged by, else the default. Never a file of the export.
    ///
    /// # Errors
    /// When a file can't be used or the database refuses.
    pub async fn configuration_of(
        &self,
        tenant_id: &str,
        named: Option<&Path>,
    ) -> Result<(Configuration, ConfigurationSource), HistoryError> {
        if let Some(file) = named {
            return Ok((Configuration::read(file)?, ConfigurationSource::Named(file.to_owned())));
        }
        if let Some(file) = self.configuration_file(tenant_id) {
            return Ok((Configuration::read(&file)?, ConfigurationSource::Folder(file)));
        }
        Ok(match self.history.stored_configuration(tenant_id).await? {
            Some(configuration) => (configuration, ConfigurationSource::Stored),
            None => (Configuration::default(), ConfigurationSource::Default),
        })
    }
}

impl History {
    /// What the last assessment of a tenant was judged by; none where that was the default ever since, or is not known.
    ///
    /// # Errors
    /// When the database refuses or the configuration can't be read.
    pub async fn stored_configuration(&self, tenant_id: &str) -> Result<Option<Configuration>, HistoryError> {
        let failed = doing("read the configuration");
        let text: Option<String> = sqlx::query_scalar("SELECT configuration FROM configuration WHERE tenant_id = $1")
            .bind(tenant_id)
            .fetch_optional(self.pool())
            .await
            .map_err(failed)?;
        text.map(|text| of_text(&text, "configuration")).transpose()
    }

    /// What the tenant was judged by before it is judged by `configuration`.
    pub(crate) async fn configuration_before(
        &self,
        tenant_id: &str,
        configuration: &Configuration,
    ) -> Result<ConfigurationBefore, HistoryError> {
        if let Some(stored) = self.stored_configuration(tenant_id).await? {
            let same = stored == *configuration;
            return Ok(if same { ConfigurationBefore::Same } else { ConfigurationBefore::Other(Box::new(stored)) });
        }
        let (default, hash) = (Configuration::default(), configuration.hash());
        Ok(match self.newest(tenant_id).await? {
            Some(newest) if newest.config_hash == hash => ConfigurationBefore::Same,
            Some(newest) if newest.config_hash == default.hash() => ConfigurationBefore::Other(Box::new(default)),
            Some(newest) => ConfigurationBefore::Unknown(Box::new(newest)),
            None => ConfigurationBefore::Same,
        })
    }
}

/// Puts a configuration in force within a write. The default that nothing was in force before needs no entry.
pub(crate) async fn put_in_force(
    write: &mut Write,
    actor: &Actor,
    tenant_id: &str,
    configuration: &Configuration,
    change: Option<&ConfigurationChange>,
) -> Result<(), HistoryError> {
    let failed = doing("store the configuration");
    let row = sqlx::query("SELECT configuration, hash FROM configuration WHERE tenant_id = $1")
        .bind(tenant_id)
        .fetch_optional(&mut **write)
        .await
        .map_err(&failed)?;
    let read = |name: &str| row.as_ref().map(|row| row.try_get::<String, _>(name)).transpose().map_err(&failed);
    let (before, hash_before) = (read("configuration")?, read("hash")?);
    let text = json!(configuration).to_string();
    let is_default = *configuration == Configuration::default();
    if before.as_ref() == Some(&text) || (before.is_none() && is_default && change.is_none()) {
        return Ok(());
    }
    let hash = configuration.hash();
    sqlx::query(
        "INSERT INTO configuration (tenant_id, configuration, hash, set_by, set_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id) DO UPDATE SET configuration = $2, hash = $3, set_by = $4, set_at = $5",
    )
    .bind(tenant_id)
    .bind(text)
    .bind(&hash)
    .bind(actor.name())
    .bind(now())
    .execute(&mut **write)
    .await
    .map_err(failed)?;
    let percent = |of: fn(&ConfigurationChange) -> [SetNumbers; 2]| change.map(|change| of(change)[0].percent);
    let detail = json!({
        "hash": hash,
        "profile": configuration.profile,
        "before": change.map(|change| change.hash_before.clone()).or(hash_before),
        "corePercentBefore": percent(|change| change.before),
        "corePercent": percent(|change| change.after),
    });
    append(write, actor, tenant_id, "configuration.set", &hash, &detail).await
}
