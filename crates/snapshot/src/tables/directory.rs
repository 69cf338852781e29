//! The tables `groups`, `domains` and `policies`.

use arrow::array::RecordBatch;
use serde::{Deserialize, Deserializer};

use crate::ReadError;
use crate::derive::domains::{authentication_type, effective_validity, root};
use crate::graph::{ConditionalAccessPolicy, Domain, Group};
use crate::ids::{Id, normal};
use crate::instant::micros;
use crate::json::{Caseless, Elements};
use crate::tables::builder::TableBuilder;
use crate::tables::table;

/// Rows of one chunk of `groups`.
pub(crate) struct GroupRows<'c> {
    tenant_id: &'c str,
    names: bool,
    builder: TableBuilder,
    pub(crate) ids: Vec<Id>,
}

impl<'c> GroupRows<'c> {
    pub(crate) fn new(tenant_id: &'c str, names: bool) -> Result<Self, ReadError> {
        Ok(Self { tenant_id, names, builder: TableBuilder::new(table("groups")?), ids: Vec::new() })
    }
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ReadError> {
        self.builder.finish()
    }
}

impl Elements for GroupRows<'_> {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let group = Group::deserialize(Caseless(deserializer))?;
        if group.removed.is_some() {
            return Ok(());
        }
        let row = &mut self.builder;
        row.text("tenant_id", Some(self.tenant_id));
        row.text("id", Some(&normal(&group.id)));
        row.text("display_name", group.display_name.as_deref().filter(|_| self.names));
        row.boolean("security_enabled", group.security_enabled);
        row.boolean("mail_enabled", group.mail_enabled);
        row.text_list("group_types", Some(group.group_types.iter().flatten().map(|kind| &**kind)));
        row.text("visibility", group.visibility.as_deref());
        row.boolean("is_assignable_to_role", group.is_assignable_to_role);
        row.boolean("on_premises_sync_enabled", group.on_premises_sync_enabled);
        row.end_row();
        self.ids.push(Id::of(&group.id));
        Ok(())
    }
}

/// All rows of `domains`.
pub(crate) fn domains(
    tenant_id: &str,
    domains: &[Domain],
    federation: impl Fn(&str) -> Option<String>,
) -> Result<RecordBatch, ReadError> {
    let mut row = TableBuilder::new(table("domains")?);
    for (at, domain) in domains.iter().enumerate() {
        let root_at = root(domains, at);
        let root_id = domains.get(root_at).map_or_else(String::new, |root| root.id.to_ascii_lowercase());
        row.text("tenant_id", Some(tenant_id));
        row.text("id", Some(&domain.id.to_ascii_lowercase()));
        row.text("authentication_type", Some(authentication_type(domain)));
        row.boolean("is_verified", Some(domain.is_verified.unwrap_or(true)));
        row.boolean("is_root", Some(domain.is_root.unwrap_or(root_at == at)));
        row.boolean("is_default", Some(domain.is_default.unwrap_or(false)));
        row.boolean("is_initial", Some(domain.is_initial.unwrap_or(false)));
        row.text("root_id", Some(&root_id));
        row.integer("password_validity_period_in_days", domain.password_validity_period_in_days);
        row.integer("effective_password_validity_period_in_days", effective_validity(domains, at));
        let expanded =
            domain.federation_configuration.iter().find_map(|federation| federation.federated_idp_mfa_behavior.clone());
        row.text("federated_idp_mfa_behavior", expanded.or_else(|| federation(&domain.id)).as_deref());
        row.end_row();
    }
    row.finish()
}

/// All rows of `policies`.
pub(crate) fn policies(tenant_id: &str, policies: &[ConditionalAccessPolicy]) -> Result<RecordBatch, ReadError> {
    let mut row = TableBuilder::new(table("policies")?);
    for policy in policies {
        row.text("tenant_id", Some(tenant_id));
        row.text("id", Some(&normal(&policy.id)));
        row.text("display_name", policy.display_name.as_deref());
        row.text("state", Some(policy.state.as_deref().unwrap_or("unknown")));
        row.timestamp("created_date_time", micros(policy.created_date_time));
        row.timestamp("modified_date_time", micros(policy.modified_date_time));
        row.text("template_id", policy.template_id.as_deref());
        row.end_row();
    }
    row.finish()
}
