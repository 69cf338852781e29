//! Application permissions, by name.

use std::collections::{HashMap, HashSet};

use crate::graph::{AppRoleAssignment, ServicePrincipal};
use crate::ids::Id;

/// Microsoft Graph's client id.
pub(crate) const MICROSOFT_GRAPH: &str = "00000003-0000-0000-c000-000000000000";

/// The holder can become or take over any administrator.
const TIER_0: &[&str] = &[
    "RoleManagement.ReadWrite.Directory",
    "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory",
    "RoleManagementPolicy.ReadWrite.Directory",
    "PrivilegedAccess.ReadWrite.AzureAD",
    "PrivilegedAccess.ReadWrite.AzureADGroup",
    "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup",
    "AppRoleAssignment.ReadWrite.All",
    "Application.ReadWrite.All",
    "Directory.ReadWrite.All",
    "UserAuthenticationMethod.ReadWrite.All",
    "User-PasswordProfile.ReadWrite.All",
    "Domain.ReadWrite.All",
    "Organization.ReadWrite.All",
    "Policy.ReadWrite.ConditionalAccess",
    "Policy.ReadWrite.AuthenticationMethod",
    "Policy.ReadWrite.PermissionGrant",
    "Policy.ReadWrite.Authorization",
    "DelegatedPermissionGrant.ReadWrite.All",
    "OnPremDirectorySynchronization.ReadWrite.All",
];

/// Wide reach, or a step to tier 0.
const TIER_1: &[&str] = &[
    "Application.ReadWrite.OwnedBy",
    "User.ReadWrite.All",
    "User.EnableDisableAccount.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "AdministrativeUnit.ReadWrite.All",
    "EntitlementManagement.ReadWrite.All",
    "Synchronization.ReadWrite.All",
    "DeviceManagementConfiguration.ReadWrite.All",
    "DeviceManagementRBAC.ReadWrite.All",
    "Mail.Read",
    "Mail.ReadWrite",
    "Mail.Send",
    "Files.ReadWrite.All",
    "Sites.FullControl.All",
];

/// The permissions that one service principal holds.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// Names, sorted.
    pub(crate) names: Vec<String>,
    /// A held role whose name the export doesn't have.
    pub(crate) unnamed: bool,
}

impl Held {
    fn among(&self, tier: &[&str]) -> Vec<&str> {
        self.names
            .iter()
            .map(String::as_str)
            .filter(|name| tier.iter().any(|known| known.eq_ignore_ascii_case(name)))
            .collect()
    }
    pub(crate) fn tier_0(&self) -> Vec<&str> {
        self.among(TIER_0)
    }
    pub(crate) fn tier_1(&self) -> Vec<&str> {
        self.among(TIER_1)
    }
    /// `holds_tier0_permission`: open where a held role has no name, or not all assignments were read.
    pub(crate) fn holds_tier_0(&self, all_read: bool) -> Option<bool> {
        if self.tier_0().is_empty() { (all_read && !self.unnamed).then_some(false) } else { Some(true) }
    }
}

/// The permissions of every service principal, looked up in the roles that the resources offer. One that does not say who
/// holds it may be anybody's, which the caller has to respect.
pub(crate) fn held(assignments: &[AppRoleAssignment], principals: &[ServicePrincipal]) -> HashMap<Id, Held> {
    let resources: HashSet<Id> =
        assignments.iter().filter_map(|assignment| assignment.resource_id.as_deref()).map(Id::of).collect();
    let mut names: HashMap<(Id, Id), &str> = HashMap::new();
    for principal in principals {
        let resource = Id::of(&principal.id);
        if resources.contains(&resource) {
            for role in principal.app_roles.iter() {
                if let (Some(id), Some(value)) = (&role.id, &role.value) {
                    names.insert((resource.clone(), Id::of(id)), value);
                }
            }
        }
    }
    let mut held: HashMap<Id, Held> = HashMap::new();
    for assignment in assignments {
        let Some(principal) = assignment.principal_id.as_deref() else { continue };
        let held = held.entry(Id::of(principal)).or_default();
        let role = assignment.app_role_id.as_deref().unwrap_or_default();
        // The zero role is plain access to the application, no permission.
        if role.bytes().all(|byte| matches!(byte, b'0' | b'-')) && !role.is_empty() {
            continue;
        }
        let resource = assignment.resource_id.as_deref().map(Id::of);
        match resource.and_then(|resource| names.get(&(resource, Id::of(role)))) {
            Some(name) => held.names.push((*name).to_owned()),
            None => held.unnamed = true,
        }
    }
    for held in held.values_mut() {
        held.names.sort();
        held.names.dedup();
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cases(assignments: &str) -> Held {
        let principals: Vec<ServicePrincipal> = serde_json::from_str(
            r#"[{"id":"graph","appId":"00000003-0000-0000-c000-000000000000","appRoles":[
                {"id":"9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8","value":"RoleManagement.ReadWrite.Directory"},
                {"id":"810c84a8-4a9e-49e6-bf7d-12d183f40d01","value":"Mail.Read"},
                {"id":"r3","value":"User.Read.All"}]}]"#,
        )
        .unwrap();
        let assignments: Vec<AppRoleAssignment> = serde_json::from_str(assignments).unwrap();
        held(&assignments, &principals).remove(&Id::of("app")).unwrap_or_default()
    }

    #[test]
    fn permissions_are_matched_by_name_through_the_roles_of_the_resource() {
        let held = cases(
            r#"[{"principalId":"app","resourceId":"graph","appRoleId":"9E3F62CF-ca93-4989-b6ce-bf83c28f9fe8"},
                {"principalId":"app","resourceId":"graph","appRoleId":"810c84a8-4a9e-49e6-bf7d-12d183f40d01"},
                {"principalId":"app","resourceId":"graph","appRoleId":"r3"},
                {"principalId":"other","resourceId":"graph","appRoleId":"r3"}]"#,
        );
        assert_eq!(held.names, ["Mail.Read", "RoleManagement.ReadWrite.Directory", "User.Read.All"]);
        assert_eq!(held.tier_0(), ["RoleManagement.ReadWrite.Directory"]);
        assert_eq!(held.tier_1(), ["Mail.Read"]);
        assert_eq!(held.holds_tier_0(true), Some(true));
        assert_eq!(held.holds_tier_0(false), Some(true));
    }

    #[test]
    fn a_role_without_a_name_leaves_tier_0_open() {
        let held = cases(r#"[{"principalId":"app","resourceId":"elsewhere","appRoleId":"r3"}]"#);
        assert!(held.unnamed);
        assert_eq!(held.holds_tier_0(true), None);
    }

    #[test]
    fn plain_access_to_an_application_is_no_permission() {
        let held =
            cases(r#"[{"principalId":"app","resourceId":"graph","appRoleId":"00000000-0000-0000-0000-000000000000"}]"#);
        assert_eq!(held, Held::default());
        assert_eq!(held.holds_tier_0(true), Some(false));
        assert_eq!(held.holds_tier_0(false), None);
    }
}
