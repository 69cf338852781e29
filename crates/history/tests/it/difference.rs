//! What moved between two assessments, and why.

use std::collections::BTreeMap;

use idscore_assess::EvidenceRow;
use idscore_history::KeptAssessment;
use idscore_history::difference::{Changed, ControlMove, Difference, Documents, Reason, RowsOf, Side, difference};
use idscore_score::{Finding, Outcome, Set};
use serde_json::json;

use crate::judged::kept;

const TENANTS: [&str; 4] = ["careful", "risky", "free-licence", "partial-permissions"];

fn between(before: &KeptAssessment, after: &KeptAssessment) -> Difference {
    let actions = BTreeMap::new();
    let side = |assessment| Side { assessment, evidence: None, documents: None, actions: &actions };
    difference(side(before), side(after), &|_| true)
}

fn control<'a>(found: &'a Difference, id: &str) -> &'a ControlMove {
    found.controls.iter().find(|control| control.id == id).unwrap()
}

#[test]
fn the_moves_of_the_controls_add_up_to_the_move_of_the_headline() {
    for one in TENANTS {
        for other in TENANTS {
            let (before, after) = (kept("a", one, "2026-11-20T06:00:00Z"), kept("a", other, "2026-11-21T06:00:00Z"));
            let found = between(&before, &after);
            for (set, moved) in [(Set::Core, found.core), (Set::Extended, found.extended)] {
                let of_set = || found.controls.iter().filter(|control| control.set == set);
                let points: f64 = of_set().map(|control| control.points).sum();
                let possible: f64 = of_set().map(|control| control.max_points).sum();
                assert!((points - moved.points).abs() < 1e-9, "{one} → {other}: {points} {}", moved.points);
                assert!((possible - moved.max_points).abs() < 1e-9, "{one} → {other}");
            }
            for control in found.controls.iter().filter(|control| control.points != 0.0) {
                assert!(!control.reasons.is_empty(), "{one} → {other}: {} moved for no reason", control.id);
            }
        }
    }
}

#[test]
fn the_same_assessment_differs_in_nothing() {
    let kept = kept("a", "risky", "2026-11-20T06:00:00Z");
    let found = between(&kept, &kept);
    assert!(found.controls.is_empty() && found.declared.is_empty() && found.data_sets.is_empty());
}

#[test]
fn a_control_that_changes_its_set_leaves_the_one_and_comes_into_the_other() {
    let before = kept("a", "risky", "2026-11-20T06:00:00Z");
    let mut after = before.clone();
    let moved = after.controls.iter_mut().find(|control| control.id == "AdminMFAV2").unwrap();
    moved.set = Set::Extended;
    let found = between(&before, &after);
    let moves: Vec<_> = found.controls.iter().map(|control| (control.set, control.points)).collect();
    assert_eq!(moves, [(Set::Core, -1.25), (Set::Extended, 1.25)]);
}

#[test]
fn another_catalogue_and_another_configuration_are_said_beside_what_the_tenant_did() {
    let before = kept("a", "risky", "2026-11-20T06:00:00Z");
    let mut after = before.clone();
    after.catalogue_version.push_str("-next");
    after.config_hash.push('x');
    let changed = after.controls.iter_mut().find(|control| control.id == "AdminMFAV2").unwrap();
    changed.count += 1;
    changed.score = Some(2.5);
    let found = between(&before, &after);
    assert!(found.catalogue_changed && found.configuration_changed);
    let reasons = &control(&found, "AdminMFAV2").reasons;
    assert!(reasons.contains(&Reason::CatalogueVersion) && reasons.contains(&Reason::Configuration), "{reasons:?}");
    assert_eq!(found.controls.len(), 1, "what did not move is not listed");
}

#[test]
fn a_control_that_is_new_or_retired_is_worth_its_points() {
    let before = kept("a", "risky", "2026-11-20T06:00:00Z");
    let mut after = before.clone();
    after.controls.retain(|control| control.id != "OneAdmin");
    let found = between(&before, &after);
    assert_eq!(control(&found, "OneAdmin").reasons, [Reason::Catalogue { before: Some(1.0), after: None }]);
    assert_eq!(control(&found, "OneAdmin").points, -1.0);
    assert_eq!(control(&between(&after, &before), "OneAdmin").points, 1.0);
}

#[test]
fn data_that_became_unreadable_are_named() {
    let found = between(
        &kept("a", "careful", "2026-11-20T06:00:00Z"),
        &kept("a", "partial-permissions", "2026-11-21T06:00:00Z"),
    );
    assert!(found.data_sets.iter().any(|set| set.after.as_deref() == Some("refused")), "{:?}", found.data_sets);
    let lost = found.controls.iter().filter(|control| {
        control.after.is_some_and(|after| after.outcome == Outcome::NotAssessed)
            && control.reasons.iter().any(|reason| matches!(reason, Reason::Data { lost, .. } if !lost.is_empty()))
    });
    assert!(lost.count() > 0);
}

#[test]
fn a_review_that_grew_old_and_an_attestation_that_ended_are_reasons() {
    let before = kept("a", "risky", "2026-11-20T06:00:00Z");
    let mut after = before.clone();
    let mut expected = vec![];
    for control in &mut after.controls {
        match control.judged.as_mut().map(|judged| &mut judged.finding) {
            Some(Finding::Task { age, .. }) => *age = Some(60),
            Some(Finding::Attested(stands)) => *stands = !*stands,
            _ => continue,
        }
        expected.push(control.id.clone());
    }
    let found = between(&before, &after);
    assert!(!expected.is_empty());
    for id in expected {
        let reasons = &control(&found, &id).reasons;
        assert!(matches!(reasons[..], [Reason::Review { .. } | Reason::Attestation { .. }]), "{id}: {reasons:?}");
    }
}

#[test]
fn objects_that_swap_places_are_both_named_although_no_point_moves() {
    let row = |id: &str| EvidenceRow {
        object_id: id.to_owned(),
        name: None,
        outcome: Outcome::NotMet,
        why: "not registered".to_owned(),
        witness: None,
        evidence: BTreeMap::new(),
        urgency: idscore_assess::Urgency::default(),
    };
    let kept = KeptAssessment { evidence: "before".to_owned(), ..kept("a", "risky", "2026-11-20T06:00:00Z") };
    let after = KeptAssessment { evidence: "after".to_owned(), ..kept.clone() };
    let of = |control: &str, id: &str| if control == "MFARegistrationV2" { vec![row(id)] } else { vec![] };
    let was = |control: &str| of(control, "anna");
    let is = |control: &str| of(control, "boris");
    let (was, is): (&RowsOf<'_>, &RowsOf<'_>) = (&was, &is);
    let actions = BTreeMap::new();
    let documents = |state: &str| -> Documents {
        let policy = json!({"id": "c0", "displayName": "MFA", "state": state});
        BTreeMap::from([("conditionalAccessPolicy".to_owned(), vec![("c0".to_owned(), policy)])])
    };
    let (on, off) = (documents("enabled"), documents("disabled"));
    let side = |assessment, evidence, documents| Side {
        assessment,
        evidence: Some(evidence),
        documents: Some(documents),
        actions: &actions,
    };
    let found = difference(side(&kept, was, &on), side(&after, is, &off), &|_| true);
    assert_eq!(found.policies.as_ref().unwrap()[0].change, Changed::Switched);
    let moved = control(&found, "MFARegistrationV2");
    assert_eq!(moved.points, 0.0);
    let [
        Reason::LosesPoints { objects: lose, complete: true },
        Reason::NoLongerLoses { objects: no_longer, .. },
        Reason::Policies { ids },
    ] = moved.reasons.as_slice()
    else {
        panic!("{:?}", moved.reasons)
    };
    assert_eq!((lose[0].id.as_str(), no_longer[0].id.as_str(), ids[0].as_str()), ("boris", "anna", "c0"));
    // Policies that were not read on one side did not vanish there.
    let unread = BTreeMap::new();
    assert_eq!(difference(side(&kept, was, &on), side(&after, is, &unread), &|_| true).policies, None);
}
