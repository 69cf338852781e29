//! `/metrics`: what is counted, for whom, and that it names nobody.

use axum::body::Body;
use axum::http::Request;
use idscore_server::MetricsAccess;

use crate::client::{Client, TENANT, limits};

async fn scraped(client: &Client, token: Option<&str>) -> (u16, String) {
    let request = Request::get("/metrics").header("host", "score.example.org");
    let request =
        token.iter().fold(request, |request, token| request.header("authorization", format!("Bearer {token}")));
    let answer = client.send(request.body(Body::empty()).unwrap()).await;
    (answer.status.as_u16(), answer.body.as_str().map(str::to_owned).unwrap_or_default())
}

#[tokio::test]
async fn requests_are_counted_by_route_method_and_status_and_nobody_is_named() {
    let client = Client::with(&["SecurityEvents.Read.All"], limits(1, 3)).await;
    client.get(&format!("/api/v1/tenants/{TENANT}/trend")).await;
    client.get(&format!("/api/v1/tenants/{TENANT}/trend?from=x")).await;
    client.get("/no/such/path").await;
    client.send(client.request("SECRET", "/healthz").body(Body::empty()).unwrap()).await;
    while client.get("/v1.0/security/secureScores").await.status != 429 {}
    let (status, text) = scraped(&client, None).await;
    assert_eq!(status, 200);
    let trend = "route=\"/api/v1/tenants/{tenant}/trend\",method=\"GET\"";
    for line in [
        format!("idscore_http_requests_total{{{trend},status=\"200\"}} 1"),
        format!("idscore_http_requests_total{{{trend},status=\"400\"}} 1"),
        "idscore_http_requests_total{route=\"none\",method=\"GET\",status=\"400\"} 1".to_owned(),
        "idscore_http_requests_total{route=\"/healthz\",method=\"other\",status=\"405\"} 1".to_owned(),
        format!("idscore_http_request_duration_seconds_count{{{trend}}} 2"),
        "idscore_http_requests_throttled_total 1".to_owned(),
        "idscore_http_requests_in_flight 1".to_owned(),
        "idscore_uploads_total{outcome=\"kept\"} 0".to_owned(),
        "idscore_assessments_kept_total 0".to_owned(),
        format!("idscore_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    for secret in [TENANT, "Fabrikam", "portal", "SECRET", "no/such", &client.token] {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }
}

#[tokio::test]
async fn each_service_of_a_process_counts_for_itself() {
    let (one, other) = (Client::new().await, Client::new().await);
    one.get("/healthz").await;
    let healthz = "idscore_http_requests_total{route=\"/healthz\"";
    assert!(scraped(&one, None).await.1.contains(healthz));
    assert!(!scraped(&other, None).await.1.contains(healthz));
}

#[tokio::test]
async fn metrics_are_open_closed_or_for_a_token_of_their_own() {
    let token = "a token for the scraper";
    let client = Client::new().await;
    assert_eq!(scraped(&client, None).await.0, 200);
    let client = client.with_metrics(MetricsAccess::Token(token.to_owned()));
    let tenants = client.token.clone();
    assert_eq!(scraped(&client, None).await.0, 401);
    assert_eq!(scraped(&client, Some(&tenants)).await.0, 401, "a tenant's token opens a tenant");
    assert_eq!(scraped(&client, Some(token)).await.0, 200);
    let client = client.with_metrics(MetricsAccess::Closed);
    assert_eq!((scraped(&client, None).await.0, scraped(&client, Some(token)).await.0), (401, 401));
}
