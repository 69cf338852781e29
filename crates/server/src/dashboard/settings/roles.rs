//! Which group or app role brings which role here, as `sign-in.toml` says it.

use idscore_oidc::{Mapping, Provider};
use idscore_store::Role;
use idscore_words::texts::Texts;

pub(super) struct Part {
    /// Who vouches for people.
    pub(super) issuer: String,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) claim: String,
    pub(super) value: String,
    /// What people call the value, where it is the id of one of Microsoft's roles.
    pub(super) name: Option<&'static str>,
    pub(super) role: String,
    pub(super) tenants: String,
}

pub(super) fn part(t: Texts, provider: &Provider) -> Part {
    let rows = provider.mappings().iter().map(|mapping| row(t, mapping)).collect();
    Part { issuer: provider.issuer().to_owned(), rows }
}

fn row(t: Texts, mapping: &Mapping) -> Row {
    let role = t.say(match mapping.role {
        Role::Reader => "menu-role-reader",
        Role::Operator => "menu-role-operator",
        Role::Administrator => "menu-role-administrator",
    });
    let tenants = if mapping.everywhere() { t.say("settings-every-tenant") } else { mapping.tenants.join(", ") };
    Row { claim: mapping.claim.clone(), value: mapping.value.clone(), name: mapping.template_of(), role, tenants }
}
