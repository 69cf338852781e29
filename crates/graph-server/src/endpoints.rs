//! Every data set that is served: its path, who may read it, what it costs, how it pages.

/// What shares one limit of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Class {
    /// The directory: resource units per 10 seconds.
    #[serde(rename = "DIR")]
    Directory,
    /// Reports: 5 requests per 10 seconds.
    #[serde(rename = "RPT")]
    Reports,
    /// Conditional Access and Identity Protection: 1 request a second, and no `Retry-After`.
    #[serde(rename = "IPC")]
    Protection,
    /// The security API; no limit is known.
    #[serde(rename = "SEC")]
    Security,
    /// What is no data set: tokens, the envelope of a batch.
    #[serde(rename = "other")]
    Other,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Directory, Self::Reports, Self::Protection, Self::Security, Self::Other];
}

impl std::fmt::Display for Class {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Directory => "DIR",
            Self::Reports => "RPT",
            Self::Protection => "IPC",
            Self::Security => "SEC",
            Self::Other => "other",
        })
    }
}

/// An edition of Microsoft Entra ID, in the order of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edition {
    /// Microsoft Entra ID Free.
    Free,
    /// Microsoft Entra ID P1: Conditional Access.
    P1,
    /// Microsoft Entra ID P2: risk and Privileged Identity Management besides.
    P2,
}

/// The service that answers, which shows in its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Directory,
    ConditionalAccess,
    IdentityProtection,
    Reports,
    Policies,
    Roles,
    Security,
}

/// How a data set is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// In pages of `default` rows, of `most` where `$top` asks for more.
    Pages { default: usize, most: usize },
    /// Whole, whatever `$top` says.
    Whole,
    /// One object.
    Object,
}

/// What happens when `$top` is above the most that a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    Refuse,
    Cap,
    Ignore,
}

/// One data set on the wire.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// What the user guide calls it.
    pub name: &'static str,
    /// The folder in an export.
    pub rows: &'static str,
    /// The path behind the version; `{id}` is the owner.
    pub path: &'static str,
    /// The words behind `$metadata#`.
    pub context: &'static str,
    /// The type in errors.
    pub type_name: &'static str,
    pub class: Class,
    pub service: Service,
    /// Resource units before `$select`, `$expand` and `$top`.
    pub units: i32,
    pub answered: Answered,
    pub beyond: Beyond,
    /// Any of these sets of permissions lets an app in.
    pub permissions: &'static [&'static [&'static str]],
    pub needs: Edition,
    pub beta_only: bool,
    pub delta: bool,
    /// The data set of the owner.
    pub owner: Option<&'static str>,
    /// Related objects that a row holds, and that are shown only when `$expand` names them.
    pub relations: &'static [&'static str],
    /// Properties that beta alone has.
    pub beta_properties: &'static [&'static str],
}

const PAGED: Answered = Answered::Pages { default: 100, most: 999 };

const fn set(name: &'static str, path: &'static str, permissions: &'static [&'static [&'static str]]) -> Endpoint {
    Endpoint {
        name,
        rows: name,
        path,
        context: name,
        type_name: name,
        class: Class::Directory,
        service: Service::Directory,
        units: 1,
        answered: Answered::Whole,
        beyond: Beyond::Ignore,
        permissions,
        needs: Edition::Free,
        beta_only: false,
        delta: false,
        owner: None,
        relations: &[],
        beta_properties: &[],
    }
}

const fn directory(type_name: &'static str, units: i32, endpoint: Endpoint) -> Endpoint {
    Endpoint { type_name, units, answered: PAGED, beyond: Beyond::Refuse, ..endpoint }
}
const fn tracked(endpoint: Endpoint) -> Endpoint {
    Endpoint { delta: true, ..endpoint }
}
const fn owned(owner: &'static str, context: &'static str, endpoint: Endpoint) -> Endpoint {
    Endpoint { owner: Some(owner), context, ..endpoint }
}
const fn object(context: &'static str, endpoint: Endpoint) -> Endpoint {
    Endpoint { answered: Answered::Object, context, service: Service::Policies, ..endpoint }
}
const fn relations(names: &'static [&'static str], endpoint: Endpoint) -> Endpoint {
    Endpoint { relations: names, ..endpoint }
}
const fn beta_properties(names: &'static [&'static str], endpoint: Endpoint) -> Endpoint {
    Endpoint { beta_properties: names, ..endpoint }
}
const fn from(service: Service, class: Class, needs: Edition, endpoint: Endpoint) -> Endpoint {
    Endpoint { service, class, needs, ..endpoint }
}
const fn pages(default: usize, most: usize, beyond: Beyond, endpoint: Endpoint) -> Endpoint {
    Endpoint { answered: Answered::Pages { default, most }, beyond, ..endpoint }
}

const APPLICATIONS: &[&[&str]] = &[&["Application.Read.All"], &["Directory.Read.All"]];
const POLICY: &[&[&str]] = &[&["Policy.Read.All"]];
const METHODS: &[&[&str]] = &[&["Policy.Read.AuthenticationMethod"], &["Policy.Read.All"]];
const ROLES: &[&[&str]] = &[&["RoleManagement.Read.Directory"], &["Directory.Read.All"], &["RoleManagement.Read.All"]];
const AUDIT: &[&[&str]] = &[&["AuditLog.Read.All"]];
const SECURITY: &[&[&str]] = &[&["SecurityEvents.Read.All"]];

/// The permission without which a member is no more than an id.
pub(crate) const READ_USERS: &[&[&str]] = &[&["User.Read.All"], &["Directory.Read.All"]];
/// The permissions that show more of a group than its name and kind.
pub(crate) const READ_GROUPS: &[&[&str]] = &[&["GroupMember.Read.All"], &["Group.Read.All"], &["Directory.Read.All"]];
/// The permission that shows who is in a group with hidden membership.
pub(crate) const READ_HIDDEN: &str = "Member.Read.Hidden";
/// The delegated permission of directory synchronisation: no app has it.
pub(crate) const ON_PREMISES: &str = "OnPremDirectorySynchronization.Read.All";

/// All data sets, in the order of the user guide.
pub(crate) static ENDPOINTS: &[Endpoint] = &[
    set(
        "organization",
        "/organization",
        &[&["Organization.Read.All"], &["Directory.Read.All"], &["DeviceManagementServiceConfig.Read.All"]],
    ),
    Endpoint {
        units: 3,
        ..set(
            "subscribedSkus",
            "/subscribedSkus",
            &[&["LicenseAssignment.Read.All"], &["Organization.Read.All"], &["Directory.Read.All"]],
        )
    },
    tracked(directory("user", 2, set("users", "/users", READ_USERS))),
    // Asked for as `/users` with `signInActivity` in `$select`.
    from(
        Service::Reports,
        Class::Directory,
        Edition::P1,
        Endpoint {
            units: 2,
            context: "users",
            type_name: "user",
            ..pages(
                100,
                500,
                Beyond::Cap,
                set(
                    "signInActivity",
                    "",
                    &[&["User.Read.All", "AuditLog.Read.All"], &["Directory.Read.All", "AuditLog.Read.All"]],
                ),
            )
        },
    ),
    relations(
        &["members"],
        tracked(directory(
            "group",
            1,
            set(
                "groups",
                "/groups",
                &[&["GroupMember.Read.All"], &["Group.ReadBasic.All"], &["Group.Read.All"], &["Directory.Read.All"]],
            ),
        )),
    ),
    owned(
        "groups",
        "directoryObjects",
        directory(
            "directoryObject",
            3,
            set(
                "members",
                "/groups/{id}/members",
                &[&["GroupMember.Read.All"], &["Group.ReadBasic.All"], &["Group.Read.All"], &["Directory.Read.All"]],
            ),
        ),
    ),
    beta_properties(
        &["isPrivileged"],
        role_management("roleDefinitions", "/roleManagement/directory/roleDefinitions", ROLES),
    ),
    relations(
        &["principal", "roleDefinition"],
        role_management("roleAssignments", "/roleManagement/directory/roleAssignments", ROLES),
    ),
    relations(
        &["principal", "roleDefinition"],
        pim(role_management(
            "roleAssignmentScheduleInstances",
            "/roleManagement/directory/roleAssignmentScheduleInstances",
            &[
                &["RoleAssignmentSchedule.Read.Directory"],
                &["RoleManagement.Read.Directory"],
                &["RoleManagement.Read.All"],
            ],
        )),
    ),
    relations(
        &["principal", "roleDefinition"],
        pim(role_management(
            "roleEligibilityScheduleInstances",
            "/roleManagement/directory/roleEligibilityScheduleInstances",
            &[
                &["RoleEligibilitySchedule.Read.Directory"],
                &["RoleManagement.Read.Directory"],
                &["RoleManagement.Read.All"],
            ],
        )),
    ),
    // The schedules behind the instances; an export has the instances.
    Endpoint {
        rows: "roleEligibilityScheduleInstances",
        ..pim(role_management(
            "roleEligibilitySchedules",
            "/roleManagement/directory/roleEligibilitySchedules",
            &[
                &["RoleEligibilitySchedule.Read.Directory"],
                &["RoleManagement.Read.Directory"],
                &["RoleManagement.Read.All"],
            ],
        ))
    },
    relations(
        &["policy"],
        pim(set(
            "roleManagementPolicyAssignments",
            "/policies/roleManagementPolicyAssignments",
            &[
                &["RoleManagement.Read.Directory"],
                &["RoleManagementPolicy.Read.Directory"],
                &["RoleManagement.Read.All"],
            ],
        )),
    ),
    owned(
        "groups",
        "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
        pim(set(
            "eligibilityScheduleInstances",
            "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
            &[&["PrivilegedEligibilitySchedule.Read.AzureADGroup"], &["PrivilegedAccess.Read.AzureADGroup"]],
        )),
    ),
    relations(&["members"], tracked(set("directoryRoles", "/directoryRoles", ROLES))),
    conditional_access("policies", "identity/conditionalAccess/policies", "/identity/conditionalAccess/policies"),
    conditional_access(
        "namedLocations",
        "identity/conditionalAccess/namedLocations",
        "/identity/conditionalAccess/namedLocations",
    ),
    Endpoint {
        context: "policies/authenticationStrengthPolicies",
        service: Service::Policies,
        ..set("authenticationStrengthPolicies", "/policies/authenticationStrengthPolicies", METHODS)
    },
    beta_properties(
        &["systemCredentialPreferences", "reportSuspiciousActivitySettings"],
        object(
            "authenticationMethodsPolicy",
            set("authenticationMethodsPolicy", "/policies/authenticationMethodsPolicy", METHODS),
        ),
    ),
    from(
        Service::Reports,
        Class::Reports,
        Edition::P1,
        pages(
            1000,
            1000,
            Beyond::Ignore,
            Endpoint {
                context: "reports/authenticationMethods/userRegistrationDetails",
                ..set("userRegistrationDetails", "/reports/authenticationMethods/userRegistrationDetails", AUDIT)
            },
        ),
    ),
    object(
        "policies/identitySecurityDefaultsEnforcementPolicy",
        set("identitySecurityDefaultsEnforcementPolicy", "/policies/identitySecurityDefaultsEnforcementPolicy", POLICY),
    ),
    object("policies/authorizationPolicy", set("authorizationPolicy", "/policies/authorizationPolicy", POLICY)),
    object(
        "policies/adminConsentRequestPolicy",
        set("adminConsentRequestPolicy", "/policies/adminConsentRequestPolicy", POLICY),
    ),
    relations(
        &["includes", "excludes"],
        set("permissionGrantPolicies", "/policies/permissionGrantPolicies", &[&["Policy.Read.PermissionGrant"]]),
    ),
    owned(
        "servicePrincipals",
        "delegatedPermissionClassifications",
        set(
            "delegatedPermissionClassifications",
            "/servicePrincipals/{id}/delegatedPermissionClassifications",
            APPLICATIONS,
        ),
    ),
    set("domains", "/domains", &[&["Domain.Read.All"], &["Directory.Read.All"]]),
    owned(
        "domains",
        "federationConfiguration",
        set(
            "federationConfiguration",
            "/domains/{id}/federationConfiguration",
            &[&["Domain-InternalFederation.Read.All"]],
        ),
    ),
    set("onPremisesSynchronization", "/directory/onPremisesSynchronization", &[]),
    relations(&["owners"], tracked(directory("application", 2, set("applications", "/applications", APPLICATIONS)))),
    relations(
        &["owners"],
        tracked(directory("servicePrincipal", 1, set("servicePrincipals", "/servicePrincipals", APPLICATIONS))),
    ),
    owned(
        "servicePrincipals",
        "appRoleAssignments",
        directory(
            "appRoleAssignment",
            1,
            set("appRoleAssignedTo", "/servicePrincipals/{id}/appRoleAssignedTo", APPLICATIONS),
        ),
    ),
    owned(
        "servicePrincipals",
        "appRoleAssignments",
        directory(
            "appRoleAssignment",
            2,
            set("appRoleAssignments", "/servicePrincipals/{id}/appRoleAssignments", APPLICATIONS),
        ),
    ),
    tracked(directory(
        "oAuth2PermissionGrant",
        2,
        set("oauth2PermissionGrants", "/oauth2PermissionGrants", &[&["Directory.Read.All"]]),
    )),
    protection("riskyUsers", "/identityProtection/riskyUsers", &[&["IdentityRiskyUser.Read.All"]]),
    protection("riskDetections", "/identityProtection/riskDetections", &[&["IdentityRiskEvent.Read.All"]]),
    object(
        "policies/crossTenantAccessPolicy/default",
        set("default", "/policies/crossTenantAccessPolicy/default", POLICY),
    ),
    Endpoint {
        context: "policies/crossTenantAccessPolicy/partners",
        service: Service::Policies,
        ..set("partners", "/policies/crossTenantAccessPolicy/partners", POLICY)
    },
    set("groupSettings", "/groupSettings", &[&["GroupSettings.Read.All"], &["Directory.Read.All"]]),
    Endpoint {
        beta_only: true,
        owner: Some("users"),
        ..object(
            "users/authentication/requirements",
            set("requirements", "/users/{id}/authentication/requirements", POLICY),
        )
    },
    object(
        "policies/deviceRegistrationPolicy",
        set("deviceRegistrationPolicy", "/policies/deviceRegistrationPolicy", &[&["Policy.Read.DeviceConfiguration"]]),
    ),
    object(
        "policies/defaultAppManagementPolicy",
        set("defaultAppManagementPolicy", "/policies/defaultAppManagementPolicy", POLICY),
    ),
    Endpoint {
        context: "policies/appManagementPolicies",
        service: Service::Policies,
        ..set("appManagementPolicies", "/policies/appManagementPolicies", POLICY)
    },
    pages(
        100,
        100,
        Beyond::Cap,
        Endpoint {
            context: "identityGovernance/accessReviews/definitions",
            ..pim(set("definitions", "/identityGovernance/accessReviews/definitions", &[&["AccessReview.Read.All"]]))
        },
    ),
    security("secureScores", "/security/secureScores"),
    security("secureScoreControlProfiles", "/security/secureScoreControlProfiles"),
    relations(
        &["impactedResources"],
        Endpoint {
            beta_only: true,
            context: "directory/recommendations",
            ..pages(
                100,
                100,
                Beyond::Cap,
                set("recommendations", "/directory/recommendations", &[&["DirectoryRecommendations.Read.All"]]),
            )
        },
    ),
    from(
        Service::Reports,
        Class::Reports,
        Edition::P1,
        pages(
            1000,
            1000,
            Beyond::Cap,
            Endpoint { context: "auditLogs/signIns", ..set("signIns", "/auditLogs/signIns", AUDIT) },
        ),
    ),
];

const fn role_management(
    name: &'static str,
    path: &'static str,
    permissions: &'static [&'static [&'static str]],
) -> Endpoint {
    Endpoint { service: Service::Roles, ..set(name, path, permissions) }
}
const fn pim(endpoint: Endpoint) -> Endpoint {
    Endpoint { service: Service::Roles, needs: Edition::P2, ..endpoint }
}
const fn conditional_access(name: &'static str, context: &'static str, path: &'static str) -> Endpoint {
    Endpoint { context, ..from(Service::ConditionalAccess, Class::Protection, Edition::Free, set(name, path, POLICY)) }
}
const fn protection(
    name: &'static str,
    path: &'static str,
    permissions: &'static [&'static [&'static str]],
) -> Endpoint {
    from(
        Service::IdentityProtection,
        Class::Protection,
        Edition::P2,
        pages(20, 500, Beyond::Cap, set(name, path, permissions)),
    )
}
const fn security(name: &'static str, path: &'static str) -> Endpoint {
    from(Service::Security, Class::Security, Edition::Free, pages(100, 1000, Beyond::Cap, set(name, path, SECURITY)))
}

/// The data set of that name.
pub(crate) fn endpoint(name: &str) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|endpoint| endpoint.name == name)
}
