//! Where a recorded task stands at an instant, and that its points agree.

use idscore_history::instants::{DAY, micros};
use idscore_history::{Review, TaskState, tasks};
use idscore_score::{Finding, Outcome};

use crate::support::{Store, actor, kept};

const TASK: &str = "task_review_consent_grants";

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
