//! `/api/v1/tenants/{id}`: trend, evidence, plan, reviews, comparison.

use serde_json::json;

use crate::client::{Client, OTHER, TENANT};

fn path(rest: &str) -> String {
    format!("/api/v1/tenants/{TENANT}{rest}")
}

#[tokio::test]
async fn a_tenant_shows_its_newest_assessment_with_numbers_as_numbers() {
    let client = Client::new().await;
    let body = client.get(&path("")).await.body;
    assert_eq!(body["tenant"]["displayName"], "Fabrikam Logistics");
    let controls = body["newest"]["controls"].as_array().unwrap();
    let admin = controls.iter().find(|control| control["id"] == "AdminMFAV2").unwrap();
    assert_eq!((&admin["count"], &admin["total"]), (&json!(1), &json!(8)));
    assert!(admin.get("judged").is_none());
}

#[tokio::test]
async fn the_trend_is_a_point_a_day_within_the_asked_range() {
    let client = Client::new().await;
    let days = |body: &serde_json::Value| {
        body["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|point| point["day"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(days(&client.get(&path("/trend")).await.body), ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]);
    assert_eq!(days(&client.get(&path("/trend?from=2026-11-19&to=2026-11-19")).await.body), ["2026-11-19"]);
    assert_eq!(client.get(&path("/trend?from=yesterday")).await.status, 400);
    assert_eq!(client.get(&path("/trend?form=2026-11-19")).await.status, 400);
}

#[tokio::test]
async fn evidence_is_paged_and_names_the_objects() {
    let client = Client::new().await;
    let body = client.get(&path("/controls/AdminMFAV2/evidence?skip=5&top=1")).await.body;
    assert_eq!((&body["count"], body["rows"].as_array().unwrap().len()), (&json!(7), 1));
    assert!(body["rows"][0]["why"].is_string());
    assert_eq!(client.get(&path("/controls/NoSuchControl/evidence")).await.status, 404);
}

#[tokio::test]
async fn the_effect_of_a_plan_is_shown_before_and_is_what_happens() {
    let client = Client::new().await;
    let change = json!({"actions": [{"controlId": "PWAgePolicyNew", "status": "planned"}, {"controlId": "SigninRiskPolicy",
        "status": "riskAccepted", "approver": "Grace", "reason": "budget", "expires": "2099-01-01"}]});
    let shown = client.json("POST", &path("/actions/effect"), &change).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(client.get(&path("/actions")).await.body["value"].as_array().unwrap().is_empty());
    let done = client.json("PATCH", &path("/actions"), &change).await;
    assert_eq!(shown.body["core"], done.body["core"]);
    assert_eq!(client.get(&path("/actions")).await.body["value"].as_array().unwrap().len(), 2);
    let bad = json!({"actions": [{"controlId": "SigninRiskPolicy", "status": "thirdParty", "expires": null, "approver": ""}]});
    assert_eq!(client.json("PATCH", &path("/actions"), &bad).await.status, 400);
}

#[tokio::test]
async fn a_comparison_says_its_source_and_how_many_tenants() {
    let client = Client::new().await;
    let body = client.get(&path("/compare")).await.body;
    let all = &body["value"][0];
    assert_eq!((&all["cohort"], &all["days"][0]["tenants"]), (&json!("all"), &json!(1)));
    assert_eq!(all["days"][0]["percentileRank"], 50.0);
}

#[tokio::test]
async fn another_tenant_is_not_there_for_this_token() {
    let client = Client::new().await;
    for rest in
        ["", "/trend", "/actions", "/reviews", "/attestations", "/compare", "/audit", "/controls/AdminMFAV2/evidence"]
    {
        assert_eq!(client.get(&format!("/api/v1/tenants/{OTHER}{rest}")).await.status, 404, "{rest}");
    }
    let change = json!({"actions": []});
    assert_eq!(client.json("PATCH", &format!("/api/v1/tenants/{OTHER}/actions"), &change).await.status, 404);
}
