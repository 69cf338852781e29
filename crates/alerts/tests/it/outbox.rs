//! Once per event and channel: retried, given up, over restarts.

use idscore_history::events::ImportFailure;
use idscore_history::instants::micros;
use idscore_history::{ActionChange, Cause, KeptAssessment};
use idscore_score::Status;
use idscore_store::{DeliveryState, History};

use crate::receiver::{Answer, Receiver, alerting, webhook};
use crate::support::{Store, actor, kept};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

fn at(text: &str) -> i64 {
    micros(text).unwrap()
}

/// The tenant `risky` on a day, with other numbers for its first control and its headline.
fn day(text: &str, percent: f64, points: f64) -> KeptAssessment {
    let mut kept = kept("a", "risky", text);
    kept.core.percent = percent;
    let control = kept.controls.iter_mut().find(|control| control.score.is_some()).unwrap();
    control.score = Some(points);
    kept
}

/// A store that was looked at on its first day.
async fn watched(alerting: &idscore_alerts::Alerting) -> Store {
    let store = Store::with_tenants(&["a"]).await;
    store.history.keep(&actor(), &day("2026-11-20T06:00:00Z", 50.0, 5.0)).await.unwrap();
    assert_eq!(alerting.raise(&store.history, at("2026-11-20T07:00:00Z")).await.unwrap(), 0);
    store
}

/// The same with its real numbers: a decision scores again from what was judged.
async fn watched_as_it_is(alerting: &idscore_alerts::Alerting) -> Store {
    let store = Store::with_tenants(&["a"]).await;
    store.history.keep(&actor(), &kept("a", "risky", "2026-11-20T06:00:00Z")).await.unwrap();
    assert_eq!(alerting.raise(&store.history, at("2026-11-20T07:00:00Z")).await.unwrap(), 1, "below 40");
    store
}

async fn states(history: &History) -> Vec<(DeliveryState, u32)> {
    history.deliveries(100).await.unwrap().iter().map(|one| (one.state, one.attempts)).collect()
}

#[tokio::test]
async fn an_event_is_retried_until_it_arrives_and_told_once() {
    let receiver = Receiver::answering(&[Answer::Status(500), Answer::Status(500), Answer::Status(200)]).await;
    let alerting = alerting(&webhook("siem", &receiver.url));
    let store = watched(&alerting).await;
    store.history.keep(&actor(), &day("2026-11-21T06:00:00Z", 46.0, 4.0)).await.unwrap();
    let mut now = at("2026-11-21T07:00:00Z");
    assert_eq!(alerting.raise(&store.history, now).await.unwrap(), 1, "a control regressed; 4 % are no drop of 5");
    for (arrived, expected) in
        [(0, (DeliveryState::Waiting, 1)), (0, (DeliveryState::Waiting, 2)), (1, (DeliveryState::Told, 3))]
    {
        assert_eq!(alerting.send_due(&store.history, now).await.unwrap(), arrived);
        assert_eq!(states(&store.history).await, [expected]);
        now += 60 * SECOND;
    }
    for _ in 0..3 {
        assert_eq!(alerting.raise(&store.history, now).await.unwrap(), 0);
        assert_eq!(alerting.send_due(&store.history, now).await.unwrap(), 0);
        now += DAY;
    }
    let requests = receiver.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.header("webhook-id") == requests[0].header("webhook-id")));
    store.history.verify_audit().await.unwrap();
}

#[tokio::test]
async fn what_never_arrives_is_given_up_and_shown() {
    let receiver = Receiver::answering(&[Answer::Status(503)]).await;
    let alerting = alerting(&webhook("siem", &receiver.url));
    let store = watched(&alerting).await;
    store.history.keep(&actor(), &day("2026-11-21T06:00:00Z", 39.0, 5.0)).await.unwrap();
    let mut now = at("2026-11-21T07:00:00Z");
    assert_eq!(alerting.raise(&store.history, now).await.unwrap(), 2, "below 40, and a drop of 11");
    for _ in 0..12 {
        alerting.send_due(&store.history, now).await.unwrap();
        now += 60 * SECOND;
    }
    assert_eq!(receiver.requests().len(), 6, "three attempts each");
    let shown = store.history.deliveries(10).await.unwrap();
    assert!(shown.iter().all(|one| one.state == DeliveryState::GivenUp && one.last_error == "127.0.0.1 answered 503"));
}

#[tokio::test]
async fn an_event_outlives_a_restart_between_writing_and_sending() {
    let receiver = Receiver::answering(&[Answer::Status(200)]).await;
    let alerting = alerting(&webhook("siem", &receiver.url));
    let store = watched(&alerting).await;
    store.history.keep(&actor(), &day("2026-11-21T06:00:00Z", 46.0, 4.0)).await.unwrap();
    let now = at("2026-11-21T07:00:00Z");
    alerting.raise(&store.history, now).await.unwrap();
    // Taken, and the process ends before it is sent.
    let taken = store.history.take_delivery("siem", now, now + 60 * SECOND).await.unwrap().unwrap();
    store.history.close().await;

    let history = History::open(&store.url).await.unwrap();
    assert_eq!(alerting.raise(&history, now).await.unwrap(), 0);
    assert_eq!(alerting.send_due(&history, now).await.unwrap(), 0, "it still belongs to who took it");
    assert_eq!(alerting.send_due(&history, now + 61 * SECOND).await.unwrap(), 1);
    assert_eq!(receiver.requests()[0].header("webhook-id"), taken.id);
    assert_eq!(states(&history).await, [(DeliveryState::Told, 2)]);
    history.close().await;
}

#[tokio::test]
async fn two_programs_over_one_store_tell_once() {
    let receiver = Receiver::answering(&[Answer::Status(200)]).await;
    let alerting = alerting(&webhook("siem", &receiver.url));
    let store = watched(&alerting).await;
    store.history.keep(&actor(), &day("2026-11-21T06:00:00Z", 39.0, 4.0)).await.unwrap();
    let now = at("2026-11-21T07:00:00Z");
    let other = History::open(&store.url).await.unwrap();
    let (one, two) = tokio::join!(alerting.raise(&store.history, now), alerting.raise(&other, now));
    assert_eq!(one.unwrap() + two.unwrap(), 3);
    let (one, two) = tokio::join!(alerting.send_due(&store.history, now), alerting.send_due(&other, now));
    assert_eq!(one.unwrap() + two.unwrap(), 3);
    assert_eq!(receiver.requests().len(), 3);
    other.close().await;
}

#[tokio::test]
async fn a_channel_that_hangs_holds_no_other_one_up() {
    let hung = Receiver::answering(&[Answer::Never]).await;
    let well = Receiver::answering(&[Answer::Status(200)]).await;
    let alerting = alerting(&(webhook("hung", &hung.url) + &webhook("well", &well.url)));
    let store = watched(&alerting).await;
    store.history.keep(&actor(), &day("2026-11-21T06:00:00Z", 46.0, 4.0)).await.unwrap();
    let now = at("2026-11-21T07:00:00Z");
    alerting.raise(&store.history, now).await.unwrap();
    assert_eq!(alerting.send_due(&store.history, now).await.unwrap(), 1);
    assert_eq!((hung.requests().len(), well.requests().len()), (1, 1));
}

#[tokio::test]
async fn an_acceptance_is_told_before_its_end_and_after_it_each_once() {
    let receiver = Receiver::answering(&[Answer::Status(200)]).await;
    let alerting = alerting(&webhook("siem", &receiver.url));
    let store = watched_as_it_is(&alerting).await;
    let change = ActionChange {
        control_id: "BlockLegacyAuthentication".to_owned(),
        status: Some(Status::RiskAccepted),
        approver: Some("Grace".to_owned()),
        reason: Some("gateway".to_owned()),
        expires: Some("2026-12-24".parse().unwrap()),
        ..ActionChange::default()
    };
    store.history.update_actions(&actor(), "a", &[change], at("2026-11-21T06:00:00Z")).await.unwrap();
    let mut told = Vec::new();
    for number in 0..60 {
        let now = at("2026-11-21T09:00:00Z") + number * DAY;
        store.history.settle("a", now).await.unwrap();
        if alerting.raise(&store.history, now).await.unwrap() > 0 {
            told.push((number, store.history.deliveries(1).await.unwrap()[0].event.title.clone()));
        }
    }
    assert_eq!(
        told,
        [
            (19, "BlockLegacyAuthentication: riskAccepted ends on 2026-12-24".to_owned()),
            (34, "BlockLegacyAuthentication: riskAccepted ended on 2026-12-24".to_owned()),
        ]
    );
}

#[tokio::test]
async fn what_was_accepted_is_told_when_it_slips_further_and_only_then() {
    let alerting = alerting(&webhook("siem", "http://127.0.0.1:1/"));
    let store = watched_as_it_is(&alerting).await;
    let change = ActionChange {
        control_id: "BlockLegacyAuthentication".to_owned(),
        status: Some(Status::RiskAccepted),
        approver: Some("Grace".to_owned()),
        reason: Some("gateway".to_owned()),
        expires: Some("2027-06-24".parse().unwrap()),
        ..ActionChange::default()
    };
    store.history.update_actions(&actor(), "a", &[change], at("2026-11-21T06:00:00Z")).await.unwrap();
    let mut added = Vec::new();
    for (number, more) in [0, 1, 1, 0, 1, 2].into_iter().enumerate() {
        let when = format!("2026-12-{:02}T06:00:00Z", number + 1);
        let mut kept = kept("a", "risky", &when);
        let control = kept.controls.iter_mut().find(|control| control.id == "BlockLegacyAuthentication").unwrap();
        (control.total, control.status) = (control.total + more, Status::RiskAccepted);
        store.history.keep(&actor(), &kept).await.unwrap();
        added.push(alerting.raise(&store.history, at(&when)).await.unwrap());
    }
    assert_eq!(added, [0, 1, 0, 0, 0, 1]);
}

#[tokio::test]
async fn an_import_that_fails_all_day_is_told_once_that_day() {
    let alerting = alerting(&webhook("siem", "http://127.0.0.1:1/"));
    let store = watched(&alerting).await;
    let mut added = Vec::new();
    for when in ["2026-11-21T06:00:00Z", "2026-11-21T07:00:00Z", "2026-11-22T06:00:00Z"] {
        let failure = ImportFailure {
            tenant_id: String::new(),
            input: "export".to_owned(),
            reason: "cannot read manifest".to_owned(),
            at: at(when),
        };
        store.history.note_import_failure(&failure).await.unwrap();
        added.push(alerting.raise(&store.history, at(when)).await.unwrap());
    }
    assert_eq!(added, [1, 0, 1]);
}

#[tokio::test]
async fn decisions_regress_nothing_and_another_catalogue_is_one_message_that_says_so() {
    let alerting = alerting(&webhook("siem", "http://127.0.0.1:1/"));
    let store = watched(&alerting).await;
    let decided = KeptAssessment { cause: Cause::Decision, ..day("2026-11-21T06:00:00Z", 49.0, 4.0) };
    store.history.keep(&actor(), &decided).await.unwrap();
    assert_eq!(alerting.raise(&store.history, at("2026-11-21T07:00:00Z")).await.unwrap(), 0);
    let mut other = day("2026-11-22T06:00:00Z", 48.0, 3.0);
    other.catalogue_version = "2".to_owned();
    store.history.keep(&actor(), &other).await.unwrap();
    assert_eq!(alerting.raise(&store.history, at("2026-11-22T07:00:00Z")).await.unwrap(), 1);
    let told = &store.history.deliveries(1).await.unwrap()[0].event;
    assert!(told.title.starts_with("1 control lost points while the controls ("), "{}", told.title);
    // Kept late: it lies before what is there.
    store.history.keep(&actor(), &day("2026-11-19T06:00:00Z", 10.0, 0.0)).await.unwrap();
    assert_eq!(alerting.raise(&store.history, at("2026-11-22T08:00:00Z")).await.unwrap(), 0);
}
