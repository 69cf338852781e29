//! Zones are the organisation's words for its score: kept and logged, and no number follows from them.

use idscore_store::HistoryError;

use crate::support::{Store, actor, kept, tenant};

#[tokio::test]
async fn zones_are_kept_and_logged_and_change_no_assessment() {
    let Store { history, .. } = &Store::with_tenants(&["a", "b"]).await;
    history.keep(&actor(), &kept("a", "careful", "2026-11-20T06:00:00Z")).await.unwrap();
    let before = history.newest("a").await.unwrap();
    history.set_zones(&actor(), "a", "40,80".parse().unwrap()).await.unwrap();
    assert_eq!(history.tenant("a").await.unwrap().zones, "40,80".parse().unwrap());
    assert_eq!(history.tenant("b").await.unwrap().zones, "50,75".parse().unwrap());
    assert_eq!(history.newest("a").await.unwrap(), before);
    let entry = history.audit(Some("a"), 0, 100).await.unwrap().pop().unwrap();
    assert_eq!((entry.action.as_str(), entry.actor.as_str()), ("tenant.zones", "ada@example.org"));
    assert_eq!(entry.detail, r#"{"before":{"good":75,"okay":50},"zones":{"good":80,"okay":40}}"#);
}

#[tokio::test]
async fn an_export_that_is_read_again_leaves_the_zones_as_they_are() {
    let Store { history, .. } = &Store::with_tenants(&["a"]).await;
    history.set_zones(&actor(), "a", "40,80".parse().unwrap()).await.unwrap();
    let renamed = idscore_history::Tenant { display_name: "New name".to_owned(), ..tenant("a") };
    history.register(&actor(), &renamed).await.unwrap();
    let known = history.tenant("a").await.unwrap();
    assert_eq!((known.display_name.as_str(), known.zones), ("New name", "40,80".parse().unwrap()));
}

#[tokio::test]
async fn the_same_zones_again_are_no_change_and_an_unknown_tenant_has_none() {
    let Store { history, .. } = &Store::with_tenants(&["a"]).await;
    let entries = history.verify_audit().await.unwrap().entries;
    history.set_zones(&actor(), "a", "50,75".parse().unwrap()).await.unwrap();
    assert_eq!(history.verify_audit().await.unwrap().entries, entries);
    let error = history.set_zones(&actor(), "nobody", "40,80".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, HistoryError::NotFound { what: "tenant", .. }), "{error}");
}
