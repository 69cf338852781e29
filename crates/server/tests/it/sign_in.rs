//! Who gets into the dashboard, how they are kept apart, and what sends them out again.

use idscore_store::{Person, Role, Roles, SessionLimits, now};

use crate::browser::{Browser, HOST, link};
use crate::client::{Client, OTHER, TENANT};

const MINUTE: i64 = 60_000_000;

fn overview(tenant: &str) -> String {
    format!("/tenants/{tenant}/overview")
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_the_page_that_does_and_back() {
    let client = Client::new().await;
    let browser = Browser::new(&client);
    let page = browser.get(&format!("{}?days=7", overview(TENANT))).await;
    assert_eq!(page.leads_to(), format!("/sign-in?return=/tenants/{TENANT}/overview%3Fdays%3D7"));
    assert_eq!(browser.get("/").await.leads_to(), "/sign-in");
    assert_eq!(browser.get("/sign-in").await.status, 200);
    let secret = link(&client, Roles::everywhere(Role::Reader), now()).await;
    assert_eq!(browser.get(&format!("/sign-in/{secret}")).await.leads_to(), "/");
    assert_eq!(browser.get("/").await.leads_to(), overview(TENANT), "the tenant that was assessed last");
    assert_eq!(browser.get("/sign-in?return=/settings").await.leads_to(), "/settings");
    assert_eq!(browser.get("/sign-in?return=//evil.example").await.leads_to(), "/");
}

#[tokio::test]
async fn a_link_signs_in_once_and_only_in_its_ten_minutes() {
    let client = Client::new().await;
    let secret = link(&client, Roles::everywhere(Role::Reader), now()).await;
    let path = format!("/sign-in/{secret}");
    let looked = Browser::new(&client).send("HEAD", &path, &[], String::new()).await;
    assert_eq!(looked.status, 200, "only looking does not use it up");
    assert_eq!(Browser::new(&client).get(&path).await.leads_to(), "/");
    let again = Browser::new(&client);
    assert_eq!(again.get(&path).await.leads_to(), "/sign-in?used=true");
    assert_eq!(again.get("/").await.leads_to(), "/sign-in");
    let old = link(&client, Roles::everywhere(Role::Reader), now() - 10 * MINUTE).await;
    assert_eq!(again.get(&format!("/sign-in/{old}")).await.leads_to(), "/sign-in?used=true");
}

#[tokio::test]
async fn a_tenant_of_others_is_not_there_and_nothing_names_it() {
    let client = Client::new().await;
    let browser = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Operator)).await;
    let own = browser.get(&overview(TENANT)).await;
    assert_eq!(own.status, 200);
    assert!(!own.text.contains(OTHER), "the switcher");
    let (other, none) = (browser.get(&overview(OTHER)).await, browser.get(&overview("nobody")).await);
    assert_eq!((other.status.as_u16(), none.status.as_u16()), (404, 404));
    assert_eq!(other.text, none.text, "both look alike");
    assert_eq!(browser.get(&format!("/switch?tenant={OTHER}&page=overview")).await.status, 404);
    let nobody = Browser::signed_in(&client, Roles::default()).await;
    assert_eq!(nobody.get(&overview(TENANT)).await.status, 404);
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_by_signing_out() {
    let client = Client::new().await;
    let person = Person { subject: "link".into(), name: "Ada".into(), roles: Roles::everywhere(Role::Administrator) };
    // (began so many minutes ago, may be idle for, lasts at most) and whether it still holds.
    for (number, (ago, idle, absolute), holds) in
        [(1, (30, 60, 720), true), (2, (61, 60, 720), false), (3, (30, 60, 29), false)]
    {
        let limits = SessionLimits { idle: idle * MINUTE, absolute: absolute * MINUTE };
        let at = now() - ago * MINUTE;
        let begun = client.archive.history.begin_session(&person, "link", limits, at, &[number; 32]).await;
        let cookie = format!("idscore_session_8080={}", begun.unwrap().1);
        let page = Browser::new(&client).send("GET", &overview(TENANT), &[("cookie", &cookie)], String::new()).await;
        assert_eq!(page.status == 200, holds, "{ago} {idle} {absolute}");
    }
    let browser = Browser::owner(&client).await;
    let page = browser.get(&overview(TENANT)).await;
    let before = client.archive.history.sessions(now()).await.unwrap().len();
    assert_eq!(browser.post("/sign-out", &[("token", page.token())]).await.leads_to(), "/sign-in");
    assert_eq!(client.archive.history.sessions(now()).await.unwrap().len(), before - 1);
    assert_eq!(browser.get("/").await.leads_to(), "/sign-in");
}

#[tokio::test]
async fn a_form_needs_the_token_of_its_session_and_to_come_from_here() {
    let client = Client::new().await;
    let (browser, other) = (Browser::owner(&client).await, Browser::owner(&client).await);
    let (page, others) = (browser.get(&overview(TENANT)).await, other.get(&overview(TENANT)).await);
    let (own, foreign) = (page.token(), others.token());
    let themed = |token: &str| format!("theme=dark&return=%2F&token={token}");
    let here = [("sec-fetch-site", "same-origin")];
    let from_elsewhere: [&[(&str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "http://evil.example")],
        &[],
    ];
    for headers in from_elsewhere {
        assert_eq!(browser.send("POST", "/theme", headers, themed(own)).await.status, 403, "{headers:?}");
        assert_eq!(browser.send("POST", "/sign-out", headers, themed(own)).await.status, 403, "{headers:?}");
    }
    for body in [themed(foreign), themed(""), "theme=dark".to_owned(), String::new()] {
        assert_eq!(browser.send("POST", "/theme", &here, body).await.status, 403);
    }
    assert_eq!(browser.get(&overview(TENANT)).await.status, 200, "nobody was signed out");
    let origin = format!("http://{HOST}");
    assert_eq!(browser.send("POST", "/theme", &[("origin", &origin)], themed(own)).await.leads_to(), "/");
    let answer = browser.send("GET", "/theme", &here, String::new()).await;
    assert_eq!(answer.status, 405, "what changes something is never a GET");
}

#[tokio::test]
async fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() {
    let client = Client::new().await;
    let secret = link(&client, Roles::everywhere(Role::Reader), now()).await;
    let page = Browser::new(&client).get(&format!("/sign-in/{secret}")).await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("idscore_session_8080="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");

    let client = Client::behind_https().await;
    let secret = link(&client, Roles::everywhere(Role::Reader), now()).await;
    let browser = Browser::new(&client);
    let page = browser.get(&format!("/sign-in/{secret}")).await;
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-idscore_session=") && cookie.contains("; Secure"), "{cookie}");
    let page = browser.get(&overview(TENANT)).await;
    assert_eq!(
        (page.status.as_u16(), &page.headers["strict-transport-security"]),
        (200, &"max-age=31536000".parse().unwrap())
    );
}

#[tokio::test]
async fn a_theme_is_kept() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&overview(TENANT)).await;
    assert!(page.text.contains("data-theme=\"system\""));
    browser.post("/theme", &[("token", page.token()), ("theme", "dark"), ("return", "/")]).await;
    assert!(browser.get(&overview(TENANT)).await.text.contains("data-theme=\"dark\""));
    assert_eq!(browser.post("/theme", &[("token", page.token()), ("theme", "pink")]).await.status, 400);
}

#[tokio::test]
async fn somebody_who_reads_the_terminal_gets_another_link_there() {
    let (client, printed) = Client::announcing().await;
    let browser = Browser::new(&client);
    assert!(browser.get("/sign-in").await.text.contains("action=\"/sign-in/link\""));
    let forged = browser.send("POST", "/sign-in/link", &[("sec-fetch-site", "cross-site")], String::new()).await;
    assert_eq!((forged.status.as_u16(), printed.lock().unwrap().len()), (403, 0));
    let refused = loop {
        let page = browser.post("/sign-in/link", &[]).await;
        if page.status == 429 {
            break page;
        }
        assert_eq!(page.leads_to(), "/sign-in?sent=true");
    };
    assert!(refused.headers.contains_key("retry-after") && refused.text.contains("Too many attempts"));
    let links = printed.lock().unwrap().clone();
    assert!((1..=7).contains(&links.len()), "nobody fills the terminal: {}", links.len());
    assert_eq!(browser.get(&links[0]).await.leads_to(), "/");
    assert_eq!(browser.get("/").await.leads_to(), overview(TENANT));

    let served_to_many = Client::new().await;
    let browser = Browser::new(&served_to_many);
    assert_eq!(browser.post("/sign-in/link", &[]).await.status, 404);
}

#[tokio::test]
async fn nothing_assessed_leads_to_the_first_run() {
    let client = Client::new().await;
    let browser = Browser::signed_in(&client, Roles::default().and(OTHER, Role::Reader)).await;
    assert_eq!(browser.get("/").await.leads_to(), "/first-run");
    assert_eq!(browser.get("/first-run").await.status, 200);
}
