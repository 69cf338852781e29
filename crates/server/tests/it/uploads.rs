//! `/api/v1/tenants/{id}/snapshots`: what is uploaded is kept as `idscore score --data` keeps it, or nothing is.

use std::io::{Cursor, Write};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use http_body::Frame;
use idscore_server::UploadRules;
use serde_json::{Value, json};

use crate::client::{Answer, Client, OTHER, TENANT, limits, token};

fn path(rest: &str) -> String {
    format!("/api/v1/tenants/{TENANT}/snapshots{rest}")
}

/// The files of a small tenant of the repository.
pub fn files(tenant: &str) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(tenant);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found
}

pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar_gz(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        tar.append_data(&mut header, name, content.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

fn one(name: &str, content: &[u8]) -> Vec<(String, Vec<u8>)> {
    vec![(name.to_owned(), content.to_vec())]
}

async fn post(client: &Client, rest: &str, media: &str, body: impl Into<Body>) -> Answer {
    let request = client.request("POST", &path(rest)).header("content-type", media);
    client.send(request.body(body.into()).unwrap()).await
}

/// How many assessments there are, and what was noted as failed.
async fn state(client: &Client) -> (usize, Vec<String>) {
    let log = client.archive.history.audit(Some(TENANT), 0, 1_000).await.unwrap();
    let kept = log.iter().filter(|entry| entry.action == "assessment.keep").count();
    let (failures, _) = client.archive.history.import_failures().await.unwrap();
    let incoming = client.archive.incoming().unwrap();
    assert_eq!(std::fs::read_dir(incoming).unwrap().count(), 0, "nothing passing is left");
    (kept, failures.into_iter().map(|failure| failure.reason).collect())
}

#[tokio::test]
async fn an_export_is_kept_in_every_form_and_shown_as_its_assessment() {
    let client = Client::new().await;
    let before = client.get(&format!("/api/v1/tenants/{TENANT}")).await.body["newest"].clone();
    let organization = json!({
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#organization",
        "value": [{"id": TENANT, "displayName": "Fabrikam Logistics"}],
    });
    let risky = files("risky");
    for (media, rest, body, controls) in [
        ("application/zip", "", zip(&risky), Some(&before["controls"])),
        ("application/gzip; charset=binary", "", tar_gz(&risky), Some(&before["controls"])),
        ("application/json", "?takenAt=2026-11-20T07:00:00Z", organization.to_string().into_bytes(), None),
    ] {
        let answer = post(&client, rest, media, body).await;
        assert_eq!(answer.status, 201, "{media}: {}", answer.body);
        let location = answer.headers["location"].to_str().unwrap();
        assert_eq!(location, format!("/api/v1/tenants/{TENANT}/assessments/{}", answer.body["id"].as_str().unwrap()));
        assert_eq!(client.get(location).await.body, answer.body, "{media}");
        if let Some(controls) = controls {
            assert_eq!(&answer.body["controls"], controls, "{media}");
            assert_eq!(answer.body["core"], before["core"], "{media}");
        }
        assert_eq!(state(&client).await.1, [""; 0]);
    }
    let metrics = client.get("/metrics").await.body;
    assert!(metrics.as_str().unwrap().contains("idscore_uploads_total{outcome=\"kept\"} 3"), "{metrics}");
}

#[tokio::test]
async fn snapshots_are_listed_newest_first_page_by_page() {
    let client = Client::new().await;
    assert_eq!(
        post(&client, "?takenAt=2026-11-21T06:00:00Z", "application/zip", zip(&files("risky"))).await.status,
        201
    );
    let first = client.get(&path("?top=1")).await.body["value"].clone();
    let newest = &first[0];
    assert_eq!((&newest["takenAt"], &newest["takenAtSource"]), (&json!("2026-11-21T06:00:00Z"), &json!("argument")));
    assert_eq!(newest["assessments"].as_array().unwrap().len(), 1);
    let set = newest["dataSets"].as_array().unwrap().iter().find(|set| set["name"] == "users").unwrap();
    assert_eq!(set["status"], "complete");
    assert!(newest["bytes"].as_u64().unwrap() > 10_000);
    let second = client.get(&path(&format!("?after={}", newest["id"].as_str().unwrap()))).await.body["value"].clone();
    assert_eq!((second.as_array().unwrap().len(), &second[0]["takenAt"]), (1, &json!("2026-11-20T06:00:00Z")));
    assert_eq!(second[0]["assessments"].as_array().unwrap().len(), 3, "three days rest on the first one");
    let last = client.get(&path(&format!("?after={}", second[0]["id"].as_str().unwrap()))).await;
    assert_eq!(last.body["value"], json!([]));
    assert_eq!(client.get(&path("?after=../x")).await.status, 404);
    assert_eq!(client.get(&path("?top=0")).await.status, 400);
    let snapshot = client.archive.snapshot(&client.archive.history.newest(TENANT).await.unwrap().unwrap()).unwrap();
    std::fs::remove_dir_all(snapshot).unwrap();
    let gone = client.get(&path("?top=1")).await.body["value"][0].clone();
    assert_eq!((&gone["bytes"], &gone["dataSets"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn an_export_of_another_tenant_or_of_none_is_refused_and_noted() {
    let client = Client::new().await;
    let (kept, _) = state(&client).await;
    let answer = post(&client, "", "application/zip", zip(&files("careful"))).await;
    assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (400, &json!("BadRequest")));
    let message = answer.body["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("The export is of tenant ") && message.contains(TENANT), "{message}");
    let users = json!({"value": [{"id": "a1", "createdDateTime": "2026-01-01T00:00:00Z"}]}).to_string();
    let answer = post(&client, "", "application/zip", zip(&one("users.json", users.as_bytes()))).await;
    assert_eq!(answer.body["error"]["message"], "The export does not say of which tenant it is.");
    let (after, noted) = state(&client).await;
    assert_eq!((kept, noted.len()), (after, 2), "{noted:?}");
    assert_eq!(client.archive.history.tenants().await.unwrap().len(), 2, "no tenant became known");
}

#[tokio::test]
async fn a_damaged_export_is_refused_with_file_and_place_and_nothing_is_left() {
    let client = Client::new().await;
    let (kept, _) = state(&client).await;
    let mut cut = files("risky");
    let users = cut.iter_mut().find(|(name, _)| name == "users/1.json").unwrap();
    users.1.truncate(100);
    let whole = zip(&files("risky"));
    let deep = format!("{{\"value\":[{}]}}", "[".repeat(5_000));
    let all = [
        (zip(&cut), "`users/1.json`, line"),
        (whole[..whole.len() / 2].to_vec(), "Archive `export.zip`, entry ``: "),
        (b"no archive".to_vec(), "Archive `export.zip`, entry ``: it is no such archive"),
        (Vec::new(), "Archive `export.zip`"),
        (zip(&one("notes.txt", b"hello")), "Holds no usable file"),
        (zip(&one("../users.json", b"{}")), "its path leaves the folder"),
        (zip(&one("users.json", deep.as_bytes())), "`users.json`, line 1"),
    ];
    for (body, expected) in &all {
        let answer = post(&client, "", "application/zip", body.clone()).await;
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert_eq!(answer.status, 400, "{message}");
        assert!(message.to_lowercase().contains(&expected.to_lowercase()), "{message}");
        assert!(!message.contains("/incoming/"), "{message}");
    }
    let (after, noted) = state(&client).await;
    assert_eq!((kept, noted.len()), (after, all.len()), "{noted:?}");
    let (failures, _) = client.archive.history.import_failures().await.unwrap();
    assert_eq!(failures[0].tenant_id, TENANT);
    assert!(failures[0].input.starts_with("upload by token:"), "{}", failures[0].input);
}

#[tokio::test]
async fn an_export_that_is_too_large_is_413_packed_or_unpacked_400() {
    let rules = UploadRules { max_bytes: 1 << 20, ..UploadRules::default() };
    let client = Client::new().await.with_uploads(rules);
    let (kept, _) = state(&client).await;
    let large = vec![b'x'; (1 << 20) + 1];
    let said = client.request("POST", &path("")).header("content-type", "application/zip");
    let said = said.header("content-length", large.len()).body(Body::empty()).unwrap();
    for answer in [client.send(said).await, post(&client, "", "application/zip", large).await] {
        assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (413, &json!("RequestEntityTooLarge")));
        assert!(answer.body["error"]["message"].as_str().unwrap().contains("1 MiB"));
    }
    let bomb = zip(&one("users.json", &vec![b' '; 33 << 20]));
    let answer = post(&client, "", "application/zip", bomb).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body["error"]["message"].as_str().unwrap().contains("unpacks to far more"), "{}", answer.body);
    let (after, noted) = state(&client).await;
    assert_eq!((kept, noted.len()), (after, 3), "{noted:?}");
}

/// Hands out parts and notes how many were taken.
struct Counted(std::sync::Arc<std::sync::atomic::AtomicUsize>);

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        let taken = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Poll::Ready((taken < 20).then(|| Ok(Frame::data(Bytes::from(vec![b'x'; 1 << 20])))))
    }
}

#[tokio::test]
async fn a_refused_body_is_read_so_that_the_client_sees_the_answer_unless_it_asked_first() {
    let rules = UploadRules { max_bytes: 1 << 20, ..UploadRules::default() };
    let client = Client::new().await.with_uploads(rules);
    for (token, expects, status, parts) in
        [(&*client.token, None, 413, 21), ("wrong", None, 401, 21), ("wrong", Some("100-continue"), 401, 0)]
    {
        let taken = std::sync::Arc::default();
        let mut request = client.request("POST", &path("")).header("content-type", "application/zip");
        request = expects.iter().fold(request, |request, expects| request.header("expect", *expects));
        let mut request = request.body(Body::new(Counted(std::sync::Arc::clone(&taken)))).unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let answer = client.send(request).await;
        assert_eq!((answer.status.as_u16(), taken.load(std::sync::atomic::Ordering::Relaxed)), (status, parts));
    }
}

#[tokio::test]
async fn only_a_token_that_may_write_and_a_body_of_a_known_type_are_taken() {
    let client = Client::with(&["SecurityEvents.Read.All"], limits(100, 100)).await;
    assert_eq!(post(&client, "", "application/zip", "").await.status, 403);
    let client = Client::new().await;
    let (kept, _) = state(&client).await;
    for media in ["text/csv", "application/x-tar", ""] {
        let answer = post(&client, "", media, zip(&files("risky"))).await;
        assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (415, &json!("UnsupportedMediaType")));
    }
    let without = client.send(client.request("POST", &path("")).body(Body::empty()).unwrap()).await;
    assert_eq!(without.status, 415);
    for rest in ["?takenAt=yesterday", "?takenAt=2999-01-01T00:00:00Z", "?takenAt=1969-12-31T00:00:00Z", "?taken=x"] {
        assert_eq!(post(&client, rest, "application/zip", zip(&files("risky"))).await.status, 400, "{rest}");
    }
    assert_eq!(state(&client).await, (kept, vec![]), "a wrong request is no failed import");
}

/// A body of which nothing arrives.
struct Silent;

impl http_body::Body for Silent {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn who_sends_slowly_takes_no_turn_and_too_many_of_a_tenant_are_told_when_to_come_again() {
    let client = std::sync::Arc::new(Client::new().await);
    let silent = || {
        let client = client.clone();
        tokio::spawn(async move { post(&client, "", "application/zip", Body::new(Silent)).await })
    };
    let mut slow = vec![silent()];
    while std::fs::read_dir(client.archive.incoming().unwrap()).unwrap().count() == 0 {
        tokio::task::yield_now().await;
    }
    let beside = post(&client, "", "application/zip", zip(&files("risky"))).await;
    assert_eq!(beside.status, 201, "the turn is not taken: {}", beside.body);
    slow.extend((0..3).map(|_| silent()));
    let busy = loop {
        // Not so often that the token has asked too much.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let answer = post(&client, "", "application/zip", "no archive").await;
        if answer.status == 429 {
            break answer;
        }
    };
    assert_eq!(busy.headers["retry-after"], "10");
    assert!(busy.body["error"]["message"].as_str().unwrap().contains("of this tenant"), "{}", busy.body);
    let other = token(&client.archive, OTHER, &["SecurityEvents.ReadWrite.All"], 2).await;
    let request = client.request("POST", &path("").replace(TENANT, OTHER)).header("content-type", "application/zip");
    let mut request = request.body(Body::from("no archive")).unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {other}").parse().unwrap());
    assert_eq!(client.send(request).await.status, 400, "another tenant has its own");
    for slow in slow {
        slow.abort();
        assert!(slow.await.is_err_and(|error| error.is_cancelled()));
    }
    let again = post(&client, "", "application/zip", zip(&files("risky"))).await;
    assert_eq!(again.status, 201, "what a client held that has gone is free: {}", again.body);
    for _ in 0..100 {
        if std::fs::read_dir(client.archive.incoming().unwrap()).unwrap().count() == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the file of a client that has gone is still there");
}

#[tokio::test]
async fn a_tenant_is_judged_by_its_own_configuration_unless_there_is_one_for_all() {
    let client = Client::new().await;
    let folder = client.folder().join("configurations");
    std::fs::create_dir(&folder).unwrap();
    let own = folder.join(format!("{TENANT}.toml"));
    let profile = |answer: &Answer| answer.body["profile"].as_str().map(str::to_owned);
    std::fs::write(&own, "profile = \"strict\"\n").unwrap();
    let answer = post(&client, "", "application/zip", zip(&files("risky"))).await;
    assert_eq!(profile(&answer).as_deref(), Some("strict"), "{}", answer.body);

    std::fs::write(&own, "profile = \"lenient\"\n").unwrap();
    let answer = post(&client, "", "application/zip", zip(&files("risky"))).await;
    assert_eq!(answer.status, 500, "the export is not at fault");
    assert!(!answer.body.to_string().contains("lenient"), "{}", answer.body);
    assert!(state(&client).await.1[0].contains("lenient"));

    let all = client.folder().join("all.toml");
    std::fs::write(&all, "profile = \"compat\"\n").unwrap();
    let client = client.with_uploads(UploadRules { configuration: Some(all), ..UploadRules::default() });
    let answer = post(&client, "", "application/zip", zip(&files("risky"))).await;
    assert_eq!(profile(&answer).as_deref(), Some("compat"), "{}", answer.body);
}
