//! What settings show of files that the service was started with: alerts, and the roles that a provider brings.

use idscore_oidc::{Provider, Settings};
use idscore_store::{Role, Roles};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::browser::{Browser, Page};
use crate::client::{Client, TENANT, WEBHOOK_SECRET, alerting};

/// Answers one POST with a status, and gives what was posted.
async fn receiver(status: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/a-path-that-is-secret?key=hidden", listener.local_addr().unwrap());
    let receiving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut posted, mut part) = (String::new(), [0; 4096]);
        while !posted.ends_with('}') {
            let read = stream.read(&mut part).await.unwrap();
            posted.push_str(std::str::from_utf8(&part[..read]).unwrap());
        }
        stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await.unwrap();
        posted
    });
    (url, receiving)
}

fn card<'a>(page: &'a Page, id: &str) -> &'a str {
    page.text.split_once(&format!("<section class=\"card\" id=\"{id}\"")).unwrap().1.split_once("</section>").unwrap().0
}

#[tokio::test]
async fn channels_are_shown_without_address_or_secret_and_tried_by_an_administrator() {
    for (status, said) in [
        ("200 OK", "The test message to siem arrived."),
        ("503 Busy", "The test message to siem did not arrive: 127.0.0.1 answered 503."),
    ] {
        let (url, receiving) = receiver(status).await;
        let client = Client::new().await.again(|service| service.telling_by(alerting(&url)));
        let browser = Browser::owner(&client).await;
        let page = browser.get("/settings").await;
        let shown = card(&page, "alerts");
        for part in ["siem", "Signed webhook", "127.0.0.1", "The score drops by 2.5 percentage points or more", TENANT]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        let tried = browser.post("/settings/alerts/test", &[("token", page.token()), ("channel", "siem")]).await;
        assert!(tried.status == 200 && tried.text.contains(said), "{}", tried.text);
        for secret in ["a-path-that-is-secret", "key=hidden", WEBHOOK_SECRET] {
            assert!(!page.text.contains(secret) && !tried.text.contains(secret), "{secret}");
        }
        assert!(receiving.await.unwrap().contains("\"test"), "a test message was posted");
        let last = client.archive.history.audit(None, 0, 1_000).await.unwrap().pop().unwrap();
        assert_eq!((last.actor.as_str(), last.action.as_str(), last.subject.as_str()), ("Ada", "alert.test", "siem"));
        assert_eq!(last.detail.contains("\"arrived\":true"), status.starts_with("200"), "{}", last.detail);
    }
}

#[tokio::test]
async fn nobody_else_tries_a_channel_and_an_unknown_one_is_not_there() {
    let client = Client::new().await.again(|service| service.telling_by(alerting("http://127.0.0.1:9/")));
    let owner = Browser::owner(&client).await;
    let token = owner.get("/settings").await.token().to_owned();
    let send = |channel| vec![("token", token.as_str()), ("channel", channel)];
    assert_eq!(owner.post("/settings/alerts/test", &send("other")).await.status, 404);
    assert_eq!(owner.post("/settings/alerts/test", &send("siem")[1..]).await.status, 403, "without the token");
    let one = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Administrator)).await;
    let page = one.get("/settings").await;
    assert!(!page.text.contains("siem") && !page.text.contains("/settings/alerts/test"));
    let sent = one.post("/settings/alerts/test", &[("token", page.token()), ("channel", "siem")]).await;
    assert_eq!(sent.status, 403);
    let log = client.archive.history.audit(None, 0, 1_000).await.unwrap();
    assert!(log.iter().all(|entry| entry.action != "alert.test"));
}

#[tokio::test]
async fn the_page_says_which_values_bring_which_role_for_which_tenants() {
    let text = format!(
        "issuer = \"https://login.example.org\"\nclient_id = \"idscore\"\nclient_secret_env = \"SECRET\"\n\
         public_address = \"https://score.example.org\"\nmicrosoft_roles = true\n\
         [[role]]\nclaim = \"groups\"\nvalue = \"<b>auditors\"\nrole = \"reader\"\ntenants = [\"{TENANT}\"]\n"
    );
    let settings = Settings::parse(&text, std::path::Path::new("sign-in.toml")).unwrap();
    let provider = Provider::open(settings, &|_| Some("very-secret".to_owned())).unwrap();
    let client = Client::new().await;
    let page = Browser::owner(&client).await.get("/settings").await;
    assert!(card(&page, "roles").contains("No identity provider is set up"));
    let client = client.again(|service| service.vouched_for_by(provider));
    let page = Browser::owner(&client).await.get("/settings").await;
    let rows: Vec<&str> = card(&page, "roles").split("<tr>").skip(2).collect();
    assert_eq!(rows.len(), 13, "one of our own, six roles of Microsoft's by name and by id");
    for part in ["groups", "&#60;b&#62;auditors", "Reader", TENANT] {
        assert!(rows[0].contains(part), "{part}: {}", rows[0]);
    }
    let by_id = rows.iter().find(|row| row.contains("194ae4cb-b126-40b2-bd5b-6091b380977d")).unwrap();
    assert!(by_id.contains("wids") && by_id.contains("Security Administrator") && by_id.contains("Administrator</td>"));
    assert!(!page.text.contains("very-secret"));
}
