//! What `@odata.context` says about a page: its data set, by the whole path, and the version of Graph.

/// Every path under which Graph serves a data set, in v1.0 or beta, without keys; also the bare name that our own server writes.
///
/// `policies/crossTenantAccessPolicy/default` is listed, `identity/conditionalAccess/deletedItems/policies` is not: the
/// last word alone would take deleted policies for policies, and Intune's roles for those of the directory.
const PATHS: &[(&str, &[&str])] = &[
    ("organization", &["organization"]),
    ("subscribedSkus", &["subscribedSkus"]),
    ("users", &["users"]),
    ("signInActivity", &["signInActivity"]),
    ("groups", &["groups"]),
    ("members", &["groups/members"]),
    ("roleDefinitions", &["roleManagement/directory/roleDefinitions", "roleDefinitions"]),
    ("roleAssignments", &["roleManagement/directory/roleAssignments", "roleAssignments"]),
    (
        "roleAssignmentScheduleInstances",
        &["roleManagement/directory/roleAssignmentScheduleInstances", "roleAssignmentScheduleInstances"],
    ),
    (
        "roleEligibilityScheduleInstances",
        &[
            "roleManagement/directory/roleEligibilityScheduleInstances",
            "roleManagement/directory/roleEligibilitySchedules",
            "roleEligibilityScheduleInstances",
            "roleEligibilitySchedules",
        ],
    ),
    (
        "roleManagementPolicyAssignments",
        &["policies/roleManagementPolicyAssignments", "roleManagementPolicyAssignments"],
    ),
    (
        "eligibilityScheduleInstances",
        &[
            "identityGovernance/privilegedAccess/group/eligibilityScheduleInstances",
            "privilegedAccess/group/eligibilityScheduleInstances",
            "eligibilityScheduleInstances",
        ],
    ),
    ("directoryRoles", &["directoryRoles"]),
    ("policies", &["identity/conditionalAccess/policies", "conditionalAccess/policies", "conditionalAccessPolicies"]),
    (
        "namedLocations",
        &["identity/conditionalAccess/namedLocations", "conditionalAccess/namedLocations", "namedLocations"],
    ),
    (
        "authenticationStrengthPolicies",
        &[
            "policies/authenticationStrengthPolicies",
            "identity/conditionalAccess/authenticationStrength/policies",
            "identity/conditionalAccess/authenticationStrengths/policies",
            "authenticationStrengthPolicies",
        ],
    ),
    ("authenticationMethodsPolicy", &["policies/authenticationMethodsPolicy", "authenticationMethodsPolicy"]),
    ("userRegistrationDetails", &["reports/authenticationMethods/userRegistrationDetails", "userRegistrationDetails"]),
    (
        "identitySecurityDefaultsEnforcementPolicy",
        &["policies/identitySecurityDefaultsEnforcementPolicy", "identitySecurityDefaultsEnforcementPolicy"],
    ),
    (
        "authorizationPolicy",
        &["policies/authorizationPolicy", "policies/authorizationPolicy/authorizationPolicy", "authorizationPolicy"],
    ),
    ("adminConsentRequestPolicy", &["policies/adminConsentRequestPolicy", "adminConsentRequestPolicy"]),
    ("permissionGrantPolicies", &["policies/permissionGrantPolicies", "permissionGrantPolicies"]),
    (
        "delegatedPermissionClassifications",
        &["servicePrincipals/delegatedPermissionClassifications", "delegatedPermissionClassifications"],
    ),
    ("domains", &["domains"]),
    ("federationConfiguration", &["domains/federationConfiguration", "federationConfiguration"]),
    ("onPremisesSynchronization", &["directory/onPremisesSynchronization", "onPremisesSynchronization"]),
    ("applications", &["applications"]),
    ("servicePrincipals", &["servicePrincipals"]),
    ("appRoleAssignedTo", &["servicePrincipals/appRoleAssignedTo", "appRoleAssignedTo"]),
    ("appRoleAssignments", &["servicePrincipals/appRoleAssignments", "appRoleAssignments"]),
    ("oauth2PermissionGrants", &["oauth2PermissionGrants"]),
    ("riskyUsers", &["identityProtection/riskyUsers", "riskyUsers"]),
    ("riskDetections", &["identityProtection/riskDetections", "riskDetections"]),
    (
        "default",
        &[
            "policies/crossTenantAccessPolicy/default",
            "crossTenantAccessPolicy/default",
            "policies/default",
            "crossTenantAccessPolicyConfigurationDefault",
        ],
    ),
    ("partners", &["policies/crossTenantAccessPolicy/partners", "crossTenantAccessPolicy/partners", "partners"]),
    ("groupSettings", &["groupSettings", "settings"]),
    ("requirements", &["users/authentication/requirements", "requirements"]),
    ("deviceRegistrationPolicy", &["policies/deviceRegistrationPolicy", "deviceRegistrationPolicy"]),
    ("defaultAppManagementPolicy", &["policies/defaultAppManagementPolicy", "defaultAppManagementPolicy"]),
    ("appManagementPolicies", &["policies/appManagementPolicies", "appManagementPolicies"]),
    ("definitions", &["identityGovernance/accessReviews/definitions", "accessReviews/definitions", "definitions"]),
    ("secureScores", &["security/secureScores", "secureScores"]),
    ("secureScoreControlProfiles", &["security/secureScoreControlProfiles", "secureScoreControlProfiles"]),
    ("recommendations", &["directory/recommendations", "recommendations"]),
    ("signIns", &["auditLogs/signIns", "signIns"]),
];

/// Contexts that fit several data sets: the folder or the file's name decides.
const UNDECIDED: &[&str] = &["directoryObjects", "members", "policies"];

/// Types in `Collection(microsoft.graph.…)`.
const TYPES: &[(&str, &str)] = &[
    ("user", "users"),
    ("group", "groups"),
    ("userRegistrationDetails", "userRegistrationDetails"),
    ("unifiedRoleAssignment", "roleAssignments"),
    ("unifiedRoleAssignmentScheduleInstance", "roleAssignmentScheduleInstances"),
    ("unifiedRoleEligibilityScheduleInstance", "roleEligibilityScheduleInstances"),
    ("unifiedRoleEligibilitySchedule", "roleEligibilityScheduleInstances"),
    ("unifiedRoleDefinition", "roleDefinitions"),
    ("conditionalAccessPolicy", "policies"),
    ("namedLocation", "namedLocations"),
    ("domain", "domains"),
];

/// Where Graph keeps what is deleted, and where Intune has words that the directory has too.
const KNOWN_ELSEWHERE: &[&str] = &["deletedItems", "deviceManagement", "deviceAppManagement"];

/// What a context says about the elements of its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// Elements of a data set, and of which owner.
    DataSet { data_set: &'static str, owner: Option<String> },
    /// Something that no data set holds. `sure`: Graph is known to serve other objects there.
    Elsewhere { path: String, sure: bool },
    /// The folder or the file's name has to decide.
    Nothing,
}

/// What a context says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Context {
    /// `v1.0` or `beta`.
    pub(crate) version: Option<&'static str>,
    pub(crate) told: Told,
}

impl Context {
    /// Reads `https://graph.microsoft.com/v1.0/$metadata#groups('b0')/members`.
    pub(crate) fn of(context: &str) -> Self {
        let Some((address, path)) = context.split_once("$metadata#") else {
            return Self { version: None, told: Told::Nothing };
        };
        let segment = address.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let version = ["v1.0", "beta"].into_iter().find(|version| segment.eq_ignore_ascii_case(version));
        Self { version, told: told(path) }
    }
}

fn told(path: &str) -> Told {
    let path = path.strip_suffix("/$entity").or_else(|| path.strip_suffix("/$delta")).unwrap_or(path);
    let mut select = "";
    let mut owner = None;
    let mut names: Vec<&str> = Vec::new();
    for segment in split(path) {
        let (name, inner) = match segment.split_once('(') {
            Some((name, inner)) => (name, Some(inner.strip_suffix(')').unwrap_or(inner))),
            None => (segment, None),
        };
        names.push(name);
        // A quoted key is an owner, anything else a list of selected properties.
        match inner.and_then(|inner| inner.strip_prefix('\'')) {
            Some(key) => owner = Some(key.trim_end_matches('\'').to_owned()),
            None => select = inner.unwrap_or(""),
        }
    }
    if names.first().is_some_and(|first| first.eq_ignore_ascii_case("Collection")) {
        let kind = select.rsplit('.').next().unwrap_or(select);
        let found = TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind));
        return found.map_or(Told::Nothing, |(_, data_set)| Told::DataSet { data_set, owner: None });
    }
    let plain = names.join("/");
    let is_plain = |known: &&str| plain.eq_ignore_ascii_case(known);
    if plain.is_empty() || UNDECIDED.iter().any(is_plain) {
        return Told::Nothing;
    }
    // `policies` alone is in `UNDECIDED`: it may be of any kind.
    let is_of = |(data_set, paths): &&(&str, &[&str])| paths.iter().any(is_plain) || is_plain(data_set);
    let Some((data_set, _)) = PATHS.iter().find(is_of) else {
        let is_word = |word: &str| names.last().is_some_and(|last| last.eq_ignore_ascii_case(word));
        let sure = names.iter().any(|name| KNOWN_ELSEWHERE.iter().any(|known| name.eq_ignore_ascii_case(known)))
            || (names.len() > 1 && PATHS.iter().any(|(data_set, _)| is_word(data_set)));
        return Told::Elsewhere { path: plain, sure };
    };
    if *data_set == "users" {
        let selects = |property: &str| select.split(',').any(|selected| selected.trim().eq_ignore_ascii_case(property));
        let only_activity = selects("signInActivity") && !selects("accountEnabled") && !selects("userType");
        return Told::DataSet { data_set: if only_activity { "signInActivity" } else { "users" }, owner: None };
    }
    let owner = owner.filter(|_| names.len() > 1);
    Told::DataSet { data_set, owner }
}

/// Splits at slashes outside of parentheses.
fn split(path: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    path.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == '/' && depth == 0
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use idscore_catalogue::data_sets::DATA_SETS;

    use super::*;

    fn told_by(context: &str) -> Told {
        Context::of(&format!("https://graph.microsoft.com/{context}")).told
    }

    #[test]
    fn the_data_set_follows_from_the_whole_context() {
        for (context, data_set, owner) in [
            ("v1.0/$metadata#users", "users", None),
            ("v1.0/$metadata#users/$delta", "users", None),
            ("beta/$metadata#users(id,displayName,accountEnabled,signInActivity)", "users", None),
            ("v1.0/$metadata#users(id,signInActivity)", "signInActivity", None),
            ("v1.0/$metadata#groups('b0')/members", "members", Some("b0")),
            ("v1.0/$metadata#identity/conditionalAccess/policies", "policies", None),
            (
                "beta/$metadata#identity/conditionalAccess/authenticationStrength/policies",
                "authenticationStrengthPolicies",
                None,
            ),
            ("v1.0/$metadata#policies/authorizationPolicy/$entity", "authorizationPolicy", None),
            ("beta/$metadata#policies/authorizationPolicy/authorizationPolicy", "authorizationPolicy", None),
            ("beta/$metadata#settings", "groupSettings", None),
            ("v1.0/$metadata#roleManagement/directory/roleAssignments(id,principal())", "roleAssignments", None),
            ("v1.0/$metadata#servicePrincipals('e0')/appRoleAssignedTo", "appRoleAssignedTo", Some("e0")),
            ("beta/$metadata#users('a0')/authentication/requirements", "requirements", Some("a0")),
            ("v1.0/$metadata#Collection(microsoft.graph.userRegistrationDetails)", "userRegistrationDetails", None),
            ("beta/$metadata#Security/secureScores", "secureScores", None),
            ("v1.0/$metadata#default", "default", None),
        ] {
            assert_eq!(told_by(context), Told::DataSet { data_set, owner: owner.map(str::to_owned) }, "{context}");
        }
    }

    #[test]
    fn a_path_that_only_ends_in_a_known_word_is_another_collection() {
        for path in [
            "identity/conditionalAccess/deletedItems/policies",
            "directory/deletedItems/microsoft.graph.user",
            "deviceManagement/roleAssignments",
            "deviceManagement/roleDefinitions",
            "deviceAppManagement/policies",
            "roleManagement/deviceManagement/roleAssignments",
            "roleManagement/entitlementManagement/roleDefinitions",
            "directoryRoles/members",
            "administrativeUnits/members",
            "users/oauth2PermissionGrants",
            "users/appRoleAssignments",
        ] {
            let told = told_by(&format!("v1.0/$metadata#{path}"));
            assert_eq!(told, Told::Elsewhere { path: path.to_owned(), sure: true }, "{path}");
        }
        assert!(matches!(told_by("v1.0/$metadata#somethingNew"), Told::Elsewhere { sure: false, .. }));
    }

    #[test]
    fn a_context_that_fits_several_data_sets_leaves_it_to_the_name() {
        for context in ["v1.0/$metadata#directoryObjects(id)", "v1.0/$metadata#Collection(graph.thing)", "nonsense"] {
            assert_eq!(told_by(context), Told::Nothing, "{context}");
        }
    }

    #[test]
    fn the_version_stands_before_the_metadata() {
        let version = |context| Context::of(context).version;
        assert_eq!(version("https://graph.microsoft.com/v1.0/$metadata#users"), Some("v1.0"));
        assert_eq!(version("https://graph.microsoft.us/beta/$metadata#users"), Some("beta"));
        assert_eq!(version("https://proxy.example/$metadata#users"), None);
    }

    #[test]
    fn every_data_set_has_the_path_of_its_endpoint() {
        for data_set in DATA_SETS.iter().filter(|data_set| data_set.name != "signInActivity") {
            let path = data_set.endpoint.trim_start_matches('/').replace("/{id}", "('x')");
            let owner = data_set.endpoint.contains("{id}").then(|| "x".to_owned());
            let told = told_by(&format!("v1.0/$metadata#{path}"));
            assert_eq!(told, Told::DataSet { data_set: data_set.name, owner }, "{path}");
        }
    }
}
