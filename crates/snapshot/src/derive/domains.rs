//! Domains: which root a sub-domain belongs to, and whose password settings hold.

use crate::graph::Domain;

/// The places that the root of `domains[at]` may have: one, or two where the domain does not say whether it is a root itself.
fn possible_roots(domains: &[Domain], at: usize) -> (usize, usize) {
    let Some(domain) = domains.get(at) else { return (at, at) };
    if domain.is_root == Some(true) {
        return (at, at);
    }
    let name = domain.id.to_ascii_lowercase();
    let is_parent =
        |parent: &Domain| name.strip_suffix(&parent.id.to_ascii_lowercase()).is_some_and(|rest| rest.ends_with('.'));
    let parents = domains.iter().enumerate().filter(|(_, parent)| is_parent(parent));
    // A parent marked as root decides; else the shortest, the one nearest to the root. Without a parent in the tenant a domain
    // has nobody to inherit from.
    let nearest = parents.min_by_key(|(_, parent)| (parent.is_root != Some(true), parent.id.len()));
    let parent = nearest.map_or(at, |(parent, _)| parent);
    (if domain.is_root.is_none() { at } else { parent }, parent)
}

/// The place of the root domain of `domains[at]`: itself for a root, and where no parent is in the tenant. None where the domain
/// does not say whether it is a root and a parent is there.
pub(crate) fn root(domains: &[Domain], at: usize) -> Option<usize> {
    let (one, other) = possible_roots(domains, at);
    (one == other).then_some(one)
}

/// The validity in force: its own on a root, the root's on a sub-domain. None where that one says nothing, or it is not known which
/// one it is and they differ.
pub(crate) fn effective_validity(domains: &[Domain], at: usize) -> Option<i64> {
    let validity = |at: usize| domains.get(at).and_then(|root| root.password_validity_period_in_days);
    let (one, other) = possible_roots(domains, at);
    validity(one).filter(|days| validity(other) == Some(*days))
}

/// `Managed` or `Federated` in this spelling, whatever the case. What another word means is unknown.
pub(crate) fn authentication_type(domain: &Domain) -> Option<&str> {
    match domain.authentication_type.as_deref()? {
        kind if kind.eq_ignore_ascii_case("managed") => Some("Managed"),
        kind if kind.eq_ignore_ascii_case("federated") => Some("Federated"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Vec<Domain> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_sub_domain_has_the_validity_of_its_root() {
        let domains = of(r#"[{"id":"example.org","isRoot":true,"passwordValidityPeriodInDays":2147483647},
                {"id":"mail.Example.org","isRoot":false,"passwordValidityPeriodInDays":90},
                {"id":"a.mail.example.org","isRoot":false},
                {"id":"notexample.org","isRoot":true,"passwordValidityPeriodInDays":60},
                {"id":"lonely.test","isRoot":false,"passwordValidityPeriodInDays":30}]"#);
        assert_eq!((0..5).filter_map(|at| root(&domains, at)).collect::<Vec<_>>(), [0, 0, 0, 3, 4]);
        let validity: Vec<_> = (0..5).map(|at| effective_validity(&domains, at)).collect();
        assert_eq!(validity, [Some(2_147_483_647), Some(2_147_483_647), Some(2_147_483_647), Some(60), Some(30)]);
    }

    #[test]
    fn a_domain_that_does_not_say_whether_it_is_a_root_has_a_validity_where_both_answers_agree() {
        let domains = of(r#"[{"id":"example.org","passwordValidityPeriodInDays":60},
                {"id":"mail.example.org","passwordValidityPeriodInDays":60},
                {"id":"shop.example.org","passwordValidityPeriodInDays":90},
                {"id":"other.test","passwordValidityPeriodInDays":30}]"#);
        let answers: Vec<_> = (0..4).map(|at| (root(&domains, at), effective_validity(&domains, at))).collect();
        assert_eq!(answers, [(Some(0), Some(60)), (None, Some(60)), (None, None), (Some(3), Some(30))]);
    }

    #[test]
    fn a_root_without_a_period_says_nothing_for_its_sub_domains_either() {
        let domains = of(r#"[{"id":"example.org","isRoot":true,"passwordValidityPeriodInDays":null},
                {"id":"mail.example.org","isRoot":false,"passwordValidityPeriodInDays":2147483647},
                {"id":"other.test","isRoot":true}]"#);
        assert_eq!((0..3).map(|at| effective_validity(&domains, at)).collect::<Vec<_>>(), [None, None, None]);
    }

    #[test]
    fn the_authentication_type_has_no_case() {
        let expected =
            [("managed", Some("Managed")), ("FEDERATED", Some("Federated")), ("neverSeen", None), ("", None)];
        for (word, expected) in expected {
            let domain: Domain =
                serde_json::from_str(&format!(r#"{{"id":"x","authenticationType":"{word}"}}"#)).unwrap();
            assert_eq!(authentication_type(&domain), expected, "{word}");
        }
    }
}
