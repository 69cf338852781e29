//! Directory roles that judging knows by template id, the same in every tenant.

/// Global Administrator.
pub const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";

/// The roles of directory synchronisation, which no person holds.
pub const DIRECTORY_SYNCHRONIZATION: [(&str, &str); 2] = [
    ("d29b2b05-8046-44ba-8758-1e26182fcf32", "Directory Synchronization Accounts"),
    ("a92aed5d-d78a-4d16-b381-09adb37eb3b0", "On Premises Directory Sync Account"),
];

/// Roles that count as privileged whatever Graph says, with their names. Graph's own mark (`isPrivileged`, beta) adds to
/// them; alone it would lose Exchange, SharePoint and Billing Administrator.
pub const PRIVILEGED: [(&str, &str); 16] = [
    (GLOBAL_ADMINISTRATOR, "Global Administrator"),
    ("158c047a-c907-4556-b7ef-446551a6b5f7", "Cloud Application Administrator"),
    ("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator"),
    ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "Application Administrator"),
    ("7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator"),
    ("8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2", "Hybrid Identity Administrator"),
    ("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator"),
    ("b1be1c3e-b65d-4f19-8427-f6fa0d97feb9", "Conditional Access Administrator"),
    ("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator"),
    ("c4e39bd9-1100-46d3-8c65-fb160da0071f", "Authentication Administrator"),
    ("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator"),
    ("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator"),
    ("f28a1f50-f6e7-4571-818b-6a12f2af6b6c", "SharePoint Administrator"),
    ("966707d0-3269-4727-9be2-8c3a10f19b9d", "Password Administrator"),
    ("b0f54661-2d74-4c50-afa3-1ec803f12efe", "Billing Administrator"),
    (GLOBAL_READER, "Global Reader"),
];

/// Global Reader: privileged, because it sees everything, and no administration.
pub const GLOBAL_READER: &str = "f2ef992c-3afb-46b9-b7cf-a126ee74c451";

/// Template ids and names of the roles that are known without their definitions.
pub fn known_roles() -> impl Iterator<Item = (&'static str, &'static str)> {
    PRIVILEGED.into_iter().chain(DIRECTORY_SYNCHRONIZATION)
}

/// The name of a known role.
#[must_use]
pub fn role_name(template_id: &str) -> Option<&'static str> {
    known_roles().find(|(id, _)| *id == template_id).map(|(_, name)| name)
}

/// Whether a role is one of directory synchronisation.
#[must_use]
pub fn is_directory_synchronization(template_id: &str) -> bool {
    DIRECTORY_SYNCHRONIZATION.iter().any(|(id, _)| *id == template_id)
}

/// What a custom role may do that makes its holder privileged, by Microsoft's page of role permissions: act for people, for
/// applications and for the rules of the directory. `%` stands for the kinds of application.
const PRIVILEGED_ACTIONS: [&str; 20] = [
    "microsoft.directory/applications%/allProperties/update",
    "microsoft.directory/applications%/allProperties/allTasks",
    "microsoft.directory/applications%/credentials/update",
    "microsoft.directory/bitlockerKeys/key/read",
    "microsoft.directory/conditionalAccessPolicies/basic/update",
    "microsoft.directory/conditionalAccessPolicies/create",
    "microsoft.directory/conditionalAccessPolicies/delete",
    "microsoft.directory/conditionalAccessPolicies/allProperties/allTasks",
    "microsoft.directory/deviceLocalCredentials/password/read",
    "microsoft.directory/oAuth2PermissionGrants/allProperties/allTasks",
    "microsoft.directory/oAuth2PermissionGrants/allProperties/update",
    "microsoft.directory/oAuth2PermissionGrants/create",
    "microsoft.directory/servicePrincipals/allProperties/allTasks",
    "microsoft.directory/servicePrincipals/allProperties/update",
    "microsoft.directory/servicePrincipals/credentials/update",
    "microsoft.directory/users/allProperties/allTasks",
    "microsoft.directory/users/authenticationMethods/create",
    "microsoft.directory/users/authenticationMethods/basic/update",
    "microsoft.directory/users/invalidateAllRefreshTokens",
    "microsoft.directory/users/password/update",
];

/// Whether the actions that a custom role allows make its holder privileged: an action that does is enough; a role that only
/// reads is not; of any other action nothing follows.
pub fn actions_are_privileged<'a>(actions: impl IntoIterator<Item = &'a str>) -> Option<bool> {
    let mut only_reads = true;
    for action in actions {
        if PRIVILEGED_ACTIONS.iter().any(|known| is_action(known, action)) {
            return Some(true);
        }
        only_reads &= action.rsplit('/').next().is_some_and(|verb| verb.eq_ignore_ascii_case("read"));
    }
    only_reads.then_some(false)
}

/// Whether an action is the known one; `%` in it stands for nothing, or for `.myOrganization` and the like.
fn is_action(known: &str, action: &str) -> bool {
    let Some((start, end)) = known.split_once('%') else { return known.eq_ignore_ascii_case(action) };
    let Some((begins, rest)) = action.split_at_checked(start.len()) else { return false };
    let kind_and_end = rest.split_once('/').map(|(kind, _)| rest.split_at(kind.len()));
    begins.eq_ignore_ascii_case(start)
        && kind_and_end
            .is_some_and(|(kind, rest)| (kind.is_empty() || kind.starts_with('.')) && rest.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_role_is_privileged_by_one_action_and_not_by_reading() {
        for (actions, expected) in [
            (&["microsoft.directory/applications/credentials/update"][..], Some(true)),
            (&["microsoft.directory/applications.myOrganization/credentials/update"], Some(true)),
            (&["microsoft.directory/applicationsTemplates/credentials/update"], None),
            (&["microsoft.directory/groups/standard/read", "Microsoft.Directory/Users/Password/Update"], Some(true)),
            (&["microsoft.directory/groups/standard/read", "microsoft.directory/users/basic/read"], Some(false)),
            (&["microsoft.directory/bitlockerKeys/key/read"], Some(true)),
            (&["microsoft.directory/groups/members/update"], None),
            (&["microsoft.directory/groups/members/update", "microsoft.directory/groups/standard/read"], None),
            (&[], Some(false)),
        ] {
            assert_eq!(actions_are_privileged(actions.iter().copied()), expected, "{actions:?}");
        }
    }
}
