//! From what a provider says about a person to what they may do here.

use std::collections::BTreeMap;

use idscore_store::{Role, Roles};
use serde_json::Value;

/// Stands for every tenant.
const EVERYWHERE: &str = "*";

/// Microsoft's roles, by the name that an app role would have, and by the template id that Entra sends in `wids`.
const MICROSOFT: [(&str, &str, Role); 6] = [
    ("Global Administrator", "62e90394-69f5-4237-9190-012177145e10", Role::Administrator),
    ("Security Administrator", "194ae4cb-b126-40b2-bd5b-6091b380977d", Role::Administrator),
    ("Security Operator", "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f", Role::Operator),
    ("Security Reader", "5d6b6bb7-de71-4623-b4af-96380a352509", Role::Reader),
    ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451", Role::Reader),
    ("Reports Reader", "4a5d8f65-41da-4de4-8968-e035b65339cf", Role::Reader),
];

/// A value of a claim, and the role that it brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The claim, such as `roles` or `groups`.
    pub claim: String,
    /// The value in it.
    pub value: String,
    /// The role.
    pub role: Role,
    /// The tenants for which it holds; `*` stands for all.
    pub tenants: Vec<String>,
}

impl Mapping {
    /// The name of Microsoft's role whose template id the value is, as `wids` has them.
    #[must_use]
    pub fn template_of(&self) -> Option<&'static str> {
        MICROSOFT.iter().find(|(_, id, _)| *id == self.value).map(|(name, ..)| *name)
    }

    /// Whether it holds for every tenant.
    #[must_use]
    pub fn everywhere(&self) -> bool {
        self.tenants.iter().any(|tenant| tenant == EVERYWHERE)
    }
}

/// All mappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mappings(Vec<Mapping>);

impl Mappings {
    /// These mappings.
    #[must_use]
    pub fn new(mappings: Vec<Mapping>) -> Self {
        Self(mappings)
    }

    /// Microsoft's role names in `roles` and their template ids in `wids`, for every tenant.
    ///
    /// A group of one of these names brings nothing: anybody may be allowed to make groups.
    #[must_use]
    pub fn microsoft() -> Self {
        let of = |claim: &str, value: &str, role| Mapping {
            claim: claim.to_owned(),
            value: value.to_owned(),
            role,
            tenants: vec![EVERYWHERE.to_owned()],
        };
        Self(MICROSOFT.iter().flat_map(|(name, id, role)| [of("roles", name, *role), of("wids", id, *role)]).collect())
    }

    /// These and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.0.extend(others.0);
        self
    }

    /// All of them, our own before Microsoft's.
    #[must_use]
    pub fn all(&self) -> &[Mapping] {
        &self.0
    }

    /// Whether a mapping looks at a claim.
    pub(crate) fn reads(&self, claim: &str) -> bool {
        self.0.iter().any(|mapping| mapping.claim == claim)
    }

    /// What somebody with these claims may do; of two roles for a tenant the higher counts.
    #[must_use]
    pub fn roles(&self, claims: &BTreeMap<String, Value>) -> Roles {
        let held = self
            .0
            .iter()
            .filter(|mapping| claims.get(&mapping.claim).is_some_and(|claim| holds(claim, &mapping.value)));
        held.flat_map(|mapping| mapping.tenants.iter().map(move |tenant| (tenant, mapping.role)))
            .fold(Roles::default(), |roles, (tenant, role)| roles.and(tenant, role))
    }
}

/// A claim is a text or a list of texts.
fn holds(claim: &Value, value: &str) -> bool {
    match claim {
        Value::String(text) => text == value,
        Value::Array(items) => items.iter().any(|item| item.as_str() == Some(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> BTreeMap<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn microsofts_roles_count_by_name_in_roles_and_by_template_in_wids() {
        let mappings = Mappings::microsoft();
        for (given, role) in [
            (json!({"roles": ["Security Reader"]}), Some(Role::Reader)),
            (json!({"roles": "Security Operator"}), Some(Role::Operator)),
            (json!({"roles": ["Reports Reader", "Global Administrator"]}), Some(Role::Administrator)),
            (json!({"wids": ["194ae4cb-b126-40b2-bd5b-6091b380977d"]}), Some(Role::Administrator)),
            (json!({"wids": ["b79fbf4d-3ef9-4689-8143-76b194e85509"]}), None),
            (json!({"groups": ["Global Administrator"]}), None),
            (json!({"roles": ["global administrator"]}), None),
            (json!({"roles": {"Global Administrator": true}}), None),
            (json!({}), None),
        ] {
            assert_eq!(mappings.roles(&claims(given.clone())).at("t"), role, "{given}");
        }
    }

    #[test]
    fn a_mapping_holds_for_its_tenants_only() {
        let of = |value: &str, role, tenant: &str| Mapping {
            claim: "groups".to_owned(),
            value: value.to_owned(),
            role,
            tenants: vec![tenant.to_owned()],
        };
        let mappings = Mappings::new(vec![of("a", Role::Administrator, "one"), of("b", Role::Reader, "*")]);
        let roles = mappings.roles(&claims(json!({"groups": ["a", "b"]})));
        assert_eq!((roles.at("one"), roles.at("two")), (Some(Role::Administrator), Some(Role::Reader)));
        assert_eq!(mappings.roles(&claims(json!({"groups": ["a"]}))).at("two"), None);
    }
}
