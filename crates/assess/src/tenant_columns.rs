//! The tenant's row: stored settings, and counts over the other tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{BooleanArray, Float64Array, Int64Array, StringArray};
use idscore_access::Bounds;
use idscore_catalogue::roles::{GLOBAL_ADMINISTRATOR, is_directory_synchronization, role_name};
use idscore_catalogue::tables::{Stage, table};
use idscore_score::Profile;
use idscore_snapshot::Snapshot;

use crate::data_sets::DataSets;
use crate::directory::Assignment;
use crate::error::{AssessError, reading};
use crate::exceptions::BreakGlass;
use crate::facts::UserFacts;
use crate::frame::Frame;
use crate::view::{View, gap};

/// Roles that are no administration: Global Reader, Directory Readers, the local administrator of joined devices, Guest User,
/// and the two of directory synchronisation.
const NO_ADMINISTRATION: [&str; 4] = [
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "9f06204d-73c1-4d4c-880a-6edb90606fd8",
    "10dae51f-b6af-4016-8d66-8c2a99b929b3",
];

/// Users who escape multifactor authentication by exclusion, counted on the way through the users.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ExcludedShare {
    escaping: u64,
    unknown: u64,
    total: u64,
}

impl ExcludedShare {
    /// Counts a batch of users with their derived columns.
    pub(crate) fn add(&mut self, frame: &Frame) {
        for row in 0..frame.rows() {
            let judged = frame.boolean("account_enabled", row) == Some(true)
                && frame.text("user_type", row) == Some("Member")
                && frame.boolean("excepted", row) != Some(true);
            if judged {
                self.total += 1;
                match frame.boolean("mfa_escapes_by_exclusion", row) {
                    Some(true) => self.escaping += 1,
                    Some(false) => {}
                    None => self.unknown += 1,
                }
            }
        }
    }

    /// Percent of the members, sure and possible.
    #[expect(clippy::cast_precision_loss, reason = "a count of users stays far below 2^53")]
    fn percent(self) -> (f64, f64) {
        let percent = |users: u64| if self.total == 0 { 0.0 } else { 100.0 * users as f64 / self.total as f64 };
        (percent(self.escaping), percent(self.escaping + self.unknown))
    }
}

/// What the tenant's derived columns are made from.
pub(crate) struct TenantColumns<'a> {
    pub data_sets: &'a DataSets<'a>,
    pub facts: &'a UserFacts,
    pub assignments: &'a [Assignment],
}

impl TenantColumns<'_> {
    /// The stored settings.
    pub(crate) fn stored(&self, snapshot: &Snapshot) -> Result<Frame, AssessError> {
        let declared = table("tenant").map(|tenant| tenant.columns).unwrap_or_default();
        let stored = declared.iter().filter(|column| column.stage == Stage::Snapshot).map(|column| column.name);
        let mut frame = Frame::of_rows(1);
        for batch in reading("tenant", snapshot.read("tenant", &stored.collect::<Vec<_>>()))? {
            let batch = reading("tenant", batch)?;
            for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
                frame.insert(field.name(), array.clone());
            }
        }
        Ok(frame)
    }

    /// Adds the derived columns.
    pub(crate) fn add(&self, frame: &mut Frame, view: &View<'_>, excluded_share: &ExcludedShare) {
        let active = self.global_admins(&view.roles.global_admins, true);
        let all = self.global_admins(&view.roles.global_admins_or_eligible, false);
        let counted = if view.configuration.profile == Profile::Compat { active } else { all };
        put(frame, "global_admin_count", active);
        put(frame, "global_admin_or_eligible_count", all);
        put(frame, "global_admin_counted", counted);
        put(frame, "other_admin_assignment_count", self.other_admin_assignments());
        let declared = i64::try_from(view.exceptions.break_glass.len()).unwrap_or(i64::MAX);
        frame.insert("break_glass_declared_count", Arc::new(Int64Array::from(vec![declared])));
        put(frame, "break_glass_ok_count", break_glass_ok(view));
        if view.proofs.contains_key("mfa_required") {
            let (low, high) = excluded_share.percent();
            put(frame, "mfa_excluded_share", Some((low, Some(high))));
        }
        if let Some(answer) = &view.external_users {
            frame.insert_boolean("external_users_mfa_required", BooleanArray::from(vec![answer.verdict]));
            frame.insert_text("external_users_mfa_required_gap", StringArray::from(vec![gap(answer)]));
        }
    }

    /// How many users hold Global Administrator. Holders that are no known user may be groups of any size.
    fn global_admins(&self, holders: &Bounds, active_only: bool) -> Option<(f64, Option<f64>)> {
        if !self.data_sets.some("roleAssignments") {
            return None;
        }
        let strangers: BTreeSet<(&str, Option<&str>)> = self
            .assignments
            .iter()
            .filter(|assignment| assignment.role_template_id == GLOBAL_ADMINISTRATOR && assignment.scope == "tenant")
            .filter(|assignment| assignment.active || !active_only)
            .filter(|assignment| !self.facts.rows.contains_key(&assignment.principal_id))
            .map(|assignment| (assignment.principal_id.as_str(), assignment.principal_kind.as_deref()))
            .collect();
        let users_read = self.data_sets.whole("users");
        let users_beside = if users_read { 0 } else { of_kind(&strangers, Some("user")) };
        let open_ended = !users_read && (of_kind(&strangers, None) + of_kind(&strangers, Some("group")) > 0);
        let eligible_known = active_only
            || self.data_sets.whole("roleEligibilityScheduleInstances")
            || self.data_sets.empty_without_license("roleEligibilityScheduleInstances");
        let unbounded = open_ended || !eligible_known || !self.data_sets.whole("roleAssignments");
        let sure = number(holders.sure.len() + users_beside);
        let possible = number(holders.possible.len() + users_beside);
        Some((sure, (!unbounded).then_some(possible)))
    }

    fn other_admin_assignments(&self) -> Option<(f64, Option<f64>)> {
        if !self.data_sets.some("roleAssignments") {
            return None;
        }
        let count = number(self.assignments.iter().filter(|assignment| is_other_admin(assignment)).count() as u64);
        Some((count, self.data_sets.whole("roleAssignments").then_some(count)))
    }
}

fn of_kind(holders: &BTreeSet<(&str, Option<&str>)>, kind: Option<&str>) -> u64 {
    holders.iter().filter(|(_, of)| *of == kind).count() as u64
}

/// An active assignment of a role that administers, other than Global Administrator.
fn is_other_admin(assignment: &Assignment) -> bool {
    let role = assignment.role_template_id.as_str();
    let excluded =
        role == GLOBAL_ADMINISTRATOR || NO_ADMINISTRATION.contains(&role) || is_directory_synchronization(role);
    let administers =
        role_name(role).is_some() || assignment.role_name.as_deref().is_some_and(|name| name.contains("Administrator"));
    assignment.active && !excluded && administers
}

fn break_glass_ok(view: &View<'_>) -> Option<(f64, Option<f64>)> {
    let results = view.exceptions.break_glass.values().map(BreakGlass::ok).collect::<Vec<_>>();
    let passing = results.iter().filter(|ok| **ok == Some(true)).count() as u64;
    let unknown = results.iter().filter(|ok| ok.is_none()).count() as u64;
    Some((number(passing), Some(number(passing + unknown))))
}

#[expect(clippy::cast_precision_loss, reason = "counts of users and assignments stay far below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}

fn put(frame: &mut Frame, name: &str, bounds: Option<(f64, Option<f64>)>) {
    let low = Float64Array::from(vec![bounds.map(|(low, _)| low)]);
    let high = Float64Array::from(vec![bounds.and_then(|(_, high)| high)]);
    frame.insert_bounds(name, low, high);
}
