//! A backup says what is in it, and whatever doesn't fit is not restored.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use idscore_store::{Archive, HistoryError, with_causes};
use serde_json::Value;
use sqlx::AnyPool;
use tempfile::TempDir;

use crate::archive::keep;

const MANIFEST: &str = "manifest.json";

/// A data folder with one tenant, and its backup.
struct World {
    folder: TempDir,
    archive: Archive,
    file: PathBuf,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(&folder.path().join("it's data"), None).await.unwrap();
        keep(&archive, "risky").await;
        let file = folder.path().join("backup.tar.gz");
        archive.backup(&file).await.unwrap();
        Self { folder, archive, file }
    }

    fn restored(&self) -> PathBuf {
        self.folder.path().join("restored")
    }

    /// The names and bytes in the backup, in their order.
    fn entries(&self) -> Vec<(String, Vec<u8>)> {
        let mut all = tar::Archive::new(flate2::read::GzDecoder::new(File::open(&self.file).unwrap()));
        let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            let name = entry.path().unwrap().display().to_string();
            Read::read_to_end(&mut entry, &mut bytes).unwrap();
            (name, bytes)
        };
        all.entries().unwrap().map(read).collect()
    }

    /// Restores other entries; says why not.
    async fn refused(&self, entries: &[(String, Vec<u8>)]) -> String {
        let file = self.folder.path().join("changed.tar.gz");
        pack(&file, entries);
        let error = Archive::restore(&self.restored(), &file).await.unwrap_err();
        assert!(!self.restored().exists(), "nothing is there afterwards");
        let left: Vec<_> = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().contains("restore-")), "{left:?}");
        with_causes(&error)
    }
}

fn pack(file: &Path, entries: &[(String, Vec<u8>)]) {
    let mut all = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        // A name that climbs is refused by who writes as well, so it is written by hand.
        let place = &mut header.as_old_mut().name;
        if name.len() <= place.len() {
            place[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            all.append(&header, bytes.as_slice()).unwrap();
        } else {
            all.append_data(&mut header, name, bytes.as_slice()).unwrap();
        }
    }
    fs::write(file, all.into_inner().unwrap().finish().unwrap()).unwrap();
}

#[tokio::test]
async fn a_backup_restores_database_snapshots_and_evidence_each_as_its_manifest_says() {
    let world = World::new().await;
    let entries = world.entries();
    let (name, manifest) = &entries[0];
    let manifest: Value = serde_json::from_slice(manifest).unwrap();
    let files = manifest["files"].as_array().unwrap();
    assert_eq!((name.as_str(), manifest["format"].as_u64()), (MANIFEST, Some(1)));
    assert!(files.len() > 5 && files.len() + 1 == entries.len());
    let restored = Archive::restore(&world.restored(), &world.file).await.unwrap();
    assert_eq!(restored.verified, world.archive.history.verify_audit().await.unwrap());
    assert_eq!(restored.checked, Some(files.len()));
    let again = Archive::open(&world.restored(), None).await.unwrap();
    let tenant = again.history.tenants().await.unwrap().remove(0).id;
    let newest = again.history.newest(&tenant).await.unwrap().unwrap();
    assert_eq!(again.evidence(&newest, "AdminMFAV2", "").await.unwrap().found(), 7);
    assert!(idscore_snapshot::is_snapshot(&again.snapshot(&newest).unwrap()));
    let refused = Archive::restore(&world.restored(), &world.file).await;
    assert!(matches!(refused, Err(HistoryError::Invalid { .. })), "it isn't empty");
}

#[tokio::test]
async fn a_file_that_was_changed_added_or_taken_away_is_not_restored() {
    let world = World::new().await;
    let whole = world.entries();
    let place = whole.iter().position(|(name, _)| name.starts_with("evidence/")).unwrap();
    let mut changed = whole.clone();
    let middle = changed[place].1.len() / 2;
    changed[place].1[middle] ^= 1;
    let said = world.refused(&changed).await;
    assert!(said.contains("evidence/") && said.contains("hash"), "{said}");
    let mut longer = whole.clone();
    longer[place].1.push(0);
    assert!(world.refused(&longer).await.contains("another size"));
    let mut fewer = whole.clone();
    let gone = fewer.remove(place).0;
    let said = world.refused(&fewer).await;
    assert!(said.contains(&gone) && said.contains("not in the backup"), "{said}");
    for name in ["evidence/more.parquet", "../climbs", "snapshots/../../climbs", "/etc/passwd", "history.db/x"] {
        let mut more = whole.clone();
        more.push((name.to_owned(), b"more".to_vec()));
        let said = world.refused(&more).await;
        assert!(said.contains("not in the manifest") || said.contains("does not belong"), "{name}: {said}");
    }
    let mut twice = whole.clone();
    twice.push(whole[place].clone());
    assert!(world.refused(&twice).await.contains("twice"));
    // Nor where the manifest itself is gone from its place: an archive without one is of an older version.
    let mut behind = whole.clone();
    behind.rotate_left(1);
    assert!(world.refused(&behind).await.contains(MANIFEST));
}

#[tokio::test]
async fn the_sizes_are_read_first_and_compared_with_the_room_there_is() {
    let world = World::new().await;
    let mut entries = world.entries();
    let mut manifest: Value = serde_json::from_slice(&entries[0].1).unwrap();
    manifest["files"][1]["bytes"] = (1_u64 << 60).into();
    entries[0].1 = serde_json::to_vec(&manifest).unwrap();
    let said = world.refused(&entries).await;
    assert!(said.contains("need") && said.contains("room for"), "{said}");
    manifest["files"][2]["bytes"] = u64::MAX.into();
    entries[0].1 = serde_json::to_vec(&manifest).unwrap();
    assert!(world.refused(&entries).await.contains("more bytes than there can be"));
}

#[tokio::test]
async fn a_backup_of_an_older_version_is_restored_and_nothing_is_said_to_be_checked() {
    let world = World::new().await;
    let file = world.folder.path().join("old.tar.gz");
    pack(&file, &world.entries()[1..]);
    let restored = Archive::restore(&world.restored(), &file).await.unwrap();
    assert_eq!(restored.checked, None);
    assert!(restored.verified.entries > 0);
}

/// The backup with a database in which more was done.
async fn with_database(world: &World, statements: &[&str]) -> Vec<(String, Vec<u8>)> {
    let database = world.folder.path().join("other.db");
    let mut entries: Vec<_> = world.entries().into_iter().skip(1).collect();
    let place = entries.iter().position(|(name, _)| name == "history.db").unwrap();
    File::create(&database).unwrap().write_all(&entries[place].1).unwrap();
    let pool = AnyPool::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    for statement in statements {
        sqlx::query(sqlx::AssertSqlSafe((*statement).to_owned())).execute(&pool).await.unwrap();
    }
    pool.close().await;
    entries[place].1 = fs::read(&database).unwrap();
    entries
}

#[tokio::test]
async fn a_database_with_triggers_views_or_other_tables_than_ours_is_not_restored() {
    let world = World::new().await;
    for statement in [
        "CREATE TRIGGER hidden AFTER INSERT ON audit BEGIN DELETE FROM token; END",
        "CREATE VIEW hidden AS SELECT * FROM token",
        "CREATE TABLE hidden (a TEXT)",
        "CREATE INDEX hidden ON token (id)",
        "ALTER TABLE token ADD COLUMN hidden TEXT",
    ] {
        let entries = with_database(&world, &[statement]).await;
        let said = world.refused(&entries).await;
        assert!(said.contains("history.db") && (said.contains("hidden") || said.contains("`token`")), "{said}");
    }
    let entries = with_database(&world, &["DROP TABLE token"]).await;
    assert!(world.refused(&entries).await.contains("lacks"));
}

#[tokio::test]
async fn a_damaged_or_foreign_file_leaves_nothing() {
    let world = World::new().await;
    let whole = fs::read(&world.file).unwrap();
    let cut = world.folder.path().join("cut.tar.gz");
    for end in [0, 100, whole.len() / 2, whole.len() - 20] {
        fs::write(&cut, &whole[..end]).unwrap();
        assert!(Archive::restore(&world.restored(), &cut).await.is_err(), "{end} bytes of it");
        assert!(!world.restored().exists());
    }
    let mut foreign = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    foreign.append_link(&mut header, "snapshots/a", "/etc").unwrap();
    fs::write(&cut, foreign.into_inner().unwrap().finish().unwrap()).unwrap();
    assert!(Archive::restore(&world.restored(), &cut).await.is_err());
    assert!(!world.restored().exists());
}
