use std::collections::BTreeMap;

use idscore_score::{Missing, MissingKind, Profile, Status};
use idscore_snapshot::{ImpactedResource, StateUpdate};

use super::*;
use crate::assessment::{SetScore, UserCounts};

/// A core control of ours.
fn ours(id: &str, score: &str, max: &str, (count, total): (u64, u64)) -> ControlResult {
    ControlResult {
        id: id.to_owned(),
        set: Set::Core,
        title: id.to_owned(),
        outcome: Outcome::Partial,
        score: score.parse().ok(),
        max_score: max.parse().ok(),
        score_at_least: None,
        score_at_most: None,
        score_in_percentage: None,
        impact_percent: None,
        gained_percent: None,
        count,
        total,
        unknown: 0,
        without_method: None,
        status: Status::ToAddress,
        missing: vec![],
        notes: vec![],
        needs_license: None,
        review: None,
    }
}

fn without_score(id: &str, outcome: Outcome) -> ControlResult {
    ControlResult { outcome, score: None, max_score: None, ..ours(id, "0", "0", (0, 0)) }
}

/// A control of Microsoft's, of the same instant as our data.
fn theirs(id: &str, score: f64, percent: f64, count: Option<(u64, u64)>) -> MicrosoftControlScore {
    MicrosoftControlScore {
        control_name: id.to_owned(),
        category: Some("Identity".to_owned()),
        score: Some(score),
        score_in_percentage: Some(percent),
        count: count.map(|(count, _)| count),
        total: count.map(|(_, total)| total),
        last_synced: instant("2026-11-20T05:00:00Z"),
        ..MicrosoftControlScore::default()
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

/// A tenant of 20 enabled members, 3 enabled guests and 2 disabled accounts, and what Microsoft says of it.
#[derive(Default)]
struct Laid {
    ours: Vec<ControlResult>,
    theirs: Vec<MicrosoftControlScore>,
    profiles: Vec<MicrosoftProfile>,
    recommendations: Vec<MicrosoftRecommendation>,
    surroundings: Surroundings,
}

impl Laid {
    fn of(ours: ControlResult, theirs: MicrosoftControlScore) -> Self {
        Self { ours: vec![ours], theirs: vec![theirs], ..Self::default() }
    }

    fn result(&self) -> Reconciliation {
        let zero = SetScore {
            percent: Points::zero(),
            percent_at_least: None,
            percent_at_most: None,
            current_score: Points::zero(),
            max_score: Points::zero(),
            coverage: Points::zero(),
            compat_percent: Points::zero(),
            planned_percent: Points::zero(),
            current_license_percent: Points::zero(),
            achievable_percent: Points::zero(),
            attested_percent: Points::zero(),
        };
        let users =
            UserCounts { total: 25, enabled_members: 20, enabled_guests: 3, agents: 0, excepted: BTreeMap::new() };
        let compat = Assessment {
            tenant_id: "t".to_owned(),
            display_name: None,
            taken_at: "2026-11-20T06:00:00Z".to_owned(),
            taken_at_source: "collection".to_owned(),
            profile: Profile::Compat,
            catalogue_version: String::new(),
            config_hash: String::new(),
            core: zero.clone(),
            extended: zero,
            controls: self.ours.clone(),
            declared: vec![],
            data_sets: vec![],
            warnings: vec![],
            users,
        };
        let score = MicrosoftScore {
            id: "t_2026-11-20".to_owned(),
            created_date_time: instant("2026-11-20T00:00:00Z"),
            control_scores: self.theirs.clone(),
            ..MicrosoftScore::default()
        };
        let microsoft = Microsoft { score: &score, profiles: &self.profiles, recommendations: &self.recommendations };
        reconcile(&compat, &self.surroundings, microsoft)
    }

    /// The first control's verdict and kinds of reasons.
    fn first(&self) -> (Verdict, Vec<ReasonKind>) {
        let control = self.result().controls.remove(0);
        (control.verdict, control.reasons.iter().map(|reason| reason.kind).collect())
    }
}

fn decided(id: &str, state: &str) -> MicrosoftProfile {
    let update = StateUpdate { state: Some(state.to_owned()), ..StateUpdate::default() };
    MicrosoftProfile { id: id.to_owned(), max_score: Some(8.0), state_updates: vec![update], ..Default::default() }
}

#[test]
fn points_that_differ_by_rounding_are_equal() {
    let laid = Laid::of(ours("X", "4.3269", "9", (25, 52)), theirs("x", 4.32, 48.0, Some((25, 52))));
    assert_eq!(laid.first(), (Verdict::Equal, vec![]));
}

#[test]
fn a_decision_at_microsoft_explains_full_points_alone() {
    let mut laid = Laid::of(ours("X", "2", "8", (1, 4)), theirs("X", 8.0, 100.0, Some((1, 4))));
    laid.profiles.push(decided("x", "thirdParty"));
    assert_eq!(laid.first(), (Verdict::Differs, vec![ReasonKind::DecidedAtMicrosoft]));
    laid.ours[0].status = Status::ThirdParty;
    assert!(!laid.first().1.contains(&ReasonKind::DecidedAtMicrosoft));
}

#[test]
fn a_declaration_here_that_microsoft_does_not_know_is_a_reason() {
    let mut laid = Laid::of(ours("X", "8", "8", (1, 4)), theirs("X", 2.0, 25.0, None));
    laid.ours[0].status = Status::AlternateMitigation;
    assert_eq!(laid.first().1, [ReasonKind::DecidedHere]);
}

#[test]
fn another_population_is_told_by_the_group_that_fits() {
    let laid = Laid::of(ours("X", "2", "8", (5, 20)), theirs("X", 1.74, 21.74, Some((5, 23))));
    let control = laid.result().controls.remove(0);
    assert_eq!(control.reasons[0].kind, ReasonKind::Population);
    assert_eq!(
        control.reasons[0].says,
        "Microsoft counts 23 objects, 3 more than idscore: as many as there are guests"
    );
    assert_eq!(control.difference, Some(0.26));
}

#[test]
fn the_same_population_with_another_count_is_another_verdict() {
    let mut laid = Laid::of(ours("AdminMFAV2", "5", "10", (4, 8)), theirs("AdminMFAV2", 7.5, 75.0, Some((6, 8))));
    let open = |id: &str, status: &str| ImpactedResource {
        subject_id: Some(id.to_owned()),
        status: Some(status.to_owned()),
        ..ImpactedResource::default()
    };
    laid.recommendations.push(MicrosoftRecommendation {
        recommendation_type: Some("adminMFAV2".to_owned()),
        // One user may be listed once per detection.
        impacted_resources: Some(vec![open("a", "active"), open("a", "active"), open("b", "completedBySystem")]),
        ..MicrosoftRecommendation::default()
    });
    let control = laid.result().controls.remove(0);
    assert_eq!(control.microsoft.as_ref().and_then(|side| side.impacted), Some(1));
    assert_eq!(control.reasons[0].kind, ReasonKind::OtherVerdict);
    assert!(control.reasons[0].says.contains("lists 1 open"), "{}", control.reasons[0].says);
}

#[test]
fn what_could_not_be_judged_here_is_no_other_verdict() {
    let mut laid = Laid::of(ours("X", "6.75", "9", (12, 16)), theirs("X", 6.88, 76.47, Some((13, 17))));
    laid.ours[0].unknown = 1;
    assert_eq!(laid.first().1, [ReasonKind::UnknownHere]);
}

#[test]
fn older_data_and_a_policy_changed_since_are_reasons() {
    let mut laid = Laid::of(ours("UserRiskPolicy", "7", "7", (4, 4)), theirs("UserRiskPolicy", 0.0, 0.0, None));
    laid.theirs[0].last_synced = instant("2026-11-18T06:00:00Z");
    laid.surroundings.policies.push(PolicyFacts {
        name: "Risk".to_owned(),
        report_only: false,
        changed: instant("2026-11-19T10:00:00Z"),
        controls: vec!["UserRiskPolicy"],
    });
    assert_eq!(laid.first().1, [ReasonKind::ChangedSince, ReasonKind::DataAge]);
    laid.surroundings.policies[0].changed = instant("2026-11-17T10:00:00Z");
    assert_eq!(laid.first().1, [ReasonKind::DataAge]);
    // Where the control has no age of its own, the day of the score is it: six hours are none.
    laid.theirs[0].last_synced = None;
    assert_eq!(laid.first().1, [ReasonKind::Unexplained]);
}

#[test]
fn more_points_at_microsoft_for_risk_have_their_own_reasons() {
    let mut laid = Laid::of(ours("SigninRiskPolicy", "0", "7", (0, 9)), theirs("SigninRiskPolicy", 7.0, 100.0, None));
    laid.ours[0].needs_license = Some("P2".to_owned());
    laid.surroundings.policies.push(PolicyFacts {
        name: "Trial".to_owned(),
        report_only: true,
        changed: None,
        controls: vec!["SigninRiskPolicy"],
    });
    assert_eq!(laid.first().1, [ReasonKind::Licence, ReasonKind::ReportOnly, ReasonKind::ClassicPolicy]);
    laid.theirs[0].score = Some(0.0);
    assert_eq!(laid.first(), (Verdict::Equal, vec![]));
}

#[test]
fn security_defaults_are_a_reason_only_where_they_are_on() {
    let mut laid =
        Laid::of(ours("MFARegistrationV2", "4.5", "9", (5, 10)), theirs("MFARegistrationV2", 9.0, 100.0, None));
    assert_eq!(laid.first().1, [ReasonKind::Unexplained]);
    laid.surroundings.security_defaults = Some(true);
    assert_eq!(laid.first().1, [ReasonKind::SecurityDefaults]);
}

#[test]
fn a_count_of_what_does_not_comply_is_told_by_the_points() {
    let laid = Laid::of(ours("X", "6", "8", (15, 20)), theirs("X", 6.0, 75.0, Some((5, 20))));
    assert_eq!(laid.first(), (Verdict::Equal, vec![ReasonKind::CountMeaning]));
}

#[test]
fn another_maximum_is_a_reason() {
    let mut laid = Laid::of(ours("X", "9", "9", (4, 4)), theirs("X", 8.0, 100.0, Some((4, 4))));
    laid.profiles.push(decided("X", "Default"));
    assert_eq!(laid.first().1, [ReasonKind::OtherMaximum]);
}

#[test]
fn passwords_at_full_points_may_contradict_microsofts_own_text() {
    let laid = Laid::of(ours("PWAgePolicyNew", "0", "8", (1, 3)), theirs("PWAgePolicyNew", 8.0, 100.0, None));
    assert_eq!(laid.first().1, [ReasonKind::TextContradicts]);
}

#[test]
fn what_was_not_assessed_names_the_permission() {
    let mut laid = Laid::of(without_score("X", Outcome::NotAssessed), theirs("X", 8.0, 100.0, None));
    laid.ours[0].missing.push(Missing {
        kind: MissingKind::Permission,
        data_set: "policies".to_owned(),
        name: "Policy.Read.All".to_owned(),
    });
    let control = laid.result().controls.remove(0);
    assert_eq!((control.verdict, control.difference), (Verdict::OnlyMicrosoft, None));
    assert_eq!(control.reasons[0].says, "not assessed here: `policies` needs the permission Policy.Read.All");
    assert_eq!(laid.result().totals.not_assessed, ["X"]);
}

#[test]
fn a_control_that_neither_side_counts_is_kept() {
    let laid = Laid { ours: vec![without_score("PasswordHashSync", Outcome::NotApplicable)], ..Laid::default() };
    assert_eq!(laid.first(), (Verdict::NotCounted, vec![ReasonKind::NotApplicableHere]));
}

#[test]
fn a_control_on_one_side_is_kept_whichever_side_it_is() {
    let mut laid = Laid::of(ours("X", "1", "1", (1, 1)), theirs("AATP_Y", 2.0, 40.0, None));
    laid.theirs.push(MicrosoftControlScore { category: Some("Apps".to_owned()), ..theirs("Z", 1.0, 100.0, None) });
    laid.ours.push(ControlResult { set: Set::Extended, ..ours("listed", "3", "3", (1, 1)) });
    laid.theirs.push(theirs("Listed", 3.0, 100.0, None));
    laid.profiles.push(MicrosoftProfile { category: Some("Identity".to_owned()), ..decided("AATP_W", "Default") });
    let result = laid.result();
    let kinds = |at: usize| result.controls[at].reasons.iter().map(|reason| reason.kind).collect::<Vec<_>>();
    let ids: Vec<_> = result.controls.iter().map(|control| control.id.as_str()).collect();
    assert_eq!(ids, ["X", "AATP_Y", "listed"]);
    assert_eq!(
        [kinds(0), kinds(1), kinds(2)],
        [vec![ReasonKind::NoScoreAtMicrosoft], vec![ReasonKind::NoControlHere], vec![ReasonKind::ExtendedHere]]
    );
    assert_eq!(result.totals.profiles_without_score, ["AATP_W"]);
    assert_eq!((result.totals.ours.score, result.totals.microsoft.score), (1.0, 5.0));
    assert_eq!(result.totals.microsoft.max_score, Some(8.0));
}

#[test]
fn insider_risk_is_in_neither_sum_and_takes_its_points_from_the_recommendation() {
    let mut laid = Laid { ours: vec![ours("insiderRiskPolicy", "5", "5", (2, 2))], ..Laid::default() };
    laid.recommendations.push(MicrosoftRecommendation {
        recommendation_type: Some("insiderRiskPolicy".to_owned()),
        current_score: Some(5.0),
        max_score: Some(5.0),
        ..MicrosoftRecommendation::default()
    });
    let result = laid.result();
    assert_eq!(result.controls[0].microsoft.as_ref().map(|side| side.source), Some("recommendations"));
    assert_eq!(laid.first(), (Verdict::Equal, vec![ReasonKind::InsiderRisk]));
    assert_eq!((result.totals.ours.score, result.totals.both), (0.0, 0));
    assert_eq!(result.totals.ours.percent, None);
}

#[test]
fn sums_are_added_up_before_they_are_rounded() {
    let mut laid = Laid::of(ours("A", "0.004", "1", (0, 1)), theirs("A", 0.0, 0.0, None));
    laid.ours.push(ours("B", "0.004", "1", (0, 1)));
    let totals = laid.result().totals;
    assert_eq!((totals.ours.score, totals.ours.max_score), (0.01, Some(2.0)));
    // Nobody says what A is worth at Microsoft: no points, no percentage, no profile.
    assert_eq!((totals.microsoft.max_score, totals.microsoft.percent), (None, None));
}

#[test]
fn a_day_without_controls_is_passed_over() {
    let day = |id: &str, controls: usize| MicrosoftScore {
        id: id.to_owned(),
        control_scores: vec![Default::default(); controls],
        ..MicrosoftScore::default()
    };
    let days = [day("today", 0), day("yesterday", 2), day("before", 2)];
    assert_eq!(newest_score(&days).map(|score| score.id.as_str()), Some("yesterday"));
    assert_eq!(newest_score(&days[..1]).map(|score| score.id.as_str()), Some("today"));
    assert!(newest_score(&[]).is_none());
}
