//! Which properties of Graph's objects a column is made from, and where their absence is an answer.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use crate::tables::{Column, Need, Stage, TABLES, Table, UNCOUNTED};

/// A property of the objects of a data set.
///
/// The name may be a path through objects and lists (`servicePlans.servicePlanId`) and may have alternatives (`a|b`), of which one
/// is enough.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Property {
    /// The data set's name in the catalogue.
    pub data_set: &'static str,
    /// Graph's name of the property.
    pub name: Cow<'static, str>,
}

impl Property {
    const fn of(data_set: &'static str, name: &'static str) -> Self {
        Self { data_set, name: Cow::Borrowed(name) }
    }

    /// The name by which it is told: of alternatives the first.
    #[must_use]
    pub fn told_as(&self) -> &str {
        self.name.split('|').next().unwrap_or(&self.name)
    }
}

/// A property that an object may lack because Graph has nothing to say, which is an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentAnswer {
    /// The property.
    pub property: Property,
    /// What its absence says.
    pub meaning: &'static str,
    /// Who says so.
    pub source: &'static str,
}

/// Every property whose absence is an answer. The absence of any other is unknown.
pub const ABSENT_ANSWERS: &[AbsentAnswer] = &[
    AbsentAnswer {
        property: Property::of("signInActivity", "signInActivity"),
        meaning: "The user never signed in, where the data set was read.",
        source: "Microsoft Graph, resource type signInActivity",
    },
    AbsentAnswer {
        property: Property::of("users", "signInActivity"),
        meaning: "The data set `signInActivity` answers, or it was not read.",
        source: "Microsoft Graph, resource type user: returned only on $select",
    },
    AbsentAnswer {
        property: Property::of("users", "deletedDateTime"),
        meaning: "The object is not deleted.",
        source: "Microsoft Graph, resource type directoryObject",
    },
    AbsentAnswer {
        property: Property::of("groups", "deletedDateTime"),
        meaning: "The object is not deleted.",
        source: "Microsoft Graph, resource type directoryObject",
    },
    AbsentAnswer {
        property: Property::of("applications", "deletedDateTime"),
        meaning: "The object is not deleted.",
        source: "Microsoft Graph, resource type directoryObject",
    },
    AbsentAnswer {
        property: Property::of("servicePrincipals", "deletedDateTime"),
        meaning: "The object is not deleted.",
        source: "Microsoft Graph, resource type directoryObject",
    },
    AbsentAnswer {
        property: Property::of("users", "identityParentId"),
        meaning: "A person, unless `@odata.type` says `agentUser`.",
        source: "Microsoft Graph, resource type agentUser",
    },
    AbsentAnswer {
        property: Property::of("users", "creationType"),
        meaning: "External as the user principal name says, where that is there.",
        source: "Microsoft Entra External ID, properties of a B2B collaboration user",
    },
    AbsentAnswer {
        property: Property::of("users", "identities"),
        meaning: "External as the user principal name says, where that is there.",
        source: "Microsoft Entra External ID, properties of a B2B collaboration user",
    },
    AbsentAnswer {
        property: Property::of("users", "externalUserState"),
        meaning: "External as the user principal name says, where that is there.",
        source: "Microsoft Entra External ID, properties of a B2B collaboration user",
    },
    not_set("conditions.platforms"),
    not_set("conditions.locations"),
    not_set("conditions.signInRiskLevels"),
    not_set("conditions.userRiskLevels"),
    not_set("conditions.servicePrincipalRiskLevels"),
    not_set("conditions.agentIdRiskLevels"),
    not_set("conditions.insiderRiskLevels"),
    not_set("conditions.clientApplications"),
    not_set("conditions.devices"),
    not_set("conditions.deviceStates"),
    not_set("conditions.authenticationFlows"),
];

/// A condition of a policy that needs not be set. Users, applications and client apps always are.
const fn not_set(condition: &'static str) -> AbsentAnswer {
    AbsentAnswer {
        property: Property::of("policies", condition),
        meaning: "The condition is not set.",
        source: "Microsoft Graph, resource type conditionalAccessConditionSet",
    }
}

/// What the absence of a property says, where it says something.
#[must_use]
pub fn absent_answer(data_set: &str, property: &str) -> Option<&'static AbsentAnswer> {
    let is = |answer: &&AbsentAnswer| answer.property.data_set == data_set && answer.property.name == property;
    ABSENT_ANSWERS.iter().find(is)
}

/// Columns that are made from other properties than the one of their own name.
const MADE_OF: &[(&str, &str, &[Property])] = &[
    ("tenant", "initial_domain", &[Property::of("organization", "verifiedDomains")]),
    ("tenant", "has_p1", EDITIONS),
    ("tenant", "has_p2", EDITIONS),
    ("tenant", "seats", &[Property::of("subscribedSkus", "prepaidUnits")]),
    ("tenant", "security_defaults_enabled", &[Property::of("identitySecurityDefaultsEnforcementPolicy", "isEnabled")]),
    (
        "tenant",
        "password_sync_enabled",
        &[
            Property::of("onPremisesSynchronization", "features.passwordSyncEnabled"),
            Property::of("secureScores", "controlScores"),
        ],
    ),
    ("tenant", "password_sync_source", &[]),
    ("tenant", "allowed_to_use_sspr", &[Property::of("authorizationPolicy", "allowedToUseSSPR")]),
    (
        "tenant",
        "allowed_to_create_apps",
        &[Property::of("authorizationPolicy", "defaultUserRolePermissions.allowedToCreateApps")],
    ),
    (
        "tenant",
        "allowed_to_create_security_groups",
        &[Property::of("authorizationPolicy", "defaultUserRolePermissions.allowedToCreateSecurityGroups")],
    ),
    (
        "tenant",
        "allowed_to_create_tenants",
        &[Property::of("authorizationPolicy", "defaultUserRolePermissions.allowedToCreateTenants")],
    ),
    ("tenant", "permission_grant_policies_assigned", &[ASSIGNED]),
    ("tenant", "user_consent", &[ASSIGNED, Property::of("permissionGrantPolicies", "includes")]),
    ("tenant", "low_permissions", &[ASSIGNED, Property::of("delegatedPermissionClassifications", "classification")]),
    ("tenant", "admin_consent_enabled", &[Property::of("adminConsentRequestPolicy", "isEnabled"), TEMPLATE, VALUES]),
    ("tenant", "admin_consent_reviewer_count", &[Property::of("adminConsentRequestPolicy", "reviewers")]),
    (
        "tenant",
        "admin_consent_workflow",
        &[
            Property::of("adminConsentRequestPolicy", "isEnabled"),
            Property::of("adminConsentRequestPolicy", "reviewers"),
            TEMPLATE,
            VALUES,
        ],
    ),
    ("tenant", "enable_banned_password_check", SETTING),
    ("tenant", "banned_password_count", SETTING),
    ("tenant", "enable_banned_password_check_on_premises", SETTING),
    ("tenant", "banned_password_check_on_premises_mode", SETTING),
    ("tenant", "lockout_threshold", SETTING),
    ("tenant", "lockout_duration_in_seconds", SETTING),
    ("tenant", "sms_state", METHODS),
    ("tenant", "voice_state", METHODS),
    ("tenant", "email_state", METHODS),
    ("tenant", "fido2_state", METHODS),
    ("users", "user_type_assumed", &[]),
    ("users", "external_kind", &[Property::of("users", "userType"), Property::of("users", "userPrincipalName")]),
    ("users", "is_external", &[Property::of("users", "userPrincipalName")]),
    ("users", "is_agent", &[Property::of("users", "identityParentId")]),
    ("users", "password_never_expires", &[Property::of("users", "passwordPolicies")]),
    ("users", "assigned_license_sku_ids", &[LICENSES]),
    ("users", "upn_on_initial_domain", &[Property::of("users", "userPrincipalName")]),
    ("users", "entra_licenses_only", &[LICENSES, PLANS]),
    ("users", "mailbox_license", &[LICENSES, PLANS]),
    ("users", "mfa_registered", &[Property::of("userRegistrationDetails", "isMfaRegistered")]),
    ("users", "mfa_capable", &[Property::of("userRegistrationDetails", "isMfaCapable")]),
    ("users", "sspr_enabled", &[Property::of("userRegistrationDetails", "isSsprEnabled")]),
    ("users", "sspr_registered", &[Property::of("userRegistrationDetails", "isSsprRegistered")]),
    ("users", "sspr_capable", &[Property::of("userRegistrationDetails", "isSsprCapable")]),
    ("users", "passwordless_capable", &[Property::of("userRegistrationDetails", "isPasswordlessCapable")]),
    ("users", "phishing_resistant_registered", &[Property::of("userRegistrationDetails", "methodsRegistered")]),
    ("users", "registration_last_updated_date_time", &[Property::of("userRegistrationDetails", "lastUpdatedDateTime")]),
    ("users", "last_successful_sign_in_date_time", ACTIVITY),
    ("users", "last_sign_in_date_time", ACTIVITY),
    ("users", "last_non_interactive_sign_in_date_time", ACTIVITY),
    ("users", "last_seen", ACTIVITY),
    ("users", "last_successful_sign_in_carried", ACTIVITY),
    ("users", "sign_in_activity_read", ACTIVITY),
    (
        "users",
        "leaked_credentials_open",
        &[
            Property::of("riskDetections", "riskEventType"),
            Property::of("riskDetections", "riskState"),
            Property::of("riskDetections", "userId"),
        ],
    ),
    ("users", "leaked_credentials_detected_date_time", &[Property::of("riskDetections", "detectedDateTime")]),
    ("users", "admin_mfa", &[Property::of("userRegistrationDetails", "isMfaRegistered")]),
    ("users", "mfa_ready", &[Property::of("userRegistrationDetails", "isMfaCapable")]),
    ("domains", "root_id", &[Property::of("domains", "isRoot")]),
    (
        "domains",
        "effective_password_validity_period_in_days",
        &[Property::of("domains", "isRoot"), Property::of("domains", "passwordValidityPeriodInDays")],
    ),
    ("role_assignments", "role_template_id", &[Property::of("roleAssignments", "roleDefinitionId")]),
    ("role_assignments", "role_name", &[]),
    ("role_assignments", "is_built_in", &[Property::of("roleDefinitions", "isBuiltIn")]),
    ("role_assignments", "scope", &[Property::of("roleAssignments", "directoryScopeId|appScopeId")]),
    ("role_assignments", "directory_scope_id", &[Property::of("roleAssignments", "directoryScopeId|appScopeId")]),
    ("role_assignments", "state", &[]),
    ("role_assignments", "principal_kind", &[Property::of("roleAssignments", "principalId")]),
    ("role_assignments", "principal_enabled", &[Property::of("users", "accountEnabled")]),
    (
        "role_assignments",
        "assignment_type",
        &[
            Property::of("roleAssignmentScheduleInstances", "assignmentType"),
            Property::of("roleAssignmentScheduleInstances", "endDateTime|scheduleInfo"),
            Property::of("roleAssignmentScheduleInstances", "memberType"),
        ],
    ),
    (
        "role_assignments",
        "end_date_time",
        &[Property::of("roleAssignmentScheduleInstances", "endDateTime|scheduleInfo")],
    ),
    (
        "role_assignments",
        "start_date_time",
        &[Property::of("roleAssignmentScheduleInstances", "startDateTime|scheduleInfo")],
    ),
    ("applications", "owner_ids", &[Property::of("applications", "owners")]),
    ("service_principals", "is_first_party", &[Property::of("servicePrincipals", "appOwnerOrganizationId")]),
    (
        "service_principals",
        "password_credential_count",
        &[
            Property::of("applications", "appId"),
            Property::of("applications", "passwordCredentials"),
            Property::of("servicePrincipals", "passwordCredentials"),
        ],
    ),
    (
        "service_principals",
        "key_credential_count",
        &[
            Property::of("applications", "appId"),
            Property::of("applications", "keyCredentials"),
            Property::of("servicePrincipals", "keyCredentials"),
        ],
    ),
    ("service_principals", "application_permissions", PERMISSIONS),
    ("service_principals", "tier0_permissions", PERMISSIONS),
    ("service_principals", "tier1_permissions", PERMISSIONS),
    ("service_principals", "holds_tier0_permission", PERMISSIONS),
    ("service_principals", "owner_count", OWNERS),
    ("service_principals", "owned_by_admins_only", OWNERS),
    ("service_principals", "approved", &[Property::of("servicePrincipals", "appId")]),
    ("credentials", "object_id", &[]),
    ("credentials", "object_kind", &[]),
    ("credentials", "object_display_name", &[]),
    ("credentials", "type", CREDENTIALS),
    ("credentials", "start_date_time", CREDENTIALS),
    ("credentials", "end_date_time", CREDENTIALS),
    ("credentials", "lifetime_in_days", CREDENTIALS),
    ("credentials", UNCOUNTED, CREDENTIALS),
    ("grants", "client_display_name", &[]),
    ("grants", "scopes", &[Property::of("oauth2PermissionGrants", "scope")]),
];

/// The plans decide; without them the licence's id or name does.
const EDITIONS: &[Property] = &[
    Property::of("subscribedSkus", "servicePlans|skuId|skuPartNumber"),
    Property::of("subscribedSkus", "capabilityStatus"),
];
/// In v1.0 below the role's permissions, in beta on top.
const ASSIGNED: Property = Property::of(
    "authorizationPolicy",
    "defaultUserRolePermissions.permissionGrantPoliciesAssigned|permissionGrantPolicyIdsAssignedToDefaultUserRole",
);
const TEMPLATE: Property = Property::of("groupSettings", "templateId");
const VALUES: Property = Property::of("groupSettings", "values.value");
const SETTING: &[Property] = &[TEMPLATE, VALUES];
const METHODS: &[Property] = &[Property::of("authenticationMethodsPolicy", "authenticationMethodConfigurations.state")];
const LICENSES: Property = Property::of("users", "assignedLicenses");
const PLANS: Property = Property::of("subscribedSkus", "servicePlans.servicePlanName");
const ACTIVITY: &[Property] = &[Property::of("signInActivity", "signInActivity")];
const PERMISSIONS: &[Property] = &[
    Property::of("appRoleAssignedTo", "appRoleId"),
    Property::of("appRoleAssignments", "appRoleId"),
    Property::of("servicePrincipals", "appId"),
    Property::of("servicePrincipals", "appRoles"),
];
const OWNERS: &[Property] = &[
    Property::of("applications", "appId"),
    Property::of("applications", "owners"),
    Property::of("servicePrincipals", "appId"),
];
const CREDENTIALS: &[Property] = &[
    Property::of("applications", "keyCredentials.endDateTime"),
    Property::of("applications", "keyCredentials.startDateTime"),
    Property::of("applications", "passwordCredentials.endDateTime"),
    Property::of("applications", "passwordCredentials.startDateTime"),
    Property::of("servicePrincipals", "keyCredentials.endDateTime"),
    Property::of("servicePrincipals", "keyCredentials.startDateTime"),
    Property::of("servicePrincipals", "passwordCredentials.endDateTime"),
    Property::of("servicePrincipals", "passwordCredentials.startDateTime"),
];

impl Column {
    /// The properties that the column is made from: those declared, else the one of its own name in the data set that it needs
    /// first, else in the table's. What follows from others when the snapshot is judged has none of its own.
    #[must_use]
    pub fn properties(&self, table: &Table) -> Vec<Property> {
        let declared = MADE_OF.iter().find(|(of, column, _)| *of == table.name && *column == self.name);
        if let Some((_, _, properties)) = declared {
            return properties.to_vec();
        }
        if self.stage == Stage::Assessment || self.name == "tenant_id" || self.name == table.key {
            return Vec::new();
        }
        let needed = self.needs.iter().chain(table.needs).find_map(first_data_set);
        needed.map(|data_set| Property { data_set, name: camel_case(self.name).into() }).into_iter().collect()
    }
}

fn first_data_set(need: &Need) -> Option<&'static str> {
    match need {
        Need::Needs(name)
        | Need::NeedsSome(name)
        | Need::IfLicensed(name)
        | Need::WhenEligible(name)
        | Need::WhenNamed(name)
        | Need::Refines(name) => Some(name),
        Need::OneOf(names) => names.first().copied(),
    }
}

/// Graph's spelling of a column's name.
fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut text, word| {
        let (head, tail) = word.split_at_checked(1).unwrap_or((word, ""));
        text.push_str(&head.to_ascii_uppercase());
        text.push_str(tail);
        text
    })
}

/// The properties of a data set that columns are made from and whose absence is no answer, in the order of the alphabet.
#[must_use]
pub fn properties_of(data_set: &str) -> &'static [String] {
    static BY_DATA_SET: LazyLock<BTreeMap<&'static str, Vec<String>>> = LazyLock::new(|| {
        let mut all: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
        for table in TABLES {
            for property in table.columns.iter().flat_map(|column| column.properties(table)) {
                if absent_answer(property.data_set, property.told_as()).is_none() {
                    all.entry(property.data_set).or_default().insert(property.name.into_owned());
                }
            }
        }
        all.into_iter().map(|(data_set, names)| (data_set, names.into_iter().collect())).collect()
    });
    BY_DATA_SET.get(data_set).map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_sets::data_set;
    use crate::tables::table;

    fn properties(of: &str, column: &str) -> Vec<String> {
        let table = table(of).unwrap();
        let properties = table.column(column).unwrap().properties(table);
        properties.iter().map(|property| format!("{}.{}", property.data_set, property.name)).collect()
    }

    #[test]
    fn a_column_is_made_from_the_property_of_its_name_unless_it_says_otherwise() {
        assert_eq!(properties("domains", "authentication_type"), ["domains.authenticationType"]);
        assert_eq!(properties("tenant", "block_msol_power_shell"), ["authorizationPolicy.blockMsolPowerShell"]);
        assert_eq!(properties("users", "mfa_registered"), ["userRegistrationDetails.isMfaRegistered"]);
        assert_eq!(properties("users", "is_privileged"), [""; 0]);
        assert_eq!(properties("users", "id"), [""; 0]);
    }

    #[test]
    fn every_property_belongs_to_a_data_set_that_is_known() {
        for table in TABLES {
            for column in table.columns {
                for property in column.properties(table) {
                    assert!(data_set(property.data_set).is_some(), "{} {}: {property:?}", table.name, column.name);
                }
            }
        }
        for answer in ABSENT_ANSWERS {
            assert!(data_set(answer.property.data_set).is_some(), "{answer:?}");
        }
    }

    #[test]
    fn what_is_declared_is_declared_of_a_column_that_exists() {
        for (of, column, _) in MADE_OF {
            let known = table(of).unwrap().column(column).is_some();
            assert!(known, "{of}.{column}");
        }
    }

    #[test]
    fn an_absence_that_is_an_answer_is_not_looked_for() {
        assert!(absent_answer("users", "creationType").is_some());
        assert!(absent_answer("policies", "conditions.userRiskLevels").is_some());
        for demanded in ["conditions", "conditions.users", "conditions.applications", "conditions.clientAppTypes"] {
            assert!(absent_answer("policies", demanded).is_none(), "{demanded}");
        }
        let looked_for = |name: &str| properties_of("users").iter().any(|known| known == name);
        assert!(looked_for("accountEnabled") && !looked_for("identityParentId"));
    }
}
