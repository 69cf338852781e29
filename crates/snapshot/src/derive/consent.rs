//! What users may consent to by themselves.

use crate::graph::{AuthorizationPolicy, GrantConditions, PermissionGrantPolicy};

const SELF: &str = "ManagePermissionGrantsForSelf.";

/// The grant policies of the default user role: in v1.0 below the role's permissions, in beta on top.
pub(crate) fn assigned(policy: &AuthorizationPolicy) -> Option<&[String]> {
    let below = policy
        .default_user_role_permissions
        .as_ref()
        .and_then(|role| role.permission_grant_policies_assigned.as_deref());
    below.or(policy.permission_grant_policy_ids_assigned_to_default_user_role.as_deref())
}

/// The names of grant policies for users themselves; other prefixes are another matter. Compared without case.
fn for_self(assigned: &[String]) -> impl Iterator<Item = &str> {
    assigned.iter().filter_map(|name| {
        let (start, rest) = name.split_at_checked(SELF.len())?;
        start.eq_ignore_ascii_case(SELF).then_some(rest)
    })
}

/// Whether a grant policy other than Microsoft's own is assigned, so that `permissionGrantPolicies` is needed.
#[cfg(test)]
pub(crate) fn names_custom_policy(assigned: &[String]) -> bool {
    for_self(assigned).any(|name| microsofts(name).is_none())
}

fn microsofts(name: &str) -> Option<Consent> {
    [
        ("microsoft-user-default-legacy", Consent::Legacy),
        ("microsoft-user-default-recommended", Consent::Recommended),
        ("microsoft-user-default-low", Consent::Low),
    ]
    .into_iter()
    .find(|(known, _)| known.eq_ignore_ascii_case(name))
    .map(|(_, consent)| consent)
}

/// From the narrowest to the widest; unknown stands where it hides anything but the two that decide alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Consent {
    None,
    Low,
    CustomWithinLow,
    Recommended,
    Unknown,
    CustomBeyond,
    Legacy,
}

/// `user_consent`: the widest thing that an assigned policy allows; NULL where a custom policy could not be read.
pub(crate) fn user_consent(
    assigned: Option<&[String]>,
    policies: Option<&[PermissionGrantPolicy]>,
    tenant_id: &str,
) -> Option<&'static str> {
    let consent = for_self(assigned?)
        .map(|name| microsofts(name).unwrap_or_else(|| custom(name, policies, tenant_id)))
        .max()
        .unwrap_or(Consent::None);
    match consent {
        Consent::None => Some("none"),
        Consent::Low => Some("low"),
        Consent::CustomWithinLow => Some("customWithinLow"),
        Consent::Recommended => Some("recommended"),
        Consent::Unknown => None,
        Consent::CustomBeyond => Some("customBeyond"),
        Consent::Legacy => Some("legacy"),
    }
}

fn custom(name: &str, policies: Option<&[PermissionGrantPolicy]>, tenant_id: &str) -> Consent {
    let policy = policies.and_then(|policies| policies.iter().find(|policy| policy.id.eq_ignore_ascii_case(name)));
    let Some(includes) = policy.and_then(|policy| policy.includes.as_ref()) else { return Consent::Unknown };
    if includes.iter().all(|conditions| within_low(conditions, tenant_id)) {
        Consent::CustomWithinLow
    } else {
        Consent::CustomBeyond
    }
}

/// Not wider than `microsoft-user-default-low`: delegated permissions classified as low, for apps of verified
/// publishers or of this tenant.
fn within_low(conditions: &GrantConditions, tenant_id: &str) -> bool {
    let is = |value: &Option<String>, expected: &str| {
        value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case(expected))
    };
    let own_apps = !conditions.client_application_tenant_ids.is_empty()
        && conditions.client_application_tenant_ids.iter().all(|tenant| tenant.eq_ignore_ascii_case(tenant_id));
    is(&conditions.permission_type, "delegated")
        && is(&conditions.permission_classification, "low")
        && (conditions.client_applications_from_verified_publisher_only == Some(true) || own_apps)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::json::Caseless;

    fn consent(policy: &str, grants: Option<&str>) -> Option<&'static str> {
        let policy =
            AuthorizationPolicy::deserialize(Caseless(&mut serde_json::Deserializer::from_str(policy))).unwrap();
        let grants: Option<Vec<PermissionGrantPolicy>> = grants.map(|json| serde_json::from_str(json).unwrap());
        user_consent(assigned(&policy), grants.as_deref(), "t0")
    }

    fn v1(name: &str) -> String {
        format!(r#"{{"defaultUserRolePermissions":{{"permissionGrantPoliciesAssigned":["{name}"]}}}}"#)
    }

    #[test]
    fn microsofts_policies_are_told_by_name_without_case() {
        for (name, expected) in [
            ("ManagePermissionGrantsForSelf.microsoft-user-default-low", Some("low")),
            ("managepermissiongrantsforself.Microsoft-User-Default-Legacy", Some("legacy")),
            ("ManagePermissionGrantsForSelf.microsoft-user-default-recommended", Some("recommended")),
            ("ManagePermissionGrantsForOwnedResource.microsoft-all", Some("none")),
        ] {
            assert_eq!(consent(&v1(name), None), expected, "{name}");
        }
        assert_eq!(
            consent(r#"{"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":[]}}"#, None),
            Some("none")
        );
        assert_eq!(consent("{}", None), None);
    }

    #[test]
    fn the_beta_list_stands_on_top() {
        let json = r#"{"PermissionGrantPolicyIdsAssignedToDefaultUserRole":
            ["ManagePermissionGrantsForSelf.microsoft-user-default-low","ManagePermissionGrantsForOwnedResource.x"],
            "DefaultUserRolePermissions":{"AllowedToCreateApps":true}}"#;
        assert_eq!(consent(json, None), Some("low"));
    }

    #[test]
    fn a_custom_policy_is_judged_by_what_it_includes() {
        let own = v1("ManagePermissionGrantsForSelf.own");
        let low = r#"{"permissionType":"delegated","permissionClassification":"low","clientApplicationsFromVerifiedPublisherOnly":true}"#;
        let ours =
            r#"{"permissionType":"delegated","permissionClassification":"low","clientApplicationTenantIds":["T0"]}"#;
        let wide = r#"{"permissionType":"delegated","permissionClassification":"all","clientApplicationsFromVerifiedPublisherOnly":true}"#;
        for (includes, expected) in [
            (low.to_owned(), Some("customWithinLow")),
            (format!("{low},{ours}"), Some("customWithinLow")),
            (format!("{low},{wide}"), Some("customBeyond")),
            (String::new(), Some("customWithinLow")),
        ] {
            let grants = format!(r#"[{{"id":"own","includes":[{includes}]}}]"#);
            assert_eq!(consent(&own, Some(&grants)), expected, "{includes}");
        }
    }

    #[test]
    fn a_custom_policy_that_was_not_read_leaves_it_open_unless_a_wider_one_decides() {
        let own = v1("ManagePermissionGrantsForSelf.own");
        assert_eq!(consent(&own, None), None);
        assert_eq!(consent(&own, Some("[]")), None);
        assert_eq!(consent(&own, Some(r#"[{"id":"own"}]"#)), None);
        let both = r#"{"defaultUserRolePermissions":{"permissionGrantPoliciesAssigned":
            ["ManagePermissionGrantsForSelf.own","ManagePermissionGrantsForSelf.microsoft-user-default-legacy"]}}"#;
        assert_eq!(consent(both, None), Some("legacy"));
        assert!(names_custom_policy(&["ManagePermissionGrantsForSelf.own".to_owned()]));
    }
}
