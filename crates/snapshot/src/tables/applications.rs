//! The tables `applications`, `service_principals`, `credentials` and `grants`.

use std::collections::HashMap;

use arrow::array::RecordBatch;
use serde::{Deserialize, Deserializer};

use crate::ReadError;
use crate::derive::credentials::lifetime_in_days;
use crate::derive::permissions::Held;
use crate::graph::{Application, Grant, KeyCredential, PasswordCredential, ServicePrincipal};
use crate::ids::{Id, IdMap, normal};
use crate::instant::{Instant, micros};
use crate::json::{Caseless, Elements, Presence};
use crate::tables::builder::TableBuilder;
use crate::tables::table;

/// The tenant in which Microsoft's own applications live.
const MICROSOFT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/// All rows of `applications`.
pub(crate) fn applications(tenant_id: &str, applications: &[Application]) -> Result<RecordBatch, ReadError> {
    let mut row = TableBuilder::new(table("applications")?);
    for application in applications {
        row.text("tenant_id", Some(tenant_id));
        row.text("id", Some(&normal(&application.id)));
        row.text("app_id", Some(&normal(application.app_id.as_deref().unwrap_or_default())));
        row.text("display_name", application.display_name.as_deref());
        row.timestamp("created_date_time", micros(application.created_date_time));
        row.text("sign_in_audience", application.sign_in_audience.as_deref());
        row.text("publisher_domain", application.publisher_domain.as_deref());
        let owners = application.owners.as_ref().map(|owners| owners.iter().map(|owner| normal(&owner.id)));
        row.text_list("owner_ids", owners);
        row.end_row();
    }
    row.finish()
}

/// What the rows of `service_principals` are made from besides the objects. None: the data set was not read.
pub(crate) struct PrincipalContext<'a> {
    pub(crate) tenant_id: &'a str,
    pub(crate) applications: Option<&'a [Application]>,
    pub(crate) held: Option<&'a HashMap<Id, Held>>,
    /// Whether all permissions of a principal were read.
    pub(crate) all_read: &'a dyn Fn(&Id) -> bool,
}

/// All rows of `service_principals`.
pub(crate) fn service_principals(
    context: &PrincipalContext,
    principals: &[ServicePrincipal],
) -> Result<RecordBatch, ReadError> {
    let by_app: HashMap<Id, &Application> = context
        .applications
        .unwrap_or_default()
        .iter()
        .filter_map(|application| Some((Id::of(application.app_id.as_deref()?), application)))
        .collect();
    let none = Held::default();
    let mut row = TableBuilder::new(table("service_principals")?);
    for principal in principals {
        let id = Id::of(&principal.id);
        let app_id = principal.app_id.as_deref().unwrap_or_default();
        let application = by_app.get(&Id::of(app_id)).copied();
        row.text("tenant_id", Some(context.tenant_id));
        row.text("id", Some(&normal(&principal.id)));
        row.text("app_id", Some(&normal(app_id)));
        row.text("display_name", principal.display_name.as_deref());
        row.boolean("account_enabled", Some(principal.account_enabled.unwrap_or(true)));
        row.text("service_principal_type", principal.service_principal_type.as_deref());
        let owner = principal.app_owner_organization_id.as_deref().map(normal);
        row.text("app_owner_organization_id", owner.as_deref());
        row.boolean("is_first_party", Some(owner.as_deref() == Some(MICROSOFT)));
        row.boolean(
            "verified_publisher",
            match &principal.verified_publisher {
                Presence::Absent => None,
                Presence::Null => Some(false),
                Presence::Is(publisher) => Some(publisher.verified_publisher_id.is_some()),
            },
        );
        let secrets =
            application.map_or(0, |app| app.password_credentials.len()) + principal.password_credentials.len();
        let keys =
            application.map_or(0, |app| certificates(&app.key_credentials)) + certificates(&principal.key_credentials);
        row.integer("password_credential_count", i64::try_from(secrets).ok());
        row.integer("key_credential_count", i64::try_from(keys).ok());
        let all_read = (context.all_read)(&id);
        // Nothing found is no permissions only where all were read.
        let held = context.held.and_then(|held| held.get(&id).or_else(|| all_read.then_some(&none)));
        row.text_list("application_permissions", held.map(|held| held.names.as_slice()));
        row.text_list("tier0_permissions", held.map(Held::tier_0));
        row.text_list("tier1_permissions", held.map(Held::tier_1));
        row.boolean("holds_tier0_permission", held.and_then(|held| held.holds_tier_0(all_read)));
        row.integer("owner_count", owner_count(context, principal, application));
        row.end_row();
    }
    row.finish()
}

/// Distinct certificates: the same may stand there twice, for signing and for verifying.
fn certificates(keys: &[KeyCredential]) -> usize {
    let twice = |at: usize, id: &str| keys.iter().take(at).any(|earlier| earlier.key_id.as_deref() == Some(id));
    keys.iter().enumerate().filter(|(at, key)| !key.key_id.as_deref().is_some_and(|id| twice(*at, id))).count()
}

/// Owners of its application; 0 where the application belongs to another tenant, or there is none (managed identities).
fn owner_count(
    context: &PrincipalContext,
    principal: &ServicePrincipal,
    application: Option<&Application>,
) -> Option<i64> {
    if let Some(application) = application {
        return application.owners.as_ref().and_then(|owners| i64::try_from(owners.len()).ok());
    }
    let foreign = principal
        .app_owner_organization_id
        .as_deref()
        .is_some_and(|owner| !owner.eq_ignore_ascii_case(context.tenant_id));
    let without =
        principal.service_principal_type.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("Application"));
    (foreign || without || context.applications.is_some()).then_some(0)
}

/// All rows of `credentials`.
pub(crate) fn credentials(
    tenant_id: &str,
    applications: &[Application],
    principals: &[ServicePrincipal],
) -> Result<RecordBatch, ReadError> {
    let mut rows = Credentials { tenant_id, row: TableBuilder::new(table("credentials")?) };
    for application in applications {
        let owner = ("application", application.id.as_str(), application.display_name.as_deref());
        rows.push(owner, &application.password_credentials, &application.key_credentials);
    }
    for principal in principals {
        let owner = ("servicePrincipal", principal.id.as_str(), principal.display_name.as_deref());
        rows.push(owner, &principal.password_credentials, &principal.key_credentials);
    }
    rows.row.finish()
}

struct Credentials<'a> {
    tenant_id: &'a str,
    row: TableBuilder,
}

type Owner<'a> = (&'static str, &'a str, Option<&'a str>);

impl Credentials<'_> {
    fn push(&mut self, owner: Owner, secrets: &[PasswordCredential], keys: &[KeyCredential]) {
        let mut seen: Vec<&str> = Vec::new();
        for secret in secrets {
            self.one(owner, "secret", secret.key_id.as_deref(), secret.start_date_time, secret.end_date_time);
        }
        for key in keys {
            // The same certificate may stand there twice, for signing and for verifying.
            if let Some(id) = key.key_id.as_deref() {
                if seen.contains(&id) {
                    continue;
                }
                seen.push(id);
            }
            self.one(owner, "certificate", key.key_id.as_deref(), key.start_date_time, key.end_date_time);
        }
    }

    fn one(&mut self, owner: Owner, kind: &str, key_id: Option<&str>, start: Option<Instant>, end: Option<Instant>) {
        let (object_kind, object_id, name) = owner;
        let (start, end) = (micros(start), micros(end));
        let made_up = format!("{object_id}:{}", self.row.rows());
        let row = &mut self.row;
        row.text("tenant_id", Some(self.tenant_id));
        row.text("key_id", Some(&normal(key_id.unwrap_or(&made_up))));
        row.text("object_id", Some(&normal(object_id)));
        row.text("object_kind", Some(object_kind));
        row.text("object_display_name", name);
        row.text("type", Some(kind));
        row.timestamp("start_date_time", start);
        row.timestamp("end_date_time", end);
        row.integer("lifetime_in_days", lifetime_in_days(start, end));
        row.end_row();
    }
}

/// Rows of one chunk of `oauth2PermissionGrants`.
pub(crate) struct GrantRows<'c> {
    tenant_id: &'c str,
    clients: &'c IdMap<String>,
    builder: TableBuilder,
    pub(crate) ids: Vec<Id>,
}

impl<'c> GrantRows<'c> {
    pub(crate) fn new(tenant_id: &'c str, clients: &'c IdMap<String>) -> Result<Self, ReadError> {
        Ok(Self { tenant_id, clients, builder: TableBuilder::new(table("grants")?), ids: Vec::new() })
    }
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ReadError> {
        self.builder.finish()
    }
}

impl Elements for GrantRows<'_> {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let grant = Grant::deserialize(Caseless(deserializer))?;
        let row = &mut self.builder;
        row.text("tenant_id", Some(self.tenant_id));
        row.text("id", Some(&grant.id));
        row.text("client_id", Some(&normal(&grant.client_id)));
        row.text("client_display_name", self.clients.get(&Id::of(&grant.client_id)).map(String::as_str));
        row.text("consent_type", Some(grant.consent_type.as_deref().unwrap_or("unknown")));
        row.text("principal_id", grant.principal_id.as_deref().map(normal).as_deref());
        row.text("resource_id", Some(&normal(grant.resource_id.as_deref().unwrap_or_default())));
        // Blanks before, after and between scopes occur.
        row.text_list("scopes", Some(grant.scope.as_deref().unwrap_or_default().split_ascii_whitespace()));
        row.end_row();
        self.ids.push(Id::of(&grant.id));
        Ok(())
    }
}
