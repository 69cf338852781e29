//! How whole each data set is, and why not.

use idscore_snapshot::{DataSetStatus, TakenAtSource};

use crate::support::{Export, ORGANIZATION, REPORT};

fn reported(sets: &str) -> String {
    format!(r#"{{"formatVersion":1,"startedAt":"2026-11-20T06:00:00Z","dataSets":[{sets}]}}"#)
}

#[test]
fn the_collection_report_says_what_was_refused() {
    let report = reported(
        r#"{"name":"users","status":"complete","rows":0},
           {"name":"riskyUsers","status":"notLicensed","errorCode":"AadPremiumLicenseRequired"},
           {"name":"policies","status":"refused","permission":"Policy.Read.All","errorCode":"AccessDenied","message":"no"},
           {"name":"secureScores","status":"notInCloud"},{"name":"groups","status":"failed"},{"name":"domains","status":"brandNew"}"#,
    );
    let export =
        Export::of(&[("collection.json", &report), ORGANIZATION, ("groups/1.json", r#"{"value":[{"id":"b1"}]}"#)]);
    let read = export.read().unwrap();
    let statuses = ["users", "riskyUsers", "policies", "secureScores", "groups", "domains", "partners"]
        .map(|name| read.status(name));
    assert_eq!(
        statuses,
        ["complete 0", "notLicensed 0", "refused 0", "notInCloud 0", "failed 0", "failed 0", "absent 0"]
    );
    let policies = read.manifest.data_set("policies").unwrap();
    assert_eq!(
        (policies.permission.as_deref(), policies.error_code.as_deref()),
        (Some("Policy.Read.All"), Some("AccessDenied"))
    );
    // Half a list of groups is no list.
    assert!(read.rows("groups", &["id"]).is_empty());
    assert_eq!(read.manifest.taken_at_source, TakenAtSource::Collection);
}

#[test]
fn a_last_page_that_names_a_next_one_was_cut_off() {
    let next = r#""@odata.nextLink":"https://graph.microsoft.com/next""#;
    let (first, cut) = (format!(r#"{{"value":[{{"id":"a1"}}],{next}}}"#), format!(r#"{{{next},"value":[]}}"#));
    let export = Export::of(&[
        REPORT,
        ("users/1.json", &first),
        ("users/2.json", &cut),
        ("groups/1.json", &first),
        ("groups/2.json", "[]"),
    ]);
    let read = export.read().unwrap();
    assert_eq!((read.status("users"), read.status("groups")), ("incomplete 1".to_owned(), "complete 1".to_owned()));
}

#[test]
fn fewer_objects_than_the_report_counts_are_incomplete() {
    let report = reported(r#"{"name":"users","status":"complete","rows":2}"#);
    let export = Export::of(&[("collection.json", &report), ("users/1.json", r#"{"value":[{"id":"a1"}]}"#)]);
    assert_eq!(export.read().unwrap().status("users"), "incomplete 1");
}

#[test]
fn members_are_complete_only_when_every_group_in_use_was_read() {
    let policy = r#"{"value":[{"id":"c1","state":"enabled","conditions":{"users":{"includeGroups":["b1"],"excludeGroups":["deleted"]}}}]}"#;
    let groups = r#"{"value":[{"id":"b1"},{"id":"b2"},{"id":"b3"}]}"#;
    let nested = r##"{"value":[{"@odata.type":"#microsoft.graph.group","id":"b2"}]}"##;
    let files =
        [REPORT, ORGANIZATION, ("policies/1.json", policy), ("groups/1.json", groups), ("members/b1/1.json", nested)];
    let read = Export::of(&files).read().unwrap();
    assert_eq!(read.status("members"), "incomplete 1");
    let with_inner = [files.as_slice(), &[("members/b2/1.json", r#"{"value":[]}"#)]].concat();
    let read = Export::of(&with_inner).read().unwrap();
    assert_eq!(read.status("members"), "complete 1");
    assert!(read.snapshot.group_members().unwrap().iter().all(|group| group.complete));
    let cut = [files.as_slice(), &[("members/b2/1.json", r#"{"value":[],"@odata.nextLink":"x"}"#)]].concat();
    let read = Export::of(&cut).read().unwrap();
    let complete: Vec<_> =
        read.snapshot.group_members().unwrap().iter().map(|group| (group.group_id.clone(), group.complete)).collect();
    assert_eq!(complete, [("b1".to_owned(), true), ("b2".to_owned(), false)]);
    assert_eq!(read.status("members"), "incomplete 1");
}

#[test]
fn groups_of_disabled_policies_are_not_demanded() {
    let policy = |state: &str| {
        format!(r#"{{"value":[{{"id":"c1","state":"{state}","conditions":{{"users":{{"excludeGroups":["b1"]}}}}}}]}}"#)
    };
    let status = |state: &str| {
        let groups = ("groups/1.json", r#"{"value":[{"id":"b1"},{"id":"b2"}]}"#);
        let members = ("members/b2/1.json", r#"{"value":[]}"#);
        let files = [REPORT, ORGANIZATION, ("policies/1.json", &policy(state)), groups, members];
        Export::of(&files).read().unwrap().status("members")
    };
    assert_eq!(status("Disabled"), "complete 0");
    for state in ["enabled", "enabledForReportingButNotEnforced", "a word never seen"] {
        assert_eq!(status(state), "incomplete 0", "{state}");
    }
}

#[test]
fn refused_role_assignments_fall_back_to_the_activated_roles() {
    let report =
        reported(r#"{"name":"roleAssignments","status":"refused"},{"name":"directoryRoles","status":"complete"}"#);
    let export = Export::of(&[
        ("collection.json", &report),
        (
            "directoryRoles/1.json",
            r##"{"value":[{"id":"d","roleTemplateId":"62e90394-69f5-4237-9190-012177145e10","members":[{"@odata.type":"#microsoft.graph.user","id":"a1"}]}]}"##,
        ),
    ]);
    let read = export.read().unwrap();
    assert_eq!(
        read.rows("role_assignments", &["principal_id", "role_name", "scope", "state", "principal_kind"]),
        ["a1 | Global Administrator | tenant | active | user"]
    );
    assert_eq!(read.manifest.data_set("roleAssignments").unwrap().status, DataSetStatus::LowerBound);
}

#[test]
fn permissions_are_open_where_the_assignments_of_microsoft_graph_were_not_read() {
    let principals = r#"{"value":[{"id":"graph","appId":"00000003-0000-0000-c000-000000000000","appRoles":[{"id":"r","value":"Application.ReadWrite.All"}]},
        {"id":"e1","appId":"f1"},{"id":"e2","appId":"f2"}]}"#;
    let held = r#"{"value":[{"principalId":"e1","resourceId":"graph","appRoleId":"r"}]}"#;
    let columns = ["id", "tier0_permissions", "holds_tier0_permission"];
    let read =
        Export::of(&[REPORT, ("servicePrincipals/1.json", principals), ("appRoleAssignedTo/graph/1.json", held)])
            .read()
            .unwrap();
    assert_eq!(
        read.rows("service_principals", &columns),
        ["graph | [] | false", "e1 | [Application.ReadWrite.All] | true", "e2 | [] | false"]
    );
    let read = Export::of(&[
        REPORT,
        ("servicePrincipals/1.json", principals),
        ("appRoleAssignedTo/e2/1.json", r#"{"value":[]}"#),
    ])
    .read()
    .unwrap();
    assert_eq!(read.rows("service_principals", &columns)[1], "e1 | NULL | NULL");
    assert_eq!(read.status("appRoleAssignedTo"), "incomplete 0");
    let read = Export::of(&[REPORT, ("servicePrincipals/1.json", principals), ("appRoleAssignments/e1/1.json", held)])
        .read()
        .unwrap();
    assert_eq!(
        read.rows("service_principals", &columns),
        ["graph | NULL | NULL", "e1 | [Application.ReadWrite.All] | true", "e2 | NULL | NULL"]
    );
    assert_eq!(read.status("appRoleAssignments"), "incomplete 1");
}

#[test]
fn a_federated_domain_that_was_not_read_leaves_its_set_incomplete() {
    let domains = r#"{"value":[{"id":"a.test","authenticationType":"Federated"},{"id":"b.test","authenticationType":"Federated"}]}"#;
    let behavior = r#"{"value":[{"federatedIdpMfaBehavior":"rejectMfaByFederatedIdp"}]}"#;
    let read = Export::of(&[REPORT, ("domains/1.json", domains), ("federationConfiguration/a.test/1.json", behavior)])
        .read()
        .unwrap();
    assert_eq!(
        read.rows("domains", &["id", "federated_idp_mfa_behavior"]),
        ["a.test | rejectMfaByFederatedIdp", "b.test | NULL"]
    );
    assert_eq!(read.status("federationConfiguration"), "incomplete 1");
}

#[test]
fn a_data_set_that_the_report_calls_complete_is_absent_when_no_file_of_it_is_there() {
    let report = reported(r#"{"name":"users","status":"complete"},{"name":"groups","status":"complete","rows":0}"#);
    let read = Export::of(&[("collection.json", &report), ORGANIZATION]).read().unwrap();
    assert_eq!((read.status("users"), read.status("groups")), ("absent 0".to_owned(), "complete 0".to_owned()));
}

#[test]
fn what_a_user_does_not_say_is_unknown() {
    let users =
        r##"[{"id":"a1"},{"id":"a2","userPrincipalName":"mia_x.test#EXT#@example.org","accountEnabled":false}]"##;
    let read = Export::of(&[REPORT, ORGANIZATION, ("users/1.json", users)]).read().unwrap();
    let columns = ["id", "user_type", "external_kind", "is_external", "account_enabled"];
    assert_eq!(read.rows("users", &columns), ["a1 | NULL | NULL | NULL | NULL", "a2 | NULL | NULL | true | false"]);
}
