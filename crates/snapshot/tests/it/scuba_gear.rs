//! ScubaGear's provider settings.

use idscore_snapshot::{ReadOptions, TakenAtSource};

use crate::support::{Export, Read};

const SETTINGS: &str = r##"{
  "baseline_version": "1", "timestamp_zulu": "2026-05-04T17:15:48.307Z", "scuba_config": {}, "tenant_id": "another-product",
  "tenant_details": {"TenantId": "CA08493A-c9c8-4db0-a9e8-d3b4bafac269", "DisplayName": "Example",
    "AADAdditionalData": {"DisplayName": "Example", "OnPremisesSyncEnabled": true, "CreatedDateTime": "/Date(1613679244000)/",
      "VerifiedDomains": {"Name": "example.onmicrosoft.com", "IsInitial": true}}},
  "conditional_access_policies": [{"Id": "C1", "DisplayName": "CA001", "State": "enabled", "ModifiedDateTime": "/Date(1769788627239)/",
    "Conditions": {"Users": {"IncludeUsers": "All", "ExcludeGroups": null}, "Locations": {"IncludeLocations": null}},
    "AuthenticationStrength@odata.context": "x"}],
  "authorization_policies": [{"GuestUserRoleId": "2AF84B1E-32c8-42b7-82bc-daa82404023b", "AllowedToUseSSPR": true,
    "PermissionGrantPolicyIdsAssignedToDefaultUserRole": "ManagePermissionGrantsForSelf.microsoft-user-default-low",
    "DefaultUserRolePermissions": {"AllowedToCreateApps": true}}],
  "privileged_users": {"a1": {"DisplayName": "John Public", "roles": ["Global Administrator"], "OnPremisesImmutableId": null}},
  "privileged_service_principals": {"e1": {"DisplayName": "Tool", "roles": "Exchange Administrator"}},
  "privileged_roles": [{"RoleTemplateId": "62e90394-69f5-4237-9190-012177145e10", "DisplayName": "Global Administrator",
    "Assignments": [
      {"Id": "1", "PrincipalId": "a1", "RoleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "DirectoryScopeId": "/",
       "AssignmentType": "Assigned", "MemberType": "Direct", "StartDateTime": null, "EndDateTime": "/Date(1778702258453)/"},
      {"Id": "2", "PrincipalId": "e1", "RoleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "DirectoryScopeId": "/", "AssignmentType": "Assigned", "EndDateTime": null},
      {"Id": "3", "PrincipalId": "who", "RoleDefinitionId": "62e90394-69f5-4237-9190-012177145e10", "DirectoryScopeId": "/", "AssignmentType": "Assigned", "EndDateTime": null}],
    "Rules": [{"Id": "Approval_EndUser_Assignment", "Setting": {"IsApprovalRequired": true}}, {"Id": "Approval_EndUser_Assignment"}]}],
  "service_plans": [{"ServicePlanId": "eec0eb4f-6444-4f95-aba0-50c24d67f998", "ServicePlanName": "AAD_PREMIUM_P2", "ProvisioningStatus": "Success"}],
  "license_information": {"SkuId": "s", "PrepaidUnits": {"Enabled": 1}},
  "directory_settings": [],
  "authentication_method": [{"authentication_method_policy": {"PolicyMigrationState": "migrationComplete"},
    "authentication_method_feature_settings": [{"Id": "Sms", "State": "disabled"}, {"Id": "Voice", "State": "enabled"}]}],
  "domain_settings": {"Id": "example.onmicrosoft.com", "IsRoot": true, "IsVerified": true, "AuthenticationType": "Managed", "PasswordValidityPeriodInDays": 2147483647},
  "aad_successful_commands": ["Get-MgBetaIdentityConditionalAccessPolicy", "Get-MgBetaSubscribedSku", "Get-PrivilegedRole",
    "Get-MgBetaPolicyAuthorizationPolicy", "Get-MgBetaDirectorySetting", "Get-MgBetaPolicyAuthenticationMethodPolicy", "Get-MgBetaDomain"],
  "aad_unsuccessful_commands": []
}"##;

fn settings() -> Read {
    Export::of(&[("ProviderSettingsExport.json", SETTINGS)]).read().unwrap()
}

#[test]
fn the_settings_become_the_tables() {
    let read = settings();
    assert_eq!(read.manifest.tenant_id, "ca08493a-c9c8-4db0-a9e8-d3b4bafac269");
    assert_eq!(
        (read.manifest.taken_at.as_str(), read.manifest.taken_at_source),
        ("2026-05-04T17:15:48.307Z", TakenAtSource::Export)
    );
    // The password rules are not in it, and it does not say whether a user read the settings.
    let columns = [
        "initial_domain",
        "on_premises_sync_enabled",
        "has_p1",
        "has_p2",
        "allowed_to_create_apps",
        "user_consent",
        "sms_state",
        "policy_migration_state",
        "lockout_threshold",
    ];
    assert_eq!(
        read.rows("tenant", &columns),
        ["example.onmicrosoft.com | true | true | true | true | low | disabled | migrationComplete | NULL"]
    );
    assert_eq!(
        read.rows("policies", &["id", "state", "modified_date_time"]),
        ["C1 | enabled | 2026-01-30T15:57:07.239Z"]
    );
    assert_eq!(
        read.rows("domains", &["id", "effective_password_validity_period_in_days"]),
        ["example.onmicrosoft.com | 2147483647"]
    );
}

#[test]
fn role_assignments_are_certain_but_not_all() {
    let read = settings();
    let columns = ["principal_id", "role_name", "assignment_type", "end_date_time", "principal_kind"];
    assert_eq!(
        read.rows("role_assignments", &columns),
        [
            "a1 | Global Administrator | Assigned | 2026-05-13T19:57:38.453Z | user",
            "e1 | Global Administrator | Assigned | NULL | servicePrincipal",
            "who | Global Administrator | Assigned | NULL | NULL",
        ]
    );
    assert_eq!(read.status("roleAssignments"), "lowerBound 3");
    assert_eq!(read.status("users"), "absent 0");
    assert_eq!(read.status("namedLocations"), "absent 0");
    assert_eq!(read.status("groupSettings"), "complete 0");
}

#[test]
fn the_record_names_the_roles_whose_assignments_are_known() {
    let read = settings();
    let message = read.manifest.data_set("roleAssignments").unwrap().message.clone();
    assert_eq!(message.as_deref(), Some("ScubaGear reads some roles only: Global Administrator"));
    let columns = ["state", "scope", "assignment_type", "end_date_time"];
    assert_eq!(read.rows("role_assignments", &columns)[1..], ["active | tenant | Assigned | NULL"; 2]);
}

#[test]
fn policies_and_rules_are_kept_in_graphs_spelling() {
    let read = settings();
    let (id, policy) = read.snapshot.documents("conditionalAccessPolicy").unwrap().remove(0);
    assert_eq!((id.as_str(), policy["displayName"].as_str()), ("C1", Some("CA001")));
    assert_eq!(policy["conditions"]["users"]["includeUsers"], serde_json::json!(["All"]));
    let (_, rules) = read.snapshot.documents("roleManagementPolicyAssignment").unwrap().remove(0);
    assert_eq!(rules["policy"]["rules"].as_array().unwrap().len(), 1);
    assert_eq!(rules["policy"]["rules"][0]["setting"]["isApprovalRequired"], true);
    assert_eq!(read.snapshot.documents("user").unwrap()[0].1["displayName"], "John Public");
}

#[test]
fn without_names_the_people_of_the_settings_have_none() {
    let export = Export::of(&[("ProviderSettingsExport.json", SETTINGS)]);
    let read = export.read_with(&ReadOptions { names: false, ..ReadOptions::default() }).unwrap();
    assert_eq!(read.snapshot.documents("user").unwrap()[0].1.get("displayName"), None);
    assert_eq!(read.snapshot.documents("conditionalAccessPolicy").unwrap()[0].1["displayName"], "CA001");
}
