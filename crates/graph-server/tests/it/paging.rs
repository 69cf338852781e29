//! Lists: pages, chosen properties, filters, counts.

use serde_json::{Value, json};

use crate::client::{Client, exported, faults, invented, tenant, unlimited};

#[tokio::test]
async fn every_data_set_is_served_as_it_was_exported() {
    let export = invented(400);
    let client = Client::of(export.path(), unlimited()).await;
    let report: Value = serde_json::from_slice(&std::fs::read(export.path().join("collection.json")).unwrap()).unwrap();
    let mut served = 0;
    for set in report["dataSets"].as_array().unwrap() {
        let (name, endpoint) = (set["name"].as_str().unwrap(), set["endpoint"].as_str().unwrap());
        // v1.0 shows a whole user only to who asks for each property.
        let version = if name == "users" { "beta" } else { set["apiVersion"].as_str().unwrap() };
        if name == "onPremisesSynchronization" {
            // No app may read it.
            assert_eq!(client.get(&format!("/{version}{endpoint}")).await.status, 403);
            continue;
        }
        let folder = export.path().join(name);
        let entries: Vec<_> =
            std::fs::read_dir(&folder).map(|all| all.map(|entry| entry.unwrap()).collect()).unwrap_or_default();
        let owners: Vec<String> = entries
            .iter()
            .filter(|entry| entry.path().is_dir())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        let expand = match name {
            "applications" => "?$expand=owners",
            "roleManagementPolicyAssignments" => "?$expand=policy($expand=rules)",
            "permissionGrantPolicies" => "?$expand=includes,excludes",
            _ => "",
        };
        if owners.is_empty() {
            let first = entries.first().map(|entry| std::fs::read(entry.path()).unwrap());
            let page: Value = first.map_or(json!({"value": []}), |bytes| serde_json::from_slice(&bytes).unwrap());
            let path = format!("/{version}{endpoint}{expand}");
            if page.get("value").is_some_and(Value::is_array) {
                let rows = if entries.is_empty() { Vec::new() } else { exported(export.path(), name) };
                if !endpoint.contains("{id}") {
                    assert_eq!(client.all(&path).await, rows, "{name}");
                }
            } else {
                let (mut own, mut shown) = (page, client.get(&path).await.json());
                own["@odata.context"].take();
                shown["@odata.context"].take();
                assert_eq!(shown, own, "{name}");
            }
        }
        for owner in owners.iter().take(12) {
            let endpoint = endpoint.replace("{id}", owner);
            let path = if name == "eligibilityScheduleInstances" {
                format!("/{version}{endpoint}?$filter=groupId eq '{owner}'")
            } else {
                format!("/{version}{endpoint}")
            };
            if name == "requirements" {
                assert!(client.get(&path).await.json()["perUserMfaState"].is_string(), "{path}");
            } else {
                assert_eq!(client.all(&path).await, exported(&folder, owner), "{path}");
            }
        }
        served += 1;
    }
    assert!(served > 35, "{served}");
}

#[tokio::test]
async fn pages_have_a_hundred_rows_or_as_many_as_are_asked_for_and_999_at_most() {
    let export = invented(1500);
    let client = Client::of(export.path(), unlimited()).await;
    let ids: Vec<Value> = exported(export.path(), "users").iter().map(|user| user["id"].clone()).collect();
    for (path, size) in [("/v1.0/users", 100), ("/v1.0/users?$top=999", 999), ("/v1.0/users?$top=7&$select=id", 7)] {
        let pages = client.pages(path).await;
        assert!(pages.iter().rev().skip(1).all(|page| page.len() == size), "{path}");
        let seen: Vec<Value> = pages.iter().flatten().map(|user| user["id"].clone()).collect();
        assert_eq!(seen, ids, "{path}");
    }
    let refused = client.get("/v1.0/users?$top=1000").await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "Request_BadRequest"));
    let activity = client.pages("/v1.0/users?$select=id,signInActivity&$top=999").await;
    assert_eq!(activity[0].len(), 500, "with sign-in activity a page has 500");
    let own = |user: &Value| user.as_object().unwrap().keys().all(|name| name == "id" || name == "signInActivity");
    assert!(activity.iter().flatten().all(own));
    // Beside other properties it is looked up for each user.
    let both = client.pages("/v1.0/users?$select=id,displayName,signInActivity&$top=500").await;
    for (joined, alone) in both.iter().flatten().zip(activity.iter().flatten()) {
        assert_eq!((&joined["id"], joined.get("signInActivity")), (&alone["id"], alone.get("signInActivity")));
        assert!(joined["displayName"].is_string());
    }
    let registration = client.pages("/v1.0/reports/authenticationMethods/userRegistrationDetails").await;
    assert_eq!(registration[0].len(), 1000.min(exported(export.path(), "userRegistrationDetails").len()));
    assert_eq!(
        client.pages("/v1.0/roleManagement/directory/roleAssignments?$top=5").await.len(),
        1,
        "role reads don't page"
    );
}

#[tokio::test]
async fn a_next_link_is_absolute_on_the_host_that_the_client_used_and_repeats_the_query() {
    let export = invented(300);
    let client = Client::of(export.path(), unlimited()).await;
    let by_name = client.server.url().replace("127.0.0.1", "localhost");
    let page = client.get(&format!("{by_name}/v1.0/users?$select=id,displayName&$top=50")).await.json();
    let next = page["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with(&format!("{by_name}/v1.0/users?$select=id,displayName&$top=50&$skiptoken=")), "{next}");
    assert!(page["@odata.context"].as_str().unwrap().ends_with("$metadata#users(id,displayName)"));
    let row = client.get(next).await.json()["value"][0].clone();
    assert_eq!(row.as_object().unwrap().keys().collect::<Vec<_>>(), ["displayName", "id"]);
}

#[tokio::test]
async fn a_page_token_ends_and_none_but_the_servers_own_is_taken() {
    let export = invented(300);
    let mut options = unlimited();
    options.page_token_life = 60;
    let client = Client::of(export.path(), options).await;
    let next = client.get("/v1.0/users").await.json()["@odata.nextLink"].as_str().unwrap().to_owned();
    assert_eq!(client.get(&next).await.status, 200);
    let other = client.get(&next.replace("/users?", "/groups?")).await;
    assert_eq!(other.status, 400, "a token belongs to its list");
    assert_eq!(client.get("/v1.0/users?$skiptoken=RFNwdAoAAQ").await.status, 400);
    client.server.set_clock_skew(61);
    let expired = client.get(&next).await;
    assert_eq!((expired.status, expired.code().as_str()), (400, "Directory_ExpiredPageToken"));
}

#[tokio::test]
async fn filters_choose_rows_and_advanced_ones_need_an_eventually_consistent_answer() {
    let client = Client::of(&tenant("risky"), unlimited()).await;
    let users = exported(&tenant("risky"), "users");
    let guests = client.all("/beta/users?$filter=userType eq 'Guest'").await;
    let wanted: Vec<Value> = users.iter().filter(|user| user["userType"] == "Guest").cloned().collect();
    assert_eq!(guests, wanted);
    assert!(!guests.is_empty() && guests.len() < users.len());
    let not = "/v1.0/users?$filter=userType ne 'Guest'";
    let refused = client.get(not).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "Request_UnsupportedQuery"));
    let eventual = [("ConsistencyLevel", "eventual")];
    let answered = client.get_with(&format!("{not}&$count=true"), &eventual).await.json();
    assert_eq!(answered["value"].as_array().unwrap().len(), users.len() - guests.len());
    assert_eq!(client.get("/v1.0/users?$count=true").await.status, 400);
    assert_eq!(client.get("/v1.0/users?$skip=5").await.code(), "Request_UnsupportedQuery");
    assert_eq!(client.get("/v1.0/users/$count").await.status, 400);
    assert_eq!(client.get_with("/v1.0/users/$count", &eventual).await.body, users.len().to_string());
    let bad = client.get("/v1.0/users?$filter=userType is 'Guest'").await;
    assert_eq!((bad.status, bad.code().as_str()), (400, "BadRequest"));
    let pim = "/v1.0/policies/roleManagementPolicyAssignments?$filter=scopeId eq '/' and scopeType eq 'DirectoryRole'";
    assert!(client.all(pim).await.iter().all(|row| row.get("policy").is_none()), "only $expand brings a relation");
}

#[tokio::test]
async fn a_list_says_how_many_rows_there_are_and_may_be_wrong() {
    let export = invented(300);
    let client = Client::of(export.path(), faults("[[fault]]\ndata_set = \"users\"\ncount_off = 2\nnth = 2")).await;
    let eventual = [("ConsistencyLevel", "eventual")];
    let path = "/v1.0/users?$count=true&$top=5";
    assert_eq!(client.get_with(path, &eventual).await.json()["@odata.count"], 300);
    assert_eq!(client.get_with(path, &eventual).await.json()["@odata.count"], 302);
}

#[tokio::test]
async fn single_objects_related_ones_and_nested_members_are_found() {
    let export = invented(600);
    let client = Client::of(export.path(), unlimited()).await;
    let users = exported(export.path(), "users");
    let id = users[3]["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/v1.0/users/{id}?$select=id")).await.json()["id"], id);
    let missing = client.get("/v1.0/users/a0000000-0000-4000-8000-00000000dead").await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "Request_ResourceNotFound"));
    let graph = "/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')";
    assert!(!client.all(&format!("{graph}/appRoleAssignedTo")).await.is_empty());
    // A group without pages of its own has nobody; a group that isn't there is an error.
    let groups = exported(export.path(), "groups");
    let quiet = groups
        .iter()
        .map(|group| group["id"].as_str().unwrap())
        .find(|id| !export.path().join("members").join(id).exists());
    assert!(client.all(&format!("/v1.0/groups/{}/members", quiet.unwrap())).await.is_empty());
    assert_eq!(client.get("/v1.0/groups/b0000000-0000-4000-8000-00000000dead/members").await.status, 404);
    for hostile in ["..%2f..%2fusers", "%2e%2e", "..%5cusers"] {
        let reply = client.get(&format!("/v1.0/groups/{hostile}/members")).await;
        assert!(matches!(reply.status, 400 | 404), "{hostile}: {}", reply.body);
    }
    let nested = groups.iter().map(|group| group["id"].as_str().unwrap()).find(|id| {
        let folder = export.path().join("members").join(id);
        folder.exists()
            && exported(&export.path().join("members"), id)
                .iter()
                .any(|member| member["@odata.type"] == "#microsoft.graph.group")
    });
    let nested = nested.unwrap();
    let direct = client.all(&format!("/v1.0/groups/{nested}/members?$top=999")).await;
    let all = client.all(&format!("/v1.0/groups/{nested}/transitiveMembers?$top=999")).await;
    assert!(all.len() > direct.len(), "{} of {}", all.len(), direct.len());
}

#[tokio::test]
async fn expanded_relations_are_found_in_other_data_sets_and_end_after_twenty() {
    let export = invented(600);
    let client = Client::of(export.path(), unlimited()).await;
    let mut most = 0;
    for group in client.all("/v1.0/groups?$expand=members($select=id)&$top=999").await {
        let id = group["id"].as_str().unwrap();
        let folder = export.path().join("members").join(id);
        let members = if folder.exists() { exported(&export.path().join("members"), id) } else { Vec::new() };
        assert_eq!(group["members"].as_array().unwrap()[..], members[..members.len().min(20)], "{id}");
        most = most.max(members.len());
    }
    assert!(most > 20);
    let assignments = "/v1.0/roleManagement/directory/roleAssignments?$expand=principal,roleDefinition";
    for row in client.all(assignments).await {
        assert_eq!(
            (&row["principal"]["id"], &row["roleDefinition"]["id"]),
            (&row["principalId"], &row["roleDefinitionId"])
        );
        assert!(row["principal"]["@odata.type"].is_string());
    }
    let group = std::fs::read_dir(export.path().join("members")).unwrap().next().unwrap().unwrap().file_name();
    let one = client.get(&format!("/v1.0/groups/{}?$select=id&$expand=members", group.to_str().unwrap())).await.json();
    assert!(one["members"].is_array() && one.get("displayName").is_none(), "{one}");
    let schedules = client.all("/v1.0/roleManagement/directory/roleEligibilitySchedules").await;
    assert_eq!(schedules.len(), exported(export.path(), "roleEligibilityScheduleInstances").len());
    assert!(
        schedules
            .iter()
            .all(|row| row["scheduleInfo"]["expiration"]["type"].is_string() && row["status"] == "Provisioned")
    );
    assert_eq!(client.get("/v1.0/users?$expand=manager").await.code(), "BadRequest", "no export has it");
}

#[tokio::test]
async fn v1_shows_little_of_a_user_unasked() {
    let client = Client::of(&tenant("risky"), unlimited()).await;
    let shown = client.all("/v1.0/users").await.remove(0);
    assert!(shown["userPrincipalName"].is_string() && shown.get("accountEnabled").is_none(), "{shown}");
    assert!(client.all("/v1.0/users?$select=accountEnabled").await[0]["accountEnabled"].is_boolean());
    assert!(client.all("/beta/users").await[0]["accountEnabled"].is_boolean());
}

#[tokio::test]
async fn a_cycle_of_groups_ends() {
    let export = tempfile::tempdir().unwrap();
    let write = |path: &str, rows: Value| {
        let path = export.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, json!({"value": rows}).to_string()).unwrap();
    };
    let member = |kind: &str, id: &str| json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": id});
    write("groups/1.json", json!([{"id": "b1"}, {"id": "b2"}]));
    write("members/b1/1.json", json!([member("group", "b2"), member("user", "a1")]));
    write("members/b2/1.json", json!([member("group", "b1"), member("user", "a2"), member("user", "a1")]));
    let client = Client::of(export.path(), unlimited()).await;
    let all = client.all("/v1.0/groups/b1/transitiveMembers").await;
    assert_eq!(all, [member("group", "b2"), member("user", "a1"), member("user", "a2")]);
    assert_eq!(client.all("/v1.0/groups/b1/transitiveMembers?$top=1").await, all);
}

#[tokio::test]
async fn v1_and_beta_differ_where_graph_does() {
    let client = Client::of(&tenant("risky"), unlimited()).await;
    let roles = "roleManagement/directory/roleDefinitions";
    assert!(client.all(&format!("/v1.0/{roles}")).await.iter().all(|role| role.get("isPrivileged").is_none()));
    assert!(client.all(&format!("/beta/{roles}")).await.iter().any(|role| role["isPrivileged"] == true));
    assert!(client.get("/v1.0/policies/authorizationPolicy").await.json()["guestUserRoleId"].is_string());
    let beta = client.get("/beta/policies/authorizationPolicy").await.json();
    assert!(beta["value"][0]["permissionGrantPolicyIdsAssignedToDefaultUserRole"].is_array(), "{beta}");
    assert!(
        client.get("/beta/policies/authorizationPolicy/authorizationPolicy").await.json()["guestUserRoleId"]
            .is_string()
    );
    let unknown = client.get("/v1.0/directory/recommendations").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (400, "BadRequest"));
    assert_eq!(client.get("/v1.0/nonsense").await.status, 400);
    assert!(client.get("/v1.0/$metadata").await.body.contains("<EntitySet Name=\"users\""));
}
