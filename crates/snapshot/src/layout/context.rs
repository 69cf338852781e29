//! The data set that `@odata.context` names.

use super::data_set_of_folder;

/// The data set and the owning object in `https://graph.microsoft.com/v1.0/$metadata#groups('b0')/members`.
pub(super) fn data_set_of_context(context: &str) -> Option<(&'static str, Option<String>)> {
    let (_, path) = context.split_once("$metadata#")?;
    let path = path.strip_suffix("/$entity").unwrap_or(path);
    let mut select = "";
    let mut segments: Vec<(&str, Option<&str>)> = Vec::new();
    for segment in split(path) {
        let (name, inner) = match segment.split_once('(') {
            Some((name, inner)) => (name, Some(inner.strip_suffix(')').unwrap_or(inner))),
            None => (segment, None),
        };
        // A quoted key is an owner, anything else a list of selected properties.
        match inner.and_then(|inner| inner.strip_prefix('\'')) {
            Some(key) => segments.push((name, Some(key.trim_end_matches('\'')))),
            None => {
                select = inner.unwrap_or("");
                segments.push((name, None));
            }
        }
    }
    let (last, _) = segments.last().copied()?;
    let owner = segments.iter().rev().skip(1).find_map(|(_, key)| *key).map(str::to_owned);
    let first = segments.first().map_or("", |(name, _)| *name);
    if last.eq_ignore_ascii_case("Collection") {
        return by_type(select).map(|data_set| (data_set, None));
    }
    if last.eq_ignore_ascii_case("users") {
        let selects = |property: &str| select.split(',').any(|selected| selected.trim().eq_ignore_ascii_case(property));
        let only_activity = selects("signInActivity") && !selects("accountEnabled") && !selects("userType");
        return Some((if only_activity { "signInActivity" } else { "users" }, None));
    }
    if last.eq_ignore_ascii_case("members") && !first.eq_ignore_ascii_case("groups") {
        return None;
    }
    // `policies` is the last segment of Conditional Access only.
    if last.eq_ignore_ascii_case("policies") && !path.to_ascii_lowercase().contains("conditionalaccess") {
        return None;
    }
    data_set_of_folder(last).map(|data_set| (data_set, owner))
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

fn by_type(name: &str) -> Option<&'static str> {
    let name = name.rsplit('.').next().unwrap_or(name);
    Some(match name.to_ascii_lowercase().as_str() {
        "user" => "users",
        "group" => "groups",
        "userregistrationdetails" => "userRegistrationDetails",
        "unifiedroleassignment" => "roleAssignments",
        "unifiedroleassignmentscheduleinstance" => "roleAssignmentScheduleInstances",
        "unifiedroleeligibilityscheduleinstance" => "roleEligibilityScheduleInstances",
        "unifiedroledefinition" => "roleDefinitions",
        "conditionalaccesspolicy" => "policies",
        "namedlocation" => "namedLocations",
        "domain" => "domains",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::data_set_of_context;

    #[test]
    fn the_data_set_follows_from_the_context() {
        for (context, expected) in [
            ("v1.0/$metadata#users", Some(("users", None))),
            ("beta/$metadata#users(id,displayName,accountEnabled,signInActivity)", Some(("users", None))),
            ("v1.0/$metadata#users(id,signInActivity)", Some(("signInActivity", None))),
            ("v1.0/$metadata#groups('b0')/members", Some(("members", Some("b0")))),
            ("v1.0/$metadata#directoryRoles('b0')/members", None),
            ("v1.0/$metadata#identity/conditionalAccess/policies", Some(("policies", None))),
            ("v1.0/$metadata#policies/authorizationPolicy/$entity", Some(("authorizationPolicy", None))),
            ("beta/$metadata#policies/authorizationPolicy/authorizationPolicy", Some(("authorizationPolicy", None))),
            ("beta/$metadata#settings", Some(("groupSettings", None))),
            (
                "v1.0/$metadata#roleManagement/directory/roleAssignments(id,principal())",
                Some(("roleAssignments", None)),
            ),
            ("v1.0/$metadata#servicePrincipals('e0')/appRoleAssignedTo", Some(("appRoleAssignedTo", Some("e0")))),
            ("beta/$metadata#users('a0')/authentication/requirements", Some(("requirements", Some("a0")))),
            (
                "v1.0/$metadata#Collection(microsoft.graph.userRegistrationDetails)",
                Some(("userRegistrationDetails", None)),
            ),
            ("v1.0/$metadata#somethingNew", None),
            ("nonsense", None),
        ] {
            let expected = expected.map(|(data_set, owner): (&str, Option<&str>)| (data_set, owner.map(str::to_owned)));
            assert_eq!(data_set_of_context(&format!("https://graph.microsoft.com/{context}")), expected, "{context}");
        }
    }
}
