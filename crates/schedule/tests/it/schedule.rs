//! Whoever is connected is collected, judged and kept; what fails is tried again, and told once.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use idscore_assess::Configuration;
use idscore_catalogue::Catalogue;
use idscore_graph_server::{Options, Server, SignIn};
use idscore_schedule::{Collecting, ConnectError, Rules, Settings, Step};
use idscore_score::Profile;
use idscore_snapshot::ReadOptions;
use idscore_store::{Actor, Archive, CollectionRun, RunOutcome};
use tempfile::TempDir;

/// The tenant `risky` of the repository.
pub const RISKY: &str = "33333333-0000-4000-8000-0000000000f1";
pub const MINUTE: i64 = 60_000_000;

pub struct World {
    pub collecting: Collecting,
    pub archive: Archive,
    folder: TempDir,
}

fn tenant(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants").join(name)
}

pub fn server(options: Options) -> Server {
    let sign_in = SignIn { client_secret: Some("hush-hush".to_owned()), ..SignIn::default() };
    Server::start(&tenant("risky"), Options { sign_in, ..options }).unwrap()
}

pub fn unlimited() -> Options {
    Options { throttle: None, ..Options::default() }
}

fn settings(folder: &Path, url: &str, secret: &str, pace: &str) -> Settings {
    let file = folder.join("secret");
    std::fs::write(&file, secret).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let text = format!(
        "[[application]]\nname = \"ours\"\nclient_id = \"c0ffee00-0000-4000-8000-000000000001\"\n\
         client_secret_file = {file:?}\nlogin_url = \"{url}\"\ngraph_url = \"{url}\"\npace = \"{pace}\"\n"
    );
    Settings::parse(&text, Path::new("collect.toml")).unwrap()
}

impl World {
    async fn new(url: &str, secret: &str, pace: &str) -> Self {
        Self::with(url, secret, pace, Rules::default()).await
    }

    pub async fn with(url: &str, secret: &str, pace: &str, rules: Rules) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let archive = Archive::open(folder.path(), None).await.unwrap();
        let settings = settings(folder.path(), url, secret, pace);
        Self { collecting: collecting(&archive, settings, rules), archive, folder }
    }

    /// What a process does that starts anew over the same folder.
    fn again(&mut self, url: &str, pace: &str) {
        let settings = settings(self.folder.path(), url, "hush-hush", pace);
        self.collecting = collecting(&self.archive, settings, Rules::default());
    }

    pub fn go(&self) -> tokio::task::JoinHandle<()> {
        let collecting = self.collecting.clone();
        tokio::spawn(async move { collecting.run().await })
    }

    /// The newest run, once so many have ended.
    pub async fn ended(&self, runs: usize) -> CollectionRun {
        for _ in 0..1_200 {
            let mut found = self.archive.history.runs(RISKY, 99).await.unwrap();
            if found.len() >= runs && found[0].outcome != RunOutcome::Running {
                return found.remove(0);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no run has ended: {:?}", self.archive.history.runs(RISKY, 99).await.unwrap());
    }
}

impl World {
    /// Comes when a run has read something.
    async fn is_reading(&self) {
        for _ in 0..15_000 {
            let progress = self.collecting.progress(RISKY);
            let read =
                |progress: idscore_schedule::Progress| progress.data_sets.values().any(|set| set.status.is_some());
            if progress.is_some_and(|progress| progress.step == Step::Reading && read(progress)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("nothing was read");
    }
}

fn collecting(archive: &Archive, settings: Settings, rules: Rules) -> Collecting {
    let catalogue = Arc::new(Catalogue::embedded().unwrap());
    Collecting::new(archive.clone(), catalogue, settings, rules)
}

pub fn ada() -> Actor {
    Actor::operator("ada@example.org")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connected_tenant_is_collected_judged_and_kept_and_again_as_what_changed() {
    let server = server(unlimited());
    let world = World::new(server.url(), "hush-hush", "unlimited").await;
    let going = world.go();
    let connected = world.collecting.connect(&ada(), "contoso.onmicrosoft.com", "ours").await.unwrap();
    assert_eq!(connected, RISKY);
    let first = world.ended(1).await;
    assert_eq!((first.outcome, first.reason.as_str()), (RunOutcome::Kept, ""));
    let users = first.data_sets.iter().find(|set| set.name == "users").unwrap();
    assert!(users.status == "complete" && users.rows > 0, "{users:?}");
    let newest = world.archive.history.newest(RISKY).await.unwrap().unwrap();
    assert_eq!(first.assessment_id.as_deref(), Some(newest.id.as_str()));
    let connection = world.archive.history.connection(RISKY).await.unwrap().unwrap();
    let later = connection.next_at - first.finished_at.unwrap();
    assert!((24 * 60 * MINUTE..=24 * 60 * MINUTE + 73 * MINUTE).contains(&later), "{later}");

    let whole = server.statistics().rows;
    world.archive.history.collect_now(&ada(), RISKY, idscore_store::now()).await.unwrap();
    world.collecting.wake();
    let second = world.ended(2).await;
    let changed = server.statistics().rows - whole;
    assert!(changed + users.rows <= whole, "users are not read again: {changed} rows after {whole}");
    assert_eq!(second.outcome, RunOutcome::Kept, "{}", second.reason);
    assert_eq!(second.data_sets, first.data_sets);
    let again = world.archive.history.newest(RISKY).await.unwrap().unwrap();
    assert_eq!(again.core.percent, newest.core.percent);

    world.collecting.stop();
    going.await.unwrap();
    let exports: Vec<String> = std::fs::read_dir(world.archive.exports(RISKY))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(exports, ["newest"], "one export is kept, to go on from");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_judged_by_the_configuration_that_a_command_left() {
    let server = server(unlimited());
    let world = World::new(server.url(), "hush-hush", "unlimited").await;
    let strict = Configuration::default().with_profile(Profile::Strict);
    let received = world.archive.receive(&tenant("risky"), &ReadOptions::default()).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let told = world.archive.keep(&ada(), received.folder(), &catalogue, &strict).await.unwrap().assessment;
    let going = world.go();
    world.collecting.connect(&ada(), "contoso.onmicrosoft.com", "ours").await.unwrap();
    let run = world.ended(1).await;
    let collected = world.archive.history.assessment(RISKY, run.assessment_id.as_deref().unwrap()).await.unwrap();
    assert_ne!(collected.id, told.id);
    assert_eq!((collected.profile, &collected.config_hash), (Profile::Strict, &told.config_hash));
    assert!(!collected.details.warnings.iter().any(|warning| warning.contains("another configuration")));

    let file = world.folder.path().join(format!("configurations/{RISKY}.toml"));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "").unwrap();
    world.archive.history.collect_now(&ada(), RISKY, idscore_store::now()).await.unwrap();
    world.collecting.wake();
    let run = world.ended(2).await;
    let other = world.archive.history.assessment(RISKY, run.assessment_id.as_deref().unwrap()).await.unwrap();
    let said = other.details.warnings.iter().find(|warning| warning.contains("another configuration"));
    let both = [collected.core.percent, other.core.percent].map(|percent| format!("{percent:.2} %"));
    assert!(said.is_some_and(|said| both.iter().all(|number| said.contains(number))), "{said:?}");
    world.collecting.stop();
    going.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_sign_in_is_not_connected() {
    let server = server(unlimited());
    let world = World::new(server.url(), "wrong", "unlimited").await;
    let refused = world.collecting.connect(&ada(), "contoso.onmicrosoft.com", "ours").await.unwrap_err();
    assert!(matches!(refused, ConnectError::Collect(_)), "{refused}");
    assert!(!refused.to_string().contains("wrong-secret"));
    let unknown = world.collecting.connect(&ada(), "contoso.onmicrosoft.com", "theirs").await;
    assert!(matches!(unknown, Err(ConnectError::Application(_))));
    let odd = world.collecting.connect(&ada(), "../other", "ours").await;
    assert!(matches!(odd, Err(ConnectError::Domain(_))));
    assert!(world.archive.history.connections().await.unwrap().is_empty());
    assert!(world.archive.history.tenants().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_is_tried_again_soon_and_told_once() {
    let server = server(unlimited());
    let mut world = World::new(server.url(), "hush-hush", "unlimited").await;
    world.collecting.connect(&ada(), RISKY, "ours").await.unwrap();
    // The secret is changed at the other side.
    world.again(server.url(), "unlimited");
    std::fs::write(world.folder.path().join("secret"), "outdated").unwrap();
    let going = world.go();
    let first = world.ended(1).await;
    assert_eq!(first.outcome, RunOutcome::Failed);
    assert!(first.reason.contains("cannot sign in") && !first.reason.contains("outdated"), "{}", first.reason);
    let connection = world.archive.history.connection(RISKY).await.unwrap().unwrap();
    let soon = connection.next_at - first.finished_at.unwrap();
    assert!((7 * MINUTE..=15 * MINUTE).contains(&soon), "{soon}");

    world.archive.history.collect_now(&ada(), RISKY, idscore_store::now()).await.unwrap();
    world.collecting.wake();
    assert_eq!(world.ended(2).await.outcome, RunOutcome::Failed);
    assert_eq!(world.archive.history.connection(RISKY).await.unwrap().unwrap().failures, 2);
    let (told, _) = world.archive.history.import_failures().await.unwrap();
    assert_eq!(told.iter().filter(|failure| failure.tenant_id == RISKY).count(), 1, "{told:?}");

    std::fs::write(world.folder.path().join("secret"), "hush-hush").unwrap();
    world.archive.history.collect_now(&ada(), RISKY, idscore_store::now()).await.unwrap();
    world.collecting.wake();
    assert_eq!(world.ended(3).await.outcome, RunOutcome::Kept);
    assert_eq!(world.archive.history.connection(RISKY).await.unwrap().unwrap().failures, 0);
    world.collecting.stop();
    going.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_in_the_middle_goes_on_from_there() {
    // At the documented pace Conditional Access alone takes seconds.
    let server = server(Options::default());
    let mut world = World::new(server.url(), "hush-hush", "documented").await;
    let going = world.go();
    world.collecting.connect(&ada(), RISKY, "ours").await.unwrap();
    world.is_reading().await;
    world.collecting.stop();
    going.await.unwrap();
    assert_eq!(world.ended(1).await.outcome, RunOutcome::Interrupted);
    assert!(world.archive.history.newest(RISKY).await.unwrap().is_none());

    world.again(server.url(), "documented");
    let going = world.go();
    let second = world.ended(2).await;
    assert_eq!(second.outcome, RunOutcome::Kept, "{}", second.reason);
    world.collecting.stop();
    going.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_deleted_while_it_is_collected_does_not_come_back() {
    let server = server(Options::default());
    let world = World::new(server.url(), "hush-hush", "documented").await;
    let going = world.go();
    world.collecting.connect(&ada(), RISKY, "ours").await.unwrap();
    world.is_reading().await;
    world.archive.delete_tenant(&ada(), RISKY).await.unwrap();
    for _ in 0..1_200 {
        if world.collecting.progress(RISKY).is_none() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(world.collecting.progress(RISKY), None);
    world.collecting.stop();
    going.await.unwrap();
    assert!(world.archive.history.tenants().await.unwrap().is_empty());
    assert!(world.archive.history.import_failures().await.unwrap().0.is_empty());
    assert!(!world.archive.exports(RISKY).exists());
}
