//! All tenants: only those that the visitor may see, with the numbers of each one's own page, searched, ordered and paged.

use axum::http::Request;
use idscore_history::{KeptAssessment, Tenant};
use idscore_store::{Actor, Role, Roles};
use serde_json::Value;

use crate::browser::{Browser, Page};
use crate::client::{Client, OTHER, TENANT, token};

fn within<'a>(page: &'a Page, from: &str, to: &str) -> &'a str {
    assert!(page.text.contains(from), "no {from} in {}", page.text);
    page.text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

/// Names of the list in their order.
fn listed(page: &Page) -> Vec<&str> {
    let list = within(page, "<table class=\"portfolio\">", "</table>");
    list.split("<th scope=\"row\">")
        .skip(1)
        .map(|row| row.split_once("<bdi>").unwrap().1.split('<').next().unwrap())
        .collect()
}

/// Tenants `t00`, `t01`, … with 10, 11, … percent.
async fn fleet(client: &Client, number: u8) {
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    for one in 0..number {
        let tenant = Tenant {
            id: format!("t{one:02}"),
            display_name: format!("Tenant {one:02}"),
            industry: if one % 2 == 0 { "Retail".to_owned() } else { "Energy".to_owned() },
            seats: Some(u64::from(one) + 1),
            ..client.archive.history.tenant(OTHER).await.unwrap()
        };
        client.archive.history.register(&Actor::operator("ada"), &tenant).await.unwrap();
        let mut kept = KeptAssessment { tenant_id: tenant.id, ..newest.clone() };
        kept.core.percent = 10.0 + f64::from(one);
        client.archive.history.keep(&Actor::operator("ada"), &kept).await.unwrap();
    }
}

async fn newest(client: &Client, tenant: &str, number: u8) -> Value {
    let secret = token(&client.archive, tenant, &["SecurityEvents.Read.All"], number).await;
    let request = Request::get(format!("/api/v1/tenants/{tenant}"))
        .header("host", "score.example.org")
        .header("authorization", format!("Bearer {secret}"))
        .body(axum::body::Body::empty())
        .unwrap();
    client.send(request).await.body["newest"].clone()
}

#[tokio::test]
async fn numbers_of_a_tenant_are_those_that_the_api_gives_of_it() {
    let client = Client::new().await;
    fleet(&client, 2).await;
    let page = Browser::owner(&client).await.get("/tenants").await;
    assert_eq!(page.status, 200);
    let list = within(&page, "<table class=\"portfolio\">", "</table>");
    for (tenant, number) in [(TENANT, 7), ("t01", 8)] {
        let said = newest(&client, tenant, number).await;
        let row = list.split("<tr>").find(|row| row.contains(&format!("/tenants/{tenant}/overview"))).unwrap();
        let core = &said["core"];
        assert!(row.contains(&format!("{:.2} %", core["percent"].as_f64().unwrap())), "{row}");
        let coverage = (core["coverage"].as_f64().unwrap() * 100.0 + 1e-9).floor();
        assert!(row.contains(&format!(">{coverage} %</td>")), "{row}");
        let controls = said["controls"].as_array().unwrap().iter().filter(|control| control["set"] == "core");
        let heat = within(&page, "<div class=\"scroll heat\"", "</table>");
        assert_eq!(heat.matches("<th scope=\"row\">").count(), controls.clone().count());
        for control in controls {
            assert!(
                heat.contains(&format!("<th scope=\"row\">{} <small>", control["title"].as_str().unwrap())),
                "{control}"
            );
        }
    }
    assert!(listed(&page).ends_with(&["Other"]) && list.contains("not assessed yet"), "without a number it comes last");
}

#[tokio::test]
async fn the_heat_map_says_every_outcome_in_words() {
    let client = Client::new().await;
    let page = Browser::owner(&client).await.get("/tenants?q=fabrikam").await;
    assert_eq!(listed(&page).len(), 1);
    let heat = within(&page, "<div class=\"scroll heat\"", "</table>");
    let said = newest(&client, TENANT, 9).await;
    for control in said["controls"].as_array().unwrap().iter().filter(|control| control["set"] == "core") {
        let start = format!("<th scope=\"row\">{} <small>", control["title"].as_str().unwrap());
        let cell = heat.split_once(&start).unwrap().1.split_once("<td class=\"").unwrap().1;
        let cell = cell.split_once('>').unwrap().1.split('<').next().unwrap();
        let word = match control["outcome"].as_str().unwrap() {
            "met" => "Met",
            "partial" => "Partly met",
            "notMet" => "Not met",
            "notApplicable" => "Not applicable",
            _ => "Not assessed",
        };
        assert_eq!(cell, word, "{control}");
    }
}

#[tokio::test]
async fn the_list_is_searched_ordered_and_paged_in_its_address() {
    let client = Client::new().await;
    fleet(&client, 30).await;
    let browser = Browser::owner(&client).await;
    let first = browser.get("/tenants?sort=name&q=tenant").await;
    let second = browser.get("/tenants?sort=name&q=tenant&page=2").await;
    assert_eq!(
        (listed(&first).len(), listed(&second)),
        (25, (25..30).map(|one| format!("Tenant {one}")).collect::<Vec<_>>().iter().map(String::as_str).collect())
    );
    assert!(
        first.text.contains("1 to 25 of 30")
            && first.text.contains("&#38;page=2\"")
            && second.text.contains("26 to 30 of 30")
    );
    let top = async |query: &str| listed(&browser.get(&format!("/tenants?{query}")).await)[0].to_owned();
    assert_eq!(top("sort=score&q=tenant").await, "Tenant 00");
    assert_eq!(top("sort=-score&q=tenant").await, "Tenant 29");
    assert_eq!(top("sort=size").await, "Tenant 29");
    assert_eq!(top("sort=-name&q=retail").await, "Tenant 28");
    let sorted = browser.get("/tenants?sort=-score").await;
    assert!(sorted.text.contains("aria-sort=\"descending\" class=\"right\"><a href=\"/tenants?sort=score\">Score</a>"));
    let bad = browser.get("/tenants?zone=bad&q=tenant").await;
    assert!(bad.text.contains("1 to 25 of 30"));
    let none = browser.get("/tenants?q=nobody").await;
    assert!(none.text.contains("no tenant like that"));
    for odd in ["/tenants?sort=x&zone=y&page=0", "/tenants?page=999999999"] {
        assert_eq!(browser.get(odd).await.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn a_visitor_sees_their_own_tenants_only_in_every_number() {
    let client = Client::new().await;
    fleet(&client, 3).await;
    let roles = Roles::default().and("t01", Role::Reader).and("t02", Role::Operator);
    let page = Browser::signed_in(&client, roles).await.get("/tenants").await;
    assert_eq!(listed(&page), ["Tenant 01", "Tenant 02"]);
    let numbers = within(&page, "<dl class=\"numbers\">", "</dl>");
    for number in ["11.50 %", "12.00 %", "11.00 %"] {
        assert!(numbers.contains(number), "{number}: {numbers}");
    }
    assert!(!page.text.contains("Tenant 00") && !page.text.contains("Fabrikam") && !page.text.contains(TENANT));
    assert!(page.text.contains("2 tenants"));
    let nobody = Browser::signed_in(&client, Roles::default()).await.get("/tenants").await;
    assert_eq!(nobody.status, 200);
    assert!(!nobody.text.contains("<table") && nobody.text.contains("no tenant like that"));
    assert_eq!(Browser::new(&client).get("/tenants").await.status, 303, "nobody is signed in");
}

#[tokio::test]
async fn names_and_searches_are_text() {
    let client = Client::new().await;
    let hostile = Tenant {
        id: "x\"><script>".to_owned(),
        display_name: "<script>alert(1)</script>".to_owned(),
        industry: "<img src=x>".to_owned(),
        ..client.archive.history.tenant(OTHER).await.unwrap()
    };
    client.archive.history.register(&Actor::operator("ada"), &hostile).await.unwrap();
    let page = Browser::owner(&client).await.get("/tenants?q=%22%3E%3Cscript%3E").await;
    assert!(!page.text.contains("<script>") && !page.text.contains("<img"), "{}", page.text);
    assert_eq!(listed(&page), ["&#60;script&#62;alert(1)&#60;/script&#62;"]);
}
