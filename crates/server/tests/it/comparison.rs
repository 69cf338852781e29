//! The comparison shows every group that the API names, with its source and number, and ranks nobody among few.

use idscore_history::benchmark::BenchmarkFile;
use idscore_history::{KeptAssessment, Tenant};
use idscore_store::{Actor, Role, Roles};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::client::{Client, OTHER, TENANT};

fn address(query: &str) -> String {
    format!("/tenants/{TENANT}/comparison{query}")
}

fn within<'a>(page: &'a Page, from: &str, to: &str) -> &'a str {
    assert!(page.text.contains(from), "no {from} in {}", page.text);
    page.text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

/// The cells of the row of a group by its source.
fn cells(page: &Page, group: &str, source: &str) -> Vec<String> {
    let table = within(page, "<table class=\"beside\">", "</table>");
    let start = format!("<tr><th scope=\"row\"><bdi>{group}</bdi></th>\n      <td><bdi>{source}</bdi>");
    assert!(table.contains(&start), "no {group} of {source} in {table}");
    let row = table.split_once(&start).unwrap().1.split_once("</tr>").unwrap().0;
    row.split("<td").skip(1).map(|cell| cell.split_once('>').unwrap().1.split('<').next().unwrap().to_owned()).collect()
}

/// Four more tenants with their percentages.
async fn four_more(client: &Client) {
    let own = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    for (number, percent) in (2..).zip([90.0, 80.0, 5.0, 95.0]) {
        let id = OTHER.replace("f2", &format!("f{number}"));
        let other = Tenant { id: id.clone(), ..client.archive.history.tenant(OTHER).await.unwrap() };
        client.archive.history.register(&Actor::operator("ada"), &other).await.unwrap();
        let mut other = KeptAssessment { tenant_id: id, ..own.clone() };
        other.core.compat_percent = percent;
        client.archive.history.keep(&Actor::operator("ada"), &other).await.unwrap();
    }
}

async fn series(client: &Client) -> Vec<Value> {
    client.get(&format!("/api/v1/tenants/{TENANT}/compare")).await.body["series"].as_array().unwrap().clone()
}

fn percent(value: &Value) -> String {
    format!("{:.2} %", value.as_f64().unwrap())
}

#[tokio::test]
async fn every_group_of_the_api_is_a_row_with_the_same_numbers() {
    let client = Client::new().await;
    four_more(&client).await;
    let page = Browser::owner(&client).await.get(&address("?days=all")).await;
    let all = series(&client).await;
    let table = within(&page, "<table class=\"beside\">", "</table>");
    assert_eq!(table.matches("<th scope=\"row\">").count(), all.len() + 1, "and the tenant itself");
    for one in all {
        let point = one["points"].as_array().unwrap().last().unwrap();
        let group = one["group"].as_str().unwrap();
        let group = format!("{}{}", group[..1].to_uppercase(), &group[1..]);
        let source = match one["source"].as_str().unwrap() {
            "store" => "this store",
            "microsoft" => "Microsoft, served to this tenant",
            _ => "Microsoft, published",
        };
        let cells = cells(&page, &group, source);
        assert_eq!(cells[0], point["day"].as_str().unwrap());
        match point["tenants"].as_i64() {
            Some(tenants) => {
                let quartiles = &point["quartiles"];
                assert_eq!(quartiles.is_null(), tenants < 5, "{group}");
                let median = if tenants < 5 { String::new() } else { percent(&quartiles["median"]) };
                assert_eq!((cells[1].as_str(), &cells[2]), (tenants.to_string().as_str(), &median));
                assert_eq!(cells[3].is_empty(), tenants < 5, "{group}: {}", cells[3]);
                let rank = point["percentileRank"].as_f64();
                let said = rank.map(|rank| format!("higher than {rank:.0} % of {tenants} tenants"));
                assert!(said.map_or(cells[5].starts_with("no rank"), |said| cells[5] == said), "{group}: {}", cells[5]);
            }
            None => assert_eq!(
                (cells[1].as_str(), cells[2].clone()),
                ("not published", format!("{} (mean)", percent(&point["average"])))
            ),
        }
        assert_eq!(cells[4], point["own"].as_f64().map(|_| percent(&point["own"])).unwrap_or_default());
    }
    assert!(within(&page, "class=\"lead\"", "</p>").contains("higher than 30 % of 5 tenants"));
}

#[tokio::test]
async fn alone_or_among_few_there_is_no_rank_and_it_says_so() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let alone = browser.get(&address("")).await;
    assert_eq!(cells(&alone, "All tenants", "this store")[5], "no rank: nobody else is in it");
    assert!(!alone.text.contains("higher than"), "nobody is compared with themselves");
    let own = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let other = KeptAssessment { tenant_id: OTHER.to_owned(), ..own };
    client.archive.history.keep(&Actor::operator("ada"), &other).await.unwrap();
    let two = browser.get(&address("")).await;
    assert_eq!(cells(&two, "All tenants", "this store")[1], "2");
    assert_eq!(cells(&two, "All tenants", "this store")[5], "no rank among fewer than 5");
    let points = series(&client).await[0]["points"].clone();
    let last = points.as_array().unwrap().last().unwrap();
    assert_eq!((&last["percentileRank"], &last["quartiles"]), (&json!(null), &json!(null)));
    assert_eq!(cells(&two, "All tenants", "this store")[2..4], ["", ""], "neither median nor quartiles");
    let choices = within(&two, "<select name=\"beside\"", "</select>");
    assert!(!choices.contains("value=\"store"), "a chart of nothing isn't offered: {choices}");
}

#[tokio::test]
async fn the_chart_shows_the_group_that_is_chosen_and_its_table_the_same_numbers() {
    let client = Client::new().await;
    four_more(&client).await;
    let browser = Browser::owner(&client).await;
    let usual = browser.get(&address("")).await;
    assert!(
        within(&usual, "<select name=\"beside\"", "</select>").contains("value=\"store 1–100 seats\" selected")
            || usual.text.contains("value=\"store all tenants\" selected")
    );
    let page = browser.get(&address("?days=all&beside=microsoft%20all%20tenants")).await;
    assert!(within(&page, "<select name=\"beside\"", "</select>").contains("value=\"microsoft all tenants\" selected"));
    let table = within(&page, "<table id=\"comparison-chart-data\">", "</table>");
    assert!(table.contains("Mean, all tenants") && table.contains("Your tenant"));
    let all = series(&client).await;
    let served = all.iter().find(|one| one["source"] == "microsoft" && one["group"] == "all tenants").unwrap();
    for point in served["points"].as_array().unwrap() {
        let row = table.split("<tr ").find(|row| row.contains(point["day"].as_str().unwrap())).unwrap();
        assert!(row.contains(&percent(&point["average"])), "{row}");
    }
    let shorter = browser.get(&address("?days=30&beside=nonsense")).await;
    assert_eq!(shorter.status, 200);
    assert!(within(&shorter, "<nav class=\"range\"", "</nav>").contains("aria-current=\"true\">30 d<"));
}

#[tokio::test]
async fn a_files_name_is_shown_as_text_and_invented_groups_are_marked() {
    let client = Client::new().await;
    let mut bins = vec![0; 20];
    (bins[2], bins[8]) = (30, 10);
    let file = json!({
        "format": "idscore-benchmark", "version": 1, "measure": "compat percentage of the core controls",
        "source": "<script>x</script>", "writtenOn": "2026-12-01", "month": "2026-11", "invented": true,
        "groupedBy": "all", "epsilon": 1.0,
        "cells": [{"industry": "all", "seats": "all", "tenants": 40, "bins": bins}],
    });
    let file = BenchmarkFile::parse(file.to_string().as_bytes()).unwrap();
    client.archive.history.merge_benchmarks(&Actor::operator("ada"), &[("1".to_owned(), file)]).await.unwrap();
    let page = Browser::owner(&client).await.get(&address("")).await;
    assert!(!page.text.contains("<script>x"));
    let cells = cells(&page, "All tenants", "file of &#60;script&#62;x&#60;/script&#62; (invented)");
    assert_eq!((cells[0].as_str(), cells[1].as_str()), ("2026-11", "≈ 40"));
    assert!(cells[5].starts_with("higher than ≈ ") && page.text.contains("hold noise that protects each tenant"));
    assert!(page.text.contains("tenants of a demonstration"));
}

#[tokio::test]
async fn only_who_may_look_sees_it() {
    let client = Client::new().await;
    let reader = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Reader)).await;
    assert_eq!(reader.get(&address("")).await.status, 200);
    assert_eq!(reader.get(&format!("/tenants/{OTHER}/comparison")).await.status, 404);
}
