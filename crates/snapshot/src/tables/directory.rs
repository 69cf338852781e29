//! The tables `groups`, `domains` and `policies`.

use arrow::array::RecordBatch;
use idscore_catalogue::properties::properties_of;
use serde::Deserializer;

use crate::ReadError;
use crate::derive::domains::{authentication_type, effective_validity, root};
use crate::graph::{ConditionalAccessPolicy, Domain, Group};
use crate::ids::{Id, normal};
use crate::instant::micros;
use crate::json::{Absences, Elements, Presence};
use crate::tables::builder::TableBuilder;
use crate::tables::table;

/// Rows of one chunk of `groups`.
pub(crate) struct GroupRows<'c> {
    tenant_id: &'c str,
    names: bool,
    builder: TableBuilder,
    pub(crate) ids: Vec<Id>,
    pub(crate) absent: Absences,
    /// Groups that are left out because they are deleted.
    pub(crate) deleted: u64,
}

impl<'c> GroupRows<'c> {
    pub(crate) fn new(tenant_id: &'c str, names: bool) -> Result<Self, ReadError> {
        let absent = Absences::of(properties_of("groups"));
        Ok(Self { tenant_id, names, builder: TableBuilder::new(table("groups")?), ids: Vec::new(), absent, deleted: 0 })
    }
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ReadError> {
        self.builder.finish()
    }
}

impl Elements for GroupRows<'_> {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let group: Group = self.absent.read(deserializer)?;
        if micros(group.deleted_date_time).is_some() {
            self.absent.forget_last();
            self.deleted += 1;
            return Ok(());
        }
        if group.removed.is_some() {
            self.absent.forget_last();
            return Ok(());
        }
        let row = &mut self.builder;
        row.text("tenant_id", Some(self.tenant_id));
        row.text("id", Some(&normal(&group.id)));
        row.text("display_name", group.display_name.as_deref().filter(|_| self.names));
        row.boolean("security_enabled", group.security_enabled);
        row.boolean("mail_enabled", group.mail_enabled);
        let types = match &group.group_types {
            Presence::Absent => None,
            Presence::Null => Some([].as_slice()),
            Presence::Is(types) => Some(types.as_slice()),
        };
        let types = types.filter(|types| types.iter().all(|kind| known_word(kind, GROUP_TYPES).is_some()));
        row.text_list("group_types", types.map(|types| types.iter().map(|kind| &**kind)));
        row.text("visibility", group.visibility.as_deref().and_then(|word| known_word(word, VISIBILITIES)));
        row.boolean("is_assignable_to_role", group.is_assignable_to_role);
        row.boolean("on_premises_sync_enabled", group.on_premises_sync_enabled);
        row.end_row();
        self.ids.push(Id::of(&group.id));
        Ok(())
    }
}

/// The kinds of groups that Graph documents. A list with another word may hold any of them.
const GROUP_TYPES: &[&str] = &["Unified", "DynamicMembership"];
/// Who sees a group, by Graph's words. What another one means is unknown.
const VISIBILITIES: &[&str] = &["Public", "Private", "HiddenMembership"];

/// A word in its documented spelling; none where nobody has seen it.
fn known_word(word: &str, known: &[&'static str]) -> Option<&'static str> {
    known.iter().find(|known| known.eq_ignore_ascii_case(word)).copied()
}

/// All rows of `domains`.
pub(crate) fn domains(
    tenant_id: &str,
    domains: &[Domain],
    federation: impl Fn(&str) -> Option<String>,
) -> Result<RecordBatch, ReadError> {
    let mut row = TableBuilder::new(table("domains")?);
    for (at, domain) in domains.iter().enumerate() {
        let root_id = root(domains, at).and_then(|root| domains.get(root)).map(|root| root.id.to_ascii_lowercase());
        row.text("tenant_id", Some(tenant_id));
        row.text("id", Some(&domain.id.to_ascii_lowercase()));
        row.text("authentication_type", authentication_type(domain));
        row.boolean("is_verified", domain.is_verified);
        row.boolean("is_root", domain.is_root);
        row.boolean("is_default", domain.is_default);
        row.boolean("is_initial", domain.is_initial);
        row.text("root_id", root_id.as_deref());
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
        row.text("state", policy.state.as_deref());
        row.timestamp("created_date_time", micros(policy.created_date_time));
        row.timestamp("modified_date_time", micros(policy.modified_date_time));
        row.text("template_id", policy.template_id.as_deref());
        row.end_row();
    }
    row.finish()
}
