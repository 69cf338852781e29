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
async fn a_comparison_names_every_source_and_how_many_tenants() {
    let client = Client::new().await;
    let body = client.get(&path("/compare")).await.body;
    let series = body["series"].as_array().unwrap();
    let all = series.iter().find(|series| series["source"] == "store" && series["group"] == "all tenants").unwrap();
    assert_eq!(
        (&all["points"][0]["tenants"], &all["points"][0]["percentileRank"]),
        (&json!(1), &json!(null)),
        "nobody is ranked alone"
    );
    for source in ["store", "microsoft", "published"] {
        assert!(series.iter().any(|series| series["source"] == source), "{source}");
    }
    let days = client.get(&path("/compare?from=2026-11-20&to=2026-11-20")).await.body["own"].clone();
    assert_eq!(days.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_difference_is_named_by_days_instants_or_ids_and_told_in_the_order_of_time() {
    let client = Client::new().await;
    let trend = client.get(&path("/trend")).await.body["value"].clone();
    let id = |at: usize| trend[at]["id"].as_str().unwrap().to_owned();
    let by_day = client.get(&path("/diff?from=2026-11-19&to=2026-11-20")).await;
    assert_eq!((by_day.status.as_u16(), &by_day.body["before"]["id"]), (200, &json!(id(2))), "{}", by_day.body);
    assert_eq!(by_day.body["core"]["points"], 0.0);
    for named in [
        format!("from={}&to={}", id(2), id(3)),
        format!("from={}&to={}", id(3), id(2)),
        "from=2026-11-20T05:00:00Z&to=2026-11-30".to_owned(),
    ] {
        assert_eq!(client.get(&path(&format!("/diff?{named}"))).await.body, by_day.body, "{named}");
    }
    for (named, status, said) in [
        ("from=2026-01-01&to=2026-11-20", 404, "There is no assessment on 2026-01-01 or before."),
        ("from=x%00&to=2026-11-20", 404, "is no day, no instant and no id of an assessment."),
        ("from=2026-11-17&to=2026-11-20", 400, "One is Microsoft's own number and the other is ours"),
        ("from=2026-11-17", 400, "missing field `to`"),
    ] {
        let answer = client.get(&path(&format!("/diff?{named}"))).await;
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(answer.status == status && message.contains(said), "{named}: {} {message}", answer.status);
    }
}

#[tokio::test]
async fn another_tenant_is_not_there_for_this_token() {
    let client = Client::new().await;
    for rest in [
        "",
        "/trend",
        "/actions",
        "/reviews",
        "/attestations",
        "/compare",
        "/audit",
        "/snapshots",
        "/diff?from=2026-11-19&to=2026-11-20",
        "/controls/AdminMFAV2/evidence",
    ] {
        assert_eq!(client.get(&format!("/api/v1/tenants/{OTHER}{rest}")).await.status, 404, "{rest}");
    }
    let change = json!({"actions": []});
    assert_eq!(client.json("PATCH", &format!("/api/v1/tenants/{OTHER}/actions"), &change).await.status, 404);
}
