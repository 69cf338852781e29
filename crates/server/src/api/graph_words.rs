//! The words of Microsoft Graph's enumerations for recommendations: a typed client refuses, or drops, any other.

/// Graph's own sentinel for "a word that this version does not have".
pub(crate) const UNKNOWN: &str = "unknownFutureValue";

/// `recommendationType`, every member that Graph declares (beta, October 2026).
pub(crate) const RECOMMENDATION_TYPES: [&str; 40] = [
    "adfsAppsMigration",
    "enableDesktopSSO",
    "enablePHS",
    "enableProvisioning",
    "switchFromPerUserMFA",
    "tenantMFA",
    "thirdPartyApps",
    "turnOffPerUserMFA",
    "useAuthenticatorApp",
    "useMyApps",
    "staleApps",
    "staleAppCreds",
    "applicationCredentialExpiry",
    "servicePrincipalKeyExpiry",
    "adminMFAV2",
    "blockLegacyAuthentication",
    "integratedApps",
    "mfaRegistrationV2",
    "pwagePolicyNew",
    "passwordHashSync",
    "oneAdmin",
    "roleOverlap",
    "selfServicePasswordReset",
    "signinRiskPolicy",
    "userRiskPolicy",
    "verifyAppPublisher",
    "privateLinkForAAD",
    "appRoleAssignmentsGroups",
    "appRoleAssignmentsUsers",
    "managedIdentity",
    "overprivilegedApps",
    UNKNOWN,
    "longLivedCredentials",
    "aadConnectDeprecated",
    "adalToMsalMigration",
    "ownerlessApps",
    "inactiveGuests",
    "aadGraphDeprecationApplication",
    "aadGraphDeprecationServicePrincipal",
    "mfaServerDeprecation",
];

/// `recommendationFeatureAreas`, every member that Graph declares.
pub(crate) const FEATURE_AREAS: [&str; 8] =
    ["users", "groups", "devices", "applications", "accessReviews", "conditionalAccess", "governance", UNKNOWN];

/// Graph's word for what a control recommends: the one that the control declares, where Graph has it.
pub(crate) fn recommendation_type(declared: Option<&str>) -> &'static str {
    RECOMMENDATION_TYPES.into_iter().find(|word| declared == Some(word)).unwrap_or(UNKNOWN)
}

/// Graph's words for the area of a control, which is the name of its folder.
pub(crate) fn feature_areas(area: &str) -> &'static [&'static str] {
    match area {
        "users" | "guests" | "passwords" | "authentication" => &["users"],
        "groups" => &["groups"],
        "applications" => &["applications"],
        "conditional-access" => &["conditionalAccess"],
        "risk" => &["users", "conditionalAccess"],
        "administrators" | "reviews" => &["governance"],
        _ => &[UNKNOWN],
    }
}

#[cfg(test)]
mod tests {
    use idscore_catalogue::Catalogue;

    use super::*;

    #[test]
    fn every_area_of_the_catalogue_has_a_word_of_graph() {
        for control in &Catalogue::embedded().unwrap().controls {
            let areas = feature_areas(&control.area);
            assert!(areas.iter().all(|area| FEATURE_AREAS.contains(area) && *area != UNKNOWN), "{}", control.id);
        }
    }

    #[test]
    fn a_word_that_graph_does_not_declare_is_the_one_for_unknown() {
        assert_eq!(recommendation_type(Some("adminMFAV2")), "adminMFAV2");
        assert_eq!(recommendation_type(Some("insiderRiskPolicy")), UNKNOWN);
        assert_eq!(recommendation_type(None), UNKNOWN);
        assert_eq!(feature_areas("our-own-area"), [UNKNOWN]);
    }
}
