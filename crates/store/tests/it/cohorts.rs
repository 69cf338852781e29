//! The distribution of a day is written with the assessments of that day.

use idscore_history::instants::day_of_date;
use idscore_history::{KeptAssessment, Tenant};

use crate::support::{Store, actor, kept, tenant};

async fn keep(store: &Store, id: &str, at: &str, percent: f64) {
    let mut assessment: KeptAssessment = kept(id, "careful", at);
    assessment.core.compat_percent = percent;
    store.history.keep(&actor(), &assessment).await.unwrap();
}

#[tokio::test]
async fn a_cohort_holds_the_newest_percentage_of_every_tenant_in_it() {
    let store = Store::empty().await;
    for (id, industry, seats) in [("a", "Retail", 50), ("b", "retail", 500), ("c", "", 80)] {
        let tenant = Tenant { industry: industry.to_owned(), seats: Some(seats), ..tenant(id) };
        store.history.register(&actor(), &tenant).await.unwrap();
    }
    keep(&store, "a", "2026-11-18T06:00:00Z", 10.0).await;
    keep(&store, "b", "2026-11-19T06:00:00Z", 20.0).await;
    keep(&store, "c", "2026-11-19T06:00:00Z", 40.0).await;
    keep(&store, "a", "2026-11-20T06:00:00Z", 30.0).await;
    keep(&store, "a", "2026-11-01T06:00:00Z", 99.0).await;
    let medians =
        |days: Vec<idscore_history::CohortDay>| days.iter().map(|day| (day.tenants, day.median)).collect::<Vec<_>>();
    let all = store.history.cohort_days("all", 0, 99_999).await.unwrap();
    assert_eq!(medians(all), [(1, 10.0), (3, 20.0), (3, 30.0)]);
    let retail = store.history.cohort_days("industry:retail", 0, 99_999).await.unwrap();
    assert_eq!(medians(retail), [(1, 10.0), (2, 15.0), (2, 25.0)]);
    let small = store.history.cohort_days("seats:1-100", 0, 99_999).await.unwrap();
    assert_eq!(medians(small), [(1, 10.0), (2, 25.0), (2, 35.0)]);
}

#[tokio::test]
async fn a_day_is_found_wherever_it_lies_among_its_thirty() {
    let store = Store::with_tenants(&["a"]).await;
    let mut written = Vec::new();
    for (number, day) in
        ["2026-10-25", "2026-10-31", "2026-11-20", "2026-11-21", "2026-12-20", "2027-01-05"].iter().enumerate()
    {
        keep(&store, "a", &format!("{day}T06:00:00Z"), number as f64).await;
        written.push((day_of_date(day.parse().unwrap()), number as f64));
    }
    for (at, (from, _)) in written.iter().enumerate() {
        for (upto, (to, _)) in written.iter().enumerate().skip(at) {
            let days = store.history.cohort_days("all", *from, *to).await.unwrap();
            let found: Vec<(i64, f64)> = days.iter().map(|day| (day.day, day.median)).collect();
            assert_eq!(found, written[at..=upto]);
        }
    }
    assert_eq!(store.history.cohort_days("all", written[5].0 + 1, 99_999).await.unwrap(), []);
}
