//! Kept files that are missing or damaged: pages live, and say which data are missing and what to do. And whether the service is
//! ready says that too.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use idscore_history::KeptAssessment;

use crate::browser::Browser;
use crate::client::{Client, TENANT};

/// Every page that reads a kept file.
const PAGES: [&str; 9] = [
    "overview",
    "actions",
    "actions/AdminMFAV2",
    "access",
    "comparison/microsoft",
    "history",
    "history/difference?from=2026-11-19&to=2026-11-20",
    "hygiene",
    "licences",
];

fn address(page: &str) -> String {
    format!("/tenants/{TENANT}/{page}")
}

async fn newest(client: &Client) -> KeptAssessment {
    client.archive.history.newest(TENANT).await.unwrap().unwrap()
}

async fn files(client: &Client) -> [PathBuf; 2] {
    let newest = newest(client).await;
    [client.folder().join(&newest.snapshot), client.folder().join(&newest.evidence)]
}

/// Every page is shown, and these say what is wrong.
async fn shown(client: &Client, problem: &str, saying: &[&str]) {
    let browser = Browser::owner(client).await;
    for page in PAGES {
        let answer = browser.get(&address(page)).await;
        assert_eq!(answer.status.as_u16(), 200, "{page}: {}", answer.text);
        assert!(!answer.text.contains(&*client.folder().to_string_lossy()), "{page} says where the data lie");
        if saying.contains(&page) {
            assert!(answer.text.contains(&format!("is {problem}")), "{page}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn pages_live_without_evidence_and_say_so() {
    let client = Client::new().await;
    let [_, evidence] = files(&client).await;
    let whole = fs::read(&evidence).unwrap();
    let saying = ["actions/AdminMFAV2", "history/difference?from=2026-11-19&to=2026-11-20"];
    let api = format!("/api/v1/tenants/{TENANT}/controls/AdminMFAV2/evidence");
    for (problem, bytes) in
        [("damaged", Some(&whole[..whole.len() / 2])), ("damaged", Some(&b""[..])), ("missing", None)]
    {
        match bytes {
            Some(bytes) => fs::write(&evidence, bytes).unwrap(),
            None => fs::remove_file(&evidence).unwrap(),
        }
        shown(&client, problem, &saying).await;
        let answer = client.get(&api).await;
        let said = answer.body["error"]["message"].as_str().unwrap();
        assert_eq!(answer.status, 404, "{said}");
        assert!(
            said.contains(&format!("evidence of this assessment is {problem}")) && said.contains("backup"),
            "{said}"
        );
        let csv = Browser::owner(&client).await.get(&address("actions/AdminMFAV2/evidence.csv")).await;
        assert_eq!(csv.status, 404);
        let answer = client.get(&format!("/api/v1/tenants/{TENANT}/diff?from=2026-11-19&to=2026-11-20")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.body["unread"][0]["file"], "evidence");
        assert_eq!(answer.body["unread"][0]["problem"], problem);
    }
    fs::write(&evidence, whole).unwrap();
    assert_eq!(client.get(&api).await.status, 200, "brought back, it is read again");
}

#[tokio::test]
async fn pages_live_without_a_snapshot_and_say_so() {
    let client = Client::new().await;
    let [snapshot, _] = files(&client).await;
    let saying = ["access", "comparison/microsoft", "hygiene", "licences"];
    fs::write(snapshot.join("manifest.json"), "{").unwrap();
    shown(&client, "damaged", &saying).await;
    fs::remove_dir_all(snapshot).unwrap();
    shown(&client, "missing", &saying).await;
}

#[tokio::test]
async fn tables_of_a_snapshot_that_are_gone_or_damaged_are_named_so() {
    let client = Client::new().await;
    let [snapshot, _] = files(&client).await;
    for (problem, bytes) in [("damaged", Some("PAR1")), ("missing", None)] {
        for entry in fs::read_dir(&snapshot).unwrap().map(Result::unwrap) {
            if entry.file_name() != "manifest.json" {
                match bytes {
                    Some(bytes) => fs::write(entry.path(), bytes).unwrap(),
                    None => fs::remove_file(entry.path()).unwrap(),
                }
            }
        }
        shown(&client, problem, &["access", "licences"]).await;
    }
}

/// What the service says of itself, asked anew.
async fn ready(client: &Client) -> (u16, String) {
    // Whoever asks often is told what was found a moment ago.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let answer = client.get("/readyz").await;
    (answer.status.as_u16(), answer.body.as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_service_is_ready_when_it_can_write_and_finds_what_it_kept_last() {
    let client = Client::new().await;
    let entries = client.archive.history.verify_audit().await.unwrap().entries;
    assert_eq!(ready(&client).await, (200, "ready\n".to_owned()));
    assert_eq!(client.archive.history.verify_audit().await.unwrap().entries, entries);
    assert_eq!(fs::read_dir(client.folder().join("incoming")).unwrap().count(), 0, "asking leaves nothing");
    let [_, evidence] = files(&client).await;
    let aside = client.folder().join("incoming/aside");
    fs::rename(&evidence, &aside).unwrap();
    let (status, said) = ready(&client).await;
    assert!(status == 503 && said.contains("missing") && !said.contains('/'), "{said}");
    fs::rename(&aside, &evidence).unwrap();
    // Whoever holds the database for good.
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", client.folder().join("history.db").display())).await;
    let mut held = pool.unwrap().acquire().await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *held).await.unwrap();
    let begun = std::time::Instant::now();
    let (status, said) = ready(&client).await;
    assert!(status == 503 && said.contains("busy"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    sqlx::query("ROLLBACK").execute(&mut *held).await.unwrap();
    drop(held);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(ready(&client).await.0, 200);
    // A file where the folder for passing files belongs: nothing can be put on the disk.
    fs::remove_dir_all(client.folder().join("incoming")).unwrap();
    fs::write(client.folder().join("incoming"), "").unwrap();
    let (status, said) = ready(&client).await;
    assert!(status == 503 && said.contains("data folder can't be written to"), "{said}");
}
