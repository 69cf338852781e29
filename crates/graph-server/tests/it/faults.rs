//! What the fault script does to answers.

use std::time::Instant;

use idscore_graph_server::Script;
use serde_json::Value;

use crate::client::{Client, exported, faults, invented, tenant};

const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";

async fn of(script: &str) -> Client {
    Client::of(&tenant("risky"), faults(script)).await
}

#[tokio::test]
async fn errors_come_with_retry_after_in_both_forms_or_without() {
    let client = of(r#"
        [[fault]]
        class = "IPC"
        nth = 1
        status = 429
        [[fault]]
        class = "IPC"
        nth = 2
        status = 429
        retry_after = 3
        [[fault]]
        class = "IPC"
        nth = 3
        status = 503
        retry_after_date = 30
        [[fault]]
        class = "IPC"
        nth = 4
        status = 509
        code = "Overloaded"
        message = "The service is busy."
        "#)
    .await;
    let first = client.get(POLICIES).await;
    assert_eq!((first.status, first.header("retry-after")), (429, None));
    let second = client.get(POLICIES).await;
    assert_eq!((second.status, second.header("retry-after")), (429, Some("3")));
    let third = client.get(POLICIES).await;
    let (date, now) = (third.header("retry-after").unwrap(), third.header("date").unwrap());
    let (date, now) = (httpdate::parse_http_date(date).unwrap(), httpdate::parse_http_date(now).unwrap());
    let ahead = date.duration_since(now).unwrap().as_secs();
    assert!(third.status == 503 && (29..=30).contains(&ahead), "{ahead}");
    let fourth = client.get(POLICIES).await;
    assert_eq!((fourth.status, fourth.code().as_str()), (509, "Overloaded"));
    assert_eq!(client.get(POLICIES).await.status, 200);
    let seen = client.server.statistics();
    let scripted: u64 = seen.classes.values().map(|class| class.scripted).sum();
    assert_eq!((seen.avoidable(), scripted), (0, 2));
}

#[tokio::test]
async fn a_gateway_answers_in_html() {
    let client = of("[[fault]]\ndata_set = \"domains\"\nstatus = 502\nhtml = true\ntimes = 1").await;
    let reply = client.get("/v1.0/domains").await;
    assert_eq!((reply.status, reply.header("content-type")), (502, Some("text/html")));
    assert!(reply.body.starts_with("<!DOCTYPE html>") && reply.body.contains("502 Bad Gateway"));
    assert_eq!(client.get("/v1.0/domains").await.status, 200);
}

#[tokio::test]
async fn one_endpoint_is_down_for_good_and_the_others_are_not() {
    let client = of("[[fault]]\ndata_set = \"groups\"\nstatus = 503").await;
    for _ in 0..5 {
        assert_eq!(client.get("/v1.0/groups").await.code(), "ServiceUnavailable");
        assert_eq!(client.get("/v1.0/users").await.status, 200);
    }
}

#[tokio::test]
async fn connections_end_before_or_within_an_answer() {
    let client = of(
        "[[fault]]\npath = \"/users\"\nnth = 1\nreset = true\n[[fault]]\npath = \"/users\"\nnth = 2\ncut_after = 100",
    )
    .await;
    let error = client.try_get("/v1.0/users", &[]).await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    let error = client.try_get("/v1.0/users", &[]).await.unwrap_err();
    assert!(error.is_body() || error.is_decode(), "{error:?}");
    assert_eq!(client.get("/v1.0/users").await.status, 200);
}

#[tokio::test]
async fn answers_come_late_or_slowly() {
    let client = of(
        "[[fault]]\npath = \"/users\"\nnth = 1\ndelay_ms = 300\n[[fault]]\npath = \"/users\"\nnth = 2\nslow_ms = 400",
    )
    .await;
    for least in [300, 400] {
        let begun = Instant::now();
        let reply = client.get("/v1.0/users").await;
        assert!(reply.status == 200 && reply.json()["value"].is_array());
        assert!(begun.elapsed().as_millis() >= least, "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn pages_are_empty_short_or_overlap_and_nothing_is_lost() {
    let export = invented(400);
    let script = r#"
        [[fault]]
        data_set = "users"
        nth = 2
        empty_page = true
        [[fault]]
        data_set = "users"
        nth = 3
        page_size = 7
        [[fault]]
        data_set = "users"
        nth = 4
        overlap = 5
        [[fault]]
        data_set = "users"
        nth = 5
        reorder = true
        "#;
    let client = Client::of(export.path(), faults(script)).await;
    let pages = client.pages("/beta/users?$top=90").await;
    let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes[..5], [90, 0, 7, 90, 90]);
    let users = exported(export.path(), "users");
    assert_eq!(pages[3][..5], users[92..97], "the page begins before the last one ended");
    assert_eq!(pages[4][0], users[271], "the last row comes first");
    let mut ids: Vec<&str> = pages.iter().flatten().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 405);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 400);
}

#[tokio::test]
async fn rows_are_skipped_where_the_script_wants_a_gap() {
    let export = invented(200);
    let client = Client::of(export.path(), faults("[[fault]]\ndata_set = \"users\"\nnth = 2\nskip = 3")).await;
    assert_eq!(client.all("/v1.0/users?$top=150").await.len(), 197);
}

#[tokio::test]
async fn a_next_link_may_name_another_host() {
    let client = of("[[fault]]\ndata_set = \"users\"\nnext_link_host = \"graph.attacker.example\"").await;
    let page = client.get("/v1.0/users?$top=5").await.json();
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with("https://graph.attacker.example/v1.0/users?$top=5&$skiptoken="), "{next}");
}

#[tokio::test]
async fn a_page_token_may_end_early() {
    let client = of("[[fault]]\ndata_set = \"users\"\nexpired_page_token = true\nnth = 2").await;
    let next = client.get("/v1.0/users?$top=5").await.json()["@odata.nextLink"].as_str().unwrap().to_owned();
    assert_eq!(client.get(&next).await.code(), "Directory_ExpiredPageToken");
    assert_eq!(client.get(&next).await.status, 200);
}

#[tokio::test]
async fn a_deleted_user_is_gone_from_lists_and_still_a_member() {
    let export = invented(300);
    let script = "[[fault]]\ndata_set = \"users\"\nnth = 2\ndelete = \"row:150\"";
    let client = Client::of(export.path(), faults(script)).await;
    let users = exported(export.path(), "users");
    let gone = users[149]["id"].as_str().unwrap();
    let seen = client.all("/v1.0/users?$top=100").await;
    assert_eq!(seen.len(), 299);
    assert!(!seen.iter().any(|user| user["id"] == gone));
    assert_eq!(client.get(&format!("/v1.0/users/{gone}")).await.status, 404);
    assert_eq!(client.get(&format!("/beta/users/{gone}/authentication/requirements")).await.status, 404);
    let groups = std::fs::read_dir(export.path().join("members")).unwrap();
    for group in groups.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        let exported = exported(&export.path().join("members"), &group);
        assert_eq!(client.all(&format!("/v1.0/groups/{group}/members?$top=999")).await, exported);
    }
}

#[tokio::test]
async fn objects_have_properties_and_values_that_nobody_has_heard_of() {
    let client = of(r#"
        [[fault]]
        data_set = "policies"
        nth = 1
        extra_properties = true
        drop_nulls = true
        [[fault]]
        data_set = "policies"
        nth = 2
        set = "grantControls/builtInControls"
        value = ["telepathy"]
        "#)
    .await;
    let first = client.all(POLICIES).await;
    assert!(first.iter().all(|policy| policy["neverHeardOf"].is_object()));
    fn has_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(elements) => elements.iter().any(has_null),
            Value::Object(properties) => {
                properties.iter().any(|(name, value)| name != "neverHeardOf" && has_null(value))
            }
            _ => false,
        }
    }
    assert!(!first.iter().any(has_null));
    let second = client.all(POLICIES).await;
    assert!(second.iter().any(|policy| policy["grantControls"]["builtInControls"][0] == "telepathy"));
    assert!(second.iter().any(has_null), "null where Graph has null");
}

#[tokio::test]
async fn newer_enum_members_are_shown_only_to_who_prefers_them() {
    let export = tempfile::tempdir().unwrap();
    std::fs::create_dir(export.path().join("policies")).unwrap();
    let policy = r#"{"value":[{"id":"c1","displayName":"linux","grantControls":{"builtInControls":["riskRemediation"]},
        "conditions":{"platforms":{"includePlatforms":["linux"]}}}]}"#;
    std::fs::write(export.path().join("policies/1.json"), policy).unwrap();
    let client = Client::of(export.path(), faults("")).await;
    let masked = client.all(POLICIES).await.remove(0);
    assert_eq!(masked["grantControls"]["builtInControls"][0], "unknownFutureValue");
    assert_eq!(masked["conditions"]["platforms"]["includePlatforms"][0], "unknownFutureValue");
    assert_eq!(masked["displayName"], "linux");
    let both = [("Prefer", "odata.maxpagesize=50"), ("Prefer", "include-unknown-enum-members")];
    let reply = client.get_with(POLICIES, &both).await;
    assert_eq!(reply.header("preference-applied"), Some("include-unknown-enum-members"));
    assert_eq!(reply.json()["value"][0]["grantControls"]["builtInControls"][0], "riskRemediation");
}

#[tokio::test]
async fn the_clock_may_be_ten_minutes_off() {
    let client = of("[[fault]]\ndata_set = \"domains\"\nclock_skew_seconds = -600\ntimes = 1").await;
    let ahead = |reply: &crate::client::Reply| {
        let date = httpdate::parse_http_date(reply.header("date").unwrap()).unwrap();
        date.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().cast_signed()
            - std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs().cast_signed()
    };
    assert!(ahead(&client.get("/v1.0/users").await).abs() <= 2);
    assert!((ahead(&client.get("/v1.0/domains").await) + 600).abs() <= 2);
}

#[tokio::test]
async fn the_same_seed_brings_the_same_faults() {
    let script = "[[fault]]\ndata_set = \"domains\"\nprobability = 0.4\nstatus = 503";
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let mut options = faults(script);
        options.seed = seed;
        let client = Client::of(&tenant("risky"), options).await;
        let mut statuses = Vec::new();
        for _ in 0..40 {
            statuses.push(client.get("/v1.0/domains").await.status);
        }
        runs.push(statuses);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[test]
fn every_script_of_the_documentation_can_be_read_and_every_key_is_explained() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/graph-server.md");
    let text = std::fs::read_to_string(path).unwrap();
    let scripts: Vec<&str> = text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(scripts.len(), 2);
    for script in scripts {
        Script::parse(script).unwrap_or_else(|error| panic!("{error}\n{script}"));
    }
    // The reader names what it knows when it meets what it doesn't.
    let error = Script::parse("[[fault]]\nnonsense = 1").unwrap_err().to_string();
    let keys: Vec<&str> = error.split('`').skip(1).step_by(2).filter(|key| !key.contains([' ', '=', '\n'])).collect();
    assert!(keys.len() > 35, "{error}");
    for key in keys.iter().filter(|key| **key != "nonsense") {
        assert!(text.contains(&format!("`{key}`")), "`{key}` is not explained");
    }
}
