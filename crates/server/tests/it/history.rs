//! The history: its graph and log say what the API says, and a difference of two days adds up.

use idscore_history::KeptAssessment;
use idscore_store::{Actor, Role, Roles};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::client::{Client, OTHER, TENANT};

fn address(query: &str) -> String {
    format!("/tenants/{TENANT}/history{query}")
}

fn within<'a>(page: &'a Page, from: &str, to: &str) -> &'a str {
    assert!(page.text.contains(from), "no {from} in {}", page.text);
    page.text.split_once(from).unwrap().1.split_once(to).unwrap().0
}

/// The titles of the log.
fn titles(page: &Page) -> Vec<String> {
    let log = within(page, "<ol class=\"log\">", "</ol>");
    log.split("<h3>").skip(1).map(|rest| rest.split('<').next().unwrap().trim().to_owned()).collect()
}

async fn trend(client: &Client) -> Vec<Value> {
    client.get(&format!("/api/v1/tenants/{TENANT}/trend")).await.body["value"].as_array().unwrap().clone()
}

fn percent(value: &Value) -> String {
    format!("{:.2} %", value.as_f64().unwrap())
}

/// The newest assessment again a day later: one control lost all it had.
async fn fallen(client: &Client) -> (KeptAssessment, String, f64) {
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let mut after = newest.clone();
    (after.assessed_at, after.taken_at) = (newest.assessed_at + 86_400_000_000, newest.taken_at + 86_400_000_000);
    (after.snapshot, after.evidence) = (String::new(), String::new());
    let control = after.controls.iter_mut().find(|control| control.score.is_some_and(|score| score > 0.0)).unwrap();
    let lost = control.score.unwrap();
    control.score = Some(0.0);
    let title = control.title.clone();
    after.core.current_score -= lost;
    after.core.percent = (after.core.current_score / after.core.max_score * 10_000.0).round() / 100.0;
    client.archive.history.keep(&Actor::operator("ada"), &after).await.unwrap();
    (after, title, lost)
}

#[tokio::test]
async fn the_graph_has_the_days_and_numbers_of_the_api_for_either_set() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let days = trend(&client).await;
    for set in ["core", "extended"] {
        let page = browser.get(&address(&format!("?days=all&set={set}"))).await;
        let table = within(&page, "<table id=\"trend-chart-data\">", "</table>");
        let ours: Vec<&Value> = days.iter().filter(|day| day["cause"] != "microsoft").collect();
        for day in &ours {
            let row = table.split("<tr ").find(|row| row.contains(day["day"].as_str().unwrap())).unwrap();
            assert!(row.contains(&percent(&day[set]["percent"])), "{set}: {row}");
        }
        let theirs = days.iter().filter(|day| day["cause"] == "microsoft").count();
        let shown = if set == "core" { ours.len() + theirs } else { ours.len() };
        assert_eq!(table.matches("<th scope=\"row\"").count(), shown, "{set}");
    }
    let first = days.iter().find(|day| day["cause"] != "microsoft").unwrap()["day"].as_str().unwrap().to_owned();
    let page = browser.get(&address(&format!("?from={first}&to={first}"))).await;
    let table = within(&page, "<table id=\"trend-chart-data\">", "</table>");
    assert!(table.contains(&first) && !table.contains(days.last().unwrap()["day"].as_str().unwrap()));
    for odd in ["?from=x", "?to=1969-12-31", "?page=-1"] {
        assert_eq!(browser.get(&address(odd)).await.status, 400, "{odd}");
    }
    for usual in ["?days=8", "?set=x&kind=y", "?from=&to=", "?page=0", "?page=99999"] {
        assert_eq!(browser.get(&address(usual)).await.status, 200, "{usual}");
    }
}

#[tokio::test]
async fn a_fall_is_said_in_words_with_the_control_that_lost() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let before = trend(&client).await.last().unwrap()["core"]["percent"].as_f64().unwrap();
    let (after, title, lost) = fallen(&client).await;
    let page = browser.get(&address("?kind=fell")).await;
    assert_eq!(titles(&page), ["New data"]);
    let newest = within(&page, "<ol class=\"log\">", "</ol>");
    let change = format!("−{}", idscore_words::moves::points(((before - after.core.percent) * 100.0).round() / 100.0));
    assert!(newest.contains(&format!("<b class=\"num bad\">{change}</b>")), "{newest}");
    assert!(newest.contains("<span class=\"chip not-met\">fell</span>"), "{newest}");
    assert!(newest.contains(&format!(">{title}</a>")), "{newest}");
    assert!(newest.contains(&format!("<b class=\"num bad\">−{}</b>", idscore_words::moves::points(lost))), "{newest}");
    let whole = within(&page, "history/difference?from=", "\"").to_owned();
    let address = address(&format!("/difference?from={}", whole.replace("&amp;", "&").replace("&#38;", "&")));
    assert!(browser.get(&address).await.text.contains(&title));
}

#[tokio::test]
async fn what_people_did_is_in_the_log_and_settings_are_for_operators() {
    let client = Client::new().await;
    let control = "BlockLegacyAuthentication";
    let change =
        json!({"actions": [{"controlId": control, "status": "planned", "owner": "<b>Grace</b>", "note": "in May"}]});
    assert_eq!(client.json("PATCH", &format!("/api/v1/tenants/{TENANT}/actions"), &change).await.status, 200);
    let review = json!({"controlId": "task_review_consent_grants", "note": "<script>x</script>"});
    assert_eq!(client.json("POST", &format!("/api/v1/tenants/{TENANT}/reviews"), &review).await.status, 201);
    let owner = Browser::owner(&client).await;
    let page = owner.get(&address("")).await;
    assert!(titles(&page).contains(&"Decision".to_owned()) && titles(&page).contains(&"Review recorded".to_owned()));
    assert!(page.text.contains("&#60;b&#62;Grace&#60;/b&#62;") && !page.text.contains("<b>Grace</b>"));
    assert!(!page.text.contains("<script>x"));
    assert!(page.text.contains("planned") && page.text.contains("In May"));
    assert_eq!(titles(&owner.get(&address("?kind=decisions")).await), ["Decision"]);
    assert_eq!(titles(&owner.get(&address("?kind=reviews")).await), ["Review recorded"]);
    assert_eq!(titles(&owner.get(&address("?kind=microsoft")).await).len(), 3);
    assert!(titles(&owner.get(&address("?kind=settings")).await).contains(&"Token made".to_owned()));
    let reader = Browser::signed_in(&client, Roles::default().and(TENANT, Role::Reader)).await;
    let looked = reader.get(&address("?kind=settings")).await;
    assert!(titles(&looked).is_empty() && !looked.text.contains("Token made"), "a reader sees no tokens");
    assert_eq!(reader.get(&format!("/tenants/{OTHER}/history")).await.status, 404);
    assert_eq!(reader.get(&format!("/tenants/{OTHER}/history/difference?from=a&to=b")).await.status, 404);
}

#[tokio::test]
async fn pages_of_the_log_hold_every_assessment_once() {
    let client = Client::new().await;
    let newest = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let older = |day: i64| {
        let at = newest.assessed_at - (day + 10) * 86_400_000_000;
        KeptAssessment { assessed_at: at, taken_at: at, ..newest.clone() }
    };
    let older: Vec<KeptAssessment> = (0..30).rev().map(older).collect();
    client.archive.history.keep_all(&Actor::operator("ada"), &older).await.unwrap();
    let browser = Browser::owner(&client).await;
    let (first, second) = (browser.get(&address("")).await, browser.get(&address("?page=2")).await);
    let whens = |page: &Page| {
        let log = within(page, "<ol class=\"log\">", "</ol>").to_owned();
        log.split("when num\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(first.text.contains("1 to 20 of ") && second.text.contains("21 to "));
    assert!(first.text.contains("page=2#log\"") && !first.text.contains(">Newer<") && second.text.contains(">Newer<"));
    let all: Vec<String> = whens(&first).into_iter().chain(whens(&second)).collect();
    assert!(all.windows(2).all(|two| two[0] >= two[1]), "newest first: {all:?}");
    assert!(whens(&first).iter().all(|at| !whens(&second).contains(at)));
}

#[tokio::test]
async fn the_moves_of_a_difference_add_up_to_what_the_api_says() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let days = trend(&client).await;
    let from = days.last().unwrap()["day"].as_str().unwrap().to_owned();
    let (after, title, _) = fallen(&client).await;
    let to = idscore_history::instants::date_of(after.day()).unwrap().to_string();
    let said = client.get(&format!("/api/v1/tenants/{TENANT}/diff?from={from}&to={to}")).await.body;
    let page = browser.get(&address(&format!("/difference?from={from}&to={to}"))).await;
    assert_eq!(page.status, 200);
    let core = within(&page, "id=\"core-title\"", "</section>");
    let points = idscore_words::moves::signed(said["core"]["points"].as_f64().unwrap());
    assert!(core.contains(&format!("make {points} points.")), "{core}");
    let headline = idscore_words::moves::headline_moved(
        said["core"]["before"]["percent"].as_f64().unwrap(),
        said["core"]["after"]["percent"].as_f64().unwrap(),
    );
    assert!(core.contains(&headline), "{core}");
    assert!(core.contains(&title));
    let moved: Vec<&Value> =
        said["controls"].as_array().unwrap().iter().filter(|control| control["set"] == "core").collect();
    for control in &moved {
        assert!(core.contains(&format!("/actions/{}\"", control["id"].as_str().unwrap())), "{control}");
    }
    assert_eq!(core.matches("/actions/").count(), moved.len());
    let swapped = browser.get(&address(&format!("/difference?from={to}&to={from}"))).await;
    assert!(swapped.text.contains("The later one was named first.") && swapped.text.contains(&headline));
}

#[tokio::test]
async fn what_cannot_be_laid_beside_each_other_says_why() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let days = trend(&client).await;
    let (theirs, ours) = (days[0]["day"].as_str().unwrap(), days.last().unwrap()["day"].as_str().unwrap());
    for (from, to, why) in [
        (theirs, ours, "they measure differently"),
        ("1999-01-01", ours, "There is no assessment on 1999-01-01 or before"),
        ("%3Cb%3E", ours, "`&#60;b&#62;` is no day"),
        (ours, ours, "Both days mean the same assessment"),
    ] {
        let page = browser.get(&address(&format!("/difference?from={from}&to={to}"))).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains(why) && !page.text.contains("`<b>"), "{from}: {}", page.text);
    }
}
