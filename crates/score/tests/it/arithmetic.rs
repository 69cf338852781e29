//! The arithmetic, held against published numbers and the design's own examples.

use idscore_score::{
    ControlScore, Finding, Judged, Outcome, Ownership, Points, ScoreSettings, Set, Sight, Status, Tally, Totals,
    gained, impact,
};

fn points(text: &str) -> Points {
    text.parse().unwrap()
}

fn core(points: u64, finding: Finding) -> Judged {
    Judged {
        set: Set::Core,
        points: Points::whole(points),
        applies: Some(true),
        license: Ownership::Owned,
        data_read: true,
        finding,
        sight: Some(Sight::WHOLE),
        status: Status::ToAddress,
    }
}

fn extended(points: u64, finding: Finding) -> Judged {
    Judged { set: Set::Extended, ..core(points, finding) }
}

fn rows(met: u64, not_met: u64, unknown: u64) -> Tally {
    Tally { met, not_met, unknown }
}

fn partial(met: u64, not_met: u64, unknown: u64) -> Finding {
    Finding::Partial(rows(met, not_met, unknown))
}

fn score(judged: &Judged) -> ControlScore {
    ControlScore::of(judged, &ScoreSettings::default())
}

fn earned(judged: &Judged) -> Option<f64> {
    score(judged).points.map(|points| points.score.to_f64())
}

fn totals(judged: &[Judged]) -> Totals {
    Totals::of(&judged.iter().map(score).collect::<Vec<_>>())
}

#[test]
fn five_of_a_hundred_users_at_an_impact_of_10_71_percent_gain_0_53_percent() {
    // 3 of 28 points is 10.714… %, shown as 10.71 %.
    let totals = totals(&[core(3, partial(5, 95, 0)), core(25, partial(0, 1, 0))]);
    assert_eq!(impact(&points("3"), &totals).rounded().to_string(), "10.71");
    assert_eq!(gained(&points("0.15"), &points("3"), &totals).rounded().to_string(), "0.53");
}

#[test]
fn a_published_tenant_has_36_5_of_56_points_which_is_65_18_percent() {
    let worth = [10, 9, 8, 8, 7, 7, 4, 1, 1, 1];
    let totals = totals(&worth.map(|worth| core(worth, partial(0, 1, 0))));
    assert_eq!(totals.max, Points::whole(56));
    assert_eq!(totals.percent(&points("36.5")).rounded().to_string(), "65.18");
    let impacts = worth.map(|worth| impact(&Points::whole(worth), &totals).rounded().to_string());
    assert_eq!(impacts, ["17.86", "16.07", "14.29", "14.29", "12.50", "12.50", "7.14", "1.79", "1.79", "1.79"]);
}

#[test]
fn three_of_four_users_at_seven_points_earn_5_25() {
    assert_eq!(earned(&core(7, partial(3, 1, 0))), Some(5.25));
}

#[test]
fn an_unread_role_list_is_not_assessed_and_never_full_points() {
    let unread = Judged { data_read: false, ..core(10, partial(0, 0, 0)) };
    assert_eq!(score(&unread).outcome, Outcome::NotAssessed);
    assert_eq!(earned(&unread), None);
    let read_and_empty = core(10, partial(0, 0, 0));
    assert_eq!((score(&read_and_empty).outcome, earned(&read_and_empty)), (Outcome::Met, Some(10.0)));
}

#[test]
fn unknown_rows_are_in_neither_part_nor_whole_and_lower_the_coverage() {
    // The design's example: core 56, AdminMFAV2 not assessed, MFARegistrationV2 5 met, 15 not, 80 unknown.
    let admin = Judged { data_read: false, ..core(10, partial(0, 0, 0)) };
    let registration = core(9, partial(5, 15, 80));
    let rest = core(37, partial(1, 0, 0));
    assert_eq!(earned(&registration), Some(2.25));
    let totals = totals(&[admin, registration, rest]);
    assert_eq!(totals.max, Points::whole(46));
    assert_eq!(totals.coverage, points("38.8").divided_by(&points("56")));
    assert_eq!(format!("{:.3}", totals.coverage.to_f64()), "0.693");
}

#[test]
fn a_partial_control_says_met_partial_or_not_met_by_its_rows() {
    let outcomes = [(2, 0), (1, 1), (0, 2)].map(|(met, not_met)| score(&core(1, partial(met, not_met, 0))).outcome);
    assert_eq!(outcomes, [Outcome::Met, Outcome::Partial, Outcome::NotMet]);
}

#[test]
fn nothing_to_judge_is_full_points_in_core_and_not_applicable_in_extended_unless_rows_are_unknown() {
    assert_eq!(score(&core(1, partial(0, 0, 0))).outcome, Outcome::Met);
    assert_eq!(score(&extended(1, partial(0, 0, 0))).outcome, Outcome::NotApplicable);
    assert_eq!(score(&core(1, partial(0, 0, 1))).outcome, Outcome::NotAssessed);
    assert_eq!(score(&extended(1, Finding::Binary(rows(0, 0, 0)))).outcome, Outcome::NotApplicable);
    assert_eq!(score(&core(1, Finding::Binary(rows(0, 0, 0)))).outcome, Outcome::Met);
}

#[test]
fn a_binary_control_fails_on_any_false_then_is_not_assessed_on_any_unknown() {
    let outcome = |met, not_met, unknown| score(&core(8, Finding::Binary(rows(met, not_met, unknown)))).outcome;
    assert_eq!(outcome(3, 1, 1), Outcome::NotMet);
    assert_eq!(outcome(3, 0, 1), Outcome::NotAssessed);
    assert_eq!(outcome(3, 0, 0), Outcome::Met);
}

#[test]
fn a_graded_control_shares_its_points_over_the_parts_that_are_known() {
    let part = |met| (Points::whole(1), met);
    let control = core(3, Finding::Graded(vec![part(Some(true)), part(Some(false)), part(None)]));
    assert_eq!(earned(&control), Some(1.5));
    assert_eq!(score(&control).covered_share, points("1").share(2, 3));
    let unread = core(3, Finding::Graded(vec![part(None), part(None)]));
    assert_eq!(score(&unread).outcome, Outcome::NotAssessed);
}

#[test]
fn a_control_that_does_not_apply_leaves_the_maximum_in_core_too() {
    let cloud_only = Judged { applies: Some(false), ..core(5, Finding::Binary(rows(0, 1, 0))) };
    assert_eq!(score(&cloud_only).outcome, Outcome::NotApplicable);
    let unread = Judged { applies: None, ..core(5, Finding::Binary(rows(1, 0, 0))) };
    assert_eq!(score(&unread).outcome, Outcome::NotAssessed);
    let totals = totals(&[cloud_only, unread, core(7, partial(1, 0, 0))]);
    assert_eq!((totals.max, totals.coverage), (Points::whole(7), points("7").share(1, 12)));
}

#[test]
fn a_missing_licence_keeps_core_controls_in_the_maximum_and_takes_extended_ones_out() {
    let missing = |judged: Judged| Judged { license: Ownership::NotOwned, ..judged };
    assert_eq!(earned(&missing(core(7, partial(0, 4, 0)))), Some(0.0));
    assert_eq!(score(&missing(extended(5, partial(0, 4, 0)))).outcome, Outcome::NotApplicable);
    let unread = Judged { license: Ownership::Unknown, ..extended(5, partial(1, 0, 0)) };
    assert_eq!(score(&unread).outcome, Outcome::Met);
    let exclude = ScoreSettings { unlicensed_core_in_maximum: false, ..ScoreSettings::default() };
    let left_out = ControlScore::of(&missing(core(7, partial(0, 4, 0))), &exclude);
    assert_eq!(left_out.outcome, Outcome::NotApplicable);
}

#[test]
fn a_core_control_whose_data_were_refused_is_not_assessed_licence_or_not() {
    let refused = Judged { license: Ownership::NotOwned, data_read: false, ..core(7, partial(0, 0, 0)) };
    assert_eq!(score(&refused).outcome, Outcome::NotAssessed);
}

#[test]
fn third_party_and_alternate_mitigation_earn_full_points_shown_as_attested() {
    for status in [Status::ThirdParty, Status::AlternateMitigation] {
        let control = score(&Judged { status, ..core(10, partial(1, 3, 0)) });
        let points = control.points.unwrap();
        assert_eq!((points.score.to_f64(), points.attested.to_f64()), (10.0, 7.5));
        assert_eq!((control.outcome, control.measured), (Outcome::Met, Outcome::Partial));
    }
    let unread = score(&Judged { status: Status::ThirdParty, data_read: false, ..core(10, partial(0, 0, 0)) });
    assert_eq!(unread.points.unwrap().attested.to_f64(), 10.0);
    assert!(unread.covered_share.is_zero(), "an attestation does not make the data seen");
}

#[test]
fn accepted_risk_earns_nothing_for_the_open_part_and_is_not_achievable() {
    let accepted = Judged { status: Status::RiskAccepted, ..core(10, partial(1, 1, 0)) };
    let other = core(10, partial(0, 1, 0));
    let totals = totals(&[accepted.clone(), other]);
    assert_eq!(totals.current.to_f64(), 5.0);
    assert_eq!(totals.percent(&totals.current_license).to_f64(), 100.0);
    assert_eq!(totals.percent(&totals.achievable).to_f64(), 75.0);
    let leaves = ScoreSettings { risk_accepted_in_maximum: false, ..ScoreSettings::default() };
    assert_eq!(ControlScore::of(&accepted, &leaves).points, None);
}

#[test]
fn planned_actions_move_only_the_planned_score() {
    let totals =
        totals(&[Judged { status: Status::Planned, ..core(10, partial(0, 1, 0)) }, core(10, partial(0, 1, 0))]);
    assert_eq!((totals.current.to_f64(), totals.planned.to_f64()), (0.0, 10.0));
}

#[test]
fn the_current_license_line_reaches_the_maximum_only_where_the_licence_is_owned() {
    let needs_p2 = Judged { license: Ownership::NotOwned, ..core(7, partial(0, 1, 0)) };
    let totals = totals(&[needs_p2, core(3, partial(0, 1, 0))]);
    assert_eq!((totals.max.to_f64(), totals.current_license.to_f64(), totals.achievable.to_f64()), (10.0, 3.0, 3.0));
}

#[test]
fn completed_is_said_by_the_data_only() {
    assert_eq!(score(&Judged { status: Status::Planned, ..core(1, partial(1, 0, 0)) }).status, Status::Completed);
    assert_eq!(score(&Judged { status: Status::Completed, ..core(1, partial(0, 1, 0)) }).status, Status::ToAddress);
}

#[test]
fn a_review_is_full_within_its_period_and_fades_to_nothing_at_twice_that() {
    let week = 7 * 86_400;
    let task = |age| earned(&extended(1, Finding::Task { age, period: week }));
    assert_eq!(task(Some(week)), Some(1.0));
    assert_eq!(task(Some(week + week / 2)), Some(0.5));
    assert_eq!(task(Some(2 * week)), Some(0.0));
    assert_eq!(task(Some(20 * week)), Some(0.0));
    assert_eq!(score(&extended(1, Finding::Task { age: None, period: week })).outcome, Outcome::NotMet);
}

#[test]
fn an_attested_control_counts_while_its_attestation_stands_and_is_not_assessed_otherwise() {
    let stands = score(&extended(1, Finding::Attested(true)));
    assert_eq!(stands.points.unwrap().attested.to_f64(), 1.0);
    assert_eq!(score(&extended(1, Finding::Attested(false))).outcome, Outcome::NotAssessed);
}

#[test]
fn no_controls_at_all_give_zero_percent_of_nothing_and_full_coverage() {
    let totals = Totals::of(&[]);
    assert_eq!((totals.percent(&totals.current).to_f64(), totals.coverage.to_f64()), (0.0, 1.0));
}
