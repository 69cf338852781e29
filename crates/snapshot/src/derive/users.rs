//! What follows from a user object alone.

use std::collections::HashSet;

use crate::graph::{SignInActivity, User};
use crate::instant::micros;
use crate::json::Presence;

/// What the rules about users need to know about the tenant.
#[derive(Debug, Default)]
pub(crate) struct TenantDomains {
    /// Names in lower case; None when `organization` was not read.
    pub(crate) verified: Option<HashSet<String>>,
    /// The initial domain in lower case.
    pub(crate) initial: Option<String>,
}

/// `userType`, and whether it was assumed: Graph's null counts as `Member`.
pub(crate) fn user_type<'a>(user: &'a User) -> (&'a str, bool) {
    match user.user_type.as_deref() {
        Some(kind) if kind.eq_ignore_ascii_case("guest") => ("Guest", false),
        Some(kind) if kind.eq_ignore_ascii_case("member") => ("Member", false),
        Some("") | None => ("Member", true),
        Some(other) => (other, false),
    }
}

/// `internal`, `internalGuest`, `b2bCollaborationGuest` or `b2bCollaborationMember`.
///
/// External: `#EXT#` in the UPN, `creationType` `Invitation`, or an issuer in `identities` that is no verified domain.
/// Where `organization` was not read the third rule is left out, because any issuer would look foreign.
pub(crate) fn external_kind(user: &User, domains: &TenantDomains) -> &'static str {
    let in_upn = user.user_principal_name.as_deref().is_some_and(|upn| contains_ignoring_case(upn, "#EXT#"));
    let invited = user.creation_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Invitation"));
    let external = in_upn
        || invited
        || domains.verified.as_ref().is_some_and(|verified| {
            user.identities.iter().flatten().filter_map(|identity| identity.issuer.as_deref()).any(|issuer| {
                !issuer.is_empty() && !verified.contains(issuer) && !verified.contains(&issuer.to_ascii_lowercase())
            })
        });
    match (user_type(user).0, external) {
        ("Guest", true) => "b2bCollaborationGuest",
        (_, true) => "b2bCollaborationMember",
        ("Guest", false) => "internalGuest",
        (_, false) => "internal",
    }
}

/// An agent user: `identityParentId` is set, or the object says so itself.
pub(crate) fn is_agent(user: &User) -> bool {
    user.identity_parent_id.as_deref().is_some_and(|parent| !parent.is_empty())
        || user.odata_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("#microsoft.graph.agentUser"))
}

/// `passwordPolicies` holds `DisablePasswordExpiration`; null means no policy, absent means not asked for.
pub(crate) fn password_never_expires(user: &User) -> Option<bool> {
    match &user.password_policies {
        Presence::Absent => None,
        Presence::Null => Some(false),
        Presence::Is(policies) => {
            Some(policies.split(',').any(|policy| policy.trim().eq_ignore_ascii_case("DisablePasswordExpiration")))
        }
    }
}

/// The UPN ends in the initial `*.onmicrosoft.com` domain, or any such domain.
pub(crate) fn upn_on_initial_domain(user: &User, domains: &TenantDomains) -> Option<bool> {
    let (_, domain) = user.user_principal_name.as_deref()?.rsplit_once('@')?;
    let domain = domain.to_ascii_lowercase();
    // National clouds have onmicrosoft.us and partner.onmschina.cn.
    let shared = [".onmicrosoft.com", ".onmicrosoft.us", ".onmschina.cn"].iter().any(|end| domain.ends_with(end));
    Some(shared || domains.initial.as_deref() == Some(&domain))
}

/// The last successful sign-in, else the later of the two attempts: attempts prove no use, but are all that old data has.
pub(crate) fn last_seen(activity: &SignInActivity) -> Option<i64> {
    micros(activity.last_successful_sign_in_date_time).or_else(|| {
        micros(activity.last_sign_in_date_time).max(micros(activity.last_non_interactive_sign_in_date_time))
    })
}

fn contains_ignoring_case(text: &str, needle: &str) -> bool {
    text.as_bytes().windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::json::Caseless;

    fn user(json: &str) -> User<'_> {
        User::deserialize(Caseless(&mut serde_json::Deserializer::from_str(json))).unwrap()
    }

    fn domains() -> TenantDomains {
        TenantDomains {
            verified: Some(["example.org".to_owned(), "example.onmicrosoft.com".to_owned()].into()),
            initial: Some("example.onmicrosoft.com".to_owned()),
        }
    }

    #[test]
    fn external_users_are_told_by_upn_invitation_or_issuer() {
        for (json, expected) in [
            (r#"{"id":"1","userType":"Member","userPrincipalName":"ada@example.org"}"#, "internal"),
            (r#"{"id":"1","userType":"Guest","userPrincipalName":"ada@example.org"}"#, "internalGuest"),
            (
                r##"{"id":"1","userType":"Guest","userPrincipalName":"mia_partner.test#ext#@example.onmicrosoft.com"}"##,
                "b2bCollaborationGuest",
            ),
            (r#"{"id":"1","userType":"Member","creationType":"Invitation"}"#, "b2bCollaborationMember"),
            (r#"{"id":"1","userType":"Member","identities":[{"issuer":"EXAMPLE.org"}]}"#, "internal"),
            (r#"{"id":"1","userType":"Member","identities":[{"issuer":"partner.test"}]}"#, "b2bCollaborationMember"),
            (
                r#"{"id":"1","userType":"Guest","identities":[{"issuer":null},{"issuer":"mail"}]}"#,
                "b2bCollaborationGuest",
            ),
        ] {
            assert_eq!(external_kind(&user(json), &domains()), expected, "{json}");
        }
    }

    #[test]
    fn without_the_organization_an_issuer_proves_nothing() {
        let json = r#"{"id":"1","userType":"Member","identities":[{"issuer":"partner.test"}]}"#;
        assert_eq!(external_kind(&user(json), &TenantDomains::default()), "internal");
    }

    #[test]
    fn a_user_without_a_type_counts_as_a_member() {
        assert_eq!(user_type(&user(r#"{"id":"1","userType":null}"#)), ("Member", true));
        assert_eq!(user_type(&user(r#"{"id":"1","userType":"guest"}"#)), ("Guest", false));
        assert_eq!(user_type(&user(r#"{"id":"1","userType":"unknownFutureValue"}"#)), ("unknownFutureValue", false));
    }

    #[test]
    fn an_agent_has_a_parent_identity() {
        assert!(is_agent(&user(r#"{"id":"1","identityParentId":"x"}"#)));
        assert!(is_agent(&user(r##"{"@odata.type":"#microsoft.graph.agentUser","id":"1"}"##)));
        assert!(!is_agent(&user(r#"{"id":"1","identityParentId":null}"#)));
    }

    #[test]
    fn password_policies_absent_null_and_set_differ() {
        for (json, expected) in [
            (r#"{"id":"1"}"#, None),
            (r#"{"id":"1","passwordPolicies":null}"#, Some(false)),
            (r#"{"id":"1","passwordPolicies":"None"}"#, Some(false)),
            (r#"{"id":"1","passwordPolicies":"DisableStrongPassword, DisablePasswordExpiration"}"#, Some(true)),
        ] {
            assert_eq!(password_never_expires(&user(json)), expected, "{json}");
        }
    }

    #[test]
    fn the_initial_domain_or_any_onmicrosoft_domain_counts() {
        for (json, expected) in [
            (r#"{"id":"1","userPrincipalName":"a@Example.OnMicrosoft.com"}"#, Some(true)),
            (r#"{"id":"1","userPrincipalName":"a@other.onmicrosoft.com"}"#, Some(true)),
            (r#"{"id":"1","userPrincipalName":"a@example.org"}"#, Some(false)),
            (r#"{"id":"1"}"#, None),
        ] {
            assert_eq!(upn_on_initial_domain(&user(json), &domains()), expected, "{json}");
        }
    }

    #[test]
    fn last_seen_prefers_the_successful_sign_in_over_later_attempts() {
        let activity = |json: &str| serde_json::from_str::<SignInActivity>(json).unwrap();
        let day = |day: i64| Some((20_000 + day) * 86_400_000_000);
        for (json, expected) in [
            (
                r#"{"lastSuccessfulSignInDateTime":"2024-10-05T00:00:00Z","lastSignInDateTime":"2024-10-09T00:00:00Z"}"#,
                day(1),
            ),
            (
                r#"{"lastSignInDateTime":"2024-10-05T00:00:00Z","lastNonInteractiveSignInDateTime":"2024-10-06T00:00:00Z"}"#,
                day(2),
            ),
            (r#"{"lastSignInDateTime":"0001-01-01T00:00:00Z"}"#, None),
            ("{}", None),
        ] {
            assert_eq!(last_seen(&activity(json)), expected, "{json}");
        }
    }
}
