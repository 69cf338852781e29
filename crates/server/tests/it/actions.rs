//! The improvement actions: the list, one of them, and deciding, with the numbers of the API.

use idscore_history::instants::{date_of, day_of};
use idscore_store::{Role, Roles, now};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::client::{Client, OTHER, TENANT};

fn list(query: &str) -> String {
    format!("/tenants/{TENANT}/actions{query}")
}

async fn newest(client: &Client) -> Value {
    client.get(&format!("/api/v1/tenants/{TENANT}")).await.body["newest"].clone()
}

fn within<'a>(page: &'a Page, from: &str, to: &str) -> &'a str {
    assert!(page.text.contains(from), "no {from} in {}", page.text);
    let after = page.text.split_once(from).unwrap().1;
    after.split_once(to).unwrap().0
}

/// Ids of the actions that a list links to, in its order.
fn ids(page: &Page) -> Vec<String> {
    let start = format!("<th scope=\"row\"><a href=\"/tenants/{TENANT}/actions/");
    let id = |rest: &str| rest.split(['"', '?']).next().unwrap().to_owned();
    page.text.split(&start).skip(1).map(id).collect()
}

fn decide(status: &'static str, more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&[("status", status)], more].concat()
}

#[tokio::test]
async fn every_control_is_listed_with_the_points_of_the_api() {
    let client = Client::new().await;
    let page = Browser::owner(&client).await.get(&list("")).await;
    let newest = newest(&client).await;
    let controls = newest["controls"].as_array().unwrap();
    let listed = ids(&page);
    assert_eq!(listed.len(), controls.len());
    assert!(page.text.contains(&format!("<span>{0} of {0} actions.</span>", controls.len())));
    for control in controls {
        let id = control["id"].as_str().unwrap();
        assert!(listed.iter().any(|one| one == id), "{id}");
        let row = within(&page, &format!("/actions/{id}\">"), "</tr>");
        if let (Some(score), Some(max)) = (control["score"].as_f64(), control["maxScore"].as_f64()) {
            let said = format!("{} of {}", idscore_words::moves::points(score), idscore_words::moves::points(max));
            // Where a part was not seen, what is proven follows.
            let cell = format!("<td data-label=\"Points\" class=\"right num\">{said}");
            let is_said = ["</td>", " <small>"].iter().any(|end| row.contains(&format!("{cell}{end}")));
            assert!(is_said, "{id}: {said} in {row}");
        }
    }
    // 66 points less what is earned, as the API counts them.
    let core = &newest["core"];
    let left = core["maxScore"].as_f64().unwrap() - core["currentScore"].as_f64().unwrap();
    assert!(page.text.contains(&format!("they would win {} points", idscore_words::moves::points(left))));
}

#[tokio::test]
async fn filters_sorting_and_groups_live_in_the_address() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let newest = newest(&client).await;
    let of = |outcome: &str| {
        newest["controls"].as_array().unwrap().iter().filter(|control| control["outcome"] == outcome).count()
    };
    let met = browser.get(&list("?outcome=met")).await;
    assert_eq!(ids(&met).len(), of("met"));
    let both = browser.get(&list("?outcome=met&outcome=notMet&status=")).await;
    assert_eq!(ids(&both).len(), of("met") + of("notMet"));
    let found = browser.get(&list("?q=adminmfa")).await;
    assert_eq!(ids(&found), ["AdminMFAV2"]);
    assert!(found.text.contains("<bdi>Search: adminmfa</bdi>"));
    assert!(found.text.contains("/actions/AdminMFAV2?q=adminmfa\""), "the list is carried along");

    let titles = |page: &Page| {
        page.text
            .split("<th scope=\"row\"><a")
            .skip(1)
            .map(|rest| rest.split('>').nth(1).unwrap().to_lowercase())
            .collect::<Vec<_>>()
    };
    let up = titles(&browser.get(&list("?sort=title")).await);
    assert!(up.windows(2).all(|pair| pair[0] <= pair[1]), "{up:?}");
    let mut down = titles(&browser.get(&list("?sort=title&order=down")).await);
    down.reverse();
    assert_eq!(up, down);
    let sorted = browser.get(&list("?sort=win")).await;
    assert!(sorted.text.contains("aria-sort=\"descending\"><a href=\"/tenants/33333333-0000-4000-8000-0000000000f1/actions?sort=win&#38;order=up\">"), "{}", within(&sorted, "<thead>", "</thead>"));

    let grouped = browser.get(&list("?group=area&set=core")).await;
    let groups = grouped.text.matches("<th scope=\"rowgroup\"").count();
    assert!(groups > 3 && grouped.text.contains("<bdi>Administrators</bdi>"), "{groups}");
    let columns = browser.get(&list("?column=tags&column=frameworks")).await;
    assert_eq!(within(&columns, "<thead>", "</thead>").matches("<th scope=\"col\"").count(), 4);
    assert!(columns.text.contains("data-label=\"Frameworks\">CIS Microsoft 365"));
    let nothing = browser.get(&list("?owner=nobody-of-that-name")).await;
    assert!(nothing.text.contains("No action fits.") && ids(&nothing).is_empty());
    assert_eq!(browser.get(&list("?license=missing&impact=x&sort=x&group=x&set=x")).await.status, 200);
}

#[tokio::test]
async fn a_bulk_decision_shows_its_effect_first_and_saves_then() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&list("?set=core")).await;
    let token = page.token().to_owned();
    let expires = date_of(day_of(now()) + 30).unwrap().to_string();
    let send = |path: &'static str, fields: Vec<(String, String)>| {
        let (browser, token) = (&browser, token.clone());
        async move {
            let mut all: Vec<(&str, &str)> = vec![("token", &token), ("back", "set=core")];
            all.extend(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            browser.post(&list(path), &all).await
        }
    };
    let fields = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect::<Vec<_>>()
    };
    let two = [("control", "AdminMFAV2"), ("control", "MFARegistrationV2")];

    let unfit = send("/effect", fields(&[&two[..], &decide("riskAccepted", &[])].concat())).await;
    assert_eq!(unfit.status, 400);
    let title = "“Protect every administrator with multifactor authentication”";
    let said = format!("{title}: risk accepted needs an approver, a reason and a day on which it ends");
    assert!(unfit.text.contains(&said), "{}", unfit.text);
    assert!(unfit.text.contains("value=\"riskAccepted\" selected"));
    assert!(unfit.text.contains("<li>Have every member registered for multifactor authentication</li>"));
    assert_eq!(send("/effect", fields(&decide("planned", &[]))).await.status, 400, "nothing was ticked");

    let whole = decide("planned", &[("owner", "Grace"), ("tags", "mfa, people"), ("due", "2027-01-31")]);
    let effect = send("/effect", fields(&[&two[..], &whole].concat())).await;
    assert_eq!(effect.status, 200, "{}", effect.text);
    let change = json!({"actions": two.map(|(_, id)| json!({"controlId": id, "status": "planned"}))});
    let expected = client.json("POST", &format!("/api/v1/tenants/{TENANT}/actions/effect"), &change).await.body;
    for member in ["percent", "plannedPercent", "currentLicensePercent", "achievablePercent", "compatPercent"] {
        for side in ["before", "after"] {
            let said = format!("{:.2} %", expected["core"][side][member].as_f64().unwrap());
            assert!(effect.text.contains(&format!(">{said}</td>")), "{member} {side} {said}");
        }
    }
    assert_ne!(expected["core"]["before"]["plannedPercent"], expected["core"]["after"]["plannedPercent"]);
    let actions = client.get(&format!("/api/v1/tenants/{TENANT}/actions")).await.body;
    assert_eq!(actions["value"].as_array().unwrap().len(), 0, "nothing is saved yet");

    let saved = send("/save", fields(&[&two[..], &whole].concat())).await;
    assert_eq!(saved.leads_to(), list("?set=core&saved=2"));
    let back = browser.get(&list("?set=core&saved=2")).await;
    assert!(back.text.contains("2 actions are saved."));
    let actions = client.get(&format!("/api/v1/tenants/{TENANT}/actions")).await.body;
    let first = &actions["value"][0];
    assert_eq!(
        (&first["status"], &first["owner"], &first["due"]),
        (&json!("planned"), &json!("Grace"), &json!("2027-01-31"))
    );
    assert_eq!((&first["tags"], &first["updatedBy"]), (&json!(["mfa", "people"]), &json!("Ada")));
    assert_eq!(ids(&browser.get(&list("?status=planned&owner=Grace&tag=people")).await).len(), 2);

    let accepted = decide("riskAccepted", &[("approver", "Eve"), ("reason", "until the move")]);
    let mut accepted = fields(&[&two[..1], &accepted].concat());
    accepted.push(("expires".to_owned(), expires.clone()));
    assert_eq!(send("/save", accepted).await.status, 303);
    let row = browser.get(&list("?q=AdminMFAV2")).await;
    assert!(row.text.contains(&format!("Risk accepted <small>until {expires}</small>")));
    let completed = send("/save", fields(&[&two[..1], &decide("completed", &[])].concat())).await;
    assert_eq!(completed.status, 400, "the data alone say that something is done");
}

#[tokio::test]
async fn an_action_says_its_sum_its_people_and_its_neighbours() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&list("/AdminMFAV2?set=core&sort=title")).await;
    assert_eq!(page.status, 200);
    let control = newest(&client).await["controls"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == "AdminMFAV2")
        .unwrap()
        .clone();
    let sum = format!(
        "10 × {} ÷ {} = {}",
        control["count"],
        control["total"],
        idscore_words::moves::points(control["score"].as_f64().unwrap())
    );
    assert!(
        page.text.contains(&format!("<p class=\"sum\">{sum}</p>")),
        "{sum}: {}",
        within(&page, "id=\"sum-title\"", "</section>")
    );
    let sorted = ids(&browser.get(&list("?set=core&sort=title")).await);
    let at = sorted.iter().position(|id| id == "AdminMFAV2").unwrap();
    for (rel, id) in [("prev", at.checked_sub(1).map(|at| &sorted[at])), ("next", sorted.get(at + 1))] {
        let link = id.map(|id| format!("/actions/{id}?set=core&#38;sort=title\" rel=\"{rel}\""));
        assert!(link.is_none_or(|link| page.text.contains(&link)), "{rel} {id:?}");
    }
    assert!(page.text.contains(&format!("{} of {}</span>", at + 1, sorted.len())));

    let evidence = client.get(&format!("/api/v1/tenants/{TENANT}/controls/AdminMFAV2/evidence")).await.body;
    let rows = within(&page, "<table class=\"evidence\">", "</table>");
    let names: Vec<&str> =
        rows.split("<th scope=\"row\"><bdi>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    let told: Vec<&str> =
        evidence["rows"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, told);
    // Who has no method comes before who only needs a policy.
    let without: Vec<bool> = rows.split("<tr>").skip(2).map(|row| row.contains("no usable method")).collect();
    assert!(without[0] && without.windows(2).all(|pair| pair[0] >= pair[1]), "{without:?}");
    assert!(page.text.contains("The list begins with those to call first"));
    assert!(rows.contains("Sign-in: <bdi>") || rows.contains("MFA registered: no"));
    assert!(page.text.contains("rel=\"noopener noreferrer\"") && page.text.contains("Steps to fix"));
}

#[tokio::test]
async fn evidence_is_searched_and_comes_as_a_file_without_formulas() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let evidence = client.get(&format!("/api/v1/tenants/{TENANT}/controls/MFARegistrationV2/evidence")).await.body;
    let rows = evidence["rows"].as_array().unwrap();
    let name = rows[1]["name"].as_str().unwrap();
    let page = browser
        .get(&list(&format!("/MFARegistrationV2?set=core&find={}", name.to_uppercase().replace('@', "%40"))))
        .await;
    let table = within(&page, "<table class=\"evidence\">", "</table>");
    assert_eq!(table.matches("<th scope=\"row\">").count(), 1);
    assert!(table.contains(name) && page.text.contains("1 to 1 of 1"));
    assert!(page.text.contains("<input type=\"hidden\" name=\"set\" value=\"core\">"), "a search keeps the list");
    let nobody = browser.get(&list("/MFARegistrationV2?find=%3Cscript%3Enobody&page=7")).await;
    assert!(nobody.text.contains("Nobody is found.") && !nobody.text.contains("<script>nobody"));
    let file = browser.get(&list("/MFARegistrationV2/evidence.csv")).await;
    assert_eq!(file.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(file.text.lines().count(), rows.len() + 1);
    assert!(file.text.starts_with("objectId,name,outcome,privileged,withoutMethod,why,witness,"));
    assert!(file.text.contains(name));
    let found = browser.get(&list(&format!("/MFARegistrationV2/evidence.csv?find={}", name.replace('@', "%40")))).await;
    assert_eq!(found.text.lines().count(), 2);
    assert_eq!(browser.get(&list("/nothing/evidence.csv")).await.status, 404);
    assert_eq!(browser.get(&list("/nothing")).await.status, 404);
}

#[tokio::test]
async fn the_form_of_one_action_holds_what_is_to_be_and_its_history_says_who() {
    let client = Client::new().await;
    let browser = Browser::owner(&client).await;
    let page = browser.get(&list("/AdminMFAV2?set=core")).await;
    let token = page.token().to_owned();
    let fixed = [("token", token.as_str()), ("control", "AdminMFAV2"), ("back", "set=core"), ("alone", "1")];
    let full = [
        ("status", "planned"),
        ("owner", "=Grace<b>"),
        ("note", "<script>alert(1)</script>"),
        ("due", "2027-01-31"),
        ("tags", "x"),
    ];
    let saved = browser.post(&list("/save"), &[&fixed[..], &full].concat()).await;
    assert_eq!(saved.leads_to(), list("/AdminMFAV2?set=core&saved=1"));
    let page = browser.get(&list("/AdminMFAV2")).await;
    assert!(!page.text.contains("<script>alert") && !page.text.contains("Grace<b>"), "what people write is text");
    let past = within(&page, "<ol class=\"said\">", "</ol>");
    assert!(past.contains("Planned") && past.contains("<bdi>Ada</bdi>") && past.contains("2027-01-31"), "{past}");
    let csv = browser.get(&format!("/tenants/{TENANT}/actions.csv?q=AdminMFAV2")).await;
    assert!(csv.text.contains(",'=Grace<b>,"), "{}", csv.text);
    assert_eq!(csv.text.lines().count(), 2);
    // What is emptied on the page is empty.
    let emptied = browser.post(&list("/save"), &[&fixed[..], &[("status", "planned")]].concat()).await;
    assert_eq!(emptied.status, 303);
    let action = client.get(&format!("/api/v1/tenants/{TENANT}/actions")).await.body["value"][0].clone();
    assert_eq!((&action["owner"], &action["due"], &action["tags"]), (&json!(""), &Value::Null, &json!([])));
    let json: Value =
        serde_json::from_str(&browser.get(&format!("/tenants/{TENANT}/actions.json?status=planned")).await.text)
            .unwrap();
    assert_eq!((&json["count"], &json["value"][0]["id"]), (&json!(1), &json!("AdminMFAV2")));
    assert_eq!(json["toWin"]["core"], json["value"][0]["toWin"]);
}

#[tokio::test]
async fn who_may_only_read_sees_no_form_and_another_tenant_is_not_there() {
    let client = Client::new().await;
    let reader = Browser::signed_in(&client, Roles::everywhere(Role::Reader)).await;
    let page = reader.get(&list("")).await;
    assert!(!page.text.contains("type=\"checkbox\" name=\"control\"") && !page.text.contains("id=\"decide\""));
    let one = reader.get(&list("/AdminMFAV2")).await;
    assert!(one.text.contains("Ask an administrator") && !one.text.contains("name=\"reason\""));
    let fields = [("token", page.token()), ("control", "AdminMFAV2"), ("status", "planned")];
    assert_eq!(reader.post(&list("/effect"), &fields).await.status, 403);
    assert_eq!(reader.post(&list("/save"), &fields).await.status, 403);

    let roles = Roles::everywhere(Role::Administrator);
    let owner = Browser::signed_in(&client, roles).await;
    assert_eq!(
        owner.post(&list("/save"), &[("control", "AdminMFAV2"), ("status", "planned")]).await.status,
        403,
        "no token"
    );
    let stranger = Browser::signed_in(&client, Roles::default().and(OTHER, Role::Administrator)).await;
    for path in ["", "/AdminMFAV2", "/AdminMFAV2/evidence.csv"] {
        assert_eq!(stranger.get(&list(path)).await.status, 404, "{path}");
    }
    for file in ["csv", "json"] {
        assert_eq!(stranger.get(&format!("/tenants/{TENANT}/actions.{file}")).await.status, 404);
    }
    assert_eq!(
        stranger.get(&format!("/tenants/{OTHER}/actions")).await.leads_to(),
        "/first-run",
        "nothing was assessed"
    );
}
