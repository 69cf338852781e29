//! References that Graph may serve as null: one unknown row each, and an export that is read all the same.

use serde_json::{Value, json};

use crate::support::{Export, ORGANIZATION, REPORT, careful};

#[test]
fn an_assignment_that_does_not_say_who_holds_what_is_one_unknown_row() {
    let assignments = r#"{"value":[{"id":"1","principalId":null,"roleDefinitionId":"fe930be7-5e62-47db-91af-98c3a49a38b1","directoryScopeId":"/"},
        {"id":"2","principalId":"a1","roleDefinitionId":null,"directoryScopeId":"/"},
        {"id":"3","principalId":"a1","roleDefinitionId":"fe930be7-5e62-47db-91af-98c3a49a38b1","directoryScopeId":null},
        {"id":"4","principalId":"a1","roleDefinitionId":"fe930be7-5e62-47db-91af-98c3a49a38b1","directoryScopeId":"/"}]}"#;
    let read = Export::of(&[
        ORGANIZATION,
        REPORT,
        ("users/1.json", r#"[{"id":"a1"}]"#),
        ("roleAssignments/1.json", assignments),
    ])
    .read()
    .unwrap();
    let columns = ["id", "principal_id", "role_template_id", "scope", "principal_kind"];
    assert_eq!(
        read.rows("role_assignments", &columns),
        [
            "1 | NULL | fe930be7-5e62-47db-91af-98c3a49a38b1 | tenant | NULL",
            "2 | a1 | NULL | tenant | user",
            "3 | a1 | fe930be7-5e62-47db-91af-98c3a49a38b1 | NULL | user",
            "4 | a1 | fe930be7-5e62-47db-91af-98c3a49a38b1 | tenant | user"
        ]
    );
    assert_eq!(read.status("roleAssignments"), "complete 4");
    assert!(read.manifest.warnings.join("\n").contains("anybody may hold it: 3 assignments"));
}

#[test]
fn a_permission_that_does_not_say_who_holds_it_leaves_open_what_each_one_holds() {
    let principals = r#"[{"id":"graph","appId":"00000003-0000-0000-c000-000000000000","appRoles":[{"id":"r","value":"Application.ReadWrite.All"}]},
        {"id":"e1"},{"id":"e2"}]"#;
    let rows = |held: &str| {
        let read =
            Export::of(&[REPORT, ("servicePrincipals/1.json", principals), ("appRoleAssignedTo/graph/1.json", held)]);
        read.read().unwrap().rows("service_principals", &["id", "holds_tier0_permission"])
    };
    let known = r#"{"principalId":"e1","resourceId":"graph","appRoleId":"r"}"#;
    assert_eq!(rows(&format!("[{known}]")), ["graph | false", "e1 | true", "e2 | false"]);
    let unknown = format!(r#"[{known},{{"principalId":null,"resourceId":"graph","appRoleId":"r"}}]"#);
    assert_eq!(rows(&unknown), ["graph | NULL", "e1 | true", "e2 | NULL"]);
    let elsewhere = format!(r#"[{known},{{"principalId":"e2","resourceId":null,"appRoleId":"r"}}]"#);
    assert_eq!(rows(&elsewhere), ["graph | false", "e1 | true", "e2 | NULL"]);
}

#[test]
fn a_grant_without_a_client_and_an_owner_without_an_id_are_unknown() {
    let read = Export::of(&[
        REPORT,
        ("oauth2PermissionGrants/1.json", r#"[{"id":"h","clientId":null,"resourceId":null,"scope":"User.Read"}]"#),
        (
            "applications/1.json",
            r#"[{"id":"e","appId":"f","owners":[{"id":"a1"},{"id":null}]},{"id":"e2","owners":[{"id":"a1"}]}]"#,
        ),
    ])
    .read()
    .unwrap();
    assert_eq!(read.rows("grants", &["id", "client_id"]), ["h | NULL"]);
    assert_eq!(read.rows("applications", &["id", "owner_ids"]), ["e | NULL", "e2 | [a1]"]);
}

/// Every place in a value that holds something, but for the ids of the objects themselves.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(properties) => {
            for (name, inside) in properties.iter().filter(|(name, _)| !name.starts_with('@')) {
                let at = format!("{at}/{name}");
                places(inside, &at, found);
                if !inside.is_null() {
                    found.push(at);
                }
            }
        }
        Value::Array(items) => {
            // One element of each list stands for the others.
            for (number, item) in items.iter().enumerate().take(1) {
                places(item, &format!("{at}/{number}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn any_property_of_any_object_may_be_null_but_for_its_own_id() {
    let whole = careful();
    let organization = std::fs::read(whole.path().join("organization/1.json")).unwrap();
    for page in whole.pages() {
        let read: Value = serde_json::from_slice(&std::fs::read(whole.path().join(&page)).unwrap()).unwrap();
        let mut found = Vec::new();
        places(&read, "", &mut found);
        let own = |pointer: &String| pointer == "/value" || pointer == "/id" || pointer == "/value/0/id";
        for pointer in found.into_iter().filter(|pointer| !own(pointer)) {
            let mut changed = read.clone();
            *changed.pointer_mut(&pointer).unwrap() = json!(null);
            let alone = Export::of(&[("collection.json", r#"{"formatVersion":1,"startedAt":"2026-11-20T06:00:00Z"}"#)]);
            alone.add("organization/1.json", &organization);
            alone.add(&page, changed.to_string().as_bytes());
            if let Err(error) = alone.read() {
                panic!("{page} without {pointer}: {error}");
            }
        }
    }
}
