//! The documented limits, and what a client that oversteps them hears.

use idscore_graph_server::{Class, Options};

use crate::client::{Client, invented, tenant};

fn limited(scale: f64) -> Options {
    Options { throttle: Some(scale), ..Options::default() }
}

#[tokio::test]
async fn conditional_access_answers_once_a_second_and_doesnt_say_when_again() {
    let client = Client::of(&tenant("risky"), limited(1.0)).await;
    let path = "/v1.0/identity/conditionalAccess/policies";
    assert_eq!(client.get(path).await.status, 200);
    let refused = client.get("/v1.0/identityProtection/riskyUsers").await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "TooManyRequests"), "one class, one limit");
    assert_eq!(refused.header("retry-after"), None);
    assert_eq!(client.get("/v1.0/users").await.status, 200, "another class");
    let seen = client.server.statistics().classes[&Class::Protection];
    assert_eq!((seen.requests, seen.throttled, seen.scripted), (2, 1, 0));
    assert_eq!(client.server.statistics().avoidable(), 1);
}

#[tokio::test]
async fn reports_answer_five_times_in_ten_seconds_and_say_when_again() {
    let client = Client::of(&tenant("risky"), limited(1.0)).await;
    let path = "/v1.0/reports/authenticationMethods/userRegistrationDetails";
    for _ in 0..5 {
        assert_eq!(client.get(path).await.status, 200);
    }
    let refused = client.get(path).await;
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(refused.status == 429 && (2..=4).contains(&seconds), "{seconds}");
    client.get(path).await;
    assert_eq!(client.server.statistics().impatient(), 0, "it may have been under way");
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    client.get(path).await;
    let seen = client.server.statistics();
    assert_eq!((seen.impatient(), seen.classes[&Class::Reports].early), (1, 1), "it was told to wait");
    tokio::time::sleep(std::time::Duration::from_secs(seconds + 4)).await;
    assert_eq!(client.get(path).await.status, 200);
}

#[tokio::test]
async fn the_directory_counts_resource_units_by_what_is_asked_for() {
    let export = invented(60);
    // 5,000 units per 10 seconds, of which a two-hundredth: 25.
    let client = Client::of(export.path(), limited(0.005)).await;
    let units = |path: &str, units: &str| (format!("/v1.0/{path}"), units.to_owned());
    let group = std::fs::read_dir(export.path().join("members")).unwrap().next().unwrap().unwrap().file_name();
    let group = group.to_str().unwrap();
    for (path, units) in [
        units("users", "2"),
        units("users?$select=id", "1"),
        units("applications?$expand=owners", "3"),
        units("applications?$expand=owners&$select=id", "2"),
        units("applications?$expand=owners&$select=id&$top=5", "1"),
        units(&format!("groups/{group}/members"), "3"),
        units("subscribedSkus", "3"),
        units("domains?$top=5", "1"),
    ] {
        let reply = client.get(&path).await;
        assert_eq!((reply.status, reply.header("x-ms-resource-unit")), (200, Some(units.as_str())), "{path}");
        assert_eq!(reply.header("x-ms-throttle-limit-percentage"), None);
    }
    let mut warned = false;
    let mut refused = client.get("/v1.0/users").await;
    for _ in 0..200 {
        if refused.status == 429 {
            break;
        }
        warned |= refused.header("x-ms-throttle-limit-percentage").is_some();
        refused = client.get("/v1.0/users").await;
    }
    assert_eq!(refused.status, 429);
    assert!(warned, "from 80 % of the limit on it says so");
    assert!(refused.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    let share: f64 = refused.header("x-ms-throttle-limit-percentage").unwrap().parse().unwrap();
    assert!((1.0..=1.8).contains(&share), "{share}");
    assert!(refused.header("x-ms-throttle-scope").unwrap().starts_with("Tenant_Application/ReadWrite/app/"));
    assert_eq!(refused.header("x-ms-throttle-information"), Some("ResourceUnitLimitExceeded"));
    let mut forms = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let wait = client.get("/v1.0/users").await.header("retry-after").unwrap().to_owned();
        forms.insert(wait.parse::<u64>().is_ok());
    }
    assert_eq!(forms.len(), 2, "in seconds, and as a date now and then");
}

#[tokio::test]
async fn without_limits_nothing_is_refused() {
    let client = Client::of(&tenant("risky"), crate::client::unlimited()).await;
    for _ in 0..20 {
        assert_eq!(client.get("/v1.0/identity/conditionalAccess/policies").await.status, 200);
    }
    assert_eq!(client.server.statistics().avoidable(), 0);
}

#[tokio::test]
async fn a_client_that_paces_itself_by_the_documented_limits_is_never_refused() {
    let export = invented(20);
    let client = Client::of(export.path(), limited(1.0)).await;
    let protection = async {
        for _ in 0..4 {
            assert_eq!(client.get("/v1.0/identityProtection/riskyUsers").await.status, 200);
            tokio::time::sleep(std::time::Duration::from_millis(1_000)).await;
        }
    };
    let reports = async {
        for _ in 0..5 {
            assert_eq!(client.get("/v1.0/reports/authenticationMethods/userRegistrationDetails").await.status, 200);
        }
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert_eq!(client.get("/v1.0/auditLogs/signIns").await.status, 200);
    };
    let directory = async {
        for _ in 0..300 {
            assert_eq!(client.get("/v1.0/users").await.status, 200);
        }
    };
    tokio::join!(protection, reports, directory);
    let seen = client.server.statistics();
    assert_eq!((seen.avoidable(), seen.classes[&Class::Directory].units), (0, 600));
}

#[tokio::test]
async fn statistics_can_be_asked_for_over_the_wire() {
    let client = Client::of(&tenant("risky"), crate::client::unlimited()).await;
    client.all("/v1.0/users").await;
    let seen = client.get("/.graph-server/statistics").await.json();
    assert_eq!((&seen["dataSets"]["users"], &seen["classes"]["DIR"]["requests"]), (&1.into(), &1.into()), "{seen}");
    assert_eq!((seen["tokens"].as_u64(), seen["classes"]["DIR"]["units"].as_u64()), (Some(1), Some(2)));
    assert!(seen["rows"].as_u64().unwrap() > 5 && seen["mostAtOnce"].as_u64().unwrap() >= 1);
}
