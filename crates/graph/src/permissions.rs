//! The least that an application must be allowed to read, in bundles that an administrator can agree to one by one.

use idscore_catalogue::data_sets::DataSet;

use crate::plan::{READINGS, When};

/// Some permissions that belong together. Every bundle is optional: without it, the controls that need it are not assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bundle {
    /// Its name.
    pub name: &'static str,
    /// What it brings.
    pub brings: &'static str,
    /// Application permissions of Microsoft Graph, all of them read-only.
    pub permissions: &'static [&'static str],
}

/// All bundles, the most useful first.
pub const BUNDLES: &[Bundle] = &[
    Bundle {
        name: "core",
        brings: "policies, users, groups, roles, domains, licences: most of the score",
        permissions: &[
            "Policy.Read.All",
            "Organization.Read.All",
            "User.Read.All",
            "GroupMember.Read.All",
            "RoleManagement.Read.Directory",
            "Domain.Read.All",
        ],
    },
    Bundle {
        name: "registration",
        brings: "who registered which method, and who was active (needs Microsoft Entra ID P1)",
        permissions: &["AuditLog.Read.All"],
    },
    Bundle {
        name: "settings",
        brings: "group settings with banned passwords, consent policies, device settings, federated domains",
        permissions: &[
            "GroupSettings.Read.All",
            "Policy.Read.PermissionGrant",
            "Policy.Read.DeviceConfiguration",
            "Domain-InternalFederation.Read.All",
        ],
    },
    Bundle {
        name: "apps",
        brings: "applications, their credentials and permissions; Directory.Read.All only for delegated grants",
        permissions: &["Application.Read.All", "Directory.Read.All"],
    },
    Bundle {
        name: "risk",
        brings: "risky users and leaked credentials (needs Microsoft Entra ID P2)",
        permissions: &["IdentityRiskyUser.Read.All", "IdentityRiskEvent.Read.All"],
    },
    Bundle {
        name: "reconcile",
        brings: "Microsoft's own score and recommendations, to lay beside",
        permissions: &["SecurityEvents.Read.All", "DirectoryRecommendations.Read.All"],
    },
    Bundle {
        name: "governance",
        brings: "access reviews, and PIM for groups",
        permissions: &["AccessReview.Read.All", "PrivilegedEligibilitySchedule.Read.AzureADGroup"],
    },
];

/// A permission that includes others.
const INCLUDES: &[(&str, &[&str])] = &[
    ("Policy.Read.All", &["Policy.Read.AuthenticationMethod"]),
    ("Organization.Read.All", &["LicenseAssignment.Read.All"]),
    (
        "RoleManagement.Read.Directory",
        &["RoleAssignmentSchedule.Read.Directory", "RoleEligibilitySchedule.Read.Directory"],
    ),
];

/// The permission of a bundle that brings a data set's least one.
#[must_use]
pub fn granted_by(least: &str) -> Option<(&'static Bundle, &'static str)> {
    BUNDLES.iter().find_map(|bundle| {
        let permission = bundle.permissions.iter().find(|permission| {
            let includes =
                INCLUDES.iter().find(|(larger, _)| larger == *permission).map_or(&[][..], |(_, smaller)| smaller);
            **permission == least || includes.contains(&least)
        })?;
        Some((bundle, *permission))
    })
}

/// The data sets that a permission brings, those of options included.
pub fn data_sets_of(permission: &str) -> impl Iterator<Item = &'static DataSet> {
    READINGS.iter().filter_map(crate::plan::Reading::known).filter(move |set| {
        granted_by(set.permission).is_some_and(|(_, granted)| granted == permission)
            || (set.name == "signInActivity" && permission == "User.Read.All")
    })
}

/// The data sets that are collected without an option, in the order of the report.
pub fn by_default() -> impl Iterator<Item = &'static DataSet> {
    READINGS.iter().filter(|reading| reading.when == When::Always).filter_map(crate::plan::Reading::known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundles_bring_every_data_set_that_an_application_may_read() {
        for set in READINGS.iter().filter_map(crate::plan::Reading::known) {
            assert_eq!(granted_by(set.permission).is_none(), set.name == "onPremisesSynchronization", "{}", set.name);
        }
    }

    #[test]
    fn every_permission_reads_only_and_brings_something() {
        for permission in BUNDLES.iter().flat_map(|bundle| bundle.permissions) {
            assert!(permission.contains(".Read.") && !permission.contains("Write"), "{permission}");
            assert!(data_sets_of(permission).next().is_some(), "{permission}");
        }
    }
}
