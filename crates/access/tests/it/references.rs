//! What policies name, and who holds which role.

use serde_json::json;

use crate::support::*;

const GONE: &str = "cccccccc-0000-4000-8000-000000000000";

#[test]
fn every_id_that_a_policy_names_is_told_and_keywords_are_not() {
    let tenant = Tenant::new([
        policy(json!({
            "conditions": {
                "users": {"includeUsers": ["All", ANNA], "excludeGroups": [DELETED], "includeRoles": [GLOBAL_ADMINISTRATOR]},
                "applications": {"includeApplications": ["Office365", "797F4846-BA00-4FD7-BA43-DAC1F8F63013"]},
                "locations": {"includeLocations": ["All", "office"], "excludeLocations": ["AllTrusted", GONE]},
            },
            "grantControls": {"builtInControls": [], "authenticationStrength": {"id": "custom"}},
        })),
        policy(json!({"state": "disabled", "conditions": {"users": {"includeUsers": [BORIS]}}})),
    ])
    // Those of other tests have no real ids: one of them might be what is missing.
    .locations([]);
    let access = tenant.access();
    let found = access.referenced();
    let list = |ids: &std::collections::BTreeSet<String>| ids.iter().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(list(&found.users), ANNA);
    assert_eq!(list(&found.groups), DELETED);
    assert_eq!(list(&found.roles), GLOBAL_ADMINISTRATOR);
    assert_eq!(list(&found.applications), "797f4846-ba00-4fd7-ba43-dac1f8f63013");
    assert_eq!(list(&found.locations), format!("{GONE} office"));
    assert_eq!(list(&found.strengths_without_combinations), "custom");
    let dangling: Vec<_> = access
        .prepare(&tenant.directory)
        .dangling()
        .into_iter()
        .map(|dead| (dead.kind, dead.id, dead.excluded))
        .collect();
    assert_eq!(dangling, [("group", DELETED.to_owned(), true), ("location", GONE.to_owned(), true)]);
}

#[test]
fn a_partly_read_list_of_assignments_is_sure_of_who_is_there_and_of_nobody_else() {
    let mut tenant = Tenant::new([]).role(ANNA, GLOBAL_ADMINISTRATOR);
    let access = tenant.access();
    let count = |tenant: &Tenant, role: &str| {
        let prepared = access.prepare(&tenant.directory);
        let holders = prepared.holders(role).active_tenant_wide.clone();
        (holders.sure.len(), holders.possible.len())
    };
    assert_eq!(count(&tenant, GLOBAL_ADMINISTRATOR), (1, 1));
    assert_eq!(count(&tenant, SYNC_ACCOUNT), (0, 0));
    tenant.directory.role_assignments_are_lower_bound = true;
    assert_eq!(count(&tenant, GLOBAL_ADMINISTRATOR), (1, 3));
    assert_eq!(count(&tenant, SYNC_ACCOUNT), (0, 3));
}

#[test]
fn a_role_in_any_scope_is_told_apart_from_one_for_the_tenant() {
    let mut tenant = Tenant::new([]).role(ANNA, GLOBAL_ADMINISTRATOR).eligible(BORIS, GLOBAL_ADMINISTRATOR);
    tenant.directory.role_assignments.as_mut().unwrap()[0].tenant_wide = false;
    let access = tenant.access();
    let prepared = access.prepare(&tenant.directory);
    let holders = prepared.holders(GLOBAL_ADMINISTRATOR);
    assert_eq!(holders.active_any_scope.sure.iter().collect::<Vec<_>>(), [0]);
    assert!(holders.active_tenant_wide.possible.is_empty());
    assert_eq!(holders.activated_tenant_wide.sure.iter().collect::<Vec<_>>(), [1]);
    assert_eq!(holders.activated_any_scope.sure.len(), 2);
}
