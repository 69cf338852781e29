//! What to do first, and what is missing, as every page and command says it.

use std::collections::BTreeMap;

use idscore_catalogue::Catalogue;
use idscore_history::{ActionState, TrendPoint, all_actions, days_before, missed, ranked, together};
use idscore_score::{Outcome, Set, Status};

use crate::judged::kept;

const AT: &str = "2026-11-20T06:00:00Z";

#[test]
fn most_points_come_first_and_a_decision_takes_an_action_out_of_the_open_ones() {
    let catalogue = Catalogue::embedded().unwrap();
    let newest = kept("a", "risky", AT);
    let first = ranked(&newest, Set::Core, &BTreeMap::new(), &catalogue, newest.assessed_at);
    assert!(first.windows(2).all(|pair| pair[0].to_win >= pair[1].to_win));
    assert!(first.iter().all(|action| action.is_open() && action.control.set == Set::Core));
    // 8.75 of 66 points: 15.15 % as shown, less 1.89 % gained as shown.
    let top = &first[0];
    assert_eq!((top.control.id.as_str(), top.to_win, top.to_win_percent), ("AdminMFAV2", 8.75, 13.26));

    let accepted = ActionState {
        control_id: top.control.id.clone(),
        status: Status::RiskAccepted,
        expires: Some("2026-12-31".parse().unwrap()),
        ..ActionState::default()
    };
    let decided = BTreeMap::from([(accepted.control_id.clone(), accepted)]);
    let open =
        |at: i64| ranked(&newest, Set::Core, &decided, &catalogue, at).iter().filter(|one| one.is_open()).count();
    assert_eq!(open(newest.assessed_at), first.len() - 1);
    let after = idscore_history::instants::micros("2027-01-01T00:00:00Z").unwrap();
    assert_eq!(open(after), first.len(), "the acceptance has come to its end");
}

#[test]
fn what_is_missing_says_what_would_bring_it_and_what_it_costs() {
    let catalogue = Catalogue::embedded().unwrap();
    let newest = kept("a", "partial-permissions", AT);
    let found = missed(&newest, &catalogue);
    let unjudged: Vec<_> = newest.controls.iter().filter(|control| control.outcome == Outcome::NotAssessed).collect();
    assert!(!unjudged.is_empty());
    for control in unjudged {
        assert!(found.iter().any(|one| one.controls.iter().any(|named| named.id == control.id)), "{}", control.id);
    }
    assert!(found.windows(2).all(|pair| pair[0].points >= pair[1].points) && found[0].points > 0.0);
    let worth = |id: &str| catalogue.control(id).unwrap().points.to_f64();
    let costs = found[0].controls.iter().filter(|one| one.outcome == Outcome::NotAssessed).map(|one| worth(&one.id));
    assert_eq!(costs.sum::<f64>(), found[0].points);
}

#[test]
fn a_change_is_counted_from_the_last_own_day_that_is_old_enough() {
    let on = |day| TrendPoint::of(&kept("a", "risky", &format!("{day}T06:00:00Z")), day);
    let trend = ["2026-11-01", "2026-11-10", "2026-11-19", "2026-11-20"].map(on);
    let from = |days: i64| days_before(&trend, days).map(|point| trend[3].day - point.day);
    assert_eq!([from(1), from(7), from(10), from(11), from(30)], [Some(1), Some(10), Some(10), Some(19), None]);
    assert_eq!(days_before(&trend[..1], 1), None, "there is nothing before the first");
}

#[test]
fn every_control_is_an_action_in_the_order_of_the_ranking() {
    let catalogue = Catalogue::embedded().unwrap();
    let newest = kept("a", "risky", AT);
    let all = all_actions(&newest, &BTreeMap::new(), &catalogue, newest.assessed_at);
    assert_eq!(all.len(), newest.controls.len());
    let ids = |set: Set| {
        all.iter().filter(|one| one.control.set == set).map(|one| one.control.id.as_str()).collect::<Vec<_>>()
    };
    for set in [Set::Core, Set::Extended] {
        let ranked = ranked(&newest, set, &BTreeMap::new(), &catalogue, newest.assessed_at);
        let first: Vec<_> = ranked.iter().map(|one| one.control.id.as_str()).collect();
        assert_eq!(&ids(set)[..first.len()], first.as_slice());
    }
    assert_eq!(all[0].impact_percent, 15.15, "10 of 66 points");
    let won = together(&newest, all.iter());
    let core = newest.core;
    assert!((won.core - (core.max_score - core.current_score)).abs() < 1e-9);
    assert!((won.core_percent + core.percent - 100.0).abs() < 0.011, "{won:?}");
    assert_eq!(together(&newest, all[..1].iter()).core, 8.75);
    assert_eq!(together(&newest, all[..0].iter()).core.to_string(), "0");
}
