//! The overview shows what the API answers, and what a morning needs.

use std::io::Read;

use axum::http::Request;
use idscore_history::{KeptAssessment, Tenant};
use idscore_store::{Actor, now};
use serde_json::{Value, json};

use crate::browser::{Browser, HOST, Page};
use crate::client::{Client, OTHER, TENANT};

fn address() -> String {
    format!("/tenants/{TENANT}/overview")
}

async fn newest(client: &Client) -> Value {
    client.get(&format!("/api/v1/tenants/{TENANT}")).await.body["newest"].clone()
}

/// What stands in an element between two texts, as a reader sees it.
fn within<'a>(page: &'a Page, from: &str, to: &str) -> &'a str {
    assert!(page.text.contains(from), "no {from} in {}", page.text);
    let after = page.text.split_once(from).unwrap().1;
    after.split_once(to).unwrap().0
}

fn texts<'a>(part: &'a str, before: &str) -> Vec<&'a str> {
    part.split(before).skip(1).map(|rest| rest.split('<').next().unwrap().trim()).collect()
}

fn percent(value: &Value) -> String {
    format!("{:.2} %", value.as_f64().unwrap())
}

#[tokio::test]
async fn score_and_lines_are_those_of_the_api() {
    let client = Client::new().await;
    let page = Browser::owner(&client).await.get(&address()).await;
    let core = &newest(&client).await["core"];
    assert!(page.text.contains(&format!("The score is {}:", percent(&core["percent"]))));
    let lines = within(&page, "id=\"lines-title\"", "</section>");
    let members = ["percent", "plannedPercent", "currentLicensePercent", "achievablePercent", "compatPercent"];
    assert_eq!(texts(lines, "<dd class=\"num\">"), members.map(|member| percent(&core[member])));
    let covered = (core["coverage"].as_f64().unwrap() * 100.0 + 1e-9).floor();
    assert!(within(&page, "Seen of what counts</dt>", "</dd>").ends_with(&format!(">{covered} %")));
}

#[tokio::test]
async fn what_to_do_next_is_what_wins_most_and_is_not_decided_otherwise() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let titles = |page: &Page| {
        let next = within(page, "<ol class=\"next\">", "</ol>");
        texts(next, "\">").into_iter().filter(|text| text.len() > 12).map(str::to_owned).collect::<Vec<_>>()
    };
    let newest = newest(&client).await;
    let mut open: Vec<(&Value, f64)> = newest["controls"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|control| control["set"] == "core" && control["maxScore"].is_number())
        .map(|control| (control, control["maxScore"].as_f64().unwrap() - control["score"].as_f64().unwrap()))
        .filter(|(_, to_win)| *to_win > 1e-9)
        .collect();
    open.sort_by(|one, other| other.1.total_cmp(&one.1));
    let page = browser.get(&address()).await;
    let (first, most) = open[0];
    let gains = texts(within(&page, "<ol class=\"next\">", "</ol>"), "<b class=\"gain num\">");
    assert_eq!(gains.len(), open.len().min(5));
    let shown: Vec<f64> = gains.iter().map(|gain| gain[1..].split(' ').next().unwrap().parse().unwrap()).collect();
    let expected: Vec<f64> = open.iter().take(5).map(|(_, to_win)| (to_win * 100.0).round() / 100.0).collect();
    assert_eq!(shown, expected);
    assert!(most > 0.0 && page.text.contains("Most to win now: “"));

    let top = titles(&page)[0].clone();
    let control = newest["controls"].as_array().unwrap().iter().find(|control| control["title"] == json!(top)).unwrap();
    assert_eq!(control["maxScore"].as_f64().unwrap() - control["score"].as_f64().unwrap(), most, "{first}");
    let expires = idscore_history::instants::date_of(now() / 86_400_000_000 + 30).unwrap().to_string();
    let change = json!({"actions": [{
        "controlId": control["id"], "status": "riskAccepted", "approver": "Grace", "reason": "until the move", "expires": expires,
    }]});
    let changed = client.json("PATCH", &format!("/api/v1/tenants/{TENANT}/actions"), &change).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let after = browser.get(&address()).await;
    assert!(!titles(&after).contains(&top), "what was accepted is nobody's next action");
}

#[tokio::test]
async fn the_table_of_the_trend_has_the_days_and_numbers_of_the_api() {
    let client = Client::new().await;
    let page = Browser::owner(&client).await.get(&format!("{}?days=7", address())).await;
    let trend = client.get(&format!("/api/v1/tenants/{TENANT}/trend")).await.body;
    let ours: Vec<&Value> =
        trend["value"].as_array().unwrap().iter().filter(|day| day["cause"] != "microsoft").collect();
    assert_eq!(ours.len(), 3);
    let table = within(&page, "<table id=\"trend-chart-data\">", "</table>");
    let days = texts(table, "<th scope=\"row\" class=\"num\">");
    assert_eq!(days, ours.iter().map(|day| day["day"].as_str().unwrap()).collect::<Vec<_>>());
    for (row, day) in table.split("<tr data-x=").skip(1).zip(ours) {
        assert!(row.contains(&percent(&day["core"]["percent"])), "{row}");
    }
    assert!(page.text.contains("role=\"img\" aria-labelledby=\"trend-chart-title trend-chart-desc\""));
}

#[tokio::test]
async fn others_are_those_of_the_api_with_source_and_number() {
    let client = Client::new().await;
    let alone = Browser::owner(&client).await.get(&address()).await;
    assert!(!within(&alone, "id=\"others-title\"", "</section>").contains("this store"), "nobody else is in it");
    let own = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    for (number, percent) in (2..).zip([90.0, 80.0, 5.0, 95.0]) {
        let id = OTHER.replace("f2", &format!("f{number}"));
        let other = Tenant { id: id.clone(), ..client.archive.history.tenant(OTHER).await.unwrap() };
        client.archive.history.register(&Actor::operator("ada"), &other).await.unwrap();
        let mut other = KeptAssessment { tenant_id: id, ..own.clone() };
        other.core.compat_percent = percent;
        client.archive.history.keep(&Actor::operator("ada"), &other).await.unwrap();
    }
    let page = Browser::owner(&client).await.get(&address()).await;
    let others = within(&page, "id=\"others-title\"", "</section>");
    let compared = client.get(&format!("/api/v1/tenants/{TENANT}/compare")).await.body;
    let of_store: Vec<_> =
        compared["series"].as_array().unwrap().iter().filter(|series| series["source"] == "store").collect();
    assert!(!of_store.is_empty());
    for series in of_store {
        let newest = series["points"].as_array().unwrap().last().unwrap();
        // Nobody is compared with themselves.
        if newest["tenants"] == 1 {
            continue;
        }
        assert!(others.contains(&percent(&newest["quartiles"]["median"])), "{series}");
        assert!(others.contains(&percent(&newest["own"])));
        let number = format!("this store · {} · 5 tenants<", newest["day"].as_str().unwrap());
        assert!(others.contains(&number), "{others}");
    }
    assert!(others.contains("Above 30 % of 5 tenants: all tenants."), "{others}");
}

#[tokio::test]
async fn a_range_is_in_the_address_and_anything_else_is_the_usual_one() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let current = |page: &Page| within(page, "aria-current=\"true\">", "<").to_owned();
    assert_eq!(current(&browser.get(&format!("{}?days=30", address())).await), "30 d");
    for odd in ["", "?days=31", "?days=-1", "?other=1"] {
        assert_eq!(current(&browser.get(&format!("{}{odd}", address())).await), "90 d", "{odd}");
    }
    assert_eq!(browser.get(&format!("{}?days=x", address())).await.status, 400);
}

#[tokio::test]
async fn the_page_is_small_when_it_is_compressed() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&address()).await;
    let bytes = client
        .bytes(
            Request::get(address())
                .header("host", HOST)
                .header("cookie", browser.cookie())
                .header("accept-encoding", "gzip"),
        )
        .await;
    assert_eq!(bytes[..2], [0x1f, 0x8b], "it is gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    assert!(text.contains("<h1") && text.len().abs_diff(page.text.len()) < 100);
    assert!(bytes.len() < 60_000, "{} bytes", bytes.len());
}

#[tokio::test]
async fn the_zone_is_said_in_words_by_the_thresholds_of_the_tenant() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let percent = newest(&client).await["core"]["percent"].as_f64().unwrap();
    assert!((2.0..98.0).contains(&percent));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 2 to 98")]
    let whole = percent as u8;
    let actor = Actor::operator("ada@example.org");
    for (okay, good, said) in [(1, 2, "Good"), (whole, 99, "Okay"), (whole + 1, 100, "Bad")] {
        let zones = idscore_score::Zones::new(okay, good).unwrap();
        client.archive.history.set_zones(&actor, TENANT, zones).await.unwrap();
        let page = browser.get(&address()).await;
        let gauge = within(&page, "id=\"score-title\"", "</section>");
        assert!(gauge.contains(&format!("\">{said}</span>")) && gauge.contains(&format!(" points: {said}")), "{gauge}");
        assert!(gauge.contains(&format!("Okay begins at {okay} %, good at {good} %")), "{gauge}");
        assert_eq!(gauge.matches("<path class=\"zone\"").count(), 2);
        // The line of a threshold that lies near the score is in the chart.
        let near = format!(">okay from {okay} %</text>");
        assert_eq!(page.text.contains(&near), okay >= whole, "{okay}");
    }
}

/// The newest assessment a day later, with another floor and ceiling of the core set.
async fn a_day_later(client: &Client, ends: Option<(f64, f64)>) {
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let at = newest.assessed_at + idscore_history::instants::DAY;
    let mut next = KeptAssessment { assessed_at: at, taken_at: at, ..newest };
    next.core.percent_at_least = ends.map(|ends| ends.0);
    next.core.percent_at_most = ends.map(|ends| ends.1);
    client.archive.history.keep(&Actor::operator("ada"), &next).await.unwrap();
}

#[tokio::test]
async fn what_is_proven_stands_beside_the_score_and_as_a_band_in_chart_and_table() {
    let client = Client::new().await;
    a_day_later(&client, None).await;
    a_day_later(&client, Some((10.5, 30.25))).await;
    let page = Browser::owner(&client).await.get(&address()).await;
    let gauge = within(&page, "id=\"score-title\"", "</section>");
    assert!(gauge.contains("Proven between 10.50 and 30.25 %"), "{gauge}");
    let figure = within(&page, "<figure class=\"chart\"", "</figure>");
    assert!(
        figure.contains("<path class=\"proven\"")
            && figure.contains("<th scope=\"col\" class=\"right\">Proven between")
    );
    let trend = client.get(&format!("/api/v1/tenants/{TENANT}/trend")).await.body;
    let days = trend["value"].as_array().unwrap();
    let [.., old, new] = days.as_slice() else { panic!("{trend}") };
    assert_eq!((&old["core"]["percentAtLeast"], &old["core"]["percentAtMost"]), (&Value::Null, &Value::Null));
    assert_eq!((&new["core"]["percentAtLeast"], &new["core"]["percentAtMost"]), (&json!(10.5), &json!(30.25)));
    let rows: Vec<&str> = figure.split("<tr data-x=").skip(1).collect();
    let [.., old, new] = rows.as_slice() else { panic!("{figure}") };
    assert!(old.contains("not known") && new.contains("10.50–30.25"), "{rows:?}");
}

#[tokio::test]
async fn pages_say_that_an_assessment_of_an_earlier_version_has_no_floor() {
    let client = Client::new().await;
    a_day_later(&client, None).await;
    let browser = Browser::owner(&client).await;
    let said = "What is proven is not known of assessments kept by an earlier version";
    for place in [address(), format!("/tenants/{TENANT}/history")] {
        let page = browser.get(&place).await;
        assert!(page.text.contains(said), "{place}");
    }
}

#[tokio::test]
async fn a_control_with_unknown_rows_is_never_barely_met() {
    let client = Client::new().await;
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let at = newest.assessed_at + idscore_history::instants::DAY;
    let mut next = KeptAssessment { assessed_at: at, taken_at: at, ..newest };
    let met = next.controls.iter_mut().find(|control| control.id == "OneAdmin").unwrap();
    assert_eq!(met.outcome, idscore_score::Outcome::Met);
    met.unknown = 1;
    client.archive.history.keep(&Actor::operator("ada"), &next).await.unwrap();
    let browser = Browser::owner(&client).await;
    for place in ["actions", "actions/OneAdmin"] {
        let page = browser.get(&format!("/tenants/{TENANT}/{place}")).await;
        assert!(page.text.contains("Met as far as seen"), "{place}");
    }
    let tenants = browser.get("/tenants").await;
    assert!(tenants.text.contains("Met as far as seen"));
    let scores = client.get("/v1.0/security/secureScores?$top=1").await.body;
    let scores = scores["value"][0]["controlScores"].as_array().unwrap().clone();
    let status = &scores.iter().find(|score| score["controlName"] == "OneAdmin").unwrap()["implementationStatus"];
    assert!(status.as_str().unwrap().ends_with(", and 1 could not be judged."), "{status}");
}
