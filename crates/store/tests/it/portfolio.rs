//! All tenants beside each other: every number is that of the tenant's own newest assessment.

use idscore_history::{Cause, KeptAssessment, Portfolio, PortfolioOrder, PortfolioTenant, Tenant};
use idscore_score::{Outcome, Status, Zone, Zones};

use crate::support::{Store, actor, kept, tenant};

async fn keep(store: &Store, id: &str, day: &str, percent: f64) -> KeptAssessment {
    let mut one = kept(id, "careful", &format!("{day}T06:00:00Z"));
    one.core.percent = percent;
    one.id = store.history.keep(&actor(), &one).await.unwrap();
    one
}

/// a at 40 after 55, b at 60 after 50, c at 80 without an older one, d without any.
async fn filled() -> Store {
    let store = Store::empty().await;
    for (id, industry, seats) in
        [("a", "Retail", Some(10)), ("b", "", Some(500)), ("c", "Energy", None), ("d", "", None)]
    {
        let one = Tenant { industry: industry.to_owned(), seats, ..tenant(id) };
        store.history.register(&actor(), &one).await.unwrap();
    }
    keep(&store, "a", "2026-09-01", 70.0).await;
    keep(&store, "a", "2026-10-01", 55.0).await;
    keep(&store, "a", "2026-11-19", 40.0).await;
    keep(&store, "b", "2026-10-21", 50.0).await;
    keep(&store, "b", "2026-11-20", 60.0).await;
    keep(&store, "c", "2026-11-01", 80.0).await;
    let mut theirs = kept("c", "careful", "2026-11-25T00:00:00Z");
    theirs.cause = Cause::Microsoft;
    theirs.core.percent = 10.0;
    store.history.keep(&actor(), &theirs).await.unwrap();
    store
}

fn names<'a>(tenants: &[&'a PortfolioTenant]) -> Vec<&'a str> {
    tenants.iter().map(|one| one.tenant.id.as_str()).collect()
}

#[tokio::test]
async fn every_tenant_has_its_newest_own_number_and_the_change_since_the_last_that_is_old_enough() {
    let store = filled().await;
    let portfolio = store.history.portfolio(30).await.unwrap();
    let shown: Vec<_> =
        portfolio.tenants.iter().map(|one| (one.tenant.id.as_str(), one.percent(), one.change())).collect();
    assert_eq!(
        shown,
        [("a", Some(40.0), Some(-15.0)), ("b", Some(60.0), Some(10.0)), ("c", Some(80.0), None), ("d", None, None)]
    );
    for one in &portfolio.tenants {
        let newest = store.history.newest(&one.tenant.id).await.unwrap();
        let numbers = |kept: &KeptAssessment| (kept.id.clone(), kept.taken_at, kept.core.coverage, kept.core.max_score);
        let shown = one.standing.as_ref().map(|one| (one.id.clone(), one.taken_at, one.coverage, one.max_score));
        assert_eq!(shown, newest.as_ref().map(numbers));
    }
}

#[tokio::test]
async fn the_summary_is_over_the_tenants_that_have_a_score_and_by_their_own_zones() {
    let store = filled().await;
    store.history.set_zones(&actor(), "b", Zones::new(70, 90).unwrap()).await.unwrap();
    let portfolio = store.history.portfolio(30).await.unwrap();
    let summary = portfolio.summary().unwrap();
    assert_eq!((summary.scored, summary.average, summary.median), (3, 60.0, 60.0));
    assert_eq!((summary.best.tenant.id.as_str(), summary.worst.tenant.id.as_str()), ("c", "a"));
    assert_eq!(summary.zones, [2, 0, 1], "60 is bad where okay begins at 70");
    assert_eq!(Portfolio { tenants: vec![] }.summary(), None);
}

#[tokio::test]
async fn tenants_are_found_by_text_and_zone_and_in_any_order_those_without_a_number_last() {
    let store = filled().await;
    let portfolio = store.history.portfolio(30).await.unwrap();
    let found = |text, zone, order, reverse| names(&portfolio.found(text, zone, order, reverse));
    for (order, forward, reverse) in [
        (PortfolioOrder::Name, "abcd", "dcba"),
        (PortfolioOrder::Score, "abcd", "cbad"),
        (PortfolioOrder::Change, "abcd", "bacd"),
        (PortfolioOrder::Age, "cabd", "bacd"),
        (PortfolioOrder::Size, "bacd", "abcd"),
    ] {
        assert_eq!(found("", None, order, false).concat(), forward, "{order:?}");
        assert_eq!(found("", None, order, true).concat(), reverse, "{order:?} reversed");
    }
    assert_eq!(found(" reTAIL ", None, PortfolioOrder::Name, false), ["a"]);
    assert_eq!(found("", Some(Zone::Okay), PortfolioOrder::Name, false), ["b"]);
    assert!(found("nothing", None, PortfolioOrder::Name, false).is_empty());
}

#[tokio::test]
async fn the_heat_map_says_of_each_tenant_what_its_assessment_says_and_what_fell() {
    let store = Store::with_tenants(&["a", "b", "c"]).await;
    let before = keep(&store, "a", "2026-10-01", 50.0).await;
    let mut after = kept("a", "careful", "2026-11-19T06:00:00Z");
    let mut earning = after
        .controls
        .iter_mut()
        .filter(|control| control.set == idscore_score::Set::Core && control.score.is_some_and(|score| score > 0.0));
    let lost = earning.next().unwrap();
    (lost.score, lost.outcome) = (Some(0.0), Outcome::NotMet);
    let lost = lost.id.clone();
    let decided = earning.next().unwrap();
    (decided.score, decided.status) = (Some(0.0), Status::RiskAccepted);
    let unknown = earning.next().unwrap();
    (unknown.score, unknown.outcome) = (None, Outcome::NotAssessed);
    store.history.keep(&actor(), &after).await.unwrap();
    let other = kept("b", "risky", "2026-11-19T06:00:00Z");
    store.history.keep(&actor(), &other).await.unwrap();
    let portfolio = store.history.portfolio(30).await.unwrap();
    let tenants: Vec<_> = portfolio.tenants.iter().collect();
    let map = store.history.heat_map(&tenants).await.unwrap();
    let fallen: Vec<_> =
        map.fallen.iter().map(|fallen| fallen.map(|fallen| (fallen.controls, fallen.rules_changed))).collect();
    assert_eq!(fallen, [Some((1, false)), None, None], "neither a decision nor what is unknown is a fall");
    assert_ne!(before.controls, after.controls);
    for row in &map.rows {
        let of = |kept: &KeptAssessment| kept.control(&row.id).map(|control| control.outcome);
        let outcomes: Vec<_> = row.cells.iter().map(|cell| cell.map(|cell| cell.outcome)).collect();
        assert_eq!(outcomes, [of(&after), of(&other), None], "{}", row.id);
    }
    let row = map.rows.iter().find(|row| row.id == lost).unwrap();
    assert_eq!(row.cells[0].map(|cell| cell.outcome), Some(Outcome::NotMet));
    let share = |row: &idscore_history::HeatRow| if row.judged == 0 { 2.0 } else { row.met as f64 / row.judged as f64 };
    assert!(map.rows.windows(2).all(|two| share(&two[0]) <= share(&two[1])), "fewest first");
    assert_eq!(store.history.heat_map(&[]).await.unwrap().rows, []);
}
