//! Webhooks and Teams: what is sent, and what a receiver may not do to us.

use std::time::Instant;

use idscore_alerts::Secret;
use idscore_alerts::SendError;
use idscore_alerts::sign::Key;
use serde_json::Value;

use crate::receiver::{Answer, PATIENCE, Receiver, SECRET, alerting, webhook};

async fn tell(url: &str) -> Result<(), SendError> {
    let mut results = alerting(&webhook("siem", url)).test(None, 1_700_000_000_000_000).await;
    results.pop().unwrap().1
}

#[tokio::test]
async fn a_receiver_can_verify_the_signature_over_id_timestamp_and_body() {
    let receiver = Receiver::answering(&[Answer::Status(204)]).await;
    tell(&receiver.url).await.unwrap();
    let [request] = receiver.requests().try_into().ok().unwrap();
    let key = Key::of(&Secret::new(SECRET)).unwrap();
    let timestamp: i64 = request.header("webhook-timestamp").parse().unwrap();
    let (id, signature) = (request.header("webhook-id"), request.header("webhook-signature"));
    assert!(key.verify(&id, timestamp, &request.body, &signature, timestamp, 300));
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!((body["type"].as_str(), body["id"].as_str()), (Some("idscore.test"), Some(id.as_str())));
    assert!(body["data"]["title"].as_str().unwrap().contains("TEST"));
    assert!(!request.head.contains("whsec") && !String::from_utf8_lossy(&request.body).contains("whsec"));
}

#[tokio::test]
async fn a_teams_workflow_gets_a_card() {
    let receiver = Receiver::answering(&[Answer::Status(202)]).await;
    let channel = format!("[[channel]]\nname = \"team\"\nkind = \"teams\"\nurl_env = \"{}\"\n", receiver.url);
    alerting(&channel).test(Some("team"), 0).await.pop().unwrap().1.unwrap();
    let body: Value = serde_json::from_slice(&receiver.requests()[0].body).unwrap();
    assert_eq!(body["attachments"][0]["contentType"], "application/vnd.microsoft.card.adaptive");
    assert_eq!(body["attachments"][0]["content"]["type"], "AdaptiveCard");
}

#[tokio::test]
async fn a_receiver_that_hangs_is_waited_for_so_long_and_no_longer() {
    let receiver = Receiver::answering(&[Answer::Never]).await;
    let begun = Instant::now();
    assert!(matches!(tell(&receiver.url).await, Err(SendError::TimedOut { .. })));
    assert!(begun.elapsed() < PATIENCE * 3);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let receiver = Receiver::answering(&[Answer::Redirect]).await;
    let refused = tell(&receiver.url).await.unwrap_err();
    assert!(matches!(refused, SendError::Redirected { status: 307, .. }));
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn an_endless_answer_is_not_read() {
    let receiver = Receiver::answering(&[Answer::Flood]).await;
    tell(&receiver.url).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let sent = *receiver.sent_bytes.lock().unwrap();
    // What the two kernels hold between them is a few megabytes.
    assert!(sent < 32 << 20, "{sent} bytes were taken");
}

#[tokio::test]
async fn no_error_names_more_of_the_address_than_its_host_nor_a_secret() {
    let hung = Receiver::answering(&[Answer::Never]).await;
    let refusing = Receiver::answering(&[Answer::Status(403)]).await;
    let closed = "http://127.0.0.1:1/secret-path?sig=secret-query".to_owned();
    for url in [hung.url.clone(), refusing.url.clone(), closed] {
        let error = tell(&url).await.unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("127.0.0.1"), "{shown}");
        assert!(!shown.contains("secret-") && !shown.contains("whsec") && !shown.contains("MfKQ9r8"), "{shown}");
    }
}
