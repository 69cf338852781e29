//! The forms that bring an export: what they keep, whom they refuse, and what the page says of it.

use axum::body::Body;
use axum::http::Request;
use idscore_server::UploadRules;
use idscore_store::{Role, Roles};

use crate::browser::{Browser, HOST, Page};
use crate::client::{Client, OTHER, TENANT};
use crate::uploads::{files, zip};

const BOUNDARY: &str = "----idscore-test";

fn address(tenant: &str) -> String {
    format!("/tenants/{tenant}/upload")
}

/// A form as browsers write it: name, file name where it is a file, and content.
fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"\r\nContent-Type: application/octet-stream"));
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{}\r\n\r\n",
            file.unwrap_or_default()
        );
        body.extend(head.into_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

async fn post_from(client: &Client, browser: &Browser<'_>, site: &str, path: &str, body: Vec<u8>) -> Page {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("host", HOST)
        .header("cookie", browser.cookie())
        .header("sec-fetch-site", site)
        .header("content-length", body.len())
        .header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    let answer = client.send(request.body(Body::from(body)).unwrap()).await;
    let text = answer.body.as_str().map_or_else(|| answer.body.to_string(), str::to_owned);
    Page { status: answer.status, headers: answer.headers, text }
}

async fn post(client: &Client, browser: &Browser<'_>, path: &str, body: Vec<u8>) -> Page {
    post_from(client, browser, "same-origin", path, body).await
}

async fn assessments(client: &Client) -> usize {
    let log = client.archive.history.audit(None, 0, 1_000).await.unwrap();
    assert_eq!(std::fs::read_dir(client.archive.incoming().unwrap()).unwrap().count(), 0, "nothing passing is left");
    log.iter().filter(|entry| entry.action == "assessment.keep").count()
}

#[tokio::test]
async fn an_export_that_is_sent_is_kept_and_the_page_says_what_was_read_and_what_is_missing() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&address(TENANT)).await;
    assert!(page.text.contains("enctype=\"multipart/form-data\"") && page.text.contains("at most 256 MiB"));
    let export = zip(&files("risky"));
    let body = form(&[
        ("token", None, page.token().as_bytes()),
        ("takenAt", None, b"2026-11-21T06:00"),
        ("export", Some("june.zip"), &export),
    ]);
    let answer = post(&client, &browser, &address(TENANT), body).await;
    let to = answer.leads_to().to_owned();
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    assert_eq!(to, format!("{}?kept={}", address(TENANT), newest.id));
    let log = client.archive.history.audit(Some(TENANT), 0, 1_000).await.unwrap();
    assert!(log.iter().any(|entry| entry.action == "assessment.keep" && entry.actor == "Ada"));
    let kept = browser.get(&to).await;
    assert!(kept.text.contains("as of 2026-11-21 06:00"), "{}", kept.text);
    assert!(kept.text.contains(&format!("The score is {:.2} %", newest.core.percent)));
    for set in newest.details.data_sets.as_array().unwrap() {
        let shown = kept.text.contains(&format!("<code>{}</code>", set["name"].as_str().unwrap()));
        let is_read = set["status"] == "complete" || set["status"] == "lowerBound";
        let missed = !set["missing"].is_null() || set["costs"] != serde_json::json!([]);
        assert_eq!(shown, is_read || missed, "{set}");
    }
    assert_eq!(browser.get(&format!("{}?kept=nothing", address(TENANT))).await.status, 404);
}

#[tokio::test]
async fn what_an_export_lacks_is_told_with_what_would_bring_it() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get("/first-run").await;
    let export = zip(&files("partial-permissions"));
    let body = form(&[("token", None, page.token().as_bytes()), ("export", Some("a.zip"), &export)]);
    let kept = post(&client, &browser, "/first-run", body).await;
    let kept = browser.get(kept.leads_to()).await;
    let missing = kept.text.split_once("id=\"missing-title\"").unwrap().1.split_once("</section>").unwrap().0;
    assert!(missing.contains("<td>Grant ") && missing.contains("<td>Refused</td>"), "{missing}");
    assert!(!missing.contains("⟦"));
}

#[tokio::test]
async fn a_new_tenant_is_brought_by_whoever_may_do_everything_and_by_nobody_else() {
    let client = Client::new().await;
    let export = zip(&files("careful"));
    let of = |token: &str| form(&[("token", None, token.as_bytes()), ("export", Some("a.zip"), &export)]);
    let known = client.archive.history.tenants().await.unwrap().len();
    let operator = Browser::signed_in(&client, Roles::everywhere(Role::Operator)).await;
    let first = operator.get("/first-run").await;
    assert!(!first.text.contains("<input type=\"file\""), "who may not send sees no form");
    let token = operator.get(&address(TENANT)).await.token().to_owned();
    assert_eq!(post(&client, &operator, "/first-run", of(&token)).await.status, 403);
    assert_eq!(client.archive.history.tenants().await.unwrap().len(), known);
    let owner = Browser::owner(&client).await;
    let token = owner.get("/first-run").await.token().to_owned();
    let to = post(&client, &owner, "/first-run", of(&token)).await.leads_to().to_owned();
    assert_eq!(client.archive.history.tenants().await.unwrap().len(), known + 1);
    assert_eq!(owner.get(&to).await.status, 200);
}

#[tokio::test]
async fn forged_forms_readers_and_strangers_write_nothing() {
    let client = Client::new().await;
    let before = assessments(&client).await;
    let browser = Browser::owner(&client).await;
    let token = browser.get(&address(TENANT)).await.token().to_owned();
    let export = zip(&files("risky"));
    let file = ("export", Some("a.zip"), export.as_slice());
    let good = ("token", None, token.as_bytes());
    for (site, parts) in [
        ("cross-site", vec![good, file]),
        ("same-origin", vec![file, good]),
        ("same-origin", vec![file]),
        ("same-origin", vec![("token", None, b"0.0".as_slice()), file]),
        ("same-origin", vec![("other", None, token.as_bytes()), file]),
        ("same-origin", vec![]),
    ] {
        let answer = post_from(&client, &browser, site, &address(TENANT), form(&parts)).await;
        assert_eq!(answer.status, 403, "{site} {}", answer.text);
    }
    let reader = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Reader)).await;
    assert_eq!(reader.get(&address(TENANT)).await.status, 403);
    assert!(!reader.get(&format!("/tenants/{TENANT}/overview")).await.text.contains("/upload\""));
    assert_eq!(post(&client, &reader, &address(TENANT), form(&[good, file])).await.status, 403);
    assert_eq!(reader.get(&address(OTHER)).await.status, 404);
    assert_eq!(post(&client, &reader, &address(OTHER), form(&[good, file])).await.status, 404);
    let nobody = Browser::new(&client);
    assert_eq!(post(&client, &nobody, &address(TENANT), form(&[good, file])).await.status, 303);
    assert_eq!(assessments(&client).await, before);
}

#[tokio::test]
async fn what_is_not_kept_is_told_in_a_sentence_beside_the_form() {
    let client = Client::new().await.with_uploads(UploadRules { max_bytes: 1 << 20, ..UploadRules::default() });
    let before = assessments(&client).await;
    let browser = Browser::owner(&client).await;
    let much = vec![b' '; (1 << 20) + 1];
    let careful = zip(&files("careful"));
    // Brackets in brackets, deeper than anything is read.
    let deep = zip(&[("users.json".to_owned(), "[".repeat(100_000).into_bytes())]);
    for (name, content, status, said) in [
        ("a.zip", much.as_slice(), 413, "It has more than 1 MiB"),
        ("a.xlsx", b"x".as_slice(), 400, "Only .zip, .tar.gz"),
        ("", b"".as_slice(), 400, "Choose a file first."),
        ("a.zip", b"PK\x03\x04 and nothing".as_slice(), 400, "export.zip"),
        ("a.zip", careful.as_slice(), 400, "and this page takes those of"),
        ("a.zip", deep.as_slice(), 400, "users.json"),
    ] {
        let token = browser.get(&address(TENANT)).await.token().to_owned();
        let body = form(&[("token", None, token.as_bytes()), ("export", Some(name), content)]);
        let answer = post(&client, &browser, &address(TENANT), body).await;
        assert_eq!(answer.status, status, "{name} {said}: {}", answer.text);
        let refused = answer.text.split_once("role=\"alert\"").unwrap().1.split_once("</div>").unwrap().0;
        assert!(refused.contains(said) && !refused.contains("/incoming"), "{refused}");
        assert!(answer.text.contains("<input type=\"file\""), "the form is there again");
    }
    let token = browser.get(&address(TENANT)).await.token().to_owned();
    let mut cut = form(&[("token", None, token.as_bytes()), ("export", Some("a.zip"), &careful)]);
    cut.truncate(cut.len() / 2);
    let answer = post(&client, &browser, &address(TENANT), cut).await;
    assert!(answer.text.contains("The form ended before it was whole."), "{}", answer.text);
    assert_eq!(assessments(&client).await, before);
}
