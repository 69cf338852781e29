//! The log of a tenant: assessments beside those before them, and what people did.

use idscore_history::{ActionChange, Cause, ChangeKind, KeptAssessment, Review};
use idscore_score::{Set, Status};
use idscore_store::{Change, Changes, now};

use crate::support::{Store, actor, kept};

async fn log(store: &Store, kind: Option<ChangeKind>) -> Changes {
    store.history.changes("a", kind, true, 0, 100).await.unwrap()
}

fn percents(changes: &Changes) -> Vec<(f64, Option<f64>)> {
    let of = |change: &Change| match change {
        Change::Assessment(step) => Some((step.now.core.percent, step.change(Set::Core))),
        Change::Entry(_) => None,
    };
    changes.entries.iter().filter_map(of).collect()
}

fn actions(changes: &Changes) -> Vec<&str> {
    let entries = changes.entries.iter().filter_map(|change| match change {
        Change::Entry(entry) => Some(entry.action.as_str()),
        Change::Assessment(_) => None,
    });
    entries.collect()
}

/// Ours at 40, 50 and 45 percent, one of Microsoft's at 60 between them; all controls are the same.
async fn filled() -> Store {
    let store = Store::with_tenants(&["a", "b"]).await;
    let days = [(1, 40.0, "x"), (2, 50.0, "x"), (3, 60.0, ""), (4, 45.0, "y"), (5, 45.0, "y")];
    for (day, percent, catalogue) in days {
        let mut one: KeptAssessment = kept("a", "careful", &format!("2026-11-0{day}T06:00:00Z"));
        (one.core.percent, one.core.current_score) = (percent, percent / 2.0);
        one.catalogue_version = catalogue.to_owned();
        if catalogue.is_empty() {
            one.cause = Cause::Microsoft;
        }
        store.history.keep(&actor(), &one).await.unwrap();
    }
    store
}

#[tokio::test]
async fn an_assessment_is_laid_beside_the_last_of_the_same_measure() {
    let store = filled().await;
    let all = percents(&log(&store, None).await);
    assert_eq!(all, [(45.0, Some(0.0)), (45.0, Some(-5.0)), (60.0, None), (50.0, Some(10.0)), (40.0, None)]);
}

#[tokio::test]
async fn each_kind_is_found() {
    let store = filled().await;
    let of = async |kind| percents(&log(&store, Some(kind)).await).into_iter().map(|(now, _)| now).collect::<Vec<_>>();
    assert_eq!(of(ChangeKind::Moved).await, [45.0, 50.0, 40.0], "the first moved from nothing");
    assert_eq!(of(ChangeKind::Fell).await, [45.0]);
    assert_eq!(of(ChangeKind::Rules).await, [45.0]);
    assert_eq!(of(ChangeKind::Microsoft).await, [60.0]);
}

#[tokio::test]
async fn what_people_did_is_in_it_newest_first_and_of_this_tenant_only() {
    let store = filled().await;
    let control = store.history.newest("a").await.unwrap().unwrap();
    let open = control.controls.iter().find(|control| control.status == Status::ToAddress).unwrap().id.clone();
    let plan = ActionChange {
        control_id: open,
        status: Some(Status::Planned),
        owner: Some("Grace".to_owned()),
        ..Default::default()
    };
    store.history.update_actions(&actor(), "a", &[plan], now()).await.unwrap();
    let review = Review {
        control_id: "task_review_consent_grants".to_owned(),
        reviewed_by: "ada".to_owned(),
        reviewed_at: now(),
        note: String::new(),
    };
    store.history.record_review(&actor(), "b", &review, now()).await.unwrap();
    store.history.record_review(&actor(), "a", &review, now()).await.unwrap();
    let all = log(&store, None).await;
    assert_eq!(actions(&all), ["review.record", "action.update", "tenant.register"]);
    assert_eq!(actions(&log(&store, Some(ChangeKind::Decision)).await), ["action.update"]);
    assert_eq!(actions(&log(&store, Some(ChangeKind::Review)).await), ["review.record"]);
    assert_eq!(actions(&log(&store, Some(ChangeKind::Setting)).await), ["tenant.register"]);
    let looked = store.history.changes("a", None, false, 0, 100).await.unwrap();
    assert_eq!((actions(&looked), looked.all), (vec!["review.record", "action.update"], all.all - 1));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let store = filled().await;
    let all = log(&store, None).await;
    let mut paged = vec![];
    for skip in [0, 2, 4, 6] {
        let page = store.history.changes("a", None, true, skip, 2).await.unwrap();
        assert_eq!(page.all, all.all);
        paged.extend(page.entries);
    }
    assert_eq!(paged, all.entries);
}
