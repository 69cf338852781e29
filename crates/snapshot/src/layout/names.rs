//! Which data set the name of a folder or a file stands for.

use idscore_catalogue::data_sets::DATA_SETS;

/// Names that people and other tools give to data sets, in lower case without separators.
const ALIASES: &[(&str, &str)] = &[
    ("roleeligibilityschedules", "roleEligibilityScheduleInstances"),
    ("settings", "groupSettings"),
    ("conditionalaccesspolicies", "policies"),
    ("conditionalaccesspolicy", "policies"),
    ("capolicies", "policies"),
    ("conditionalaccessnamedlocations", "namedLocations"),
    ("namedlocation", "namedLocations"),
    ("authenticationstrengths", "authenticationStrengthPolicies"),
    ("authenticationstrengthpolicy", "authenticationStrengthPolicies"),
    ("authenticationmethodpolicy", "authenticationMethodsPolicy"),
    ("authenticationmethodspolicies", "authenticationMethodsPolicy"),
    ("securitydefaults", "identitySecurityDefaultsEnforcementPolicy"),
    ("authorizationpolicies", "authorizationPolicy"),
    ("registrationdetails", "userRegistrationDetails"),
    ("directoryroleassignments", "roleAssignments"),
    ("directoryroledefinitions", "roleDefinitions"),
    ("organisation", "organization"),
    ("serviceprincipal", "servicePrincipals"),
    ("enterpriseapplications", "servicePrincipals"),
    ("appregistrations", "applications"),
    ("oauth2permissiongrant", "oauth2PermissionGrants"),
    ("groupmembers", "members"),
    ("crosstenantaccesspolicydefault", "default"),
    ("crosstenantaccesspolicypartners", "partners"),
    ("accessreviewdefinitions", "definitions"),
];

/// The data set of a folder, or of a file's name without its ending, whatever its case and separators.
pub(super) fn data_set_of_name(name: &str) -> Option<&'static str> {
    if let Some(data_set) = DATA_SETS.iter().find(|data_set| data_set.name.eq_ignore_ascii_case(name)) {
        return Some(data_set.name);
    }
    let plain: String = name.chars().filter(|c| !is_separator(*c)).map(|c| c.to_ascii_lowercase()).collect();
    let same = DATA_SETS.iter().find(|data_set| data_set.name.eq_ignore_ascii_case(&plain));
    let alias = || ALIASES.iter().find(|(alias, _)| *alias == plain).map(|(_, data_set)| *data_set);
    same.map(|data_set| data_set.name).or_else(alias)
}

/// The data set of a file: `users`, `users-2`, `users (1)`, `Users_2026-11-30`, `2026-11-30 users`.
pub(super) fn data_set_of_file(stem: &str) -> Option<&'static str> {
    let (plain, _) = copy_of(stem);
    let is_number = |c: char| c.is_ascii_digit() || is_separator(c);
    // A moment may have its letters: 2026-11-30T06-00-00Z.
    let plain = plain.trim_end_matches(|c: char| is_number(c) || matches!(c, 'T' | 'Z')).trim_start_matches(is_number);
    data_set_of_name(stem).or_else(|| data_set_of_name(plain))
}

/// The name that a browser saw before it wrote `users (1)` beside it, and the number of the copy.
pub(super) fn copy_of(stem: &str) -> (&str, Option<u32>) {
    let copy = stem.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    match copy.and_then(|(plain, number)| Some((plain.trim_end(), number.parse().ok()?))) {
        Some((plain, number)) if !plain.is_empty() => (plain, Some(number)),
        _ => (stem, None),
    }
}

/// The number of a page in `2`, `users-2`, `Users_0002`, `page-2`; an id, a date or a copy has none.
pub(super) fn page_number(stem: &str, data_set: &str) -> Option<u64> {
    let digits = stem.len() - stem.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (before, number) = stem.split_at_checked(digits)?;
    let word = before.trim_end_matches(is_separator);
    let is_page = word.is_empty() && before.is_empty()
        || ["page", "part"].iter().any(|known| word.eq_ignore_ascii_case(known))
        || data_set_of_name(word) == Some(data_set);
    let year = number.len() == 4 && (number.starts_with("19") || number.starts_with("20"));
    (is_page && number.len() <= 8 && !year).then(|| number.parse().ok()).flatten()
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '_' | ' ' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_date_a_number_or_another_spelling_is_the_same_data_set() {
        for (stem, data_set) in [
            ("users", "users"),
            ("Users_2026-11-30", "users"),
            ("users-2026-11-30T06-00-00Z", "users"),
            ("2026-11-30_users", "users"),
            ("users (1)", "users"),
            ("users-0001", "users"),
            ("conditionalAccessPolicies", "policies"),
            ("conditional-access-policies", "policies"),
            ("Conditional_Access_Policies_2026", "policies"),
            ("named locations", "namedLocations"),
            ("oauth2PermissionGrants_1", "oauth2PermissionGrants"),
        ] {
            assert_eq!(data_set_of_file(stem), Some(data_set), "{stem}");
        }
        for stem in ["", "2026", "users of the month", "policiesOld", "(1)"] {
            assert_eq!(data_set_of_file(stem), None, "{stem}");
        }
    }

    #[test]
    fn only_pages_have_a_number() {
        assert_eq!(page_number("2", "users"), Some(2));
        assert_eq!(page_number("0002", "users"), Some(2));
        assert_eq!(page_number("Users_2", "users"), Some(2));
        assert_eq!(page_number("page-12", "users"), Some(12));
        for stem in ["a0000000-0000-4000-8000-000000000001", "users_2026", "users (1)", "users", "group7"] {
            assert_eq!(page_number(stem, "users"), None, "{stem}");
        }
    }

    #[test]
    fn every_alias_names_a_data_set() {
        for (_, data_set) in ALIASES {
            assert!(idscore_catalogue::data_sets::data_set(data_set).is_some(), "{data_set}");
        }
    }
}
