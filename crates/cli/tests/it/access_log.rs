//! `idscore serve --access-log`: who asked for what, without a secret.

use serde_json::Value;

use crate::history::Room;
use crate::served::Served;

const TENANT: &str = "33333333-0000-4000-8000-0000000000f1";

#[test]
fn each_request_is_a_line_without_queries_links_and_tokens() {
    let room = Room::of_one_day();
    let served = Served::with(&room, TENANT, &["--access-log", "--log-format", "json"]);
    let trend = format!("/api/v1/tenants/{TENANT}/trend");
    served.get(&format!("{trend}?from=2026-01-01"));
    served.ask(&trend, "Authorization: Bearer nobodys-token");
    served.ask(&format!("{}/", served.link), "Accept: text/html");
    let (head, _) = served.ask(&served.link, "Accept: text/html");
    let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let session = cookie.split(';').next().unwrap();
    served.ask(&format!("/tenants/{TENANT}/overview?q=Ada+Lovelace"), &format!("Cookie: {session}"));
    served.ask("/nothing%0A::error", "Accept: text/html");
    let log = served.log("\"message\":\"request\"", 6);
    let secrets = [&served.token, served.link.rsplit('/').next().unwrap(), session.split_once('=').unwrap().1];
    for secret in secrets.iter().copied().chain(["nobodys-token", "2026-01-01", "Lovelace"]) {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let requests: Vec<&Value> = lines.iter().filter(|line| line["message"] == "request").collect();
    let said = |line: &Value| {
        let text = |member: &str| line[member].as_str().unwrap().to_owned();
        (text("path"), line["status"].as_u64().unwrap(), text("by").split(':').next().unwrap().to_owned())
    };
    let expected = [
        (trend.as_str(), 200, "token"),
        (trend.as_str(), 401, ""),
        ("/sign-in/{secret}", 404, ""),
        ("/sign-in/{secret}", 303, ""),
        (&format!("/tenants/{TENANT}/overview"), 200, "person"),
        ("/nothing%0A::error", 404, ""),
    ];
    assert_eq!(
        requests.iter().map(|line| said(line)).collect::<Vec<_>>(),
        expected.map(|(path, status, by)| (path.to_owned(), status, by.to_owned()))
    );
    for line in requests {
        assert_eq!((line["method"].as_str(), line["from"].as_str()), (Some("GET"), Some("127.0.0.1")), "{line}");
        assert_eq!(line["request_id"].as_str().unwrap().len(), 36, "{line}");
    }
}

#[test]
fn without_the_option_requests_are_nowhere_in_the_log() {
    let room = Room::of_one_day();
    let served = Served::over(&room, TENANT);
    served.ask("/healthz", "Accept: text/plain");
    served.signal("-TERM");
    let mut served = served;
    served.ended();
    assert!(!served.log("", 0).contains("request"), "{}", served.log("", 0));
}
