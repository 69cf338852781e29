//! The order in which an export is read: the tenant, what is joined to users, users, and what points at users.

use std::collections::BTreeSet;

use idscore_catalogue::data_sets::DATA_SETS;
use idscore_catalogue::properties::properties_of;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::report::Report;
use super::sets::Reading;
use super::{ReadOptions, counted};
use crate::ReadError;
use crate::derive::roles::{Assignment, Roles, active, eligible, from_directory_roles};
use crate::documents::canonical;
use crate::graph::{
    ConditionalAccessPolicy, DirectoryRole, Domain, FederationConfiguration, Organization, RoleDefinition, RoleSchedule,
};
use crate::ids::{Id, is_guid, normal};
use crate::instant::{Instant, micros, rfc3339};
use crate::json::{Absences, Caseless, Chunks, Elements, read_chunk};
use crate::layout::{DataFile, Layout};
use crate::manifest::{DataSetRecord, DataSetStatus, FORMAT_VERSION, Manifest, TakenAtSource};
use crate::scuba::{self, ScubaExport};
use crate::snapshot::DOCUMENTS;
use crate::source::{FileEntry, Source};
use crate::tables::directory::{domains, policies};
use crate::tables::role_assignments::role_assignments;
use crate::tables::tenant::tenant;
use crate::write::Output;

/// The tenant id of data that don't say whose they are.
const NO_TENANT: &str = "00000000-0000-0000-0000-000000000000";

/// Reads everything and publishes the snapshot.
pub(super) fn run(source: &Source, mut output: Output, options: &ReadOptions) -> Result<Manifest, ReadError> {
    let mut layout = Layout::of(source)?;
    let report = layout.report.as_ref().map(Report::read).transpose()?;
    if !layout.is_usable() {
        if let Some((file, foreign)) = layout.foreign.first() {
            let (what, instead) = (foreign.what, foreign.instead);
            return Err(ReadError::OtherTool { file: file.clone(), what, instead });
        }
        let elsewhere = layout.elsewhere.first();
        let reason = elsewhere.map_or_else(
            || format!("looked at {} files for a data set of Microsoft Graph", source.files.len()),
            |(file, path)| format!("`{file}` holds `{path}`, which is no data set"),
        );
        return Err(ReadError::NothingUsable { path: source.input.display().to_string(), reason });
    }
    let scuba = read_scuba(&mut layout)?;
    let mut reading = Reading::new(options, layout, report);
    reading.take_scuba(&scuba);
    if let Some(first) = reading.layout.unknown.first() {
        let warning = format!(
            "not read for want of a known data set: {}, `{first}` among them",
            counted(reading.layout.unknown.len() as u64, "file")
        );
        reading.warnings.push(warning);
    }

    reading.tell_what_was_left_out();

    let organization = reading.organization()?;
    let tenant_id = reading.tenant_id(organization.as_ref());
    let domain_rows = reading.typed::<Domain>("domains")?;
    one_initial_domain(organization.as_ref(), domain_rows.as_deref().unwrap_or_default())?;
    let mut parts = reading.tenant_parts(tenant_id.clone(), organization, domain_rows.as_deref())?;
    let federation = reading.federation(domain_rows.as_deref().unwrap_or_default())?;
    let behavior = |id: &str| {
        federation.iter().find(|(owner, _)| owner.eq_ignore_ascii_case(id)).and_then(|(_, behavior)| behavior.clone())
    };
    output.write_table("domains", &domains(&tenant_id, domain_rows.as_deref().unwrap_or_default(), behavior)?)?;

    let named_groups = reading.policies(&tenant_id, &mut output)?;
    reading.other_documents()?;
    let principals = reading.workloads(&tenant_id, &mut output)?;
    reading.classified_of(principals.graph, &mut parts.classifications);
    output.write_table("tenant", &tenant(&parts)?)?;

    let context = reading.user_context(&parts)?;
    let users = reading.users(&context, &mut output)?;
    drop(context);
    let groups = reading.groups(&tenant_id, &mut output)?;

    let roles =
        Roles::of(&reading.documented::<RoleDefinition>("roleDefinitions", "roleDefinition")?.unwrap_or_default());
    let assignments = reading.assignments()?;
    let all_principals_read = ["users", "groups", "servicePrincipals"].iter().all(|name| reading.is_complete(name));
    let unsaid = assignments.iter().filter(|assignment| !assignment.is_known()).count();
    if unsaid > 0 {
        let unsaid = counted(unsaid as u64, "assignment");
        reading.warnings.push(format!(
            "`roleAssignments`: without principal, role or scope, so that anybody may hold it: {unsaid}"
        ));
    }
    let scuba_knows = |list: &[(String, Value)], id: &Id| list.iter().any(|(known, _)| Id::of(known) == *id);
    let kind = |id: &Id| {
        if users.contains(id) || scuba_knows(&scuba.users, id) {
            Some("user")
        } else if groups.contains(id) {
            Some("group")
        } else if principals.ids.contains(id) || scuba_knows(&scuba.service_principals, id) {
            Some("servicePrincipal")
        } else {
            all_principals_read.then_some("deleted")
        }
    };
    let of_kind = |expected: &'static str| {
        let principals = assignments.iter().filter_map(|assignment| assignment.principal_id.as_ref());
        principals.filter(move |principal| kind(&Id::of(principal)) == Some(expected))
    };
    let holders: BTreeSet<String> = of_kind("group").cloned().collect();
    let gone = of_kind("deleted").count();
    if gone > 0 {
        let gone = counted(gone as u64, "assignment");
        reading.warnings.push(format!("`roleAssignments`: to a principal that does not exist: {gone}"));
    }
    output.write_table("role_assignments", &role_assignments(&tenant_id, &assignments, &roles, kind)?)?;

    reading.members(&users, &groups, named_groups, &holders, &mut output)?;
    reading.eligibility(&holders, &mut output)?;
    reading.the_rest()?;
    reading.without_owners();

    let (taken_at, taken_at_source) = reading.taken_at(source, scuba.stamp.as_deref())?;
    reading.absent.sort();
    let documents = std::mem::replace(&mut reading.documents, crate::documents::Documents::new(true));
    output.write_table(DOCUMENTS, &documents.finish()?)?;
    let manifest = Manifest {
        format_version: FORMAT_VERSION,
        tenant_id,
        display_name: parts.organization.as_ref().and_then(|organization| organization.display_name.clone()),
        initial_domain: parts.initial_domain.clone(),
        taken_at,
        taken_at_source,
        names: options.names,
        data_sets: reading.records(),
        tables: Vec::new(),
        absent_properties: reading.absent,
        warnings: reading.warnings,
    };
    output.publish(manifest)
}

/// A tenant has one initial domain; another one belongs to another tenant.
fn one_initial_domain(organization: Option<&Organization>, domains: &[Domain]) -> Result<(), ReadError> {
    let verified = organization.iter().flat_map(|organization| organization.verified_domains.iter());
    let own = verified.filter(|domain| domain.is_initial == Some(true)).filter_map(|domain| domain.name.as_deref());
    let listed = domains.iter().filter(|domain| domain.is_initial == Some(true)).map(|domain| domain.id.as_str());
    let mut initial = own.chain(listed);
    let Some(first) = initial.next() else { return Ok(()) };
    match initial.find(|other| !other.eq_ignore_ascii_case(first)) {
        None => Ok(()),
        Some(second) => Err(ReadError::TwoTenants {
            file: "domains".to_owned(),
            first: first.to_owned(),
            second: second.to_owned(),
        }),
    }
}

/// An object and all that it said.
struct Both<T> {
    typed: T,
    value: Value,
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Both<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let typed = T::deserialize(Caseless(&value)).map_err(serde::de::Error::custom)?;
        Ok(Self { typed, value })
    }
}

/// Turns ScubaGear's files into parts in memory that are read like any other file.
fn read_scuba(layout: &mut Layout) -> Result<ScubaExport, ReadError> {
    struct One(Option<Value>);
    impl Elements for One {
        fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
            self.0 = Some(Value::deserialize(deserializer)?);
            Ok(())
        }
    }
    let Some(file) = layout.scuba_gear.first().cloned() else { return Ok(ScubaExport::default()) };
    let mut one = One(None);
    let mut chunks = Chunks::open(&file.name, file.open()?, file.size)?;
    while let Some(chunk) = chunks.next_chunk()? {
        read_chunk(&chunk, &mut one)?;
    }
    let export = scuba::convert(&one.0.unwrap_or_default());
    for set in &export.sets {
        let bytes = serde_json::to_vec(&set.elements).unwrap_or_default();
        let part = FileEntry::of_bytes(&format!("{} ({})", file.name, set.key), &bytes);
        layout.data.entry(set.data_set).or_insert_with(|| vec![DataFile { file: part, owner: None }]);
    }
    Ok(export)
}

impl Reading<'_> {
    /// Files beside the data that are of no use, by what they are.
    fn tell_what_was_left_out(&mut self) {
        for (file, foreign) in &self.layout.foreign {
            self.warnings.push(format!("left out: `{file}` is {}; {}", foreign.what, foreign.instead));
        }
        for (file, path) in &self.layout.elsewhere {
            self.warnings.push(format!("left out: `{file}` holds `{path}`, which is no data set"));
        }
    }

    fn take_scuba(&mut self, scuba: &ScubaExport) {
        if self.layout.scuba_gear.len() > 1 {
            self.warnings.push("several ScubaGear files: only the first was read".to_owned());
        }
        for set in &scuba.sets {
            if let Some(why) = &set.lower_bound {
                self.lower_bounds.insert(set.data_set, why.clone());
            }
        }
        for (kind, list) in [("user", &scuba.users), ("servicePrincipal", &scuba.service_principals)] {
            for (id, said) in list {
                let mut said = said.clone();
                if !self.options.names
                    && let (true, Some(object)) = (kind == "user", said.as_object_mut())
                {
                    object.remove("displayName");
                }
                self.documents.push(kind, id, &said);
            }
        }
        for name in &scuba.failed {
            let set = idscore_catalogue::data_sets::data_set(name);
            let record = DataSetRecord {
                name: (*name).to_owned(),
                rows: 0,
                source: None,
                api_version: None,
                status: DataSetStatus::Failed,
                permission: set.map(|set| set.permission.to_owned()),
                error_code: None,
                message: Some("ScubaGear lists the command among the unsuccessful ones".to_owned()),
            };
            self.records.insert(name, record);
        }
    }

    /// The organisation; two of them, or another one than the report's, are two tenants.
    fn organization(&mut self) -> Result<Option<Organization>, ReadError> {
        struct Found {
            file: String,
            absent: Absences,
            first: Option<(String, Organization)>,
            other: Option<(String, String)>,
        }
        impl Elements for Found {
            fn element<'de, D: Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
                let organization: Organization = self.absent.read(deserializer)?;
                let id = normal(&organization.id).into_owned();
                match &self.first {
                    Some((first, _)) if *first != id => self.other = Some((self.file.clone(), id)),
                    _ => self.first = Some((id, organization)),
                }
                Ok(())
            }
        }
        let reported =
            self.report.as_ref().and_then(|report| report.tenant_id.as_deref()).map(|id| normal(id).into_owned());
        let absent = Absences::of(properties_of("organization"));
        let mut found = Found { file: String::new(), absent, first: None, other: None };
        self.each("organization", &mut found, |found, file| {
            found.file.clone_from(&file.file.name);
            Ok(())
        })?;
        self.lacking("organization", &found.absent);
        let Some((first, organization)) = found.first else { return Ok(None) };
        if let Some((file, second)) = found.other {
            return Err(ReadError::TwoTenants { file, first, second });
        }
        if let Some(reported) = reported.filter(|reported| *reported != first) {
            return Err(ReadError::TwoTenants { file: found.file, first: reported, second: first });
        }
        let happened = micros(organization.created_date_time).max(micros(organization.on_premises_last_sync_date_time));
        self.happened(happened);
        Ok(Some(organization))
    }

    fn tenant_id(&mut self, organization: Option<&Organization>) -> String {
        let reported = self.report.as_ref().and_then(|report| report.tenant_id.as_deref());
        let id =
            organization.map(|organization| organization.id.as_str()).or(reported).map(|id| normal(id).into_owned());
        // A text that is no id could be the name of any folder.
        id.filter(|id| is_guid(id)).unwrap_or_else(|| {
            self.warnings.push("nothing in the export says which tenant it is of".to_owned());
            NO_TENANT.to_owned()
        })
    }

    fn federation(&mut self, domains: &[Domain]) -> Result<Vec<(String, Option<String>)>, ReadError> {
        let found = self.owned::<FederationConfiguration>("federationConfiguration", None)?.unwrap_or_default();
        let found: Vec<_> = found
            .into_iter()
            .filter_map(|(owner, configuration)| Some((owner?, configuration.federated_idp_mfa_behavior)))
            .collect();
        let unread = domains
            .iter()
            .filter(|domain| {
                domain.authentication_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("federated"))
            })
            .filter(|domain| {
                domain.federation_configuration.is_empty()
                    && !found.iter().any(|(owner, _)| owner.eq_ignore_ascii_case(&domain.id))
            })
            .count();
        if unread > 0 {
            let unread = counted(unread as u64, "federated domain");
            self.incomplete("federationConfiguration", format!("not read: {unread}"));
        }
        Ok(found)
    }

    /// Writes `policies` and gives back the groups that policies name, those that are disabled apart: they reach nobody.
    fn policies(&mut self, tenant_id: &str, output: &mut Output) -> Result<BTreeSet<String>, ReadError> {
        let rows = self
            .documented::<Both<ConditionalAccessPolicy>>("policies", "conditionalAccessPolicy")?
            .unwrap_or_default();
        let (rows, documents): (Vec<_>, Vec<_>) =
            rows.into_iter().map(|both| (both.typed, canonical(both.value))).unzip();
        for row in &rows {
            self.happened(micros(row.created_date_time).max(micros(row.modified_date_time)));
        }
        output.write_table("policies", &policies(tenant_id, &rows)?)?;
        let mut groups = BTreeSet::new();
        let is_disabled = |row: &ConditionalAccessPolicy| {
            row.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("disabled"))
        };
        for (_, policy) in rows.iter().zip(documents).filter(|(row, _)| !is_disabled(row)) {
            for list in ["includeGroups", "excludeGroups"] {
                let named = policy.pointer(&format!("/conditions/users/{list}")).and_then(Value::as_array);
                groups.extend(named.into_iter().flatten().filter_map(Value::as_str).map(|id| normal(id).into_owned()));
            }
        }
        Ok(groups)
    }

    fn assignments(&mut self) -> Result<Vec<Assignment>, ReadError> {
        let plain = self.typed::<RoleSchedule>("roleAssignments")?;
        let instances = self.typed::<RoleSchedule>("roleAssignmentScheduleInstances")?;
        let schedules = self.typed::<RoleSchedule>("roleEligibilityScheduleInstances")?;
        let directory_roles = self.typed::<DirectoryRole>("directoryRoles")?;
        for schedule in plain.iter().chain(&instances).flatten() {
            // An assignment that is in force has begun.
            self.happened(micros(schedule.start_date_time));
        }
        let mut rows = match (&plain, &instances, directory_roles) {
            (None, None, Some(roles)) => {
                let rows = from_directory_roles(&roles);
                if let Some(record) = self.records.get_mut("roleAssignments") {
                    record.status = DataSetStatus::LowerBound;
                    record.rows = rows.len() as u64;
                    record.message =
                        Some("read from `directoryRoles`: tenant-wide holders of built-in roles only".to_owned());
                }
                rows
            }
            _ => {
                if plain.is_none() && instances.is_some() {
                    self.assignments_from_instances();
                }
                active(plain.as_deref().unwrap_or_default(), instances.as_deref().unwrap_or_default())
            }
        };
        rows.extend(eligible(schedules.as_deref().unwrap_or_default()));
        Ok(rows)
    }

    /// The plain assignments were refused, but the instances hold every active assignment.
    fn assignments_from_instances(&mut self) {
        let instances = self.records.get("roleAssignmentScheduleInstances").cloned();
        if let (Some(instances), Some(record)) = (instances, self.records.get_mut("roleAssignments")) {
            record.status = instances.status;
            record.rows = instances.rows;
            record.message =
                Some("read from `roleAssignmentScheduleInstances`, which holds every active assignment".to_owned());
        }
    }

    /// Data sets that no column needs are read too, so that damage is found.
    fn the_rest(&mut self) -> Result<(), ReadError> {
        for set in DATA_SETS {
            if !self.records.contains_key(set.name) {
                self.count(set.name)?;
            }
        }
        Ok(())
    }

    fn taken_at(&self, source: &Source, stamp: Option<&str>) -> Result<(String, TakenAtSource), ReadError> {
        let reported = self.report.as_ref().and_then(|report| micros(report.started_at));
        let stamp = stamp.and_then(|stamp| Instant::parse(stamp).and_then(|instant| instant.0));
        let argument = self.options.taken_at.map(jiff::Timestamp::as_microsecond);
        let candidates = [
            (argument, TakenAtSource::Argument),
            (reported, TakenAtSource::Collection),
            (stamp, TakenAtSource::Export),
            (self.newest, TakenAtSource::Data),
        ];
        let found = candidates.into_iter().find_map(|(micros, source)| Some((rfc3339(micros?)?, source)));
        found.ok_or_else(|| ReadError::NoInstant { path: source.input.display().to_string() })
    }

    fn records(&self) -> Vec<DataSetRecord> {
        DATA_SETS.iter().filter_map(|set| self.records.get(set.name).cloned()).collect()
    }
}
