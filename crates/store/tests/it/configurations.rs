//! One configuration travels: what a tenant was last judged by holds until another one is named.

use std::path::{Path, PathBuf};

use idscore_assess::Configuration;
use idscore_score::Profile;
use idscore_store::{Archive, ConfigurationSource};

use crate::archive::{keep, keep_by};
use crate::support::Store;

fn of_careful() -> Configuration {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/careful/idscore.toml");
    Configuration::read(&file).unwrap()
}

#[tokio::test]
async fn the_configuration_of_the_last_assessment_is_in_force_for_the_next() {
    let (folder, store) = (tempfile::tempdir().unwrap(), Store::empty().await);
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let kept = keep_by(&archive, "careful", &of_careful()).await;
    assert_eq!(kept.configuration_change, None, "there was none before");
    let tenant = kept.assessment.tenant_id;
    let (found, source) = archive.configuration_of(&tenant, None).await.unwrap();
    assert_eq!((&found, source), (&of_careful(), ConfigurationSource::Stored));
    assert_eq!(found.hash(), kept.assessment.config_hash);
    let (other, _) = archive.configuration_of("another", None).await.unwrap();
    assert_eq!(other, Configuration::default(), "nobody else's");

    let again = keep_by(&archive, "careful", &found).await;
    assert_eq!(again.configuration_change, None);
    assert_eq!(again.assessment.core, kept.assessment.core);
    let log = archive.history.audit(Some(&tenant), 0, 100).await.unwrap();
    let entries: Vec<_> = log.iter().filter(|entry| entry.action == "configuration.set").collect();
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((entry.actor.as_str(), &entry.subject), ("ada@example.org", &found.hash()));
    assert!(entry.at > 0 && entry.detail.contains(&found.hash()));
}

#[tokio::test]
async fn another_configuration_is_told_with_the_numbers_by_both_before_it_is_kept() {
    let (folder, store) = (tempfile::tempdir().unwrap(), Store::empty().await);
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let first = keep_by(&archive, "careful", &of_careful()).await.assessment;
    let second = keep(&archive, "careful").await;
    let change = second.configuration_change.clone().unwrap();
    assert_eq!((change.before, change.before_of), ([first.core, first.extended], None));
    assert_eq!(change.after, [second.assessment.core, second.assessment.extended]);
    assert_ne!(first.core.percent, second.assessment.core.percent);
    let said = change.to_string();
    for percent in [first.core.percent, second.assessment.core.percent] {
        assert!(said.contains(&format!("{percent:.2} %")), "{said}");
    }
    assert!(second.assessment.details.warnings.contains(&said));
    assert!(second.shown().warnings.contains(&said));
    let (found, _) = archive.configuration_of(&first.tenant_id, None).await.unwrap();
    assert_eq!(found, Configuration::default(), "the new one is in force");
    let third = keep(&archive, "careful").await;
    assert_eq!(third.configuration_change, None, "told once");
}

#[tokio::test]
async fn of_an_assessment_whose_configuration_was_not_stored_the_kept_number_is_told() {
    let (folder, store) = (tempfile::tempdir().unwrap(), Store::empty().await);
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let first = keep_by(&archive, "careful", &of_careful()).await.assessment;
    let pool = sqlx::AnyPool::connect(&store.url).await.unwrap();
    sqlx::query("DELETE FROM configuration").execute(&pool).await.unwrap();
    let change = keep(&archive, "careful").await.configuration_change.unwrap();
    assert_eq!(change.before, [first.core, first.extended]);
    assert!(change.before_of.is_some() && change.to_string().contains("was not stored"), "{change}");
}

#[tokio::test]
async fn a_named_file_goes_before_the_folders_and_the_folders_before_the_stored() {
    let (folder, store) = (tempfile::tempdir().unwrap(), Store::empty().await);
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let tenant = keep_by(&archive, "careful", &of_careful()).await.assessment.tenant_id;
    let write = |path: PathBuf, text: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    };
    let file = write(folder.path().join(format!("configurations/{tenant}.toml")), "profile = 'strict'");
    let (found, source) = archive.configuration_of(&tenant, None).await.unwrap();
    assert_eq!((found.profile, source), (Profile::Strict, ConfigurationSource::Folder(file)));
    let named = write(folder.path().join("named.toml"), "profile = 'compat'");
    let (found, _) = archive.configuration_of(&tenant, Some(&named)).await.unwrap();
    assert_eq!(found.profile, Profile::Compat);
}

#[tokio::test]
async fn everything_that_can_be_declared_comes_back_as_it_was() {
    let declared = |kind: &str| format!("[[{kind}]]\nid = 'a'\nowner = 'IT'\nreason = 'why'\nexpires = '2027-01-01'\n");
    let objects = ["break_glass", "service_account", "approved_app", "approved_group"].map(declared).concat();
    let text = format!(
        "profile = 'strict'\n[settings]\nexclude_unlicensed = true\n{objects}
         [[attestation]]\ncontrol = 'aad_linkedin_connection_disables'\nowner = 'IT'\nreason = 'seen'\nexpires = '2027-01-01'\n
         [[status]]\ncontrol = 'AdminMFAV2'\nstatus = 'planned'\nowner = 'IT'\nreason = 'soon'\n
         [[review]]\ncontrol = 'task_review_risky_users'\nowner = 'IT'\nat = '2026-11-20T06:00:00Z'\n"
    );
    let configuration = Configuration::parse(&text, Path::new("idscore.toml")).unwrap();
    let (folder, store) = (tempfile::tempdir().unwrap(), Store::empty().await);
    let archive = Archive::open(folder.path(), Some(&store.url)).await.unwrap();
    let tenant = keep_by(&archive, "careful", &configuration).await.assessment.tenant_id;
    let stored = archive.history.stored_configuration(&tenant).await.unwrap().unwrap();
    assert_eq!(stored, configuration);
    assert_eq!(stored.hash(), configuration.hash());
}
