//! Invented tenants, a server over them, and exports laid side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow::array::AsArray;
use idscore_assess::{Configuration, Evidence, assess};
use idscore_catalogue::Catalogue;
use idscore_catalogue::tables::{Stage, TABLES};
use idscore_graph::{
    Cloud, CollectError, Collection, Connection, Credential, Hosts, Pace, Patience, Stop, Unwatched, Wanted,
};
use idscore_graph_server::{self as graph_server, Server};
use idscore_score::Outcome;
use idscore_secrets::Secret;
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use idscore_tenantsim::{Edition, generate};
use jiff::Timestamp;
use tempfile::TempDir;

/// The instant of every invented tenant.
pub fn taken_at() -> Timestamp {
    Timestamp::from_second(idscore_tenantsim::TAKEN_AT_SECOND).unwrap()
}

/// A folder with an invented tenant in `tenant`, and room beside it.
pub struct Invented {
    pub folder: TempDir,
    pub export: PathBuf,
}

impl Invented {
    pub fn of(options: &idscore_tenantsim::Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let export = folder.path().join("tenant");
        generate(options, &export).unwrap();
        Self { folder, export }
    }

    /// A small tenant with everything.
    pub fn usual() -> Self {
        Self::of(&idscore_tenantsim::Options {
            users: 120,
            seed: 11,
            edition: Some(Edition::P2),
            ..idscore_tenantsim::Options::default()
        })
    }

    /// A new folder beside the tenant.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A server without limits.
pub fn unlimited() -> graph_server::Options {
    graph_server::Options { throttle: None, ..graph_server::Options::default() }
}

/// A server without limits, with a fault script.
pub fn faulty(script: &str) -> graph_server::Options {
    graph_server::Options { faults: graph_server::Script::parse(script).unwrap(), ..unlimited() }
}

pub const SECRET: &str = "hush-hush-8Q~client-secret";

/// How to reach a server, without waiting longer than a test must.
pub fn connection(server: &Server) -> Connection {
    Connection {
        tenant: "contoso.test".to_owned(),
        client_id: "11111111-0000-4000-8000-0000000000aa".to_owned(),
        credential: Credential::ClientSecret(Secret::new(SECRET)),
        cloud: Cloud::Global,
        hosts: Hosts::new(Cloud::Global, Some(server.url()), Some(server.url())).unwrap(),
        pace: Pace::Unlimited,
        patience: Patience {
            first: Duration::from_millis(2),
            longest: Duration::from_millis(20),
            deadline: Duration::from_secs(60),
            silence: Duration::from_secs(2),
            ..Patience::default()
        },
        clock: Timestamp::now,
    }
}

pub fn wanted(out: &Path) -> Wanted {
    Wanted { out: out.to_owned(), ..Wanted::default() }
}

/// Collects, on threads of its own.
pub fn collect(connection: &Connection, wanted: &Wanted) -> Result<Collection, CollectError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(idscore_graph::collect(connection, wanted, &Unwatched, &Stop::default()))
}

/// An export as the rest of the program sees it: every row of every table, every document, who is in which group.
pub fn seen(export: &Path) -> BTreeMap<String, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("snapshot");
    write_snapshot(export, &stored, &ReadOptions { taken_at: Some(taken_at()), ..ReadOptions::default() }).unwrap();
    let snapshot = Snapshot::open(&stored).unwrap();
    let mut seen = BTreeMap::new();
    for table in TABLES {
        let columns: Vec<&str> =
            table.columns.iter().filter(|column| column.stage == Stage::Snapshot).map(|column| column.name).collect();
        seen.insert(table.name.to_owned(), rows(&snapshot, table.name, &columns));
    }
    let mut documents = Vec::new();
    for batch in snapshot.read("documents", &["kind", "id", "json"]).unwrap() {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let text = |column: usize| batch.column(column).as_string::<i32>().value(row).to_owned();
            let mut json: serde_json::Value = serde_json::from_str(&text(2)).unwrap();
            // Where it was read is no part of what it says.
            if let Some(object) = json.as_object_mut() {
                object.retain(|name, _| !name.contains("@odata.context") && name != "neverHeardOf");
            }
            documents.push(format!("{} {} {json}", text(0), text(1)));
        }
    }
    documents.sort();
    seen.insert("documents".to_owned(), documents);
    let users: Vec<String> = {
        let mut ids = Vec::new();
        for batch in snapshot.read("users", &["id"]).unwrap() {
            let batch = batch.unwrap();
            ids.extend((0..batch.num_rows()).map(|row| shown(&batch, 0, row)));
        }
        ids
    };
    let mut members: Vec<String> = snapshot
        .group_members()
        .unwrap()
        .into_iter()
        .map(|group| {
            let mut ids: Vec<&str> = group.users.iter().map(|row| users[row as usize].as_str()).collect();
            ids.sort_unstable();
            let (mut groups, mut others) = (group.groups, group.others);
            groups.sort();
            others.sort();
            format!("{} {ids:?} {groups:?} {others:?} {}", group.group_id, group.complete)
        })
        .collect();
    members.sort();
    seen.insert("group_members".to_owned(), members);
    let mut eligible: Vec<String> =
        snapshot.group_eligibility().unwrap().into_iter().map(|one| format!("{one:?}")).collect();
    eligible.sort();
    seen.insert("group_eligibility".to_owned(), eligible);
    seen
}

fn rows(snapshot: &Snapshot, table: &str, columns: &[&str]) -> Vec<String> {
    let mut rows = Vec::new();
    for batch in snapshot.read(table, columns).unwrap() {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let cells: Vec<String> = columns
                .iter()
                .enumerate()
                .map(|(column, name)| format!("{name}={}", shown(&batch, column, row)))
                .collect();
            rows.push(cells.join(" "));
        }
    }
    rows.sort();
    rows
}

fn shown(batch: &arrow::array::RecordBatch, column: usize, row: usize) -> String {
    format!("{:?}", batch.column(column).slice(row, 1))
}

/// Fails with the first rows that differ.
pub fn assert_same(expected: &BTreeMap<String, Vec<String>>, found: &BTreeMap<String, Vec<String>>, what: &str) {
    for (table, rows) in expected {
        let other = &found[table];
        if rows != other {
            let (before, after): (BTreeSet<_>, BTreeSet<_>) = (rows.iter().collect(), other.iter().collect());
            let short = |row: &&String| row.replace("StringArray\n", "").chars().take(600).collect::<String>();
            let lost: Vec<_> = before.difference(&after).take(2).map(short).collect();
            let new: Vec<_> = after.difference(&before).take(2).map(short).collect();
            panic!(
                "{what}: `{table}` has {} rows in place of {}\nlost: {lost:#?}\nnew: {new:#?}",
                other.len(),
                rows.len()
            );
        }
    }
}

/// The outcome of every control, and its counts.
pub fn outcomes(export: &Path) -> BTreeMap<String, (Outcome, u64, u64, u64)> {
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("snapshot");
    write_snapshot(export, &stored, &ReadOptions { taken_at: Some(taken_at()), ..ReadOptions::default() }).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let snapshot = Snapshot::open(&stored).unwrap();
    let judged = assess(&snapshot, &catalogue, &Configuration::default(), &Evidence::None).unwrap();
    let controls = judged.assessment.controls.into_iter();
    controls.map(|control| (control.id, (control.outcome, control.count, control.total, control.unknown))).collect()
}

/// Fails with the controls whose outcome differs.
pub fn assert_same_outcomes(export: &Path, collected: &Path, what: &str) {
    let (expected, found) = (outcomes(export), outcomes(collected));
    let differ: Vec<_> = expected.iter().filter(|(id, outcome)| found.get(*id) != Some(*outcome)).collect();
    assert!(
        differ.is_empty(),
        "{what}: {differ:?}, now {:?}",
        differ.iter().map(|(id, _)| found.get(*id)).collect::<Vec<_>>()
    );
}

/// Every file of a folder, by its path in it.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}
