//! Conditional Access, licences and hygiene: the pages say what the snapshot and the assessment say.

use std::path::Path;

use axum::http::StatusCode;
use idscore_assess::{Configuration, access_overview};
use idscore_catalogue::Catalogue;
use idscore_history::licence_use;
use idscore_score::{License, Set};
use idscore_snapshot::{ReadOptions, Snapshot, write_snapshot};
use idscore_store::{Actor, Role, Roles};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::client::{Client, OTHER, TENANT};
use crate::uploads::files;

fn address(page: &str) -> String {
    format!("/tenants/{TENANT}/{page}")
}

/// What stands between two texts.
fn within<'a>(page: &'a Page, from: &str, to: &str) -> &'a str {
    assert!(page.text.contains(from), "no {from} in {}", page.text);
    page.text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

/// Keeps the tenant `risky` again, one second later, with one file changed.
async fn keep_changed(client: &Client, file: &str, change: impl FnOnce(&mut Value)) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files("risky") {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    let path = folder.path().join(file);
    let mut document: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    change(&mut document);
    std::fs::write(&path, document.to_string()).unwrap();
    keep(client, folder.path()).await;
}

async fn keep(client: &Client, export: &Path) {
    let passing = tempfile::tempdir_in(client.archive.incoming().unwrap()).unwrap();
    let snapshot = passing.path().join("snapshot");
    let taken_at = Some("2026-11-20T06:00:01Z".parse().unwrap());
    write_snapshot(export, &snapshot, &ReadOptions { taken_at, ..ReadOptions::default() }).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let actor = Actor::operator("ada@example.org");
    client.archive.keep(&actor, &snapshot, &catalogue, &Configuration::default()).await.unwrap();
}

#[tokio::test]
async fn who_may_look_sees_the_pages_and_nobody_sees_those_of_others() {
    let client = Client::new().await;
    let reader = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Reader)).await;
    for page in ["access", "licences", "hygiene"] {
        assert_eq!(reader.get(&address(page)).await.status, StatusCode::OK, "{page}");
        assert_eq!(reader.get(&format!("/tenants/{OTHER}/{page}")).await.status, StatusCode::NOT_FOUND, "{page}");
        assert_eq!(Browser::new(&client).get(&address(page)).await.status, StatusCode::SEE_OTHER, "{page}");
    }
}

#[tokio::test]
async fn conditional_access_shows_the_numbers_of_the_overview() {
    let client = Client::new().await;
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let snapshot = Snapshot::open(&client.archive.snapshot(&newest).unwrap()).unwrap();
    let overview = access_overview(&snapshot, &Catalogue::embedded().unwrap(), &Configuration::default()).unwrap();
    let page = Browser::owner(&client).await.get(&address("access")).await;
    let table = within(&page, "id=\"protections-title\"", "</section>");
    for (protection, row) in overview.protections.iter().zip(table.split("<tr><th scope=\"row\">").skip(1)) {
        assert!(row.starts_with(&protection.says), "{row}");
        let mut shown = vec![];
        if !protection.of_administrators {
            shown.extend([protection.members, protection.guests]);
        }
        shown.extend(protection.administrators);
        for cover in shown.iter().filter(|cover| cover.total() > 0) {
            assert!(row.contains(&format!(">{} of {}<", cover.have, cover.total())), "{row}");
            assert!(cover.unknown == 0 || row.contains(&format!(">{} not known<", cover.unknown)), "{row}");
        }
    }
    assert!(overview.protections.len() > 10);
    let policies = within(&page, "id=\"policies-title\"", "</section>");
    for policy in &overview.policies {
        assert!(policies.contains(&policy.name.replace('"', "&#34;")), "{}", policy.name);
        for added in &policy.adds {
            let says = &overview.protections.iter().find(|one| one.column == added.column).unwrap().says;
            assert!(added.lost == 0 || policies.contains(&format!("would lose: {says}")), "{policy:?}");
        }
    }
    assert!(page.text.contains(&format!("{} enabled users<", overview.enabled)));
    let gaps = within(&page, "id=\"gaps-title\"", "id=\"excluded\"");
    let told = overview.protections.iter().map(|one| one.gaps.len() + one.unknown.len()).sum::<usize>();
    assert_eq!(gaps.matches("<li>").count(), told);
}

#[tokio::test]
async fn policies_are_searched_by_name_and_state_and_their_names_are_only_text() {
    let client = Client::new().await;
    keep_changed(&client, "policies/1.json", |page| {
        let policies = page["value"].as_array_mut().unwrap();
        policies[0]["displayName"] = json!("<img src=x onerror=alert(1)> one");
        let template = policies[0].clone();
        for number in 0..60 {
            let mut more = template.clone();
            more["id"] = json!(format!("0000000a-0000-4000-8000-0000000000{number:02}"));
            more["displayName"] = json!(format!("Another {number:02}"));
            more["state"] = json!("disabled");
            policies.push(more);
        }
    })
    .await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&format!("{}?search=IMG", address("access"))).await;
    let table = within(&page, "class=\"policies\"", "</table>");
    assert!(table.contains("&#60;img src=x") && !page.text.contains("<img"), "{table}");
    assert_eq!(table.matches("<tr><th scope=\"row\">").count(), 1);
    let first = browser.get(&format!("{}?search=another&state=off", address("access"))).await;
    assert_eq!(within(&first, "class=\"policies\"", "</table>").matches("<tr><th scope=\"row\">").count(), 50);
    assert!(first.text.contains("60 policies, page 1 of 2") && first.text.contains("page=2#policies"));
    let second = browser.get(&format!("{}?search=another&state=off&page=2", address("access"))).await;
    assert_eq!(within(&second, "class=\"policies\"", "</table>").matches("<tr><th scope=\"row\">").count(), 10);
    let none = browser.get(&format!("{}?search=another&state=on&page=99", address("access"))).await;
    assert!(none.text.contains("0 policies, page 1 of 1"), "{}", none.text);
}

#[tokio::test]
async fn without_its_snapshot_or_its_policies_a_page_says_what_would_bring_them() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files("risky").into_iter().filter(|(name, _)| {
        !["policies/", "recommendations/", "collection.json"].iter().any(|left_out| name.starts_with(left_out))
    }) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    keep(&client, folder.path()).await;
    let access = browser.get(&address("access")).await;
    assert!(within(&access, "id=\"empty-title\"", "</section>").contains("Collect policies"), "{}", access.text);
    let hygiene = browser.get(&address("hygiene")).await;
    let microsoft = within(&hygiene, "id=\"microsoft-title\"", "</section>");
    assert!(microsoft.contains("not in the export") && microsoft.contains("Grant DirectoryRecommendations.Read.All"));
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    std::fs::remove_dir_all(client.archive.snapshot(&newest).unwrap()).unwrap();
    for page in ["access", "licences", "hygiene"] {
        let page = browser.get(&address(page)).await;
        assert!(
            page.text.contains("The snapshot of this assessment is missing from the data folder."),
            "{}",
            page.text
        );
    }
}

#[tokio::test]
async fn licences_show_seats_and_the_points_that_are_paid_for_and_not_earned() {
    let client = Client::new().await;
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let decided = client.archive.history.actions(TENANT).await.unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let used = licence_use(&newest, &decided, &catalogue, newest.assessed_at);
    let page = Browser::owner(&client).await.get(&address("licences")).await;
    for one in &used {
        assert_eq!(one.owned, Some(true), "SPE_E5 brings both");
        assert!(one.locked.is_empty());
        // The same by hand: what open controls that ask for the edition do not earn.
        let by_hand: f64 = newest
            .of_set(Set::Core)
            .filter(|control| catalogue.control(&control.id).unwrap().license.iter().max() == Some(&one.license))
            .filter_map(|control| Some(control.max_score? - control.score?))
            .sum();
        assert!((one.unused_core - by_hand).abs() < 1e-6, "{:?}: {} {by_hand}", one.license, one.unused_core);
        let id = format!("id=\"edition-{}\"", if one.license == License::P1 { "p1" } else { "p2" });
        let section = within(&page, &id, "</section>");
        assert!(section.contains(">Owned<"));
        for action in &one.unused {
            assert!(section.contains(&format!("/actions/{}\">", action.control.id)), "{section}");
        }
        assert_eq!(section.matches("/actions/").count(), one.unused.len());
    }
    let skus = within(&page, "id=\"skus-title\"", "</section>");
    for cell in ["<bdi>SPE_E5</bdi>", ">Enabled<", ">25<", ">13<", ">12<", ">P1, P2<"] {
        assert!(skus.contains(cell), "{cell} in {skus}");
    }
}

#[tokio::test]
async fn a_licence_that_is_not_owned_shows_what_counts_only_with_it() {
    let client = Client::new().await;
    keep_changed(&client, "subscribedSkus/1.json", |page| {
        page["value"][0]["servicePlans"]
            .as_array_mut()
            .unwrap()
            .retain(|plan| plan["servicePlanName"] != "AAD_PREMIUM_P2");
    })
    .await;
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let locked: f64 = newest
        .of_set(Set::Core)
        .filter(|control| control.needs_license.as_deref() == Some("P2"))
        .map(|control| Catalogue::embedded().unwrap().control(&control.id).unwrap().points.to_f64())
        .sum();
    assert!(locked > 0.0);
    let page = Browser::owner(&client).await.get(&address("licences")).await;
    let section = within(&page, "id=\"edition-p2\"", "</section>");
    assert!(section.contains(">Not owned<"), "{section}");
    assert!(section.contains(&format!("Would make {locked} points of the core score")), "{section}");
}

#[tokio::test]
async fn hygiene_shows_what_has_no_points_with_steps_and_pages_of_objects() {
    let client = Client::new().await;
    keep_changed(&client, "recommendations/1.json", |page| {
        let resources: Vec<Value> = (1..=120)
            .map(|number| json!({"subjectId": format!("{number}"), "resourceType": "app", "status": "active",
                "displayName": format!("App <b>{number:03}</b>")}))
            .collect();
        page["value"].as_array_mut().unwrap().push(json!({
            "id": format!("{TENANT}_staleApps"), "recommendationType": "staleApps", "displayName": "Remove <i>unused</i> applications",
            "category": "identityBestPractice", "status": "active", "insights": "120 apps were not used.",
            "lastCheckedDateTime": "2026-11-19T04:12:09Z",
            "actionSteps": [{"stepNumber": 1, "text": "Open the <u>list</u>."}, {"stepNumber": 2, "text": "Remove what nobody misses."}],
            "impactedResources": resources,
        }));
    })
    .await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&address("hygiene")).await;
    let microsoft = within(&page, "id=\"microsoft-title\"", "</section>");
    assert_eq!(microsoft.matches("<article").count(), 1, "those with points are actions: {microsoft}");
    for said in [
        "Remove &#60;i&#62;unused&#60;/i&#62; applications",
        ">active<",
        "checked 2026-11-19",
        "120 apps were not used.",
        "<li>Open the &#60;u&#62;list&#60;/u&#62;.</li><li>Remove what nobody misses.</li>",
        "Objects 1 to 50 of 120",
        "App &#60;b&#62;001",
    ] {
        assert!(microsoft.contains(said), "{said} in {microsoft}");
    }
    assert_eq!(microsoft.matches("<tr><th scope=\"row\">").count(), 50);
    let last = browser.get(&format!("{}?of={TENANT}_staleApps&page=3", address("hygiene"))).await;
    let microsoft = within(&last, "id=\"microsoft-title\"", "</section>");
    assert!(microsoft.contains("Objects 101 to 120 of 120") && microsoft.contains("<details class=\"fold\" open>"));
    assert_eq!(microsoft.matches("<tr><th scope=\"row\">").count(), 20);
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let open = newest
        .of_set(Set::Extended)
        .filter(|control| control.max_score.zip(control.score).is_some_and(|(most, earned)| most - earned > 1e-9));
    let own = within(&page, "id=\"own-title\"", "</section>");
    assert_eq!(own.matches("/actions/").count(), open.count());
}
