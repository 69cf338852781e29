//! What a file is: other collections of Graph, other tools, copies, drafts, and objects among the policies that are none.

use idscore_snapshot::ReadError;

use crate::support::{Export, ORGANIZATION, Read};

const POLICY: &str = r#"{"id":"c1","displayName":"CA001","state":"enabled","conditions":{"users":{"includeUsers":["All"]}},"grantControls":{}}"#;

fn warnings(read: &Read) -> String {
    read.manifest.warnings.join("\n")
}

fn page(path: &str, objects: &str) -> String {
    format!(r#"{{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#{path}","value":[{objects}]}}"#)
}

#[track_caller]
fn refused_as(files: &[(&str, &str)], file: &str, what: &str) {
    let error = Export::of(files).read().err().expect("the export must be refused");
    assert!(matches!(&error, ReadError::OtherTool { file: named, .. } if named == file), "{error:?}");
    assert!(error.to_string().contains(what), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn pages_of_deleted_objects_and_of_intune_are_left_out() {
    let deleted = page("identity/conditionalAccess/deletedItems/policies", &POLICY.replace("c1", "c9"));
    let role = r#"{"id":"x","principalId":"a1","roleDefinitionId":"r","directoryScopeId":"/"}"#;
    let intune = page("deviceManagement/roleAssignments", role);
    let policies = page("identity/conditionalAccess/policies", POLICY);
    let read = Export::of(&[
        ORGANIZATION,
        ("policies.json", &policies),
        ("deletedItems.json", &deleted),
        ("roleAssignments.json", &intune),
        ("deviceManagement/roleDefinitions/1.json", r#"{"value":[{"id":"r","displayName":"School"}]}"#),
    ])
    .read()
    .unwrap();
    assert_eq!(read.rows("policies", &["id"]), ["c1"]);
    assert_eq!((read.status("policies"), read.status("roleAssignments")), ("complete 1".into(), "absent 0".into()));
    assert_eq!(read.status("roleDefinitions"), "absent 0");
    for path in ["deletedItems/policies", "deviceManagement/roleAssignments", "deviceManagement/roleDefinitions"] {
        assert!(warnings(&read).contains(path), "{}", warnings(&read));
    }
}

#[test]
fn deleted_policies_in_the_folder_of_our_own_export_are_left_out_too() {
    let report = crate::support::REPORT;
    let deleted = page("identity/conditionalAccess/deletedItems/policies", &POLICY.replace("c1", "c9"));
    let read = Export::of(&[
        ORGANIZATION,
        report,
        ("policies/1.json", &page("identity/conditionalAccess/policies", POLICY)),
        ("policies/2.json", &deleted),
    ])
    .read()
    .unwrap();
    assert_eq!((read.rows("policies", &["id"]), read.status("policies")), (vec!["c1".to_owned()], "complete 1".into()));
    let unclear = page("somethingNew", POLICY);
    let read = Export::of(&[ORGANIZATION, report, ("policies/1.json", &unclear)]).read().unwrap();
    assert_eq!(read.status("policies"), "absent 0");
}

#[test]
fn an_object_that_says_when_it_was_deleted_is_gone() {
    let gone = r#""deletedDateTime":"2026-11-01T00:00:00Z""#;
    let kept = r#""deletedDateTime":null"#;
    let both = |extra: &str| format!(r#"[{{"id":"x1",{gone}{extra}}},{{"id":"x2",{kept}{extra}}}]"#);
    let members =
        format!(r##"{{"value":[{{"@odata.type":"#microsoft.graph.user","id":"x2"}},{{"id":"x1",{gone}}}]}}"##);
    let read = Export::of(&[
        ORGANIZATION,
        ("users.json", &both("")),
        ("groups.json", &both("")),
        ("applications.json", &both("")),
        ("servicePrincipals.json", &both("")),
        ("policies.json", &both(r#","state":"enabled""#)),
        ("members/x2/1.json", &members),
    ])
    .read()
    .unwrap();
    for table in ["users", "groups", "applications", "service_principals", "policies"] {
        assert_eq!(read.rows(table, &["id"]), ["x2"], "{table}");
    }
    for data_set in ["users", "groups", "applications", "servicePrincipals", "policies", "members"] {
        assert_eq!(read.status(data_set), "complete 1", "{data_set}");
        let said = format!("`{data_set}`: left out, because `deletedDateTime` says that it is deleted: 1 object");
        assert!(warnings(&read).contains(&said), "{}", warnings(&read));
    }
}

#[test]
fn names_with_dates_and_other_spellings_are_read() {
    let users = r#"[{"id":"a1"}]"#;
    for name in
        ["Users_2026-11-30.json", "users (1).json", "users-2026-11-30T06-00-00Z.json", "export/Users 2026-11-30.json"]
    {
        let read = Export::of(&[ORGANIZATION, (name, users)]).read().unwrap();
        assert_eq!(read.status("users"), "complete 1", "{name}");
    }
    for name in
        ["conditionalAccessPolicies.json", "conditional-access-policies.json", "ConditionalAccessPolicies/1.json"]
    {
        let read = Export::of(&[ORGANIZATION, (name, &format!("[{POLICY}]"))]).read().unwrap();
        assert_eq!(read.status("policies"), "complete 1", "{name}");
    }
}

#[test]
fn a_copy_that_says_the_same_is_one_and_one_that_does_not_is_refused_with_both_names() {
    let users = r#"[{"id":"a1","accountEnabled":true},{"id":"a2"}]"#;
    let read = Export::of(&[ORGANIZATION, ("users.json", users), ("users (1).json", users)]).read().unwrap();
    assert_eq!((read.status("users"), warnings(&read).contains("read before")), ("complete 2".into(), false));
    let other = users.replace("true", "false");
    let error = Export::of(&[ORGANIZATION, ("users.json", users), ("users (1).json", &other)]).read().err().unwrap();
    assert!(
        matches!(&error, ReadError::TwoCopies { first, second } if first == "users.json" && second == "users (1).json"),
        "{error:?}"
    );
    let more = r#"[{"id":"a3"}]"#;
    let read = Export::of(&[ORGANIZATION, ("users.json", users), ("users (1).json", more)]).read().unwrap();
    assert_eq!(read.status("users"), "complete 3");
    let single = |on: bool| format!(r#"{{"isEnabled":{on}}}"#);
    let name = "identitySecurityDefaultsEnforcementPolicy";
    let files = [(format!("{name}.json"), single(true)), (format!("{name} (2).json"), single(false))];
    let export = Export::of(&[ORGANIZATION]);
    files.iter().for_each(|(path, content)| export.add(path, content.as_bytes()));
    assert!(matches!(export.read().err(), Some(ReadError::TwoCopies { .. })));
}

#[test]
fn files_of_other_tools_are_named_as_what_they_are() {
    let hound = r#"{"data":[{"kind":"AZUser","data":{"id":"a1","displayName":"Ada"}}],"meta":{"type":"azure","version":5,"count":1}}"#;
    let csv = "\"userPrincipalName\",\"displayName\"\nada@example.org,Ada\n";
    let draft = r#"{"displayName":"CA001","state":"enabled","conditions":{},"grantControls":null}"#;
    let drafts = format!("[{draft}]");
    for (name, content, what) in [
        ("azurehound.json", hound, "AzureHound"),
        ("exportUsers_2026-11-30.csv", csv, "CSV"),
        ("roadrecon.db", "SQLite format 3\0", "ROADrecon"),
        ("roadrecon-users.json", r#"[{"objectId":"a1","objectType":"User"}]"#, "ROADrecon"),
        ("CA001.json", draft, "draft"),
        ("templates.json", &drafts, "draft"),
        ("policies.json", &drafts, "draft"),
    ] {
        refused_as(&[(name, content)], name, what);
        let read = Export::of(&[ORGANIZATION, (name, content)]).read().unwrap();
        assert!(warnings(&read).contains(name) && warnings(&read).contains(what), "{}", warnings(&read));
    }
}

#[test]
fn a_list_under_an_unknown_name_says_which_names_would_do() {
    for content in [r#"[{"id":"a1"}]"#, r#"{"value":[{"id":"a1"}]}"#] {
        let error = Export::of(&[("data.json", content)]).read().err().unwrap();
        assert!(error.to_string().contains("`data.json`"), "{error}");
        assert!(error.hint().unwrap().contains("`users.json`"));
        let read = Export::of(&[ORGANIZATION, ("data.json", content)]).read().unwrap();
        assert!(warnings(&read).contains("`data.json`") && warnings(&read).contains("`users.json`"));
    }
}

#[test]
fn an_object_among_the_policies_that_bears_the_marks_of_another_kind_is_left_out() {
    let group = r#"{"id":"b1","displayName":"Sales","groupTypes":[],"securityEnabled":true}"#;
    let table = r#"{"TenantId":"t","Organization":"Example","Objects":[{"Id":"b1","DisplayName":"Sales"}]}"#;
    let typed = r##"{"@odata.type":"#microsoft.graph.agreement","id":"d1","displayName":"Terms"}"##;
    for (name, other) in [("Sales.json", group), ("MigrationTable.json", table), ("Terms.json", typed)] {
        let path = format!("policies/{name}");
        let read = Export::of(&[ORGANIZATION, ("policies/CA001.json", POLICY), (&path, other)]).read().unwrap();
        assert_eq!(
            (read.status("policies"), read.rows("policies", &["id"])),
            ("complete 1".into(), vec!["c1".to_owned()])
        );
        assert!(warnings(&read).contains(&path), "{}", warnings(&read));
        let alone = Export::of(&[ORGANIZATION, (&path, other)]).read().unwrap();
        assert_eq!(alone.status("policies"), "absent 0", "{name}");
    }
}

#[test]
fn an_object_without_such_marks_is_a_damaged_policy_and_the_set_is_not_whole() {
    for other in [
        r#"{"id":"c2","displayName":"CA002"}"#,
        r#"{"displayName":"CA002"}"#,
        r#"{"displayName":"CA002","state":"enabled","conditions":{}}"#,
    ] {
        let read = Export::of(&[ORGANIZATION, ("policies/1.json", POLICY), ("policies/2.json", other)]).read().unwrap();
        assert!(read.status("policies").starts_with("incomplete"), "{other}");
    }
}
