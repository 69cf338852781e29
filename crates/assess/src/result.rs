//! From scanned controls to the result: outcomes, points, what was missing, what was declared.

use std::collections::{BTreeMap, BTreeSet};

use idscore_catalogue::Catalogue;
use idscore_catalogue::control::{Check, Control, Rule};
use idscore_catalogue::tables::{Need, table};
use idscore_score::{
    ControlScore, Finding, Judged, License, Missing, MissingKind, Outcome, Ownership, Set, Sight, Status, Tally,
    Totals, gained, impact,
};
use jiff::Timestamp;

use crate::absent::{self, Lacking};
use crate::assessment::{ControlResult, SetScore};
use crate::configuration::{Configuration, stands};
use crate::data_sets::{DataSets, Lack};
use crate::judge::Running;
use crate::needs::all_needs;
use crate::reviews::Review;
use crate::scan::{Pass, judged_columns};

/// Microsoft's insider-risk control: whether it belongs to Microsoft's total is not settled.
pub(crate) const INSIDER_RISK: &str = "insiderRiskPolicy";

/// What turning a pass into results needs.
pub(crate) struct Ground<'a> {
    pub catalogue: &'a Catalogue,
    pub data_sets: &'a DataSets<'a>,
    pub has_p1: Option<bool>,
    pub has_p2: Option<bool>,
    pub taken_at: Timestamp,
}

/// One control, scored, with everything that the result says about it.
pub(crate) struct Scored<'a> {
    pub control: &'a Control,
    pub judged: Judged,
    pub score: ControlScore,
    tally: Tally,
    without_method: Option<u64>,
    missing: BTreeSet<Missing>,
    notes: Vec<String>,
    review: Option<Review>,
}

impl Ground<'_> {
    /// Scores every control of a pass.
    pub(crate) fn score<'a>(&self, pass: &Pass<'a>) -> Vec<Scored<'a>> {
        let configuration = pass.view.configuration;
        let scored = pass.running.iter().zip(&pass.applies).map(|(running, applies)| {
            let control = running.control;
            let mut lack = self.lack(control, running.check(), configuration.eligible_admins());
            // Directory-sync accounts leave the populations, and without the list of roles any account may be one.
            if !configuration.directory_sync_in_population() && judged_columns(running.check()).contains("excepted") {
                self.data_sets.lack(&Need::Refines("roleAssignments"), false, &mut lack);
            }
            let in_headline = control.id != INSIDER_RISK || configuration.score.insider_risk_in_headline;
            let judged = Judged {
                set: control.set,
                points: control.points.clone(),
                applies: match (in_headline, self.applies_unread(control)) {
                    (false, _) => Some(false),
                    (true, true) => None,
                    (true, false) => *applies,
                },
                license: self.ownership(control),
                data_read: lack.blocking.is_empty(),
                sight: Some(self.sight(running)),
                finding: self.finding(control, running.check(), running.finding(), configuration),
                status: self.status(control, configuration),
            };
            let score = ControlScore::of(&judged, &configuration.score);
            let seen = judged.data_read && score.measured != Outcome::NotApplicable;
            let tally = if seen { running.tally() } else { Tally::default() };
            let open = tally.unknown > 0 || score.measured == Outcome::NotAssessed;
            let mut lacking = BTreeSet::new();
            if lack.blocking.is_empty() && open {
                lacking.extend(self.absent_behind(control, running.check()));
            }
            if score.license == Ownership::Unknown && score.measured != Outcome::NotApplicable {
                lacking.extend(self.absent_behind_licenses(control));
            }
            let lacking: Vec<Lacking<'_>> = lacking.into_iter().collect();
            let mut missing = missing(&score, tally, &lack, running.check());
            missing.extend(lacking.iter().map(|property| property.missing()));
            let mut notes = self.notes(&score, tally, &lack, running, pass);
            notes.extend(absent::note(&lacking));
            let review = match running.check().rule {
                Rule::Task { every_days } if seen && score.points.is_some() => {
                    Some(Review::of(&control.id, every_days, configuration, self.taken_at))
                }
                _ => None,
            };
            let without_method = running.without_method.filter(|_| seen);
            Scored { control, judged, score, tally, without_method, missing, notes, review }
        });
        scored.collect()
    }

    /// How far the control was seen, besides the unknown rows that its finding counts.
    fn sight(&self, running: &Running<'_>) -> Sight {
        let population = running.check().of.needs.iter();
        let population_known = population.clone().all(|need| match need {
            Need::Needs(name)
            | Need::NeedsSome(name)
            | Need::IfLicensed(name)
            | Need::WhenEligible(name)
            | Need::WhenNamed(name) => self.data_sets.whole(name),
            Need::OneOf(names) => names.iter().any(|name| self.data_sets.whole(name)),
            Need::Refines(_) => true,
        });
        Sight { population_known: population_known && running.counted(), proven: running.proven() }
    }

    fn finding(&self, control: &Control, check: &Check, rows: Finding, configuration: &Configuration) -> Finding {
        match check.rule {
            Rule::Met(_) | Rule::Parts(_) => rows,
            Rule::Attested => Finding::Attested(
                configuration
                    .attestation
                    .iter()
                    .any(|attestation| attestation.control == control.id && stands(attestation.expires, self.taken_at)),
            ),
            Rule::Task { every_days } => {
                let reviews = configuration.review.iter().filter(|review| review.control == control.id);
                let ages = reviews.map(|review| self.taken_at.duration_since(review.at).as_secs());
                let age = ages.filter_map(|age| u64::try_from(age).ok()).min();
                Finding::Task { age, period: u64::from(every_days) * 86_400 }
            }
        }
    }

    fn status(&self, control: &Control, configuration: &Configuration) -> Status {
        let declared = configuration.status.iter().rev().find(|status| {
            status.control == control.id && status.expires.is_none_or(|expires| stands(expires, self.taken_at))
        });
        declared.map(|status| status.status).unwrap_or_default()
    }

    fn ownership(&self, control: &Control) -> Ownership {
        let owned = control.license.iter().map(|license| match license {
            License::P1 => self.has_p1,
            License::P2 => self.has_p2,
        });
        owned.fold(Ownership::Owned, |all, one| match (all, one) {
            (Ownership::NotOwned, _) | (_, Some(false)) => Ownership::NotOwned,
            (Ownership::Unknown, _) | (_, None) => Ownership::Unknown,
            (Ownership::Owned, Some(true)) => Ownership::Owned,
        })
    }

    /// The properties that objects lacked and that the control's judged columns rest on.
    fn absent_behind(&self, control: &Control, check: &Check) -> Vec<Lacking<'_>> {
        let own = judged_columns(check).into_iter().map(|column| (check.of, column));
        let applies = control.applies.expression.columns().into_iter();
        let applies = applies.filter_map(|column| Some((table("tenant")?, column.to_owned())));
        absent::behind(own.chain(applies), self.data_sets)
    }

    /// As [`Self::absent_behind`], of what says which editions the tenant owns.
    fn absent_behind_licenses(&self, control: &Control) -> Vec<Lacking<'_>> {
        let columns = control.license.iter().map(|license| match license {
            License::P1 => "has_p1",
            License::P2 => "has_p2",
        });
        absent::behind(columns.filter_map(|column| Some((table("tenant")?, column.to_owned()))), self.data_sets)
    }

    /// Whether the data behind `applies` were not read, so that its answer would be about nothing.
    fn applies_unread(&self, control: &Control) -> bool {
        let mut lack = Lack::default();
        for name in control.applies.expression.columns() {
            for need in self.catalogue.column("tenant", name).map(|column| column.needs).unwrap_or_default() {
                self.data_sets.lack(need, false, &mut lack);
            }
        }
        !lack.blocking.is_empty()
    }

    /// What a control's predicates need and the snapshot doesn't have.
    fn lack(&self, control: &Control, check: &Check, eligible: bool) -> Lack {
        let mut lack = Lack::default();
        for (need, bounds) in all_needs(self.catalogue, control, check, eligible) {
            self.data_sets.lack(&need, bounds, &mut lack);
        }
        lack
    }

    fn notes(
        &self,
        score: &ControlScore,
        tally: Tally,
        lack: &Lack,
        running: &Running<'_>,
        pass: &Pass<'_>,
    ) -> Vec<String> {
        let (control, check, configuration) = (running.control, running.check(), pass.view.configuration);
        let mut notes = Vec::new();
        if score.outcome == Outcome::NotApplicable {
            let license = control.license.iter().max().filter(|_| score.license == Ownership::NotOwned);
            notes.extend(license.map(|license| format!("needs Entra ID {license:?}, which the tenant does not own")));
            return notes;
        }
        if !lack.blocking.is_empty() {
            return notes;
        }
        notes.extend(lack.refining.iter().map(|missing| match missing.data_set.as_str() {
            "requirements" => "per-user MFA not read".to_owned(),
            other => format!("judged without `{other}`"),
        }));
        let remarks = running.notes.iter().filter(|(_, rows)| *rows > 0);
        notes.extend(remarks.map(|(note, rows)| note.says.replace("{count}", &rows.to_string())));
        if tally.unknown > 0 {
            let why = pass.unknown_reasons(check).into_iter().take(2).collect::<Vec<_>>().join("; ");
            let why = if why.is_empty() { why } else { format!(": {why}") };
            notes.push(format!("{} could not be judged{why}", tally.unknown));
        }
        let proven = running.proven().map(|proven| unknown_rows(&proven)).unwrap_or_default();
        if proven > tally.unknown {
            notes.push(format!(
                "{} could turn, enter or leave with data that were not read: floor and ceiling count them as unknown",
                proven - tally.unknown
            ));
        }
        let by_status = matches!(score.status, Status::ThirdParty | Status::AlternateMitigation);
        let declared = configuration.status.iter().rev().find(|status| status.control == control.id);
        if let Some(declared) = declared.filter(|_| by_status && score.measured != Outcome::Met) {
            notes.push(format!(
                "full points by declaration of {} ({}); the data alone say {}",
                declared.owner,
                declared.reason,
                outcome_word(score.measured)
            ));
        }
        notes
    }
}

fn unknown_rows(finding: &Finding) -> u64 {
    match finding {
        Finding::Partial(tally) | Finding::Binary(tally) => tally.unknown,
        Finding::Graded(_) | Finding::Task { .. } | Finding::Attested(_) => 0,
    }
}

/// An outcome in plain words.
fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "met",
        Outcome::Partial => "partly met",
        Outcome::NotMet => "not met",
        Outcome::NotApplicable => "not applicable",
        Outcome::NotAssessed => "not assessed",
    }
}

/// What to show as missing: what blocked; else what left rows unknown, and what was done without.
fn missing(score: &ControlScore, tally: Tally, lack: &Lack, check: &Check) -> BTreeSet<Missing> {
    if score.measured == Outcome::NotApplicable {
        return BTreeSet::new();
    }
    if matches!(check.rule, Rule::Attested) && score.measured == Outcome::NotAssessed {
        return BTreeSet::from([Missing {
            kind: MissingKind::Collection,
            data_set: "attestation".to_owned(),
            name: "[[attestation]] in idscore.toml".to_owned(),
        }]);
    }
    if !lack.blocking.is_empty() {
        return lack.blocking.clone();
    }
    let mut missing = lack.refining.clone();
    if tally.unknown > 0 || score.measured == Outcome::NotAssessed {
        missing.extend(lack.partial.iter().cloned());
    }
    missing
}

/// Adds up the controls of one set.
pub(crate) fn totals(scored: &[Scored<'_>], set: Set) -> Totals {
    Totals::of(scored.iter().filter(|scored| scored.control.set == set).map(|scored| &scored.score))
}

/// The numbers of one set, with *compat* beside it.
pub(crate) fn set_score(scored: &[Scored<'_>], compat: &[Scored<'_>], set: Set) -> SetScore {
    let comparable = compat.iter().filter(|scored| scored.control.set == set && is_comparable(&scored.control.id));
    numbers(totals(scored, set), &Totals::of(comparable.map(|scored| &scored.score)))
}

/// Whether a control is laid beside Microsoft's: insider risk is not, because its place in their total is not settled.
pub(crate) fn is_comparable(id: &str) -> bool {
    id != INSIDER_RISK
}

/// The numbers of one set from its totals and those under *compat*.
pub(crate) fn numbers(totals: Totals, compat: &Totals) -> SetScore {
    SetScore {
        percent: totals.percent(&totals.current),
        compat_percent: compat.percent(&compat.current),
        planned_percent: totals.percent(&totals.planned),
        current_license_percent: totals.percent(&totals.current_license),
        achievable_percent: totals.percent(&totals.achievable),
        attested_percent: totals.percent(&totals.attested),
        coverage: totals.coverage.clone(),
        percent_at_least: Some(totals.percent_interval().at_least),
        percent_at_most: Some(totals.percent_interval().at_most),
        current_score: totals.current,
        max_score: totals.max,
    }
}

impl Scored<'_> {
    /// What the result says of this control.
    pub(crate) fn result(&self, by_set: &BTreeMap<Set, Totals>) -> ControlResult {
        let earned = self.score.points.as_ref();
        let totals = by_set.get(&self.control.set);
        let needs = self.control.license.iter().max().map(|license| format!("{license:?}"));
        ControlResult {
            id: self.control.id.clone(),
            set: self.control.set,
            title: self.control.title.clone(),
            outcome: self.score.outcome,
            score: earned.map(|earned| earned.score.clone()),
            max_score: earned.map(|earned| earned.max.clone()),
            score_at_least: self.score.interval.as_ref().map(|interval| interval.at_least.clone()),
            score_at_most: self.score.interval.as_ref().map(|interval| interval.at_most.clone()),
            score_in_percentage: earned.map(|earned| earned.score.percent_of(&earned.max)),
            impact_percent: earned.zip(totals).map(|(earned, totals)| impact(&earned.max, totals)),
            gained_percent: earned.zip(totals).map(|(earned, totals)| gained(&earned.score, &earned.max, totals)),
            count: self.tally.met,
            total: self.tally.total(),
            unknown: self.tally.unknown,
            without_method: self.without_method,
            status: self.score.status,
            missing: self.missing.iter().cloned().collect(),
            notes: self.notes.clone(),
            needs_license: needs.filter(|_| self.score.license == Ownership::NotOwned),
            review: self.review.clone(),
        }
    }
}
