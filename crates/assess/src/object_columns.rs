//! Derived columns of groups, role assignments and service principals.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, BooleanArray, ListArray, StringArray};
use idscore_catalogue::tables::Table;
use idscore_snapshot::Snapshot;
use jiff::Timestamp;

use crate::batch::{Texts, typed};
use crate::configuration::{DeclaredObject, stands};
use crate::error::{AssessError, reading};
use crate::facts::UserFacts;
use crate::frame::Frame;
use crate::view::View;

/// What these columns are made from.
pub(crate) struct ObjectColumns<'a> {
    pub facts: &'a UserFacts,
    pub privileged_roles: &'a BTreeSet<String>,
    /// Names of groups and service principals that hold roles.
    pub principal_names: &'a BTreeMap<String, String>,
    /// Application (client) id → object ids of its owners; `None` where they were not read.
    pub owners: &'a HashMap<String, Option<Vec<String>>>,
    /// Principals that hold a privileged role directly.
    pub privileged_principals: &'a BTreeSet<String>,
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
            .map(|role| Some(role.is_some_and(|role| self.privileged_roles.contains(role))))
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
                Some(person) => Some(person.enabled),
                None => matches!(kind, Some("group" | "servicePrincipal")).then_some(true),
            })
            .collect();
        let excepted: BooleanArray = texts(frame, "principal_id")
            .map(|id| {
                let row = id.and_then(|id| self.facts.rows.get(id));
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
        let by_admins: BooleanArray =
            texts(frame, "app_id").map(|app_id| self.owned_by_admins_only(app_id, view)).collect();
        let listed: BooleanArray = texts(frame, "id")
            .zip(texts(frame, "app_id"))
            .map(|(id, app_id)| Some([id, app_id].into_iter().flatten().any(|id| approved.contains(id))))
            .collect();
        frame.insert_boolean("approved", listed);
        frame.insert_boolean("owned_by_admins_only", by_admins);
    }

    /// An application of another tenant has no owner here.
    fn owned_by_admins_only(&self, app_id: Option<&str>, view: &View<'_>) -> Option<bool> {
        let Some(owners) = self.owners.get(app_id?) else { return Some(true) };
        let owners = owners.as_ref()?;
        if owners.is_empty() {
            return Some(true);
        }
        if !view.roles_read {
            return None;
        }
        let privileged = view.roles.privileged(view.configuration.eligible_admins());
        let states: Vec<Option<bool>> = owners
            .iter()
            .map(|owner| match self.facts.rows.get(owner) {
                Some(row) if privileged.sure.contains(*row) => Some(true),
                Some(row) if privileged.possible.contains(*row) => None,
                _ => Some(self.privileged_principals.contains(owner)),
            })
            .collect();
        if states.contains(&Some(false)) {
            return Some(false);
        }
        (!states.contains(&None)).then_some(true)
    }
}

/// The texts of a column, or as many unknowns.
fn texts<'a>(frame: &'a Frame, name: &'a str) -> impl Iterator<Item = Option<&'a str>> + 'a {
    (0..frame.rows()).map(move |row| frame.text(name, row))
}

/// Application (client) id → owners.
pub(crate) fn owners(snapshot: &Snapshot) -> Result<HashMap<String, Option<Vec<String>>>, AssessError> {
    let mut owners = HashMap::new();
    for batch in reading("applications", snapshot.read("applications", &["app_id", "owner_ids"]))? {
        let batch = reading("applications", batch)?;
        let app_id = Texts::of(&batch, "app_id");
        let lists = typed::<ListArray>(&batch, "owner_ids");
        for row in 0..batch.num_rows() {
            let Some(app_id) = app_id.get(row) else { continue };
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
