//! One collection under way: which data set is read when, and what became of each.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::{try_join, try_join_all, try_join5};
use idscore_catalogue::data_sets::DATA_SETS;
use jiff::Timestamp;

use crate::collect::{Connection, Wanted};
use crate::error::CollectError;
use crate::plan::{Owners, READINGS, Reading, reading};
use crate::read::{CaughtUp, Named, Reader, Tally};
use crate::report::{Collection, DataSetReport, Status};
use crate::request::{Ask, Fault, Graph};
use crate::retry::from_now;
use crate::state::{Head, Known, State};
use crate::watch::Watch;
use crate::write::Folder;

/// One collection under way.
pub(crate) struct Run<'r> {
    pub(crate) connection: &'r Connection,
    pub(crate) wanted: &'r Wanted,
    pub(crate) graph: &'r Graph,
    pub(crate) state: &'r State,
    pub(crate) watch: &'r dyn Watch,
    pub(crate) known: &'r Known,
    pub(crate) reports: Mutex<BTreeMap<&'static str, DataSetReport>>,
    pub(crate) head: Mutex<Collection>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Run<'_> {
    pub(crate) async fn all(&self) -> Result<(), CollectError> {
        self.first().await?;
        let started = locked(&self.head).started_at.unwrap_or_else(self.connection.clock);
        let reader = Reader {
            graph: self.graph,
            out: &self.wanted.out,
            watch: self.watch,
            started,
            sign_in_days: self.wanted.sign_in_days.unwrap_or(1),
        };
        let (users, groups) = try_join(self.count("/users/$count"), self.count("/groups/$count")).await?;
        let expected = Expected { users, groups };
        if let Some(users) = expected.users {
            self.graph.pacer.size(users);
        }
        try_join(self.people(&reader, &expected), self.others(&reader, &expected)).await?;
        // What moved while pages were read is told now.
        for name in ["users", "groups"] {
            self.settle(&reader, name).await?;
        }
        Ok(())
    }

    /// The organisation comes first: it tells the tenant and Graph's clock, and whether Graph answers at all.
    async fn first(&self) -> Result<(), CollectError> {
        let Some(organization) = reading("organization") else { return Ok(()) };
        let reader = Reader {
            graph: self.graph,
            out: &self.wanted.out,
            watch: self.watch,
            started: (self.connection.clock)(),
            sign_in_days: 1,
        };
        self.plain(&reader, organization, None).await?;
        {
            let mut head = locked(&self.head);
            if head.started_at.is_none() {
                head.started_at = Some(self.now());
            }
            if head.tenant_id.is_none() {
                let mut id = None;
                Folder::of(&self.wanted.out, "organization").each(|organization| {
                    let organization: serde_json::Value = serde_json::from_str(organization).unwrap_or_default();
                    id = organization.get("id").and_then(serde_json::Value::as_str).map(str::to_owned);
                })?;
                head.tenant_id = id;
            }
        }
        let (tenant_id, started_at, access) = {
            let head = locked(&self.head);
            (head.tenant_id.clone(), head.started_at, head.access)
        };
        if self.known.head.as_ref().is_none_or(|head| head.access != access) {
            self.state.head(Head {
                collection: 1,
                tenant_id,
                graph: self.connection.hosts.resource().to_owned(),
                started_at,
                access,
            })?;
        }
        self.write_report()
    }

    async fn people(&self, reader: &Reader<'_>, expected: &Expected) -> Result<(), CollectError> {
        let users = async {
            self.tracked(reader, "users", expected.users).await?;
            match reading("requirements") {
                Some(requirements) if self.wanted.wants(requirements) => {
                    self.per_owner(reader, requirements, &Named::default(), expected.users).await
                }
                _ => Ok(()),
            }
        };
        let plain = |name: &'static str, expected: Option<u64>| async move {
            match reading(name) {
                Some(found) if self.wanted.wants(found) => self.plain(reader, found, expected).await,
                _ => Ok(()),
            }
        };
        // Both reports share five requests in ten seconds.
        let reports = async {
            plain("userRegistrationDetails", expected.users).await?;
            plain("signIns", None).await
        };
        try_join(try_join(users, plain("signInActivity", expected.users)), reports).await?;
        Ok(())
    }

    async fn others(&self, reader: &Reader<'_>, expected: &Expected) -> Result<(), CollectError> {
        const PEOPLE: &[&str] =
            &["organization", "users", "groups", "signInActivity", "userRegistrationDetails", "signIns"];
        let plain = READINGS
            .iter()
            .filter(|reading| reading.owners.is_none() && !PEOPLE.contains(&reading.name) && self.wanted.wants(reading))
            .map(|reading| self.plain(reader, reading, None));
        try_join(self.tracked(reader, "groups", expected.groups), try_join_all(plain)).await?;
        if self.status("roleAssignments") == Some(Status::Refused)
            && let Some(roles) = reading("directoryRoles")
        {
            self.plain(reader, roles, None).await?;
        }
        let out = self.wanted.out.clone();
        let whole: Vec<String> = locked(&self.reports)
            .values()
            .filter(|report| report.status == Status::Complete)
            .map(|report| report.name.clone())
            .collect();
        let named =
            tokio::task::spawn_blocking(move || Named::read(&out, &|name| whole.iter().any(|known| known == name)))
                .await
                .map_err(|error| CollectError::file("read", &self.wanted.out, io::Error::other(error)))??;
        let each = |name: &'static str| {
            let named = &named;
            async move {
                match reading(name) {
                    Some(found) => self.per_owner(reader, found, named, None).await,
                    None => Ok(()),
                }
            }
        };
        try_join5(
            each("members"),
            each("eligibilityScheduleInstances"),
            each("federationConfiguration"),
            each("delegatedPermissionClassifications"),
            each("appRoleAssignedTo"),
        )
        .await?;
        Ok(())
    }

    /// The instant by Graph's clock, in whole seconds.
    fn now(&self) -> Timestamp {
        let at = self.graph.now().unwrap_or_else(self.connection.clock);
        Timestamp::from_second(at.as_second()).unwrap_or(at)
    }

    fn status(&self, name: &str) -> Option<Status> {
        locked(&self.reports).get(name).map(|report| report.status)
    }

    /// How many objects there are; whoever doesn't say leaves the progress without an end.
    async fn count(&self, path: &str) -> Result<Option<u64>, CollectError> {
        let url = self.graph.hosts.graph("v1.0", path);
        let ask = Ask {
            data_set: "users",
            url: &url,
            body: None,
            class: crate::pace::Class::Directory,
            units: 1,
            eventual: true,
            deadline: from_now(Duration::from_secs(20)),
        };
        let number = |body: Vec<u8>| {
            let text = String::from_utf8_lossy(&body);
            Ok(text.trim_start_matches('\u{feff}').trim().parse::<u64>().ok())
        };
        match self.graph.ask(&ask, self.watch, number).await {
            Ok(count) => Ok(count),
            Err(Fault::Stop(error)) => Err(*error),
            Err(_) => Ok(None),
        }
    }

    /// A report of an earlier run that stands: the data set was complete.
    fn earlier(&self, reading: &Reading) -> Option<DataSetReport> {
        self.known.ended.get(reading.name).filter(|report| report.status == Status::Complete).cloned()
    }

    /// A data set without owners and without changes.
    async fn plain(
        &self,
        reader: &Reader<'_>,
        reading: &'static Reading,
        expected: Option<u64>,
    ) -> Result<(), CollectError> {
        if let Some(report) = self.earlier(reading) {
            return self.ended(reading, report);
        }
        self.watch.begins(reading.name, expected);
        let folder = Folder::of(&self.wanted.out, reading.name);
        let told = |rows| self.watch.advances(reading.name, rows);
        let read = reader.pages(reading, &folder, None, self.graph.deadline(), &told).await;
        let report = match read {
            Ok(whole) => reading.report(whole.version, Status::Complete, whole.pages, whole.rows),
            // Tenants without synchronisation answer that there is none.
            Err(Fault::Refused(refusal)) if reading.name == "onPremisesSynchronization" && refusal.status == 404 => {
                folder.create()?;
                folder.write(1, br#"{"value":[]}"#)?;
                reading.report(reading.version, Status::Complete, 1, 0)
            }
            Err(fault) => self.without(reading, &folder, fault)?,
        };
        self.ended(reading, report)
    }

    /// Users and groups: whole once, then what changed.
    async fn tracked(
        &self,
        reader: &Reader<'_>,
        name: &'static str,
        expected: Option<u64>,
    ) -> Result<(), CollectError> {
        let Some(reading) = reading(name) else { return Ok(()) };
        if let Some(report) = self.earlier(reading) {
            return self.ended(reading, report);
        }
        self.watch.begins(name, expected);
        let folder = Folder::of(&self.wanted.out, name);
        let report = match self.tracked_pages(reader, reading, &folder).await {
            Ok(whole) => reading.report(whole.version, Status::Complete, whole.pages, whole.rows),
            Err(fault) => self.without(reading, &folder, fault)?,
        };
        self.ended(reading, report)
    }

    async fn tracked_pages(
        &self,
        reader: &Reader<'_>,
        reading: &'static Reading,
        folder: &Folder,
    ) -> Result<crate::read::Whole, Fault> {
        let deadline = self.graph.deadline();
        let told = |rows| self.watch.advances(reading.name, rows);
        let mut link = self.known.delta.get(reading.name).cloned();
        if let Some(since) = &self.wanted.since
            && !folder.is_begun()
        {
            link = self.carried_over(since, reading, folder)?;
        }
        let had = folder.is_begun();
        if !had {
            link = reader.latest(reading, deadline).await?;
            self.state.delta(reading.name, link.as_deref())?;
        }
        let whole = reader.pages(reading, folder, None, deadline, &told).await?;
        let Some(link) = link.filter(|_| had) else { return Ok(whole) };
        // Part of it is of an earlier day.
        match reader.catch_up(reading, &link, deadline).await? {
            CaughtUp::Current { changed, link, changes } => {
                self.state.delta(reading.name, link.as_deref())?;
                self.watch.notes(&format!("`{}`: {changes} changed since then", reading.name));
                told(changed.unwrap_or(whole).rows);
                Ok(changed.unwrap_or(whole))
            }
            CaughtUp::Anew => {
                self.watch
                    .notes(&format!("`{}` is read whole: Graph no longer knows what changed since", reading.name));
                folder.clear()?;
                let link = reader.latest(reading, deadline).await?;
                self.state.delta(reading.name, link.as_deref())?;
                reader.pages(reading, folder, None, deadline, &told).await
            }
        }
    }

    /// Takes the pages of an earlier export over, where it knows from when on to ask for changes.
    fn carried_over(&self, since: &Path, reading: &Reading, folder: &Folder) -> Result<Option<String>, CollectError> {
        let Some(known) = Known::read(since)? else {
            return Err(CollectError::call(
                format!("`{}` is no collection", since.display()),
                "give --since a folder that an earlier `idscore collect` wrote",
            ));
        };
        let other = |before: &Option<String>, now: &Option<String>| match (before, now) {
            (Some(before), Some(now)) => !before.eq_ignore_ascii_case(now),
            _ => false,
        };
        if known.head.as_ref().is_some_and(|head| other(&head.tenant_id, &locked(&self.head).tenant_id)) {
            return Err(CollectError::call(
                format!("`{}` is of another tenant", since.display()),
                "give --since an earlier collection of the same tenant",
            ));
        }
        let complete = known.ended.get(reading.name).is_some_and(|report| report.status == Status::Complete);
        let Some(link) = known.delta.get(reading.name).filter(|_| complete) else { return Ok(None) };
        self.state.delta(reading.name, Some(link))?;
        folder.create()?;
        let earlier = Folder::of(since, reading.name);
        for number in 1.. {
            let (from, to) = (earlier.page(number), folder.page(number));
            if !from.is_file() {
                break;
            }
            // A link costs nothing, and a page that changes is written anew under its name.
            if fs::hard_link(&from, &to).is_err() {
                let bytes = fs::read(&from).map_err(|source| CollectError::file("read", &from, source))?;
                folder.write(number, &bytes)?;
            }
        }
        Ok(Some(link.clone()))
    }

    /// Asks once more what changed, after everything was read.
    async fn settle(&self, reader: &Reader<'_>, name: &'static str) -> Result<(), CollectError> {
        let Some(reading) = reading(name) else { return Ok(()) };
        if self.status(name) != Some(Status::Complete) {
            return Ok(());
        }
        let known = Known::read(&self.wanted.out)?.unwrap_or_default();
        let Some(link) = known.delta.get(name) else { return Ok(()) };
        match reader.catch_up(reading, link, self.graph.deadline()).await {
            Ok(CaughtUp::Current { changed, link, .. }) => {
                self.state.delta(name, link.as_deref())?;
                let Some(whole) = changed else { return Ok(()) };
                let report = locked(&self.reports).get(name).cloned();
                if let Some(report) = report.filter(|report| (report.pages, report.rows) != (whole.pages, whole.rows)) {
                    self.ended(reading, DataSetReport { pages: whole.pages, rows: whole.rows, ..report })?;
                }
                Ok(())
            }
            // What was read is whole as it is.
            Ok(CaughtUp::Anew) => self.state.delta(name, None),
            Err(Fault::Stop(error)) => Err(*error),
            Err(_) => Ok(()),
        }
    }

    /// A data set that is read once per owner.
    async fn per_owner(
        &self,
        reader: &Reader<'_>,
        reading: &'static Reading,
        named: &Named,
        expected: Option<u64>,
    ) -> Result<(), CollectError> {
        let (owners, depends): (Vec<String>, &[&str]) = match reading.owners {
            Some(Owners::Groups) => (named.reached.iter().cloned().collect(), &[]),
            Some(Owners::RoleGroups) => (named.role_groups.iter().cloned().collect(), &["roleAssignments", "groups"]),
            Some(Owners::FederatedDomains) => (named.federated.clone(), &["domains"]),
            Some(Owners::MicrosoftGraph) => (named.microsoft_graph.clone(), &["servicePrincipals"]),
            Some(Owners::EnabledUsers) => (Vec::new(), &["users"]),
            None => return Ok(()),
        };
        // Whose owners are not known can't be asked for, and nothing is guessed.
        let unknown = depends.iter().find(|name| self.status(name) != Some(Status::Complete));
        if let (Some(unknown), true) = (unknown, owners.is_empty()) {
            let report = reading.report(reading.version, Status::Failed, 0, 0).because(
                "ownersUnknown",
                format!("`{unknown}`, which names the objects to ask for, could not be read"),
            );
            return self.ended(reading, report);
        }
        self.watch
            .begins(reading.name, expected.or((reading.owners != Some(Owners::Groups)).then_some(owners.len() as u64)));
        let deadline = self.graph.deadline();
        let rows = std::sync::atomic::AtomicU64::new(0);
        let read: Result<Tally, Fault> = match reading.owners {
            Some(Owners::Groups) => reader.members(reading, named, deadline).await,
            Some(Owners::EnabledUsers) => reader.enabled_users(reading, deadline).await,
            _ => reader.owners(reading, reading.version, owners, deadline, &rows).await,
        };
        let report = match read {
            Ok(tally) => tally.report(reading, self.connection.cloud),
            Err(fault) => reading.faulty(fault, self.connection.cloud)?,
        };
        self.ended(reading, report)
    }

    /// A data set that didn't come: its pages stay for `--resume`, where a later run can go on from them.
    fn without(&self, reading: &'static Reading, folder: &Folder, fault: Fault) -> Result<DataSetReport, CollectError> {
        if self.graph.never_answered()
            && let Fault::GaveUp { unreachable: Some(error), .. } = fault
        {
            return Err(*error);
        }
        let report = reading.faulty(fault, self.connection.cloud)?;
        if report.status != Status::Failed {
            // Refused from the start: an empty folder would look like an answer.
            folder.clear()?;
        } else if !folder.is_begun() {
            folder.clear()?;
        }
        Ok(report)
    }

    fn ended(&self, reading: &'static Reading, report: DataSetReport) -> Result<(), CollectError> {
        if self.known.ended.get(reading.name) != Some(&report) {
            self.state.ended(&report)?;
        }
        tracing::debug!(data_set = reading.name, status = ?report.status, rows = report.rows, "ended");
        self.watch.ends(&report);
        locked(&self.reports).insert(reading.name, report);
        if reading.name == "organization" { Ok(()) } else { self.write_report() }
    }

    /// The report as it stands: what has not ended, is not there.
    fn collection(&self, why: Option<&CollectError>) -> Collection {
        let reports = locked(&self.reports);
        let mut collection = locked(&self.head).clone();
        let message = match why {
            Some(CollectError::Interrupted { .. }) => "the collection was interrupted".to_owned(),
            Some(error) => format!("the collection ended early: {error}"),
            None => "the collection has not come to it yet".to_owned(),
        };
        collection.data_sets = DATA_SETS
            .iter()
            .filter_map(|set| reading(set.name))
            .filter_map(|reading| {
                let unfinished =
                    || reading.report(reading.version, Status::Failed, 0, 0).because("interrupted", &message);
                reports.get(reading.name).cloned().or_else(|| self.wanted.wants(reading).then(unfinished))
            })
            .collect();
        collection
    }

    fn write_report(&self) -> Result<(), CollectError> {
        self.collection(None).write(&self.wanted.out)
    }

    pub(crate) fn finish(&self, error: Option<&CollectError>) -> Result<Collection, CollectError> {
        let mut collection = self.collection(error);
        collection.finished_at = Some(self.now());
        collection.write(&self.wanted.out)?;
        Ok(collection)
    }
}

/// How many users and groups there are, where Graph says.
struct Expected {
    users: Option<u64>,
    groups: Option<u64>,
}
