//! What holds for every page of the dashboard, and for the texts that they are made of.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use idscore_words::texts;

use crate::browser::{Browser, Page};
use crate::client::{Client, TENANT};

/// Pages that a new page is added to.
fn addresses() -> Vec<String> {
    let of_tenant = [
        "overview",
        "actions",
        "actions?group=framework&column=tags",
        "actions/AdminMFAV2",
        "actions/MFARegistrationV2?find=a",
        "access",
        "comparison",
        "comparison/microsoft",
        "reviews",
        "history",
        "history/difference?from=2026-11-19&to=2026-11-20",
        "hygiene",
        "licences",
        "upload",
    ]
    .map(|page| format!("/tenants/{TENANT}/{page}"));
    let of_service = ["/first-run", "/settings", "/settings/audit?verify=true", "/nowhere", "/tenants"];
    of_service.map(str::to_owned).into_iter().chain(of_tenant).collect()
}

#[tokio::test]
async fn a_page_has_the_strict_policy_and_keeps_to_it() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    for address in addresses() {
        let page = browser.get(&address).await;
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self'"), "{address}: {policy}");
        assert_eq!(page.headers["x-frame-options"], "DENY");
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        keeps_to_it(&address, &page);
    }
}

fn keeps_to_it(address: &str, page: &Page) {
    assert!(page.text.starts_with("<!DOCTYPE html>"), "{address}");
    for tag in page.text.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
        let handler =
            |name: &str| name.len() > 2 && name.starts_with("on") && name.bytes().all(|byte| byte.is_ascii_lowercase());
        let handled =
            tag.split('=').any(|before| before.rsplit(' ').next().is_some_and(handler) && !before.ends_with('"'));
        assert!(!tag.contains(" style=") && !handled, "{address}: <{tag}>");
        assert!(
            !tag.starts_with("style") && (!tag.starts_with("script") || tag.contains("src=")),
            "{address}: <{tag}>"
        );
    }
    assert!(!page.text.contains('⟦'), "{address} has a text that is not there");
    assert_eq!(page.text.matches("<h1").count(), 1, "{address}");
    assert_eq!(page.text.matches("<main").count(), 1, "{address}");
    let ids: Vec<&str> = page.text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{address}: an id stands for one thing: {ids:?}");
    for label in page.text.split("aria-labelledby=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(label.split(' ').all(|id| ids.contains(&id)), "{address}: {label}");
    }
    for form in page.text.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
        assert!(!form.contains("method=\"post\"") || form.contains("name=\"token\""), "{address}: {form}");
    }
}

#[tokio::test]
async fn files_of_pages_are_kept_for_ever_under_the_hash_of_their_content() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get("/first-run").await;
    let files: Vec<&str> = page.text.split("\"/assets/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(files.len(), 4);
    for file in files {
        let answer = browser.get(&format!("/assets/{file}")).await;
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable");
    }
    assert_eq!(browser.get("/assets/dashboard.css").await.status, 404);
}

#[tokio::test]
async fn a_path_that_is_not_there_is_a_page_for_a_browser_and_graphs_body_for_a_program() {
    let client = Client::new().await;
    let browser = Browser::new(&client);
    let page = browser.get("/nowhere").await;
    assert_eq!((page.status.as_u16(), page.text.contains("<h1")), (404, true));
    let program = browser.send("GET", "/nowhere", &[("accept", "*/*")], String::new()).await;
    assert_eq!((program.status.as_u16(), program.text.contains("\"BadRequest\"")), (400, true));
    assert_eq!(browser.get("/v1.0/nowhere").await.status, 400);
    assert_eq!(browser.get("/tenants/a%00b/overview").await.status, 303, "nobody is signed in");
    let owner = Browser::owner(&client).await;
    assert_eq!(owner.get("/tenants/a%00b/overview").await.status, 404);
    assert_eq!(owner.get("/tenants/%FF/overview").await.status, 404);
}

/// Handlers and templates.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![];
    let mut folders = vec![root.join("src/dashboard"), root.join("templates")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().and_then(|kind| kind.to_str()) {
                None => folders.push(path),
                Some("rs" | "html") => files.push((path.clone(), std::fs::read_to_string(&path).unwrap())),
                _ => {}
            }
        }
    }
    files
}

#[test]
fn every_text_that_is_said_is_there_and_none_is_there_for_nothing() {
    let known: BTreeSet<&str> = texts::keys().into_iter().collect();
    let sources = sources();
    for (path, source) in &sources {
        for call in ["t.say(\"", "t.with(\"", "t\n            .say(\"", "t\n            .with(\""] {
            for key in source.split(call).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(known.contains(key), "{} says {key}, which en.ftl does not have", path.display());
            }
        }
    }
    // A failure's key is put together from its name.
    let made = |key: &str| key.starts_with("failure-") && key != "failure-back";
    for key in known {
        let used = made(key) || sources.iter().any(|(_, source)| source.contains(&format!("\"{key}\"")));
        assert!(used, "en.ftl has {key}, which nothing says");
    }
}
