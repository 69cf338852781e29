//! Derived columns of groups, role assignments and service principals.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, BooleanArray, ListArray, StringArray};
use idscore_access::Bounds;
use idscore_access::logic::all;
use idscore_catalogue::tables::Table;
use idscore_snapshot::Snapshot;
use jiff::Timestamp;

use crate::batch::{Texts, typed};
use crate::configuration::{DeclaredObject, stands};
use crate::error::{AssessError, reading};
use crate::facts::UserFacts;
use crate::frame::Frame;
use crate::roles::PrivilegedRoles;
use crate::view::View;

/// An owner who may activate a privileged role could take what the application may do anyway, in every profile.
const OR_ELIGIBLE: bool = true;

/// What these columns are made from.
pub(crate) struct ObjectColumns<'a> {
    pub facts: &'a UserFacts,
    pub privileged_roles: &'a PrivilegedRoles,
    /// Names of groups and service principals that hold roles.
    pub principal_names: &'a BTreeMap<String, String>,
    /// Application (client) id → object ids of its owners; `None` where they were not read.
    pub owners: &'a HashMap<String, Option<Vec<String>>>,
    /// Principals that hold, or may activate, a privileged role directly.
    pub privileged_principals: &'a BTreeSet<String>,
    /// Every user and every assignment was read, and each assignment says who holds which role.
    pub holders_whole: bool,
    pub taken_at: Timestamp,
}

impl ObjectColumns<'_> {
    /// Adds the derived columns of a table, if it has any.
    pub(crate) fn add(&self, table: &Table, frame: &mut Frame, view: &View<'_>) {
        match table.name {
            "groups" => {
                let approved = self.declared(&view.configuration.approved_group);
                let column = texts(frame, "id").map(|id| Some(id.is_some_and(|id| approved.contains(id)))).collect();
                frame.insert_boolean("approved", column);
            }
            "role_assignments" => self.role_assignments(frame, view),
            "service_principals" => self.service_principals(frame, view),
            _ => {}
        }
    }

    fn declared(&self, objects: &[DeclaredObject]) -> BTreeSet<String> {
        let standing = objects.iter().filter(|object| stands(object.expires, self.taken_at));
        standing.map(|object| object.id.to_ascii_lowercase()).collect()
    }

    fn role_assignments(&self, frame: &mut Frame, view: &View<'_>) {
        let privileged: BooleanArray = texts(frame, "role_template_id")
            .map(|role| role.map(|role| self.privileged_roles.sure.contains(role)))
            .collect();
        let names: StringArray = texts(frame, "principal_id")
            .map(|id| {
                let id = id?;
                self.facts.name(id).or_else(|| self.principal_names.get(id).map(String::as_str)).map(str::to_owned)
            })
            .collect();
        let person = |id: Option<&str>| self.facts.people.get(self.facts.rows.get(id?)?);
        let enabled: BooleanArray = texts(frame, "principal_id")
            .zip(texts(frame, "principal_kind"))
            .map(|(id, kind)| match person(id) {
                Some(person) => person.enabled,
                None => matches!(kind, Some("group" | "servicePrincipal")).then_some(true),
            })
            .collect();
        let excepted: BooleanArray = texts(frame, "principal_id")
            .map(|id| {
                let row = self.facts.rows.get(id?);
                Some(row.is_some_and(|row| view.exceptions.break_glass.contains_key(row)))
            })
            .collect();
        frame.insert_boolean("is_privileged", privileged);
        frame.insert_text("principal_name", names);
        frame.insert_boolean("principal_enabled", enabled);
        frame.insert_boolean("principal_excepted", excepted);
    }

    fn service_principals(&self, frame: &mut Frame, view: &View<'_>) {
        let approved = self.declared(&view.configuration.approved_app);
        let by_admins: BooleanArray = texts(frame, "app_id")
            .map(|app_id| self.owned_by_admins_only(app_id, view, view.roles.privileged(OR_ELIGIBLE)))
            .collect();
        let listed: BooleanArray = texts(frame, "id")
            .zip(texts(frame, "app_id"))
            .map(|(id, app_id)| match [id, app_id].into_iter().flatten().any(|id| approved.contains(id)) {
                true => Some(true),
                // It may be one of those that are listed by their client id.
                false if app_id.is_none() && !approved.is_empty() => None,
                false => Some(false),
            })
            .collect();
        frame.insert_boolean("approved", listed);
        frame.insert_boolean("owned_by_admins_only", by_admins);
    }

    /// Puts the columns that read otherwise when only what is proven counts.
    pub(crate) fn put_proven(&self, table: &Table, frame: &mut Frame, view: &View<'_>) {
        match table.name {
            "role_assignments" => {
                let privileged: BooleanArray = texts(frame, "role_template_id")
                    .map(|role| {
                        let role = role?;
                        (!self.privileged_roles.may_be(role)).then(|| self.privileged_roles.sure.contains(role))
                    })
                    .collect();
                let row_of = |id: Option<&str>| id.and_then(|id| self.facts.rows.get(id));
                let excepted: BooleanArray = texts(frame, "principal_id")
                    .map(|id| match row_of(id) {
                        Some(row) if view.exceptions.break_glass.contains_key(row) => Some(true),
                        Some(row) if view.exceptions.perhaps_break_glass.contains(*row) => None,
                        None if id.is_none() => None,
                        _ => Some(false),
                    })
                    .collect();
                frame.insert_boolean("is_privileged", privileged);
                frame.insert_boolean("principal_excepted", excepted);
            }
            "service_principals" => {
                let privileged = view.roles.proven_privileged(OR_ELIGIBLE);
                let by_admins: BooleanArray =
                    texts(frame, "app_id").map(|app_id| self.owned_by_admins_only(app_id, view, &privileged)).collect();
                frame.insert_boolean("owned_by_admins_only", by_admins);
            }
            _ => {}
        }
    }

    /// An application of another tenant has no owner here. Which one is from here is not known where an application of the tenant
    /// does not say its client id.
    fn owned_by_admins_only(&self, app_id: Option<&str>, view: &View<'_>, privileged: &Bounds) -> Option<bool> {
        let Some(owners) = self.owners.get(app_id?).or_else(|| self.owners.get(ANY_APPLICATION)) else {
            return Some(true);
        };
        let owners = owners.as_ref()?;
        if owners.is_empty() {
            return Some(true);
        }
        if !view.roles_read {
            return None;
        }
        all(owners.iter().map(|owner| match self.facts.rows.get(owner) {
            Some(row) if privileged.sure.contains(*row) => Some(true),
            Some(row) => (!privileged.possible.contains(*row)).then_some(false),
            None if self.privileged_principals.contains(owner) => Some(true),
            None => self.holders_whole.then_some(false),
        }))
    }
}

/// The texts of a column, or as many unknowns.
fn texts<'a>(frame: &'a Frame, name: &'a str) -> impl Iterator<Item = Option<&'a str>> + 'a {
    (0..frame.rows()).map(move |row| frame.text(name, row))
}

/// Stands for the client id of applications that do not say theirs.
const ANY_APPLICATION: &str = "";

/// Application (client) id → owners.
pub(crate) fn owners(snapshot: &Snapshot) -> Result<HashMap<String, Option<Vec<String>>>, AssessError> {
    let mut owners = HashMap::new();
    for batch in reading("applications", snapshot.read("applications", &["app_id", "owner_ids"]))? {
        let batch = reading("applications", batch)?;
        let app_id = Texts::of(&batch, "app_id");
        let lists = typed::<ListArray>(&batch, "owner_ids");
        for row in 0..batch.num_rows() {
            let Some(app_id) = app_id.get(row) else {
                owners.insert(ANY_APPLICATION.to_owned(), None);
                continue;
            };
            let ids = lists.filter(|lists| lists.is_valid(row)).map(|lists| {
                let items = lists.value(row);
                let items = items.as_any().downcast_ref::<StringArray>();
                items.map(|items| items.iter().flatten().map(str::to_owned).collect()).unwrap_or_default()
            });
            owners.insert(app_id.to_owned(), ids);
        }
    }
    Ok(owners)
}

/// Names of the groups and service principals that hold roles.
pub(crate) fn principal_names(
    snapshot: &Snapshot,
    principals: &BTreeSet<String>,
) -> Result<BTreeMap<String, String>, AssessError> {
    let mut names = BTreeMap::new();
    for table in ["groups", "service_principals"] {
        for batch in reading(table, snapshot.read(table, &["id", "display_name"]))? {
            let batch = reading(table, batch)?;
            let (id, name) = (Texts::of(&batch, "id"), Texts::of(&batch, "display_name"));
            for row in 0..batch.num_rows() {
                if let Some((id, name)) = id.get(row).zip(name.get(row)).filter(|(id, _)| principals.contains(*id)) {
                    names.insert(id.to_owned(), name.to_owned());
                }
            }
        }
    }
    Ok(names)
}
