//! SQLite and PostgreSQL give the same answers for the same inputs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{Client, TENANT};

fn is_made_here(id: &str) -> bool {
    uuid::Uuid::parse_str(id).is_ok_and(|id| id.get_version_num() == 7)
}

/// Everything that differs by nature: ids and instants that were made while the test ran.
fn settled(value: &Value, ids: &mut BTreeMap<String, usize>) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| settled(item, ids)).collect(),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| (name.clone(), settled(value, ids));
            Value::Object(members.iter().map(member).collect::<Vec<_>>().into_iter().collect())
        }
        Value::String(text) if is_made_here(text.strip_prefix("token:").unwrap_or(text)) => {
            let next = ids.len();
            json!(format!("id {}", ids.entry(text.clone()).or_insert(next)))
        }
        Value::String(text) if text.starts_with(&jiff::Timestamp::now().to_string()[..10]) => json!("today"),
        other => other.clone(),
    }
}

async fn answers(client: &Client) -> Vec<(String, u16, Value)> {
    let vendor = json!({"provider": "SecureScore", "vendor": "Microsoft"});
    let profiles = "/v1.0/security/secureScoreControlProfiles";
    let own = format!("/api/v1/tenants/{TENANT}");
    let changes = [
        (
            "PATCH",
            format!("{profiles}/BlockLegacyAuthentication"),
            json!({"state": "ThirdParty", "comment": "ä", "vendorInformation": vendor}),
        ),
        (
            "PATCH",
            format!("{own}/actions"),
            json!({"actions": [{"controlId": "AdminMFAV2", "status": "planned", "tags": ["a", "b"]}]}),
        ),
        ("PATCH", format!("{own}/actions"), json!({"actions": [{"controlId": "OneAdmin", "status": "riskAccepted"}]})),
        ("POST", format!("{own}/reviews"), json!({"controlId": "task_review_role_assignments", "note": "done"})),
        (
            "POST",
            format!("/beta/directory/recommendations/{TENANT}_AdminMFAV2/dismiss"),
            json!({"dismissReason": "no"}),
        ),
    ];
    let mut found = Vec::new();
    for (method, path, body) in &changes {
        let answer = client.json(method, path, body).await;
        found.push((format!("{method} {path}"), answer.status.as_u16(), answer.body));
    }
    for path in [
        "/v1.0/security/secureScores".to_owned(),
        "/v1.0/security/secureScores?$top=1&$select=id,currentScore,controlScores".to_owned(),
        "/v1.0/security/secureScores?$filter=currentScore%20gt%2011&$count=true".to_owned(),
        profiles.to_owned(),
        format!("{profiles}?$orderby=maxScore%20desc,id&$top=5&$skip=3"),
        "/beta/directory/recommendations?$expand=impactedResources".to_owned(),
        "/beta/directory/recommendations/tenantSecureScores".to_owned(),
        own.clone(),
        format!("{own}/trend"),
        format!("{own}/actions"),
        format!("{own}/reviews"),
        format!("{own}/compare"),
        format!("{own}/snapshots?top=1"),
        format!("{own}/diff?from=2026-11-18&to=2026-11-20"),
        format!("{own}/controls/AdminMFAV2/evidence?top=3"),
        format!("{own}/trend?from=nonsense"),
    ] {
        let answer = client.get(&path).await;
        found.push((path, answer.status.as_u16(), answer.body));
    }
    let mut ids = BTreeMap::new();
    found.into_iter().map(|(path, status, body)| (path, status, settled(&body, &mut ids))).collect()
}

#[tokio::test]
async fn both_databases_give_the_same_answers() {
    let server = std::env::var("IDSCORE_POSTGRES").expect("./test starts PostgreSQL and sets IDSCORE_POSTGRES");
    let name = format!("idscore_{}", uuid::Uuid::now_v7().simple());
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&format!("{server}/postgres")).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&pool).await.unwrap();
    let (sqlite, postgres) = (Client::new().await, Client::on(Some(&format!("{server}/{name}"))).await);
    for (one, other) in answers(&sqlite).await.into_iter().zip(answers(&postgres).await) {
        assert_eq!(one, other);
    }
}
