//! What follows from a user object alone.

use std::collections::HashSet;

use crate::graph::{SignInActivity, User};
use crate::ids::is_guid;
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

/// `userType`, and whether it was assumed: Graph's null counts as `Member`. None: the object does not carry it, or carries a word
/// that nobody has seen.
pub(crate) fn user_type(user: &User) -> (Option<&'static str>, bool) {
    match &user.user_type {
        Presence::Absent => (None, false),
        Presence::Null => (Some("Member"), true),
        Presence::Is(kind) if kind.eq_ignore_ascii_case("guest") => (Some("Guest"), false),
        Presence::Is(kind) if kind.eq_ignore_ascii_case("member") => (Some("Member"), false),
        Presence::Is(_) => (None, false),
    }
}

/// Whether the user signs in elsewhere.
///
/// Each of these proves it: `#EXT#` in the UPN, `creationType` `Invitation`, an `externalUserState`, an issuer in
/// `identities` that is no verified domain. A UPN without the mark says no, unless an issuer could not be told because
/// no list of the tenant's domains was read. Without a UPN nothing says no.
pub(crate) fn is_external(user: &User, domains: &TenantDomains) -> Option<bool> {
    let upn = user.user_principal_name.as_deref().filter(|upn| !upn.is_empty());
    let in_upn = upn.is_some_and(|upn| contains_ignoring_case(upn, "#EXT#"));
    let invited = user.creation_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Invitation"))
        || user.external_user_state.as_deref().is_some_and(|state| !state.is_empty());
    if in_upn || invited {
        return Some(true);
    }
    let domain = upn.and_then(|upn| upn.rsplit_once('@')).map(|(_, domain)| domain);
    let issuers = user.identities.iter().flatten().filter_map(|identity| identity.issuer.as_deref());
    let mut strange = issuers.filter(|issuer| {
        // The domain of a UPN is one of the tenant's own.
        !issuer.is_empty() && !domain.is_some_and(|domain| domain.eq_ignore_ascii_case(issuer))
    });
    let foreign = match &domains.verified {
        Some(verified) => {
            Some(strange.any(|issuer| !verified.contains(issuer) && !verified.contains(&issuer.to_ascii_lowercase())))
        }
        None => strange.next().is_none().then_some(false),
    };
    foreign.filter(|foreign| *foreign || upn.is_some())
}

/// `internal`, `internalGuest`, `b2bCollaborationGuest` or `b2bCollaborationMember`; None where type or origin is
/// unknown, or the type is a word never seen.
pub(crate) fn external_kind(user_type: Option<&str>, external: Option<bool>) -> Option<&'static str> {
    match (user_type?, external?) {
        ("Guest", true) => Some("b2bCollaborationGuest"),
        ("Member", true) => Some("b2bCollaborationMember"),
        ("Guest", false) => Some("internalGuest"),
        ("Member", false) => Some("internal"),
        _ => None,
    }
}

/// An agent user: `identityParentId` is the id of its parent, or the object says so itself; None where what stands
/// there is no id, or the object's type was never seen.
pub(crate) fn is_agent(user: &User) -> Option<bool> {
    let of_a_person = |kind: &str| kind.eq_ignore_ascii_case("#microsoft.graph.user");
    match user.odata_type.as_deref() {
        Some(kind) if kind.eq_ignore_ascii_case("#microsoft.graph.agentUser") => return Some(true),
        Some(kind) if !of_a_person(kind) => return None,
        _ => {}
    }
    match user.identity_parent_id.as_deref() {
        None => Some(false),
        Some(parent) => is_guid(parent).then_some(true),
    }
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

/// The last sign-in that succeeded, the only proof of use.
pub(crate) fn last_success(activity: &SignInActivity) -> Option<i64> {
    match activity.last_successful_sign_in_date_time {
        Presence::Is(at) => micros(Some(at)),
        Presence::Absent | Presence::Null => None,
    }
}

/// The newest sign-in or attempt, which dates the data and proves no use.
pub(crate) fn newest_attempt(activity: &SignInActivity) -> Option<i64> {
    let attempts = [activity.last_sign_in_date_time, activity.last_non_interactive_sign_in_date_time];
    attempts.into_iter().map(micros).fold(last_success(activity), Option::max)
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

    fn kind(json: &str, domains: &TenantDomains) -> Option<&'static str> {
        let user = user(json);
        external_kind(user_type(&user).0, is_external(&user, domains))
    }

    #[test]
    fn external_users_are_told_by_upn_invitation_state_or_issuer() {
        let upn = r#""userPrincipalName":"ada@example.org""#;
        for (rest, expected) in [
            (r#""userType":"Member""#, "internal"),
            (r#""userType":"Guest""#, "internalGuest"),
            (r#""userType":"Member","creationType":"Invitation""#, "b2bCollaborationMember"),
            (r#""userType":"Guest","externalUserState":"PendingAcceptance""#, "b2bCollaborationGuest"),
            (r#""userType":"Member","identities":[{"issuer":"EXAMPLE.org"}]"#, "internal"),
            (r#""userType":"Member","identities":[{"issuer":"example.onmicrosoft.com"}]"#, "internal"),
            (r#""userType":"Member","identities":[{"issuer":"partner.test"}]"#, "b2bCollaborationMember"),
            (r#""userType":"Guest","identities":[{"issuer":null},{"issuer":"mail"}]"#, "b2bCollaborationGuest"),
        ] {
            assert_eq!(kind(&format!(r#"{{"id":"1",{upn},{rest}}}"#), &domains()), Some(expected), "{rest}");
        }
        let by_name =
            r##"{"id":"1","userType":"Guest","userPrincipalName":"mia_partner.test#ext#@example.onmicrosoft.com"}"##;
        assert_eq!(kind(by_name, &TenantDomains::default()), Some("b2bCollaborationGuest"));
    }

    #[test]
    fn without_a_type_an_external_account_is_told_but_not_whether_it_is_a_guest() {
        for (json, external) in [
            (r##"{"id":"1","userPrincipalName":"mia_partner.test#EXT#@example.onmicrosoft.com"}"##, Some(true)),
            (r#"{"id":"1","userPrincipalName":"mia@example.org","externalUserState":"Accepted"}"#, Some(true)),
            (r#"{"id":"1","userPrincipalName":"mia@example.org","externalUserState":null}"#, Some(false)),
        ] {
            let user = user(json);
            assert_eq!(user_type(&user), (None, false), "{json}");
            assert_eq!(is_external(&user, &domains()), external, "{json}");
            assert_eq!(kind(json, &domains()), None, "{json}");
        }
    }

    #[test]
    fn without_a_upn_nothing_says_that_a_user_is_internal() {
        for (json, expected) in [
            (r#"{"id":"1","userType":"Member"}"#, None),
            (r#"{"id":"1","userType":"Member","identities":[{"issuer":"example.org"}]}"#, None),
            (
                r#"{"id":"1","userType":"Member","identities":[{"issuer":"partner.test"}]}"#,
                Some("b2bCollaborationMember"),
            ),
            (r#"{"id":"1","userType":"Guest","creationType":"Invitation"}"#, Some("b2bCollaborationGuest")),
        ] {
            assert_eq!(kind(json, &domains()), expected, "{json}");
        }
    }

    #[test]
    fn without_the_tenants_domains_an_issuer_other_than_the_domain_of_the_upn_is_unknown() {
        let upn = r#""userType":"Member","userPrincipalName":"ada@example.org""#;
        for (identities, expected) in [
            (r#"[{"issuer":"Example.org"}]"#, Some("internal")),
            ("[]", Some("internal")),
            (r#"[{"issuer":"partner.test"}]"#, None),
        ] {
            let json = format!(r#"{{"id":"1",{upn},"identities":{identities}}}"#);
            assert_eq!(kind(&json, &TenantDomains::default()), expected, "{identities}");
        }
    }

    #[test]
    fn a_user_type_of_null_counts_as_member_an_absent_one_or_an_unseen_word_is_unknown() {
        for (json, expected) in [
            (r#"{"id":"1","userType":null}"#, (Some("Member"), true)),
            (r#"{"id":"1"}"#, (None, false)),
            (r#"{"id":"1","userType":""}"#, (None, false)),
            (r#"{"id":"1","userType":"guest"}"#, (Some("Guest"), false)),
            (r#"{"id":"1","userType":"unknownFutureValue"}"#, (None, false)),
        ] {
            assert_eq!(user_type(&user(json)), expected, "{json}");
        }
        let unseen = r#"{"id":"1","userType":"unknownFutureValue","userPrincipalName":"ada@example.org"}"#;
        assert_eq!(kind(unseen, &domains()), None);
    }

    #[test]
    fn an_agent_has_the_id_of_a_parent_and_what_is_no_id_is_unknown() {
        for (json, expected) in [
            (r#"{"id":"1","identityParentId":"11111111-2222-4333-8444-555555555555"}"#, Some(true)),
            (r#"{"id":"1","identityParentId":null}"#, Some(false)),
            (r#"{"id":"1"}"#, Some(false)),
            (r#"{"id":"1","identityParentId":""}"#, None),
            (r#"{"id":"1","identityParentId":"x"}"#, None),
            (r##"{"@odata.type":"#microsoft.graph.agentUser","id":"1"}"##, Some(true)),
            (r##"{"@odata.type":"#microsoft.graph.user","id":"1"}"##, Some(false)),
            (r##"{"@odata.type":"#microsoft.graph.unseenUser","id":"1"}"##, None),
        ] {
            assert_eq!(is_agent(&user(json)), expected, "{json}");
        }
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
    fn attempts_date_the_data_and_prove_no_use() {
        let activity = |json: &str| serde_json::from_str::<SignInActivity>(json).unwrap();
        let day = |day: i64| Some((20_000 + day) * 86_400_000_000);
        for (json, success, newest) in [
            (
                r#"{"lastSuccessfulSignInDateTime":"2024-10-05T00:00:00Z","lastSignInDateTime":"2024-10-09T00:00:00Z"}"#,
                day(1),
                day(5),
            ),
            (
                r#"{"lastSignInDateTime":"2024-10-05T00:00:00Z","lastNonInteractiveSignInDateTime":"2024-10-06T00:00:00Z"}"#,
                None,
                day(2),
            ),
            (r#"{"lastSignInDateTime":"0001-01-01T00:00:00Z"}"#, None, None),
            ("{}", None, None),
        ] {
            let activity = activity(json);
            assert_eq!((last_success(&activity), newest_attempt(&activity)), (success, newest), "{json}");
        }
    }
}
