//! Who holds which role, as sets of users between what is sure and what is possible.

use std::collections::{BTreeMap, BTreeSet};

use idscore_access::{Bounds, RoleHolders};
use idscore_catalogue::roles::{GLOBAL_ADMINISTRATOR, PRIVILEGED, is_directory_synchronization, role_name};
use idscore_snapshot::Snapshot;
use roaring::RoaringBitmap;

use crate::directory::Assignment;
use crate::error::{AssessError, reading};

/// Template ids of the roles that count as privileged: our list, and those that Graph marks in beta.
pub(crate) fn privileged_roles(snapshot: &Snapshot) -> Result<BTreeSet<String>, AssessError> {
    let mut roles: BTreeSet<String> = PRIVILEGED.iter().map(|(id, _)| (*id).to_owned()).collect();
    for (id, definition) in reading("role definitions", snapshot.documents("roleDefinition"))? {
        if definition.get("isPrivileged").and_then(serde_json::Value::as_bool) == Some(true) {
            let template = definition.get("templateId").and_then(serde_json::Value::as_str).unwrap_or(&id);
            if !is_directory_synchronization(template) {
                roles.insert(template.to_ascii_lowercase());
            }
        }
    }
    Ok(roles)
}

/// Users by role.
#[derive(Debug, Default)]
pub(crate) struct RoleSets {
    /// Hold Global Administrator tenant-wide now.
    pub global_admins: Bounds,
    /// Hold it, or may activate it.
    pub global_admins_or_eligible: Bounds,
    /// Hold a privileged role now.
    pub privileged_active: Bounds,
    /// Hold one, or may activate one.
    pub privileged_or_eligible: Bounds,
    /// Hold a directory synchronisation role.
    pub directory_sync: Bounds,
    /// Row → names of roles held now.
    pub active_names: BTreeMap<u32, Vec<String>>,
    /// Row → names of roles that can be activated and are not held now.
    pub eligible_names: BTreeMap<u32, Vec<String>>,
}

impl RoleSets {
    pub(crate) fn of(
        holders: &BTreeMap<String, RoleHolders>,
        privileged: &BTreeSet<String>,
        assignments: &[Assignment],
    ) -> Self {
        let mut sets = Self::default();
        for (template_id, holders) in holders {
            if template_id == GLOBAL_ADMINISTRATOR {
                sets.global_admins.add(&holders.active_tenant_wide);
                sets.global_admins_or_eligible.add(&holders.activated_tenant_wide);
            }
            if privileged.contains(template_id) {
                sets.privileged_active.add(&holders.active_any_scope);
                sets.privileged_or_eligible.add(&holders.activated_any_scope);
            }
            if is_directory_synchronization(template_id) {
                sets.directory_sync.add(&holders.active_any_scope);
            }
            let name = name_of(template_id, assignments);
            let put = |names: &mut BTreeMap<u32, Vec<String>>, rows: &RoaringBitmap| {
                for row in rows {
                    names.entry(row).or_default().push(name.clone());
                }
            };
            put(&mut sets.active_names, &holders.active_any_scope.sure);
            put(&mut sets.eligible_names, &(&holders.activated_any_scope.sure - &holders.active_any_scope.sure));
        }
        sets
    }

    /// Holders of a privileged role under a profile.
    pub(crate) fn privileged(&self, as_activated: bool) -> &Bounds {
        if as_activated { &self.privileged_or_eligible } else { &self.privileged_active }
    }
}

fn name_of(template_id: &str, assignments: &[Assignment]) -> String {
    let told = assignments
        .iter()
        .find(|assignment| assignment.role_template_id == template_id && assignment.role_name.is_some())
        .and_then(|assignment| assignment.role_name.clone());
    told.unwrap_or_else(|| role_name(template_id).unwrap_or(template_id).to_owned())
}
