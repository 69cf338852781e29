//! The tables `applications`, `service_principals`, `credentials` and `grants`.

use std::collections::HashMap;

use arrow::array::RecordBatch;
use idscore_catalogue::properties::properties_of;
use serde::Deserializer;

use crate::ReadError;
use crate::derive::credentials::lifetime_in_days;
use crate::derive::permissions::Held;
use crate::graph::{Application, Grant, KeyCredential, PasswordCredential, ServicePrincipal};
use crate::ids::{Id, IdMap, normal};
use crate::instant::{Instant, micros};
use crate::json::{Absences, Elements, List, Presence};
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
        row.text("app_id", application.app_id.as_deref().map(normal).as_deref());
        row.text("display_name", application.display_name.as_deref());
        row.timestamp("created_date_time", micros(application.created_date_time));
        row.text("sign_in_audience", application.sign_in_audience.as_deref());
        row.text("publisher_domain", application.publisher_domain.as_deref());
        // Who owns it is unknown where an owner has no id.
        let known: Option<Option<Vec<_>>> = application
            .owners
            .as_ref()
            .map(|owners| owners.iter().map(|owner| owner.id.as_deref().map(normal)).collect());
        let owners = known.flatten();
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
    let registered = Registered::of(context);
    let none = Held::default();
    let mut row = TableBuilder::new(table("service_principals")?);
    for principal in principals {
        let id = Id::of(&principal.id);
        let home = registered.home(principal);
        row.text("tenant_id", Some(context.tenant_id));
        row.text("id", Some(&normal(&principal.id)));
        row.text("app_id", principal.app_id.as_deref().map(normal).as_deref());
        row.text("display_name", principal.display_name.as_deref());
        row.boolean("account_enabled", principal.account_enabled.or_null(true));
        row.text("service_principal_type", principal.service_principal_type.as_deref());
        let owner = principal.app_owner_organization_id.value().map(|owner| normal(owner));
        row.text("app_owner_organization_id", owner.as_deref());
        let carried = !principal.app_owner_organization_id.is_absent();
        row.boolean("is_first_party", carried.then_some(owner.as_deref() == Some(MICROSOFT)));
        row.boolean(
            "verified_publisher",
            match &principal.verified_publisher {
                Presence::Absent => None,
                Presence::Null => Some(false),
                Presence::Is(publisher) => match publisher.verified_publisher_id {
                    Presence::Absent => None,
                    Presence::Null => Some(false),
                    Presence::Is(_) => Some(true),
                },
            },
        );
        let secrets = |secrets: &Presence<List<PasswordCredential>>| Some(secrets.items()?.len());
        let keys = |keys: &Presence<List<KeyCredential>>| certificates(keys.items()?);
        let of_app = home.credentials(|app| secrets(&app.password_credentials));
        row.integer("password_credential_count", sum(secrets(&principal.password_credentials), of_app));
        let of_app = home.credentials(|app| keys(&app.key_credentials));
        row.integer("key_credential_count", sum(keys(&principal.key_credentials), of_app));
        let all_read = (context.all_read)(&id);
        // Nothing found is no permissions only where all were read.
        let held = context.held.and_then(|held| held.get(&id).or_else(|| all_read.then_some(&none)));
        row.text_list("application_permissions", held.map(|held| held.names.as_slice()));
        row.text_list("tier0_permissions", held.map(Held::tier_0));
        row.text_list("tier1_permissions", held.map(Held::tier_1));
        row.boolean("holds_tier0_permission", held.and_then(|held| held.holds_tier_0(all_read)));
        row.integer("owner_count", home.owner_count());
        row.end_row();
    }
    row.finish()
}

fn sum(own: Option<usize>, of_application: Option<usize>) -> Option<i64> {
    i64::try_from(own?.checked_add(of_application?)?).ok()
}

/// Distinct certificates: the same may stand there twice, for signing and for verifying. None where ids are wanting to tell.
fn certificates(keys: &[KeyCredential]) -> Option<usize> {
    if keys.len() > 1 && keys.iter().any(|key| key.key_id.is_none()) {
        return None;
    }
    let twice = |at: usize, id: &str| keys.iter().take(at).any(|earlier| earlier.key_id.as_deref() == Some(id));
    Some(keys.iter().enumerate().filter(|(at, key)| !key.key_id.as_deref().is_some_and(|id| twice(*at, id))).count())
}

/// The applications of this tenant, by client id.
struct Registered<'a> {
    tenant_id: &'a str,
    by_app: HashMap<Id, &'a Application>,
    /// Every application was read, and says its client id: what is not found does not exist.
    whole: bool,
}

/// Where the application of a service principal is.
enum Home<'a> {
    Here(&'a Application),
    /// In another tenant, or there is none (managed identities).
    Elsewhere,
    Unknown,
}

impl<'a> Registered<'a> {
    fn of(context: &PrincipalContext<'a>) -> Self {
        let applications = context.applications.unwrap_or_default();
        let by_app = applications
            .iter()
            .filter_map(|application| Some((Id::of(application.app_id.as_deref()?), application)))
            .collect();
        let whole = context.applications.is_some() && applications.iter().all(|one| one.app_id.is_some());
        Self { tenant_id: context.tenant_id, by_app, whole }
    }

    fn home(&self, principal: &ServicePrincipal) -> Home<'a> {
        let app_id = principal.app_id.as_deref();
        if let Some(application) = app_id.and_then(|app_id| self.by_app.get(&Id::of(app_id))) {
            return Home::Here(application);
        }
        let owner = principal.app_owner_organization_id.value();
        let foreign = owner.is_some_and(|owner| !owner.eq_ignore_ascii_case(self.tenant_id));
        let without =
            principal.service_principal_type.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("Application"));
        if foreign || without || (self.whole && app_id.is_some()) { Home::Elsewhere } else { Home::Unknown }
    }
}

impl Home<'_> {
    fn credentials(&self, count: impl Fn(&Application) -> Option<usize>) -> Option<usize> {
        match self {
            Self::Here(application) => count(application),
            Self::Elsewhere => Some(0),
            Self::Unknown => None,
        }
    }

    fn owner_count(&self) -> Option<i64> {
        match self {
            Self::Here(application) => application.owners.as_ref().and_then(|owners| i64::try_from(owners.len()).ok()),
            Self::Elsewhere => Some(0),
            Self::Unknown => None,
        }
    }
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
    fn push(
        &mut self,
        owner: Owner,
        secrets: &Presence<List<PasswordCredential>>,
        keys: &Presence<List<KeyCredential>>,
    ) {
        match secrets.items() {
            Some(secrets) => {
                for secret in secrets {
                    self.one(owner, "secret", secret.key_id.as_deref(), secret.start_date_time, secret.end_date_time);
                }
            }
            None => self.unknown(owner, "secret"),
        }
        match keys.items() {
            // Without ids nobody can tell which of them are one certificate.
            Some(keys) if certificates(keys).is_some() => {
                let mut seen: Vec<&str> = Vec::new();
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
            _ => self.unknown(owner, "certificate"),
        }
    }

    /// One row for the secrets or certificates of an object that does not say which it has. Without any row the controls over
    /// this table would find nothing to judge there, and an unread list would look like an empty one. The row is named by the
    /// object, all that is judged of it is NULL, and `uncounted` says that it stands for any number of rows.
    fn unknown(&mut self, owner: Owner, kind: &str) {
        let (object_kind, object_id, name) = owner;
        let row = &mut self.row;
        row.text("tenant_id", Some(self.tenant_id));
        row.text("key_id", Some(&format!("{}:{kind}", normal(object_id))));
        row.text("object_id", Some(&normal(object_id)));
        row.text("object_kind", Some(object_kind));
        row.text("object_display_name", name);
        row.text("type", Some(kind));
        row.boolean("uncounted", Some(true));
        row.end_row();
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
        row.boolean("uncounted", Some(false));
        row.end_row();
    }
}

/// Rows of one chunk of `oauth2PermissionGrants`.
pub(crate) struct GrantRows<'c> {
    tenant_id: &'c str,
    clients: &'c IdMap<String>,
    builder: TableBuilder,
    pub(crate) ids: Vec<Id>,
    pub(crate) absent: Absences,
}

impl<'c> GrantRows<'c> {
    pub(crate) fn new(tenant_id: &'c str, clients: &'c IdMap<String>) -> Result<Self, ReadError> {
        let absent = Absences::of(properties_of("oauth2PermissionGrants"));
        Ok(Self { tenant_id, clients, builder: TableBuilder::new(table("grants")?), ids: Vec::new(), absent })
    }
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ReadError> {
        self.builder.finish()
    }
}

impl Elements for GrantRows<'_> {
    fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
        let grant: Grant = self.absent.read(deserializer)?;
        let row = &mut self.builder;
        row.text("tenant_id", Some(self.tenant_id));
        row.text("id", Some(&grant.id));
        let client = grant.client_id.as_deref();
        row.text("client_id", client.map(normal).as_deref());
        let name = client.and_then(|client| self.clients.get(&Id::of(client)));
        row.text("client_display_name", name.map(String::as_str));
        row.text("consent_type", grant.consent_type.as_deref());
        row.text("principal_id", grant.principal_id.as_deref().map(normal).as_deref());
        row.text("resource_id", grant.resource_id.as_deref().map(normal).as_deref());
        // Blanks before, after and between scopes occur.
        let scopes = (!grant.scope.is_absent()).then(|| grant.scope.value().map_or("", |scope| &**scope));
        row.text_list("scopes", scopes.map(str::split_ascii_whitespace));
        row.end_row();
        self.ids.push(Id::of(&grant.id));
        Ok(())
    }
}
