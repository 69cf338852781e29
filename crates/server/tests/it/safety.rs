//! Who may not, how often not, and what every answer carries.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::client::{Client, OTHER, TENANT, limits, token};

#[tokio::test]
async fn without_a_valid_token_everything_but_the_start_page_is_401() {
    let client = Client::new().await;
    for path in
        ["/v1.0/security/secureScores", "/beta/directory/recommendations", &format!("/api/v1/tenants/{TENANT}/trend")]
    {
        for header in [None, Some("Bearer nonsense"), Some("Basic YTpi"), Some("Bearer"), Some("Bearer ")] {
            let mut request = Request::get(path).header("host", "score.example.org");
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let answer = client.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.body["error"]["code"]),
                (401, &json!("InvalidAuthenticationToken")),
                "{path}"
            );
            assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
        }
    }
}

#[tokio::test]
async fn a_scope_opens_only_what_its_name_says() {
    let client = Client::with(&["SecurityEvents.Read.All"], limits(100, 1000)).await;
    assert_eq!(client.get("/v1.0/security/secureScores").await.status, 200);
    let refused = client.get("/beta/directory/recommendations").await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]["code"]), (403, &json!("Authorization_RequestDenied")));
    let body = json!({"state": "Ignored", "vendorInformation": {"provider": "SecureScore", "vendor": "Microsoft"}});
    let refused = client.json("PATCH", "/v1.0/security/secureScoreControlProfiles/AdminMFAV2", &body).await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]["code"]), (403, &json!("Forbidden")));
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("SecurityEvents.ReadWrite.All"));
}

#[tokio::test]
async fn a_token_of_another_tenant_sees_nothing_of_this_one() {
    let mut client = Client::new().await;
    client.token =
        token(&client.archive, OTHER, &["SecurityEvents.ReadWrite.All", "DirectoryRecommendations.ReadWrite.All"], 2)
            .await;
    assert_eq!(client.get("/v1.0/security/secureScores").await.body["value"], json!([]));
    assert_eq!(client.get(&format!("/v1.0/security/secureScores/{TENANT}_2026-11-20")).await.status, 404);
    assert_eq!(client.get("/beta/directory/recommendations").await.body["value"], json!([]));
    assert_eq!(client.get(&format!("/beta/directory/recommendations/{TENANT}_AdminMFAV2")).await.status, 404);
}

#[tokio::test]
async fn too_many_requests_are_told_when_to_come_again() {
    let client = Client::with(&["SecurityEvents.Read.All"], limits(1, 3)).await;
    for _ in 0..3 {
        assert_eq!(client.get("/v1.0/security/secureScores").await.status, 200);
    }
    let refused = client.get("/v1.0/security/secureScores").await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]["code"]), (429, &json!("TooManyRequests")));
    assert_eq!(refused.headers["retry-after"], "1");
}

#[tokio::test]
async fn every_answer_carries_the_strict_policy_and_its_request_id() {
    let client = Client::new().await;
    for path in
        ["/", "/healthz", "/readyz", "/v1.0/security/secureScores", "/nowhere", "/v1.0/security/secureScores?$filter=x"]
    {
        let request = client.request("GET", path).header("client-request-id", "abc-1").body(Body::empty()).unwrap();
        let answer = client.send(request).await;
        assert!(
            answer.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"),
            "{path}"
        );
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["client-request-id"], "abc-1");
        assert!(!answer.headers["request-id"].is_empty());
    }
}

#[tokio::test]
async fn wrong_paths_methods_hosts_and_sizes_have_graphs_error_body() {
    let client = Client::new().await;
    let answer = client.get("/v1.0/security/nonsense").await;
    assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (400, &json!("BadRequest")));
    let answer = client.json("DELETE", "/v1.0/security/secureScores", &json!({})).await;
    assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (405, &json!("MethodNotAllowed")));
    let request = Request::get("/v1.0/security/secureScores")
        .header("host", "a b")
        .header("authorization", format!("Bearer {}", client.token));
    assert_eq!(client.send(request.body(Body::empty()).unwrap()).await.status, 400);
    let large = json!({"comment": "x".repeat(2_000_000), "vendorInformation": {"provider": "p", "vendor": "v"}});
    let answer = client.json("PATCH", "/v1.0/security/secureScoreControlProfiles/AdminMFAV2", &large).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body["error"]["code"].is_string(), "{}", answer.body);
}
