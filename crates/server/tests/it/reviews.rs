//! Reviews and attestations: the page records what the API shows, for operators only.

use idscore_history::instants::{DAY, date_of, day_of};
use idscore_store::{Role, Roles, now};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::client::{Client, OTHER, TENANT};

const TASK: &str = "task_review_consent_grants";
const VOUCHED: &str = "aad_linkedin_connection_disables";

fn address() -> String {
    format!("/tenants/{TENANT}/reviews")
}

fn today(ago: i64) -> String {
    date_of(day_of(now() - ago * DAY)).unwrap().to_string()
}

/// What stands about a control in its list.
fn about<'a>(page: &'a Page, id: &str) -> &'a str {
    let link = format!("<h3><a href=\"/tenants/{TENANT}/actions/{id}\">");
    assert!(page.text.contains(&link), "no {id} in {}", page.text);
    page.text.split_once(&link).unwrap().1.split("<li>").next().unwrap()
}

async fn listed(client: &Client, what: &str) -> Vec<Value> {
    client.get(&format!("/api/v1/tenants/{TENANT}/{what}")).await.body["value"].as_array().unwrap().clone()
}

async fn extended(client: &Client) -> f64 {
    client.get(&format!("/api/v1/tenants/{TENANT}")).await.body["newest"]["extended"]["currentScore"].as_f64().unwrap()
}

#[tokio::test]
async fn a_review_that_is_recorded_counts_at_once_and_stands_in_the_api() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&address()).await;
    assert!(about(&page, TASK).contains("<span class=\"chip not-met\">never done</span>"), "{}", about(&page, TASK));
    assert!(
        about(&page, TASK).contains("<bdi>0 of 1</bdi>")
            && about(&page, TASK).contains("href=\"https://entra.microsoft.com/")
    );
    assert_eq!(page.text.matches("<h3><a href").count(), 7, "six tasks and an attestation");
    let before = extended(&client).await;
    let (token, today) = (page.token().to_owned(), today(0));
    let fields = [("token", token.as_str()), ("control", TASK), ("day", &today), ("note", "<b>nothing</b> new")];
    let done = browser.post(&address(), &fields).await;
    assert_eq!(done.leads_to(), format!("{}?recorded=review", address()));
    let said = &listed(&client, "reviews").await[0];
    assert_eq!(
        (&said["controlId"], &said["reviewedBy"], &said["note"]),
        (&json!(TASK), &json!("Ada"), &json!("<b>nothing</b> new"))
    );
    let after = browser.get(done.leads_to()).await;
    assert!(after.text.contains("The review is recorded"));
    let part = about(&after, TASK);
    assert!(part.contains("<span class=\"chip met\">done</span>") && part.contains("<bdi>1 of 1</bdi>"), "{part}");
    assert!(part.contains("by Ada") && part.contains("&#60;b&#62;nothing&#60;/b&#62; new"), "{part}");
    assert!((extended(&client).await - before - 1.0).abs() < 1e-9, "a point more");

    // Whoever fills in the form need not be who looked.
    assert!(page.text.contains("name=\"by\" value=\"Ada\""), "{}", page.text);
    browser.post(&address(), &[&fields[..], &[("by", "Nora Stein")]].concat()).await;
    assert!(listed(&client, "reviews").await.iter().any(|review| review["reviewedBy"] == "Nora Stein"));
}

#[tokio::test]
async fn an_old_review_is_overdue_and_what_cannot_be_is_refused() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let token = browser.get(&address()).await.token().to_owned();
    let send = async |control: &str, day: &str| {
        browser.post(&address(), &[("token", &token), ("control", control), ("day", day)]).await
    };
    assert_eq!(send(TASK, &today(10)).await.status, 303);
    let page = browser.get(&address()).await;
    assert!(about(&page, TASK).contains("<span class=\"chip not-met\">overdue</span>"), "{}", about(&page, TASK));
    for (control, day, status) in [
        (TASK, today(-1), 400),
        (TASK, "soon".to_owned(), 400),
        ("BlockLegacyAuthentication", today(0), 404),
        ("nothing", today(0), 404),
    ] {
        assert_eq!(send(control, &day).await.status, status, "{control} {day}");
    }
    assert_eq!(listed(&client, "reviews").await.len(), 1);
}

#[tokio::test]
async fn an_attestation_stands_with_owner_reason_and_last_day() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&address()).await;
    assert!(about(&page, VOUCHED).contains("nobody vouches"));
    let token = page.token().to_owned();
    let to = format!("/tenants/{TENANT}/attestations");
    let send = async |owner: &str, expires: &str| {
        let fields = [
            ("token", token.as_str()),
            ("control", VOUCHED),
            ("owner", owner),
            ("reason", "seen in the portal"),
            ("expires", expires),
        ];
        browser.post(&to, &fields).await
    };
    assert_eq!(send("Grace", &today(1)).await.status, 400);
    assert_eq!(send(" ", &today(-9)).await.status, 400);
    assert!(listed(&client, "attestations").await.is_empty());
    assert_eq!(send("Grace", &today(-9)).await.status, 303);
    let said = &listed(&client, "attestations").await[0];
    assert_eq!(
        (&said["owner"], &said["expires"], &said["recordedBy"]),
        (&json!("Grace"), &json!(today(-9)), &json!("Ada"))
    );
    let page = browser.get(&address()).await;
    let part = about(&page, VOUCHED);
    for text in ["<span class=\"chip met\">stands</span>", "Grace", "seen in the portal", today(-9).as_str()] {
        assert!(part.contains(text), "{text}: {part}");
    }
}

#[tokio::test]
async fn readers_look_and_only_operators_record() {
    let client = Client::new().await;
    let reader = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Reader)).await;
    let page = reader.get(&address()).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("Record a review") && !page.text.contains("Record an attestation"));
    let day = today(0);
    let token = page.token().to_owned();
    let review = [("token", token.as_str()), ("control", TASK), ("day", &day)];
    assert_eq!(reader.post(&address(), &review).await.status, 403);
    let attestation =
        [("token", token.as_str()), ("control", VOUCHED), ("owner", "a"), ("reason", "b"), ("expires", &day)];
    assert_eq!(reader.post(&format!("/tenants/{TENANT}/attestations"), &attestation).await.status, 403);
    assert_eq!(reader.get(&format!("/tenants/{OTHER}/reviews")).await.status, 404);
    let operator = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Operator)).await;
    let token = operator.get(&address()).await.token().to_owned();
    let review = |token| [("token", token), ("control", TASK), ("day", day.as_str())];
    assert_eq!(operator.post(&format!("/tenants/{OTHER}/reviews"), &review(&token)).await.status, 404);
    assert_eq!(operator.post(&address(), &review("forged")).await.status, 403);
    assert!(listed(&client, "reviews").await.is_empty());
    assert_eq!(operator.post(&address(), &review(&token)).await.status, 303);
}
