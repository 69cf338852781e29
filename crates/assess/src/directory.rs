//! From a snapshot to the directory that policies are applied to.

use std::collections::{BTreeSet, HashMap, HashSet};

use idscore_access::{
    Access, Directory, GroupMembers, Names, PerUserMfa, Referenced, RoleAssignment, Settings, is_guid,
};
use idscore_snapshot::{DataSetStatus, Manifest, Snapshot};
use roaring::RoaringBitmap;
use serde_json::Value;

use crate::batch::{Booleans, Instants, Texts};
use crate::data_sets::DataSets;
use crate::error::{AssessError, reading};
use crate::facts::UserFacts;

/// One role assignment, as far as judging needs it.
#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    pub principal_id: String,
    pub role_template_id: String,
    pub role_name: Option<String>,
    pub built_in: Option<bool>,
    /// `tenant`, `administrativeUnit` or `object`.
    pub scope: String,
    pub active: bool,
    /// Held without an end and not just activated; `None` where the schedules were not read.
    pub permanent: Option<bool>,
    /// `user`, `group`, `servicePrincipal`, `deleted`.
    pub principal_kind: Option<String>,
}

impl Assignment {
    /// Whether it says who holds which role where; one that doesn't may be anybody's, of any role.
    pub(crate) fn is_known(&self) -> bool {
        ![&self.principal_id, &self.role_template_id, &self.scope].into_iter().any(String::is_empty)
    }
}

/// All role assignments of the snapshot. Without Privileged Identity Management every assignment is permanent.
pub(crate) fn assignments(snapshot: &Snapshot, data_sets: &DataSets<'_>) -> Result<Vec<Assignment>, AssessError> {
    let only_permanent = data_sets.empty_without_license("roleAssignmentScheduleInstances");
    const COLUMNS: &[&str] = &[
        "principal_id",
        "role_template_id",
        "role_name",
        "is_built_in",
        "scope",
        "state",
        "assignment_type",
        "end_date_time",
        "principal_kind",
    ];
    let mut assignments = Vec::new();
    for batch in reading("role_assignments", snapshot.read("role_assignments", COLUMNS))? {
        let batch = reading("role_assignments", batch)?;
        let text = |name| Texts::of(&batch, name);
        let (built_in, end) = (Booleans::of(&batch, "is_built_in"), Instants::of(&batch, "end_date_time"));
        for row in 0..batch.num_rows() {
            let required = |name| text(name).get(row).unwrap_or_default().to_owned();
            let assignment_type = text("assignment_type").get(row);
            assignments.push(Assignment {
                principal_id: required("principal_id"),
                role_template_id: required("role_template_id"),
                role_name: text("role_name").get(row).map(str::to_owned),
                built_in: built_in.get(row),
                scope: required("scope"),
                active: text("state").get(row) == Some("active"),
                permanent: match assignment_type {
                    Some(kind) => Some(kind != "Activated" && end.get(row).is_none()),
                    None => only_permanent.then_some(true),
                },
                principal_kind: text("principal_kind").get(row).map(str::to_owned),
            });
        }
    }
    Ok(assignments)
}

/// Everything that policies are applied to, in the form that `idscore_access` takes.
pub(crate) fn directory(
    snapshot: &Snapshot,
    data_sets: &DataSets<'_>,
    facts: &UserFacts,
    assignments: &[Assignment],
    tenant: &TenantFacts,
    groups: HashMap<String, GroupMembers>,
    named: &Referenced,
) -> Result<Directory, AssessError> {
    // An assignment for a single object, such as one application, makes nobody an administrator of people.
    let of_state = |active: bool| {
        let chosen = assignments
            .iter()
            .filter(|assignment| assignment.is_known() && assignment.active == active && assignment.scope != "object");
        chosen
            .map(|assignment| RoleAssignment {
                principal_id: assignment.principal_id.clone(),
                role_template_id: assignment.role_template_id.clone(),
                built_in: assignment.built_in,
                tenant_wide: assignment.scope == "tenant",
            })
            .collect::<Vec<_>>()
    };
    let eligible_known = data_sets.some("roleEligibilityScheduleInstances")
        || data_sets.empty_without_license("roleEligibilityScheduleInstances");
    let lower_bound = |name| data_sets.some(name) && !data_sets.whole(name);
    Ok(Directory {
        user_count: facts.count,
        user_rows: facts.rows.clone(),
        all_users_read: data_sets.whole("users"),
        user_names: if data_sets.whole("users") { facts.names.clone() } else { Names::default() },
        group_names: if data_sets.whole("groups") { group_names(snapshot, named)? } else { Names::default() },
        role_names: if data_sets.whole("roleDefinitions") { role_names(snapshot)? } else { Names::default() },
        internal_guests: facts.internal_guests.clone(),
        b2b_guests: facts.b2b_guests.clone(),
        b2b_members: facts.b2b_members.clone(),
        guests_or_external: facts.guests_or_external.clone(),
        groups,
        known_groups: known_groups(snapshot, data_sets)?,
        role_assignments: data_sets.some("roleAssignments").then(|| of_state(true)),
        role_assignments_are_lower_bound: lower_bound("roleAssignments")
            || lower_bound("roleEligibilityScheduleInstances")
            || !assignments.iter().all(Assignment::is_known),
        eligible_assignments: eligible_known.then(|| of_state(false)),
        group_eligibility: group_eligibility(snapshot)?,
        security_defaults: tenant.security_defaults,
        tenant_created_after_2026_07_01: tenant.created.map(|created| created >= SECURITY_DEFAULTS_BLOCK_DEVICE_CODE),
        per_user_mfa: data_sets.whole("requirements").then(|| PerUserMfa {
            enforced: facts.per_user_mfa_enforced.clone(),
            enabled: facts.per_user_mfa_enabled.clone(),
        }),
        mfa_registered: data_sets.whole("userRegistrationDetails").then(|| facts.mfa_registered.clone()),
    })
}

/// 2026-07-01T00:00:00Z in microseconds: tenants created since then block the device code flow by security defaults.
const SECURITY_DEFAULTS_BLOCK_DEVICE_CODE: i64 = 1_782_864_000_000_000;

/// What the tenant row says about Conditional Access.
#[derive(Debug, Clone, Default)]
pub(crate) struct TenantFacts {
    pub has_p1: Option<bool>,
    pub has_p2: Option<bool>,
    pub security_defaults: Option<bool>,
    pub created: Option<i64>,
}

impl TenantFacts {
    pub(crate) fn read(snapshot: &Snapshot) -> Result<Self, AssessError> {
        const COLUMNS: &[&str] = &["has_p1", "has_p2", "security_defaults_enabled", "created_date_time"];
        let mut facts = Self::default();
        for batch in reading("tenant", snapshot.read("tenant", COLUMNS))? {
            let batch = reading("tenant", batch)?;
            facts.has_p1 = Booleans::of(&batch, "has_p1").get(0);
            facts.has_p2 = Booleans::of(&batch, "has_p2").get(0);
            facts.security_defaults = Booleans::of(&batch, "security_defaults_enabled").get(0);
            facts.created = Instants::of(&batch, "created_date_time").get(0);
        }
        Ok(facts)
    }
}

impl TenantFacts {
    /// The same where half a list of licences does not tell that one is missing.
    pub(crate) fn with_whole_licences(mut self, manifest: &Manifest) -> Self {
        if !manifest.data_set("subscribedSkus").is_some_and(|record| record.status == DataSetStatus::Complete) {
            (self.has_p1, self.has_p2) = (self.has_p1.filter(|owned| *owned), self.has_p2.filter(|owned| *owned));
        }
        self
    }
}

/// Direct members of the groups that were asked for.
pub(crate) fn groups(snapshot: &Snapshot) -> Result<HashMap<String, GroupMembers>, AssessError> {
    let read = reading("group members", snapshot.group_members())?;
    let members = read.into_iter().map(|group| {
        let members = GroupMembers { users: group.users, groups: group.groups, complete: group.complete };
        (group.group_id, members)
    });
    Ok(members.collect())
}

/// Names of groups, where policies name groups by anything but an id.
fn group_names(snapshot: &Snapshot, named: &Referenced) -> Result<Names, AssessError> {
    let mut names = Names::default();
    if named.groups.iter().all(|id| is_guid(id)) {
        return Ok(names);
    }
    for batch in reading("groups", snapshot.read("groups", &["id", "display_name"]))? {
        let batch = reading("groups", batch)?;
        let (id, name) = (Texts::of(&batch, "id"), Texts::of(&batch, "display_name"));
        for row in 0..batch.num_rows() {
            if let (Some(id), Some(name)) = (id.get(row), name.get(row)) {
                names.add(name, id);
            }
        }
    }
    Ok(names)
}

/// Names of all roles, held or not.
fn role_names(snapshot: &Snapshot) -> Result<Names, AssessError> {
    let mut names = Names::default();
    for (id, definition) in reading("role definitions", snapshot.documents("roleDefinition"))? {
        let text = |member: &str| definition.get(member).and_then(Value::as_str);
        if let Some(name) = text("displayName") {
            names.add(name, &text("templateId").unwrap_or(&id).to_ascii_lowercase());
        }
    }
    Ok(names)
}

/// Names of applications, where policies name one by anything but an id or a documented word.
pub(crate) fn app_names(
    snapshot: &Snapshot,
    data_sets: &DataSets<'_>,
    policies: &[Value],
) -> Result<Names, AssessError> {
    let mut names = Names::default();
    let unknown = Access::new(policies, None, None, Settings::default()).unknown_apps();
    if unknown.is_empty() || !data_sets.whole("servicePrincipals") {
        return Ok(names);
    }
    for batch in reading("service_principals", snapshot.read("service_principals", &["app_id", "display_name"]))? {
        let batch = reading("service_principals", batch)?;
        let (id, name) = (Texts::of(&batch, "app_id"), Texts::of(&batch, "display_name"));
        for row in 0..batch.num_rows() {
            if let (Some(id), Some(name)) = (id.get(row), name.get(row)) {
                names.add(name, id);
            }
        }
    }
    Ok(names)
}

fn known_groups(snapshot: &Snapshot, data_sets: &DataSets<'_>) -> Result<Option<HashSet<String>>, AssessError> {
    if !data_sets.whole("groups") {
        return Ok(None);
    }
    let mut ids = HashSet::new();
    for batch in reading("groups", snapshot.read("groups", &["id"]))? {
        let batch = reading("groups", batch)?;
        let id = Texts::of(&batch, "id");
        ids.extend((0..batch.num_rows()).filter_map(|row| id.get(row)).map(str::to_owned));
    }
    Ok(Some(ids))
}

fn group_eligibility(snapshot: &Snapshot) -> Result<HashMap<String, Vec<String>>, AssessError> {
    let mut eligible = HashMap::<String, Vec<String>>::new();
    for entry in reading("group eligibility", snapshot.group_eligibility())? {
        if entry.access_id != "owner" {
            eligible.entry(entry.group_id).or_default().push(entry.principal_id);
        }
    }
    Ok(eligible)
}

/// The ids that must get a row number: holders of roles and members of eligible groups.
pub(crate) fn named_principals(
    snapshot: &Snapshot,
    assignments: &[Assignment],
) -> Result<BTreeSet<String>, AssessError> {
    let mut ids: BTreeSet<String> = assignments.iter().map(|assignment| assignment.principal_id.clone()).collect();
    for entry in reading("group eligibility", snapshot.group_eligibility())? {
        ids.insert(entry.principal_id);
    }
    Ok(ids)
}

/// The users in declared groups, directly or through other groups: they get checked one by one.
pub(crate) fn members_of_declared_groups(groups: &HashMap<String, GroupMembers>, declared: &[&str]) -> RoaringBitmap {
    let mut users = RoaringBitmap::new();
    let mut seen = HashSet::new();
    let mut open: Vec<String> = declared.iter().map(|id| id.to_ascii_lowercase()).collect();
    while let Some(id) = open.pop() {
        let Some(group) = groups.get(&id).filter(|_| seen.insert(id.clone())) else { continue };
        users |= &group.users;
        open.extend(group.groups.iter().cloned());
    }
    users
}
