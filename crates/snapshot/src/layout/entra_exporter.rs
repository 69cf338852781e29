//! The folder tree that EntraExporter writes: one object per file, `<Path>/<id>/<id>.json`.

use super::Role;

/// Folders whose objects lie in a folder each, by EntraExporter's path in lower case.
const FOLDERS: &[(&str, &str)] = &[
    ("domains", "domains"),
    ("subscribedskus", "subscribedSkus"),
    ("users", "users"),
    ("groups", "groups"),
    ("groupsettings", "groupSettings"),
    ("directoryroles", "directoryRoles"),
    ("rolemanagement/directory/roledefinitions", "roleDefinitions"),
    ("rolemanagement/directory/roleassignments", "roleAssignments"),
    ("rolemanagement/directory/roleassignmentscheduleinstances", "roleAssignmentScheduleInstances"),
    ("rolemanagement/directory/roleeligibilityscheduleinstances", "roleEligibilityScheduleInstances"),
    ("identity/conditional/accesspolicies", "policies"),
    ("identity/conditional/namedlocations", "namedLocations"),
    ("identity/conditional/authenticationstrengths", "authenticationStrengthPolicies"),
    ("policies/permissiongrantpolicies", "permissionGrantPolicies"),
    ("policies/crosstenantaccesspolicy/partners", "partners"),
    ("policies/appmanagementpolicies", "appManagementPolicies"),
    ("identitygovernance/accessreviews", "definitions"),
    ("applications", "applications"),
    ("serviceprincipals", "servicePrincipals"),
];

/// The name under which single method configurations are read; together they stand for `authenticationMethodsPolicy`.
pub(crate) const METHOD_CONFIGURATIONS: &str = "authenticationMethodConfigurations";

/// Single objects: the folder or file that ends EntraExporter's path, in lower case.
const SINGLE: &[(&str, &str)] = &[
    ("organization", "organization"),
    ("directory/onpremisessynchronization", "onPremisesSynchronization"),
    ("policies/identitysecuritydefaultsenforcementpolicy", "identitySecurityDefaultsEnforcementPolicy"),
    ("policies/authorizationpolicy", "authorizationPolicy"),
    ("policies/adminconsentrequestpolicy", "adminConsentRequestPolicy"),
    ("policies/crosstenantaccesspolicy/default", "default"),
    ("policies/defaultappmanagementpolicy", "defaultAppManagementPolicy"),
    ("policies/deviceregistrationpolicy", "deviceRegistrationPolicy"),
    ("policies/authenticationmethodspolicy/authenticationmethodconfigurations", METHOD_CONFIGURATIONS),
];

/// What a file of the tree holds; None for the many parts that no control needs.
pub(super) fn role(name: &str) -> Option<Role> {
    let parts: Vec<&str> = name.split('/').collect();
    let lower = name.to_ascii_lowercase();
    if !lower.ends_with(".json") {
        return None;
    }
    let (file, folders) = parts.split_last()?;
    let stem = file.split_at_checked(file.len().saturating_sub(5)).map_or(*file, |(stem, _)| stem);
    let data = |data_set, owner: Option<&str>| Some(Role::Data { data_set, owner: owner.map(str::to_owned) });

    for (path, data_set) in SINGLE {
        // `Organization/Organization.json`, `Policies/AuthorizationPolicy/authorizationPolicy/authorizationPolicy.json`
        if lower.strip_prefix(path).is_some_and(|rest| rest.starts_with('/') || rest == ".json") {
            return data(data_set, None);
        }
    }
    // `Groups/<id>/Members/<id>/<id>.json`
    if let [.., owner, relation, member] = folders {
        let first = parts.first().map(|first| first.to_ascii_lowercase()).unwrap_or_default();
        let relation = match (first.as_str(), relation.to_ascii_lowercase().as_str()) {
            ("groups", "members") => Some("members"),
            ("serviceprincipals", "approleassignments") => Some("appRoleAssignments"),
            ("serviceprincipals", "approleassignedto") => Some("appRoleAssignedTo"),
            ("domains", "federationconfiguration") => Some("federationConfiguration"),
            _ => None,
        };
        if let Some(relation) = relation
            && *member == stem
        {
            return data(relation, Some(owner));
        }
    }
    let (id, folder) = folders.split_last()?;
    let folder = folder.join("/").to_ascii_lowercase();
    if *id != stem {
        return None;
    }
    FOLDERS.iter().find(|(path, _)| *path == folder).and_then(|(_, data_set)| data(data_set, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_tree_name_the_data_set() {
        let data = |data_set, owner: Option<&str>| Some(Role::Data { data_set, owner: owner.map(str::to_owned) });
        for (path, expected) in [
            ("Organization/Organization.json", data("organization", None)),
            ("Users/a0/a0.json", data("users", None)),
            ("Groups/b0/b0.json", data("groups", None)),
            ("Groups/b0/Members/a0/a0.json", data("members", Some("b0"))),
            ("Groups/b0/Owners/a0/a0.json", None),
            ("DirectoryRoles/r0/r0.json", data("directoryRoles", None)),
            ("Identity/Conditional/AccessPolicies/c0/c0.json", data("policies", None)),
            ("RoleManagement/Directory/RoleAssignments/x/x.json", data("roleAssignments", None)),
            (
                "Policies/AuthorizationPolicy/authorizationPolicy/authorizationPolicy.json",
                data("authorizationPolicy", None),
            ),
            ("Policies/CrossTenantAccessPolicy/Default/Default.json", data("default", None)),
            (
                "Policies/AuthenticationMethodsPolicy/AuthenticationMethodConfigurations/SMS.json",
                data(METHOD_CONFIGURATIONS, None),
            ),
            ("Teams/Settings.json", None),
        ] {
            assert_eq!(role(path), expected, "{path}");
        }
    }
}
