//! Signing in and asking for each data set with one cheap call: what would be read, before anything is.

use std::path::Path;

use serde_json::Value;
use tokio::time::Instant;

use crate::collect::{Connection, Wanted};
use crate::error::CollectError;
use crate::outcome::status_of;
use crate::page::Page;
use crate::plan::{Owners, READINGS, Reading, reading};
use crate::read::Reader;
use crate::report::{DataSetReport, Status};
use crate::request::{Fault, Graph};
use crate::stop::Stop;
use crate::watch::Watch;

/// What a trial has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// The tenant, where the token tells it.
    pub tenant_id: Option<String>,
    /// The permissions that the token carries; empty where it doesn't tell.
    pub granted: Vec<String>,
    /// Each data set: complete means that it may be read.
    pub data_sets: Vec<DataSetReport>,
}

/// Signs in and asks for every wanted data set once.
///
/// # Errors
/// When nobody can sign in, or Graph can't be reached at all.
pub async fn probe(
    connection: &Connection,
    wanted: &Wanted,
    watch: &dyn Watch,
    stop: &Stop,
) -> Result<Trial, CollectError> {
    wanted.check(&connection.credential)?;
    let graph = connection.graph()?;
    tokio::select! {
        trial = trial(connection, wanted, &graph, watch) => trial,
        () = stop.asked() => Err(CollectError::Interrupted { out: wanted.out.clone() }),
    }
}

async fn trial(
    connection: &Connection,
    wanted: &Wanted,
    graph: &Graph,
    watch: &dyn Watch,
) -> Result<Trial, CollectError> {
    let claims = graph.tokens.claims(watch).await?;
    crate::collect::check_clock(graph, watch)?;
    let started = (connection.clock)();
    let reader = Reader { graph, out: Path::new(""), watch, started, sign_in_days: wanted.sign_in_days.unwrap_or(1) };
    let mut data_sets = Vec::new();
    for reading in READINGS.iter().filter(|reading| wanted.wants(reading)) {
        watch.begins(reading.name, None);
        let report = reader.try_one(reading, connection).await?;
        watch.ends(&report);
        data_sets.push(report);
    }
    Ok(Trial { tenant_id: claims.tid.clone(), granted: claims.granted(), data_sets })
}

impl Reader<'_> {
    async fn try_one(&self, reading: &'static Reading, connection: &Connection) -> Result<DataSetReport, CollectError> {
        let deadline = self.graph.deadline();
        let cloud = connection.cloud;
        let owner = match reading.owners {
            None => None,
            Some(owners) => match self.an_owner(owners, deadline).await {
                Ok(Some(owner)) => Some(owner),
                Ok(None) => {
                    let report = reading.report(reading.version, Status::Complete, 0, 0);
                    return Ok(DataSetReport { message: Some("nothing to ask for".to_owned()), ..report });
                }
                Err(Fault::Stop(error)) => return Err(*error),
                Err(Fault::GaveUp { unreachable: Some(error), .. }) if self.graph.never_answered() => {
                    return Err(*error);
                }
                Err(_) => {
                    let report = reading.report(reading.version, Status::Failed, 0, 0);
                    return Ok(report.because("ownersUnknown", "the objects to ask for could not be read"));
                }
            },
        };
        match self.cheapest(reading, owner.as_deref(), deadline).await {
            Ok(page) => Ok(reading.report(reading.version, Status::Complete, 1, page.rows)),
            Err(Fault::GaveUp { unreachable: Some(error), .. }) if self.graph.never_answered() => Err(*error),
            Err(Fault::Refused(refusal)) if reading.owners.is_some() && refusal.status == 404 => {
                Ok(reading.report(reading.version, Status::Complete, 1, 0))
            }
            Err(Fault::Refused(refusal)) if reading.name == "onPremisesSynchronization" && refusal.status == 404 => {
                Ok(reading.report(reading.version, Status::Complete, 1, 0))
            }
            Err(fault) => reading.faulty(fault, cloud),
        }
    }

    /// The cheap form of the query, by the first address that Graph understands.
    async fn cheapest(&self, reading: &Reading, owner: Option<&str>, deadline: Instant) -> Result<Page, Fault> {
        let query = reading.probe.unwrap_or(reading.query);
        let mut refused = None;
        for version in [Some(reading.version), reading.fallback].into_iter().flatten() {
            let url = self.graph.hosts.graph(version, &self.relative(reading, query, owner));
            match self.page(reading, &url, deadline).await {
                Err(Fault::Refused(refusal))
                    if matches!(refusal.status, 400 | 404)
                        && status_of(&refusal, crate::Cloud::Global) == Status::Failed =>
                {
                    refused = Some(refusal);
                }
                other => return other,
            }
        }
        Err(Fault::Refused(refused.unwrap_or_default()))
    }

    /// An object to ask for.
    async fn an_owner(&self, owners: Owners, deadline: Instant) -> Result<Option<String>, Fault> {
        let (name, query) = match owners {
            Owners::Groups | Owners::RoleGroups => ("groups", "$select=id&$top=1"),
            Owners::FederatedDomains => ("domains", ""),
            Owners::MicrosoftGraph => {
                ("servicePrincipals", "$filter=appId%20eq%20'00000003-0000-0000-c000-000000000000'&$select=id,appId")
            }
            Owners::EnabledUsers => ("users", "$select=id&$top=1"),
        };
        let Some(reading) = reading(name) else { return Ok(None) };
        let url = self.graph.hosts.graph(reading.version, &self.relative(reading, query, None));
        let page = self.page(reading, &url, deadline).await?;
        let value: Value = serde_json::from_slice(&page.body).unwrap_or_default();
        let objects = value.get("value").and_then(Value::as_array);
        let federated = |object: &&Value| {
            let kind = object.get("authenticationType").and_then(Value::as_str);
            owners != Owners::FederatedDomains || kind.is_some_and(|kind| kind.eq_ignore_ascii_case("federated"))
        };
        let found = objects.into_iter().flatten().find(federated);
        Ok(found.and_then(|object| object.get("id")).and_then(Value::as_str).map(str::to_owned))
    }
}
