//! A token opens one tenant, for a time, and only its hash is kept.

use idscore_history::{HistoryError, Token};
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
