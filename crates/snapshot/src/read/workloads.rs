//! Reading the tenant's settings, policies that are kept as documents, and applications.

use std::collections::{HashMap, HashSet};

use super::report::Report;
use super::sets::Reading;
use crate::ReadError;
use crate::derive::consent::Classifications;
use crate::derive::permissions::{Held, MICROSOFT_GRAPH, held};
use crate::graph::{
    AppRoleAssignment, Application, AuthenticationMethodsPolicy, Domain, Identified, MethodConfiguration, Organization,
    PermissionClassification, ServicePrincipal,
};
use crate::ids::{Id, IdMap, is_guid, normal};
use crate::instant::micros;
use crate::json::Absences;
use crate::layout::METHOD_CONFIGURATIONS;
use crate::manifest::{DataSetRecord, DataSetStatus};
use crate::tables::applications::{GrantRows, PrincipalContext, applications, credentials, service_principals};
use crate::tables::builder;
use crate::tables::table;
use crate::tables::tenant::TenantParts;
use crate::write::Output;

impl Reading<'_> {
    /// Reads the data sets behind the table `tenant`.
    pub(super) fn tenant_parts(
        &mut self,
        tenant_id: String,
        organization: Option<Organization>,
        domains: Option<&[Domain]>,
    ) -> Result<TenantParts, ReadError> {
        let verified = organization.iter().flat_map(|organization| organization.verified_domains.iter());
        let initial = verified
            .filter(|domain| domain.is_initial == Some(true))
            .find_map(|domain| domain.name.clone())
            .or_else(|| domains?.iter().find(|domain| domain.is_initial == Some(true)).map(|domain| domain.id.clone()));
        let mut parts = TenantParts {
            tenant_id,
            initial_domain: initial,
            organization,
            skus: self.documented("subscribedSkus", "subscribedSku")?,
            security_defaults: self.one("identitySecurityDefaultsEnforcementPolicy", None)?,
            synchronization: self.typed("onPremisesSynchronization")?,
            scores: self.documented("secureScores", "secureScore")?,
            authorization: self.one("authorizationPolicy", Some("authorizationPolicy"))?,
            grant_policies: self.documented("permissionGrantPolicies", "permissionGrantPolicy")?,
            classifications: self.classifications()?,
            admin_consent: self.one("adminConsentRequestPolicy", Some("adminConsentRequestPolicy"))?,
            settings: self.typed("groupSettings")?,
            read_as_user: self.report.as_ref().is_some_and(Report::is_of_a_user),
            methods: self.one("authenticationMethodsPolicy", Some("authenticationMethodsPolicy"))?,
        };
        for score in parts.scores.iter().flatten() {
            self.happened(micros(score.created_date_time));
        }
        if parts.methods.is_none() {
            parts.methods = self.method_configurations()?;
        }
        Ok(parts)
    }

    /// How the tenant classified delegated permissions; of which API they are is known once the service principals are.
    fn classifications(&mut self) -> Result<Classifications, ReadError> {
        const NAME: &str = "delegatedPermissionClassifications";
        let rows = self.owned::<PermissionClassification>(NAME, None)?.unwrap_or_default();
        Ok(Classifications { rows, whole: self.is_complete(NAME), graph: None })
    }

    /// Microsoft Graph's own page has to be among the classifications; files without owners hold them all.
    pub(super) fn classified_of(&self, graph: Option<String>, found: &mut Classifications) {
        let owners = self.owners_read("delegatedPermissionClassifications");
        found.whole &= owners.is_empty() || graph.as_deref().is_some_and(|graph| owners.contains(&Id::of(graph)));
        found.graph = graph;
    }

    /// A data set that is one object.
    fn one<T: serde::de::DeserializeOwned>(
        &mut self,
        name: &'static str,
        kind: Option<&'static str>,
    ) -> Result<Option<T>, ReadError> {
        Ok(self.owned::<T>(name, kind)?.and_then(|mut found| found.pop()).map(|(_, object)| object))
    }

    /// EntraExporter writes every method into a file of its own and leaves out the policy's head.
    fn method_configurations(&mut self) -> Result<Option<AuthenticationMethodsPolicy>, ReadError> {
        if self.files(METHOD_CONFIGURATIONS).is_empty() {
            return Ok(None);
        }
        let found = self.owned::<MethodConfiguration>(METHOD_CONFIGURATIONS, None)?.unwrap_or_default();
        if let Some(record) = self.records.remove(METHOD_CONFIGURATIONS)
            && let Some(policy) = self.records.get_mut("authenticationMethodsPolicy")
        {
            *policy = DataSetRecord { name: std::mem::take(&mut policy.name), rows: 1, ..record };
            if policy.status == DataSetStatus::Complete {
                policy.status = DataSetStatus::LowerBound;
                policy.message = Some("only the methods are in the export, not the head of the policy".to_owned());
            }
        }
        let configurations = found.into_iter().map(|(_, method)| method).collect();
        Ok(Some(AuthenticationMethodsPolicy {
            authentication_method_configurations: crate::json::List(configurations),
            ..AuthenticationMethodsPolicy::default()
        }))
    }

    /// Objects that are only kept as documents.
    pub(super) fn other_documents(&mut self) -> Result<(), ReadError> {
        for (name, kind) in [
            ("namedLocations", "namedLocation"),
            ("authenticationStrengthPolicies", "authenticationStrengthPolicy"),
            ("roleManagementPolicyAssignments", "roleManagementPolicyAssignment"),
            ("default", "crossTenantAccessPolicyConfigurationDefault"),
            ("partners", "crossTenantAccessPolicyConfigurationPartner"),
            ("deviceRegistrationPolicy", "deviceRegistrationPolicy"),
            ("defaultAppManagementPolicy", "tenantAppManagementPolicy"),
            ("appManagementPolicies", "appManagementPolicy"),
            ("definitions", "accessReviewScheduleDefinition"),
            ("secureScoreControlProfiles", "secureScoreControlProfile"),
            ("recommendations", "recommendation"),
        ] {
            self.documented::<Identified>(name, kind)?;
        }
        Ok(())
    }

    /// Writes the four tables about applications and gives back the service principals.
    pub(super) fn workloads(&mut self, tenant_id: &str, output: &mut Output) -> Result<Principals, ReadError> {
        let apps = self.typed::<Application>("applications")?;
        let principals = self.typed::<ServicePrincipal>("servicePrincipals")?;
        for app in apps.iter().flatten() {
            self.happened(micros(app.created_date_time));
        }
        let app_rows = apps.as_deref().unwrap_or_default();
        let principal_rows = principals.as_deref().unwrap_or_default();
        output.write_table("applications", &applications(tenant_id, app_rows)?)?;
        output.write_table("credentials", &credentials(tenant_id, app_rows, principal_rows)?)?;

        let permissions = self.permissions(principal_rows)?;
        let all_read = |id: &Id| permissions.all_read(id);
        let context = PrincipalContext {
            tenant_id,
            applications: apps.as_deref(),
            held: permissions.held.as_ref(),
            all_read: &all_read,
        };
        output.write_table("service_principals", &service_principals(&context, principal_rows)?)?;

        let mut ids = IdMap::default();
        let mut names = IdMap::default();
        for principal in principal_rows {
            ids.insert(Id::of(&principal.id), ());
            if let Some(name) = &principal.display_name {
                names.insert(Id::of(&principal.id), name.clone());
            }
        }
        self.grants(tenant_id, &names, output)?;
        let graph = microsoft_graph(principal_rows).map(|graph| normal(&graph.id).into_owned());
        Ok(Principals { ids, graph })
    }

    /// Who holds which application permission: read once per resource, or once per holder.
    fn permissions(&mut self, principals: &[ServicePrincipal]) -> Result<Permissions, ReadError> {
        let by_resource = self.owned::<AppRoleAssignment>("appRoleAssignedTo", None)?;
        let by_holder = self.owned::<AppRoleAssignment>("appRoleAssignments", None)?;
        if by_resource.is_none() && by_holder.is_none() {
            return Ok(Permissions::default());
        }
        let graph = microsoft_graph(principals);
        let resources = self.owners_read("appRoleAssignedTo");
        let holders = self.owners_read("appRoleAssignments");
        // Where a service principal does not say which application it is, Microsoft Graph's may be among those that were not read.
        let nameless = principals.iter().any(|principal| principal.app_id.is_none());
        // Files without owners hold the assignments of all.
        let resource_read = by_resource.is_some()
            && (resources.is_empty() || graph.map_or(!nameless, |graph| resources.contains(&Id::of(&graph.id))));
        if by_resource.is_some() && !resource_read {
            self.incomplete("appRoleAssignedTo", "the assignments of Microsoft Graph were not read".to_owned());
        }
        let unread = principals.iter().filter(|principal| !holders.contains(&Id::of(&principal.id))).count();
        if by_holder.is_some() && !holders.is_empty() && unread > 0 {
            self.incomplete(
                "appRoleAssignments",
                format!("not read: {}", super::counted(unread as u64, "service principal")),
            );
        }
        let by_holder_all = by_holder.is_some() && holders.is_empty();
        let assignments: Vec<AppRoleAssignment> =
            by_resource.into_iter().chain(by_holder).flatten().map(|(_, assignment)| assignment).collect();
        let resource_complete = resource_read && self.is_complete("appRoleAssignedTo");
        let holders_complete = self.is_complete("appRoleAssignments");
        // A permission that anybody may hold leaves open what each one holds.
        let somebody = |id: &str| is_guid(id) || principals.iter().any(|principal| principal.id == id);
        let nobody = |id: &Option<String>| !id.as_deref().is_some_and(somebody);
        if assignments.iter().any(|assignment| nobody(&assignment.principal_id)) {
            self.warnings.push("an assignment of an application permission does not say who holds it".to_owned());
            let held = Some(held(&assignments, principals));
            return Ok(Permissions { held, everybody: false, holders: HashSet::new() });
        }
        Ok(Permissions {
            held: Some(held(&assignments, principals)),
            everybody: resource_complete || (by_holder_all && holders_complete),
            holders,
        })
    }

    fn owners_read(&self, name: &str) -> HashSet<Id> {
        self.files(name).iter().filter_map(|file| file.owner.as_deref()).map(Id::of).collect()
    }

    fn grants(&mut self, tenant_id: &str, names: &IdMap<String>, output: &mut Output) -> Result<(), ReadError> {
        let mut writer = output.table("grants", &builder::schema(table("grants")?))?;
        let mut index: HashMap<Id, usize> = HashMap::new();
        let (mut rows, mut replaced, mut absent) = (0_usize, Vec::new(), Absences::default());
        self.parallel(
            "oauth2PermissionGrants",
            |_| GrantRows::new(tenant_id, names),
            |mut chunk: GrantRows| {
                writer.write(&chunk.finish()?)?;
                absent.add(&chunk.absent);
                for id in chunk.ids {
                    replaced.extend(index.insert(id, rows));
                    rows += 1;
                }
                Ok(())
            },
        )?;
        self.lacking("oauth2PermissionGrants", &absent);
        output.finish_table(writer)?;
        if !replaced.is_empty() {
            replaced.sort_unstable();
            output.rewrite("grants", |row| replaced.binary_search(&row).is_err())?;
            self.duplicates("oauth2PermissionGrants", replaced.len() as u64);
        }
        Ok(())
    }
}

/// The service principals of the tenant.
pub(super) struct Principals {
    pub(super) ids: IdMap<()>,
    /// The id of Microsoft Graph's.
    pub(super) graph: Option<String>,
}

fn microsoft_graph(principals: &[ServicePrincipal]) -> Option<&ServicePrincipal> {
    principals
        .iter()
        .find(|principal| principal.app_id.as_deref().is_some_and(|app| app.eq_ignore_ascii_case(MICROSOFT_GRAPH)))
}

/// Application permissions as far as they were read.
#[derive(Default)]
struct Permissions {
    held: Option<HashMap<Id, Held>>,
    /// Every holder's permissions on Microsoft Graph were read.
    everybody: bool,
    holders: HashSet<Id>,
}

impl Permissions {
    fn all_read(&self, holder: &Id) -> bool {
        self.everybody || self.holders.contains(holder)
    }
}
