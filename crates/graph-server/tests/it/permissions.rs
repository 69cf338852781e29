//! Who may read what, and which tenant has it.

use idscore_graph_server::Edition;
use idscore_graph_server::Options;

use crate::client::{Client, invented, tenant, unlimited};

fn granted(permissions: &[&str]) -> Options {
    Options { grant: permissions.iter().map(|permission| (*permission).to_owned()).collect(), ..unlimited() }
}

#[tokio::test]
async fn a_missing_permission_is_refused_in_the_words_of_each_service() {
    let client = Client::of(&tenant("risky"), granted(&["Group.Read.All"])).await;
    for (path, code) in [
        ("/v1.0/users", "Authorization_RequestDenied"),
        ("/v1.0/identity/conditionalAccess/policies", "AccessDenied"),
        ("/v1.0/identityProtection/riskyUsers", "Forbidden"),
        ("/v1.0/reports/authenticationMethods/userRegistrationDetails", "Authentication_MSGraphPermissionMissing"),
        ("/v1.0/policies/authorizationPolicy", "accessDenied"),
        ("/v1.0/roleManagement/directory/roleAssignmentScheduleInstances", "PermissionScopeNotGranted"),
        ("/v1.0/security/secureScores", "UnknownError"),
    ] {
        let reply = client.get(path).await;
        assert_eq!((reply.status, reply.code().as_str()), (403, code), "{path}");
        let spelling = if code.starts_with("Permission") || code.starts_with("Authentication") {
            "innererror"
        } else {
            "innerError"
        };
        assert!(reply.json()["error"][spelling]["request-id"].is_string(), "{}", reply.body);
    }
    assert_eq!(client.get("/v1.0/groups").await.status, 200);
}

#[tokio::test]
async fn a_larger_permission_holds_the_smaller_one() {
    for (permission, path) in [
        ("RoleManagement.Read.Directory", "/v1.0/roleManagement/directory/roleAssignmentScheduleInstances"),
        ("Policy.Read.All", "/v1.0/policies/authenticationStrengthPolicies"),
        ("Organization.Read.All", "/v1.0/subscribedSkus"),
        ("Directory.Read.All", "/v1.0/users"),
        ("User.ReadWrite.All", "/v1.0/users"),
    ] {
        let client = Client::of(&tenant("risky"), granted(&[permission])).await;
        assert_eq!(client.get(path).await.status, 200, "{permission}");
    }
}

#[tokio::test]
async fn sign_in_activity_is_refused_whole_where_one_of_its_two_permissions_is_missing() {
    let path = "/v1.0/users?$select=id,signInActivity";
    for (permissions, status) in
        [(&["User.Read.All"][..], 403), (&["AuditLog.Read.All"], 403), (&["User.Read.All", "AuditLog.Read.All"], 200)]
    {
        let client = Client::of(&tenant("risky"), granted(permissions)).await;
        assert_eq!(client.get(path).await.status, status, "{permissions:?}");
        assert_eq!(
            client.get("/v1.0/users?$select=id,displayName").await.status == 200,
            permissions.contains(&"User.Read.All")
        );
    }
}

#[tokio::test]
async fn the_names_of_members_are_null_to_who_may_not_read_users() {
    let export = tempfile::tempdir().unwrap();
    let group = "b0000000-0000-4000-8000-000000000001";
    for (path, text) in [
        ("groups/1.json", format!(r#"{{"value":[{{"id":"{group}","visibility":"HiddenMembership"}}]}}"#)),
        (
            &format!("members/{group}/1.json"),
            r##"{"value":[{"@odata.type":"#microsoft.graph.user","id":"a1","displayName":"Ada"}]}"##.to_owned(),
        ),
    ] {
        let path = export.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let path = format!("/v1.0/groups/{group}/members");
    let client = Client::of(export.path(), granted(&["GroupMember.Read.All", "Member.Read.Hidden"])).await;
    let member = client.all(&path).await.remove(0);
    assert!(member["id"] == "a1" && member["displayName"].is_null() && member.get("displayName").is_some(), "{member}");
    let client =
        Client::of(export.path(), granted(&["GroupMember.Read.All", "Member.Read.Hidden", "User.Read.All"])).await;
    assert_eq!(client.all(&path).await[0]["displayName"], "Ada");
    let client = Client::of(export.path(), granted(&["GroupMember.Read.All"])).await;
    assert_eq!(client.get(&path).await.code(), "Authorization_RequestDenied", "its membership is hidden");
}

#[tokio::test]
async fn a_free_tenant_gets_every_error_of_a_missing_licence() {
    let export = invented(60);
    let free = Client::of(export.path(), Options { edition: Some(Edition::Free), ..unlimited() }).await;
    let p1 = Client::of(export.path(), Options { edition: Some(Edition::P1), ..unlimited() }).await;
    let premium = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    for (path, status, code, with_p1) in [
        ("/v1.0/users?$select=id,signInActivity", 403, premium, true),
        ("/v1.0/reports/authenticationMethods/userRegistrationDetails", 403, premium, true),
        ("/v1.0/auditLogs/signIns", 403, premium, true),
        ("/v1.0/roleManagement/directory/roleEligibilityScheduleInstances", 400, "AadPremiumLicenseRequired", false),
        ("/v1.0/policies/roleManagementPolicyAssignments", 400, "AadPremiumLicenseRequired", false),
        ("/v1.0/identityGovernance/accessReviews/definitions", 400, "AadPremiumLicenseRequired", false),
        ("/v1.0/identityProtection/riskyUsers", 403, "Forbidden", false),
        ("/v1.0/identityProtection/riskDetections", 403, "Forbidden", false),
    ] {
        let reply = free.get(path).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{path}");
        assert_eq!(p1.get(path).await.status == 200, with_p1, "{path} with P1");
    }
    assert_eq!(free.get("/v1.0/users").await.status, 200);
    assert_eq!(free.get("/v1.0/identity/conditionalAccess/policies").await.status, 200);
}

#[tokio::test]
async fn what_the_export_was_refused_is_refused_again() {
    let client = Client::of(&tenant("partial-permissions"), unlimited()).await;
    let reply = client.get("/v1.0/users?$select=id,signInActivity").await;
    assert_eq!((reply.status, reply.code().as_str()), (403, "Authorization_RequestDenied"));
    let client = Client::of(&tenant("free-licence"), unlimited()).await;
    let reply = client.get("/v1.0/roleManagement/directory/roleEligibilityScheduleInstances").await;
    assert_eq!((reply.status, reply.code().as_str()), (400, "AadPremiumLicenseRequired"));
    let absent = client.get("/v1.0/auditLogs/signIns").await;
    assert!(absent.status == 404 && absent.body.contains("holds no data set `signIns`"), "{}", absent.body);
}

#[tokio::test]
async fn basic_rights_on_groups_leave_out_their_rules() {
    let path = "/v1.0/groups?$select=id,displayName,membershipRule,visibility";
    let rules =
        |groups: Vec<serde_json::Value>| groups.iter().filter(|group| !group["membershipRule"].is_null()).count();
    let export = invented(200);
    let full = Client::of(export.path(), granted(&["GroupMember.Read.All"])).await.all(path).await;
    let basic = Client::of(export.path(), granted(&["Group.ReadBasic.All"])).await.all(path).await;
    assert_eq!(full.len(), basic.len());
    assert!(basic.iter().all(|group| group["displayName"].is_string() && group.get("visibility").is_some()));
    assert!(rules(full) > 0 && rules(basic) == 0);
}
