//! The data sets that a tenant's export may hold, by the names that reports and reasons use.

use idscore_score::License;

/// One data set of Microsoft Graph, as far as judging needs to know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSet {
    /// The last segment of the endpoint as Graph spells it; the folder name in our export.
    pub name: &'static str,
    /// The path behind `/v1.0` or `/beta`.
    pub endpoint: &'static str,
    /// The least application permission.
    pub permission: &'static str,
    /// The edition without which the data do not exist.
    pub license: Option<License>,
    /// The collector's option that brings it, where it is not read by default.
    pub option: Option<&'static str>,
    /// Read once per owning object: pages lie in `<name>/<ownerId>/`.
    pub per_owner: bool,
}

const fn set(name: &'static str, endpoint: &'static str, permission: &'static str) -> DataSet {
    DataSet { name, endpoint, permission, license: None, option: None, per_owner: false }
}
const fn p1(data_set: DataSet) -> DataSet {
    DataSet { license: Some(License::P1), ..data_set }
}
const fn p2(data_set: DataSet) -> DataSet {
    DataSet { license: Some(License::P2), ..data_set }
}
const fn with(option: &'static str, data_set: DataSet) -> DataSet {
    DataSet { option: Some(option), ..data_set }
}
const fn per_owner(data_set: DataSet) -> DataSet {
    DataSet { per_owner: true, ..data_set }
}

/// Every data set that the reader knows, in the order of the domain's table.
pub const DATA_SETS: &[DataSet] = &[
    set("organization", "/organization", "Organization.Read.All"),
    set("subscribedSkus", "/subscribedSkus", "LicenseAssignment.Read.All"),
    set("users", "/users", "User.Read.All"),
    p1(set("signInActivity", "/users?$select=id,signInActivity", "AuditLog.Read.All")),
    set("groups", "/groups", "GroupMember.Read.All"),
    per_owner(set("members", "/groups/{id}/members", "GroupMember.Read.All")),
    set("roleDefinitions", "/roleManagement/directory/roleDefinitions", "RoleManagement.Read.Directory"),
    set("roleAssignments", "/roleManagement/directory/roleAssignments", "RoleManagement.Read.Directory"),
    p2(set(
        "roleAssignmentScheduleInstances",
        "/roleManagement/directory/roleAssignmentScheduleInstances",
        "RoleAssignmentSchedule.Read.Directory",
    )),
    p2(set(
        "roleEligibilityScheduleInstances",
        "/roleManagement/directory/roleEligibilityScheduleInstances",
        "RoleEligibilitySchedule.Read.Directory",
    )),
    p2(set(
        "roleManagementPolicyAssignments",
        "/policies/roleManagementPolicyAssignments",
        "RoleManagement.Read.Directory",
    )),
    p2(per_owner(set(
        "eligibilityScheduleInstances",
        "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
        "PrivilegedEligibilitySchedule.Read.AzureADGroup",
    ))),
    set("directoryRoles", "/directoryRoles", "RoleManagement.Read.Directory"),
    set("policies", "/identity/conditionalAccess/policies", "Policy.Read.All"),
    set("namedLocations", "/identity/conditionalAccess/namedLocations", "Policy.Read.All"),
    set(
        "authenticationStrengthPolicies",
        "/policies/authenticationStrengthPolicies",
        "Policy.Read.AuthenticationMethod",
    ),
    set("authenticationMethodsPolicy", "/policies/authenticationMethodsPolicy", "Policy.Read.AuthenticationMethod"),
    p1(set("userRegistrationDetails", "/reports/authenticationMethods/userRegistrationDetails", "AuditLog.Read.All")),
    set(
        "identitySecurityDefaultsEnforcementPolicy",
        "/policies/identitySecurityDefaultsEnforcementPolicy",
        "Policy.Read.All",
    ),
    set("authorizationPolicy", "/policies/authorizationPolicy", "Policy.Read.All"),
    set("adminConsentRequestPolicy", "/policies/adminConsentRequestPolicy", "Policy.Read.All"),
    set("permissionGrantPolicies", "/policies/permissionGrantPolicies", "Policy.Read.PermissionGrant"),
    per_owner(set(
        "delegatedPermissionClassifications",
        "/servicePrincipals/{id}/delegatedPermissionClassifications",
        "Application.Read.All",
    )),
    set("domains", "/domains", "Domain.Read.All"),
    per_owner(set(
        "federationConfiguration",
        "/domains/{id}/federationConfiguration",
        "Domain-InternalFederation.Read.All",
    )),
    with(
        "--on-premises-sync",
        set(
            "onPremisesSynchronization",
            "/directory/onPremisesSynchronization",
            "OnPremDirectorySynchronization.Read.All (delegated)",
        ),
    ),
    set("applications", "/applications", "Application.Read.All"),
    set("servicePrincipals", "/servicePrincipals", "Application.Read.All"),
    per_owner(set("appRoleAssignedTo", "/servicePrincipals/{id}/appRoleAssignedTo", "Application.Read.All")),
    per_owner(set("appRoleAssignments", "/servicePrincipals/{id}/appRoleAssignments", "Application.Read.All")),
    set("oauth2PermissionGrants", "/oauth2PermissionGrants", "Directory.Read.All"),
    p2(set("riskyUsers", "/identityProtection/riskyUsers", "IdentityRiskyUser.Read.All")),
    p2(set("riskDetections", "/identityProtection/riskDetections", "IdentityRiskEvent.Read.All")),
    set("default", "/policies/crossTenantAccessPolicy/default", "Policy.Read.All"),
    set("partners", "/policies/crossTenantAccessPolicy/partners", "Policy.Read.All"),
    set("groupSettings", "/groupSettings", "GroupSettings.Read.All"),
    with(
        "--per-user-mfa",
        per_owner(set("requirements", "/users/{id}/authentication/requirements", "Policy.Read.All")),
    ),
    set("deviceRegistrationPolicy", "/policies/deviceRegistrationPolicy", "Policy.Read.DeviceConfiguration"),
    set("defaultAppManagementPolicy", "/policies/defaultAppManagementPolicy", "Policy.Read.All"),
    set("appManagementPolicies", "/policies/appManagementPolicies", "Policy.Read.All"),
    p2(set("definitions", "/identityGovernance/accessReviews/definitions", "AccessReview.Read.All")),
    set("secureScores", "/security/secureScores", "SecurityEvents.Read.All"),
    set("secureScoreControlProfiles", "/security/secureScoreControlProfiles", "SecurityEvents.Read.All"),
    set("recommendations", "/directory/recommendations", "DirectoryRecommendations.Read.All"),
    p1(with("--sign-ins", set("signIns", "/auditLogs/signIns", "AuditLog.Read.All"))),
];

/// The data set of that name, compared exactly.
#[must_use]
pub fn data_set(name: &str) -> Option<&'static DataSet> {
    DATA_SETS.iter().find(|data_set| data_set.name == name)
}

/// Whether Graph's error says that the tenant does not own the edition that brings the data.
#[must_use]
pub fn names_a_licence(code: &str, message: &str) -> bool {
    const CODES: &[&str] = &[
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "AadPremiumLicenseRequired",
        "MissingLicense",
        "TenantNotLicensed",
    ];
    const WORDS: &[&str] = &["not licensed", "premium license", "license required", "needs to have microsoft entra id"];
    let message = message.to_lowercase();
    CODES.iter().any(|known| code.eq_ignore_ascii_case(known)) || WORDS.iter().any(|words| message.contains(words))
}

/// The data sets that say which owners a data set is read for.
#[must_use]
pub fn owners_of(name: &str) -> &'static [&'static str] {
    match name {
        "members" => &["policies", "roleAssignments", "groups"],
        "eligibilityScheduleInstances" => &["roleAssignments", "groups"],
        "delegatedPermissionClassifications" | "appRoleAssignedTo" | "appRoleAssignments" => &["servicePrincipals"],
        "federationConfiguration" => &["domains"],
        "requirements" => &["users"],
        _ => &[],
    }
}
