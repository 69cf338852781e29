//! Who holds which role, as sets of users between what is sure and what is possible.

use std::collections::{BTreeMap, BTreeSet};

use idscore_access::{Bounds, Prepared, RoleHolders};
use idscore_catalogue::roles::{
    DIRECTORY_SYNCHRONIZATION, GLOBAL_ADMINISTRATOR, GLOBAL_READER, PRIVILEGED, actions_are_privileged,
    is_directory_synchronization, role_name,
};
use idscore_snapshot::Snapshot;
use roaring::RoaringBitmap;
use serde_json::Value;

use crate::directory::Assignment;
use crate::error::{AssessError, reading};

/// The roles that count as privileged: our list, and those that Graph marks in beta.
pub(crate) fn privileged_roles(snapshot: &Snapshot) -> Result<PrivilegedRoles, AssessError> {
    let definitions = reading("role definitions", snapshot.documents("roleDefinition"))?;
    Ok(PrivilegedRoles::of(definitions.iter().map(|(id, definition)| (id.as_str(), definition))))
}

/// Roles by whether they count as privileged.
#[derive(Debug, Default)]
pub(crate) struct PrivilegedRoles {
    /// Template ids of those that do.
    pub sure: BTreeSet<String>,
    /// Template ids of those that Graph says are not; any other role may be, where `isPrivileged` was not read.
    pub not: BTreeSet<String>,
    /// Custom roles without that mark, by whether what they allow is privileged.
    custom: BTreeMap<String, bool>,
}

impl PrivilegedRoles {
    fn of<'d>(definitions: impl Iterator<Item = (&'d str, &'d Value)>) -> Self {
        let mut roles = Self::default();
        roles.sure.extend(PRIVILEGED.iter().map(|(id, _)| (*id).to_owned()));
        for (id, definition) in definitions {
            let template = definition.get("templateId").and_then(Value::as_str).unwrap_or(id).to_ascii_lowercase();
            match definition.get("isPrivileged").and_then(Value::as_bool) {
                Some(true) if !is_directory_synchronization(&template) => {
                    roles.sure.insert(template);
                }
                Some(false) => {
                    roles.not.insert(template);
                }
                _ if definition.get("isBuiltIn").and_then(Value::as_bool) == Some(false) => {
                    let allowed = allowed_actions(definition).and_then(actions_are_privileged);
                    roles.custom.extend(allowed.map(|privileged| (template, privileged)));
                }
                _ => {}
            }
        }
        roles
    }

    /// Whether a role is an administrator's, other than Global Administrator: privileged by our list or Graph's mark; a custom
    /// role without the mark, by what it allows. `None` where none of them tells.
    pub(crate) fn is_task_role(&self, template_id: &str) -> Option<bool> {
        if [GLOBAL_ADMINISTRATOR, GLOBAL_READER].contains(&template_id) || is_directory_synchronization(template_id) {
            Some(false)
        } else if self.sure.contains(template_id) {
            Some(true)
        } else if self.not.contains(template_id) {
            Some(false)
        } else {
            self.custom.get(template_id).copied()
        }
    }

    /// Whether a role may be privileged although nothing read says so.
    pub(crate) fn may_be(&self, template_id: &str) -> bool {
        !self.sure.contains(template_id)
            && !self.not.contains(template_id)
            && !is_directory_synchronization(template_id)
    }
}

/// Every action that a definition allows; `None` where one of its parts was not read.
fn allowed_actions(definition: &Value) -> Option<Vec<&str>> {
    let mut actions = Vec::new();
    for permission in definition.get("rolePermissions")?.as_array()? {
        for action in permission.get("allowedResourceActions")?.as_array()? {
            actions.push(action.as_str()?);
        }
    }
    Some(actions)
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
    /// Hold now, or may activate, a role of which it was not read whether it is privileged.
    pub perhaps_privileged_active: RoaringBitmap,
    pub perhaps_privileged_or_eligible: RoaringBitmap,
    /// Hold a directory synchronisation role.
    pub directory_sync: Bounds,
    /// Row → names of roles held now.
    pub active_names: BTreeMap<u32, Vec<String>>,
    /// Row → names of roles that can be activated and are not held now.
    pub eligible_names: BTreeMap<u32, Vec<String>>,
}

impl RoleSets {
    pub(crate) fn of(prepared: &Prepared<'_>, privileged: &PrivilegedRoles, assignments: &[Assignment]) -> Self {
        let mut sets = Self::default();
        let read = prepared.role_holders();
        // Roles of which no assignment was read: nobody holds them, unless assignments may be missing.
        let unread = |template_id: &str| (template_id.to_owned(), prepared.holders(template_id).clone());
        let named = PRIVILEGED.iter().chain(&DIRECTORY_SYNCHRONIZATION).map(|(id, _)| *id);
        let unread: Vec<(String, RoleHolders)> = named.filter(|id| !read.contains_key(*id)).map(unread).collect();
        let unread = unread.iter().map(|(template_id, holders)| (template_id, holders));
        for (template_id, holders) in read.iter().chain(unread) {
            if template_id == GLOBAL_ADMINISTRATOR {
                sets.global_admins.add(&holders.active_tenant_wide);
                sets.global_admins_or_eligible.add(&holders.activated_tenant_wide);
            }
            if privileged.may_be(template_id) {
                sets.perhaps_privileged_active |= &holders.active_any_scope.possible;
                sets.perhaps_privileged_or_eligible |= &holders.activated_any_scope.possible;
            }
            if privileged.sure.contains(template_id) {
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

    /// The same where a role may be privileged as long as Graph's `isPrivileged` does not say otherwise.
    pub(crate) fn proven_privileged(&self, as_activated: bool) -> Bounds {
        let perhaps = if as_activated { &self.perhaps_privileged_or_eligible } else { &self.perhaps_privileged_active };
        let Bounds { sure, possible } = self.privileged(as_activated);
        Bounds { sure: sure.clone(), possible: possible | perhaps }
    }
}

fn name_of(template_id: &str, assignments: &[Assignment]) -> String {
    let told = assignments
        .iter()
        .find(|assignment| assignment.role_template_id == template_id && assignment.role_name.is_some())
        .and_then(|assignment| assignment.role_name.clone());
    told.unwrap_or_else(|| role_name(template_id).unwrap_or(template_id).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn marks(definitions: &[Value]) -> PrivilegedRoles {
        PrivilegedRoles::of(definitions.iter().map(|definition| (definition["id"].as_str().unwrap(), definition)))
    }

    #[test]
    fn a_role_goes_by_template_id_and_graphs_mark_and_never_by_its_name() {
        let marks = marks(&[
            json!({"id": "A", "templateId": "Intune", "displayName": "Intune", "isBuiltIn": true, "isPrivileged": true}),
            json!({"id": "b", "displayName": "Knowledge Administrator", "isBuiltIn": true, "isPrivileged": false}),
            json!({"id": "c", "displayName": "Teams Administrator", "isBuiltIn": true}),
            json!({"id": "d", "displayName": "Security Reader", "isBuiltIn": true, "isPrivileged": true}),
            json!({"id": GLOBAL_READER, "displayName": "Global Reader", "isBuiltIn": true, "isPrivileged": true}),
            json!({"id": GLOBAL_ADMINISTRATOR, "isBuiltIn": true, "isPrivileged": true}),
            json!({"id": "d29b2b05-8046-44ba-8758-1e26182fcf32", "isBuiltIn": true, "isPrivileged": true}),
        ]);
        for (role, expected) in [
            ("intune", Some(true)),
            ("b", Some(false)),
            ("c", None),
            ("d", Some(true)),
            (GLOBAL_READER, Some(false)),
            (GLOBAL_ADMINISTRATOR, Some(false)),
            ("d29b2b05-8046-44ba-8758-1e26182fcf32", Some(false)),
            ("a92aed5d-d78a-4d16-b381-09adb37eb3b0", Some(false)),
            // Exchange Administrator, which Graph does not mark.
            ("29232cdf-9323-42fd-ade2-1d097af3e4de", Some(true)),
            ("unheard-of", None),
        ] {
            assert_eq!(marks.is_task_role(role), expected, "{role}");
        }
    }

    #[test]
    fn a_custom_role_without_a_mark_goes_by_what_it_allows() {
        let custom = |permissions: Value| {
            let mut role = json!({"id": "x", "isBuiltIn": false, "displayName": "Desk Administrator"});
            role["rolePermissions"] = permissions;
            marks(&[role]).is_task_role("x")
        };
        let allows = |action: &str| json!([{"allowedResourceActions": [action]}]);
        assert_eq!(custom(allows("microsoft.directory/applications/credentials/update")), Some(true));
        assert_eq!(custom(allows("microsoft.directory/groups/standard/read")), Some(false));
        assert_eq!(custom(allows("microsoft.directory/groups/members/update")), None);
        assert_eq!(custom(json!([{}])), None, "what it allows was not read");
        assert_eq!(custom(Value::Null), None);
        assert_eq!(marks(&[]).is_task_role("x"), None);
    }
}
