//! Input that is accepted and reported.

use crate::support::{Export, ORGANIZATION, REPORT};

#[test]
fn of_objects_with_the_same_id_the_later_stands() {
    let export = Export::of(&[
        REPORT,
        ORGANIZATION,
        ("users/1.json", r#"{"value":[{"id":"a1","displayName":"old"},{"id":"a2"}]}"#),
        ("users/2.json", r#"{"value":[{"id":"a3"},{"id":"a1","displayName":"new"}]}"#),
        ("groups/1.json", r#"{"value":[{"id":"b1","displayName":"old"},{"id":"b1","displayName":"new"}]}"#),
        ("domains/1.json", r#"{"value":[{"id":"d1","isRoot":true},{"id":"d1","isRoot":false}]}"#),
        ("members/b1/1.json", r#"{"value":[{"id":"a1"},{"id":"a3"}]}"#),
    ]);
    let read = export.read().unwrap();
    assert_eq!(read.rows("users", &["id", "display_name"]), ["a2 | NULL", "a3 | NULL", "a1 | new"]);
    assert_eq!(read.rows("groups", &["display_name"]), ["new"]);
    assert_eq!(read.rows("domains", &["is_root"]), ["false"]);
    let members = read.snapshot.group_members().unwrap();
    assert_eq!(members[0].users.iter().collect::<Vec<_>>(), [1, 2]);
    let warnings = read.manifest.warnings.join("\n");
    for name in ["users", "groups", "domains"] {
        let said = format!("`{name}`: the id was read before, the later object stands: 1 object");
        assert!(warnings.contains(&said), "{warnings}");
    }
}

#[test]
fn ids_that_point_nowhere_are_reported() {
    let export = Export::of(&[
        REPORT,
        ORGANIZATION,
        ("users/1.json", r#"{"value":[{"id":"a1"}]}"#),
        ("groups/1.json", r#"{"value":[{"id":"b1"}]}"#),
        ("servicePrincipals/1.json", r#"{"value":[{"id":"e1"}]}"#),
        ("members/b1/1.json", r##"{"value":[{"@odata.type":"#microsoft.graph.user","id":"gone"}]}"##),
        (
            "roleAssignments/1.json",
            r#"{"value":[{"id":"1","principalId":"gone","roleDefinitionId":"r","directoryScopeId":"/"},
                {"id":"2","principalId":"e1","roleDefinitionId":"r","directoryScopeId":"/"}]}"#,
        ),
    ]);
    let read = export.read().unwrap();
    let warnings = read.manifest.warnings.join("\n");
    assert!(warnings.contains("to a principal that does not exist: 1 assignment"), "{warnings}");
    assert!(warnings.contains("users that no list of users holds: 1 member"), "{warnings}");
    assert_eq!(read.rows("role_assignments", &["principal_kind"]), ["deleted", "servicePrincipal"]);
    assert_eq!(read.snapshot.group_members().unwrap()[0].others, ["gone"]);
}

#[test]
fn year_0001_is_no_date_and_9999_is_one() {
    let export = Export::of(&[
        REPORT,
        ("users/1.json", r#"{"value":[{"id":"a1","createdDateTime":"0001-01-01T00:00:00Z"}]}"#),
        (
            "applications/1.json",
            r#"{"value":[{"id":"e1","appId":"f1","passwordCredentials":[{"keyId":"k","startDateTime":"2024-01-01T00:00:00Z","endDateTime":"9999-12-31T00:00:00Z"}],"keyCredentials":[]}]}"#,
        ),
    ]);
    let read = export.read().unwrap();
    assert_eq!(read.rows("users", &["created_date_time"]), ["NULL"]);
    assert_eq!(read.rows("credentials", &["end_date_time", "lifetime_in_days"]), ["for ever | 2913173"]);
}

#[test]
fn no_users_unknown_properties_and_unknown_words_are_fine() {
    let export = Export::of(&[
        REPORT,
        ("users/1.json", r#"{"value":[]}"#),
        (
            "groups/1.json",
            r#"{"value":[{"id":"b1","brandNew":{"deep":[1,2,{"x":null}]},"visibility":"unknownFutureValue"}]}"#,
        ),
        ("policies/1.json", r#"{"value":[{"id":"c1","state":"unknownFutureValue"}]}"#),
        ("userRegistrationDetails/1.json", r#"{"value":[{"id":"a1","methodsRegistered":["telepathy"]}]}"#),
    ]);
    let read = export.read().unwrap();
    assert_eq!((read.status("users"), read.rows("users", &["id"]).len()), ("complete 0".to_owned(), 0));
    assert_eq!(read.rows("groups", &["visibility"]), ["NULL"]);
    assert_eq!(read.rows("policies", &["state"]), ["unknownFutureValue"]);
    assert!(
        read.manifest.warnings.iter().any(|warning| warning.contains("`telepathy`")),
        "{:?}",
        read.manifest.warnings
    );
}

#[test]
fn objects_that_delta_reports_as_removed_are_left_out() {
    let export = Export::of(&[
        REPORT,
        ("users/1.json", r#"{"value":[{"id":"a1"},{"id":"a2","@removed":{"reason":"deleted"}}]}"#),
        ("groups/1.json", r#"{"value":[{"id":"b1","@removed":{"reason":"changed"}}]}"#),
    ]);
    let read = export.read().unwrap();
    assert_eq!((read.rows("users", &["id"]), read.rows("groups", &["id"]).len()), (vec!["a1".to_owned()], 0));
}

#[test]
fn files_that_nobody_knows_are_named_in_a_warning() {
    let export = Export::of(&[
        ("users.json", r#"[{"id":"a1","createdDateTime":"2026-01-01T00:00:00Z"}]"#),
        ("strange.json", "{}"),
    ]);
    let read = export.read().unwrap();
    assert!(
        read.manifest.warnings.iter().any(|warning| warning.contains("strange.json")),
        "{:?}",
        read.manifest.warnings
    );
}
