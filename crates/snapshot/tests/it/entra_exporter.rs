//! The folder tree of EntraExporter.

use crate::support::Export;

#[test]
fn one_object_per_file_in_a_tree_of_folders() {
    let export = Export::of(&[
        (
            "Organization/Organization.json",
            r#"[{"id":"11111111-0000-4000-8000-0000000000e1","displayName":"Example","createdDateTime":"2026-01-01T00:00:00Z"}]"#,
        ),
        ("Users/a1/a1.json", r#"{"id":"a1","userPrincipalName":"ada@example.org","accountEnabled":true}"#),
        ("Groups/b1/b1.json", r#"{"id":"b1","groupTypes":["Unified"]}"#),
        ("Groups/b1/Members/a1/a1.json", r#"{"id":"a1"}"#),
        ("Groups/b1/Owners/a1/a1.json", r#"{"id":"a1"}"#),
        ("Identity/Conditional/AccessPolicies/c1/c1.json", r#"{"id":"c1","state":"enabled","displayName":"CA001"}"#),
        (
            "Policies/IdentitySecurityDefaultsEnforcementPolicy/IdentitySecurityDefaultsEnforcementPolicy.json",
            r#"{"isEnabled":false}"#,
        ),
        (
            "Policies/AuthenticationMethodsPolicy/AuthenticationMethodConfigurations/SMS.json",
            r#"{"id":"Sms","state":"disabled"}"#,
        ),
        (
            "Policies/AuthenticationMethodsPolicy/AuthenticationMethodConfigurations/FIDO2.json",
            r#"{"id":"Fido2","state":"enabled"}"#,
        ),
        (
            "RoleManagement/Directory/RoleAssignments/x/x.json",
            r#"{"id":"x","principalId":"a1","roleDefinitionId":"r1","directoryScopeId":"/"}"#,
        ),
        ("Devices/z/z.json", r#"{"id":"z"}"#),
    ]);
    let read = export.read().unwrap();
    assert_eq!(read.rows("users", &["id", "user_principal_name"]), ["a1 | ada@example.org"]);
    assert_eq!(read.rows("groups", &["id", "group_types"]), ["b1 | [Unified]"]);
    assert_eq!(read.rows("policies", &["id", "display_name"]), ["c1 | CA001"]);
    let tenant = ["security_defaults_enabled", "sms_state", "fido2_state", "voice_state", "policy_migration_state"];
    assert_eq!(read.rows("tenant", &tenant), ["false | disabled | enabled | NULL | NULL"]);
    assert_eq!(read.snapshot.group_members().unwrap()[0].users.len(), 1);
    assert_eq!(read.status("authenticationMethodsPolicy"), "lowerBound 1");
    assert_eq!(read.status("userRegistrationDetails"), "absent 0");
    assert_eq!(read.manifest.tenant_id, "11111111-0000-4000-8000-0000000000e1");
}
