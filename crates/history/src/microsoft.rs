//! What Microsoft said about a tenant before this program looked: its scores of up to 90 days, and its averages over others.

use std::collections::BTreeMap;

use idscore_catalogue::Catalogue;
use idscore_score::{Outcome, Profile, ScoreSettings, Set, Status};
use idscore_snapshot::{AverageScore, MicrosoftControlScore, MicrosoftProfile, MicrosoftScore};
use serde::Serialize;

use crate::averages::Basis;
use crate::instants::{DAY, day_of};
use crate::kept::{Cause, Details, KeptAssessment, KeptControl, SetNumbers};
use crate::word::of_word;

/// One of Microsoft's averages as it was served to a tenant. There is no number of tenants: Microsoft publishes none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PeerAverage {
    /// The day, in days since 1970 UTC.
    pub day: i64,
    /// Among whom.
    pub basis: Basis,
    /// The smallest number of seats, where the basis is the size.
    pub seats_from: Option<u64>,
    /// The largest.
    pub seats_to: Option<u64>,
    /// Over all of Microsoft's categories; never to be held against an identity score.
    pub overall_percent: Option<f64>,
    /// Points of the category Identity.
    pub identity_score: Option<f64>,
    /// Points that could be earned there, on average too.
    pub identity_max: Option<f64>,
}

impl PeerAverage {
    /// `100 × average / maximum` of the category Identity, where both were served.
    #[must_use]
    pub fn identity_percent(&self) -> Option<f64> {
        let (score, max) = self.identity_score.zip(self.identity_max)?;
        Some(100.0 * score / max)
    }

    /// None where nothing was served that can be an average: −1, 0 and absent all mean that there are no data.
    fn of(day: i64, served: &AverageScore) -> Option<Self> {
        let basis = of_word(served.basis.clone()?).ok()?;
        let above_zero = |number: Option<f64>| number.filter(|number| *number > 0.0);
        let max = above_zero(served.identity_score_max);
        let score = above_zero(served.identity_score).filter(|score| max.is_none_or(|max| *score <= max));
        // In 2019 this was a number of points.
        let overall = above_zero(served.average_score).filter(|percent| *percent <= 100.0);
        (overall.is_some() || score.is_some()).then_some(Self {
            day,
            basis,
            seats_from: served.seats_from,
            seats_to: served.seats_to,
            overall_percent: overall,
            identity_score: score,
            identity_max: max.filter(|_| score.is_some()),
        })
    }
}

/// What a snapshot holds of Microsoft's own numbers.
#[derive(Debug, Default)]
pub struct Served {
    /// Its days, oldest first.
    pub days: Vec<KeptAssessment>,
    /// Its averages over other tenants.
    pub averages: Vec<PeerAverage>,
}

impl Served {
    /// The days of one tenant, oldest first, from all scores that were served, newest first.
    #[must_use]
    pub fn of(
        scores: &[MicrosoftScore],
        profiles: Vec<MicrosoftProfile>,
        tenant_id: &str,
        catalogue: &Catalogue,
    ) -> Self {
        let worth = |profile: MicrosoftProfile| {
            profile.max_score.map(|max| (profile.id, (max, profile.title.unwrap_or_default())))
        };
        let maxima = Maxima { profiles: profiles.into_iter().filter_map(worth).collect(), catalogue };
        let mut served = Self::default();
        for score in scores.iter().rev().filter(|score| is_of(score, tenant_id)) {
            let Some(day) = score.created_date_time.map(|at| day_of(at.as_microsecond())).filter(|day| *day >= 0)
            else {
                continue;
            };
            served.averages.extend(score.averages.iter().filter_map(|average| PeerAverage::of(day, average)));
            served.days.extend(assessment(score, tenant_id, day, &maxima));
        }
        served
    }
}

/// An export of one tenant may lie among the answers of another; an id is `{tenant}_{day}`.
fn is_of(score: &MicrosoftScore, tenant_id: &str) -> bool {
    let owner = score.id.split_once('_').map(|(owner, _)| owner);
    owner.is_none_or(|owner| uuid::Uuid::parse_str(owner).is_err() || owner.eq_ignore_ascii_case(tenant_id))
}

/// How many points Microsoft's controls are worth, since a score itself does not say.
struct Maxima<'a> {
    profiles: BTreeMap<String, (f64, String)>,
    catalogue: &'a Catalogue,
}

impl Maxima<'_> {
    /// As Microsoft says, else as follows from points and percentage, else as the catalogue says.
    fn of(&self, control: &MicrosoftControlScore) -> Option<f64> {
        let said = self.profiles.get(&control.control_name).map(|(max, _)| *max);
        let share = control.score_in_percentage.filter(|percent| *percent > 0.0);
        let implied = || control.score.zip(share).map(|(score, percent)| (1e4 * score / percent).round() / 100.0);
        let ours = || self.catalogue.control(&control.control_name).map(|control| control.points.to_f64());
        let fits = |max: &f64| *max > 0.0 && control.score.is_none_or(|score| score <= *max);
        said.filter(fits).or_else(|| implied().filter(fits)).or_else(|| ours().filter(fits))
    }

    fn title(&self, id: &str) -> String {
        let said = self.profiles.get(id).map(|(_, title)| title.clone()).filter(|title| !title.is_empty());
        let ours = || self.catalogue.control(id).map(|control| control.title.clone());
        said.or_else(ours).unwrap_or_else(|| id.to_owned())
    }
}

/// A day of Microsoft's identity controls; none where points or maximum of the category can't be known.
fn assessment(score: &MicrosoftScore, tenant_id: &str, day: i64, maxima: &Maxima<'_>) -> Option<KeptAssessment> {
    let identity = score.control_scores.iter().filter(|control| control.category.as_deref() == Some("Identity"));
    let controls: Vec<KeptControl> = identity.map(|served| control(served, maxima)).collect();
    let sum = |of: fn(&KeptControl) -> Option<f64>| -> Option<f64> {
        let scored = controls.iter().filter(|control| control.score.is_some());
        let points: Option<Vec<f64>> = scored.map(of).collect();
        points.filter(|points| !points.is_empty()).map(|points| points.iter().sum())
    };
    let earned = score.identity_score.or_else(|| sum(|control| control.score))?;
    let max = score.identity_score_max.or_else(|| sum(|control| control.max_score))?;
    if max <= 0.0 || earned > max {
        return None;
    }
    let percent = (1e4 * earned / max).round() / 100.0;
    let at = day * DAY;
    Some(KeptAssessment {
        id: String::new(),
        sequence: 0,
        tenant_id: tenant_id.to_owned(),
        assessed_at: at,
        taken_at: at,
        taken_at_source: "createdDateTime".to_owned(),
        cause: Cause::Microsoft,
        profile: Profile::Compat,
        catalogue_version: String::new(),
        config_hash: String::new(),
        snapshot: String::new(),
        evidence: String::new(),
        active_users: score.active_user_count.unwrap_or_default(),
        has_p1: has(score, &["HasAADP1", "HasAADP2"]),
        has_p2: has(score, &["HasAADP2"]),
        core: SetNumbers {
            percent,
            current_score: earned,
            max_score: max,
            coverage: 1.0,
            compat_percent: percent,
            planned_percent: percent,
            current_license_percent: percent,
            achievable_percent: percent,
            attested_percent: 0.0,
            percent_at_least: None,
            percent_at_most: None,
        },
        extended: SetNumbers::default(),
        settings: ScoreSettings::default(),
        controls,
        details: Details::default(),
    })
}

/// None where the services are not listed at all.
fn has(score: &MicrosoftScore, names: &[&str]) -> Option<bool> {
    let services = &score.enabled_services;
    (!services.is_empty()).then(|| services.iter().any(|service| names.contains(&service.as_str())))
}

fn control(served: &MicrosoftControlScore, maxima: &Maxima<'_>) -> KeptControl {
    let max = maxima.of(served);
    let outcome = match (served.score, max) {
        (None, _) => Outcome::NotAssessed,
        (Some(score), _) if score <= 0.0 => Outcome::NotMet,
        (Some(score), Some(max)) if score >= max => Outcome::Met,
        (Some(_), _) => Outcome::Partial,
    };
    let said = served.implementation_status.clone().filter(|text| !text.trim().is_empty());
    KeptControl {
        id: served.control_name.clone(),
        title: maxima.title(&served.control_name),
        set: Set::Core,
        outcome,
        score: served.score,
        max_score: max.filter(|_| served.score.is_some()),
        score_at_least: None,
        score_at_most: None,
        count: served.count.unwrap_or_default(),
        total: served.total.unwrap_or_default(),
        unknown: 0,
        without_method: None,
        status: if outcome == Outcome::Met { Status::Completed } else { Status::ToAddress },
        needs_license: None,
        missing: Vec::new(),
        notes: said.into_iter().collect(),
        judged: None,
        compat: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(average: f64, score: Option<f64>, max: Option<f64>) -> Option<PeerAverage> {
        let served = AverageScore {
            basis: Some("AllTenants".to_owned()),
            average_score: Some(average),
            identity_score: score,
            identity_score_max: max,
            ..AverageScore::default()
        };
        PeerAverage::of(1, &served)
    }

    #[test]
    fn no_data_is_no_average() {
        assert_eq!(served(-1.0, None, None), None);
        assert_eq!(served(0.0, Some(0.0), Some(61.0)), None, "nobody's average is 0");
        assert_eq!(served(-1.0, Some(30.0), Some(60.0)).unwrap().identity_percent(), Some(50.0));
        assert_eq!(served(52.0, Some(30.0), None).unwrap().identity_percent(), None);
        assert_eq!(served(152.0, None, None), None, "points of 2019 are no percentage");
    }

    #[test]
    fn a_score_of_another_tenant_is_left_alone() {
        let score = |id: &str| MicrosoftScore { id: id.to_owned(), ..MicrosoftScore::default() };
        let own = "11111111-0000-4000-8000-0000000000ca";
        assert!(is_of(&score("11111111-0000-4000-8000-0000000000CA_2026-11-19"), own));
        assert!(is_of(&score("x"), own));
        assert!(!is_of(&score("22222222-0000-4000-8000-0000000000ca_2026-11-19"), own));
    }
}
