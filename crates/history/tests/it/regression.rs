//! What is lost and what is only out of sight, on exports of the repository from which something was taken away.

use std::fs;
use std::path::Path;

use idscore_assess::{Configuration, Evidence, assess};
use idscore_catalogue::Catalogue;
use idscore_history::events::{Drop, EventKind, LossReason, Watch, losses, of_assessment, set_verdict};
use idscore_history::regression::{Seen, Verdict, of_control};
use idscore_history::{KeptAssessment, SetNumbers};
use idscore_score::{ScoreSettings, Set};
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};

use crate::judged::kept;

/// A tenant of the repository a day later, changed.
fn changed(name: &str, change: impl FnOnce(&Path)) -> KeptAssessment {
    let folder = tempfile::tempdir().unwrap();
    let (export, snapshot) = (folder.path().join("export"), folder.path().join("snapshot"));
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(name), &export);
    change(&export);
    write_snapshot(&export, &snapshot, &ReadOptions::default()).unwrap();
    let snapshot = Snapshot::open(&snapshot).unwrap();
    let judgement =
        assess(&snapshot, &Catalogue::embedded().unwrap(), &Configuration::default(), &Evidence::None).unwrap();
    let kept = KeptAssessment::of(&judgement, ScoreSettings::default(), "");
    let at = idscore_history::instants::micros("2026-11-21T06:00:00Z").unwrap();
    KeptAssessment { tenant_id: "a".to_owned(), assessed_at: at, id: "later".to_owned(), ..kept }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn before(name: &str) -> KeptAssessment {
    KeptAssessment { id: "earlier".to_owned(), ..kept("a", name, "2026-11-20T06:00:00Z") }
}

/// As an earlier version kept it.
fn without_floors(kept: KeptAssessment) -> KeptAssessment {
    let none = |numbers: SetNumbers| SetNumbers { percent_at_least: None, percent_at_most: None, ..numbers };
    let mut kept = KeptAssessment { core: none(kept.core), extended: none(kept.extended), ..kept };
    for control in &mut kept.controls {
        (control.score_at_least, control.score_at_most) = (None, None);
    }
    kept.details.sight = None;
    kept
}

const REGISTRATIONS: &str = "userRegistrationDetails";

#[test]
fn a_data_set_out_of_sight_is_less_seen_and_no_regression() {
    let (was, is) =
        (before("risky"), changed("risky", |export| fs::remove_dir_all(export.join(REGISTRATIONS)).unwrap()));
    let registration = |kept: &KeptAssessment| kept.control("MFARegistrationV2").unwrap().clone();
    assert_eq!(of_control(&registration(&was), &registration(&is)), Verdict::LessSeen);
    for set in [Set::Core, Set::Extended] {
        assert_ne!(set_verdict(&was, &is, set), Verdict::Regression, "{set:?}");
    }
    assert_eq!(set_verdict(&was, &is, Set::Core), Verdict::LessSeen);
    assert_eq!(set_verdict(&is, &was, Set::Core), Verdict::MoreSeen, "and the other way round");
    assert!(
        of_assessment(&Watch::ControlRegressed, Some(&was), &is)
            .iter()
            .all(|event| event.kind == EventKind::SeenOtherwise)
    );
}

#[test]
fn whatever_data_set_is_taken_away_nothing_regresses() {
    for name in ["careful", "risky"] {
        let was = before(name);
        let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(name);
        let folders = fs::read_dir(export).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir());
        let names = folders.map(|entry| entry.file_name()).filter(|name| name != "organization");
        for data_set in names {
            let is = changed(name, |export| fs::remove_dir_all(export.join(&data_set)).unwrap());
            for set in [Set::Core, Set::Extended] {
                assert_ne!(set_verdict(&was, &is, set), Verdict::Regression, "{name} without {data_set:?}, {set:?}");
            }
            for control in &is.controls {
                let verdict = of_control(was.control(&control.id).unwrap(), control);
                assert_ne!(verdict, Verdict::Regression, "{name} without {data_set:?}, {}", control.id);
            }
        }
    }
}

#[test]
fn a_point_that_is_lost_in_full_sight_is_a_regression() {
    let (was, is) = (
        before("risky"),
        changed("risky", |export| {
            let page = export.join(REGISTRATIONS).join("1.json");
            // Nobody is registered any more.
            let text = fs::read_to_string(&page).unwrap();
            fs::write(&page, text.replace("true", "false")).unwrap();
        }),
    );
    assert_eq!(set_verdict(&was, &is, Set::Core), Verdict::Regression);
    let lost = losses(&was, &is);
    let registration = lost.iter().find(|loss| loss.control_id == "MFARegistrationV2").unwrap();
    assert_eq!(registration.reason, LossReason::Tenant);
    let drop = Watch::ScoreDrop { set: Set::Core, by: Drop::Points(0.1) };
    let [event] = of_assessment(&drop, Some(&was), &is).try_into().unwrap();
    assert_eq!(event.kind, EventKind::ScoreDrop);
    assert!(event.facts["before"]["percentAtLeast"].is_f64(), "{}", event.facts);
}

#[test]
fn an_event_about_a_lower_score_says_whether_less_was_seen() {
    let was = before("careful");
    // What earns most goes out of sight: the score of what is left is lower.
    let is = changed("careful", |export| fs::remove_dir_all(export.join(REGISTRATIONS)).unwrap());
    let lower = KeptAssessment { core: SetNumbers { percent: was.core.percent - 5.0, ..is.core }, ..is };
    let drop = Watch::ScoreDrop { set: Set::Core, by: Drop::Percent(1.0) };
    let [event] = of_assessment(&drop, Some(&was), &lower).try_into().unwrap();
    assert_eq!(event.kind, EventKind::SeenOtherwise);
    assert!(event.title.ends_with(": less was seen than before"), "{}", event.title);
}

#[test]
fn an_assessment_without_a_floor_is_compared_by_its_score_as_before() {
    let (was, is) =
        (before("risky"), changed("risky", |export| fs::remove_dir_all(export.join(REGISTRATIONS)).unwrap()));
    let lower = KeptAssessment { core: SetNumbers { percent: was.core.percent - 5.0, ..is.core }, ..is };
    assert_eq!(set_verdict(&without_floors(was), &lower, Set::Core), Verdict::Regression);
}

#[test]
fn a_difference_says_where_less_or_more_was_seen() {
    let (was, is) =
        (before("risky"), changed("risky", |export| fs::remove_dir_all(export.join(REGISTRATIONS)).unwrap()));
    let actions = std::collections::BTreeMap::new();
    let side = |assessment| idscore_history::difference::Side {
        assessment,
        evidence: None,
        documents: None,
        actions: &actions,
    };
    let found = idscore_history::difference::difference(side(&was), side(&is), &|_| false);
    assert_eq!(found.core.seen, Some(Seen::Less));
    let registration = found.controls.iter().find(|control| control.id == "MFARegistrationV2").unwrap();
    assert_eq!(registration.seen, Some(Seen::Less));
    let back = idscore_history::difference::difference(side(&is), side(&was), &|_| false);
    assert_eq!(back.core.seen, Some(Seen::More));
}
