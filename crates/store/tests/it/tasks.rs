//! Tasks and attestations: where each stands at an instant, and that the points agree.

use idscore_history::instants::{DAY, micros};
use idscore_history::{Attestation, Review, TaskState, tasks, vouched};
use idscore_score::{Finding, Outcome};

use crate::support::{Store, actor, kept};

const TASK: &str = "task_review_consent_grants";
const VOUCHED: &str = "aad_linkedin_connection_disables";

fn at() -> i64 {
    micros("2026-11-20T06:00:00Z").unwrap()
}

fn reviewed(days: i64) -> Review {
    let reviewed_at = at() - days * DAY;
    Review { control_id: TASK.to_owned(), reviewed_by: "nora".to_owned(), reviewed_at, note: String::new() }
}

#[tokio::test]
async fn a_task_is_done_due_overdue_or_was_never_done_and_its_points_say_the_same() {
    for (days, state, outcome) in [
        (None, TaskState::Never, Outcome::NotMet),
        (Some(0), TaskState::Done, Outcome::Met),
        (Some(4), TaskState::Done, Outcome::Met),
        (Some(5), TaskState::Due, Outcome::Met),
        (Some(7), TaskState::Due, Outcome::Met),
        (Some(8), TaskState::Overdue, Outcome::Partial),
        (Some(20), TaskState::Overdue, Outcome::NotMet),
    ] {
        let store = Store::with_tenants(&["a"]).await;
        store.history.keep(&actor(), &kept("a", "careful", "2026-11-19T06:00:00Z")).await.unwrap();
        let mut none = store.history.newest("a").await.unwrap().unwrap();
        // What the configuration of the tenant says is another test's business.
        for control in &mut none.controls {
            if let Some(Finding::Task { age, .. }) = control.judged.as_mut().map(|judged| &mut judged.finding) {
                *age = None;
            }
        }
        (none.assessed_at, none.taken_at) = (at(), at());
        store.history.keep(&actor(), &none).await.unwrap();
        if let Some(days) = days {
            store.history.record_review(&actor(), "a", &reviewed(days), at()).await.unwrap();
        }
        let reviews = store.history.reviews("a").await.unwrap();
        let newest = none.decided(&store.history.decisions("a", at()).await.unwrap()).unwrap();
        let all = tasks(&newest, &reviews, at());
        let task = all.iter().find(|task| task.control.id == TASK).unwrap();
        assert_eq!((task.state, task.control.outcome, task.every_days), (state, outcome, 7), "{days:?}");
        assert_eq!(task.last, days.map(|days| at() - days * DAY));
        assert_eq!(task.due.zip(task.fades_until).map(|(due, fades)| fades - due), days.map(|_| 7 * DAY));
        assert!(all.windows(2).all(|two| two[0].state <= two[1].state), "most urgent first");
    }
}

#[tokio::test]
async fn a_review_of_the_configuration_counts_and_a_recorded_one_stands_in_its_place() {
    let mut newest = kept("a", "careful", "2026-11-20T06:00:00Z");
    for control in newest.controls.iter_mut().filter(|control| control.id == TASK) {
        control.judged.as_mut().unwrap().finding = Finding::Task { age: Some(3 * 86_400), period: 7 * 86_400 };
    }
    let of = |reviews: &[Review]| {
        let all = tasks(&newest, reviews, at());
        let task = all.iter().find(|task| task.control.id == TASK).unwrap();
        (task.last, task.review.is_some())
    };
    assert_eq!(of(&[]), (Some(at() - 3 * DAY), false));
    assert_eq!(of(&[reviewed(1)]), (Some(at() - DAY), true));
}

#[tokio::test]
async fn an_attestation_stands_until_its_last_day() {
    let newest = kept("a", "careful", "2026-11-20T06:00:00Z");
    let stands = |expires: &str| {
        let attestation = Attestation {
            control_id: VOUCHED.to_owned(),
            owner: "nora".to_owned(),
            reason: "seen".to_owned(),
            expires: expires.parse().unwrap(),
            recorded_by: "nora".to_owned(),
            recorded_at: at(),
        };
        let all = [attestation];
        let found = vouched(&newest, &all, at());
        let one = found.iter().find(|one| one.control.id == VOUCHED).unwrap();
        (one.stands, one.recorded.is_some())
    };
    assert_eq!([stands("2026-11-20"), stands("2026-11-19")], [(true, true), (false, true)]);
}
