//! Who is signed in: by a link that works once, for a time, and revocably.

use idscore_store::{Attempted, HistoryError, Person, Role, Roles, SessionLimits};
use sqlx::{AnyPool, Row};

use crate::support::{Store, actor};

const MINUTE: i64 = 60_000_000;

fn ada() -> Person {
    Person {
        subject: "link".to_owned(),
        name: "Ada".to_owned(),
        roles: Roles::everywhere(Role::Reader).and("a", Role::Operator),
    }
}

#[tokio::test]
async fn a_link_signs_one_person_in_once_and_within_ten_minutes() {
    let store = Store::empty().await;
    let secret = store.history.create_link(&actor(), &ada(), 0, &[1; 32]).await.unwrap();
    assert_eq!(store.history.use_link(&secret, 10 * MINUTE).await.unwrap(), None, "ten minutes have passed");
    assert_eq!(store.history.use_link("guessed", MINUTE).await.unwrap(), None);
    let (one, two) = tokio::join!(store.history.use_link(&secret, MINUTE), store.history.use_link(&secret, MINUTE));
    let mut people = [one.unwrap(), two.unwrap()];
    people.sort_by_key(Option::is_some);
    assert_eq!(people, [None, Some(ada())], "of two at once one gets in");
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_when_revoked() {
    let store = Store::empty().await;
    let limits = SessionLimits::default();
    let begin = |random: u8| {
        let history = store.history.clone();
        async move { history.begin_session(&ada(), "link", limits, 0, &[random; 32]).await.unwrap() }
    };
    let holds = |secret: &str, at: i64| {
        let (history, secret) = (store.history.clone(), secret.to_owned());
        async move { history.session_of(&secret, at).await.unwrap().is_some() }
    };
    let (_, idle) = begin(1).await;
    assert!(holds(&idle, 59 * MINUTE).await && holds(&idle, 118 * MINUTE).await, "it is used");
    assert!(!holds(&idle, 178 * MINUTE).await, "an hour without use");

    let (_, busy) = begin(2).await;
    for minute in (30..720).step_by(30) {
        assert!(holds(&busy, minute * MINUTE).await, "{minute}");
    }
    assert!(!holds(&busy, 720 * MINUTE).await, "twelve hours are the end");

    let (session, revoked) = begin(3).await;
    assert_eq!(store.history.sessions(MINUTE).await.unwrap()[0].id, session.id);
    store.history.end_session(&actor(), &session.id, MINUTE).await.unwrap();
    assert!(!holds(&revoked, MINUTE).await);
    store.history.end_session(&actor(), &session.id, 2 * MINUTE).await.unwrap();
    assert!(matches!(store.history.end_session(&actor(), "none", 0).await, Err(HistoryError::NotFound { .. })));
}

#[tokio::test]
async fn that_a_session_is_used_is_known_to_the_minute() {
    let store = Store::empty().await;
    let (_, secret) = store.history.begin_session(&ada(), "link", SessionLimits::default(), 0, &[1; 32]).await.unwrap();
    let mut seen = Vec::new();
    for second in [59, 60, 61, 119, 120] {
        store.history.session_of(&secret, second * 1_000_000).await.unwrap();
        store.history.write_uses().await.unwrap();
        seen.push(store.history.sessions(0).await.unwrap()[0].last_seen_at / 1_000_000);
    }
    assert_eq!(seen, [0, 60, 60, 60, 120]);
}

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let store = Store::empty().await;
    let link = store.history.create_link(&actor(), &ada(), 0, &[0xab; 32]).await.unwrap();
    let begun = store.history.begin_session(&ada(), "link", SessionLimits::default(), 0, &[0xcd; 32]).await;
    let (_, secret) = begun.unwrap();
    let pool = AnyPool::connect(&store.url).await.unwrap();
    for (table, secret) in [("sign_in_link", link), ("session", secret)] {
        let sql = format!("SELECT hash FROM {table}");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap();
        assert!(!row.try_get::<String, _>("hash").unwrap().contains(&secret[..16]));
        let log = store.history.audit(None, 0, 100).await.unwrap();
        assert!(log.iter().all(|entry| !entry.detail.contains(&secret[..16])));
    }
}

#[test]
fn a_role_holds_for_its_tenant_and_the_higher_of_two_counts() {
    let roles = ada().roles;
    assert_eq!([roles.at("a"), roles.at("b")], [Some(Role::Operator), Some(Role::Reader)]);
    let one = Roles::default().and("a", Role::Administrator).and("a", Role::Reader);
    assert_eq!([one.at("a"), one.at("b")], [Some(Role::Administrator), None]);
}

#[tokio::test]
async fn somebody_comes_back_from_the_provider_once_in_time_and_in_the_same_browser() {
    let store = Store::empty().await;
    let waits = Attempted { nonce: "n".into(), verifier: "v".into(), back: "/a".into() };
    let begin = |state: &'static str| store.history.begin_attempt(state, "browser", &waits, 0);
    let take = |state: &'static str, browser: &'static str, at: i64| store.history.take_attempt(state, browser, at);
    begin("late").await.unwrap();
    assert!(take("late", "browser", 10 * MINUTE).await.unwrap().is_none(), "ten minutes have passed");
    begin("other").await.unwrap();
    assert!(take("other", "another browser", MINUTE).await.unwrap().is_none());
    assert!(take("other", "browser", MINUTE).await.unwrap().is_none(), "it was used up");
    assert!(take("guessed", "browser", MINUTE).await.unwrap().is_none());
    begin("good").await.unwrap();
    let (one, two) = tokio::join!(take("good", "browser", MINUTE), take("good", "browser", MINUTE));
    let found: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    assert!(found == [waits.clone()], "of two at once one gets in");

    begin("kept").await.unwrap();
    let pool = AnyPool::connect(&store.url).await.unwrap();
    let kept: Vec<String> =
        sqlx::query_scalar("SELECT state || browser FROM sign_in_attempt").fetch_all(&pool).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains("kept") && !kept[0].contains("browser") && kept[0].len() == 128, "only hashes: {kept:?}");
}
