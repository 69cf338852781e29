//! Every route × role × tenant: nobody sees a byte of a tenant that is not theirs, and a reader changes nothing.
//!
//! Routes come from the router itself. Whoever adds one with a new variable segment, or a form with new fields, is told here
//! to say what to put in.

use std::path::Path;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use idscore_assess::Configuration;
use idscore_catalogue::Catalogue;
use idscore_server::{page_paths, paths};
use idscore_snapshot::{ReadOptions, write_snapshot};
use idscore_store::{Actor, Role, Roles, now};

use crate::browser::{Browser, Page};
use crate::client::{Answer, Client, OTHER, TENANT, alerting, limits, token};

/// In every display name of the tenant whose data are looked for, and nowhere else.
const MARK: &str = "Zebrafish";
/// The same for the tenant that the visitors belong to.
const OWN_MARK: &str = "Quokka";
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Forms that change nothing of a tenant: anybody may send them.
const HARMLESS: [&str; 3] = ["/sign-in/link", "/sign-out", "/theme"];
/// Forms that bring a file: `upload.rs` sends them as everybody who may and may not.
const OF_FILES: [&str; 2] = ["/first-run", "/tenants/{tenant}/upload"];
/// Pages below a tenant that only an operator or an administrator may open.
const FOR_OPERATORS: [&str; 1] = ["/tenants/{tenant}/upload"];
/// Pages below a tenant whose answers hold no name of it.
const NAMELESS: [&str; 2] = ["/tenants/{tenant}/actions.csv", "/tenants/{tenant}/actions.json"];

/// The export of the tenant `risky` with a mark in every display name, as another tenant.
fn marked(folder: &Path, tenant: &str, mark: &str) -> std::path::PathBuf {
    let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tenants/risky");
    let target = folder.join(mark);
    let mut folders = vec![(export, target.clone())];
    while let Some((from, to)) = folders.pop() {
        std::fs::create_dir_all(&to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push((entry.path(), to));
            } else {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                let text = text.replace("\"displayName\": \"", &format!("\"displayName\": \"{mark} "));
                std::fs::write(to, text.replace(TENANT, tenant)).unwrap();
            }
        }
    }
    target
}

/// A service with two tenants that look alike but for their marks.
async fn two_tenants() -> Client {
    // So many requests that no limit hides an answer.
    let client = Client::with(&["SecurityEvents.Read.All"], limits(1_000, 100_000)).await;
    // Nobody answers at this port, and nobody has to.
    let client = client.again(|service| service.telling_by(alerting("http://127.0.0.1:9/hook")));
    for (tenant, mark) in [(OTHER, OWN_MARK), (TENANT, MARK)] {
        let folder = tempfile::tempdir_in(client.archive.incoming().unwrap()).unwrap();
        let snapshot = folder.path().join("snapshot");
        write_snapshot(&marked(folder.path(), tenant, mark), &snapshot, &ReadOptions::default()).unwrap();
        let (catalogue, configuration) = (Catalogue::embedded().unwrap(), Configuration::default());
        let actor = Actor::operator("ada@example.org");
        let kept = client.archive.keep(&actor, &snapshot, &catalogue, &configuration).await.unwrap();
        assert_eq!(kept.assessment.tenant_id, tenant);
    }
    // Somebody whose session can be ended.
    Browser::signed_in(&client, Roles::everywhere(Role::Reader)).await;
    client
}

/// An address of the marked tenant for a route; every kind of variable segment has something that is there.
#[expect(clippy::panic, reason = "a route that nobody covered fails the test")]
async fn filled(client: &Client, route: &str) -> String {
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let day = format!("{TENANT}_2026-11-20");
    let of_recommendation = format!("{TENANT}_AdminMFAV2");
    let session = client.archive.history.sessions(now()).await.unwrap().remove(0).id;
    let token = client.archive.history.tokens(TENANT).await.unwrap().remove(0).id;
    let mut address = route.to_owned();
    while let Some((before, rest)) = address.clone().split_once('{') {
        let (name, after) = rest.split_once('}').unwrap();
        let value = match (name, before) {
            ("tenant", _) => TENANT,
            ("assessment", _) => &newest.id,
            ("control" | "action", _) => "AdminMFAV2",
            ("id", before) if before.ends_with("/secureScores/") => &day,
            ("id", before) if before.ends_with("/secureScoreControlProfiles/") => "AdminMFAV2",
            ("id", before) if before.ends_with("/recommendations/") => &of_recommendation,
            ("resource", _) => "nobody",
            ("file", _) => "start.js",
            ("secret", _) => "guessed",
            ("session", _) => &session,
            ("token", _) => &token,
            _ => panic!("{route}: say in `filled` what stands for {{{name}}}"),
        };
        address = format!("{before}{value}{after}");
    }
    address
}

/// What an operator fills into a form, so that nothing but the role can be the reason to refuse it.
#[expect(clippy::panic, reason = "a form that nobody covered fails the test")]
fn fields(route: &str) -> Vec<(&'static str, &'static str)> {
    match route {
        "/tenants/{tenant}/actions/effect" | "/tenants/{tenant}/actions/save" => {
            vec![("control", "AdminMFAV2"), ("status", "planned")]
        }
        "/tenants/{tenant}/reviews" => {
            vec![("control", "task_review_risky_sign_ins"), ("day", "2026-11-20"), ("note", "nothing found")]
        }
        "/tenants/{tenant}/attestations" => vec![
            ("control", "aad_linkedin_connection_disables"),
            ("owner", "Ada"),
            ("reason", "seen in the admin center"),
            ("expires", "2999-01-01"),
        ],
        "/connect" => vec![("domain", "contoso.onmicrosoft.com"), ("application", "ours"), ("do", "connect")],
        "/tenants/{tenant}/collection" => vec![("do", "now")],
        "/settings/tenants/{tenant}" => vec![("industry", "Retail"), ("okay", "40"), ("good", "80")],
        "/settings/tenants/{tenant}/tokens" => {
            vec![("name", "portal"), ("scope", "SecurityEvents.Read.All"), ("days", "30")]
        }
        "/settings/alerts/test" => vec![("channel", "siem")],
        "/settings/tenants/{tenant}/tokens/{token}/revoke" | "/settings/sessions/{session}/end" => vec![],
        _ => panic!("{route}: say in `fields` what its form holds, as an operator would fill it in"),
    }
}

fn silent(what: &str, text: &str, headers: &HeaderMap) {
    assert!(!text.contains(MARK), "{what}: {text}");
    assert!(!format!("{headers:?}").contains(MARK), "{what}: {headers:?}");
}

/// Whoever has no business with the tenant: nobody, and every role in another tenant.
async fn strangers(client: &Client) -> Vec<(String, Browser<'_>)> {
    let mut strangers = vec![("nobody".to_owned(), Browser::new(client))];
    for role in [Role::Reader, Role::Operator, Role::Administrator] {
        let browser = Browser::signed_in(client, Roles::default().and(OTHER, role)).await;
        strangers.push((format!("{role:?} of another tenant"), browser));
    }
    strangers
}

/// The token of a session's forms.
async fn form_token(browser: &Browser<'_>) -> String {
    browser.get("/first-run").await.token().to_owned()
}

#[tokio::test]
async fn nobody_gets_a_byte_of_a_tenant_that_is_not_theirs_from_any_page() {
    let client = two_tenants().await;
    for (who, browser) in strangers(&client).await {
        let token = if who == "nobody" { "none".to_owned() } else { form_token(&browser).await };
        for route in page_paths() {
            if route == "/sign-out" {
                continue;
            }
            let address = filled(&client, route).await;
            for address in
                [address.clone(), format!("{address}?tenant={TENANT}&page=overview&return=/tenants/{TENANT}/overview")]
            {
                for method in METHODS {
                    let what = format!("{who}: {method} {address}");
                    let headers = [("sec-fetch-site", "same-origin"), ("accept", "text/html")];
                    let body = format!("token={token}&tenant={TENANT}&control=AdminMFAV2&status=planned");
                    let page = browser.send(method, &address, &headers, body).await;
                    silent(&what, &page.text, &page.headers);
                    if route.contains("{tenant}") {
                        // A form with other fields is refused before anybody looks for the tenant.
                        let expected: &[u16] = if who == "nobody" { &[303, 405] } else { &[400, 404, 405] };
                        assert!(expected.contains(&page.status.as_u16()), "{what}: {}", page.status);
                    }
                    assert!(!page.status.is_server_error(), "{what}: {}", page.status);
                }
            }
        }
    }
}

#[tokio::test]
async fn what_strangers_do_not_get_is_really_there_for_who_may_look() {
    let client = two_tenants().await;
    for role in [Role::Reader, Role::Operator, Role::Administrator] {
        let browser = Browser::signed_in(&client, Roles::default().and(TENANT, role)).await;
        for route in page_paths() {
            if !route.contains("{tenant}") || NAMELESS.contains(&route) {
                continue;
            }
            let address = filled(&client, route).await;
            let page = browser.get(&address).await;
            if page.status == 405 {
                continue;
            }
            if role == Role::Reader && FOR_OPERATORS.contains(&route) {
                assert_eq!(page.status, 403, "{address}");
                continue;
            }
            assert_eq!(page.status, 200, "{role:?}: {address}");
            assert!(
                page.text.contains(MARK),
                "{address} has no name of its tenant, so that it proves nothing: if it never has, put it into `NAMELESS`"
            );
            assert!(!page.text.contains(OWN_MARK), "{address} names another tenant");
        }
    }
}

#[tokio::test]
async fn a_reader_changes_nothing_that_an_operator_or_administrator_may() {
    let client = two_tenants().await;
    for route in page_paths() {
        let address = filled(&client, route).await;
        let unsigned = Browser::new(&client).post(&address, &[]).await;
        if unsigned.status == 405 || HARMLESS.contains(&route) || OF_FILES.contains(&route) {
            continue;
        }
        let mut fields = fields(route);
        let reader = Browser::signed_in(&client, Roles::everywhere(Role::Reader)).await;
        let token = form_token(&reader).await;
        fields.push(("token", &token));
        let before = client.archive.history.verify_audit().await.unwrap();
        let page: Page = reader.post(&address, &fields).await;
        assert_eq!(page.status, 403, "a reader sends {address}: {}", page.text);
        assert_eq!(client.archive.history.verify_audit().await.unwrap(), before, "{address}");
        fields.pop();
        let administrator = Browser::owner(&client).await;
        let token = form_token(&administrator).await;
        fields.push(("token", &token));
        let page = administrator.post(&address, &fields).await;
        assert!(
            [200, 303].contains(&page.status.as_u16()),
            "an administrator sends {address}: {} {}",
            page.status,
            page.text
        );
    }
}

async fn asked(client: &Client, method: &str, address: &str, token: Option<&str>) -> Answer {
    let mut request = Request::builder().method(method).uri(address).header("host", "score.example.org");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    client.send(request.header("content-type", "application/json").body(Body::from("{}")).unwrap()).await
}

#[tokio::test]
async fn a_token_opens_its_own_tenant_and_nothing_of_another_on_any_path_of_the_api() {
    let client = two_tenants().await;
    let scopes = ["SecurityEvents.ReadWrite.All", "DirectoryRecommendations.ReadWrite.All"];
    let (foreign, own) =
        (token(&client.archive, OTHER, &scopes, 2).await, token(&client.archive, TENANT, &scopes, 3).await);
    let signed_in = Browser::owner(&client).await;
    let mut named = 0;
    for route in paths() {
        let address = filled(&client, &route).await;
        for method in METHODS {
            for (who, secret) in [("nobody", None), ("another tenant's token", Some(foreign.as_str()))] {
                let answer = asked(&client, method, &address, secret).await;
                let what = format!("{who}: {method} {address}");
                silent(&what, &answer.body.to_string(), &answer.headers);
                if route.contains("{tenant}") {
                    let status = answer.status.as_u16();
                    let expected: &[u16] = if secret.is_none() { &[401, 405] } else { &[404, 405] };
                    assert!(expected.contains(&status), "{what}: {status} {}", answer.body);
                }
            }
            if route.contains("{tenant}") {
                let page =
                    signed_in.send(method, &address, &[("sec-fetch-site", "same-origin")], "{}".to_owned()).await;
                assert!([401, 405].contains(&page.status.as_u16()), "a session is no token: {method} {address}");
            }
        }
        named += usize::from(asked(&client, "GET", &address, Some(&own)).await.body.to_string().contains(MARK));
    }
    assert!(named >= 5, "the mark is there for who may see it: {named}");
}
