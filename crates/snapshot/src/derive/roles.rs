//! Role assignments: plain ones joined with PIM's instances, and names of roles.

use std::collections::HashMap;

use idscore_catalogue::roles::known_roles;

use crate::graph::{DirectoryRole, RoleDefinition, RoleSchedule};
use crate::ids::{Id, normal};
use crate::instant::micros;

/// What is known about a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) template_id: String,
    pub(crate) name: Option<String>,
    pub(crate) built_in: Option<bool>,
}

/// Roles by definition id, from `roleDefinitions` where it was read, else from our own list.
pub(crate) struct Roles(HashMap<Id, Role>);

impl Roles {
    pub(crate) fn of(definitions: &[RoleDefinition]) -> Self {
        let known = known_roles().map(|(id, name)| {
            let role = Role { template_id: id.to_owned(), name: Some(name.to_owned()), built_in: Some(true) };
            (Id::of(id), role)
        });
        let read = definitions.iter().map(|definition| {
            let role = Role {
                template_id: normal(definition.template_id.as_deref().unwrap_or(&definition.id)).into_owned(),
                name: definition.display_name.clone(),
                built_in: definition.is_built_in,
            };
            (Id::of(&definition.id), role)
        });
        Self(known.chain(read).collect())
    }

    /// A role that nobody described is its own template.
    pub(crate) fn get(&self, definition_id: &str) -> Role {
        self.0.get(&Id::of(definition_id)).cloned().unwrap_or_else(|| Role {
            template_id: normal(definition_id).into_owned(),
            name: None,
            built_in: None,
        })
    }
}

/// One row of `role_assignments`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) id: String,
    pub(crate) principal_id: String,
    pub(crate) role_definition_id: String,
    pub(crate) directory_scope_id: String,
    pub(crate) active: bool,
    pub(crate) assignment_type: Option<String>,
    pub(crate) member_type: Option<String>,
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    pub(crate) principal_type: Option<String>,
}

impl Assignment {
    fn of(schedule: &RoleSchedule, active: bool) -> Self {
        let scope = schedule
            .directory_scope_id
            .clone()
            .or_else(|| schedule.app_scope_id.as_ref().map(|app| format!("app:{app}")));
        let scope = scope.unwrap_or_else(|| "/".to_owned());
        let principal_id = normal(&schedule.principal_id).into_owned();
        let role_definition_id = normal(&schedule.role_definition_id).into_owned();
        let frame = schedule.schedule_info.as_ref();
        let end = micros(schedule.end_date_time).or_else(|| {
            micros(frame.and_then(|frame| frame.expiration.as_ref()).and_then(|expiration| expiration.end_date_time))
        });
        Self {
            id: schedule.id.clone().unwrap_or_else(|| format!("{principal_id}:{role_definition_id}:{scope}")),
            directory_scope_id: scope,
            active,
            assignment_type: schedule.assignment_type.clone(),
            member_type: schedule.member_type.clone(),
            start: micros(schedule.start_date_time).or_else(|| micros(frame.and_then(|frame| frame.start_date_time))),
            end,
            principal_type: schedule.principal.as_ref().and_then(|principal| principal.odata_type.clone()),
            principal_id,
            role_definition_id,
        }
    }

    fn key(&self) -> (Id, Id, String) {
        (Id::of(&self.principal_id), Id::of(&self.role_definition_id), self.directory_scope_id.to_ascii_lowercase())
    }

    fn is_inherited(&self) -> bool {
        self.member_type.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("Direct"))
    }

    /// How firmly it is held: assigned without end, assigned until, activated, only the plain assignment.
    fn firmness(&self) -> u8 {
        match self.assignment_type.as_deref() {
            Some(kind) if kind.eq_ignore_ascii_case("Activated") => 1,
            Some(_) if self.end.is_none() => 3,
            Some(_) => 2,
            None => 0,
        }
    }
}

/// `tenant`, `administrativeUnit` or `object`.
pub(crate) fn scope(directory_scope_id: &str) -> &'static str {
    if directory_scope_id == "/" {
        "tenant"
    } else if directory_scope_id.get(..21).is_some_and(|start| start.eq_ignore_ascii_case("/administrativeUnits/")) {
        "administrativeUnit"
    } else {
        "object"
    }
}

/// One row per holder, role and scope: the plain assignments with what the schedule instances add, and instances that
/// have no plain assignment. Of several instances the firmest stands, so that nothing counts twice.
pub(crate) fn active(plain: &[RoleSchedule], instances: &[RoleSchedule]) -> Vec<Assignment> {
    let mut rows: Vec<Assignment> = Vec::new();
    let mut places: HashMap<(Id, Id, String), usize> = HashMap::new();
    for (schedule, is_plain) in
        plain.iter().map(|plain| (plain, true)).chain(instances.iter().map(|instance| (instance, false)))
    {
        let row = Assignment::of(schedule, true);
        match places.get(&row.key()).and_then(|place| rows.get_mut(*place)) {
            // Where the plain assignments were read, the group's own stands for what its members hold through it.
            None if !is_plain && !plain.is_empty() && row.is_inherited() => {}
            None => {
                places.insert(row.key(), rows.len());
                rows.push(row);
            }
            Some(_) if is_plain => {}
            Some(held) if row.firmness() > held.firmness() => {
                let id = std::mem::take(&mut held.id);
                let principal_type = held.principal_type.take().or_else(|| row.principal_type.clone());
                *held = Assignment { id, principal_type, ..row };
            }
            Some(_) => {}
        }
    }
    rows
}

/// Rows for roles that can be activated. Schedules that are no longer provisioned don't count.
pub(crate) fn eligible(schedules: &[RoleSchedule]) -> Vec<Assignment> {
    let mut rows: Vec<Assignment> = Vec::new();
    let mut places: HashMap<(Id, Id, String), usize> = HashMap::new();
    for schedule in schedules {
        if schedule.status.as_deref().is_some_and(|status| !status.eq_ignore_ascii_case("Provisioned")) {
            continue;
        }
        let row = Assignment::of(schedule, false);
        match places.get(&row.key()).and_then(|place| rows.get_mut(*place)) {
            None => {
                places.insert(row.key(), rows.len());
                rows.push(row);
            }
            Some(held) if held.end.is_some() && row.end.is_none() => held.end = None,
            Some(_) => {}
        }
    }
    rows
}

/// Holders of activated roles, where the assignments were refused: tenant-wide, and without any eligibility.
pub(crate) fn from_directory_roles(roles: &[DirectoryRole]) -> Vec<Assignment> {
    let mut rows = Vec::new();
    for role in roles {
        let template = normal(role.role_template_id.as_deref().unwrap_or(&role.id));
        for member in role.members.iter() {
            let principal_id = normal(&member.id).into_owned();
            rows.push(Assignment {
                id: format!("{principal_id}:{template}:/"),
                principal_id,
                role_definition_id: template.clone().into_owned(),
                directory_scope_id: "/".to_owned(),
                active: true,
                assignment_type: None,
                member_type: None,
                start: None,
                end: None,
                principal_type: member.odata_type.clone(),
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedules(json: &str) -> Vec<RoleSchedule> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_plain_assignment_and_its_instance_are_one_row() {
        let plain = schedules(r#"[{"id":"x-1","principalId":"a","roleDefinitionId":"r","directoryScopeId":"/"}]"#);
        let instances = schedules(
            r#"[{"id":"x-2","principalId":"a","roleDefinitionId":"r","directoryScopeId":"/","assignmentType":"Activated","memberType":"Direct","endDateTime":"2026-11-20T16:00:00Z"},
                {"id":"x-3","principalId":"a","roleDefinitionId":"r","directoryScopeId":"/","assignmentType":"Assigned","memberType":"Direct"},
                {"id":"y-1","principalId":"b","roleDefinitionId":"r","directoryScopeId":"/administrativeUnits/u","assignmentType":"Assigned","memberType":"Direct","endDateTime":"2027-01-01T00:00:00Z"},
                {"id":"z-1","principalId":"c","roleDefinitionId":"r","directoryScopeId":"/","assignmentType":"Assigned","memberType":"Group"}]"#,
        );
        let rows = active(&plain, &instances);
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].id.as_str(), rows[0].assignment_type.as_deref(), rows[0].end),
            ("x-1", Some("Assigned"), None)
        );
        assert_eq!(scope(&rows[1].directory_scope_id), "administrativeUnit");
        assert_eq!(active(&plain, &[])[0].assignment_type, None);
        assert_eq!(active(&[], &instances).len(), 3);
    }

    #[test]
    fn only_provisioned_eligibility_counts_and_only_once() {
        let rows = eligible(&schedules(
            r#"[{"principalId":"a","roleDefinitionId":"r","directoryScopeId":"/","endDateTime":"2027-01-01T00:00:00Z"},
                {"principalId":"a","roleDefinitionId":"r","directoryScopeId":"/","status":"Provisioned","scheduleInfo":{"expiration":{"type":"noExpiration"}}},
                {"principalId":"b","roleDefinitionId":"r","directoryScopeId":"/","status":"Revoked"}]"#,
        ));
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].active, rows[0].end), (false, None));
    }

    #[test]
    fn role_names_come_from_the_definitions_else_from_our_list() {
        let definitions: Vec<RoleDefinition> = serde_json::from_str(
            r#"[{"id":"C0","templateId":"C0","displayName":"Desk","isBuiltIn":false},
                {"id":"62E90394-69f5-4237-9190-012177145e10","displayName":"Company Administrator","isBuiltIn":true}]"#,
        )
        .unwrap();
        let roles = Roles::of(&definitions);
        assert_eq!(roles.get("62e90394-69f5-4237-9190-012177145e10").name.as_deref(), Some("Company Administrator"));
        assert_eq!(roles.get("C0").built_in, Some(false));
        let unread = Roles::of(&[]);
        assert_eq!(unread.get("62e90394-69f5-4237-9190-012177145e10").name.as_deref(), Some("Global Administrator"));
        assert_eq!(unread.get("C0"), Role { template_id: "C0".to_owned(), name: None, built_in: None });
    }

    #[test]
    fn holders_of_activated_roles_are_read_when_the_assignments_are_not() {
        let roles: Vec<DirectoryRole> = serde_json::from_str(
            r##"[{"id":"d","roleTemplateId":"62e90394-69f5-4237-9190-012177145e10","members":[{"@odata.type":"#microsoft.graph.user","id":"a"}]}]"##,
        )
        .unwrap();
        let rows = from_directory_roles(&roles);
        assert_eq!(rows[0].role_definition_id, "62e90394-69f5-4237-9190-012177145e10");
        assert_eq!(rows[0].principal_type.as_deref(), Some("#microsoft.graph.user"));
    }
}
