//! A token opens one tenant, for a time, and only its hash is kept.

use idscore_store::{HistoryError, Person, Role, Roles, SessionLimits, Token};
use sqlx::{AnyPool, Row};

use crate::support::{Store, actor};

fn token() -> Token {
    Token {
        id: String::new(),
        tenant_id: "a".to_owned(),
        name: "portal".to_owned(),
        scopes: vec!["SecurityEvents.Read.All".to_owned()],
        created_at: 1_000,
        expires_at: 2_000_000_000,
        last_used_at: None,
        revoked_at: None,
    }
}

#[tokio::test]
async fn a_token_counts_until_it_ends_or_is_revoked() {
    let store = Store::with_tenants(&["a"]).await;
    let made = store.history.create_token(&actor(), &token(), &[7; 32]).await.unwrap();
    let found = store.history.token_of(&made.secret, 5_000).await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.tenant_id.as_str()), (made.token.id.as_str(), "a"));
    store.history.write_uses().await.unwrap();
    assert_eq!(store.history.tokens("a").await.unwrap()[0].last_used_at, Some(5_000));
    assert_eq!(store.history.token_of(&made.secret, 2_000_000_000).await.unwrap(), None);
    assert_eq!(store.history.token_of("ids_other", 5_000).await.unwrap(), None);
    store.history.revoke_token(&actor(), "a", &made.token.id, 6_000).await.unwrap();
    assert_eq!(store.history.token_of(&made.secret, 7_000).await.unwrap(), None);
    let again = store.history.revoke_token(&actor(), "a", &made.token.id, 8_000).await;
    assert!(matches!(again, Err(HistoryError::NotFound { .. })));
}

#[tokio::test]
async fn the_secret_is_nowhere_in_the_database() {
    let store = Store::with_tenants(&["a"]).await;
    let made = store.history.create_token(&actor(), &token(), &[7; 32]).await.unwrap();
    let pool = AnyPool::connect(&store.url).await.unwrap();
    let row = sqlx::query("SELECT name, scopes, hash FROM token").fetch_one(&pool).await.unwrap();
    let hash: String = row.try_get("hash").unwrap();
    assert!(!hash.contains(&made.secret[4..20]));
    let log = store.history.audit(None, 0, 100).await.unwrap();
    assert!(log.iter().all(|entry| !entry.detail.contains(&made.secret[4..])));
}

#[tokio::test]
async fn a_request_does_not_wait_for_whoever_writes() {
    let store = Store::with_tenants(&["a"]).await;
    let made = store.history.create_token(&actor(), &token(), &[7; 32]).await.unwrap();
    let person = Person { subject: "ada".to_owned(), name: "Ada".to_owned(), roles: Roles::everywhere(Role::Reader) };
    let begun = store.history.begin_session(&person, "link", SessionLimits::default(), 0, &[1; 32]).await;
    let (_, cookie) = begun.unwrap();
    let others = AnyPool::connect(&store.url).await.unwrap();
    let mut writer = others.begin().await.unwrap();
    for statement in ["UPDATE token SET name = name", "UPDATE session SET name = name"] {
        sqlx::query(statement).execute(&mut *writer).await.unwrap();
    }

    let minute = 60_000_000;
    assert!(store.history.token_of(&made.secret, minute).await.unwrap().is_some());
    assert!(store.history.session_of(&cookie, minute).await.unwrap().is_some());
    let later = store.history.session_of(&cookie, 2 * minute - 1).await.unwrap().unwrap();
    assert_eq!(later.last_seen_at, minute, "what is not written yet counts as well");

    writer.rollback().await.unwrap();
    store.history.write_uses().await.unwrap();
    assert_eq!(store.history.tokens("a").await.unwrap()[0].last_used_at, Some(minute));
    assert_eq!(store.history.sessions(minute).await.unwrap()[0].last_seen_at, minute);
}
