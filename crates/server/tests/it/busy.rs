//! Many who write at once, and a database that is at work for another program.

use serde_json::{Value, json};
use sqlx::{AnyPool, Executor};

use crate::browser::Browser;
use crate::client::{Client, TENANT, limits};

fn decision(note: usize) -> Value {
    json!({"comment": note.to_string(), "vendorInformation": {"provider": "SecureScore", "vendor": "Microsoft"}})
}

const PROFILE: &str = "/v1.0/security/secureScoreControlProfiles/AdminMFAV2";

#[tokio::test]
async fn forty_decisions_at_once_are_all_saved_while_visitors_guess_at_links() {
    let client = Client::with(&["SecurityEvents.ReadWrite.All"], limits(1000, 1000)).await;
    let browser = Browser::new(&client);
    let decide = async |note| client.json("PATCH", PROFILE, &decision(note)).await.status.as_u16();
    let guess = async |guess: usize| browser.get(&format!("/sign-in/guess-{guess}")).await.status.as_u16();
    let (decided, guessed) = tokio::join!(
        futures_util::future::join_all((0..40).map(decide)),
        futures_util::future::join_all((0..20).map(guess)),
    );
    assert!(decided.iter().all(|status| *status == 204 || *status == 200), "{decided:?}");
    assert!(guessed.iter().all(|status| *status == 303), "{guessed:?}");
    assert_eq!(client.archive.history.action_history(TENANT, "AdminMFAV2").await.unwrap().len(), 40);
}

#[tokio::test]
async fn whoever_finds_the_database_busy_is_told_to_come_again() {
    let client = Client::new().await;
    let owner = Browser::owner(&client).await;
    let settings = owner.get("/settings").await;
    let fields = [("token", settings.token()), ("industry", "Ships"), ("okay", "40"), ("good", "80")];
    let other = AnyPool::connect(&format!("sqlite:{}", client.folder().join("history.db").display())).await.unwrap();
    let mut writing = other.acquire().await.unwrap();
    writing.execute("BEGIN IMMEDIATE").await.unwrap();
    let (decided, form) = (decision(1), format!("/settings/tenants/{TENANT}"));
    let (answer, page) = tokio::join!(client.json("PATCH", PROFILE, &decided), owner.post(&form, &fields));
    assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (503, &json!("ServiceUnavailable")));
    assert_eq!(answer.headers["retry-after"], "5");
    assert_eq!((page.status.as_u16(), &page.headers["retry-after"]), (503, &"5".parse().unwrap()));
    assert!(page.text.contains("The service is busy"), "{}", page.text);
    writing.execute("ROLLBACK").await.unwrap();
    assert!(client.json("PATCH", PROFILE, &decision(1)).await.status.is_success());
}
