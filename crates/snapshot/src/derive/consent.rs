//! What users may consent to by themselves.

use idscore_catalogue::logic::{all, any};

use crate::graph::{AuthorizationPolicy, GrantConditions, PermissionClassification, PermissionGrantPolicy};
use crate::ids::{is_guid, normal};
use crate::json::Presence;

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

/// Whether a name says for whom it is assigned, as every one of Graph's does; what another text allows is unknown.
fn is_assignment(name: &str) -> bool {
    const FOR: &str = "ManagePermissionGrantsFor";
    name.get(..FOR.len()).is_some_and(|start| start.eq_ignore_ascii_case(FOR))
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
        // Gives back, to six mail clients, permissions that the recommended policy withholds. Both spellings occur.
        ("microsoft-user-default-allow-consent-apps", Consent::Recommended),
        ("microsoft-user-allow-default-consent-apps", Consent::Recommended),
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
    let assigned = assigned?;
    let unreadable = assigned.iter().any(|name| !is_assignment(name)).then_some(Consent::Unknown);
    let consent = for_self(assigned)
        .map(|name| microsofts(name).unwrap_or_else(|| custom(name, policies, tenant_id)))
        .chain(unreadable)
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
    let Some(includes) = includes(name, policies) else { return Consent::Unknown };
    match all(includes.iter().map(|conditions| within_low(conditions, tenant_id))) {
        Some(true) => Consent::CustomWithinLow,
        Some(false) => Consent::CustomBeyond,
        None => Consent::Unknown,
    }
}

/// What a policy that isn't Microsoft's allows; None where it wasn't read.
fn includes<'p>(name: &str, policies: Option<&'p [PermissionGrantPolicy]>) -> Option<&'p [GrantConditions]> {
    let policy = policies?.iter().find(|policy| policy.id.eq_ignore_ascii_case(name))?;
    policy.includes.as_deref()
}

/// Whether users consent to what the tenant classified as low: by Microsoft's policy for it, or by one of the tenant's own.
fn goes_by_classification(assigned: &[String], policies: Option<&[PermissionGrantPolicy]>) -> Option<bool> {
    let answers = for_self(assigned)
        .map(|name| match microsofts(name) {
            Some(known) => Some(known == Consent::Low),
            None => any(includes(name, policies)?.iter().map(is_low)),
        })
        .chain(assigned.iter().filter(|name| !is_assignment(name)).map(|_| None));
    any(answers)
}

/// Classified permissions as far as they were read.
#[derive(Debug, Default)]
pub(crate) struct Classifications {
    /// The service principal of the API, where the page says it, and the permission.
    pub(crate) rows: Vec<(Option<String>, PermissionClassification)>,
    /// Every page was read, that of Microsoft Graph among them.
    pub(crate) whole: bool,
    /// The service principal of Microsoft Graph, where it is known.
    pub(crate) graph: Option<String>,
}

impl Classifications {
    /// The permissions classified as low; those of another API than Microsoft Graph with its id in front. None where not all
    /// are known.
    fn low(&self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for (api, row) in self.rows.iter().filter(|_| self.whole) {
            match row.classification.as_deref()? {
                word if word.eq_ignore_ascii_case("low") => {
                    let name = row.permission_name.as_deref().map(str::trim).filter(|name| !name.is_empty())?;
                    let foreign = api
                        .as_deref()
                        .map(normal)
                        .filter(|api| !self.graph.as_deref().is_some_and(|graph| graph.eq_ignore_ascii_case(api)));
                    names.push(foreign.map_or_else(|| name.to_owned(), |api| format!("{api}/{name}")));
                }
                word if word.eq_ignore_ascii_case("medium") || word.eq_ignore_ascii_case("high") => {}
                _ => return None,
            }
        }
        names.sort_unstable();
        names.dedup();
        self.whole.then_some(names)
    }
}

/// `low_permissions`: what users may consent to because the tenant classified it as low. Empty where no assigned policy goes
/// by the classification.
pub(crate) fn low_permissions(
    assigned: Option<&[String]>,
    policies: Option<&[PermissionGrantPolicy]>,
    classified: &Classifications,
) -> Option<Vec<String>> {
    if goes_by_classification(assigned?, policies)? { classified.low() } else { Some(Vec::new()) }
}

/// Not wider than `microsoft-user-default-low`: delegated permissions classified as low, for apps of verified
/// publishers or of this tenant. None where what is not told, or a word never seen, leaves it open.
fn within_low(conditions: &GrantConditions, tenant_id: &str) -> Option<bool> {
    let verified = conditions.client_applications_from_verified_publisher_only.or_null(false);
    let apps = any([verified, only_own_apps(conditions, tenant_id)]);
    all([is_delegated(conditions), is_low(conditions), apps])
}

fn is_delegated(conditions: &GrantConditions) -> Option<bool> {
    let word = conditions.permission_type.as_deref()?;
    let other = ["application", "delegatedUserConsentable"].iter().any(|other| other.eq_ignore_ascii_case(word));
    if word.eq_ignore_ascii_case("delegated") { Some(true) } else { other.then_some(false) }
}

fn is_low(conditions: &GrantConditions) -> Option<bool> {
    let word = match &conditions.permission_classification {
        Presence::Absent => return None,
        Presence::Null => return Some(false),
        Presence::Is(word) => word,
    };
    let other = ["all", "medium", "high"].iter().any(|other| other.eq_ignore_ascii_case(word));
    if word.eq_ignore_ascii_case("low") { Some(true) } else { other.then_some(false) }
}

fn only_own_apps(conditions: &GrantConditions, tenant_id: &str) -> Option<bool> {
    let tenants = conditions.client_application_tenant_ids.items()?;
    let own = tenants.iter().map(|tenant| {
        let other = is_guid(tenant) || tenant.eq_ignore_ascii_case("all");
        if tenant.eq_ignore_ascii_case(tenant_id) { Some(true) } else { other.then_some(false) }
    });
    if tenants.is_empty() { Some(false) } else { all(own) }
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
            ("ManagePermissionGrantsForSelf.microsoft-user-default-allow-consent-apps", Some("recommended")),
            ("managePermissionGrantsForSelf.Microsoft-User-Allow-Default-Consent-Apps", Some("recommended")),
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
    fn a_custom_policy_that_does_not_say_what_it_includes_is_neither_narrow_nor_wide() {
        let own = v1("ManagePermissionGrantsForSelf.own");
        let low = [
            ("permissionType", r#""delegated""#),
            ("permissionClassification", r#""low""#),
            ("clientApplicationsFromVerifiedPublisherOnly", "true"),
            ("clientApplicationTenantIds", r#"["all"]"#),
        ];
        let with = |changed: &str, value: Option<&str>| {
            let members = low.iter().filter_map(|(name, known)| {
                let value = if *name == changed { value? } else { known };
                Some(format!(r#""{name}":{value}"#))
            });
            let includes = members.collect::<Vec<_>>().join(",");
            consent(&own, Some(&format!(r#"[{{"id":"own","includes":[{{{includes}}}]}}]"#)))
        };
        assert_eq!(with("", None), Some("customWithinLow"));
        for absent in ["permissionType", "permissionClassification", "clientApplicationsFromVerifiedPublisherOnly"] {
            assert_eq!(with(absent, None), None, "{absent}");
        }
        assert_eq!(with("clientApplicationTenantIds", None), Some("customWithinLow"), "verified publishers only");
        for (name, value, expected) in [
            ("permissionType", "null", None),
            ("permissionType", r#""neverSeenBefore""#, None),
            ("permissionType", r#""application""#, Some("customBeyond")),
            ("permissionClassification", "null", Some("customBeyond")),
            ("permissionClassification", r#""neverSeenBefore""#, None),
            ("permissionClassification", r#""medium""#, Some("customBeyond")),
            ("clientApplicationsFromVerifiedPublisherOnly", "null", Some("customBeyond")),
        ] {
            assert_eq!(with(name, Some(value)), expected, "{name} {value}");
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

    const NAMES: [&str; 4] = [
        "microsoft-user-default-recommended",
        "microsoft-user-default-allow-consent-apps",
        "microsoft-user-allow-default-consent-apps",
        "microsoft-user-default-low",
    ];

    #[test]
    fn the_policy_for_mail_clients_is_as_the_recommended_one_alone_or_beside_it() {
        for first in NAMES {
            for second in NAMES {
                let assigned: Vec<String> = [first, second].map(|name| format!("{SELF}{name}")).into();
                let only_low = first == NAMES[3] && second == NAMES[3];
                let expected = if only_low { "low" } else { "recommended" };
                assert_eq!(user_consent(Some(&assigned), None, "t0"), Some(expected), "{first} {second}");
            }
        }
    }

    fn classified(rows: &[(Option<&str>, &str)]) -> Classifications {
        let rows = rows.iter().map(|(api, json)| (api.map(str::to_owned), serde_json::from_str(json).unwrap()));
        Classifications { rows: rows.collect(), whole: true, graph: Some("graph".to_owned()) }
    }

    fn low(names: &[&str], policies: Option<&str>, classified: &Classifications) -> Option<Vec<String>> {
        let assigned: Vec<String> = names.iter().map(|name| format!("{SELF}{name}")).collect();
        let policies: Option<Vec<PermissionGrantPolicy>> = policies.map(|json| serde_json::from_str(json).unwrap());
        low_permissions(Some(&assigned), policies.as_deref(), classified)
    }

    const READ: &str = r#"{"permissionName":"User.Read","classification":"low"}"#;

    #[test]
    fn what_the_tenant_classified_as_low_counts_where_a_policy_goes_by_it() {
        let found = classified(&[
            (Some("GRAPH"), READ),
            (Some("graph"), r#"{"permissionName":"Mail.Read","classification":"medium"}"#),
            (Some("other"), READ),
        ]);
        let all = Some(vec!["User.Read".to_owned(), "other/User.Read".to_owned()]);
        let own = r#"[{"id":"own","includes":[{"permissionType":"delegated","permissionClassification":"LOW"}]}]"#;
        assert_eq!(low(&["microsoft-user-default-low"], None, &found), all);
        assert_eq!(low(&["own"], Some(own), &found), all);
        assert_eq!(low(&["own", "microsoft-user-default-recommended"], Some(own), &found), all);
        let wide = own.replace("LOW", "all");
        for (names, policies) in
            [(&["microsoft-user-default-recommended"][..], None), (&[][..], None), (&["own"][..], Some(wide.as_str()))]
        {
            assert_eq!(low(names, policies, &Classifications::default()), Some(Vec::new()), "{names:?}");
        }
    }

    #[test]
    fn classifications_that_were_not_read_are_unknown() {
        let low_policy = &["microsoft-user-default-low"][..];
        assert_eq!(low(low_policy, None, &Classifications::default()), None);
        assert_eq!(low(&["own"], None, &classified(&[])), None, "whether the own policy goes by it is unknown");
        assert_eq!(low_permissions(None, None, &classified(&[])), None);
        assert_eq!(low(low_policy, None, &classified(&[])), Some(Vec::new()));
        let untold = r#"[{"id":"own","includes":[{"permissionType":"delegated"}]}]"#;
        assert_eq!(low(&["own"], Some(untold), &classified(&[])), None);
        for unclear in [
            r#"{"classification":"low"}"#,
            r#"{"permissionName":"User.Read"}"#,
            r#"{"permissionName":"User.Read","classification":"unknownFutureValue"}"#,
        ] {
            assert_eq!(low(low_policy, None, &classified(&[(None, READ), (None, unclear)])), None, "{unclear}");
        }
    }
}
