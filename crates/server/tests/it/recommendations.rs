//! `/beta/directory/recommendations`: what applies, whom it is about, and the four verbs.

use serde_json::json;

use crate::client::{Client, TENANT};

const ALL: &str = "/beta/directory/recommendations";

#[tokio::test]
async fn resources_come_only_when_asked_for() {
    let client = Client::new().await;
    let plain = client.get(&format!("{ALL}/{TENANT}_AdminMFAV2")).await.body;
    assert!(plain.get("impactedResources").is_none());
    assert_eq!(
        (&plain["status"], &plain["priority"], &plain["category"]),
        (&json!("active"), &json!("high"), &json!("identitySecureScore"))
    );
    let expanded = client.get(&format!("{ALL}/{TENANT}_AdminMFAV2?$expand=impactedResources")).await.body;
    let resources = expanded["impactedResources"].as_array().unwrap();
    assert_eq!(resources.len(), 7);
    let list = client.get(&format!("{ALL}/{TENANT}_AdminMFAV2/impactedResources?$top=3&$count=true")).await.body;
    assert_eq!((list["value"].as_array().unwrap().len(), &list["@odata.count"]), (3, &json!(7)));
    let id = list["value"][0]["id"].as_str().unwrap();
    let one = client.get(&format!("{ALL}/{TENANT}_AdminMFAV2/impactedResources/{id}")).await;
    assert_eq!((one.status.as_u16(), &one.body["rank"]), (200, &json!(1)));
}

#[tokio::test]
async fn graphs_words_stand_where_graph_has_them_and_ours_in_the_extension() {
    let client = Client::new().await;
    let all = client.get(&format!("{ALL}?$select=id,recommendationType,featureAreas,idscore")).await.body;
    let all = all["value"].as_array().unwrap();
    // As Microsoft's own clients know them; another word stops them, or is dropped without a word.
    let types = [
        "adminMFAV2",
        "blockLegacyAuthentication",
        "integratedApps",
        "mfaRegistrationV2",
        "pwagePolicyNew",
        "passwordHashSync",
        "oneAdmin",
        "roleOverlap",
        "selfServicePasswordReset",
        "signinRiskPolicy",
        "userRiskPolicy",
        "unknownFutureValue",
    ];
    let areas = ["users", "groups", "applications", "conditionalAccess", "governance"];
    for row in all {
        assert!(types.contains(&row["recommendationType"].as_str().unwrap()), "{row}");
        let words = row["featureAreas"].as_array().unwrap();
        assert!(!words.is_empty() && words.iter().all(|word| areas.contains(&word.as_str().unwrap())), "{row}");
        let id = row["idscore"]["controlId"].as_str().unwrap();
        assert_eq!(row["id"], format!("{TENANT}_{id}"));
    }
    let own = client.get(&format!("{ALL}/{TENANT}_mfa_enforced_all")).await.body;
    assert_eq!(own["recommendationType"], "unknownFutureValue");
    assert_eq!(own["idscore"], json!({"controlId": "mfa_enforced_all", "area": "conditional-access"}));
    for (filter, expected) in [
        ("idscore/area%20eq%20'risk'", "UserRiskPolicy"),
        ("featureAreas/any(a:a%20eq%20'conditionalAccess')", "UserRiskPolicy"),
        ("recommendationType%20eq%20'oneAdmin'", "OneAdmin"),
    ] {
        let found = client.get(&format!("{ALL}?$filter={filter}&$select=id")).await.body;
        let found = found["value"].as_array().unwrap();
        assert!(found.iter().any(|row| row["id"] == format!("{TENANT}_{expected}")), "{filter}: {found:?}");
        assert!(found.len() < all.len(), "{filter}");
    }
}

#[tokio::test]
async fn what_the_data_confirm_is_completed_by_the_system() {
    let client = Client::new().await;
    let done = client.get(&format!("{ALL}/{TENANT}_OneAdmin")).await.body;
    assert_eq!(done["status"], "completedBySystem");
    let open = client.get(&format!("{ALL}?$filter=status%20eq%20'active'&$select=id,status")).await.body;
    let open = open["value"].as_array().unwrap();
    assert!(!open.is_empty() && open.iter().all(|row| row["status"] == "active"));
}

#[tokio::test]
async fn the_four_verbs_change_the_status_and_answer_with_the_object() {
    let client = Client::new().await;
    let one = format!("{ALL}/{TENANT}_AdminMFAV2");
    let dismissed = client.json("POST", &format!("{one}/dismiss"), &json!({"dismissReason": "not for us"})).await;
    assert_eq!((dismissed.status.as_u16(), &dismissed.body["status"]), (200, &json!("dismissed")));
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48);
    let postponed =
        client.json("POST", &format!("{one}/postpone"), &json!({"postponeUntilDateTime": until.to_string()})).await;
    assert_eq!(postponed.body["status"], "postponed");
    assert!(postponed.body["postponeUntilDateTime"].is_string());
    let completed = client.json("POST", &format!("{one}/complete"), &json!({})).await;
    assert_eq!(
        (&completed.body["status"], completed.body["lastModifiedBy"].as_str().unwrap().starts_with("token:")),
        (&json!("completedByUser"), true)
    );
    let active = client.json("POST", &format!("{one}/reactivate"), &json!({})).await;
    assert_eq!(active.body["status"], "active");
}

#[tokio::test]
async fn a_verb_without_what_it_needs_is_400_and_an_unknown_recommendation_404() {
    let client = Client::new().await;
    let one = format!("{ALL}/{TENANT}_AdminMFAV2");
    for (verb, body) in [
        ("dismiss", json!({})),
        ("postpone", json!({})),
        ("postpone", json!({"postponeUntilDateTime": "2020-01-01T00:00:00Z"})),
        ("postpone", json!({"postponeUntilDateTime": "2099-01-01T00:00:00Z"})),
        ("explode", json!({})),
    ] {
        assert_eq!(client.json("POST", &format!("{one}/{verb}"), &body).await.status, 400, "{verb} {body}");
    }
    let missing = client.json("POST", &format!("{ALL}/{TENANT}_Nothing/complete"), &json!({})).await;
    assert_eq!((missing.status.as_u16(), &missing.body["error"]["code"]), (404, &json!("Request_ResourceNotFound")));
}

#[tokio::test]
async fn one_resource_can_be_dismissed_alone() {
    let client = Client::new().await;
    let list = format!("{ALL}/{TENANT}_AdminMFAV2/impactedResources");
    let id = client.get(&list).await.body["value"][0]["id"].as_str().unwrap().to_owned();
    let answer = client.json("POST", &format!("{list}/{id}/dismiss"), &json!({"dismissReason": "leaving"})).await;
    assert_eq!((answer.status.as_u16(), &answer.body["status"]), (200, &json!("dismissed")));
    assert_eq!(client.get(&format!("{ALL}/{TENANT}_AdminMFAV2")).await.body["status"], "active");
}

#[tokio::test]
async fn the_history_of_the_identity_score_is_in_whole_points() {
    let client = Client::new().await;
    let answer = client.get(&format!("{ALL}/tenantSecureScores")).await;
    let days = answer.body["value"].as_array().unwrap();
    assert_eq!(days.len(), 4);
    assert_eq!(
        (&days[0]["createDateTime"], &days[0]["tenantScore"], &days[0]["tenantMaxScore"]),
        (&json!("2026-11-20T00:00:00Z"), &json!(11), &json!(66))
    );
}
