//! Tasks and attestations: where each stands at an instant.

use idscore_history::instants::{DAY, micros};
use idscore_history::{Attestation, Review, tasks, vouched};
use idscore_score::Finding;

use crate::judged::kept;

const TASK: &str = "task_review_consent_grants";
const VOUCHED: &str = "aad_linkedin_connection_disables";

fn at() -> i64 {
    micros("2026-11-20T06:00:00Z").unwrap()
}

fn reviewed(days: i64) -> Review {
    let reviewed_at = at() - days * DAY;
    Review { control_id: TASK.to_owned(), reviewed_by: "nora".to_owned(), reviewed_at, note: String::new() }
}

#[test]
fn a_review_of_the_configuration_counts_and_a_recorded_one_stands_in_its_place() {
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

#[test]
fn an_attestation_stands_until_its_last_day() {
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
