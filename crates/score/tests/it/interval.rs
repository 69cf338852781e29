//! What is proven: less information only widens the interval of a control and of a set.

use idscore_score::{
    ControlScore, Finding, Interval, Judged, Ownership, Points, ScoreSettings, Set, Sight, Status, Tally, Totals,
};
use proptest::prelude::*;

fn judged(set: Set, points: u64, finding: Finding) -> Judged {
    Judged {
        set,
        points: Points::whole(points),
        applies: Some(true),
        license: Ownership::Owned,
        data_read: true,
        finding,
        sight: Some(Sight::WHOLE),
        status: Status::ToAddress,
    }
}

fn partial(met: u64, not_met: u64, unknown: u64) -> Finding {
    Finding::Partial(Tally { met, not_met, unknown })
}

fn interval(judged: &Judged) -> Option<(f64, f64)> {
    let score = ControlScore::of(judged, &ScoreSettings::default());
    score.interval.map(|interval| (interval.at_least.to_f64(), interval.at_most.to_f64()))
}

#[test]
fn one_unprotected_of_two_that_becomes_unknown_leaves_the_floor_where_it_was() {
    assert_eq!(interval(&judged(Set::Core, 10, partial(1, 1, 0))), Some((5.0, 5.0)));
    assert_eq!(interval(&judged(Set::Core, 10, partial(1, 0, 1))), Some((5.0, 10.0)));
}

#[test]
fn a_control_that_was_not_assessed_lies_between_nothing_and_everything() {
    let unread = Judged { data_read: false, ..judged(Set::Core, 8, partial(0, 0, 0)) };
    assert_eq!(interval(&unread), Some((0.0, 8.0)));
    let half = Sight { population_known: false, proven: None };
    assert_eq!(interval(&Judged { sight: Some(half), ..judged(Set::Core, 8, partial(3, 0, 0)) }), Some((0.0, 8.0)));
    assert_eq!(interval(&Judged { sight: None, ..judged(Set::Core, 8, partial(3, 0, 0)) }), Some((0.0, 8.0)));
}

#[test]
fn what_does_not_apply_stays_out_and_what_may_not_apply_stays_in() {
    let applies = |applies| Judged { applies, ..judged(Set::Extended, 3, partial(1, 0, 0)) };
    assert_eq!(interval(&applies(Some(false))), None);
    assert_eq!(interval(&applies(None)), Some((0.0, 3.0)));
    let licence = |license, set| Judged { license, ..judged(set, 3, partial(1, 0, 0)) };
    assert_eq!(interval(&licence(Ownership::NotOwned, Set::Extended)), None);
    assert_eq!(interval(&licence(Ownership::Unknown, Set::Extended)), Some((0.0, 3.0)));
    assert_eq!(interval(&licence(Ownership::Unknown, Set::Core)), Some((3.0, 3.0)));
}

#[test]
fn a_status_that_gives_full_points_gives_them_in_floor_and_ceiling() {
    let status = |data_read| Judged { status: Status::ThirdParty, data_read, ..judged(Set::Core, 4, partial(0, 2, 0)) };
    assert_eq!((interval(&status(true)), interval(&status(false))), (Some((4.0, 4.0)), Some((4.0, 4.0))));
}

#[test]
fn an_accepted_risk_leaves_floor_and_ceiling_as_it_leaves_the_headline() {
    let settings = ScoreSettings { risk_accepted_in_maximum: false, ..ScoreSettings::default() };
    let accepted = |finding| {
        let control = Judged { status: Status::RiskAccepted, ..judged(Set::Core, 4, finding) };
        let score = ControlScore::of(&control, &settings);
        (score.points.is_some(), score.interval.map(|interval| interval.at_least.to_f64()))
    };
    assert_eq!(accepted(partial(1, 1, 0)), (false, None));
    assert_eq!(accepted(Finding::Attested(true)), (false, None));
    assert_eq!(accepted(partial(2, 0, 0)), (true, Some(4.0)), "the data say that it is done");
}

#[test]
fn data_that_only_refine_a_verdict_leave_the_headline_and_widen_the_interval() {
    let sight = Sight { population_known: true, proven: Some(partial(1, 0, 3)) };
    let control = Judged { sight: Some(sight), ..judged(Set::Core, 8, partial(1, 3, 0)) };
    let score = ControlScore::of(&control, &ScoreSettings::default());
    assert_eq!(score.points.map(|points| points.score.to_f64()), Some(2.0));
    assert_eq!(interval(&control), Some((2.0, 8.0)));
}

fn tally() -> impl Strategy<Value = Tally> {
    (0_u64..4, 0_u64..4, 0_u64..3).prop_map(|(met, not_met, unknown)| Tally { met, not_met, unknown })
}

fn finding() -> impl Strategy<Value = Finding> {
    prop_oneof![
        tally().prop_map(Finding::Partial),
        tally().prop_map(Finding::Binary),
        prop::collection::vec((1_u64..4, any::<Option<bool>>()), 1..4)
            .prop_map(|parts| Finding::Graded(parts.into_iter().map(|(of, met)| (Points::whole(of), met)).collect())),
        any::<bool>().prop_map(Finding::Attested),
    ]
}

fn control() -> impl Strategy<Value = Judged> {
    let license = prop::sample::select(vec![Ownership::Owned, Ownership::NotOwned, Ownership::Unknown]);
    let status = prop::sample::select(vec![
        Status::ToAddress,
        Status::Planned,
        Status::RiskAccepted,
        Status::ThirdParty,
        Status::AlternateMitigation,
    ]);
    let set = prop::sample::select(vec![Set::Core, Set::Extended]);
    (set, 1_u64..10, any::<Option<bool>>(), license, any::<bool>(), finding(), status).prop_map(
        |(set, points, applies, license, data_read, finding, status)| Judged {
            applies,
            license,
            data_read,
            status,
            ..judged(set, points, finding)
        },
    )
}

fn settings() -> impl Strategy<Value = ScoreSettings> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(insider, unlicensed, accepted)| ScoreSettings {
        insider_risk_in_headline: insider,
        unlicensed_core_in_maximum: unlicensed,
        risk_accepted_in_maximum: accepted,
    })
}

/// One piece of information less.
fn less(judged: &Judged, which: usize) -> Judged {
    let mut less = judged.clone();
    match which {
        0 => less.applies = None,
        1 => less.license = Ownership::Unknown,
        2 => less.data_read = false,
        3 => less.sight = Some(Sight { population_known: false, proven: None }),
        _ => match &mut less.finding {
            Finding::Partial(tally) | Finding::Binary(tally) => {
                let from = if which.is_multiple_of(2) { &mut tally.met } else { &mut tally.not_met };
                let lost = u64::from(*from > 0);
                *from -= lost;
                tally.unknown += lost;
            }
            Finding::Graded(parts) => {
                let at = which % parts.len();
                parts[at].1 = None;
            }
            Finding::Task { .. } | Finding::Attested(_) => {}
        },
    }
    less
}

fn within(inner: &Option<Interval>, outer: &Option<Interval>, points: &Points) -> bool {
    match (inner, outer) {
        (Some(inner), Some(outer)) => outer.contains(inner),
        // What left the sums with certainty may come back as "may count".
        (None, Some(outer)) => outer.at_least == Points::zero() && outer.at_most == *points,
        (None, None) => true,
        (Some(_), None) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn less_information_only_widens(
        controls in prop::collection::vec(control(), 1..5), at in 0_usize..5, which in 0_usize..8, settings in settings(),
    ) {
        let at = at % controls.len();
        let mut seen_less = controls.clone();
        seen_less[at] = less(&controls[at], which);
        let scores = |controls: &[Judged]| -> Vec<ControlScore> {
            controls.iter().map(|control| ControlScore::of(control, &settings)).collect()
        };
        let (whole, lossy) = (scores(&controls), scores(&seen_less));
        prop_assert!(within(&whole[at].interval, &lossy[at].interval, &controls[at].points));
        let (whole, lossy) = (Totals::of(&whole), Totals::of(&lossy));
        if !whole.interval_max.is_zero() {
            prop_assert!(lossy.percent_interval().contains(&whole.percent_interval()));
        }
    }

    #[test]
    fn the_headline_lies_within_the_interval(controls in prop::collection::vec(control(), 1..5), settings in settings()) {
        let scores: Vec<ControlScore> = controls.iter().map(|control| ControlScore::of(control, &settings)).collect();
        let totals = Totals::of(&scores);
        if !totals.max.is_zero() {
            let headline = totals.percent(&totals.current);
            let exactly = Interval { at_least: headline.clone(), at_most: headline };
            prop_assert!(totals.percent_interval().contains(&exactly));
        }
    }
}
