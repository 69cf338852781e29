//! What moved between two assessments, and why.

use std::collections::BTreeMap;

use idscore_assess::{Configuration, EvidenceRow};
use idscore_catalogue::Catalogue;
use idscore_history::difference::{Changed, ControlMove, Difference, Documents, Reason, RowsOf, Side, difference};
use idscore_history::{ActionChange, Archive, KeptAssessment};
use idscore_score::{Finding, Outcome, Set, Status};
use idscore_snapshot::{ReadOptions, write_snapshot};
use serde_json::json;

use crate::support::{actor, database, kept};

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

#[tokio::test]
async fn a_decision_is_the_reason_and_says_who_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let export = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/risky");
    let snapshot = archive.incoming().unwrap().join("snapshot");
    write_snapshot(&export, &snapshot, &ReadOptions::default()).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let kept = archive.keep(&actor(), &snapshot, &catalogue, &Configuration::default()).await.unwrap();
    let change = ActionChange {
        control_id: "BlockLegacyAuthentication".to_owned(),
        status: Some(Status::ThirdParty),
        approver: Some("Grace".to_owned()),
        reason: Some("gateway in front".to_owned()),
        expires: Some("2027-01-01".parse().unwrap()),
        ..ActionChange::default()
    };
    let tenant = kept.assessment.tenant_id.clone();
    let at = kept.assessment.assessed_at + 1_000_000;
    archive.history.update_actions(&actor(), &tenant, &[change], at).await.unwrap();
    let after = archive.history.newest(&tenant).await.unwrap().unwrap();
    let found = archive.difference(&kept.assessment, &after, |_| true).await.unwrap();
    assert_eq!(found.policies, Some(vec![]));
    let [moved] = found.controls.as_slice() else { panic!("{:?}", found.controls) };
    let expected = Reason::Decision {
        before: Status::ToAddress,
        after: Status::ThirdParty,
        by: "ada@example.org".to_owned(),
        reason: "gateway in front".to_owned(),
        expires: Some("2027-01-01".parse().unwrap()),
    };
    assert_eq!((moved.reasons.as_slice(), found.core.points), ([expected].as_slice(), moved.points));
}

/// A copy of an export below a folder.
fn copied(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copied(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

#[tokio::test]
async fn an_outline_has_the_moves_and_policies_of_the_difference_and_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(folder.path(), database().await.as_deref()).await.unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let export = folder.path().join("export");
    copied(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/risky"), &export);
    let keep = async || {
        let snapshot = archive.incoming().unwrap().join("snapshot");
        write_snapshot(&export, &snapshot, &ReadOptions::default()).unwrap();
        archive.keep(&actor(), &snapshot, &catalogue, &Configuration::default()).await.unwrap().assessment
    };
    let before = keep().await;
    for entry in std::fs::read_dir(export.join("policies")).unwrap() {
        let path = entry.unwrap().path();
        let switched_off = std::fs::read_to_string(&path).unwrap().replace("\"enabled\"", "\"disabled\"");
        std::fs::write(&path, switched_off).unwrap();
    }
    let after = keep().await;
    let rests = || {
        let catalogue = Catalogue::embedded().unwrap();
        move |id: &str| catalogue.rests_on_policies(id)
    };
    let whole = archive.difference(&before, &after, rests()).await.unwrap();
    let outline = archive.outline(&before, &after, rests()).await.unwrap();
    assert!(whole.core.points < 0.0 && whole.policies.as_ref().is_some_and(|policies| !policies.is_empty()));
    assert_eq!((&outline.policies, outline.core, outline.extended), (&whole.policies, whole.core, whole.extended));
    let moves = |found: &Difference| found.controls.iter().map(|one| (one.id.clone(), one.points)).collect::<Vec<_>>();
    let moved = |found: &Difference| moves(found).into_iter().filter(|(_, points)| *points != 0.0).collect::<Vec<_>>();
    assert_eq!(moved(&outline), moved(&whole));
    let names = |found: &Difference| serde_json::to_string(found).unwrap().contains("\"objects\"");
    assert_eq!((names(&outline), names(&whole)), (false, true));
    assert_eq!(archive.outline(&after, &after, rests()).await.unwrap().policies, None, "the same snapshot is not read");
}
