//! The head of the audit log in other places, told to real files, sockets and receivers.

use std::path::Path;
use std::time::Duration;

use idscore_alerts::Secret;
use idscore_alerts::heads::{Compared, Contradiction, HeadSettings, Heads, recorded};
use idscore_alerts::sign::Key;
use serde_json::Value;
use tokio::net::{UdpSocket, UnixDatagram};

use crate::receiver::{Answer, PATIENCE, Receiver, SECRET};
use crate::support::{Store, actor, tenant};

fn heads(to: &[&str]) -> Heads {
    let places: Vec<String> = to.iter().map(|place| format!("{place:?}")).collect();
    let signed = if to.iter().any(|place| place.starts_with("http")) { "secret_env = \"KEY\"\n" } else { "" };
    let text = format!("[audit]\nhead_to = [{}]\n{signed}", places.join(", "));
    let settings = HeadSettings::parse(&text, Path::new("audit.toml")).unwrap();
    Heads::open(&settings, &|name| (name == "KEY").then(|| SECRET.to_owned()), PATIENCE).unwrap()
}

async fn told(store: &Store, heads: &Heads) {
    let head = store.history.audit_head().await.unwrap().unwrap();
    for (place, result) in heads.send(&head).await {
        assert!(result.is_ok(), "{place}: {result:?}");
    }
}

#[tokio::test]
async fn the_head_goes_to_a_file_to_both_kinds_of_syslog_and_to_a_webhook() {
    let (store, folder) = (Store::with_tenants(&["a", "b"]).await, tempfile::tempdir().unwrap());
    let (file, socket) = (folder.path().join("heads"), folder.path().join("log"));
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let daemon = UnixDatagram::bind(&socket).unwrap();
    let receiver = Receiver::answering(&[Answer::Status(204)]).await;
    let heads = heads(&[
        file.to_str().unwrap(),
        &format!("syslog+udp://{}", server.local_addr().unwrap()),
        &format!("syslog+unix://{}", socket.display()),
        &receiver.url,
    ]);
    told(&store, &heads).await;

    let head = store.history.audit_head().await.unwrap().unwrap();
    assert_eq!((head.sequence, &head.hash), (2, &store.history.verify_audit().await.unwrap().head));
    let line = std::fs::read_to_string(&file).unwrap();
    assert!(line.ends_with(&format!("Z 2 {}\n", head.hash)), "{line}");
    let mut datagrams = [[0; 1_000]; 2];
    let lengths = [server.recv(&mut datagrams[0]).await.unwrap(), daemon.recv(&mut datagrams[1]).await.unwrap()];
    for (datagram, length) in datagrams.iter().zip(lengths) {
        let message = String::from_utf8_lossy(&datagram[..length]).into_owned();
        assert!(message.starts_with("<109>1 ") && message.ends_with(&format!("hash={}", head.hash)), "{message}");
    }
    let [request] = receiver.requests().try_into().ok().unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((body["data"]["sequence"].as_i64(), body["data"]["hash"].as_str()), (Some(2), Some(head.hash.as_str())));
    let (id, at) = (request.header("webhook-id"), request.header("webhook-timestamp").parse().unwrap());
    let key = Key::of(&Secret::new(SECRET)).unwrap();
    assert!(key.verify(&id, at, &request.body, &request.header("webhook-signature"), at, 0));
}

#[tokio::test]
async fn a_place_that_is_out_of_reach_is_named_and_holds_up_no_other() {
    let (store, folder) = (Store::with_tenants(&["a"]).await, tempfile::tempdir().unwrap());
    let receiver = Receiver::answering(&[Answer::Never]).await;
    let (gone, file) = (folder.path().join("gone/heads"), folder.path().join("heads"));
    let heads = heads(&[gone.to_str().unwrap(), &receiver.url, file.to_str().unwrap()]);
    let head = store.history.audit_head().await.unwrap().unwrap();
    let results = heads.send(&head).await;
    let arrived: Vec<bool> = results.iter().map(|(_, result)| result.is_ok()).collect();
    assert_eq!(arrived, [false, false, true]);
    assert!(!format!("{results:?}").contains("secret-path"), "of an address the host only: {results:?}");
    assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), 1);
}

#[tokio::test]
async fn the_service_tells_it_at_its_beginning() {
    let (store, folder) = (Store::with_tenants(&["a"]).await, tempfile::tempdir().unwrap());
    let file = folder.path().join("heads");
    let service = tokio::spawn(heads(&[file.to_str().unwrap()]).run(store.history.clone()));
    while std::fs::read_to_string(&file).unwrap_or_default().lines().count() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    service.abort();
}

#[tokio::test]
async fn a_log_that_was_cut_or_written_anew_contradicts_the_file() {
    let (store, folder) = (Store::with_tenants(&["a"]).await, tempfile::tempdir().unwrap());
    let file = folder.path().join("heads");
    assert_eq!(recorded(&file, &store.history).await.unwrap(), None, "nothing was recorded yet");
    let heads = heads(&[file.to_str().unwrap()]);
    told(&store, &heads).await;
    store.history.register(&actor(), &tenant("b")).await.unwrap();
    told(&store, &heads).await;
    let whole = Compared { held: 2, ..Compared::default() };
    assert_eq!(recorded(&file, &store.history).await.unwrap(), Some(whole));

    let other = Store::with_tenants(&["a", "b"]).await;
    let found = recorded(&file, &other.history).await.unwrap().unwrap();
    assert_eq!(found.contradiction, Some(Contradiction { line: 1, sequence: 1, is_there: true }));
    let pool = sqlx::AnyPool::connect(&store.url).await.unwrap();
    sqlx::raw_sql("DELETE FROM audit WHERE sequence = 2").execute(&pool).await.unwrap();
    let found = recorded(&file, &store.history).await.unwrap().unwrap();
    assert_eq!((found.held, found.contradiction), (1, Some(Contradiction { line: 2, sequence: 2, is_there: false })));
}

#[tokio::test]
async fn a_line_that_was_cut_short_or_is_no_head_is_counted_and_the_next_begins_anew() {
    let (store, folder) = (Store::with_tenants(&["a"]).await, tempfile::tempdir().unwrap());
    let file = folder.path().join("heads");
    let hash = "0".repeat(64);
    let lines = format!("\n2026 1\n{} 1 {hash}\n2026 x {hash}\n\u{fffd}\n2026-11-20T06:00:0", "9".repeat(1_000));
    std::fs::write(&file, lines).unwrap();
    told(&store, &heads(&[file.to_str().unwrap()])).await;
    let found = recorded(&file, &store.history).await.unwrap().unwrap();
    assert_eq!(found, Compared { held: 1, unreadable: 6, contradiction: None });
}
