//! `/v1.0/security`: shapes, paging and changes as clients of Microsoft Graph expect them.

use serde_json::{Value, json};

use crate::client::{Client, TENANT};

const SCORES: &str = "/v1.0/security/secureScores";
const PROFILES: &str = "/v1.0/security/secureScoreControlProfiles";

fn ids(body: &Value) -> Vec<&str> {
    body["value"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

fn vendor() -> Value {
    json!({"provider": "SecureScore", "vendor": "Microsoft"})
}

#[tokio::test]
async fn each_day_is_one_score_newest_first() {
    let client = Client::new().await;
    let answer = client.get(SCORES).await;
    assert_eq!(answer.status, 200);
    let days = ["2026-11-20", "2026-11-19", "2026-11-18", "2026-11-17"].map(|day| format!("{TENANT}_{day}"));
    assert_eq!(ids(&answer.body), days);
    let newest = &answer.body["value"][0];
    assert_eq!(newest["createdDateTime"], "2026-11-20T00:00:00Z");
    assert_eq!(newest["enabledServices"], json!(["HasAADFree", "HasAADP1", "HasAADP2"]));
    assert_eq!(newest["vendorInformation"]["provider"], "SecureScore");
}

#[tokio::test]
async fn the_control_scores_add_up_to_the_score() {
    let client = Client::new().await;
    let newest = client.get(&format!("{SCORES}?$top=1")).await.body["value"][0].clone();
    let controls = newest["controlScores"].as_array().unwrap();
    let sum: f64 = controls.iter().map(|control| control["score"].as_f64().unwrap()).sum();
    assert!((sum - newest["currentScore"].as_f64().unwrap()).abs() < 1e-9);
    let admin = controls.iter().find(|control| control["controlName"] == "AdminMFAV2").unwrap();
    assert_eq!((&admin["count"], &admin["total"], &admin["score"]), (&json!("1"), &json!("8"), &json!(1.25)));
    assert_eq!(admin["scoreInPercentage"], 12.5);
    let one_admin = controls.iter().find(|control| control["controlName"] == "OneAdmin").unwrap();
    assert_eq!(one_admin["on"], "true");
}

#[tokio::test]
async fn controls_are_the_same_whether_the_query_looks_into_them_or_not() {
    let client = Client::new().await;
    let all = client.get(SCORES).await.body;
    let looked_into = client.get(&format!("{SCORES}?$filter=controlScores/any(c:c/score%20ge%200)")).await.body;
    assert_eq!(looked_into["value"], all["value"]);
    let whole = client.get(&format!("{SCORES}?$select=controlScores")).await.body;
    let parts = client.get(&format!("{SCORES}?$select=controlScores/score,controlScores/controlName")).await.body;
    for (whole, parts) in whole["value"].as_array().unwrap().iter().zip(parts["value"].as_array().unwrap()) {
        for (control, part) in
            whole["controlScores"].as_array().unwrap().iter().zip(parts["controlScores"].as_array().unwrap())
        {
            assert_eq!(part, &json!({"controlName": control["controlName"], "score": control["score"]}));
        }
    }
    let one = client.get(&format!("{SCORES}/{TENANT}_2026-11-20")).await.body;
    assert_eq!(one["controlScores"], all["value"][0]["controlScores"]);
    let without = client.get(&format!("{SCORES}?$select=id")).await.body;
    assert_eq!(without["value"][0].get("controlScores"), None);
}

#[tokio::test]
async fn a_page_names_the_next_on_the_host_that_the_client_used() {
    let client = Client::new().await;
    let mut seen = Vec::new();
    let mut path = format!(
        "{PROFILES}?$select=id,maxScore&$filter=controlCategory eq 'Identity'&$top=1000&$orderby=maxScore desc"
    )
    .replace(' ', "%20");
    let mut pages = 0;
    loop {
        let request = client.request("GET", &path).header("prefer", "odata.maxpagesize=7");
        let answer = client.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body["value"].as_array().unwrap().len() <= 7);
        seen.extend(ids(&answer.body).iter().map(|id| (*id).to_owned()));
        pages += 1;
        let Some(next) = answer.body["@odata.nextLink"].as_str() else { break };
        let next = next.strip_prefix("http://score.example.org:8443").expect("the host of the request");
        next.clone_into(&mut path);
        assert!(pages < 50);
    }
    let all = idscore_catalogue::Catalogue::embedded().unwrap().controls.len();
    assert_eq!(seen.len(), all);
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), all);
    assert_eq!(pages, all.div_ceil(7));
}

#[tokio::test]
async fn one_object_has_its_context_and_an_unknown_one_graphs_error() {
    let client = Client::new().await;
    let answer = client.get(&format!("{SCORES}/{TENANT}_2026-11-19")).await;
    assert_eq!(
        answer.body["@odata.context"],
        "http://score.example.org:8443/v1.0/$metadata#security/secureScores/$entity"
    );
    for id in [format!("{TENANT}_2026-11-01"), "nonsense".to_owned(), format!("{TENANT}_2026-99-99")] {
        let answer = client.get(&format!("{SCORES}/{id}")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (404, &json!("ResourceNotFound")));
    }
    let answer = client.get(&format!("{PROFILES}/NoSuchControl")).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_wrong_option_is_400_with_graphs_words() {
    let client = Client::new().await;
    let answer = client.get(&format!("{SCORES}?$filter=maxScore%20eq")).await;
    assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (400, &json!("BadRequest")));
    assert!(answer.body["error"]["innerError"]["request-id"].as_str().unwrap().len() > 30);
}

#[tokio::test]
async fn a_patch_is_204_and_moves_the_score_at_once() {
    let client = Client::new().await;
    let before = client.archive.history.newest(TENANT).await.unwrap().unwrap();
    let body = json!({"state": "thirdParty", "comment": "gateway", "assignedTo": "sec@example.org", "vendorInformation": vendor()});
    let answer = client.json("PATCH", &format!("{PROFILES}/BlockLegacyAuthentication"), &body).await;
    assert_eq!((answer.status.as_u16(), &answer.body), (204, &json!("")));
    let profile = client.get(&format!("{PROFILES}/BlockLegacyAuthentication")).await.body;
    let updates = profile["controlStateUpdates"].as_array().unwrap();
    assert_eq!(
        (updates.len(), &updates[0]["state"], updates[0]["updatedBy"].as_str().unwrap().starts_with("token:")),
        (1, &json!("ThirdParty"), true),
        "{updates:?}"
    );
    let score = client.get(&format!("{SCORES}?$top=1")).await.body["value"][0].clone();
    assert!(score["currentScore"].as_f64().unwrap() > before.core.current_score + 5.0);
    let control =
        score["controlScores"].as_array().unwrap().iter().find(|row| row["controlName"] == "BlockLegacyAuthentication");
    assert_eq!(control.unwrap()["score"], 8.0);
    let again = client.json("PATCH", &format!("{PROFILES}/BlockLegacyAuthentication"), &body).await;
    assert_eq!(again.status, 204);
    let profile = client.get(&format!("{PROFILES}/BlockLegacyAuthentication")).await.body;
    assert_eq!(profile["controlStateUpdates"].as_array().unwrap().len(), 1, "the same again adds no entry");
}

#[tokio::test]
async fn a_patch_answers_with_the_profile_where_the_client_prefers_it() {
    let client = Client::new().await;
    let body =
        json!({"controlStateUpdates": [{"state": "Ignored", "comment": "old app"}], "vendorInformation": vendor()});
    let request = client.request("PATCH", &format!("{PROFILES}/AdminMFAV2")).header("prefer", "return=representation");
    let answer = client.send(request.body(body.to_string().into()).unwrap()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["preference-applied"], "return=representation");
    assert_eq!(answer.body["controlStateUpdates"][0]["state"], "Ignored");
}

#[tokio::test]
async fn a_bad_patch_changes_nothing() {
    let client = Client::new().await;
    let path = format!("{PROFILES}/AdminMFAV2");
    for (body, status) in [
        (json!({"state": "Ignored"}), 400),
        (json!({"state": "Completed", "vendorInformation": vendor()}), 400),
        (json!({"state": 7, "vendorInformation": vendor()}), 400),
        (json!({"comment": "x".repeat(5_000), "vendorInformation": vendor()}), 400),
        (json!([1]), 400),
    ] {
        assert_eq!(client.json("PATCH", &path, &body).await.status, status, "{body}");
    }
    let missing = json!({"state": "Ignored", "vendorInformation": vendor()});
    assert_eq!(client.json("PATCH", &format!("{PROFILES}/NoSuchControl"), &missing).await.status, 404);
    let completed = client.json("PATCH", &format!("{PROFILES}/OneAdmin"), &missing).await;
    assert_eq!(completed.status, 400, "the data confirm it: {}", completed.body);
    assert!(client.archive.history.actions(TENANT).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_untouched_profile_has_one_default_entry() {
    let client = Client::new().await;
    let profile = client.get(&format!("{PROFILES}/AdminMFAV2")).await.body;
    assert_eq!(profile["controlStateUpdates"][0]["state"], "Default");
    assert_eq!(
        (&profile["maxScore"], &profile["tier"], &profile["userImpact"]),
        (&json!(10.0), &json!("Core"), &profile["userImpact"])
    );
    assert!(!profile["complianceInformation"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn microsofts_averages_stand_beside_the_score_with_seats_as_texts() {
    let client = Client::new().await;
    let newest = client.get(&format!("{SCORES}?$top=1")).await.body["value"][0].clone();
    let averages = newest["averageComparativeScores"].as_array().unwrap();
    let all = averages.iter().find(|average| average["basis"] == "AllTenants").unwrap();
    assert!(all["averageScore"].as_f64().unwrap() > 0.0 && all["identityScoreMax"].is_f64(), "{all}");
    let size = averages.iter().find(|average| average["basis"] == "TotalSeats").unwrap();
    assert!(size["SeatSizeRangeLowerValue"].is_string(), "{size}");
}
