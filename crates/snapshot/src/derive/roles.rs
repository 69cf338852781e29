//! Role assignments: plain ones joined with PIM's instances, and names of roles.

use std::collections::HashMap;

use idscore_catalogue::roles::known_roles;

use crate::graph::{DirectoryRole, RoleDefinition, RoleSchedule};
use crate::ids::{Id, is_guid, normal};
use crate::instant::micros;

/// What is known about a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// None where an assignment does not say which role it gives.
    pub(crate) template_id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) built_in: Option<bool>,
}

/// Roles by definition id, from `roleDefinitions` where it was read, else from our own list.
pub(crate) struct Roles(HashMap<Id, Role>);

impl Roles {
    pub(crate) fn of(definitions: &[RoleDefinition]) -> Self {
        let known = known_roles().map(|(id, name)| {
            let role = Role { template_id: Some(id.to_owned()), name: Some(name.to_owned()), built_in: Some(true) };
            (Id::of(id), role)
        });
        let read = definitions.iter().map(|definition| {
            let role = Role {
                // A text that is no id says no more than an absent one.
                template_id: Some(
                    normal(definition.template_id.as_deref().filter(|id| is_guid(id)).unwrap_or(&definition.id))
                        .into_owned(),
                ),
                name: definition.display_name.clone(),
                built_in: definition.is_built_in,
            };
            (Id::of(&definition.id), role)
        });
        Self(known.chain(read).collect())
    }

    /// A role that no definition describes is its own template.
    pub(crate) fn get(&self, definition_id: Option<&str>) -> Role {
        let described = definition_id.and_then(|id| self.0.get(&Id::of(id)));
        described.cloned().unwrap_or_else(|| Role {
            template_id: definition_id.filter(|id| is_guid(id)).map(|id| normal(id).into_owned()),
            name: None,
            built_in: None,
        })
    }
}

/// One row of `role_assignments`. Whoever holds an assignment without a principal is anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) id: String,
    pub(crate) principal_id: Option<String>,
    pub(crate) role_definition_id: Option<String>,
    pub(crate) directory_scope_id: Option<String>,
    pub(crate) active: bool,
    pub(crate) assignment_type: Option<String>,
    pub(crate) member_type: Option<String>,
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
    /// Whether it said when it ends, if only that it doesn't.
    end_known: bool,
    pub(crate) principal_type: Option<String>,
}

impl Assignment {
    fn of(schedule: &RoleSchedule, active: bool) -> Self {
        let scope = schedule
            .directory_scope_id
            .clone()
            .or_else(|| schedule.app_scope_id.as_ref().map(|app| format!("app:{app}")))
            // Scopes are paths; what another word covers is unknown.
            .filter(|scope| scope.starts_with('/') || scope.starts_with("app:"));
        let id = |id: &Option<String>| id.as_deref().filter(|id| !id.is_empty()).map(|id| normal(id).into_owned());
        let (principal_id, role_definition_id) = (id(&schedule.principal_id), id(&schedule.role_definition_id));
        let frame = schedule.schedule_info.as_ref();
        let end = micros(schedule.end_date_time.value().copied()).or_else(|| {
            micros(frame.and_then(|frame| frame.expiration.as_ref()).and_then(|expiration| expiration.end_date_time))
        });
        let endless =
            frame.and_then(|frame| frame.expiration.as_ref()).and_then(|expiration| expiration.kind.as_deref());
        let endless = endless.is_some_and(|kind| kind.eq_ignore_ascii_case("noExpiration"));
        let end_known = !schedule.end_date_time.is_absent() || end.is_some() || endless;
        Self {
            id: schedule.id.clone().unwrap_or_else(|| made_up_id([&principal_id, &role_definition_id, &scope])),
            directory_scope_id: scope,
            active,
            assignment_type: schedule.assignment_type.clone(),
            member_type: schedule.member_type.clone(),
            start: micros(schedule.start_date_time).or_else(|| micros(frame.and_then(|frame| frame.start_date_time))),
            end,
            end_known,
            principal_type: schedule.principal.as_ref().and_then(|principal| principal.odata_type.clone()),
            principal_id,
            role_definition_id,
        }
    }

    /// Holder, role and scope; none where one of them is not told, so that it may be any other assignment or none.
    fn key(&self) -> Option<(Id, Id, String)> {
        let (principal, role) = (self.principal_id.as_deref()?, self.role_definition_id.as_deref()?);
        Some((Id::of(principal), Id::of(role), self.directory_scope_id.as_deref()?.to_ascii_lowercase()))
    }

    /// Whether it says who holds which role where.
    pub(crate) fn is_known(&self) -> bool {
        self.key().is_some()
    }

    /// Whether it is held through a group; None where nothing says so.
    fn is_inherited(&self) -> Option<bool> {
        let kind = self.member_type.as_deref()?;
        let is = |word: &str| kind.eq_ignore_ascii_case(word);
        if is("Direct") { Some(false) } else { (is("Group") || is("Inherited")).then_some(true) }
    }

    /// How firmly an instance is held: assigned without end, not told whether so, assigned until, activated. A plain assignment
    /// is 0.
    fn firmness(&self) -> u8 {
        match self.assignment_type.as_deref() {
            Some(kind) if kind.eq_ignore_ascii_case("Activated") => 1,
            Some(_) if self.end.is_some() => 2,
            Some(_) if self.end_known => 4,
            _ => 3,
        }
    }

    /// As held when nothing says whether it ends: the same as with the plain assignment alone.
    fn without_unknown_end(mut self) -> Self {
        let activated = self.assignment_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("Activated"));
        if !activated && self.end.is_none() && !self.end_known {
            self.assignment_type = None;
        }
        self
    }
}

/// An id for an assignment without one.
fn made_up_id(parts: [&Option<String>; 3]) -> String {
    parts.map(|part| part.as_deref().unwrap_or("?")).join(":")
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
///
/// The group's own assignment stands for what its members hold through it. Where the plain assignments were not read, it may be
/// missing, so that the members' are rows that say nothing for certain; so is an instance that has no plain assignment and does
/// not say whether it is held through a group.
pub(crate) fn active(plain: &[RoleSchedule], instances: &[RoleSchedule]) -> Vec<Assignment> {
    let mut held = Held::default();
    for schedule in plain {
        held.add(Assignment::of(schedule, true), 0, true);
    }
    let of_instances = |inherited: Option<bool>| {
        let rows = instances.iter().map(|instance| Assignment::of(instance, true));
        rows.filter(move |row| row.is_inherited() == inherited)
    };
    for row in of_instances(Some(false)) {
        let firmness = row.firmness();
        held.add(row, firmness, true);
    }
    let sure = held.rows.len();
    for inherited in [Some(true), None] {
        for mut row in of_instances(inherited) {
            if held.place(&row).is_none_or(|place| place >= sure) {
                row.assignment_type = None;
            }
            let firmness = row.firmness();
            held.add(row, firmness, inherited.is_none() || plain.is_empty());
        }
    }
    held.rows.into_iter().map(Assignment::without_unknown_end).collect()
}

/// Rows so far, and how firmly each is held.
#[derive(Default)]
struct Held {
    rows: Vec<Assignment>,
    firmness: Vec<u8>,
    places: HashMap<(Id, Id, String), usize>,
}

impl Held {
    /// Where the row of the same holder, role and scope is.
    fn place(&self, row: &Assignment) -> Option<usize> {
        self.places.get(&row.key()?).copied()
    }

    /// Adds a row, or lets it stand for the one that is there where it is firmer. `alone`: whether it is a row without one.
    fn add(&mut self, row: Assignment, firm: u8, alone: bool) {
        let key = row.key();
        let place = key.as_ref().and_then(|key| self.places.get(key)).copied();
        match place.and_then(|place| Some((self.rows.get_mut(place)?, self.firmness.get_mut(place)?))) {
            None if alone => {
                self.places.extend(key.map(|key| (key, self.rows.len())));
                self.rows.push(row);
                self.firmness.push(firm);
            }
            Some((held, known)) if firm > *known => {
                let id = std::mem::take(&mut held.id);
                let principal_type = held.principal_type.take().or_else(|| row.principal_type.clone());
                *held = Assignment { id, principal_type, ..row };
                *known = firm;
            }
            _ => {}
        }
    }
}

/// Whether an eligibility is in force: instances always are, schedules say so. None where a schedule does not, or by a word
/// never seen.
fn is_provisioned(schedule: &RoleSchedule) -> Option<bool> {
    const OVER: [&str; 10] = [
        "Canceled",
        "Denied",
        "Failed",
        "Granted",
        "PendingAdminDecision",
        "PendingApproval",
        "PendingProvisioning",
        "PendingScheduleCreation",
        "Revoked",
        "ScheduleCreated",
    ];
    match schedule.status.as_deref() {
        None => schedule.schedule_info.is_none().then_some(true),
        Some(status) if status.eq_ignore_ascii_case("Provisioned") => Some(true),
        Some(status) => OVER.iter().any(|over| over.eq_ignore_ascii_case(status)).then_some(false),
    }
}

/// Rows for roles that can be activated. Schedules that are no longer provisioned don't count; one of which that is unknown is as
/// one that does not say for whom it is.
pub(crate) fn eligible(schedules: &[RoleSchedule]) -> Vec<Assignment> {
    let mut rows: Vec<Assignment> = Vec::new();
    let mut places: HashMap<(Id, Id, String), usize> = HashMap::new();
    for schedule in schedules {
        let mut row = Assignment::of(schedule, false);
        match is_provisioned(schedule) {
            Some(true) => {}
            Some(false) => continue,
            None => row.principal_id = None,
        }
        let key = row.key();
        match key.as_ref().and_then(|key| places.get(key)).and_then(|place| rows.get_mut(*place)) {
            None => {
                places.extend(key.map(|key| (key, rows.len())));
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
                principal_id: Some(principal_id),
                role_definition_id: Some(template.clone().into_owned()),
                directory_scope_id: Some("/".to_owned()),
                active: true,
                assignment_type: None,
                member_type: None,
                start: None,
                end: None,
                end_known: false,
                principal_type: member.odata_type.clone(),
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    fn schedules(json: &str) -> Vec<RoleSchedule> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_plain_assignment_and_its_instance_are_one_row() {
        let plain = schedules(r#"[{"id":"x-1","principalId":"a","roleDefinitionId":"r","directoryScopeId":"/"}]"#);
        let instances = schedules(
            r#"[{"id":"x-2","principalId":"a","roleDefinitionId":"r","directoryScopeId":"/","assignmentType":"Activated","memberType":"Direct","endDateTime":"2026-11-20T16:00:00Z"},
                {"id":"x-3","principalId":"a","roleDefinitionId":"r","directoryScopeId":"/","assignmentType":"Assigned","memberType":"Direct","endDateTime":null},
                {"id":"y-1","principalId":"b","roleDefinitionId":"r","directoryScopeId":"/administrativeUnits/u","assignmentType":"Assigned","memberType":"Direct","endDateTime":"2027-01-01T00:00:00Z"},
                {"id":"z-1","principalId":"c","roleDefinitionId":"r","directoryScopeId":"/","assignmentType":"Assigned","memberType":"Group"}]"#,
        );
        let rows = active(&plain, &instances);
        assert_eq!(rows.len(), 2);
        assert_eq!(
            (rows[0].id.as_str(), rows[0].assignment_type.as_deref(), rows[0].end),
            ("x-1", Some("Assigned"), None)
        );
        assert_eq!(rows[1].directory_scope_id.as_deref().map(scope), Some("administrativeUnit"));
        assert_eq!(active(&plain, &[])[0].assignment_type, None);
        assert_eq!(active(&[], &instances).len(), 3);
    }

    #[test]
    fn an_assignment_that_does_not_say_whether_it_ends_is_as_the_plain_one_alone() {
        let plain = schedules(r#"[{"id":"x","principalId":"a","roleDefinitionId":"r","directoryScopeId":"/"}]"#);
        let held = |instances: &str| {
            let rows = active(&plain, &schedules(instances));
            (rows[0].assignment_type.clone(), rows[0].end.is_some())
        };
        let instance =
            |rest: &str| format!(r#"{{"principalId":"a","roleDefinitionId":"r","directoryScopeId":"/"{rest}}}"#);
        let assigned = instance(r#","assignmentType":"Assigned""#);
        let activated = instance(r#","assignmentType":"Activated""#);
        let untyped = instance(r#","endDateTime":null"#);
        let permanent = instance(r#","assignmentType":"Assigned","endDateTime":null"#);
        let timed = instance(r#","assignmentType":"Assigned","endDateTime":"2027-01-01T00:00:00Z""#);
        let said = |kind: &str| Some(kind.to_owned());
        for (instances, expected) in [
            (format!("[{assigned}]"), (None, false)),
            (format!("[{activated}]"), (said("Activated"), false)),
            (format!("[{permanent}]"), (said("Assigned"), false)),
            (format!("[{timed}]"), (said("Assigned"), true)),
            (format!("[{activated},{assigned}]"), (None, false)),
            (format!("[{assigned},{timed}]"), (None, false)),
            (format!("[{assigned},{permanent}]"), (said("Assigned"), false)),
            (format!("[{untyped},{activated}]"), (None, false)),
        ] {
            assert_eq!(held(&instances), expected, "{instances}");
        }
    }

    #[test]
    fn an_instance_that_is_perhaps_held_through_a_group_says_nothing_for_certain() {
        let plain = schedules(r#"[{"id":"x","principalId":"a","roleDefinitionId":"r","directoryScopeId":"/"}]"#);
        let instance = |holder: &str, rest: &str| {
            format!(
                r#"{{"principalId":"{holder}","roleDefinitionId":"r","directoryScopeId":"/","endDateTime":null{rest}}}"#
            )
        };
        let types = |plain: &[RoleSchedule], instances: &[String]| -> Vec<Option<String>> {
            let rows = active(plain, &schedules(&format!("[{}]", instances.join(","))));
            rows.into_iter().map(|row| row.assignment_type).collect()
        };
        let assigned = Some("Assigned".to_owned());
        let direct = instance("b", r#","assignmentType":"Assigned","memberType":"Direct""#);
        let group = instance("b", r#","assignmentType":"Assigned","memberType":"Group""#);
        assert_eq!(types(&plain, slice::from_ref(&direct)), [None, assigned.clone()]);
        assert_eq!(types(&plain, slice::from_ref(&group)), [None]);
        assert_eq!(
            types(&[], &[group.clone(), instance("g", r#","assignmentType":"Assigned","memberType":"Direct""#)]),
            [assigned.clone(), None]
        );
        for unknown in ["", r#","memberType":"neverSeenBefore""#] {
            let assigned_perhaps = instance("b", &format!(r#","assignmentType":"Assigned"{unknown}"#));
            let activated = instance("b", &format!(r#","assignmentType":"Activated"{unknown}"#));
            for perhaps in [&assigned_perhaps, &activated] {
                assert_eq!(types(&plain, slice::from_ref(perhaps)), [None, None], "{perhaps}");
                assert_eq!(types(&plain, &[perhaps.clone(), group.clone()]), [None, None], "{perhaps}");
            }
            assert_eq!(types(&plain, &[assigned_perhaps.clone(), direct.clone()]), [None, assigned.clone()]);
            // With a row of its own it is the same either way.
            let of_plain = instance("a", &format!(r#","assignmentType":"Assigned"{unknown}"#));
            assert_eq!(types(&plain, &[of_plain]), slice::from_ref(&assigned));
            assert_eq!(types(&[], &[assigned_perhaps]), [None]);
        }
    }

    #[test]
    fn a_schedule_that_does_not_say_whether_it_is_in_force_may_be_for_anybody() {
        let of = |rest: &str| {
            let json = format!(r#"[{{"principalId":"a","roleDefinitionId":"r","directoryScopeId":"/"{rest}}}]"#);
            eligible(&schedules(&json)).into_iter().map(|row| row.principal_id).collect::<Vec<_>>()
        };
        let told = Some("a".to_owned());
        assert_eq!(of(""), slice::from_ref(&told), "instances are in force");
        assert_eq!(of(r#","status":"provisioned","scheduleInfo":{}"#), [told]);
        assert_eq!(of(r#","status":"Revoked""#), []);
        assert_eq!(of(r#","scheduleInfo":{}"#), [None]);
        assert_eq!(of(r#","status":"neverSeenBefore""#), [None]);
    }

    #[test]
    fn assignments_that_do_not_say_who_holds_what_are_a_row_each() {
        let plain = schedules(
            r#"[{"id":"1","principalId":null,"roleDefinitionId":"r","directoryScopeId":"/"},{"id":"2","roleDefinitionId":"r","directoryScopeId":"/"},
                {"id":"3","principalId":"a","roleDefinitionId":null,"directoryScopeId":"/"},{"id":"4","principalId":"a","roleDefinitionId":"r"}]"#,
        );
        let rows = active(&plain, &[]);
        assert_eq!(rows.len(), 4);
        assert!(rows.iter().all(|row| !row.is_known()));
        assert_eq!((&rows[0].principal_id, rows[3].directory_scope_id.as_deref()), (&None, None));
        let told = schedules(r#"[{"principalId":"a","roleDefinitionId":"r","appScopeId":"/"}]"#);
        assert_eq!(active(&told, &[])[0].directory_scope_id.as_deref(), Some("app:/"));
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
            r#"[{"id":"C0","templateId":"neverSeenBefore","displayName":"Desk","isBuiltIn":false},
                {"id":"62E90394-69f5-4237-9190-012177145e10","displayName":"Company Administrator","isBuiltIn":true}]"#,
        )
        .unwrap();
        let roles = Roles::of(&definitions);
        assert_eq!(
            roles.get(Some("62e90394-69f5-4237-9190-012177145e10")).name.as_deref(),
            Some("Company Administrator")
        );
        let desk = roles.get(Some("C0"));
        assert_eq!((desk.template_id.as_deref(), desk.built_in), (Some("C0"), Some(false)));
        let unread = Roles::of(&[]);
        assert_eq!(
            unread.get(Some("62e90394-69f5-4237-9190-012177145e10")).name.as_deref(),
            Some("Global Administrator")
        );
        let own = "c0000000-0000-4000-8000-0000000000c0";
        let own_template = Role { template_id: Some(own.to_owned()), name: None, built_in: None };
        assert_eq!(unread.get(Some(own)), own_template);
        for unreadable in [None, Some("neverSeenBefore"), Some("")] {
            assert_eq!(unread.get(unreadable), Role { template_id: None, name: None, built_in: None });
        }
    }

    #[test]
    fn holders_of_activated_roles_are_read_when_the_assignments_are_not() {
        let roles: Vec<DirectoryRole> = serde_json::from_str(
            r##"[{"id":"d","roleTemplateId":"62e90394-69f5-4237-9190-012177145e10","members":[{"@odata.type":"#microsoft.graph.user","id":"a"}]}]"##,
        )
        .unwrap();
        let rows = from_directory_roles(&roles);
        assert_eq!(rows[0].role_definition_id.as_deref(), Some("62e90394-69f5-4237-9190-012177145e10"));
        assert_eq!(rows[0].principal_type.as_deref(), Some("#microsoft.graph.user"));
    }
}
