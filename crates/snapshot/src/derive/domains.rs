//! Domains: which root a sub-domain belongs to, and whose password settings hold.

use crate::graph::Domain;

/// The place of the root domain of `domains[at]`; itself for a root, and where no parent is in the tenant.
pub(crate) fn root(domains: &[Domain], at: usize) -> usize {
    let Some(domain) = domains.get(at) else { return at };
    if domain.is_root == Some(true) {
        return at;
    }
    let name = domain.id.to_ascii_lowercase();
    let is_parent =
        |parent: &Domain| name.strip_suffix(&parent.id.to_ascii_lowercase()).is_some_and(|rest| rest.ends_with('.'));
    let parents = domains.iter().enumerate().filter(|(_, parent)| is_parent(parent));
    // A parent marked as root decides; else the shortest, the one nearest to the root.
    parents.min_by_key(|(_, parent)| (parent.is_root != Some(true), parent.id.len())).map_or(at, |(parent, _)| parent)
}

/// The validity in force: its own on a root, the root's on a sub-domain.
pub(crate) fn effective_validity(domains: &[Domain], at: usize) -> Option<i64> {
    domains.get(root(domains, at)).and_then(|root| root.password_validity_period_in_days)
}

/// `Managed` or `Federated` in this spelling, whatever the case; other words stay.
pub(crate) fn authentication_type(domain: &Domain) -> &str {
    match domain.authentication_type.as_deref() {
        Some(kind) if kind.eq_ignore_ascii_case("managed") => "Managed",
        Some(kind) if kind.eq_ignore_ascii_case("federated") => "Federated",
        Some(other) => other,
        None => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sub_domain_has_the_validity_of_its_root() {
        let domains: Vec<Domain> = serde_json::from_str(
            r#"[{"id":"example.org","isRoot":true,"passwordValidityPeriodInDays":2147483647},
                {"id":"mail.Example.org","isRoot":false,"passwordValidityPeriodInDays":90},
                {"id":"a.mail.example.org","isRoot":false},
                {"id":"notexample.org","isRoot":true,"passwordValidityPeriodInDays":60},
                {"id":"lonely.test","isRoot":false,"passwordValidityPeriodInDays":30}]"#,
        )
        .unwrap();
        assert_eq!((0..5).map(|at| root(&domains, at)).collect::<Vec<_>>(), [0, 0, 0, 3, 4]);
        let validity: Vec<_> = (0..5).map(|at| effective_validity(&domains, at)).collect();
        assert_eq!(validity, [Some(2_147_483_647), Some(2_147_483_647), Some(2_147_483_647), Some(60), Some(30)]);
    }

    #[test]
    fn the_authentication_type_has_no_case() {
        for (json, expected) in
            [("\"managed\"", "Managed"), ("\"FEDERATED\"", "Federated"), ("\"Other\"", "Other"), ("null", "unknown")]
        {
            let domain: Domain = serde_json::from_str(&format!(r#"{{"id":"x","authenticationType":{json}}}"#)).unwrap();
            assert_eq!(authentication_type(&domain), expected);
        }
    }
}
