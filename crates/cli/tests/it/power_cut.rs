//! A power cut: whatever the program acknowledged is there afterwards, its files whole.
//!
//! The program runs once, watched by a small library (`power_cut/power_cut.c`) that notes every write, name and sync. The disk
//! after a cut at any point is made from that (`disk.rs`): what comes after a cut can't change what came before it.

mod disk;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use idscore_store::{Archive, HistoryError};
use tempfile::TempDir;

use self::disk::{Disk, Random, Record, Survives, acknowledgement, read_log};
use crate::program::{idscore, root};

const RISKY: &str = "33333333-0000-4000-8000-0000000000f1";
const CAREFUL: &str = "11111111-0000-4000-8000-0000000000ca";
const CONTROL: &str = "AdminMFAV2";
/// Days that the program keeps, with a decision on each.
const DAYS: u32 = 4;
/// Cuts without another word.
const CUTS: usize = 6;

/// What the program did, and every file as it was when it was acknowledged.
struct Watched {
    folder: TempDir,
    root: u64,
    records: Vec<Record>,
}

impl Watched {
    /// Lets the program keep snapshots, save decisions and delete a tenant.
    fn program() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/power_cut/power_cut.c");
        let library = folder.path().join("power_cut.so");
        let compiled = Command::new("cc")
            .args(["-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .args(["-ldl", "-lpthread"])
            .output();
        let compiled = compiled.expect("a C compiler is needed: install gcc and libc6-dev");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        let disk = folder.path().join("disk");
        fs::create_dir(&disk).unwrap();
        let mut watched = Self { root: fs::metadata(&disk).unwrap().ino(), folder, records: vec![] };
        watched.keep("careful", "2026-11-01");
        for day in 1..=DAYS {
            watched.keep("risky", &format!("2026-11-0{day}"));
            let note = format!("note-{day}");
            let decision = ["--status", "planned", "--note", &note, "--yes", "--tenant", RISKY];
            watched.run(&[&["plan", "set", CONTROL], decision.as_slice()].concat());
            watched.acknowledge(&format!("decision {note}"));
            if day == DAYS / 2 {
                watched.acknowledge("deleting");
                watched.run(&["tenant", "delete", CAREFUL, "--yes"]);
                watched.acknowledge("deleted");
            }
        }
        watched.records = read_log(&watched.log());
        watched
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The program as the test builds it, or another one for comparison.
    fn command(&self, arguments: &[&str], data: &Path) -> Command {
        let mut command = match std::env::var_os("IDSCORE_POWER_CUT_PROGRAM") {
            Some(program) => {
                let mut command = Command::new(program);
                command.args(arguments).current_dir(root());
                command
            }
            None => idscore(arguments),
        };
        command.arg("--data").arg(data);
        command
    }

    fn run(&self, arguments: &[&str]) -> String {
        let disk = self.folder.path().join("disk");
        let output = self
            .command(arguments, &disk.join("data"))
            .env("LD_PRELOAD", self.folder.path().join("power_cut.so"))
            .env("POWER_CUT_ROOT", &disk)
            .env("POWER_CUT_LOG", self.log())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        // What was kept, to compare with.
        copy(&disk.join("data"), &self.folder.path().join("kept"));
        said
    }

    fn keep(&self, tenant: &str, day: &str) {
        let export = root().join("tenants").join(tenant);
        let said = self.run(&["score", export.to_str().unwrap(), "--taken-at", &format!("{day}T06:00:00Z")]);
        let id = said.lines().find_map(|line| line.contains("kept in").then(|| line.rsplit(' ').next())).flatten();
        let tenant = if tenant == "risky" { RISKY } else { CAREFUL };
        self.acknowledge(&format!("kept {tenant} {}", id.unwrap()));
    }

    fn acknowledge(&self, said: &str) {
        let mut log = OpenOptions::new().append(true).open(self.log()).unwrap();
        log.write_all(&acknowledgement(said)).unwrap();
    }

    /// Cuts the power after so many records. `deaf` says of a path that its syncs do nothing.
    fn cut(&self, at: usize, survives: Survives, seed: u64, deaf: fn(&str) -> bool) -> (TempDir, Vec<String>) {
        let mut disk = Disk::new(self.root);
        let mut acknowledged = Vec::new();
        for record in &self.records[..at] {
            let hears = match record {
                Record::Sync { inode } => !disk.path(*inode).is_some_and(|path| deaf(&path)),
                _ => true,
            };
            disk.play(record, hears);
            if let Record::Acknowledged(said) = record {
                acknowledged.push(said.clone());
            }
        }
        let folder = tempfile::tempdir().unwrap();
        disk.cut(survives, &mut Random::new(seed), &folder.path().join("disk"));
        (folder, acknowledged)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if !target.exists() {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The files below a place with their bytes; none where there is nothing.
fn contents(place: &Path) -> Option<BTreeSet<(PathBuf, Vec<u8>)>> {
    if place.is_file() {
        return Some([(PathBuf::new(), fs::read(place).unwrap())].into());
    }
    let entries = fs::read_dir(place).ok()?.map(Result::unwrap);
    Some(entries.map(|entry| (entry.file_name().into(), fs::read(entry.path()).unwrap())).collect())
}

/// What was acknowledged and is not there, or is there and not whole.
async fn lost(watched: &Watched, disk: &Path, acknowledged: &[String]) -> Vec<String> {
    let data = disk.join("data");
    if !data.join("history.db").is_file() {
        return if acknowledged.is_empty() { vec![] } else { vec!["the database".to_owned()] };
    }
    let verified = watched.command(&["audit", "verify"], &data).output().unwrap();
    let mut lost = Vec::new();
    if !verified.status.success() {
        lost.push(format!("audit verify: {}", String::from_utf8_lossy(&verified.stderr)));
    }
    let archive = match Archive::open(&data, None).await {
        Ok(archive) => archive,
        Err(error) => return vec![format!("the database: {}", idscore_store::with_causes(&error))],
    };
    let history = &archive.history;
    for said in acknowledged {
        let deleting = acknowledged.iter().any(|other| other == "deleting");
        match said.split(' ').collect::<Vec<_>>()[..] {
            ["kept", tenant, id] => {
                // Once it is being deleted it is there as a whole or not at all.
                let gone = matches!(history.tenant(tenant).await, Err(HistoryError::NotFound { .. }));
                let may_be_gone = tenant == CAREFUL && deleting && gone;
                if !may_be_gone && history.assessment(tenant, id).await.is_err() {
                    lost.push(said.clone());
                }
            }
            ["deleting"] => {}
            ["decision", note] => {
                let kept = history.action_history(RISKY, CONTROL).await.unwrap();
                if !kept.iter().any(|state| state.note == note) {
                    lost.push(said.clone());
                }
            }
            ["deleted"] => {
                let gone = matches!(history.tenant(CAREFUL).await, Err(HistoryError::NotFound { .. }));
                let places = ["snapshots", "evidence"].map(|kind| data.join(kind).join(CAREFUL));
                if !gone || places.iter().any(|place| place.exists()) {
                    lost.push("the tenant that was deleted is there again".to_owned());
                }
            }
            _ => panic!("unknown: {said}"),
        }
    }
    // Whether it was acknowledged or not: what the database names is there as it was written.
    for tenant in history.tenants().await.unwrap() {
        for point in history.trend(&tenant.id, 0, i64::MAX).await.unwrap() {
            let kept = history.assessment(&tenant.id, &point.id).await.unwrap();
            for place in [&kept.snapshot, &kept.evidence].into_iter().filter(|place| !place.is_empty()) {
                let was = contents(&watched.folder.path().join("kept").join(place));
                assert!(was.is_some(), "{place} was never kept");
                if contents(&data.join(place)) != was {
                    lost.push(format!("{place} of {}", point.id));
                }
            }
        }
    }
    history.close().await;
    lost
}

fn cuts() -> usize {
    std::env::var("IDSCORE_POWER_CUTS").map_or(CUTS, |number| number.parse().unwrap())
}

/// Where to cut: any point, but one right after each kind of acknowledgement among the first.
fn point(watched: &Watched, cut: usize, random: &mut Random) -> usize {
    let said: Vec<usize> = (0..watched.records.len())
        .filter(|at| matches!(watched.records[*at], Record::Acknowledged(_)))
        .map(|at| at + 1)
        .collect();
    if cut.is_multiple_of(3) { said[random.below(said.len())] } else { 1 + random.below(watched.records.len()) }
}

#[tokio::test]
async fn what_was_acknowledged_before_a_power_cut_is_there_after_it_and_whole() {
    let watched = Watched::program();
    let seed: u64 = std::env::var("IDSCORE_POWER_CUT_SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut random = Random::new(seed);
    let (mut failed, mut total) = (Vec::new(), 0);
    for cut in 0..cuts() {
        let at = point(&watched, cut, &mut random);
        let survives = [Survives::Nothing, Survives::Some, Survives::Some, Survives::Everything][cut % 4];
        let (disk, acknowledged) = watched.cut(at, survives, random.next(), |_| false);
        total += acknowledged.len();
        let lost = lost(&watched, &disk.path().join("disk"), &acknowledged).await;
        if !lost.is_empty() {
            failed.push(format!("after {at} of {} records, {survives:?} survives: {lost:?}", watched.records.len()));
        }
    }
    println!("{} cuts, {total} acknowledged in all, {} with a loss", cuts(), failed.len());
    assert!(failed.is_empty(), "{} of {} cuts lost something:\n{}", failed.len(), cuts(), failed.join("\n"));
}

#[tokio::test]
async fn the_power_cut_finds_files_that_were_not_synced() {
    let watched = Watched::program();
    let at = watched.records.len();
    // A disk that hears no sync of snapshots and evidence is one for a program that makes none.
    let files = |path: &str| path.contains("/snapshots") || path.contains("/evidence") || path.contains("/incoming");
    let (disk, acknowledged) = watched.cut(at, Survives::Nothing, 1, files);
    let lost = lost(&watched, &disk.path().join("disk"), &acknowledged).await;
    assert!(lost.iter().filter(|lost| lost.contains("snapshots/")).count() >= DAYS as usize, "{lost:?}");
}
