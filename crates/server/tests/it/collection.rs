//! Connecting a tenant and looking how it is collected, against a Microsoft Graph on this machine.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use idscore_catalogue::Catalogue;
use idscore_graph_server::{Options, Server, SignIn};
use idscore_schedule::{Collecting, Rules, Settings};
use idscore_store::{Actor, Role, Roles, RunOutcome, now};

use crate::browser::Browser;
use crate::client::{Client, OTHER, TENANT};

const SECRET: &str = "hush-hush";

/// A service whose collect.toml knows a Graph on this machine; the secret it has, and permissions that it lacks.
async fn collecting(secret: &str, without: &[&str]) -> (Client, Collecting, Server) {
    let sign_in = SignIn { client_secret: Some(SECRET.to_owned()), ..SignIn::default() };
    let without = without.iter().map(|permission| (*permission).to_owned()).collect();
    let options = Options { throttle: None, sign_in, without, ..Options::default() };
    let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/risky");
    let server = Server::start(&export, options).unwrap();
    let client = Client::new().await;
    let file = client.folder().join("secret");
    std::fs::write(&file, secret).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let url = server.url();
    let text = format!(
        "[[application]]\nname = \"ours\"\nclient_id = \"c0ffee00-0000-4000-8000-000000000001\"\n\
         client_secret_file = {file:?}\nlogin_url = \"{url}\"\ngraph_url = \"{url}\"\npace = \"unlimited\"\n"
    );
    let settings = Settings::parse(&text, Path::new("collect.toml")).unwrap();
    let catalogue = Arc::new(Catalogue::embedded().unwrap());
    let collecting = Collecting::new(client.archive.clone(), catalogue, settings, Rules::default());
    let known = collecting.clone();
    (client.again(|service| service.collecting(known)), collecting, server)
}

fn page() -> String {
    format!("/tenants/{TENANT}/collection")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_is_connected_collected_and_its_runs_are_listed() {
    let (client, collecting, _server) = collecting(SECRET, &[]).await;
    let browser = Browser::owner(&client).await;
    assert!(browser.get("/first-run").await.text.contains("href=\"/connect\""));
    let form = browser.get("/connect").await;
    assert!(
        form.text.contains("adminconsent?client_id&#61;c0ffee00")
            || form.text.contains("adminconsent?client_id=c0ffee00")
    );
    let fields =
        [("token", form.token()), ("domain", "contoso.onmicrosoft.com"), ("application", "ours"), ("do", "connect")];
    let connected = browser.post("/connect", &fields).await;
    assert_eq!(connected.leads_to(), format!("{}?live=1", page()));
    let waiting = browser.get(&page()).await;
    assert!(waiting.text.contains("as soon as there is a turn") && waiting.text.contains("There was none yet"));

    let going = tokio::spawn({
        let collecting = collecting.clone();
        async move { collecting.run().await }
    });
    for _ in 0..600 {
        let runs = client.archive.history.runs(TENANT, 1).await.unwrap();
        if runs.first().is_some_and(|run| run.outcome != RunOutcome::Running) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let run = client.archive.history.runs(TENANT, 1).await.unwrap().remove(0);
    assert_eq!((run.outcome, run.reason.as_str()), (RunOutcome::Kept, ""));
    let shown = browser.get(&page()).await;
    let complete = run.data_sets.iter().filter(|set| set.status == "complete").count();
    let rows: u64 = run.data_sets.iter().map(|set| set.rows).sum();
    let read = format!("{complete} of {} data sets, {rows} objects", run.data_sets.len());
    assert!(shown.text.contains(&read), "{read}: {}", shown.text);
    let kept = format!("/tenants/{TENANT}/upload?kept={}", run.assessment_id.unwrap());
    assert!(shown.text.contains(&kept) && browser.get(&kept).await.status == 200);
    collecting.stop();
    going.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_says_what_may_be_read_and_which_permission_is_missing_and_keeps_nothing() {
    let (client, _collecting, _server) = collecting(SECRET, &["AuditLog.Read.All"]).await;
    let browser = Browser::owner(&client).await;
    let form = browser.get("/connect").await;
    let fields = [("token", form.token()), ("domain", TENANT), ("application", "ours"), ("do", "try")];
    let tried = browser.post("/connect", &fields).await;
    assert_eq!(tried.status, 200);
    assert!(tried.text.contains(&format!("It signs in to tenant {TENANT}")), "{}", tried.text);
    let row = tried.text.split("<code>userRegistrationDetails</code></th>").nth(1).unwrap();
    let row = row.split("</tr>").next().unwrap();
    assert!(row.contains("Refused") && row.contains("<code>AuditLog.Read.All</code>"), "{row}");
    assert!(client.archive.history.connections().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_a_sentence_with_the_next_step_and_never_shown() {
    let (client, _collecting, _server) = collecting("not-the-secret", &[]).await;
    let browser = Browser::owner(&client).await;
    let form = browser.get("/connect").await;
    for (domain, application) in
        [("contoso.onmicrosoft.com", "ours"), ("../x", "ours"), ("contoso.onmicrosoft.com", "no")]
    {
        let fields = [("token", form.token()), ("domain", domain), ("application", application), ("do", "connect")];
        let refused = browser.post("/connect", &fields).await;
        assert_eq!(refused.status, 400);
        assert!(refused.text.contains("It was not connected.") && !refused.text.contains("not-the-secret"));
    }
    assert!(client.archive.history.connections().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_do_everything_connects_an_operator_asks_and_a_reader_looks() {
    let (client, _collecting, _server) = collecting(SECRET, &[]).await;
    client.archive.history.connect(&Actor::operator("ada"), TENANT, "contoso.test", "ours", 1, now()).await.unwrap();
    let at = |roles: Roles| Browser::signed_in(&client, roles);
    for role in [Role::Reader, Role::Operator, Role::Administrator] {
        let browser = at(Roles::default().and(TENANT, role)).await;
        assert_eq!(browser.get("/connect").await.status, 403, "{role:?}");
        let shown = browser.get(&page()).await;
        assert!(shown.status == 200 && shown.text.contains("contoso.test"));
        assert_eq!(shown.text.contains("value=\"now\""), role != Role::Reader);
        assert!(!shown.text.contains("value=\"disconnect\""));
        let token = browser.get("/first-run").await.token().to_owned();
        let asks = async |what| browser.post(&page(), &[("token", token.as_str()), ("do", what)]).await.status;
        let (pause, disconnect) = (asks("pause").await, asks("disconnect").await);
        let expected = if role == Role::Reader { (403, 403) } else { (303, 403) };
        assert_eq!((pause.as_u16(), disconnect.as_u16()), expected, "{role:?}");
        let paused = client.archive.history.connection(TENANT).await.unwrap().unwrap().paused;
        assert_eq!(paused, role != Role::Reader, "{role:?}");
        client.archive.history.pause_collection(&Actor::operator("ada"), TENANT, false).await.unwrap();
    }
    let stranger = at(Roles::default().and(OTHER, Role::Administrator)).await;
    assert_eq!(stranger.get(&page()).await.status, 404);
    let everywhere = at(Roles::everywhere(Role::Administrator)).await;
    let token = everywhere.get("/connect").await.token().to_owned();
    let done = everywhere.post(&page(), &[("token", token.as_str()), ("do", "disconnect")]).await;
    assert_eq!(done.leads_to(), page());
    assert!(client.archive.history.connection(TENANT).await.unwrap().is_none());
}

#[tokio::test]
async fn without_a_file_the_page_says_what_to_write() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get("/connect").await;
    assert!(page.text.contains("collect.toml") && page.text.contains("client_secret_env"));
    let fields = [("token", page.token()), ("domain", "a.test"), ("application", "ours"), ("do", "connect")];
    assert!(browser.post("/connect", &fields).await.text.contains("collect.toml"));
    assert!(client.archive.history.connections().await.unwrap().is_empty());
}
