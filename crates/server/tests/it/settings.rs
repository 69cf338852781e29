//! Settings: who may change what, that a change is kept and audited, and that a secret is shown once.

use idscore_score::Zones;
use idscore_store::{Role, Roles};

use crate::browser::{Browser, Page};
use crate::client::{Client, OTHER, TENANT};

fn of_tenant(rest: &str) -> String {
    format!("/settings/tenants/{TENANT}{rest}")
}

async fn actions(client: &Client) -> Vec<String> {
    let log = client.archive.history.audit(None, 0, 1_000).await.unwrap();
    log.into_iter().map(|entry| format!("{} {}", entry.actor, entry.action)).collect()
}

fn form_to<'a>(page: &'a Page, action: &str) -> &'a str {
    let from = format!("action=\"{action}\"");
    assert!(page.text.contains(&from), "no form to {action} in {}", page.text);
    page.text.split_once(&from).unwrap().1.split_once("</form>").unwrap().0
}

#[tokio::test]
async fn industry_and_zones_are_changed_by_an_administrator_and_audited() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get("/settings").await;
    let form = form_to(&page, &of_tenant(""));
    assert!(form.contains("name=\"okay\" value=\"50\"") && form.contains("name=\"good\" value=\"75\""), "{form}");
    let token = page.token();
    let fields = [("token", token), ("industry", " <b>Ships</b> "), ("okay", "40"), ("good", "80")];
    assert_eq!(browser.post(&of_tenant(""), &fields).await.leads_to(), "/settings");
    let tenant = client.archive.history.tenant(TENANT).await.unwrap();
    assert_eq!((tenant.industry.as_str(), tenant.zones), ("<b>Ships</b>", Zones::new(40, 80).unwrap()));
    let log = actions(&client).await;
    assert!(log.contains(&"Ada tenant.industry".to_owned()) && log.contains(&"Ada tenant.zones".to_owned()), "{log:?}");
    let page = browser.get("/settings").await;
    assert!(form_to(&page, &of_tenant("")).contains("value=\"&#60;b&#62;Ships&#60;/b&#62;\""));
    let wrong = [("token", token), ("industry", "x"), ("okay", "80"), ("good", "40")];
    assert_eq!(browser.post(&of_tenant(""), &wrong).await.status, 400);
    assert_eq!(client.archive.history.tenant(TENANT).await.unwrap().zones, Zones::new(40, 80).unwrap());
}

#[tokio::test]
async fn a_token_is_shown_once_opens_the_api_and_is_revoked() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let token = browser.get("/settings").await.token().to_owned();
    let fields = [
        ("token", token.as_str()),
        ("name", "por<i>tal"),
        ("days", "30"),
        ("scope", "SecurityEvents.Read.All"),
        ("scope", "DirectoryRecommendations.Read.All"),
    ];
    let made = browser.post(&of_tenant("/tokens"), &fields).await;
    assert_eq!(made.status, 200);
    let secret = made.text.split_once("<pre><code>").unwrap().1.split_once('<').unwrap().0.to_owned();
    assert!(secret.starts_with("ids_") && secret.len() == 68, "{secret}");
    assert_eq!(made.headers["cache-control"], "no-store");
    let page = browser.get("/settings").await;
    assert!(!page.text.contains(&secret) && page.text.contains("por&#60;i&#62;tal"));
    let mut other = client.get(&format!("/api/v1/tenants/{TENANT}")).await;
    assert_eq!(other.status, 200);
    let kept = client.archive.history.tokens(TENANT).await.unwrap();
    let new = kept.iter().find(|one| one.name == "por<i>tal").unwrap();
    assert_eq!(new.scopes, ["SecurityEvents.Read.All", "DirectoryRecommendations.Read.All"]);
    assert_eq!(new.expires_at - new.created_at, 30 * 86_400_000_000);
    let ask = || {
        let request = http::Request::builder().uri(format!("/api/v1/tenants/{TENANT}"));
        let request = request.header("host", "x").header("authorization", format!("Bearer {secret}"));
        request.body(axum::body::Body::empty()).unwrap()
    };
    other = client.send(ask()).await;
    assert_eq!(other.status, 200);
    let revoke = of_tenant(&format!("/tokens/{}/revoke", new.id));
    form_to(&page, &revoke);
    assert_eq!(browser.post(&revoke, &[("token", token.as_str())]).await.leads_to(), "/settings");
    assert_eq!(client.send(ask()).await.status, 401);
    assert_eq!(browser.post(&revoke, &[("token", token.as_str())]).await.status, 404, "once");
    for wrong in [
        vec![("name", ""), ("days", "30"), ("scope", "SecurityEvents.Read.All")],
        vec![("name", "x"), ("days", "0"), ("scope", "SecurityEvents.Read.All")],
        vec![("name", "x"), ("days", "366"), ("scope", "SecurityEvents.Read.All")],
        vec![("name", "x"), ("days", "30")],
        vec![("name", "x"), ("days", "30"), ("scope", "Everything")],
    ] {
        let mut fields = vec![("token", token.as_str())];
        fields.extend(wrong.clone());
        assert_eq!(browser.post(&of_tenant("/tokens"), &fields).await.status, 400, "{wrong:?}");
    }
    let log = actions(&client).await;
    assert!(log.contains(&"Ada token.create".to_owned()) && log.contains(&"Ada token.revoke".to_owned()));
}

#[tokio::test]
async fn a_session_is_ended_by_who_is_administrator_of_everything() {
    let client = Client::new().await;
    let owner = Browser::owner(&client).await;
    let reader = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Reader)).await;
    assert_eq!(reader.get(&format!("/tenants/{TENANT}/overview")).await.status, 200);
    let page = owner.get("/settings").await;
    assert_eq!(page.text.matches("/end\" method=\"post\"").count(), 2);
    assert_eq!(page.text.matches(">this one<").count(), 1);
    let sessions = client.archive.history.sessions(idscore_store::now()).await.unwrap();
    let other = sessions.iter().find(|one| one.person.roles.everywhere_role().is_none()).unwrap();
    let end = format!("/settings/sessions/{}/end", other.id);
    assert_eq!(owner.post(&end, &[("token", page.token())]).await.leads_to(), "/settings#sessions");
    assert_eq!(reader.get(&format!("/tenants/{TENANT}/overview")).await.status, 303, "signed out");
    assert!(actions(&client).await.contains(&"Ada session.end".to_owned()));
}

#[tokio::test]
async fn nobody_else_sees_or_changes_settings() {
    let client = Client::new().await;
    for roles in [Roles::everywhere(Role::Reader), Roles::everywhere(Role::Operator)] {
        let browser = Browser::signed_in(&client, roles).await;
        assert_eq!(browser.get("/settings").await.status, 403);
        assert_eq!(browser.get("/settings/audit").await.status, 403);
        let overview = browser.get(&format!("/tenants/{TENANT}/upload")).await;
        assert!(!overview.text.contains("href=\"/settings\""), "no link to what is refused");
    }
    // Administrator of one tenant: that tenant, and nothing of the service.
    let one = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Administrator)).await;
    let page = one.get("/settings").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(&of_tenant("/tokens")) && !page.text.contains(OTHER));
    assert!(!page.text.contains("id=\"sessions\"") && !page.text.contains("/settings/audit"));
    assert_eq!(one.get("/settings/audit").await.status, 403);
    let token = page.token();
    let zones = [("token", token), ("industry", ""), ("okay", "1"), ("good", "2")];
    assert_eq!(one.post(&format!("/settings/tenants/{OTHER}"), &zones).await.status, 404);
    let make = [("token", token), ("name", "x"), ("days", "1"), ("scope", "SecurityEvents.Read.All")];
    assert_eq!(one.post(&format!("/settings/tenants/{OTHER}/tokens"), &make).await.status, 404);
    assert_eq!(one.post("/settings/sessions/x/end", &[("token", token)]).await.status, 403);
    // A form without the token of the session changes nothing.
    for path in [of_tenant(""), of_tenant("/tokens"), "/settings/sessions/x/end".to_owned()] {
        assert_eq!(one.post(&path, &zones[1..]).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn the_log_is_shown_newest_first_and_its_chain_is_verified_on_demand() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    for number in 0..60_u8 {
        let zones = Zones::new(number + 1, 100).unwrap();
        client.archive.history.set_zones(&idscore_store::Actor::operator("<i>Bo"), TENANT, zones).await.unwrap();
    }
    let page = browser.get("/settings/audit").await;
    let numbers = |page: &Page| -> Vec<i64> {
        let rows = page.text.split("<th scope=\"row\" class=\"right num\">").skip(1);
        rows.map(|row| row.split('<').next().unwrap().parse().unwrap()).collect()
    };
    let first = numbers(&page);
    let all = client.archive.history.audit(None, 0, 1_000).await.unwrap().len() as i64;
    assert_eq!((first.len(), first[0], first[49]), (50, all, all - 49));
    assert!(page.text.contains("&#60;i&#62;Bo") && !page.text.contains("<i>Bo"));
    let older = browser.get(&format!("/settings/audit?before={}", first[49])).await;
    assert_eq!(numbers(&older)[0], all - 50);
    assert!(!page.text.contains("The chain"));
    let whole = browser.get("/settings/audit?verify=true").await;
    assert!(whole.text.contains(&format!("The chain is whole: {all} entries")), "{}", whole.text);
}
