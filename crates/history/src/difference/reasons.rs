//! Why a control moved, from what was kept of it on both sides.

use std::collections::{BTreeMap, BTreeSet};

use idscore_score::{Finding, Judged, Missing, Outcome};
use serde_json::Value;

use super::{DataSetChange, DeclarationChange, Difference, Reason, Side, objects};
use crate::kept::{KeptAssessment, KeptControl};

/// The reasons of one control; none where nothing about it differs.
pub(super) fn of_control(
    all: &Difference,
    before: Side<'_>,
    after: Side<'_>,
    was: Option<&KeptControl>,
    is: Option<&KeptControl>,
    rests_on_policies: bool,
) -> Vec<Reason> {
    let worth = |control: Option<&KeptControl>| control.and_then(judged).map(|judged| judged.points.to_f64());
    let (Some(was), Some(is)) = (was, is) else {
        return vec![Reason::Catalogue { before: worth(was), after: worth(is) }];
    };
    let mut reasons = vec![];
    if worth(Some(was)) != worth(Some(is)) && judged(was).is_some() && judged(is).is_some() {
        reasons.push(Reason::Catalogue { before: worth(Some(was)), after: worth(Some(is)) });
    }
    let same_data = before.assessment.snapshot == after.assessment.snapshot
        && before.assessment.evidence == after.assessment.evidence
        && !after.assessment.evidence.is_empty();
    let both = before.evidence.zip(after.evidence).filter(|_| !same_data);
    let evidence = both.map(|(before, after)| (before(&is.id), after(&is.id)));
    let mut in_objects = evidence.as_ref().map(|(was, is)| objects::reasons(was, is)).unwrap_or_default();
    if is.outcome == Outcome::NotAssessed {
        // That nothing is listed any more is no good news of a control that nobody could judge.
        in_objects = in_objects.into_iter().map(out_of_sight).collect();
    }
    let measured = !in_objects.is_empty() || (was.count, was.total, was.unknown) != (is.count, is.total, is.unknown);
    reasons.extend(in_objects);
    let population = |control: &KeptControl| control.total + control.unknown;
    if population(was) != population(is) {
        reasons.push(Reason::Population { before: population(was), after: population(is) });
        if !all.declared.is_empty() {
            reasons.push(Reason::Declared);
        }
    }
    if let Some(policies) =
        all.policies.as_ref().filter(|policies| measured && rests_on_policies && !policies.is_empty())
    {
        reasons.push(Reason::Policies { ids: policies.iter().map(|policy| policy.id.clone()).collect() });
    }
    reasons.extend(data(was, is));
    if was.needs_license != is.needs_license {
        reasons.push(Reason::Licence { before: was.needs_license.clone(), after: is.needs_license.clone() });
    }
    reasons.extend(decided(after, was, is));
    let applies = |control: &KeptControl| control.outcome != Outcome::NotApplicable;
    if applies(was) != applies(is) {
        reasons.push(Reason::Applicability);
    }
    let moved = was.score != is.score || was.max_score != is.max_score || was.outcome != is.outcome;
    if moved || measured {
        // What is not the tenant's own doing is said wherever it may have had a part.
        reasons.extend(all.catalogue_changed.then_some(Reason::CatalogueVersion));
        reasons.extend(all.configuration_changed.then_some(Reason::Configuration));
    }
    if moved && reasons.is_empty() {
        reasons.push(Reason::NotKept);
    }
    reasons
}

/// Objects of which nothing is said any more because nothing was seen.
fn out_of_sight(reason: Reason) -> Reason {
    match reason {
        Reason::NoLongerLoses { objects, complete } => Reason::NoLongerKnown { objects, complete },
        other => other,
    }
}

fn judged(control: &KeptControl) -> Option<&Judged> {
    control.judged.as_ref()
}

fn data(was: &KeptControl, is: &KeptControl) -> Option<Reason> {
    let only = |here: &[Missing], there: &[Missing]| {
        here.iter().filter(|missing| !there.contains(missing)).cloned().collect::<Vec<_>>()
    };
    let (lost, found) = (only(&is.missing, &was.missing), only(&was.missing, &is.missing));
    (!lost.is_empty() || !found.is_empty()).then_some(Reason::Data { lost, found })
}

fn decided(after: Side<'_>, was: &KeptControl, is: &KeptControl) -> Vec<Reason> {
    let mut reasons = vec![];
    // That the data confirm an action is no decision.
    let status = |control: &KeptControl| judged(control).map_or(control.status, |judged| judged.status);
    if status(was) != status(is) {
        let state = after.actions.get(&is.id);
        reasons.push(Reason::Decision {
            before: status(was),
            after: status(is),
            by: state.map(|state| state.updated_by.clone()).unwrap_or_default(),
            reason: state.map(|state| state.reason.clone()).unwrap_or_default(),
            expires: state.and_then(|state| state.expires),
        });
    }
    match (judged(was).map(|judged| &judged.finding), judged(is).map(|judged| &judged.finding)) {
        (Some(Finding::Task { age: before, .. }), Some(Finding::Task { age: after, .. })) if before != after => {
            reasons.push(Reason::Review { age_before: *before, age_after: *after });
        }
        (Some(Finding::Attested(before)), Some(Finding::Attested(after))) if before != after => {
            reasons.push(Reason::Attestation { before: *before, after: *after });
        }
        _ => {}
    }
    reasons
}

/// Items of a JSON list by the texts that identify them.
fn items<'a>(list: &'a Value, keys: &[&str]) -> BTreeMap<Vec<String>, &'a Value> {
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let items = list.as_array().into_iter().flatten();
    items.map(|item| (keys.iter().map(|key| text(item, key)).collect(), item)).collect()
}

/// Declarations that came, went or changed; their effect alone is none, because it follows from the data.
pub(super) fn declared(was: &KeptAssessment, is: &KeptAssessment) -> Vec<DeclarationChange> {
    let (was, is) = (items(&was.details.declared, &["kind", "id"]), items(&is.details.declared, &["kind", "id"]));
    let said = |item: &Value| ["owner", "reason", "expires"].map(|key| item.get(key).cloned());
    let keys: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    let change = |key: &Vec<String>| {
        let (before, after) = (was.get(key).copied(), is.get(key).copied());
        let shown = after.or(before)?;
        (before.map(said) != after.map(said)).then(|| DeclarationChange {
            kind: key.first().cloned().unwrap_or_default(),
            id: key.get(1).cloned().unwrap_or_default(),
            name: shown.get("name").and_then(Value::as_str).map(str::to_owned),
            before: before.cloned(),
            after: after.cloned(),
        })
    };
    keys.into_iter().filter_map(change).collect()
}

/// Data sets of which something else became.
pub(super) fn data_sets(was: &KeptAssessment, is: &KeptAssessment) -> Vec<DataSetChange> {
    let (was, is) = (items(&was.details.data_sets, &["name"]), items(&is.details.data_sets, &["name"]));
    let status = |item: Option<&&Value>| item.and_then(|item| item.get("status")?.as_str().map(str::to_owned));
    let keys: BTreeSet<_> = was.keys().chain(is.keys()).collect();
    let change = |key: &Vec<String>| {
        let (before, after) = (status(was.get(key)), status(is.get(key)));
        let name = key.first().cloned().unwrap_or_default();
        (before != after).then_some(DataSetChange { name, before, after })
    };
    keys.into_iter().filter_map(change).collect()
}
