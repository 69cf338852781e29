//! kill -9 while writing: what was acknowledged is there, and the chain of the audit log holds.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use idscore_history::{ActionChange, KeptAssessment};
use idscore_score::Status;
use idscore_store::History;

use crate::repeated::repeated;
use crate::support::{Store, actor, kept};

/// How often a writer is killed, where IDSCORE_KILLS says no other number.
const KILLS: u64 = 20;
/// Set for the process that is killed.
const WRITER: &str = "IDSCORE_KILLED_WRITER";

/// Writes without end, and says each acknowledged write on stdout. Runs only as the child of the test below.
#[tokio::test]
#[ignore = "runs as the child of the test below"]
async fn writer() {
    let Ok(url) = std::env::var(WRITER) else { return };
    let history = History::open(&url).await.unwrap();
    let assessment = history.newest("a").await.unwrap().unwrap();
    println!("ready");
    for number in 0_i64.. {
        let next = KeptAssessment { assessed_at: assessment.assessed_at + number, ..assessment.clone() };
        println!("assessment {}", history.keep(&actor(), &next).await.unwrap());
        let note = format!("{}-{number}", std::process::id());
        let change = ActionChange {
            control_id: "AdminMFAV2".to_owned(),
            status: Some(Status::Planned),
            note: Some(note.clone()),
            ..ActionChange::default()
        };
        history.update_actions(&actor(), "a", &[change], next.assessed_at).await.unwrap();
        println!("action {note}");
    }
}

fn is_write(line: &str) -> bool {
    line.starts_with("assessment ") || line.starts_with("action ")
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let store = Store::with_tenants(&["a"]).await;
    store.history.keep(&actor(), &kept("a", "free-licence", "2026-11-20T06:00:00Z")).await.unwrap();
    let kills = repeated("IDSCORE_KILLS", KILLS);
    let mut acknowledged = BTreeSet::new();
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::writer", "--ignored", "--nocapture"])
            .env(WRITER, &store.url)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("ready")), "the writer ended by itself");
        // However slow the disk is: from none to three acknowledged writes, then a moment that differs from kill to kill.
        let sure = usize::try_from(kill % 4).unwrap();
        acknowledged.extend(lines.by_ref().filter(|line| is_write(line)).take(sure));
        let reader = std::thread::spawn(move || lines.collect::<Vec<_>>());
        std::thread::sleep(Duration::from_micros((kill * 7_919) % 60_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = reader.join().unwrap();
        acknowledged.extend(said.into_iter().filter(|line| is_write(line)));
    }
    println!("{kills} kills, {} acknowledged writes", acknowledged.len());
    let least = usize::try_from(kills * 3 / 2).unwrap();
    assert!(acknowledged.len() >= least, "only {} writes in {kills} runs", acknowledged.len());
    store.history.verify_audit().await.unwrap();
    let notes: BTreeSet<String> =
        store.history.action_history("a", "AdminMFAV2").await.unwrap().into_iter().map(|state| state.note).collect();
    for line in &acknowledged {
        match line.split_once(' ') {
            Some(("assessment", id)) => drop(store.history.assessment("a", id).await.unwrap()),
            Some((_, note)) => assert!(notes.contains(note), "{line}"),
            None => {}
        }
    }
}
