//! How each data set is asked for: version, query, class of throttling, cost. Names, paths, permissions and licences
//! come from the catalogue, so that reader and collector speak of the same.

use idscore_catalogue::data_sets::{self, DataSet};

use crate::pace::Class;
use crate::page::Shape;

/// Which objects a data set is read for, one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owners {
    /// Groups that policies, roles, method targets and reviewers reach.
    Groups,
    /// Groups that hold a role.
    RoleGroups,
    /// Federated domains.
    FederatedDomains,
    /// The service principal of Microsoft Graph.
    MicrosoftGraph,
    /// Users that may sign in.
    EnabledUsers,
}

/// When a data set is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// In every collection.
    Always,
    /// Only where role assignments were refused.
    WithoutRoleAssignments,
    /// With `--per-user-mfa`.
    PerUserMfa,
    /// With `--sign-ins`.
    SignIns,
    /// With `--on-premises-sync`, by a person.
    OnPremisesSync,
}

/// How one data set is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// Where that version doesn't know the path, this one may.
    pub(crate) fallback: Option<&'static str>,
    /// What stands behind the `?`.
    pub(crate) query: &'static str,
    /// The query where Graph doesn't understand a property of the first.
    pub(crate) without: Option<&'static str>,
    pub(crate) class: Class,
    pub(crate) units: u32,
    pub(crate) shape: Shape,
    pub(crate) owners: Option<Owners>,
    /// Whether Graph tells what changed since.
    pub(crate) delta: bool,
    pub(crate) when: When,
    /// A cheap form of the query, to find out whether it may be read.
    pub(crate) probe: Option<&'static str>,
}

const V1: &str = "v1.0";
const BETA: &str = "beta";

const fn collection(name: &'static str, query: &'static str, units: u32) -> Reading {
    Reading {
        name,
        version: V1,
        fallback: None,
        query,
        without: None,
        class: Class::Directory,
        units,
        shape: Shape::Collection,
        owners: None,
        delta: false,
        when: When::Always,
        probe: None,
    }
}
const fn single(name: &'static str) -> Reading {
    Reading { shape: Shape::Single, ..collection(name, "", 1) }
}
const fn of(class: Class, reading: Reading) -> Reading {
    Reading { class, ..reading }
}
const fn beta(reading: Reading) -> Reading {
    Reading { version: BETA, fallback: Some(V1), ..reading }
}
const fn beta_only(reading: Reading) -> Reading {
    Reading { version: BETA, ..reading }
}
const fn per(owners: Owners, reading: Reading) -> Reading {
    Reading { owners: Some(owners), ..reading }
}
const fn when(when: When, reading: Reading) -> Reading {
    Reading { when, ..reading }
}
const fn probed(probe: &'static str, reading: Reading) -> Reading {
    Reading { probe: Some(probe), ..reading }
}

macro_rules! user_select {
    ($($more:literal)?) => {
        concat!(
            "$select=id,userPrincipalName,displayName,mail,userType,accountEnabled,createdDateTime,creationType,",
            "externalUserState,onPremisesSyncEnabled,onPremisesImmutableId,passwordPolicies,lastPasswordChangeDateTime,",
            "assignedLicenses,assignedPlans,usageLocation,employeeHireDate,identities,securityIdentifier",
            $($more)?
        )
    };
}
macro_rules! group_select {
    () => {
        "$select=id,displayName,securityEnabled,mailEnabled,groupTypes,membershipRule,isAssignableToRole,visibility,onPremisesSyncEnabled"
    };
}

/// What a delta query tracks: the columns of the full read, without what it doesn't know.
pub(crate) fn delta_select(name: &str) -> &'static str {
    if name == "users" { user_select!(",identityParentId") } else { group_select!() }
}

/// Every data set that can be collected, in the order of the report.
pub(crate) const READINGS: &[Reading] = &[
    collection(
        "organization",
        "$select=id,displayName,verifiedDomains,onPremisesSyncEnabled,onPremisesLastSyncDateTime,createdDateTime,tenantType,assignedPlans,technicalNotificationMails",
        1,
    ),
    collection("subscribedSkus", "", 3),
    Reading {
        without: Some(concat!(user_select!(), "&$top=999")),
        delta: true,
        ..probed(
            "$select=id,userPrincipalName&$top=1",
            collection("users", concat!(user_select!(",identityParentId"), "&$top=999"), 1),
        )
    },
    probed("$select=id,signInActivity&$top=1", collection("signInActivity", "$select=id,signInActivity&$top=500", 1)),
    Reading {
        delta: true,
        ..probed("$select=id,displayName&$top=1", collection("groups", concat!(group_select!(), "&$top=999"), 1))
    },
    per(Owners::Groups, probed("$select=id&$top=1", collection("members", "$select=id&$top=999", 2))),
    beta(collection(
        "roleDefinitions",
        "$select=id,templateId,displayName,isBuiltIn,isEnabled,isPrivileged,rolePermissions",
        1,
    )),
    collection("roleAssignments", "$select=id,principalId,roleDefinitionId,directoryScopeId,appScopeId", 1),
    collection("roleAssignmentScheduleInstances", "", 1),
    collection("roleEligibilityScheduleInstances", "", 1),
    collection(
        "roleManagementPolicyAssignments",
        "$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20'DirectoryRole'&$expand=policy($expand=rules)",
        2,
    ),
    per(Owners::RoleGroups, collection("eligibilityScheduleInstances", "$filter=groupId%20eq%20'{id}'", 1)),
    when(When::WithoutRoleAssignments, collection("directoryRoles", "$expand=members", 2)),
    beta(of(Class::Protection, collection("policies", "", 1))),
    // Beta alone serves every kind of location, such as the compliant network.
    beta(of(Class::Protection, collection("namedLocations", "", 1))),
    collection("authenticationStrengthPolicies", "$expand=combinationConfigurations", 2),
    single("authenticationMethodsPolicy"),
    of(Class::Reports, collection("userRegistrationDetails", "", 1)),
    single("identitySecurityDefaultsEnforcementPolicy"),
    single("authorizationPolicy"),
    single("adminConsentRequestPolicy"),
    collection("permissionGrantPolicies", "$expand=includes,excludes", 2),
    per(Owners::MicrosoftGraph, collection("delegatedPermissionClassifications", "", 1)),
    collection("domains", "", 1),
    per(Owners::FederatedDomains, collection("federationConfiguration", "", 1)),
    when(When::OnPremisesSync, collection("onPremisesSynchronization", "", 1)),
    probed(
        "$select=id&$top=1",
        collection(
            "applications",
            "$select=id,appId,displayName,createdDateTime,signInAudience,passwordCredentials,keyCredentials,publisherDomain,requiredResourceAccess,web,spa,publicClient&$expand=owners($select=id)&$top=999",
            2,
        ),
    ),
    probed(
        "$select=id&$top=1",
        collection(
            "servicePrincipals",
            "$select=id,appId,displayName,accountEnabled,servicePrincipalType,appOwnerOrganizationId,passwordCredentials,keyCredentials,appRoles,tags,verifiedPublisher,alternativeNames&$top=999",
            1,
        ),
    ),
    per(Owners::MicrosoftGraph, probed("$top=1", collection("appRoleAssignedTo", "$top=999", 2))),
    probed("$top=1", collection("oauth2PermissionGrants", "$top=999", 2)),
    of(
        Class::Protection,
        probed(
            "$top=1",
            collection(
                "riskyUsers",
                "$filter=riskState%20eq%20'atRisk'%20or%20riskState%20eq%20'confirmedCompromised'",
                1,
            ),
        ),
    ),
    of(
        Class::Protection,
        probed("$top=1", collection("riskDetections", "$filter=riskEventType%20eq%20'leakedCredentials'", 1)),
    ),
    single("default"),
    collection("partners", "", 1),
    collection("groupSettings", "", 1),
    per(
        Owners::EnabledUsers,
        when(When::PerUserMfa, Reading { shape: Shape::Single, ..beta_only(collection("requirements", "", 1)) }),
    ),
    single("deviceRegistrationPolicy"),
    single("defaultAppManagementPolicy"),
    collection("appManagementPolicies", "", 1),
    collection("definitions", "", 1),
    Reading { shape: Shape::FirstPage, ..of(Class::Security, collection("secureScores", "$top=1", 1)) },
    of(Class::Security, probed("$top=1", collection("secureScoreControlProfiles", "", 1))),
    beta_only(collection("recommendations", "$expand=impactedResources", 2)),
    of(
        Class::Reports,
        probed("$top=1", when(When::SignIns, collection("signIns", "$filter=createdDateTime%20ge%20{since}", 1))),
    ),
];

impl Reading {
    /// What the catalogue says about it.
    pub(crate) fn known(&self) -> Option<&'static DataSet> {
        data_sets::data_set(self.name)
    }

    /// The path behind the version, without a query.
    pub(crate) fn path(&self) -> &'static str {
        let endpoint = self.known().map_or("", |known| known.endpoint);
        endpoint.split('?').next().unwrap_or(endpoint)
    }

    pub(crate) fn permission(&self) -> &'static str {
        self.known().map_or("", |known| known.permission)
    }
}

/// How a data set of that name is asked for.
pub(crate) fn reading(name: &str) -> Option<&'static Reading> {
    READINGS.iter().find(|reading| reading.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use idscore_catalogue::data_sets::DATA_SETS;

    #[test]
    fn every_data_set_of_the_catalogue_is_collected_once() {
        for set in DATA_SETS {
            let count = READINGS.iter().filter(|reading| reading.name == set.name).count();
            // The permissions of an application are read once per resource, not once per holder.
            assert_eq!(count, usize::from(set.name != "appRoleAssignments"), "{}", set.name);
        }
        for reading in READINGS {
            let known = reading.known().unwrap();
            assert_eq!(known.per_owner, reading.owners.is_some(), "{}", reading.name);
            assert_eq!(
                known.option.is_some(),
                matches!(reading.when, When::PerUserMfa | When::SignIns | When::OnPremisesSync)
            );
        }
    }

    #[test]
    fn queries_are_ready_to_be_sent() {
        for reading in READINGS {
            for query in [reading.query, reading.probe.unwrap_or_default(), reading.without.unwrap_or_default()] {
                assert!(
                    !query.contains([' ', '"', '#', '&']) || query.contains('&') && !query.contains("&&"),
                    "{query}"
                );
                assert!(!query.contains(' ') && !query.starts_with('?'), "{query}");
            }
        }
    }
}
