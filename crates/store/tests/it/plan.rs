//! The action plan: rules of each status, its effect, its end.

use idscore_history::instants::micros;
use idscore_history::{ActionChange, Cause, slips};
use idscore_score::{Outcome, Status};
use idscore_store::HistoryError;

use crate::support::{Store, actor, kept};

const DAY: i64 = 86_400_000_000;

fn change(control: &str, status: Status) -> ActionChange {
    ActionChange { control_id: control.to_owned(), status: Some(status), ..ActionChange::default() }
}

fn accepted(control: &str, status: Status, expires: &str) -> ActionChange {
    ActionChange {
        approver: Some("Grace".to_owned()),
        reason: Some("gateway in front".to_owned()),
        expires: Some(expires.parse().unwrap()),
        ..change(control, status)
    }
}

async fn store() -> (Store, i64) {
    let store = Store::with_tenants(&["a"]).await;
    store.history.keep(&actor(), &kept("a", "risky", "2026-11-20T06:00:00Z")).await.unwrap();
    (store, micros("2026-11-21T06:00:00Z").unwrap())
}

#[tokio::test]
async fn a_mitigation_earns_all_points_at_once_and_is_shown_as_attested() {
    let (store, at) = store().await;
    let before = store.history.newest("a").await.unwrap().unwrap();
    let changes = [accepted("BlockLegacyAuthentication", Status::ThirdParty, "2027-01-01")];
    let shown = store.history.effect("a", &changes, at).await.unwrap();
    assert_eq!(store.history.newest("a").await.unwrap().unwrap(), before, "looking changes nothing");
    let done = store.history.update_actions(&actor(), "a", &changes, at).await.unwrap();
    assert_eq!(shown.core, done.core, "what was shown is what happens");
    let after = store.history.newest("a").await.unwrap().unwrap();
    assert_eq!((after.cause, after.assessed_at, after.taken_at), (Cause::Decision, at, before.taken_at));
    let control = after.control("BlockLegacyAuthentication").unwrap();
    assert_eq!((control.outcome, control.score, control.max_score), (Outcome::Met, Some(8.0), Some(8.0)));
    assert!(after.core.percent > before.core.percent && after.core.attested_percent > 0.0);
}

#[tokio::test]
async fn planned_moves_only_the_planned_score() {
    let (store, at) = store().await;
    let effect =
        store.history.update_actions(&actor(), "a", &[change("AdminMFAV2", Status::Planned)], at).await.unwrap();
    let (before, after) = effect.core.unwrap();
    assert_eq!(before.percent, after.percent);
    assert!(after.planned_percent > before.planned_percent);
}

#[tokio::test]
async fn an_acceptance_needs_an_approver_a_reason_and_an_end_to_come() {
    let (store, at) = store().await;
    let whole = accepted("AdminMFAV2", Status::RiskAccepted, "2027-01-01");
    let wrong = [
        ActionChange { approver: None, ..whole.clone() },
        ActionChange { reason: Some(" ".to_owned()), ..whole.clone() },
        ActionChange { expires: None, ..whole.clone() },
        ActionChange { expires: Some("2026-11-20".parse().unwrap()), ..whole.clone() },
    ];
    for change in wrong {
        let refused = store.history.update_actions(&actor(), "a", std::slice::from_ref(&change), at).await;
        assert!(matches!(refused, Err(HistoryError::Invalid { .. })), "{change:?}");
    }
    assert!(store.history.actions("a").await.unwrap().is_empty());
    store.history.update_actions(&actor(), "a", &[whole], at).await.unwrap();
}

#[tokio::test]
async fn one_bad_change_among_many_changes_nothing() {
    let (store, at) = store().await;
    let changes = [change("AdminMFAV2", Status::Planned), change("NoSuchControl", Status::Planned)];
    let refused = store.history.update_actions(&actor(), "a", &changes, at).await;
    assert!(matches!(refused, Err(HistoryError::NotFound { what: "control", .. })));
    assert!(store.history.actions("a").await.unwrap().is_empty());
}

#[tokio::test]
async fn completed_is_said_by_the_data_alone() {
    let (store, at) = store().await;
    let refused = store.history.update_actions(&actor(), "a", &[change("AdminMFAV2", Status::Completed)], at).await;
    assert!(matches!(refused, Err(HistoryError::Invalid { .. })));
    let completed = accepted("OneAdmin", Status::RiskAccepted, "2027-01-01");
    let refused = store.history.update_actions(&actor(), "a", &[completed], at).await;
    assert!(matches!(refused, Err(HistoryError::Invalid { .. })), "the data confirm it");
}

#[tokio::test]
async fn a_change_that_changes_nothing_adds_no_entry() {
    let (store, at) = store().await;
    let changes = [change("AdminMFAV2", Status::Planned)];
    store.history.update_actions(&actor(), "a", &changes, at).await.unwrap();
    let entries = store.history.verify_audit().await.unwrap().entries;
    let again = store.history.update_actions(&actor(), "a", &changes, at + DAY).await.unwrap();
    assert!(again.changed.is_empty());
    assert_eq!(store.history.verify_audit().await.unwrap().entries, entries);
    assert_eq!(store.history.action_history("a", "AdminMFAV2").await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_acceptance_falls_back_by_itself_after_its_last_day() {
    let (store, at) = store().await;
    let before = store.history.newest("a").await.unwrap().unwrap();
    let changes = [accepted("BlockLegacyAuthentication", Status::AlternateMitigation, "2026-11-23")];
    store.history.update_actions(&actor(), "a", &changes, at).await.unwrap();
    let last_day = micros("2026-11-23T23:59:00Z").unwrap();
    assert!(!store.history.settle("a", last_day).await.unwrap());
    assert!(store.history.settle("a", last_day + DAY).await.unwrap());
    let after = store.history.newest("a").await.unwrap().unwrap();
    assert_eq!((after.cause, after.core), (Cause::Expiry, before.core));
    assert!(!store.history.settle("a", last_day + DAY).await.unwrap(), "it falls back once");
}

#[tokio::test]
async fn what_was_accepted_stays_watched() {
    let (store, at) = store().await;
    let changes = [accepted("AdminMFAV2", Status::RiskAccepted, "2027-01-01")];
    store.history.update_actions(&actor(), "a", &changes, at).await.unwrap();
    let actions = store.history.actions("a").await.unwrap();
    let mut newest = store.history.newest("a").await.unwrap().unwrap();
    assert!(slips(&actions, &newest).is_empty());
    let control = newest.controls.iter_mut().find(|control| control.id == "AdminMFAV2").unwrap();
    control.total += 1;
    let slipped = slips(&actions, &newest);
    assert_eq!((slipped[0].accepted, slipped[0].now), (7, 8));
}

#[tokio::test]
async fn leaving_an_acceptance_forgets_its_approver_and_end() {
    let (store, at) = store().await;
    let changes = [accepted("AdminMFAV2", Status::RiskAccepted, "2027-01-01")];
    store.history.update_actions(&actor(), "a", &changes, at).await.unwrap();
    store.history.update_actions(&actor(), "a", &[change("AdminMFAV2", Status::ToAddress)], at).await.unwrap();
    let state = store.history.actions("a").await.unwrap().remove("AdminMFAV2").unwrap();
    assert_eq!((state.approver.as_str(), state.expires, state.accepted_open), ("", None, None));
}

#[tokio::test]
async fn a_review_earns_its_points_on_the_day_of_the_assessment_too() {
    let store = Store::with_tenants(&["a"]).await;
    let mut kept = kept("a", "risky", "2026-11-20T06:00:00Z");
    let at = kept.assessed_at + 1_000_000;
    // An organisation's own control; this one earns nothing either way.
    let control_id = "PWAgePolicyNew".to_owned();
    let task = kept.controls.iter_mut().find(|control| control.id == control_id).unwrap();
    task.judged.as_mut().unwrap().finding = idscore_score::Finding::Task { age: None, period: 604_800 };
    task.compat = None;
    store.history.keep(&actor(), &kept).await.unwrap();
    let review = idscore_history::Review {
        control_id: control_id.clone(),
        reviewed_by: "Ada".to_owned(),
        reviewed_at: at,
        note: String::new(),
    };
    store.history.record_review(&actor(), "a", &review, at).await.unwrap();
    assert!(store.history.settle("a", at).await.unwrap());
    let after = store.history.newest("a").await.unwrap().unwrap();
    assert_eq!((after.cause, after.control(&control_id).unwrap().outcome), (Cause::Decision, Outcome::Met));
    assert!(!store.history.settle("a", at + 1_000_000).await.unwrap(), "it is written once");
}
