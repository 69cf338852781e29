//! What moved between two kept assessments, from the files of both.

use idscore_assess::Configuration;
use idscore_catalogue::Catalogue;
use idscore_history::ActionChange;
use idscore_history::difference::{Difference, Reason};
use idscore_score::Status;
use idscore_snapshot::{ReadOptions, write_snapshot};
use idscore_store::Archive;

use crate::support::{actor, database};

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
