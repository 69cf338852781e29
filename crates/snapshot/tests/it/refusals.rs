//! Graph's error body in place of data, pages that are not there, and envelopes without a list.

use idscore_catalogue::data_sets::DATA_SETS;
use idscore_snapshot::DataSetStatus;

use crate::support::{Export, ORGANIZATION, REPORT, Read, careful};

const DENIED: &str = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation.",
    "innerError":{"date":"2026-11-20T06:00:00"}}}"#;
const UNLICENSED: &str = r#"{"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant","message":"Neither tenant is B2C or tenant doesn't have premium license"}}"#;
const THROTTLED: &str = r#"{"error":{"code":"TooManyRequests","message":"Try again later"}}"#;

fn status(read: &Read, data_set: &str) -> DataSetStatus {
    read.manifest.data_set(data_set).unwrap().status
}

#[test]
fn an_error_body_in_place_of_a_page_is_refused_data_with_its_code_and_permission() {
    for (body, expected) in
        [(DENIED, DataSetStatus::Refused), (UNLICENSED, DataSetStatus::NotLicensed), (THROTTLED, DataSetStatus::Failed)]
    {
        for (path, data_set) in [
            ("users.json", "users"),
            ("userRegistrationDetails/1.json", "userRegistrationDetails"),
            ("authorizationPolicy.json", "authorizationPolicy"),
            ("policies/1.json", "policies"),
            ("roleAssignments.json", "roleAssignments"),
        ] {
            let read = Export::of(&[ORGANIZATION, (path, body)]).read().unwrap();
            let record = read.manifest.data_set(data_set).unwrap();
            assert_eq!((record.status, record.rows), (expected, 0), "{path}");
            assert!(body.contains(record.error_code.as_deref().unwrap()), "{path}");
            assert!(record.permission.is_some() && record.message.is_some(), "{path}");
            assert_eq!(status(&read, "organization"), DataSetStatus::Complete);
        }
    }
}

#[test]
fn an_error_body_among_pages_leaves_the_data_set_not_whole() {
    let page = r#"{"value":[{"id":"a1"}]}"#;
    for files in [
        [ORGANIZATION, REPORT, ("users/1.json", page), ("users/2.json", DENIED)],
        [ORGANIZATION, REPORT, ("users/1.json", DENIED), ("users/2.json", page)],
    ] {
        let read = Export::of(&files).read().unwrap();
        let record = read.manifest.data_set("users").unwrap();
        assert_eq!((record.status, record.rows), (DataSetStatus::Incomplete, 1));
        assert_eq!(record.error_code.as_deref(), Some("Authorization_RequestDenied"));
    }
    let read = Export::of(&[
        ORGANIZATION,
        REPORT,
        ("groups/1.json", r#"{"value":[{"id":"b1"},{"id":"b2"}]}"#),
        ("members/b1/1.json", r#"{"value":[]}"#),
        ("members/b2/1.json", r#"{"value":[]}"#),
        ("members/b2/2.json", DENIED),
    ])
    .read()
    .unwrap();
    let complete: Vec<_> =
        read.snapshot.group_members().unwrap().iter().map(|group| (group.group_id.clone(), group.complete)).collect();
    assert_eq!(complete, [("b1".to_owned(), true), ("b2".to_owned(), false)]);
    assert_eq!(status(&read, "members"), DataSetStatus::Incomplete);
}

#[test]
fn every_data_set_may_be_an_error_body() {
    for data_set in DATA_SETS.iter().filter(|data_set| data_set.name != "organization") {
        let path = if data_set.per_owner { "x/1.json" } else { "1.json" };
        let export = Export::of(&[ORGANIZATION, REPORT]);
        export.add(&format!("{}/{path}", data_set.name), DENIED.as_bytes());
        let read = export.read().unwrap_or_else(|error| panic!("{}: {error}", data_set.name));
        assert_eq!(status(&read, data_set.name), DataSetStatus::Refused, "{}", data_set.name);
    }
}

#[test]
fn no_page_of_a_whole_export_becomes_more_certain_when_an_error_stands_in_its_place() {
    let whole = careful();
    let statuses = |read: &Read| read.manifest.data_sets.clone();
    let before = statuses(&whole.read().unwrap());
    for page in whole.pages() {
        let export = careful();
        export.add(&page, DENIED.as_bytes());
        let after = statuses(&export.read().unwrap_or_else(|error| panic!("{page}: {error}")));
        let changed = page.split('/').next().unwrap();
        for (before, after) in before.iter().zip(&after) {
            // The schedule instances stand in for plain assignments that were refused.
            if after.name == changed && changed != "roleAssignments" {
                assert_ne!(after.status, DataSetStatus::Complete, "{page}");
                assert_eq!(after.error_code.as_deref(), Some("Authorization_RequestDenied"), "{page}");
            }
            assert!(
                before.status == DataSetStatus::Complete || after.status == before.status,
                "{page}: {}",
                after.name
            );
        }
    }
}

#[test]
fn an_envelope_without_a_list_is_not_an_empty_list() {
    for (path, data_set) in [("policies.json", "policies"), ("users.json", "users"), ("groups/1.json", "groups")] {
        let read = Export::of(&[ORGANIZATION, (path, r#"{"value":null}"#)]).read().unwrap();
        assert_eq!(read.status(data_set), "incomplete 0", "{path}");
        assert!(read.manifest.data_set(data_set).unwrap().message.as_deref().unwrap().contains("null"));
    }
    let one = r#"{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#users","value":{"id":"a1"}}"#;
    let read = Export::of(&[ORGANIZATION, ("users.json", one)]).read().unwrap();
    assert_eq!((read.status("users"), read.rows("users", &["id"])), ("complete 1".to_owned(), vec!["a1".to_owned()]));
}

#[test]
fn fewer_objects_than_graph_counts_are_incomplete() {
    let counted = |count: u64| format!(r#"{{"@odata.count":{count},"value":[{{"id":"a1"}},{{"id":"a2"}}]}}"#);
    for (count, expected) in [(2, "complete 2"), (1, "complete 2"), (3, "incomplete 2")] {
        let read = Export::of(&[ORGANIZATION, ("users/1.json", &counted(count))]).read().unwrap();
        assert_eq!(read.status("users"), expected, "{count}");
    }
    let two = Export::of(&[ORGANIZATION, ("users/1.json", &counted(3)), ("users/2.json", r#"[{"id":"a3"}]"#)]);
    assert_eq!(two.read().unwrap().status("users"), "complete 3");
}

#[test]
fn a_page_that_is_missing_between_others_is_noticed() {
    let next = r#"{"value":[{"id":"a1"}],"@odata.nextLink":"https://graph.microsoft.com/v1.0/users?$skiptoken=x"}"#;
    let last = r#"{"value":[{"id":"a3"}]}"#;
    for (first, second, expected) in [
        ("users/1.json", "users/2.json", "complete 2"),
        ("users/1.json", "users/3.json", "incomplete 2"),
        ("users-1.json", "users-3.json", "incomplete 2"),
        ("users/2.json", "users/3.json", "incomplete 2"),
    ] {
        let read = Export::of(&[ORGANIZATION, (first, next), (second, last)]).read().unwrap();
        assert_eq!(read.status("users"), expected, "{first} {second}");
    }
    let report = r#"{"formatVersion":1,"startedAt":"2026-11-20T06:00:00Z","dataSets":[{"name":"policies","status":"complete","pages":2}]}"#;
    let read = Export::of(&[ORGANIZATION, ("collection.json", report), ("policies/1.json", r#"{"value":[]}"#)]).read();
    assert_eq!(read.unwrap().status("policies"), "incomplete 0");
}

#[test]
fn the_version_of_graph_is_kept_where_all_pages_agree() {
    let page = |version: &str| {
        format!(
            r#"{{"@odata.context":"https://graph.microsoft.com/{version}/$metadata#users","value":[{{"id":"a1"}}]}}"#
        )
    };
    let version = |files: &[(&str, &str)]| {
        let read = Export::of(files).read().unwrap();
        read.manifest.data_set("users").unwrap().api_version.clone()
    };
    let (v1, beta) = (page("v1.0"), page("beta"));
    assert_eq!(version(&[ORGANIZATION, ("1.json", &v1)]).as_deref(), Some("v1.0"));
    assert_eq!(version(&[ORGANIZATION, ("1.json", &beta)]).as_deref(), Some("beta"));
    assert_eq!(version(&[ORGANIZATION, ("1.json", &v1), ("2.json", &beta)]), None);
    assert_eq!(version(&[ORGANIZATION, ("users.json", "[]")]), None);
    let report = r#"{"formatVersion":1,"startedAt":"2026-11-20T06:00:00Z","dataSets":[{"name":"users","status":"complete","apiVersion":"beta"}]}"#;
    let told = version(&[ORGANIZATION, ("collection.json", report), ("users/1.json", r#"{"value":[]}"#)]);
    assert_eq!(told.as_deref(), Some("beta"));
}

#[test]
fn a_data_set_per_owner_is_not_whole_where_its_owners_were_refused() {
    let report = |owner: &str| {
        format!(
            r#"{{"formatVersion":1,"startedAt":"2026-11-20T06:00:00Z","dataSets":[{{"name":"members","status":"complete","rows":0,"pages":0}},
                {{"name":"policies","status":"{owner}","rows":0}},{{"name":"groups","status":"complete","rows":0}},{{"name":"roleAssignments","status":"complete","rows":0}}]}}"#
        )
    };
    for (status, expected) in [("complete", "complete 0"), ("refused", "incomplete 0"), ("failed", "incomplete 0")] {
        let read = Export::of(&[ORGANIZATION, ("collection.json", &report(status))]).read().unwrap();
        assert_eq!(read.status("members"), expected, "{status}");
    }
}
