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
    ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader"),
];

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
